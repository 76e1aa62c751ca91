/* columns.h - rows being gathered, column by column: the one in-memory shape.
 *
 * A `struct columns` holds rows of one table. It is filled in any order of
 * columns within a row, and sparsely: a field that a row does not mention costs
 * nothing. Memory comes from a pool and doubles as it grows.
 *
 * Slots. Every field lives in a space of slots. Top-level fields have one slot a
 * row. The fields of a struct share the slots of the struct. The element of a
 * list has a space of its own, filled in order: each present list takes the next
 * run of it. Bit i of `valid` says that slot i holds a value; values stand
 * densely, only the present ones, in slot order. So slots must be set in rising order, each at most once.
 *
 *   row 0: {"a":7}   row 1: {}   row 2: {"a":9,"t":["x","y"]}
 *   a: valid 101, longs [7, 9]           t: valid 001, ends [2]
 *   t.element: valid 11, strings ["x","y"]
 *
 * A struct has no values, only `valid`; a field under an absent struct is absent. A list has `ends`: for its
 * k-th present value, the element slot after its last one.
 *
 * Strings start in dictionary form (code per value) and change to plain form
 * when a dictionary does not pay; the reader of the columns must take both.
 */
#ifndef COLUMN_COLUMNS_H
#define COLUMN_COLUMNS_H

#include "base/pool.h"
#include "column/schema.h"

/* One growing array of a column. */
struct piece_of {
	void  *at;
	size_t cap; /* bytes */
};

struct strings {
	bool     is_plain;
	/* dictionary form */
	uint32_t *codes;      size_t codes_cap;   /* one a value */
	uint32_t *slots;      size_t slots_cap;   /* hash table of entry + 1; a power of two of them */
	uint32_t  slot_count;
	uint32_t  entry_count;
	uint32_t *entry_ends; size_t entry_ends_cap; /* end of each entry in `bytes` */
	/* plain form: ends[k] is the end of value k in `bytes` */
	uint32_t *ends;       size_t ends_cap;
	/* both */
	char     *bytes;      size_t bytes_cap;
	uint32_t  byte_count;
};

struct col {
	enum type type;
	uint32_t  value_count; /* present values */
	uint32_t  slot_end;    /* one past the last slot set */
	uint64_t *valid;       size_t valid_cap; /* bits past slot_end are 0 up to the capacity */
	union {
		int64_t       *longs;   /* LONG, TIMESTAMPTZ, INT, DATE */
		double        *doubles;
		uint8_t       *bools;
		uint8_t       *uuids;   /* 16 a value */
		uint32_t      *ends;    /* LIST */
		void          *values;
	};
	size_t         values_cap;
	struct strings strings; /* STRING, BINARY */
	uint32_t       element_slots; /* LIST: slots given out in the element's space */
};

struct columns {
	struct pool         *pool;   /* borrowed */
	const struct schema *schema; /* borrowed; may grow while rows come in */
	struct col         **cols;   /* by ordinal; NULL until first touched */
	uint32_t             col_cap;
	uint32_t             row_count;
	size_t               bytes;  /* memory held, for choosing what to flush first */
};

void columns_init(struct columns *c, struct pool *pool, const struct schema *schema);
void columns_done(struct columns *c);
void columns_clear(struct columns *c); /* no rows; memory back to the pool */

/* The column of a field, made when first asked for. Stays where it is until columns_clear. */
struct col *columns_col(struct columns *c, const struct field *f);
static inline const struct col *columns_peek(const struct columns *c, const struct field *f)
{
	return f->ordinal < c->col_cap ? c->cols[f->ordinal] : NULL;
}

/* Set the value at a slot. Slots rise. */
void col_set_long(struct columns *c, struct col *col, uint32_t slot, int64_t v); /* also TIMESTAMPTZ, INT, DATE */
void col_set_double(struct columns *c, struct col *col, uint32_t slot, double v);
void col_set_bool(struct columns *c, struct col *col, uint32_t slot, bool v);
void col_set_uuid(struct columns *c, struct col *col, uint32_t slot, const uint8_t v[16]);
void col_set_string(struct columns *c, struct col *col, uint32_t slot, str v); /* STRING, BINARY; v is copied */
void col_set_struct(struct columns *c, struct col *col, uint32_t slot);
/* A list with `count` elements at `slot`: returns the first element slot; the caller sets those elements that are not null. */
uint32_t col_set_list(struct columns *c, struct col *col, uint32_t slot, uint32_t count);

/* Turn a LONG column into a DOUBLE one: true where every value is exact as a double (|v| <= 2^53). */
bool col_long_to_double(struct columns *c, struct col *col);

static inline bool col_is_set(const struct col *col, uint32_t slot)
{
	return slot < col->slot_end && (col->valid[slot >> 6] >> (slot & 63) & 1);
}

/* Value k (not slot k) of a string column. Borrowed until the column grows. */
str col_string(const struct col *col, uint32_t value);

/* Place among the present values for every slot below `slot_count`: out[slot] = value index, or UINT32_MAX where null. */
void col_value_places(const struct col *col, uint32_t slot_count, uint32_t *out);

#endif

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

#include <assert.h>

#include "base/pool.h"
#include "column/schema.h"

/* Bytes that may be read after the last one of `strings.bytes`: short values are copied whole words at a time. */
enum { STRINGS_SLACK = 16 };

struct strings {
	bool     is_plain;
	/* dictionary form */
	uint32_t *codes;      size_t codes_cap;   /* one a value */
	uint32_t *slots;      size_t slots_cap;   /* hash table, strings.c's own; a power of two of them */
	uint32_t  slot_count;
	uint32_t  entry_count;
	uint32_t *entry_ends; size_t entry_ends_cap; /* end of each entry in `bytes` */
	/* plain form: ends[k] is the end of value k in `bytes` */
	uint32_t *ends;       size_t ends_cap;
	/* both */
	char     *bytes;      size_t bytes_cap;
	uint32_t  byte_count;
	uint64_t  value_bytes; /* sum of the lengths of all values */
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
	size_t         self_cap; /* bytes of the piece this struct lies in */
};

struct columns {
	struct pool         *pool;   /* borrowed */
	const struct schema *schema; /* borrowed; may grow while rows come in */
	struct col         **cols;   /* by ordinal; NULL until first touched */
	uint32_t             col_cap;
	uint32_t             row_count; /* the caller counts it up, after or before a row's fields are set */
	size_t               bytes;  /* memory held, for choosing what to flush first */
	uint64_t             seed;   /* of the dictionaries' hashes */
	size_t               cols_cap; /* bytes at cols */
};

void columns_init(struct columns *c, struct pool *pool, const struct schema *schema);
void columns_done(struct columns *c);
void columns_clear(struct columns *c); /* no rows; memory back to the pool */

/* The column of a field, made when first asked for. Stays where it is until columns_clear. */
struct col *columns_col_new(struct columns *c, const struct field *f);
static inline struct col *columns_col(struct columns *c, const struct field *f)
{
	struct col *col = f->ordinal < c->col_cap ? c->cols[f->ordinal] : NULL;

	return col ? col : columns_col_new(c, f);
}

static inline const struct col *columns_peek(const struct columns *c, const struct field *f)
{
	return f->ordinal < c->col_cap ? c->cols[f->ordinal] : NULL;
}

/* The slow halves of the setters: memory for the slot, for one more value. */
void col_grow_slots(struct columns *c, struct col *col, uint32_t slot);
void col_grow_values(struct columns *c, struct col *col, size_t item_size);

/* The setters' common end: the slot holds a value now. */
static inline void col_mark(struct columns *c, struct col *col, uint32_t slot)
{
	assert(slot >= col->slot_end);
	if ((slot >> 3) >= col->valid_cap)
		col_grow_slots(c, col, slot);
	col->valid[slot >> 6] |= (uint64_t)1 << (slot & 63);
	col->slot_end = slot + 1;
	col->value_count++;
}

static inline void col_room(struct columns *c, struct col *col, size_t item_size)
{
	if (((size_t)col->value_count + 1) * item_size > col->values_cap)
		col_grow_values(c, col, item_size);
}

static inline bool type_is_whole(enum type t)
{
	return t == TYPE_LONG || t == TYPE_TIMESTAMPTZ || t == TYPE_INT || t == TYPE_DATE;
}

/* Set the value at a slot. Slots rise. A long is also what TIMESTAMPTZ, INT and DATE take. */
static inline void col_set_long(struct columns *c, struct col *col, uint32_t slot, int64_t v)
{
	assert(type_is_whole(col->type));
	col_room(c, col, sizeof(v));
	col->longs[col->value_count] = v;
	col_mark(c, col, slot);
}

static inline void col_set_double(struct columns *c, struct col *col, uint32_t slot, double v)
{
	assert(col->type == TYPE_DOUBLE);
	col_room(c, col, sizeof(v));
	col->doubles[col->value_count] = v;
	col_mark(c, col, slot);
}

static inline void col_set_bool(struct columns *c, struct col *col, uint32_t slot, bool v)
{
	assert(col->type == TYPE_BOOL);
	col_room(c, col, 1);
	col->bools[col->value_count] = v;
	col_mark(c, col, slot);
}

static inline void col_set_uuid(struct columns *c, struct col *col, uint32_t slot, const uint8_t v[16])
{
	assert(col->type == TYPE_UUID);
	col_room(c, col, 16);
	memcpy(col->uuids + (size_t)col->value_count * 16, v, 16);
	col_mark(c, col, slot);
}

void col_set_string(struct columns *c, struct col *col, uint32_t slot, str v); /* STRING, BINARY; v is copied */

static inline void col_set_struct(struct columns *c, struct col *col, uint32_t slot)
{
	assert(col->type == TYPE_STRUCT);
	col_mark(c, col, slot);
}

/* A list with `count` elements at `slot`: returns the first element slot; the caller sets those elements that are
 * not null. */
static inline uint32_t col_set_list(struct columns *c, struct col *col, uint32_t slot, uint32_t count)
{
	uint32_t first = col->element_slots;

	assert(col->type == TYPE_LIST);
	assert(count <= UINT32_MAX - 1 - first);
	col_room(c, col, sizeof(*col->ends));
	col->element_slots = first + count;
	col->ends[col->value_count] = first + count;
	col_mark(c, col, slot);
	return first;
}

/* Turn a LONG column into a DOUBLE one: true where every value is exact as a double (|v| <= 2^53). */
bool col_long_to_double(struct columns *c, struct col *col);

static inline bool col_is_set(const struct col *col, uint32_t slot)
{
	return slot < col->slot_end && (col->valid[slot >> 6] >> (slot & 63) & 1);
}

/* Value k (not slot k) of a string column. Borrowed until the column grows. */
static inline str strings_value(const struct strings *s, uint32_t value)
{
	const uint32_t *ends = s->is_plain ? s->ends : s->entry_ends;
	uint32_t        at = s->is_plain ? value : s->codes[value];
	uint32_t        start = at ? ends[at - 1] : 0;

	return (str){s->bytes + start, ends[at] - start};
}

static inline str col_string(const struct col *col, uint32_t value)
{
	return strings_value(&col->strings, value);
}

#endif

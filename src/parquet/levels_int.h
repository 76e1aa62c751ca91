/* levels_int.h - from rows and validity bits to definition and repetition levels.
 *
 * A spread is what one node of the schema sees of the chosen rows: a run of
 * entries, each at a slot of the node's space or ended higher up, at a null or
 * an empty list. It starts as the rows, narrows through structs, widens
 * through lists, and at a leaf becomes a selection: levels and values.
 *
 * Levels are bytes: a path has fewer than 256 optional and repeated nodes.
 */
#ifndef PARQUET_LEVELS_INT_H
#define PARQUET_LEVELS_INT_H

#include "base/buf.h"
#include "base/vec.h"
#include "column/columns.h"

/* Values of a column by their places: at[0..count), or first, first + 1, ... where at is NULL. */
struct picks {
	const uint32_t *at;
	uint32_t        first;
	uint32_t        count;
};

static inline uint32_t pick(struct picks p, uint32_t i)
{
	return p.at ? p.at[i] : p.first + i;
}

static inline struct picks picks_part(struct picks p, uint32_t from, uint32_t to)
{
	return (struct picks){p.at ? p.at + from : NULL, p.first + from, to - from};
}

enum { SLOT_ENDED = UINT32_MAX };

struct spread {
	uint32_t        count;      /* entries */
	uint32_t        slot_count; /* size of the space that slots index */
	bool            is_void;    /* all have ended, at level `def` */
	uint8_t         def;        /* level of those that have not ended */
	const uint32_t *slots;      /* SLOT_ENDED or the slot; NULL: first, first + 1, ... and none has ended */
	uint32_t        first;
	const uint8_t  *ended;      /* level of those that have ended; NULL: none has */
	uint8_t         rep;        /* lists above */
	const uint8_t  *reps;       /* level of each entry; NULL: no list above, an entry is a row */
	const uint32_t *entries;    /* the entry of each slot of the rows, or SLOT_ENDED; holds while none has ended. NULL: not known */
};

struct selection {
	uint32_t       count; /* entries */
	uint8_t        max_def, max_rep;
	uint8_t        def;   /* defs NULL: the level of every entry */
	const uint8_t *defs;
	const uint8_t *reps;  /* NULL where max_rep is 0 */
	struct picks   values; /* of the entries at max_def, in order */
};

/* Where all values of a column stand: for 64 slots their bits and how many values come before them. */
struct rank_word {
	uint64_t bits;
	uint32_t before;
};

/* Arrays behind one spread or selection; they grow and are kept. */
struct spread_room {
	struct { VEC_OF(uint32_t); } slots;
	struct { VEC_OF(uint8_t); } ended;
	struct { VEC_OF(uint8_t); } reps;
	struct { VEC_OF(struct rank_word); } rank;
};

void spread_room_done(struct spread_room *r);

/* The rows themselves: what the root sees. rows are borrowed. */
struct spread spread_rows(const uint32_t *rows, uint32_t count, uint32_t slot_count);

/* Say of each slot which entry it is, in `room`: columns with few values are then found from these. */
void spread_index(struct spread *s, uint32_t *room);

/* What the children of a struct or list see. `col` is NULL where nothing was ever set. The result borrows from `up`
 * and `r`. */
struct spread spread_struct(const struct spread *up, const struct field *f, const struct col *col,
                            struct spread_room *r);
struct spread spread_list(const struct spread *up, const struct field *f, const struct col *col,
                          struct spread_room *r);

/* What a leaf has to write. A required leaf under a present parent must be set: asserted. */
struct selection spread_leaf(const struct spread *up, const struct field *f, const struct col *col,
                             struct spread_room *r);

/* One level stream of a v1 page, appended: length, then the hybrid. Nothing where max is 0. `levels` NULL: all are
 * `level`. */
void levels_write(const uint8_t *levels, uint8_t level, uint32_t count, uint8_t max, struct buf *out);

/* How many of defs[0..count) are max. */
uint32_t levels_count(const uint8_t *levels, uint32_t count, uint8_t max);

#endif

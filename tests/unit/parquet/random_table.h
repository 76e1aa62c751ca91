/* random_table.h - a table of random shape and content, and what its rows are in JSON.
 *
 * The JSON is made beside the columns, value by value, never from them: it is what outside readers are held to.
 * Numbers as they are (NaN and infinities as text), instants and days as integers, UUIDs and binary in hex.
 */
#ifndef TESTS_RANDOM_TABLE_H
#define TESTS_RANDOM_TABLE_H

#include "base/buf.h"
#include "column/columns.h"

struct random_table {
	struct pool   *pool;
	struct schema  schema;
	struct columns c;
	struct buf     rows;     /* one JSON object a row */
	size_t        *row_ends;
};

/* What the values are like. */
enum random_shape {
	RANDOM_SMALL,   /* few values of each kind: dictionaries */
	RANDOM_WIDE,    /* values all over their range: no dictionaries */
	RANDOM_SHAPES,
};

struct random_kind {
	enum random_shape shape;
	uint32_t          row_count;
	uint32_t          field_count; /* at the top, beside the required ones */
	unsigned          depth;       /* of containers */
};

void random_table_init(struct random_table *t, struct random_kind kind);
void random_table_done(struct random_table *t);
str  random_table_row(const struct random_table *t, uint32_t row);

AUTO_DEFINE(random_table, random_table_done)

#endif

/* answer.h - the rows of a statement as they are made, a chunk at a time: memory holds one chunk.
 *
 *     while ((more = answer_next(&answer, e)) > 0)
 *             for (row = 0; row < answer.row_count; row++)
 *                     answer_json(&answer, column, row, &out);
 */
#ifndef QUERY_ANSWER_H
#define QUERY_ANSWER_H

#include "base/arena.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"
#include "query/duckdb_api.h"

struct engine;
struct value_type;

enum answer_kind {
	ANSWER_ROWS,    /* a table */
	ANSWER_CHANGED, /* a count of rows written */
	ANSWER_NOTHING,
};

struct answer_column {
	str                      name;
	const struct value_type *type;
	bool                     is_number; /* stands right in a table */
};

struct answer {
	enum answer_kind      kind;
	uint64_t              changed; /* ANSWER_CHANGED: rows */
	struct answer_column *columns;
	size_t                column_count;
	size_t                row_count; /* of the chunk at hand */
	/* the rest is the engine's */
	struct engine        *engine;  /* NULL: not open */
	struct duck_result    result;
	struct duck_prepared *prepared;
	struct duck_chunk    *chunk;
	struct duck_vector  **vectors; /* of the chunk, a column each */
	struct arena          arena;
};

/* 1 with the next chunk at hand, 0 at the end. ERR_STOPPED where it was interrupted. */
int  answer_next(struct answer *a, struct err *e) MUST_USE;
void answer_done(struct answer *a);

/* A cell as a JSON value: integers and decimals exact, instants as ISO 8601 (Z where they are
 * instants), bytes as hexadecimal digits, NaN and infinities as texts, a map as an object. */
void answer_json(const struct answer *a, size_t column, size_t row, struct buf *out);
/* The same as bare text, nested values as JSON; false for NULL, with nothing written. */
bool answer_text(const struct answer *a, size_t column, size_t row, struct buf *out);
/* A cell of a VARCHAR or BLOB column as it is, borrowed until the next chunk; ptr NULL for NULL. */
str  answer_bytes(const struct answer *a, size_t column, size_t row);
/* A cell of a BIGINT column; false for NULL. */
bool answer_long(const struct answer *a, size_t column, size_t row, int64_t *out);

AUTO_DEFINE(answer, answer_done)

#endif

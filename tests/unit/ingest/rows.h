/* rows.h - is every leaf of a record in its row, and nothing else? Written from the promise alone:
 *
 *   A member stands in a column whose `doc` is its JSON Pointer ('*' for a list element), or in _extra, a JSON object
 *   from JSON Pointer (with real indexes) to the value as it came.
 *
 * A leaf is a scalar, a null, an empty object or an empty array. The reader knows columns only by their docs.
 */
#ifndef TESTS_ROWS_H
#define TESTS_ROWS_H

#include "base/buf.h"
#include "base/map.h"
#include "column/columns.h"

/* All rows of some columns, ready to be read. */
struct rows {
	const struct columns *columns;
	uint32_t            **places; /* by ordinal: value index by slot; NULL where nothing is set */
	struct map            patterns; /* of all columns: "/a/ * /b" without the blanks */
	struct arena          arena;
	bool                  is_text_typed; /* "12" may stand as the number 12 */
};

void rows_open(struct rows *r, const struct columns *c);
void rows_done(struct rows *r);

/* The text of the leaf at a JSON Pointer in the row's columns: i12, d<bits>, sText, true, null (or absent), {} (a struct), [2] (a list
 * of two). Owned by `a`. */
str rows_column(struct rows *r, uint32_t row, const char *pointer, struct arena *a);
/* _extra as it stands; empty where it is null. */
str rows_extra(const struct rows *r, uint32_t row);

/* Says what of the record is not in the row, and what of the row is not in the record. Appended; nothing where all is well. */
void rows_compare(struct rows *r, uint32_t row, str record, struct buf *faults);

AUTO_DEFINE(rows, rows_done)

#endif

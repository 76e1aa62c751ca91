/* shred.h - from a record's tape to the columns of its table. Nothing disappears: what no column can hold exactly goes
 * to `_extra`, under its JSON Pointer, as it came. Where pointers would make that more than twice the record,
 * `_extra` is {"": the whole record}, whatever columns hold besides.
 *
 * One a table and pipeline; used by one thread at a time. The record has been validated: shredding cannot fail.
 *
 * Types are taken from the first value that has one. A value of another type does not fit and goes to _extra (drift), but:
 * an integer fits a double column and an integral double a long column where nothing is lost; and a long column
 * that no file has yet becomes double when the first fraction comes. Where a contract declares a member, its column is of that
 * type before the first row, and the value in the form that rule_hold gives; where that is only near it, as it came in
 * _extra besides.
 */
#ifndef INGEST_SHRED_H
#define INGEST_SHRED_H

#include "base/vec.h"
#include "column/columns.h"
#include "ingest/event.h"
#include "ingest/node.h"
#include "ingest/standard.h"
#include "lake/table.h"

struct shred {
	struct tree         tree;
	struct table       *table;    /* borrowed */
	struct columns     *columns;  /* borrowed */
	const struct pipeline *pipeline;
	const struct field *standard[STANDARD_COUNT];
	struct buf          extra, scratch, path;
	uint64_t            lossy;    /* numbers too small for a double, held as 0 */
	uint64_t            drifted;  /* values of a type that their column does not have, or finer than it */
	struct { VEC_OF(bool); } declared; /* by the contract's number: its columns are made */
	/* of the record at hand */
	struct arena        keys;     /* member names that were written with escapes */
	const char         *text;
	const uint64_t     *words;
	const struct event *event;
	uint32_t            row;
	bool                is_text_typed;
};

void shred_init(struct shred *s, const struct pipeline *p, uint64_t secret, struct table *table, struct columns *columns);
void shred_done(struct shred *s);

/* One row. `part_label` is how the row's source_position names the part; is_text_typed: CSV, where numbers come as text. */
void shred_row(struct shred *s, const struct run *run, const struct event *ev, str part_label, int64_t ingested_us);

#endif

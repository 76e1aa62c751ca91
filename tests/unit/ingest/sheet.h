/* sheet.h - a table being filled by shredding, without a lake: records in, rows to look at.
 *
 *     struct sheet t;
 *     sheet_open(&t, &pipe);             the pipe's configuration says how
 *     sheet_add(&t, "{...}");            one row; its record is kept
 *     sheet_check(&t);                   all rows since the last flush hold all of their records
 *     sheet_flush(&t);                   they are in a file: the schema is public
 *     sheet_restart(&t);                 a new process: the tree is built again from the schema as the catalog has it
 */
#ifndef TESTS_SHEET_H
#define TESTS_SHEET_H

#include "ingest/shred.h"
#include "tests/unit/ingest/pipe.h"
#include "tests/unit/ingest/rows.h"

struct sheet {
	struct pipe   *pipe;
	struct pool   *pool;
	struct table   table;   /* only its schema */
	struct columns columns;
	struct shred   shred;
	struct arena   arena, said;
	struct { VEC_OF(str); } records;
};

void sheet_open(struct sheet *t, struct pipe *p);
void sheet_done(struct sheet *t);
void sheet_add(struct sheet *t, const char *json);
void sheet_add_bytes(struct sheet *t, str json);
bool sheet_check(struct sheet *t); /* false where a row was wrong */
void sheet_flush(struct sheet *t);
void sheet_restart(struct sheet *t);

/* Of the last row: what stands in the columns at a pointer (as rows_column says it), and _extra. Good until the next of these calls. */
str sheet_at(struct sheet *t, const char *pointer);
str sheet_extra(struct sheet *t);
/* Of the columns that are not standard: "a:long b:{c:string d:[double]}". */
str sheet_columns(struct sheet *t);

AUTO_DEFINE(sheet, sheet_done)

#endif

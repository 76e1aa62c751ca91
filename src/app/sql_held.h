/* sql_held.h - held rows for `tarn sql`: read from the raw segments, handed to DuckDB as files of a folder that goes away. */
#ifndef APP_SQL_HELD_H
#define APP_SQL_HELD_H

#include "app/command.h"
#include "query/views.h"

struct sql_held;

/* All borrowed. */
struct sql_held *sql_held_new(struct app *app, struct lake *l, struct config *config);
void             sql_held_free(struct sql_held *h); /* NULL is fine; the folder goes */

/* views_held_fn, with a struct sql_held as its context. */
int sql_held_find(void *context, struct view_held *tables, size_t count, struct err *e);

AUTO_PTR_DEFINE(sql_held, sql_held_free)

#endif

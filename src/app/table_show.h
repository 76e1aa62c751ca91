/* table_show.h - one table, from each side that `tarn table` shows; as text, or as JSON where the app says so. */
#ifndef APP_TABLE_SHOW_H
#define APP_TABLE_SHOW_H

#include "app/reply.h"
#include "app/tables.h"

struct app;

typedef int show_fn(const struct app *app, struct lake *l, const struct table_name *t, const struct scan *s,
                    struct err *e);

show_fn show_description, show_files, show_history;

/* The members of an open object that say how much there is. */
void show_facts(struct reply *r, const struct table_facts *f);

#endif

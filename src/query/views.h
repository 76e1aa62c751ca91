/* views.h - the tables of a lake, seen by DuckDB.
 *
 * A table is a view: events.push_event, tarn.quarantine; those of "events" by their bare names
 * too. Views are made when a statement mentions them, from the table's snapshot at that moment,
 * over the files that may hold the rows it wants. A lake of hundreds of tables costs nothing
 * until then.
 *
 * A statement that only reads runs in a transaction of its own, which is rolled back with its
 * views; what it left out of them can mislead no other statement. Any other statement gets views
 * of whole tables, which stay and are made anew for every later one, because what it creates may
 * stand on them.
 */
#ifndef QUERY_VIEWS_H
#define QUERY_VIEWS_H

#include "lake/lake.h"
#include "query/engine.h"

struct views;

/* What a statement had to look at, over all its tables. */
struct views_stats {
	size_t  tables, files, files_total;
	int64_t bytes, bytes_total; /* of Parquet */
};

/* Both are borrowed. */
int  views_new(struct engine *n, struct lake *l, struct views **out, struct err *e) MUST_USE;
void views_free(struct views *v); /* NULL is fine */

/* Run one statement and open its answer, to be closed with views_end, which is to be called
 * after a failure of answer_next too. `stats` may be NULL. ERR_INPUT names the nearest table
 * where one is not there. */
int  views_query(struct views *v, str sql, struct answer *out, struct views_stats *stats,
                 struct err *e) MUST_USE;
void views_end(struct views *v, struct answer *a);

/* Rows that are true and in no file yet. They are asked for before the tables are looked at, and left out where a table
 * has been given files for them since (its mark has reached `since`). */
struct view_held {
	str                  space, name; /* of the table: given */
	uint64_t             since;       /* the entry with the oldest of them; 0: there are none */
	str                  path;        /* of a Parquet file with all of them */
	const struct schema *schema;      /* of that file: it may have columns that the table has not yet */
};
/* What is answered is good until the next call. */
typedef int views_held_fn(void *context, struct view_held *tables, size_t count, struct err *e);
void views_set_held(struct views *v, views_held_fn *held, void *context);

/* Look at all files, always: what tests compare with. */
void views_set_pruning(struct views *v, bool is_on);

AUTO_PTR_DEFINE(views, views_free)

#endif

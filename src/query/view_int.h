/* view_int.h - one table while a statement is being made ready, for views.c. */
#ifndef QUERY_VIEW_INT_H
#define QUERY_VIEW_INT_H

#include "base/vec.h"
#include "query/plan.h"
#include "query/prune.h"
#include "query/views.h"

/* Of SQL that we write: every path of a table can stand in it. */
enum { STATEMENT_BYTES = 512 << 20 };

#define VIEW_SPACES {STR("events"), STR("tarn")} /* bare names are looked for in the first one */

struct view {
	str           space, name;
	struct schema schema;  /* now; the files are looked for later */
	struct view_held held;
	int32_t       spec_id, time_id; /* of the partition spec, and the field it cuts by */
	struct plan   plan;
};

struct view_list {
	struct arena arena;
	VEC_OF(struct view);
};

void view_list_done(struct view_list *l);
AUTO_DEFINE(view_list, view_list_done)

/* Add the table if the lake has it: 1 or 0. */
int view_find(struct lake *l, str space, str name, struct view_list *out, struct err *e) MUST_USE;
/* The columns that held rows bring. */
int view_widen(struct view *v, struct err *e) MUST_USE;
/* Make the view over the files that the plan leaves, and count them. */
int view_make(struct engine *n, struct lake *l, const struct view *v, bool has_comments,
              struct views_stats *stats, struct err *e) MUST_USE;
/* Ask DuckDB what the statement wants of each table. In a transaction, where empty tables stand
 * in for the lake's for a moment; a statement that cannot be explained leaves the plans empty,
 * and another transaction open. */
int views_explain(struct engine *n, const char *sql, struct view_list *views,
                  struct err *e) MUST_USE;

#endif

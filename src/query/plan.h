/* plan.h - which rows of a table a statement can want, as DuckDB itself has worked it out.
 *
 * The statement is explained over empty tables of the same shape, with only those optimizer
 * rules on that hold for any rows. What the plan then filters in a scan of the table (casts,
 * constants, time zones, aliases, joins and views all resolved) is a condition that each row
 * must meet to matter at all, in that use of the table. A condition that is not understood is
 * left out, which only keeps more files.
 */
#ifndef QUERY_PLAN_H
#define QUERY_PLAN_H

#include "base/vec.h"
#include "column/schema.h"

enum compare { COMPARE_EQ, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

/* field <compare> constant, for longs, ints, dates, instants and strings. */
struct condition {
	const struct field *field; /* top-level */
	enum compare        compare;
	int64_t             whole;
	str                 text; /* TYPE_STRING */
};

/* One use of the table: all of these hold for every row it needs. */
struct plan_use {
	VEC_OF(struct condition);
};

/* No uses: nothing is known. */
struct plan {
	struct arena arena;
	VEC_OF(struct plan_use);
};

/* Rules of DuckDB's optimizer that may stay on; all others look at the rows there are. */
#define PLAN_RULES \
	"'expression_rewriter', 'filter_pullup', 'filter_pushdown', 'cte_inlining', " \
	"'cte_filter_pusher', 'regex_range', 'in_clause'"

/* The uses of memory.<space>.<table> in the text of EXPLAIN (FORMAT json). */
void plan_read(str explained, str space, str table, const struct schema *s, struct plan *out);
void plan_done(struct plan *p);

AUTO_DEFINE(plan, plan_done)

#endif

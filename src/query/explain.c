/* explain.c - have DuckDB explain a statement over empty tables, with no optimizer rule on that
 * looks at rows. */
#include "query/table_sql.h"
#include "query/view_int.h"

static void add_drop(const char *kind, const struct view *v, struct buf *out)
{
	buf_print(out, "DROP %s IF EXISTS ", kind);
	sql_table(v->space, v->name, out);
	buf_add(out, STR(";\n"));
}

static int shapes_make(struct engine *n, const struct view_list *views, struct err *e)
{
	AUTO(buf) sql = BUF(STATEMENT_BYTES);

	for (size_t i = 0; i < views->count; i++) {
		const struct view *v = &views->at[i];
		size_t             start;

		add_drop("VIEW", v, &sql);
		start = sql.len;
		if (!sql_shape(v->space, v->name, &v->schema, &sql))
			sql.len = start; /* no columns: no view either */
		buf_add(&sql, STR(";\n"));
	}
	buf_byte(&sql, '\0');
	return engine_exec(n, sql.ptr, e);
}

static int shapes_drop(struct engine *n, const struct view_list *views, struct err *e)
{
	AUTO(buf) sql = BUF(STATEMENT_BYTES);

	for (size_t i = 0; i < views->count; i++)
		add_drop("TABLE", &views->at[i], &sql);
	buf_byte(&sql, '\0');
	return engine_exec(n, sql.ptr, e);
}

static int explain(struct engine *n, const char *sql, const struct view_list *views,
                   struct arena *a, str *out, struct err *e)
{
	str plan[2];

	TRY(shapes_make(n, views, e));
	TRY(engine_row(n, arena_format(a, "EXPLAIN (FORMAT json) %s", sql).ptr, a, plan, 2, e));
	*out = str_eq(plan[0], STR("physical_plan")) ? plan[1] : STR("[]");
	return shapes_drop(n, views, e);
}

/* The rules that must be off, and those that the user has chosen to be. */
static const char rules_query[] =
	"SELECT string_agg(name, ','), current_setting('disabled_optimizers') "
	"FROM duckdb_optimizers() WHERE name NOT IN (" PLAN_RULES ")";

static const char *rules_statement(str rules, struct arena *a)
{
	return arena_format(a, "SET disabled_optimizers = '" STR_FMT "'", STR_ARG(rules)).ptr;
}

int views_explain(struct engine *n, const char *sql, struct view_list *views, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  why = ERR_NONE;
	str         explained, rules[2];
	int         status;

	TRY(engine_row(n, rules_query, &a, rules, 2, e));
	TRY(engine_exec(n, rules_statement(rules[0], &a), e));
	status = explain(n, sql, views, &a, &explained, &why);
	if (status < 0) /* it may have spoilt the transaction, in which nothing can be set then */
		TRY(engine_exec(n, "ROLLBACK", e));
	TRY(engine_exec(n, rules_statement(rules[1], &a), e));
	if (status < 0)
		TRY(engine_exec(n, "BEGIN TRANSACTION", e));
	if (status == ERR_STOPPED) {
		*e = why;
		return status;
	}
	for (size_t i = 0; i < views->count && status == 0; i++)
		plan_read(explained, views->at[i].space, views->at[i].name, &views->at[i].schema,
		          &views->at[i].plan);
	return 0;
}

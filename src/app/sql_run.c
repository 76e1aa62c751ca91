#include "app/sql_run.h"

#include <stdio.h>

#include "os/clock.h"
#include "query/words.h"

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static int print_answer(const struct sql_run *r, struct answer *a, struct err *e)
{
	int64_t rows = 0;
	int     status;

	if (a->kind == ANSWER_ROWS) {
		status = sql_print(a, r->format, &rows, e);
		if (status == 0 && r->format == SQL_TABLE && !r->app->is_quiet)
			(void)fprintf(stderr, "%s row%s\n", text_count(rows),
			              plural((uint64_t)rows));
		return status;
	}
	if (a->kind == ANSWER_CHANGED && !r->app->is_quiet)
		(void)fprintf(stderr, "%s row%s written\n", text_count((int64_t)a->changed),
		              plural(a->changed));
	return 0;
}

static void print_stats(const struct views_stats *s)
{
	(void)fprintf(stderr, "%zu of %zu file%s, %s of %s\n", s->files, s->files_total,
	              plural(s->files_total), text_bytes(s->bytes), text_bytes(s->bytes_total));
}

int sql_run_statement(const struct sql_run *r, str sql, struct err *e)
{
	struct answer      a = {.engine = NULL};
	struct views_stats stats;
	int64_t            started = clock_mono_us(r->app->clock);
	int                status;

	TRY(views_query(r->views, sql, &a, &stats, e));
	status = print_answer(r, &a, e);
	views_end(r->views, &a);
	if (status != 0)
		return status;
	if (r->is_counting)
		print_stats(&stats);
	if (r->is_timing)
		(void)fprintf(stderr, "%.3f s\n",
		              (double)(clock_mono_us(r->app->clock) - started) / 1e6);
	return 0;
}

/* Of the byte at `at`, from 1. */
static size_t line_of(str text, const char *at)
{
	size_t line = 1;

	for (const char *p = text.ptr; p < at; p++)
		line += *p == '\n';
	return line;
}

int sql_run_text(const struct sql_run *r, str text, const char *name, struct err *e)
{
	str    left = text, statement;
	size_t count = 0;
	int    status = 0;

	for (; status == 0 && statement_next(&left, &statement, NULL); count++)
		status = sql_run_statement(r, statement, e);
	if (count == 0)
		return err_set(e, ERR_INPUT, "%s%sthere is no SQL in it", name ? name : "",
		               name ? ": " : "");
	if (status < 0 && status != ERR_STOPPED && name != NULL)
		return err_add(e, "%s:%zu", name, line_of(text, statement.ptr));
	return status;
}

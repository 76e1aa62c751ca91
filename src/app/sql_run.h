/* sql_run.h - statements from wherever they come, run and printed one after another. */
#ifndef APP_SQL_RUN_H
#define APP_SQL_RUN_H

#include "app/command.h"
#include "app/sql_print.h"
#include "query/views.h"

struct sql_run {
	struct app     *app;
	struct lake    *lake;
	struct views   *views;
	enum sql_format format;
	bool            is_counting; /* --stats: say how many files were looked at */
	bool            is_timing;   /* say how long it took */
};

/* 0, a class, or SQL_READER_GONE. */
int sql_run_statement(const struct sql_run *r, str sql, struct err *e) MUST_USE;
/* All statements of a text; a failure ends it and is told with its line in `name` (NULL: none). */
int sql_run_text(const struct sql_run *r, str text, const char *name, struct err *e) MUST_USE;

#endif

#include "app/sql_shell.h"

#include <editline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/sql_history.h"
#include "app/table_show.h"
#include "app/tables.h"
#include "base/log.h"
#include "query/words.h"

static const char help_text[] =
	"  SQL ends with a ; and may take several lines. Tables: push_event, tarn.quarantine, ...\n"
	"  .tables          the tables of the lake\n"
	"  .schema TABLE    a table's columns, and where they come from\n"
	"  \\timing          say how long each statement takes, or stop saying it\n"
	"  .quit            the same as Ctrl-D; Ctrl-C ends the statement that runs\n";

enum { STATEMENT_BYTES = 64 << 20 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

const volatile sig_atomic_t *sql_shell_signals(void)
{
	struct sigaction action = {
		.sa_handler = on_interrupt}; /* no SA_RESTART: a prompt that waits must notice */

	(void)sigaction(SIGINT, &action, NULL);
	return &interrupted;
}

/* --- commands of the prompt ---------------------------------------------------------------- */

static int show_tables(struct sql_run *r, struct err *e)
{
	AUTO(arena)        a = ARENA_INIT;
	struct table_name *all;
	size_t             count;

	TRY(tables_all(r->lake, &a, &all, &count, e));
	for (size_t i = 0; i < count; i++)
		(void)printf(STR_FMT "\n", STR_ARG(all[i].full));
	return 0;
}

static int show_schema(struct sql_run *r, str name, struct err *e)
{
	AUTO(arena)       a = ARENA_INIT;
	AUTO(scan)        scan = {.file_count = 0};
	struct table_name table;

	if (name.len == 0)
		return err_set(e, ERR_INPUT, ".schema wants the name of a table");
	TRY(tables_find(r->lake, name, &a, &table, e));
	TRY(lake_scan(r->lake, table.space, table.name, NULL, &scan, e));
	return show_description(r->app, r->lake, &table, &scan, e);
}

static bool is_quit(str word)
{
	static const char *const words[] = {".quit", ".exit", ".q", "\\q", "quit", "exit"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(word, str_of(words[i])))
			return true;
	return false;
}

static int run_command(struct sql_run *r, str line, struct err *e)
{
	str word = str_head(line, str_find(line, ' ', 0));
	str rest = str_trim(str_from(line, word.len));

	if (str_eq(word, STR(".tables")) || str_eq(word, STR("\\d")))
		return show_tables(r, e);
	if (str_eq(word, STR(".schema")))
		return show_schema(r, rest, e);
	if (str_eq(word, STR("\\timing")) || str_eq(word, STR(".timing"))) {
		r->is_timing = !r->is_timing;
		(void)fprintf(stderr, "timing is %s\n", r->is_timing ? "on" : "off");
		return 0;
	}
	if (str_eq(word, STR(".help")) || str_eq(word, STR("\\?"))) {
		(void)fprintf(stderr, "%s", help_text);
		return 0;
	}
	return err_set(e, ERR_INPUT, "there is no " STR_FMT " here; see .help",
	               STR_ARG(str_head(word, 100)));
}

/* --- the prompt ---------------------------------------------------------------------------- */

static void tell(int status, const struct err *e)
{
	if (status < 0)
		log_error("%s", e->text);
	(void)fflush(stdout);
}

/* Run what is whole; keep the rest for the lines to come. After a failure nothing of what was
 * typed is kept. */
static void run_whole_statements(struct sql_run *r, struct buf *typed)
{
	AUTO(arena) a = ARENA_INIT;
	str         left = arena_str(&a, buf_str(typed)), rest = left, statement;
	bool        is_ended = false;
	int         status = 0;

	buf_clear(typed);
	while (status == 0 && statement_next(&left, &statement, &is_ended) && is_ended) {
		struct err e = ERR_NONE;

		status = sql_run_statement(r, statement, &e);
		tell(status, &e);
		rest = left;
	}
	left = rest;
	if (status == 0 && (statement_next(&left, &statement, NULL) || word_next(&rest).is_open))
		buf_add(typed, str_trim(rest));
	if (typed->len > 0)
		buf_byte(typed, '\n');
}

/* false: the end was asked for. */
static bool take_line(struct sql_run *r, str line, struct buf *typed)
{
	struct err e = ERR_NONE;

	if (typed->len == 0) {
		line = str_trim(line);
		if (is_quit(line))
			return false;
		if (line.len > 0 && (line.ptr[0] == '.' || line.ptr[0] == '\\')) {
			tell(run_command(r, line, &e), &e);
			return true;
		}
	}
	buf_add(typed, line);
	buf_byte(typed, '\n');
	if (buf_over(typed)) {
		log_error("a statement at the prompt has at most %d MiB", STATEMENT_BYTES >> 20);
		buf_clear(typed);
		return true;
	}
	run_whole_statements(r, typed);
	return true;
}

/* 1 with a line taken, 0 at the end. */
static int prompt(struct sql_run *r, struct buf *typed)
{
	char *line = readline(typed->len > 0 ? "  ... " : "tarn> ");
	bool  goes_on = true;

	if (interrupted) {
		(void)fprintf(stderr, "\n");
		buf_clear(typed);
		interrupted = 0;
	} else if (line == NULL) {
		(void)fprintf(stderr, "\n");
		goes_on = false;
	} else {
		if (str_trim(str_of(line)).len > 0)
			(void)add_history(line);
		goes_on = take_line(r, str_of(line), typed);
		interrupted = 0;
	}
	free(line);
	return goes_on && !*r->app->stop;
}

int sql_shell(struct sql_run *r, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf)   typed = BUF(STATEMENT_BYTES);
	const char *history;

	(void)e;
	rl_readline_name = "tarn";
	rl_outstream = stderr;
	(void)rl_bind_key('\t', rl_insert);
	history = sql_history_load(r->app->fs, &a);
	if (!r->app->is_quiet)
		(void)fprintf(stderr, "tarn " TARN_VERSION ", lake %.*s. Type .help for help.\n",
		              STR_ARG(r->lake->store->root));
	while (prompt(r, &typed))
		;
	sql_history_save(history);
	return 0;
}

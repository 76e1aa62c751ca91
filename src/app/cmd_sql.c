/* tarn sql: one statement, a file of them, what stdin holds, or a prompt. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "app/command.h"
#include "app/sql_held.h"
#include "app/sql_run.h"
#include "app/sql_shell.h"
#include "os/fs.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_sql = {
	"sql", "ask the lake in SQL (DuckDB)",
	"  tarn sql \"select page, count(*) from page_view group by page\"\n"
	"  tarn sql --csv -f report.sql > report.csv\n"
	"  tarn sql                     a prompt; without a terminal, what stdin holds\n\n"
	"usage: tarn sql [--json|--jsonl|--csv] [--stats] [--threads N] [-f FILE | SQL]\n\n"
	"Tables of the namespace events go by their bare names, others as tarn.quarantine. The rows\n"
	"are those of each table's current snapshot; files that cannot hold a wanted row are not\n"
	"opened. Times are UTC.\n"
	"  -f FILE       statements from a file (--file; - is stdin)\n"
	"  --json        an array of objects, one row a line\n"
	"  --jsonl       just the objects\n"
	"  --csv         RFC 4180, with a head\n"
	"  --stats       say on stderr how many data files and bytes were looked at\n"
	"  --threads N   threads (default: one a core)\n"
	"Memory is that of the key `memory` (default 1 GiB); what does not fit goes to the system's\n"
	"temporary folder.\n",
	run,
};

enum { TEXT_BYTES = 64 << 20 };
#define DEFAULT_MEMORY (UINT64_C(1) << 30)

struct sql_options {
	const char *file, *threads, *text;
	bool        is_csv, is_jsonl, is_counting;
};

static int options_read(struct app *app, int argc, char **argv, struct sql_options *o,
                        struct err *e)
{
	const struct option_of options[] = {
		{"--file", &o->file, NULL},   {"-f", &o->file, NULL},
		{"--csv", NULL, &o->is_csv},  {"--jsonl", NULL, &o->is_jsonl},
		{"--stats", NULL, &o->is_counting}, {"--threads", &o->threads, NULL},
	};
	AUTO(arena)  scratch = ARENA_INIT;
	const char **texts = ARENA_ARRAY(&scratch, const char *, argc);
	size_t       count;

	TRY(options_parse(app, &command_sql, argc, argv, options,
	                  sizeof(options) / sizeof(options[0]), texts, &count, e));
	if (count > 1 || (count == 1 && o->file != NULL))
		return err_set(e, ERR_INPUT,
		               "tarn sql takes one text of SQL, in quotes, or one -f FILE");
	if (o->is_csv + o->is_jsonl + app->is_json > 1)
		return err_set(e, ERR_INPUT, "--json, --jsonl and --csv exclude each other");
	o->text = count == 1 ? texts[0] : NULL;
	if (o->text != NULL && strcmp(o->text, "-") == 0) {
		o->file = o->text;
		o->text = NULL;
	}
	return 0;
}

static int stdin_read(struct buf *out, struct err *e)
{
	char *room;

	while (!feof(stdin)) {
		room = buf_room(out, BUFSIZ);
		if (room == NULL)
			return err_set(e, ERR_LIMIT, "stdin holds more than %d MiB of SQL",
			               TEXT_BYTES >> 20);
		out->len += fread(room, 1, BUFSIZ, stdin);
		if (ferror(stdin))
			return err_sys(e, errno, "read stdin");
	}
	return 0;
}

static int run_file(const struct sql_run *r, const char *file, struct err *e)
{
	AUTO(buf) text = BUF(TEXT_BYTES);

	if (file == NULL || strcmp(file, "-") == 0) {
		TRY(stdin_read(&text, e));
		return sql_run_text(r, buf_str(&text), "stdin", e);
	}
	TRY(fs_read_range(r->app->fs, file, 0, 0, &text, e));
	return sql_run_text(r, buf_str(&text), file, e);
}

static int engine_start(struct app *app, const struct sql_options *o, const struct config *config,
                        bool is_shell, struct engine **out, struct err *e)
{
	struct engine_conf conf = {
		.clock = app->clock,
		.memory_bytes = config->memory_bytes ? config->memory_bytes : DEFAULT_MEMORY,
		.stop = is_shell ? sql_shell_signals() : app->stop,
	};
	int64_t threads = 0;

	if (o->threads != NULL &&
	    (!str_to_i64(str_of(o->threads), &threads) || threads < 1 || threads > 256))
		return err_set(e, ERR_INPUT, "--threads wants a number from 1 to 256");
	conf.threads = (unsigned)threads;
	return engine_open(&conf, out, e);
}

static enum sql_format format_of(const struct app *app, const struct sql_options *o)
{
	if (app->is_json)
		return SQL_JSON;
	if (o->is_jsonl)
		return SQL_JSONL;
	return o->is_csv ? SQL_CSV : SQL_TABLE;
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	struct sql_options o = {.file = NULL};
	AUTO(config)       config = {.file = NULL};
	AUTO_PTR(lake)     lake = NULL;
	AUTO_PTR(engine)   engine = NULL;
	AUTO_PTR(sql_held) held = NULL;
	AUTO_PTR(views)    views = NULL;
	struct sql_run     r;
	bool               is_shell;
	int                status;

	TRY(options_read(app, argc, argv, &o, e));
	is_shell = o.text == NULL && o.file == NULL && isatty(STDIN_FILENO) == 1;
	TRY(app_lake(app, false, &config, &lake, e));
	TRY(engine_start(app, &o, &config, is_shell, &engine, e));
	TRY(views_new(engine, lake, &views, e));
	held = sql_held_new(app, lake, &config);
	views_set_held(views, sql_held_find, held);
	r = (struct sql_run){
		.app = app,
		.lake = lake,
		.views = views,
		.format = format_of(app, &o),
		.is_counting = o.is_counting,
	};
	if (is_shell)
		return sql_shell(&r, e);
	if (o.text != NULL)
		status = sql_run_text(&r, str_of(o.text), NULL, e);
	else
		status = run_file(&r, o.file, e);
	return status == SQL_READER_GONE ? 128 + SIGPIPE : status;
}

/* command.h - a command: a word, what it is for, and a function. One command a file, cmd_<word>.c; commands.c lists them.
 *
 * Data goes to stdout, talk to stderr. A command returns 0, a positive exit code that is an answer (audit: 1 = findings), or an err class,
 * whose sentence main prints and whose exit code is sysexits'.
 */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include <signal.h>

#include "app/config.h"
#include "base/err.h"
#include "lake/lake.h"

struct fs;
struct clock;
struct workers;

struct app {
	const char   *config_file;  /* --config */
	struct fs    *fs;
	struct clock *clock;
	bool          is_json;      /* --json */
	bool          is_quiet;     /* --quiet: no progress, no summary */
	bool          is_terminal;  /* stderr is one */
	const volatile sig_atomic_t *stop;   /* 1 after SIGINT or SIGTERM */
};

struct command {
	const char *word;
	const char *summary;   /* one line for `tarn help` */
	const char *usage;     /* two examples first, then the options */
	int (*run)(struct app *app, int argc, char **argv, struct err *e); /* argv[0] is the word */
};

extern const struct command command_init, command_check, command_ingest, command_run, command_sql, command_table,
	command_quarantine, command_replay, command_audit, command_status, command_raw, command_trace, command_simulate, command_plan,
	command_drift, command_contract;

/* --- for commands ---- */

/* Options of a command: "--name" (a flag) or "--name VALUE". What is left are the arguments, in order. */
struct option_of {
	const char  *name;      /* "--pipeline" */
	const char **value;     /* set to the VALUE; NULL for a flag */
	bool        *flag;      /* set to true */
};

/* Parse argv[1..]; arguments are moved to the front of `arguments` (owned by the caller, argc long) and counted. `--json`, `--quiet`,
 * `--help` are understood everywhere. ERR_INPUT names the nearest option. */
int options_parse(struct app *app, const struct command *c, int argc, char **argv, const struct option_of *options,
                  size_t option_count, const char **arguments, size_t *argument_count, struct err *e) MUST_USE;

/* The configuration, and the lake it names (which must be there unless is_new_fine). */
int app_config(struct app *app, struct config *out, struct err *e) MUST_USE;
int app_lake(struct app *app, bool is_new_fine, struct config *config, struct lake **out, struct err *e) MUST_USE;

/* Print rows of text as an aligned table on stdout: the first row is the head; numbers (cells of digits) stand right. */
struct text_table;
struct text_table *text_table_new(size_t column_count);
struct text_table *text_table_headed(const char *const *heads, size_t count); /* the first row is there */
#define TEXT_TABLE(heads) text_table_headed((heads), sizeof(heads) / sizeof((heads)[0]))
void text_table_cell(struct text_table *t, const char *format, ...) PRINTF(2, 3); /* left to right, then the next row */
void text_table_print(struct text_table *t); /* and frees it */

/* 1234567 -> "1,234,567"; 3500000000 -> "3.3 GiB"; in a static ring of buffers, good for one printf. */
const char *text_count(int64_t n);
const char *text_bytes(int64_t n);

#endif

/* main.c - the top: words to commands, errors to sentences and exit codes, signals to a flag. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "app/command.h"
#include "base/log.h"
#include "os/clock.h"
#include "os/fs.h"

static const struct command *const commands[] = {
	&command_init,   &command_check, &command_ingest,     &command_run,   &command_sql,
	&command_status, &command_table, &command_quarantine, &command_replay, &command_raw, &command_trace, &command_audit, &command_simulate,
	&command_plan,   &command_drift, &command_contract,
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static volatile sig_atomic_t stop;

enum { GRACE_SECONDS = 10 };

/* What is not done within the grace is abandoned: nothing committed is lost by that, and the next start goes on from there. */
static void on_alarm(int number)
{
	static const char text[] = "tarn: error: not done within ten seconds of being asked to stop: abandoned\n";

	(void)number;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(75);
}

/* Ask for an orderly end. A person who interrupts twice means it. */
static void on_signal(int number)
{
	stop = 1;
	(void)alarm(GRACE_SECONDS);
	if (number == SIGINT)
		(void)signal(number, SIG_DFL);
}

static void print_help(FILE *to)
{
	(void)fprintf(to, "tarn " TARN_VERSION " - JSON events to Apache Iceberg tables, exactly once\n\n"
	                  "  tarn init --preset eventsim     write a tarn.yaml to start from\n"
	                  "  tarn ingest                     take what the sources hold now\n"
	                  "  tarn sql \"select count(*) from page_view\"\n\n"
	                  "usage: tarn [--config FILE] COMMAND ...\n\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		(void)fprintf(to, "  %-12s%s\n", commands[i]->word, commands[i]->summary);
	(void)fprintf(to, "  %-12s%s\n\n", "help", "this page, or `tarn help COMMAND`");
	(void)fprintf(to, "Everywhere: --json for machines, --quiet for silence. Data on stdout, talk on stderr.\n");
}

static const struct command *command_find(const char *word)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i]->word, word) == 0)
			return commands[i];
	return NULL;
}

static int unknown_command(const char *word, struct err *e)
{
	const char *best = NULL;
	unsigned    distance = 3;

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		unsigned d = str_distance(str_of(word), str_of(commands[i]->word), distance);

		if (d < distance) {
			distance = d;
			best = commands[i]->word;
		}
	}
	if (best != NULL)
		return err_set(e, ERR_INPUT, "there is no command \"%s\"; did you mean \"%s\"?", word, best);
	return err_set(e, ERR_INPUT, "there is no command \"%s\"; see `tarn help`", word);
}

static int help(int argc, char **argv, struct err *e)
{
	const struct command *c = argc > 1 ? command_find(argv[1]) : NULL;

	if (argc > 1 && c == NULL)
		return unknown_command(argv[1], e);
	if (c != NULL)
		(void)printf("%s", c->usage);
	else
		print_help(stdout);
	return 0;
}

static int dispatch(struct app *app, int argc, char **argv, struct err *e)
{
	const struct command *c;

	for (; argc > 0 && argv[0][0] == '-'; argc--, argv++) {
		if ((strcmp(argv[0], "--config") == 0 || strcmp(argv[0], "-c") == 0) && argc > 1) {
			app->config_file = argv[1];
			argc--, argv++;
		} else if (strcmp(argv[0], "--version") == 0) {
			(void)printf("tarn " TARN_VERSION "\n");
			return 0;
		} else if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
			return help(1, argv, e);
		} else {
			return err_set(e, ERR_INPUT, "unknown option %s before the command; see `tarn help`", argv[0]);
		}
	}
	if (argc == 0) {
		print_help(stderr);
		return 64;
	}
	if (strcmp(argv[0], "help") == 0)
		return help(argc, argv, e);
	if (strcmp(argv[0], "version") == 0) {
		(void)printf("tarn " TARN_VERSION "\n");
		return 0;
	}
	c = command_find(argv[0]);
	return c != NULL ? c->run(app, argc, argv, e) : unknown_command(argv[0], e);
}

int main(int argc, char **argv)
{
	struct app app = {
		.config_file = "tarn.yaml",
		.fs = fs_real(),
		.clock = clock_real(),
		.is_terminal = isatty(STDERR_FILENO) == 1,
		.stop = &stop,
	};
	struct err e = ERR_NONE;
	int        status;

	(void)signal(SIGINT, on_signal);
	(void)signal(SIGTERM, on_signal);
	(void)signal(SIGALRM, on_alarm);
	(void)signal(SIGPIPE, SIG_IGN);
	status = dispatch(&app, argc - 1, argv + 1, &e);
	if (status < 0) {
		log_error("%s", e.text);
		status = err_exit_code(status);
	}
	if (fflush(stdout) != 0 && status == 0)
		status = err_exit_code(ERR_IO);
	return status;
}

/* tarn replay: tables made again from raw, under the configuration as it is now. */
#include <stdio.h>
#include <unistd.h>

#include "app/command.h"
#include "app/progress.h"
#include "app/replay_print.h"
#include "app/replay_rows.h"
#include "base/log.h"
#include "codec/time.h"
#include "os/workers.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_replay = {
	"replay", "tables made again from raw, under the configuration as it is now",
	"  tarn replay --dry-run                    what would differ: rows, columns, types, partitions, refused records\n"
	"  tarn replay --table payment_completed    this table alone\n"
	"  tarn replay --from 2026-11-20 --to 2026-11-21    the files that hold events of that day\n\n"
	"usage: tarn replay [--table NAMES] [--from TIME] [--to TIME] [--dry-run] [--yes]\n\n"
	"Takes the records of the raw segments through the configuration as it is now: envelope, table, partition, columns. Nothing\n"
	"is asked of dedupe again: what was a row is a row, or is refused now and goes to quarantine; repeats stay what they were, and\n"
	"so do refused records (tarn quarantine replay is for those). The tables are built beside the old ones, while readers see\n"
	"those and `tarn run` may go on; then one entry of the journal switches all of them. A replay that is stopped or killed\n"
	"goes on from there when it is started again with the same options and configuration.\n"
	"The switch takes the lane over: a `tarn run` at work waits for it, loads the configuration anew and goes on.\n"
	"--from and --to replay a range of event_time: the data files that hold a row of it are replaced, whole, and all others stay as they\n"
	"are; the report says which times they cover. New columns, another partition and other tables are fine; where a column is to be of\n"
	"another type, or to go, files that stay could not be read, and the whole table has to be replayed.\n"
	"  --table NAMES   only these: a name, a glob ('payment_*'), or several with commas between; may be repeated\n"
	"  --from TIME     events of this time and later: 2026-11-20, 2026-11-20T15:00:00Z; UTC where it names no zone\n"
	"  --to TIME       events before this time\n"
	"  --dry-run       show what it would come to, change nothing\n"
	"  --yes           do it without asking; needed where there is no terminal to ask on\n"
	"  --json          one JSON object\n",
	run,
};

struct replay_options {
	bool is_dry, is_sure;
	str *tables;
	size_t table_count;
	bool has_from, has_to;
	int64_t from_us, to_us;
};

/* "a,b" -> a, b */
static void tables_add(struct replay_options *o, str names)
{
	while (names.len > 0) {
		size_t comma = str_find(names, ',', 0);

		if (comma > 0)
			o->tables[o->table_count++] = str_head(names, comma);
		names = str_from(names, comma + 1);
	}
}

/* An option that may be given more than once. */
static int tables_parse(int argc, char **argv, struct arena *a, struct replay_options *o, struct err *e)
{
	size_t most = 1;

	for (int i = 1; i < argc; i++)
		most += strlen(argv[i]);
	o->tables = ARENA_ARRAY(a, str, most);
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "--table") == 0)
			tables_add(o, str_of(argv[++i]));
	for (size_t i = 0; i < o->table_count; i++)
		if (str_starts(o->tables[i], STR("events.")))
			o->tables[i] = str_from(o->tables[i], strlen("events."));
		else if (str_find(o->tables[i], '.', 0) < o->tables[i].len)
			return err_set(e, ERR_INPUT, "--table " STR_FMT ": only tables of events are made from raw",
			               STR_ARG(str_head(o->tables[i], 200)));
	return 0;
}

static int time_parse_option(const char *name, const char *text, bool *has, int64_t *out, struct err *e)
{
	*has = text != NULL;
	if (text == NULL || time_parse(str_of(text), true, 0, out, NULL, NULL) == TIME_OK)
		return 0;
	return err_set(e, ERR_INPUT, "%s \"%.80s\" is no time: write a day, 2026-11-20, or a time, 2026-11-20T15:00:00Z or "
	               "2026-11-20T15:00:00+02:00", name, text);
}

static int range_parse(const char *from, const char *to, struct replay_options *o, struct err *e)
{
	TRY(time_parse_option("--from", from, &o->has_from, &o->from_us, e));
	TRY(time_parse_option("--to", to, &o->has_to, &o->to_us, e));
	if (o->has_from && o->has_to && o->from_us >= o->to_us)
		return err_set(e, ERR_INPUT, "--from %.80s is not before --to %.80s, and --to is the first time that is not meant: there is "
		               "nothing in between", from, to);
	return 0;
}

static bool can_ask(const struct app *app)
{
	return !app->is_json && app->is_terminal && isatty(STDIN_FILENO) == 1;
}

static bool is_yes(const struct replay_report *r)
{
	char answer[8] = "";

	(void)fprintf(stderr, "Make %s tables again, and switch to them? [y/N] ", text_count((int64_t)r->tables.count));
	(void)fflush(stderr);
	return fgets(answer, sizeof(answer), stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

static int look(struct app *app, struct lake *l, struct workers *w, const struct replay_conf *conf, bool is_asking, struct err *e)
{
	AUTO(replay_report) would = {0};

	TRY(replay_run(l, w, conf, true, &would, e));
	progress_end(conf->progress_context);
	TRY(replay_print(app, &would, true, e));
	if (!is_asking || would.was_switched)
		return is_asking; /* it was said yes to before */
	return would.tables.count > 0 ? is_yes(&would) : 0;
}

static int replay(struct app *app, const struct replay_options *o, struct err *e)
{
	AUTO(config)        config = {0};
	AUTO_PTR(lake)      lake = NULL;
	AUTO_PTR(workers)   workers = NULL;
	AUTO(replay_report) report = {0};
	AUTO(replay_rows)   rows = {.app = app};
	struct progress     progress;
	struct replay_conf  conf;
	bool                is_range = o->has_from || o->has_to;
	int                 status;

	TRY(app_lake(app, false, &config, &lake, e));
	workers = workers_new(0);
	progress_start(&progress, app);
	rows.memory_bytes = config.memory_bytes / 4;
	conf = (struct replay_conf){
		.pipelines = config.pipelines,
		.pipeline_count = config.pipeline_count,
		.base = config.folder,
		.rules = &config.tables,
		.memory_bytes = is_range ? config.memory_bytes / 4 * 3 : config.memory_bytes,
		.fingerprint = config.fingerprint,
		.tables = o->tables,
		.table_count = o->table_count,
		.has_from = o->has_from,
		.has_to = o->has_to,
		.from_us = o->from_us,
		.to_us = o->to_us,
		.reader = {replay_rows_read, &rows},
		.stop = app->stop,
		.progress = progress_replay,
		.progress_context = &progress,
	};
	if (o->is_dry || !o->is_sure) {
		status = look(app, lake, workers, &conf, !o->is_dry, e);
		if (status <= 0)
			return status;
		progress_start(&progress, app);
	}
	status = replay_run(lake, workers, &conf, false, &report, e);
	progress_end(&progress);
	TRY(status);
	return replay_print(app, &report, false, e);
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	struct replay_options  o = {0};
	const char            *table = NULL, *from = NULL, *to = NULL;
	const struct option_of options[] = {
		{"--table", &table, NULL}, {"--from", &from, NULL}, {"--to", &to, NULL},
		{"--dry-run", NULL, &o.is_dry}, {"--yes", NULL, &o.is_sure},
	};
	AUTO(arena)  scratch = ARENA_INIT;
	const char **words = ARENA_ARRAY(&scratch, const char *, argc);
	size_t       count;

	TRY(options_parse(app, &command_replay, argc, argv, options, sizeof(options) / sizeof(options[0]), words, &count, e));
	if (count > 0)
		return err_set(e, ERR_INPUT, "tarn replay takes no argument \"%.200s\": tables are named with --table", words[0]);
	TRY(tables_parse(argc, argv, &scratch, &o, e));
	TRY(range_parse(from, to, &o, e));
	if (!o.is_dry && !o.is_sure && !can_ask(app))
		return err_set(e, ERR_INPUT, "tables would be made again: --yes does it, --dry-run shows what it would come to");
	return replay(app, &o, e);
}

/* tarn ingest and tarn run: the same pump, once or for ever.
 *
 * A `tarn run` has as many lives as replays switch its tables, and one more: each opens everything anew. */
#include <stdio.h>

#include "app/command.h"
#include "app/profile_show.h"
#include "app/progress.h"
#include "base/log.h"
#include "ingest/contract_tables.h"
#include "ingest/pump.h"
#include "ingest/replay_wait.h"
#include "os/clock.h"
#include "os/profile.h"
#include "os/watch.h"
#include "os/workers.h"

static int run_ingest(struct app *app, int argc, char **argv, struct err *e);
static int run_run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_ingest = {
	"ingest", "take all that the sources, or FILES, hold now, once",
	"  tarn ingest                            take what the configured sources hold\n"
	"  tarn ingest --json events/*.json.gz    take these files, print one JSON object\n\n"
	"usage: tarn ingest [--pipeline NAME] [--workers N] [--profile] [FILES...]\n\n"
	"A file already taken whole is skipped; one that grew is taken from where it stopped.\n"
	"  --pipeline NAME   the pipeline that FILES go through, where there are several\n"
	"  --workers N       threads (default: one a core)\n"
	"  --profile         where the time went: cycles per byte of input by stage, of all threads\n"
	"  --json            one JSON object with the counts on the last line of stdout\n",
	run_ingest,
};

const struct command command_run = {
	"run", "follow the sources for ever",
	"  tarn run                               follow folders and growing files until stopped\n"
	"  tarn run --once                        the same as tarn ingest\n\n"
	"usage: tarn run [--once] [--pipeline NAME] [--workers N]\n\n"
	"Ends in good order on SIGINT or SIGTERM: what was read is committed. Where a `tarn replay` switches its tables it waits,\n"
	"loads the configuration anew and goes on; where any other writer takes over it ends with exit code 75.\n",
	run_run,
};

/* --- what is printed at the end ------------------------------------------------------------ */

static void print_json(const struct pump_report *r)
{
	AUTO(buf) b = BUF(0);

	buf_print(&b,
	          "{\"records\": %lld, \"rows\": %lld, \"duplicates\": %lld, \"conflicts\": %lld, \"quarantined\": %lld, "
	          "\"blank_lines\": %lld, \"files\": {\"taken\": %llu, \"skipped\": %llu}, \"files_passed_over\": %llu, \"files_unread\": %llu, \"commits\": %lld, "
	          "\"files_written\": %lld, \"bytes_read\": %llu, \"bytes_written\": %lld, \"reasons\": {",
	          (long long)r->records, (long long)r->rows, (long long)r->duplicates, (long long)r->conflicts,
	          (long long)r->quarantined, (long long)r->blank_lines, (unsigned long long)r->files_taken,
	          (unsigned long long)r->files_skipped, (unsigned long long)r->files_passed_over,
	          (unsigned long long)r->files_unread, (long long)r->commits, (long long)r->files_written,
	          (unsigned long long)r->bytes_read, (long long)r->bytes_written);
	for (size_t i = 0; i < r->reasons.count; i++)
		buf_print(&b, "%s\"%s\": %lld", i ? ", " : "", r->reasons.at[i].code, (long long)r->reasons.at[i].count);
	buf_add(&b, STR("}, \"tables\": {"));
	for (size_t i = 0; i < r->tables.count; i++) {
		const struct pump_table *t = &r->tables.at[i];

		buf_add(&b, i ? STR(", ") : STR(""));
		buf_json(&b, t->name);
		buf_print(&b, ": {\"rows\": %lld, \"drifted\": %lld, \"over_budget\": %lld, \"lossy\": %lld}", (long long)t->rows,
		          (long long)t->drifted, (long long)t->over_budget, (long long)t->lossy);
	}
	buf_add(&b, STR("}"));
	if (profile_is_on) {
		buf_add(&b, STR(", \"profile\": "));
		profile_json(r->bytes_read, &b);
	}
	buf_add(&b, STR("}\n"));
	(void)fwrite(b.ptr, 1, b.len, stdout);
}

static void print_tables(const struct pump_report *r)
{
	size_t shown = 0;

	for (size_t i = 0; i < r->tables.count && shown < 12; i++) {
		if (r->tables.at[i].rows == 0)
			continue;
		(void)fprintf(stderr, "    %-40.*s %14s\n", STR_ARG(r->tables.at[i].name), text_count(r->tables.at[i].rows));
		shown++;
	}
	if (r->tables.count > shown && shown == 12)
		(void)fprintf(stderr, "    ... and %zu more (tarn table ls)\n", r->tables.count - shown);
}

/* What went to _extra for want of a column: the tables with most of it, and how many more there are. */
static void print_drift(const struct pump_report *r)
{
	int64_t values = 0, lossy = 0;
	size_t  tables = 0;

	for (size_t i = 0; i < r->tables.count; i++) {
		const struct pump_table *t = &r->tables.at[i];

		values += t->drifted + t->over_budget;
		lossy += t->lossy;
		tables += t->drifted + t->over_budget > 0;
	}
	if (lossy > 0)
		log_warn("%s numbers were too small for a double: they are held as 0", text_count(lossy));
	if (tables == 0)
		return;
	log_warn("%s values of %zu tables did not fit their column, or found none within the budget: they are in _extra",
	         text_count(values), tables);
	for (size_t i = 0, shown = 0; i < r->tables.count && shown < 5; i++) {
		const struct pump_table *t = &r->tables.at[i];

		if (t->drifted + t->over_budget == 0)
			continue;
		shown++;
		log_warn("  " STR_FMT ": %s of another type, %s over the budget", STR_ARG(t->name), text_count(t->drifted),
		         text_count(t->over_budget));
	}
	if (tables > 5)
		log_warn("  ... and %zu more tables", tables - 5);
	log_warn("see which, and the contract that would hold them: tarn drift");
}

static void print_summary(const struct pump_report *r, double seconds)
{
	(void)fprintf(stderr, "\n  %s records = %s rows + %s duplicates + %s conflicts + %s quarantined\n",
	              text_count(r->records), text_count(r->rows), text_count(r->duplicates), text_count(r->conflicts),
	              text_count(r->quarantined));
	print_tables(r);
	(void)fprintf(stderr, "  files: %llu taken, %llu skipped; %s read, %s written as %s Parquet files in %s commits\n",
	              (unsigned long long)r->files_taken, (unsigned long long)r->files_skipped,
	              text_bytes((int64_t)r->bytes_read), text_bytes(r->bytes_written), text_count(r->files_written),
	              text_count(r->commits));
	(void)fprintf(stderr, "  %.2f s, %s records/s\n\n", seconds,
	              text_count(seconds > 0 ? (int64_t)((double)r->records / seconds) : 0));
	if (r->files_passed_over > 0)
		(void)fprintf(stderr, "  %s files were passed over: unfinished (.part), outside the pattern's folder, or with a name that is not text\n\n",
		              text_count((int64_t)r->files_passed_over));
	for (size_t i = 0; i < r->reasons.count; i++)
		(void)fprintf(stderr, "  quarantined: %-24s %s\n", r->reasons.at[i].code, text_count(r->reasons.at[i].count));
	if (r->quarantined > 0)
		(void)fprintf(stderr, "  see them with: tarn quarantine ls\n\n");
	print_drift(r);
}

/* --- what hangs ---------------------------------------------------------------------------- */

enum {
	PATIENCE_US = 30000000,
	REPLAY_PATIENCE_US = 30000000, /* for an entry of a replay at its switch: it has little left to do by then */
};

static void say_hanging(void *context, const char *doing, int64_t seconds)
{
	(void)context;
	log_warn("%s has taken %lld s so far; still waiting (Ctrl-C stops, and loses nothing committed)", doing,
	         (long long)seconds);
}

/* --- the commands -------------------------------------------------------------------------- */

struct ingest_options {
	const char  *pipeline, *workers;
	bool         is_once, is_following, is_profiled;
	size_t       worker_count; /* 0: one a core */
	const char **files;
	size_t       file_count;
};

/* The configuration as it is now, with what the command line says of it. */
static int load(struct app *app, const struct ingest_options *o, struct config *out, struct err *e)
{
	config_done(out);
	TRY(app_config(app, out, e));
	if (o->file_count > 0 || o->pipeline != NULL)
		TRY(config_take_files(out, str_of(o->pipeline), (char *const *)o->files, o->file_count, e));
	for (size_t i = 0; i < out->pipeline_count; i++)
		out->pipelines[i].source.is_following = o->is_following;
	return 0;
}

/* One life: from opening the lake to the end, or to where another writer takes over. */
static int live(struct app *app, const struct ingest_options *o, struct config *config, struct pump_report *report, struct err *e)
{
	AUTO_PTR(lake)    lake = NULL;
	AUTO_PTR(workers) workers = NULL;
	struct progress   progress;
	struct pump_conf  conf = {
		.pipelines = config->pipelines,
		.pipeline_count = config->pipeline_count,
		.base = config->folder,
		.is_following = o->is_following,
		.stop = app->stop,
		.commit_us = config->commit_us,
		.memory_bytes = config->memory_bytes,
		.rules = &config->tables,
		.is_by_hand = o->file_count > 0,
	};
	int               status;

	TRY(lake_open_dir(app->fs, app->clock, config->lake, true, &lake, e));
	TRY(contract_tables_check(lake, STR("0"), config->pipelines, config->pipeline_count, e));
	workers = workers_new(o->worker_count);
	progress_start(&progress, app);
	if (o->is_following && !app->is_quiet)
		log_info("following the sources of %zu pipelines; stop with Ctrl-C", config->pipeline_count);
	conf.watch = watch_new(PATIENCE_US, say_hanging, NULL);
	status = pump_run(lake, app->fs, workers, &conf, progress_pump, &progress, report, e);
	watch_free(conf.watch);
	progress_end(&progress);
	return status;
}

/* Another writer has the lane from entry head + 1 on. 1: it was a replay, and there is one more life, with the configuration that goes
 * with the tables; 0: it was one, and we are told to stop; else ERR_CONFLICT stays what it is. */
static int wait_for_replay(struct app *app, const struct ingest_options *o, struct config *config, uint64_t head, struct err *e)
{
	AUTO_PTR(lake)  lake = NULL;
	struct err      why = *e;
	bool            is_replay;
	enum replay_end end;

	TRY(lake_open_dir(app->fs, app->clock, config->lake, false, &lake, e));
	TRY(replay_has_lane(lake, head, &is_replay, e));
	if (!is_replay) {
		*e = why;
		return e->class;
	}
	log_info("a replay switches its tables; going on when it is done");
	TRY(replay_wait(lake, head, REPLAY_PATIENCE_US, app->stop, &end, e));
	if (end == REPLAY_REPLACED) {
		*e = why;
		return e->class;
	}
	if (end == REPLAY_STALLED)
		log_warn("nothing was heard of the replay for %d s: going on without its switch. Start it again, and it goes on where it was",
		         REPLAY_PATIENCE_US / 1000000);
	else if (end == REPLAY_STOPPED)
		log_info("stopped while the replay had the lake: what was read and not yet committed is taken by the next start");
	*e = ERR_NONE;
	if (end == REPLAY_SWITCHED)
		TRY(load(app, o, config, e));
	return end != REPLAY_STOPPED;
}

static void print_report(const struct app *app, const struct pump_report *report, int64_t started_us)
{
	if (!app->is_quiet && !app->is_json)
		print_summary(report, (double)(clock_mono_us(app->clock) - started_us) / 1e6);
	else if (!app->is_quiet)
		print_drift(report);
	if (app->is_json)
		print_json(report);
	else if (profile_is_on)
		profile_print(report->bytes_read);
}

static int pump(struct app *app, const struct ingest_options *o, struct err *e)
{
	AUTO(config)      config = {0};
	AUTO(pump_report) report = {0};
	int64_t           started_us = clock_mono_us(app->clock);
	int               status, again;

	TRY(load(app, o, &config, e));
	if (o->is_profiled)
		profile_start();
	status = live(app, o, &config, &report, e);
	while (status == ERR_CONFLICT && o->is_following) {
		again = wait_for_replay(app, o, &config, report.head, e);
		if (again <= 0)
			return again;
		started_us = clock_mono_us(app->clock); /* the report is of one life */
		report.head = 0;
		status = live(app, o, &config, &report, e);
	}
	if (status < 0 && report.files_unread == 0)
		return status;
	print_report(app, &report, started_us);
	if (status < 0)
		return status;
	if (*app->stop && !o->is_following) {
		log_warn("stopped before the end: what was read is in the lake, and the next start goes on from there");
		return err_exit_code(ERR_BUSY);
	}
	return 0;
}

static int parse_and_pump(struct app *app, const struct command *c, bool is_following, int argc, char **argv,
                          struct err *e)
{
	struct ingest_options  o = {0};
	const struct option_of options[] = {
		{"--pipeline", &o.pipeline, NULL}, {"--workers", &o.workers, NULL}, {"--once", NULL, &o.is_once},
		{"--profile", NULL, &o.is_profiled}};
	AUTO(arena) scratch = ARENA_INIT;
	int64_t     count = 0;

	o.files = ARENA_ARRAY(&scratch, const char *, argc);
	TRY(options_parse(app, c, argc, argv, options, sizeof(options) / sizeof(options[0]), o.files, &o.file_count, e));
	if (is_following && o.file_count > 0)
		return err_set(e, ERR_INPUT, "tarn run follows the configured sources; FILES are for tarn ingest");
	if (o.workers != NULL && (!str_to_i64(str_of(o.workers), &count) || count < 1 || count > 256))
		return err_set(e, ERR_INPUT, "--workers wants a number from 1 to 256");
	o.worker_count = (size_t)count;
	o.is_following = is_following && !o.is_once;
	return pump(app, &o, e);
}

static int run_ingest(struct app *app, int argc, char **argv, struct err *e)
{
	return parse_and_pump(app, &command_ingest, false, argc, argv, e);
}

static int run_run(struct app *app, int argc, char **argv, struct err *e)
{
	return parse_and_pump(app, &command_run, true, argc, argv, e);
}

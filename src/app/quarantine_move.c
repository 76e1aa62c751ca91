/* tarn quarantine replay and drop: what would become of the records is looked at first, changing
 * nothing, and shown; then it is done, where one is sure. */
#include <stdio.h>
#include <unistd.h>

#include "app/plain.h"
#include "app/quarantine.h"
#include "app/reply.h"
#include "base/log.h"
#include "os/workers.h"
#include "query/engine.h"

/* --- showing ------------------------------------------------------------------------------- */

static void causes_json(struct reply *r, const struct quarantine_group *g)
{
	reply_open(r, "refused", '{');
	for (enum reason i = 1; i < REASON_COUNT; i++)
		if (g->refused_for[i] > 0)
			reply_number(r, reason_code(i), g->refused_for[i]);
	reply_close(r, '}');
	reply_open(r, "cannot", '{');
	for (enum cannot i = 0; i < CANNOT_COUNT; i++)
		if (g->cannot_for[i] > 0)
			reply_number(r, cannot_code(i), g->cannot_for[i]);
	reply_close(r, '}');
}

static int report_json(const struct quarantine_report *report, bool is_drop, bool is_dry, struct err *e)
{
	AUTO(reply) r = {0};

	reply_open(&r, NULL, '{');
	reply_flag(&r, "dry_run", is_dry);
	reply_number(&r, "leaving", report->leaving);
	if (report->entry > 0)
		reply_number(&r, "entry", (int64_t)report->entry);
	else
		reply_null(&r, "entry");
	reply_open(&r, "groups", '[');
	for (size_t i = 0; i < report->groups.count; i++) {
		const struct quarantine_group *g = &report->groups.at[i];

		reply_open(&r, NULL, '{');
		reply_text(&r, "pipeline", g->pipeline);
		reply_text(&r, "reason", g->reason);
		reply_number(&r, "records", g->records);
		if (is_drop) {
			reply_number(&r, "dropped", g->dropped);
		} else {
			reply_number(&r, "rows", g->rows);
			reply_number(&r, "duplicates", g->duplicates);
			reply_number(&r, "conflicts", g->conflicts);
			causes_json(&r, g);
		}
		reply_close(&r, '}');
	}
	reply_close(&r, ']');
	reply_close(&r, '}');
	return reply_print(&r, e);
}

/* "time.range 3, id.missing 1" */
static str refused_for(const struct quarantine_group *g, struct arena *a)
{
	AUTO(buf) b = BUF(0);

	for (enum reason i = 1; i < REASON_COUNT; i++)
		if (g->refused_for[i] > 0)
			buf_print(&b, "%s%s %s", b.len > 0 ? ", " : "", reason_code(i), text_count(g->refused_for[i]));
	return arena_str(a, buf_str(&b));
}

static void replay_text(const struct quarantine_report *report, bool is_dry)
{
	const char *const  heads[] = {"pipeline", "reason", "records", is_dry ? "would pass" : "passed", "duplicates",
	                              "conflicts", "cannot be replayed", "still refused", "for"};
	struct text_table *t = TEXT_TABLE(heads);
	AUTO(arena)        a = ARENA_INIT;
	int64_t            cannot[CANNOT_COUNT] = {0};

	for (size_t i = 0; i < report->groups.count; i++) {
		const struct quarantine_group *g = &report->groups.at[i];

		text_table_cell(t, "%s", plain_text(&a, g->pipeline));
		text_table_cell(t, "%s", plain_text(&a, g->reason));
		text_table_cell(t, "%s", text_count(g->records));
		text_table_cell(t, "%s", text_count(g->rows));
		text_table_cell(t, "%s", text_count(g->duplicates));
		text_table_cell(t, "%s", text_count(g->conflicts));
		text_table_cell(t, "%s", text_count(g->cannot));
		text_table_cell(t, "%s", text_count(g->refused));
		text_table_cell(t, STR_FMT, STR_ARG(refused_for(g, &a)));
		for (enum cannot c = 0; c < CANNOT_COUNT; c++)
			cannot[c] += g->cannot_for[c];
	}
	text_table_print(t);
	(void)fflush(stdout);
	for (enum cannot c = 0; c < CANNOT_COUNT; c++)
		if (cannot[c] > 0)
			log_info("%s cannot be replayed: %s", text_count(cannot[c]), cannot_words(c));
}

static void drop_text(const struct quarantine_report *report)
{
	static const char *const heads[] = {"pipeline", "reason", "records"};
	struct text_table       *t = TEXT_TABLE(heads);
	AUTO(arena)              a = ARENA_INIT;

	for (size_t i = 0; i < report->groups.count; i++) {
		const struct quarantine_group *g = &report->groups.at[i];

		text_table_cell(t, "%s", plain_text(&a, g->pipeline));
		text_table_cell(t, "%s", plain_text(&a, g->reason));
		text_table_cell(t, "%s", text_count(g->records));
	}
	text_table_print(t);
	(void)fflush(stdout);
}

static int report_print(const struct app *app, const struct quarantine_report *r, bool is_drop, bool is_dry,
                        struct err *e)
{
	if (app->is_json)
		return report_json(r, is_drop, is_dry, e);
	if (r->groups.count > 0 && is_drop)
		drop_text(r);
	else if (r->groups.count > 0)
		replay_text(r, is_dry);
	return 0;
}

static void say_done(const struct app *app, const struct quarantine_report *r, bool is_drop)
{
	int64_t rows = 0, repeats = 0, staying = 0;

	for (size_t i = 0; i < r->groups.count; i++) {
		rows += r->groups.at[i].rows;
		repeats += r->groups.at[i].duplicates + r->groups.at[i].conflicts;
		staying += r->groups.at[i].refused + r->groups.at[i].cannot;
	}
	if (app->is_quiet)
		return;
	if (is_drop)
		log_info("entry %llu: %s records are dropped", (unsigned long long)r->entry, text_count(r->leaving));
	else
		log_info("entry %llu: %s rows, %s repeats; %s records stay in quarantine",
		         (unsigned long long)r->entry, text_count(rows), text_count(repeats), text_count(staying));
}

/* --- being sure ---------------------------------------------------------------------------- */

static bool is_yes(const struct quarantine_report *r, bool is_drop)
{
	char answer[8] = "";

	(void)fprintf(stderr, is_drop ? "Drop these %s records for good? [y/N] " : "Take %s records out of quarantine? [y/N] ",
	              text_count(r->leaving));
	(void)fflush(stderr);
	return fgets(answer, sizeof(answer), stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

/* 1: go on; 0: what was asked for is shown, and that is all. */
static int decide(const struct app *app, const struct quarantine_report *r, bool is_drop,
                  const struct quarantine_asked *asked, struct err *e)
{
	bool is_only_look = asked->is_dry || r->leaving == 0;

	if (is_only_look || !asked->is_sure)
		TRY(report_print(app, r, is_drop, true, e));
	if (is_only_look) {
		if (r->leaving == 0 && !app->is_quiet)
			log_info("nothing %s leave quarantine", asked->is_dry ? "would" : "will");
		return 0;
	}
	if (r->is_held)
		return err_set(e, ERR_BUSY, QUARANTINE_HELD);
	if (asked->is_sure)
		return 1;
	if (app->is_json || !app->is_terminal || isatty(STDIN_FILENO) != 1)
		return err_set(e, ERR_INPUT, "%s records would leave quarantine: --yes does it, --dry-run only shows it",
		               text_count(r->leaving));
	return is_yes(r, is_drop);
}

/* --- the two ------------------------------------------------------------------------------- */

typedef int move_fn(struct lake *l, struct workers *w, const struct quarantine_conf *conf, bool is_dry,
                    struct quarantine_report *out, struct err *e);

int quarantine_move(const struct app *app, const struct config *config, struct lake *l, bool is_drop,
                    const struct quarantine_asked *asked, struct err *e)
{
	const struct engine_conf engine_conf = {app->clock, config->memory_bytes / 2, 0, app->stop};
	move_fn                 *move = is_drop ? quarantine_drop : quarantine_replay;
	AUTO(quarantine_report)  would = {0};
	AUTO(quarantine_report)  done = {0};
	AUTO_PTR(engine)         engine = NULL;
	AUTO_PTR(workers)        workers = workers_new(0);
	struct quarantine_rows   rows = {.asked = asked};
	struct quarantine_conf   conf = {
		.pipelines = config->pipelines,
		.pipeline_count = config->pipeline_count,
		.base = config->folder,
		.rules = &config->tables,
		.memory_bytes = config->memory_bytes / 2,
		.stop = app->stop,
		.reader = {quarantine_rows_read, &rows},
	};
	int is_wanted;

	TRY(engine_open(&engine_conf, &engine, e));
	rows.engine = engine;
	TRY(move(l, workers, &conf, true, &would, e));
	is_wanted = decide(app, &would, is_drop, asked, e);
	if (is_wanted <= 0)
		return is_wanted;
	TRY(move(l, workers, &conf, false, &done, e));
	if (asked->is_sure)
		TRY(report_print(app, &done, is_drop, false, e));
	if (!app->is_json)
		say_done(app, &done, is_drop);
	return 0;
}

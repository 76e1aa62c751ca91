/* tarn drift: values that their columns could not hold, and what contract would hold them. From the tables alone. */
#include <stdio.h>

#include "app/command.h"
#include "app/drift.h"
#include "app/plain.h"
#include "app/reply.h"
#include "base/log.h"
#include "query/views.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_drift = {
	"drift", "values that fit no column, and the contract that would hold them",
	"  tarn drift                     every table with values in _extra that did not fit their column\n"
	"  tarn drift push_event --json   one table, for machines: all that stands in _extra, and why\n\n"
	"usage: tarn drift [TABLE]\n\n"
	"A member is listed where its values are of another type than its column (why: type), or found no column within\n"
	"the limits of the pipeline (why: budget); with how many, the event times of the first and the last, an example,\n"
	"and the schema whose column would hold all of them. Declare that under `contracts` (`tarn contract infer NAME`\n"
	"writes the whole contract) and rebuild the table: `tarn replay --table TABLE`.\n"
	"  --json    one JSON object; also members in _extra for their name, their spelling, or for being empty\n",
	run,
};

static const char *const words[DRIFT_WHYS] = {"type", "budget", "name", "spelling", "empty"};

static bool is_drift(const struct drift_place *p)
{
	return p->why == DRIFT_TYPE || p->why == DRIFT_BUDGET;
}

/* --- for machines -------------------------------------------------------------------------- */

static void place_json(struct reply *r, const struct drift_place *p)
{
	reply_open(r, NULL, '{');
	reply_text(r, "pointer", p->pattern);
	reply_text(r, "why", str_of(words[p->why]));
	if (p->field != NULL)
		reply_text(r, "column", str_of(type_name(p->field->type)));
	else
		reply_null(r, "column");
	reply_number(r, "values", p->values);
	reply_time(r, "first", p->first_us);
	reply_time(r, "last", p->last_us);
	reply_open(r, "examples", '[');
	for (unsigned i = 0; i < p->example_count; i++)
		reply_text(r, NULL, p->examples[i]);
	reply_close(r, ']');
	if (is_drift(p))
		reply_text(r, "contract", str_of(drift_rule(p)));
	reply_close(r, '}');
}

static void table_json(struct reply *r, const struct table_name *t, const struct drift *d)
{
	reply_open(r, NULL, '{');
	reply_text(r, "table", t->full);
	reply_number(r, "drifted", d->values[DRIFT_TYPE]);
	reply_number(r, "over_budget", d->values[DRIFT_BUDGET]);
	reply_number(r, "unlisted", d->unlisted);
	reply_open(r, "members", '[');
	for (size_t i = 0; i < d->at.count; i++)
		place_json(r, &d->at.at[i]);
	reply_close(r, ']');
	reply_close(r, '}');
}

/* --- for people ---------------------------------------------------------------------------- */

static void heads_text(struct text_table *t)
{
	static const char *const heads[] = {"table", "member", "column", "why",      "values",
	                                    "first", "last",   "e.g.",   "contract"};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		text_table_cell(t, "%s", heads[i]);
}

static void place_text(struct text_table *out, const struct table_name *t, const struct drift_place *p, struct arena *a)
{
	text_table_cell(out, STR_FMT, STR_ARG(t->name));
	text_table_cell(out, "%s", plain_text(a, p->pattern));
	text_table_cell(out, "%s", drift_column(p));
	text_table_cell(out, "%s", words[p->why]);
	text_table_cell(out, "%s", text_count(p->values));
	text_table_cell(out, "%s", plain_time(a, p->first_us));
	text_table_cell(out, "%s", plain_time(a, p->last_us));
	text_table_cell(out, "%s", plain_text(a, str_head(p->examples[0], 40)));
	text_table_cell(out, "%s", drift_rule(p));
}

/* --- the command --------------------------------------------------------------------------- */

struct showing {
	struct reply       reply;
	struct text_table *text;
	struct arena       arena;
	int64_t            listed, unlisted;
};

static void showing_done(struct showing *s)
{
	reply_done(&s->reply);
	arena_done(&s->arena);
}

AUTO_DEFINE(showing, showing_done)

static int take_table(const struct app *app, struct lake *l, struct views *v, const struct table_name *t,
                      struct showing *s, struct err *e)
{
	AUTO(scan)  scan = {0};
	AUTO(drift) d = {0};

	TRY(lake_scan(l, t->space, t->name, NULL, &scan, e));
	TRY(drift_read(v, t, &scan, STR(""), &d, e));
	s->unlisted += d.unlisted;
	if (app->is_json && d.at.count > 0)
		table_json(&s->reply, t, &d);
	for (size_t i = 0; !app->is_json && i < d.at.count; i++) {
		if (!is_drift(&d.at.at[i]))
			continue;
		if (s->listed++ == 0)
			heads_text(s->text);
		place_text(s->text, t, &d.at.at[i], &s->arena);
	}
	return 0;
}

static int take_all(const struct app *app, struct lake *l, struct views *v, const char *name, struct showing *s,
                    struct err *e)
{
	struct table_name *tables;
	size_t             count = 1;

	if (name != NULL) {
		tables = ARENA_NEW(&s->arena, struct table_name);
		TRY(tables_find(l, str_of(name), &s->arena, tables, e));
	} else {
		TRY(tables_all(l, &s->arena, &tables, &count, e));
	}
	for (size_t i = 0; i < count; i++)
		if (name != NULL || str_eq(tables[i].space, STR("events")))
			TRY(take_table(app, l, v, &tables[i], s, e));
	return 0;
}

static void say_what_next(const struct showing *s)
{
	if (s->listed == 0)
		log_info("no drift: every value of a type has a column that holds it");
	else
		log_info("declare them under `contracts` (`tarn contract infer NAME`), then `tarn replay --table TABLE`");
	if (s->unlisted > 0)
		log_warn("%s values of more members are not listed: a table lists %d", text_count(s->unlisted), DRIFT_PLACES);
}

static int answer(struct app *app, struct lake *l, const struct config *config, const char *name, struct showing *s,
                  struct err *e)
{
	const struct engine_conf conf = {app->clock, config->memory_bytes, 0, app->stop};
	AUTO_PTR(engine)         engine = NULL;
	AUTO_PTR(views)          views = NULL;

	TRY(engine_open(&conf, &engine, e));
	TRY(views_new(engine, l, &views, e));
	return take_all(app, l, views, name, s, e);
}

static int show(struct app *app, struct lake *l, const struct config *config, const char *name, struct err *e)
{
	AUTO(showing) s = {.text = text_table_new(9)};
	int           status;

	reply_open(&s.reply, NULL, '{');
	reply_open(&s.reply, "tables", '[');
	status = answer(app, l, config, name, &s, e);
	text_table_print(s.text); /* whatever came of it: what is in it is true */
	TRY(status);
	reply_close(&s.reply, ']');
	reply_close(&s.reply, '}');
	if (app->is_json)
		return reply_print(&s.reply, e);
	if (!app->is_quiet)
		say_what_next(&s);
	return 0;
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	AUTO(config)   config = {0};
	AUTO_PTR(lake) lake = NULL;
	AUTO(arena)    scratch = ARENA_INIT;
	const char   **names = ARENA_ARRAY(&scratch, const char *, argc);
	size_t         count;

	TRY(options_parse(app, &command_drift, argc, argv, NULL, 0, names, &count, e));
	if (count > 1)
		return err_set(e, ERR_INPUT, "tarn drift takes the name of one table, or none for all");
	TRY(app_lake(app, false, &config, &lake, e));
	return show(app, lake, &config, count > 0 ? names[0] : NULL, e);
}

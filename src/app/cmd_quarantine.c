/* tarn quarantine: the records that were refused, and why. What they hold was never judged good: nothing of it
 * reaches a terminal but through plain_text. */
#include <stdio.h>

#include "app/ask.h"
#include "app/plain.h"
#include "app/quarantine.h"
#include "app/reply.h"
#include "app/tables.h"
#include "base/log.h"
#include "codec/sha256.h"
#include "codec/utf8.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_quarantine = {
	"quarantine", "the records that were refused, and why: ls, show, replay, drop",
	"  tarn quarantine ls                              by pipeline and reason: how many, when, an example\n"
	"  tarn quarantine show --reason time.missing      the records themselves, newest first\n"
	"  tarn quarantine replay --dry-run                what they would come to under the configuration as it is now\n\n"
	"usage: tarn quarantine ls|show|replay|drop [--reason GLOB] [--pipeline NAME] [--since TIME]\n"
	"                                           [--until TIME] [--limit N] [--dry-run] [--yes]\n\n"
	"Records are shown as received. In text, control characters and bytes that are not UTF-8 stand as \\xNN.\n"
	"replay takes records through their pipeline once more, as it is configured now: those that pass become\n"
	"rows of their tables, repeats are counted as duplicates, those that still fail stay as they are. drop\n"
	"takes records out for good, and counts them. Either is one entry of the journal: all of it, or nothing.\n"
	"Both take the lane over: a `tarn run` at work ends with exit code 75, and is to be started again. While\n"
	"it has rows that wait for their file nothing is done: stop it first.\n"
	"  --reason GLOB     only those refused for this reason: time.missing, 'time.*'\n"
	"  --pipeline NAME   only those of this pipeline\n"
	"  --since TIME      only those refused at this time or later: 2025-03-01, 2025-03-01T12:00:00Z\n"
	"  --until TIME      only those refused before this time\n"
	"  --limit N         show: at most so many (default: 20)\n"
	"  --dry-run         replay, drop: show what would become of them, change nothing\n"
	"  --yes             replay, drop: do it without asking; needed where there is no terminal to ask on\n"
	"  --json            one JSON object; a record is \"record\" where it is UTF-8, else \"record_base64\"\n",
	run,
};

enum { LIMIT_DEFAULT = 20 };

/* --- asking -------------------------------------------------------------------------------- */

static void add_source(struct buf *sql, const struct quarantine_asked *asked)
{
	buf_add(sql, STR(" FROM tarn.quarantine"));
	quarantine_where(asked, sql);
}

/* `v` NULL: no record was ever refused, and there are no rows. */
static int ask_some(struct views *v, const struct buf *sql, ask_fn *each, void *context, struct err *e)
{
	return v != NULL ? ask(v, buf_str(sql), each, context, e) : 0;
}

/* --- ls ------------------------------------------------------------------------------------ */

struct group {
	str     pipeline, reason, example;
	int64_t count, first_us, last_us;
};

struct groups {
	VEC_OF(struct group);
	struct arena arena; /* owns the texts */
};

static void groups_done(struct groups *g)
{
	VEC_DONE(g);
	arena_done(&g->arena);
}

AUTO_DEFINE(groups, groups_done)

static int take_group(void *context, const struct answer *answer, size_t row, struct err *e)
{
	struct groups *groups = context;
	struct arena  *a = &groups->arena;

	(void)e;
	*VEC_ADD(groups) = (struct group){
		.pipeline = ask_cell(answer, 0, row, a),
		.reason = ask_cell(answer, 1, row, a),
		.example = ask_cell(answer, 2, row, a),
		.count = ask_number(answer, 3, row),
		.first_us = ask_number(answer, 4, row),
		.last_us = ask_number(answer, 5, row),
	};
	return 0;
}

static int groups_json(const struct groups *groups, struct err *e)
{
	AUTO(reply) r = {0};

	reply_open(&r, NULL, '{');
	reply_open(&r, "groups", '[');
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *g = &groups->at[i];

		reply_open(&r, NULL, '{');
		reply_text(&r, "pipeline", g->pipeline);
		reply_text(&r, "reason", g->reason);
		reply_number(&r, "count", g->count);
		reply_time(&r, "first", g->first_us);
		reply_time(&r, "last", g->last_us);
		reply_text(&r, "example", g->example);
		reply_close(&r, '}');
	}
	reply_close(&r, ']');
	reply_close(&r, '}');
	return reply_print(&r, e);
}

static void groups_text(const struct groups *groups, struct arena *a)
{
	static const char *const heads[] = {"pipeline", "reason", "records", "first", "last", "example"};
	struct text_table       *t = TEXT_TABLE(heads);

	for (size_t i = 0; i < groups->count; i++) {
		const struct group *g = &groups->at[i];

		text_table_cell(t, "%s", plain_text(a, g->pipeline));
		text_table_cell(t, "%s", plain_text(a, g->reason));
		text_table_cell(t, "%s", text_count(g->count));
		text_table_cell(t, "%s", plain_time(a, g->first_us));
		text_table_cell(t, "%s", plain_time(a, g->last_us));
		text_table_cell(t, "%s", plain_text(a, g->example));
	}
	text_table_print(t);
}

static void say_nothing(const struct quarantine_asked *asked)
{
	bool is_some = asked->reason.len + asked->pipeline.len > 0 || asked->has_since || asked->has_until;

	log_info("nothing%s is in quarantine", is_some ? " of that kind" : "");
}

static int list(const struct app *app, struct views *v, const struct quarantine_asked *asked, struct err *e)
{
	AUTO(groups) groups = {0};
	AUTO(buf)    sql = BUF(0);

	buf_add(&sql, STR("SELECT pipeline, reason, first(source_position ORDER BY quarantined_at DESC, "
	                  "source_position), count(*), epoch_us(min(quarantined_at)), epoch_us(max(quarantined_at))"));
	add_source(&sql, asked);
	buf_add(&sql, STR(" GROUP BY pipeline, reason ORDER BY pipeline, count(*) DESC, reason"));
	TRY(ask_some(v, &sql, take_group, &groups, e));
	if (app->is_json)
		return groups_json(&groups, e);
	if (groups.count > 0)
		groups_text(&groups, &groups.arena);
	else if (!app->is_quiet)
		say_nothing(asked);
	return 0;
}

/* --- show ---------------------------------------------------------------------------------- */

enum column { AT, PIPELINE, REASON, POINTER, MESSAGE, POSITION, OFFSET, BYTES, VERSION, RECORD, COLUMN_COUNT };

struct shown {
	str     texts[COLUMN_COUNT]; /* ptr NULL: null */
	int64_t at_us;
	str     record;              /* as received */
};

/* Newest first; those of one moment as they stood in their source, whose position ends with a byte offset. */
static void add_show(struct buf *sql, const struct quarantine_asked *asked)
{
	buf_add(sql, STR("SELECT epoch_us(quarantined_at), pipeline, reason, pointer, message, source_position, "
	                 "byte_offset, record_bytes, tarn_version, record"));
	add_source(sql, asked);
	buf_add(sql, STR(" ORDER BY quarantined_at DESC, regexp_replace(source_position, '[0-9]+$', ''), "
	                 "try_cast(regexp_extract(source_position, '[0-9]+$') AS UBIGINT)"));
	buf_print(sql, " LIMIT %lld", (long long)asked->limit);
}

static int refused_read(const struct answer *answer, size_t row, struct arena *a, struct shown *out, struct err *e)
{
	char *bytes;

	for (size_t i = 0; i < COLUMN_COUNT; i++)
		out->texts[i] = ask_cell(answer, i, row, a);
	out->at_us = ask_number(answer, AT, row);
	bytes = arena_alloc(a, out->texts[RECORD].len / 2 + 1);
	out->record = str_make(bytes, out->texts[RECORD].len / 2);
	if (!hex_decode(out->texts[RECORD], bytes)) /* as which an answer gives bytes */
		return err_set(e, ERR_CORRUPT, "column record of tarn.quarantine does not hold bytes");
	return 0;
}

static void member(struct reply *r, const char *name, str text)
{
	if (text.ptr != NULL)
		reply_text(r, name, text);
	else
		reply_null(r, name);
}

static void member_number(struct reply *r, const char *name, str text)
{
	int64_t number;

	if (str_to_i64(text, &number))
		reply_number(r, name, number);
	else
		reply_null(r, name);
}

static void refused_json(struct reply *r, const struct shown *f)
{
	reply_open(r, NULL, '{');
	reply_time(r, "time", f->at_us);
	member(r, "pipeline", f->texts[PIPELINE]);
	member(r, "reason", f->texts[REASON]);
	member(r, "pointer", f->texts[POINTER]);
	member(r, "message", f->texts[MESSAGE]);
	member(r, "position", f->texts[POSITION]);
	member_number(r, "byte_offset", f->texts[OFFSET]);
	member_number(r, "record_bytes", f->texts[BYTES]);
	member(r, "tarn_version", f->texts[VERSION]);
	if (utf8_check(f->record) == f->record.len)
		reply_text(r, "record", f->record);
	else
		reply_base64(r, "record_base64", f->record);
	reply_close(r, '}');
}

static void refused_text(const struct shown *f, struct arena *a)
{
	(void)printf("%s  %s", plain_text(a, f->texts[REASON]), plain_text(a, f->texts[MESSAGE]));
	if (f->texts[POINTER].len > 0)
		(void)printf(": %s", plain_text(a, f->texts[POINTER]));
	if (f->texts[OFFSET].len > 0)
		(void)printf(", at byte " STR_FMT, STR_ARG(f->texts[OFFSET]));
	(void)printf("\n  %s, pipeline %s, %s, " STR_FMT " bytes\n  %s\n\n", plain_text(a, f->texts[POSITION]),
	             plain_text(a, f->texts[PIPELINE]), plain_time(a, f->at_us), STR_ARG(f->texts[BYTES]),
	             plain_text(a, f->record));
}

struct showing {
	struct reply *reply; /* NULL: as text */
	int64_t       shown;
};

static int take_refused(void *context, const struct answer *answer, size_t row, struct err *e)
{
	AUTO(arena)     a = ARENA_INIT;
	struct showing *showing = context;
	struct shown  refused;

	TRY(refused_read(answer, row, &a, &refused, e));
	if (showing->reply != NULL)
		refused_json(showing->reply, &refused);
	else
		refused_text(&refused, &a);
	showing->shown++;
	return 0;
}

static int take_count(void *context, const struct answer *answer, size_t row, struct err *e)
{
	(void)e;
	*(int64_t *)context = ask_number(answer, 0, row);
	return 0;
}

static int count_all(struct views *v, const struct quarantine_asked *asked, int64_t *total, struct err *e)
{
	AUTO(buf) sql = BUF(0);

	buf_add(&sql, STR("SELECT count(*)"));
	add_source(&sql, asked);
	return ask_some(v, &sql, take_count, total, e);
}

static int show(const struct app *app, struct views *v, const struct quarantine_asked *asked, struct err *e)
{
	AUTO(reply)    r = {0};
	AUTO(buf)      sql = BUF(0);
	struct showing showing = {.reply = app->is_json ? &r : NULL};
	int64_t        total = 0;

	TRY(count_all(v, asked, &total, e));
	add_show(&sql, asked);
	reply_open(&r, NULL, '{');
	reply_open(&r, "records", '[');
	TRY(ask_some(v, &sql, take_refused, &showing, e));
	reply_close(&r, ']');
	reply_number(&r, "total", total);
	reply_close(&r, '}');
	if (app->is_json)
		return reply_print(&r, e);
	if (!app->is_quiet && total == 0)
		say_nothing(asked);
	else if (!app->is_quiet && showing.shown < total)
		log_info("%s of %s records: --limit N shows more", text_count(showing.shown), text_count(total));
	return 0;
}

/* --- the command --------------------------------------------------------------------------- */

static const struct verb {
	const char *word;
	int (*run)(const struct app *app, struct views *v, const struct quarantine_asked *asked, struct err *e);
	bool is_drop; /* run NULL: it changes something */
} verbs[] = {{"ls", list, false}, {"show", show, false}, {"replay", NULL, false}, {"drop", NULL, true}};

static int verb_parse(const char **words, size_t count, const struct verb **out, struct err *e)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (count != 1 || strcmp(words[0], verbs[i].word) != 0)
			continue;
		*out = &verbs[i];
		return 0;
	}
	return err_set(e, ERR_INPUT, "tarn quarantine wants ls, show, replay or drop; see `tarn help quarantine`");
}

static int quarantine_exists(struct lake *l, bool *out, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	str        *names;
	size_t      count;

	TRY(lake_tables(l, STR("tarn"), &a, &names, &count, e));
	*out = false;
	for (size_t i = 0; i < count; i++)
		*out = *out || str_eq(names[i], STR("quarantine"));
	return 0;
}

static int answer_verb(struct app *app, const struct config *config, struct lake *l, const struct verb *verb,
                       const struct quarantine_asked *asked, struct err *e)
{
	const struct engine_conf conf = {app->clock, config->memory_bytes, 0, app->stop};
	AUTO_PTR(engine)         engine = NULL;
	AUTO_PTR(views)          views = NULL;
	bool                     is_there;

	TRY(quarantine_exists(l, &is_there, e));
	if (is_there) {
		TRY(engine_open(&conf, &engine, e));
		TRY(views_new(engine, l, &views, e));
	}
	return verb->run(app, views, asked, e);
}

static int time_option(const char *name, const char *text, bool *has, int64_t *out, struct err *e)
{
	bool is_flagged;

	*has = text != NULL;
	if (text == NULL || time_parse(str_of(text), true, 0, out, NULL, &is_flagged) == TIME_OK)
		return 0;
	return err_set(e, ERR_INPUT, "%s wants a day or a time: 2025-03-01, 2025-03-01T12:00:00Z", name);
}

/* What was typed. */
struct typed {
	const char *reason, *pipeline, *since, *until, *limit;
};

static int asked_fill(const struct typed *t, struct quarantine_asked *out, struct err *e)
{
	out->reason = str_of(t->reason);
	out->pipeline = str_of(t->pipeline);
	out->limit = LIMIT_DEFAULT;
	TRY(time_option("--since", t->since, &out->has_since, &out->since_us, e));
	TRY(time_option("--until", t->until, &out->has_until, &out->until_us, e));
	if (t->limit != NULL && (!str_to_i64(str_of(t->limit), &out->limit) || out->limit < 1))
		return err_set(e, ERR_INPUT, "--limit wants a number of records, 1 or more");
	return 0;
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	struct typed            typed = {0};
	struct quarantine_asked asked = {0};
	const struct option_of  options[] = {
		{"--reason", &typed.reason, NULL}, {"--pipeline", &typed.pipeline, NULL}, {"--since", &typed.since, NULL},
		{"--until", &typed.until, NULL},   {"--limit", &typed.limit, NULL},       {"--dry-run", NULL, &asked.is_dry},
		{"--yes", NULL, &asked.is_sure},
	};
	AUTO(config)            config = {0};
	AUTO_PTR(lake)          lake = NULL;
	AUTO(arena)             scratch = ARENA_INIT;
	const char            **words = ARENA_ARRAY(&scratch, const char *, argc);
	const struct verb      *verb = NULL;
	size_t                  count;

	TRY(options_parse(app, &command_quarantine, argc, argv, options, sizeof(options) / sizeof(options[0]), words,
	                  &count, e));
	TRY(verb_parse(words, count, &verb, e));
	TRY(asked_fill(&typed, &asked, e));
	TRY(app_lake(app, false, &config, &lake, e));
	if (verb->run == NULL)
		return quarantine_move(app, &config, lake, verb->is_drop, &asked, e);
	return answer_verb(app, &config, lake, verb, &asked, e);
}

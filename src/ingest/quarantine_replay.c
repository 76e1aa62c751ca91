/* Invariants: a row of tarn.quarantine is looked at once; records of a pipeline are judged in order of
 * arrival; nothing is named by the journal before all of them are; where raw is kept, each that becomes
 * a row stands in the raw of the entry that makes it one, as any other row does. */
#include "ingest/quarantine_replay.h"

#include <assert.h>
#include <stdlib.h>

#include "ingest/feed_int.h"
#include "ingest/quarantine_found.h"
#include "os/clock.h"

enum { BATCH_BYTES = 8 << 20, BATCH_RECORDS = 1 << 16, DEFAULT_MEMORY = 512 << 20 };

#define LANE STR("0")

/* A record on its way, and the row it came from. */
struct waiting {
	size_t  file, group;
	int64_t row;
};

struct batch {
	struct run run;
	struct { VEC_OF(struct waiting); } rows; /* one a record */
};

struct replay {
	const struct quarantine_conf *conf;
	bool                          is_dry, is_drop;
	struct writer                 writer; /* dry: only what is needed to look */
	struct quarantine_edit        edit;
	struct feed                  *feeds;  /* one a pipeline */
	struct batch                 *batches;
	struct raw_find              *finds;   /* one a pipeline; NULL: none keeps raw */
	size_t                        feed_count;
	struct quarantine_report      report;
	struct map                    groups; /* "<pipeline>\0<reason>" -> place in report.groups + 1 */
	struct buf                    key;
};

static void replay_done(struct replay *p)
{
	for (size_t i = 0; i < p->feed_count; i++) {
		feed_done(&p->feeds[i]);
		run_done(&p->batches[i].run);
		VEC_DONE(&p->batches[i].rows);
		if (p->finds != NULL)
			raw_find_done(&p->finds[i]);
	}
	free(p->finds);
	free(p->feeds);
	free(p->batches);
	quarantine_edit_done(&p->edit);
	quarantine_report_done(&p->report);
	map_done(&p->groups);
	buf_done(&p->key);
	writer_done(&p->writer);
}
AUTO_DEFINE(replay, replay_done)

/* --- the report ---------------------------------------------------------------------------- */

static const struct {
	const char *code, *words;
} causes[CANNOT_COUNT] = {
	[CANNOT_CUT] = {"cut", "only the head of the record was kept"},
	[CANNOT_CSV] = {"csv", "the names of a CSV row's fields stand in raw alone, and it is not there"},
	[CANNOT_DOCUMENT] = {"document", "the document would have to be split into records again"},
	[CANNOT_PIPELINE] = {"pipeline", "its pipeline is not in the configuration"},
	[CANNOT_REPLAY] = {"replay", "a `tarn replay` refused it, and the next one takes it back where it passes"},
};

const char *cannot_code(enum cannot c)
{
	return causes[c].code;
}

const char *cannot_words(enum cannot c)
{
	return causes[c].words;
}

void quarantine_report_done(struct quarantine_report *r)
{
	VEC_DONE(&r->groups);
	arena_done(&r->arena);
	*r = (struct quarantine_report){0};
}

static size_t group_of(struct replay *p, const struct refused *r)
{
	struct map_item *item;

	buf_clear(&p->key);
	buf_add(&p->key, r->pipeline);
	buf_byte(&p->key, '\0');
	buf_add(&p->key, r->reason);
	item = map_put(&p->groups, buf_str(&p->key));
	if (item->num == 0) {
		*VEC_ADD(&p->report.groups) = (struct quarantine_group){
			.pipeline = arena_str(&p->report.arena, r->pipeline),
			.reason = arena_str(&p->report.arena, r->reason),
		};
		item->num = p->report.groups.count;
	}
	return item->num - 1;
}

static int by_pipeline_and_size(const void *a, const void *b)
{
	const struct quarantine_group *x = a, *y = b;
	int                            order = str_cmp(x->pipeline, y->pipeline);

	if (order != 0)
		return order;
	if (x->records != y->records)
		return x->records < y->records ? 1 : -1;
	return str_cmp(x->reason, y->reason);
}

static void report_give(struct replay *p, struct quarantine_report *out)
{
	p->report.leaving = p->edit.leaving;
	if (p->report.groups.count > 1)
		qsort(p->report.groups.at, p->report.groups.count, sizeof(*p->report.groups.at), by_pipeline_and_size);
	*out = p->report;
	p->report = (struct quarantine_report){0};
}

static size_t quarter(const struct quarantine_conf *conf)
{
	return (conf->memory_bytes ? conf->memory_bytes : DEFAULT_MEMORY) / 4;
}

/* --- judging ------------------------------------------------------------------------------- */

static int route(struct replay *p, struct feed *f, struct event *ev, struct err *e)
{
	uint32_t index;

	if (!p->is_dry)
		return feed_route(f, ev, e);
	ev->reason = names_find(&f->names, ev->name, ev->name_hash, &index); /* a dry run makes no tables */
	if (ev->reason != REASON_NONE)
		ev->verdict = VERDICT_QUARANTINE;
	return 0;
}

static int judge(struct replay *p, struct feed *f, struct event *ev, struct err *e)
{
	if (ev->verdict == VERDICT_ROW)
		TRY(route(p, f, ev, e));
	if (ev->verdict == VERDICT_ROW && f->dedupe != NULL)
		TRY(feed_repeat(f, ev, e));
	if (ev->verdict == VERDICT_ROW)
		ev->words = f->envelopes[ev->tape].tape.words + ev->tape_at;
	return 0;
}

/* It was JSON when it was refused, and what was kept of it is not: it had been made from something else. */
static bool is_made(const struct feed *f, str reason, const struct event *ev)
{
	return f->pipeline->source.format == FORMAT_AUTO && ev->reason <= REASON_JSON_LAST &&
	       reason_of(reason) > REASON_JSON_LAST;
}

static void note(struct replay *p, const struct feed *f, const struct waiting *w, const struct event *ev)
{
	struct quarantine_group *g = &p->report.groups.at[w->group];
	enum leave               how = LEAVE_ROW;

	if (ev->verdict == VERDICT_QUARANTINE && is_made(f, g->reason, ev)) {
		g->cannot++;
		g->cannot_for[CANNOT_CSV]++;
		return;
	}
	if (ev->verdict == VERDICT_QUARANTINE) {
		g->refused++;
		g->refused_for[ev->reason]++;
		return;
	}
	if (ev->verdict == VERDICT_DUPLICATE)
		how = LEAVE_DUPLICATE;
	else if (ev->verdict == VERDICT_CONFLICT)
		how = LEAVE_CONFLICT;
	g->rows += how == LEAVE_ROW;
	g->duplicates += how == LEAVE_DUPLICATE;
	g->conflicts += how == LEAVE_CONFLICT;
	quarantine_leave(&p->edit, f->pipeline->name, w->file, w->row, how);
}

/* The events that are rows now, as columns; there are no others any more. */
static int shred_rows(struct feed *f, size_t archive_most, struct err *e)
{
	size_t count = 0;

	for (size_t i = 0; i < f->events.count; i++)
		if (f->events.at[i].verdict == VERDICT_ROW)
			f->events.at[count++] = f->events.at[i];
	f->events.count = count;
	TRY(feed_rows(f, e));
	TRY(feed_archive(f, e));
	TRY(quarantine_spill_raw(f->writer, f->pipeline->name, &f->archive, archive_most, e));
	return pool_over(f->writer->pool) ? quarantine_spill(f->writer, e) : 0;
}

/* What a pipeline has seen is loaded only where a record of it comes. */
static int feed_ready(struct replay *p, size_t pipeline, struct err *e)
{
	struct feed             *f = &p->feeds[pipeline];
	const struct dedupe_conf conf = {f->pipeline->name, f->pipeline->window_us, quarter(p->conf) / p->feed_count,
	                                 f->pipeline->merge_runs};

	if (f->dedupe != NULL || conf.window_us == 0)
		return 0;
	return dedupe_open(p->writer.lake, &conf, &p->writer.state, &f->dedupe, e);
}

static int settle(struct replay *p, size_t pipeline, struct err *e)
{
	struct feed  *f = &p->feeds[pipeline];
	struct batch *b = &p->batches[pipeline];

	if (b->rows.count == 0)
		return 0;
	TRY(feed_ready(p, pipeline, e));
	buf_fill(&b->run.bytes, '\0', JSON_PADDING);
	arena_reset(&f->scratch);
	f->run = &b->run;
	f->now_us = clock_now_us(p->writer.lake->clock);
	feed_name_parts(f);
	TRY(feed_envelope(f, e));
	for (size_t i = 0; i < f->events.count; i++) {
		TRY(judge(p, f, &f->events.at[i], e));
		note(p, f, &b->rows.at[i], &f->events.at[i]);
	}
	if (!p->is_dry)
		TRY(shred_rows(f, quarter(p->conf) / 4, e));
	run_clear(&b->run);
	b->rows.count = 0;
	return 0;
}

/* --- taking records ------------------------------------------------------------------------ */

static size_t pipeline_of(const struct replay *p, str name)
{
	size_t i = 0;

	while (i < p->feed_count && !str_eq(p->conf->pipelines[i].name, name))
		i++;
	return i;
}

static int replay_take(struct replay *p, const struct refused *r, size_t group, struct err *e)
{
	struct quarantine_group *g = &p->report.groups.at[group];
	size_t                   pipeline = pipeline_of(p, r->pipeline);
	enum cannot              why = CANNOT_PIPELINE;
	AUTO(arena)              a = ARENA_INIT;
	struct found             f = {0};
	struct batch            *b;

	if (p->edit.files[r->file].is_of_replay)
		why = CANNOT_REPLAY;
	else if (pipeline < p->feed_count)
		TRY(found_open(&p->conf->pipelines[pipeline], p->conf->base, p->finds != NULL ? &p->finds[pipeline] : NULL, r, &a, &f,
		               &why, e));
	if (why != CANNOT_COUNT) {
		g->cannot++;
		g->cannot_for[why]++;
		return 0;
	}
	b = &p->batches[pipeline];
	if (b->run.is_text_typed != f.is_made) /* a run is of one kind */
		TRY(settle(p, pipeline, e));
	found_add(&f, &p->conf->pipelines[pipeline], &b->run);
	*VEC_ADD(&b->rows) = (struct waiting){r->file, group, r->row};
	return b->run.bytes.len < BATCH_BYTES && b->rows.count < BATCH_RECORDS ? 0 : settle(p, pipeline, e);
}

static int take(void *context, const struct refused *r, struct err *e)
{
	struct replay           *p = context;
	size_t                   group = group_of(p, r);
	struct quarantine_group *g = &p->report.groups.at[group];

	if (p->conf->stop != NULL && *p->conf->stop)
		return err_set(e, ERR_STOPPED, "stopped: nothing has been changed");
	g->records++;
	if (!p->is_drop)
		return replay_take(p, r, group, e);
	g->dropped++;
	quarantine_leave(&p->edit, r->pipeline, r->file, r->row, LEAVE_DROPPED);
	return 0;
}

/* --- the whole ----------------------------------------------------------------------------- */

/* A writer that only looks: no fence, no apply. */
static int look(struct lake *l, struct workers *workers, struct writer *out, struct err *e)
{
	*out = (struct writer){.lake = l, .workers = workers};
	return journal_load(l, LANE, &out->state, e);
}

/* What raw has, and who keeps it: a pipeline that says nothing of raw goes on as it has done. */
static int find_raw(struct replay *p, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	str        *names = ARENA_ARRAY(&a, str, p->feed_count + 1);
	bool        is_any = false;

	for (size_t i = 0; i < p->feed_count; i++) {
		names[i] = p->conf->pipelines[i].name;
		is_any = is_any || p->conf->pipelines[i].raw != RAW_OFF;
	}
	if (!is_any || p->edit.file_count == 0)
		return 0;
	p->finds = xcalloc(p->feed_count, sizeof(*p->finds));
	TRY(raw_find_open(p->writer.lake, &p->writer.state, names, p->feed_count, p->finds, e));
	for (size_t i = 0; i < p->feed_count; i++) {
		enum raw_rule rule = p->conf->pipelines[i].raw;

		p->feeds[i].has_raw = rule == RAW_ON || (rule == RAW_DEFAULT && p->finds[i].had_any);
	}
	return 0;
}

static int open_all(struct replay *p, struct lake *l, struct workers *workers, struct err *e)
{
	const struct writer_conf conf = {.lane = LANE, .memory_bytes = quarter(p->conf), .rules = p->conf->rules};

	TRY(p->is_dry ? look(l, workers, &p->writer, e) : writer_open(l, workers, &conf, &p->writer, e));
	p->report.is_held = state_held_since(&p->writer.state) != 0;
	if (p->report.is_held && !p->is_dry)
		return err_set(e, ERR_BUSY, QUARANTINE_HELD);
	TRY(quarantine_edit_open(l, &p->edit, e));
	if (p->is_drop)
		return 0;
	p->feeds = xcalloc(p->conf->pipeline_count, sizeof(*p->feeds));
	p->batches = xcalloc(p->conf->pipeline_count, sizeof(*p->batches));
	for (; p->feed_count < p->conf->pipeline_count; p->feed_count++)
		feed_init(&p->writer, &p->conf->pipelines[p->feed_count], p->conf->base, false, &p->feeds[p->feed_count]);
	return find_raw(p, e);
}

static int read_all(struct replay *p, struct err *e)
{
	const struct refused_reader *reader = &p->conf->reader;

	if (p->edit.file_count == 0)
		return 0;
	TRY(reader->read(reader->context, &p->edit.schema, p->edit.paths, p->edit.file_count, false, take, p, e));
	for (size_t i = 0; i < p->feed_count; i++)
		TRY(settle(p, i, e));
	return 0;
}

static int commit(struct replay *p, struct err *e)
{
	AUTO(arena)         a = ARENA_INIT;
	struct writer_part *parts = ARENA_ARRAY(&a, struct writer_part, p->feed_count + 1);

	for (size_t i = 0; i < p->feed_count; i++)
		parts[i] = (struct writer_part){
			.pipeline = p->feeds[i].pipeline->name,
			.dedupe = p->feeds[i].dedupe,
			.names = &p->feeds[i].names,
			.archive = p->feeds[i].has_raw ? &p->feeds[i].archive : NULL,
		};
	TRY(quarantine_commit(&p->edit, &p->writer, &p->conf->reader, parts, p->feed_count, e));
	p->report.entry = p->writer.entry.seq;
	return 0;
}

static int run(struct replay *p, struct lake *l, struct workers *w, struct quarantine_report *out, struct err *e)
{
	TRY(open_all(p, l, w, e));
	TRY(read_all(p, e));
	if (!p->is_dry && p->edit.leaving > 0)
		TRY(commit(p, e));
	report_give(p, out);
	return 0;
}

int quarantine_replay(struct lake *l, struct workers *w, const struct quarantine_conf *conf, bool is_dry,
                      struct quarantine_report *out, struct err *e)
{
	AUTO(replay) p = {.conf = conf, .is_dry = is_dry};

	return run(&p, l, w, out, e);
}

int quarantine_drop(struct lake *l, struct workers *w, const struct quarantine_conf *conf, bool is_dry,
                    struct quarantine_report *out, struct err *e)
{
	AUTO(replay) p = {.conf = conf, .is_dry = is_dry, .is_drop = true};

	return run(&p, l, w, out, e);
}

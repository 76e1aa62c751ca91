/* Invariants: a record is built once, in the order of the journal; the lane's position and the files of a build are one entry of it; lane
 * 0 has the lane's name exactly when its files are the tables'. */
#include "ingest/replay_int.h"

#include <inttypes.h>
#include <stdlib.h>

enum { DEFAULT_MEMORY = 512 << 20, ROUNDS = 8 };

static void replay_done(struct replay *p)
{
	for (size_t i = 0; i < p->feed_count; i++)
		feed_done(&p->feeds[i]);
	free(p->feeds);
	rerun_done(&p->rerun);
	for (size_t i = 0; i < p->before.count; i++)
		schema_done(&p->before.at[i]);
	VEC_DONE(&p->before);
	VEC_DONE(&p->tables_of);
	range_done(&p->range);
	map_done(&p->from);
	map_done(&p->to);
	writer_done(&p->writer);
	state_done(&p->live);
	replay_report_done(&p->report);
	arena_done(&p->arena);
}
AUTO_DEFINE(replay, replay_done)

bool replay_is_stopped(const struct replay *p)
{
	return p->conf->stop != NULL && *p->conf->stop;
}

static size_t quarter(const struct replay_conf *conf)
{
	return (conf->memory_bytes ? conf->memory_bytes : DEFAULT_MEMORY) / 4;
}

/* "12.0.3" */
static int cursor_read(struct replay *p, struct err *e)
{
	str           rest = p->cursor_from;
	int64_t       numbers[3] = {1, 0, 0};
	size_t        dot;

	for (size_t i = 0; i < 3 && p->cursor_from.len > 0; i++) {
		dot = str_find(rest, '.', 0);
		if (!str_to_i64(str_head(rest, dot), &numbers[i]) || numbers[i] < 0)
			return err_set(e, ERR_CORRUPT, "lane " STR_FMT " stands at \"" STR_FMT "\", which is no block",
			               STR_ARG(p->lane), STR_ARG(str_head(p->cursor_from, 80)));
		rest = str_from(rest, dot + 1);
	}
	p->cursor = (struct replay_cursor){(uint64_t)numbers[0], (size_t)numbers[1], (size_t)numbers[2]};
	return 0;
}

static bool is_anew(void *context, str table)
{
	const struct replay *p = context;

	return replay_in_scope(p->conf, table);
}

/* NULL where pipelines differ: a table may be of several. */
static const str *attributes_of(const struct replay_conf *c)
{
	for (size_t i = 1; i < c->pipeline_count; i++)
		if (!str_eq(c->pipelines[i].attributes.pointer, c->pipelines[0].attributes.pointer))
			return NULL;
	return c->pipeline_count > 0 ? &c->pipelines[0].attributes.pointer : NULL;
}

/* A writer that only looks: no fence, nothing written. */
static int open_writer(struct replay *p, struct err *e)
{
	const struct writer_conf conf = {
		.lane = p->lane, .memory_bytes = quarter(p->conf), .rules = p->conf->rules, .stage = &p->stage,
	};

	p->stage = (struct writer_stage){&p->live, attributes_of(p->conf), is_anew, p};
	if (!p->is_dry)
		return writer_open(p->lake, p->workers, &conf, &p->writer, e);
	p->writer = (struct writer){
		.lake = p->lake, .workers = p->workers, .rules = p->conf->rules, .stage = &p->stage,
		.memory_bytes = quarter(p->conf), .pool = pool_new(quarter(p->conf)),
	};
	return 0;
}

static int open_all(struct replay *p, struct err *e)
{
	TRY(open_writer(p, e));
	p->cursor_from = arena_str(&p->arena, state_position(&p->writer.state, REPLAY_PIPELINE, STR("raw")));
	p->moved_from = arena_str(&p->arena, state_position(&p->writer.state, REPLAY_PIPELINE, STR("moved")));
	TRY(cursor_read(p, e));
	(void)str_to_i64(p->moved_from, &p->moved);
	p->report.is_partial = p->cursor_from.len > 0;
	p->feeds = xcalloc(p->conf->pipeline_count, sizeof(*p->feeds));
	for (; p->feed_count < p->conf->pipeline_count; p->feed_count++)
		feed_init(&p->writer, &p->conf->pipelines[p->feed_count], p->conf->base, false, &p->feeds[p->feed_count]);
	p->refused_before = ARENA_ARRAY(&p->arena, struct entry_counts, p->feed_count + 1);
	return 0;
}

/* Names that came since: those of tables that stay keep them. */
void replay_learn(struct replay *p)
{
	for (size_t i = 0; i < p->feed_count; i++)
		names_learn(&p->feeds[i].names, &p->live, is_anew, p);
}

/* Ingest may be at work: what it has committed meanwhile is built too, until there is little left for the time that it must stand. */
static int build_all(struct replay *p, struct err *e)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		AUTO(journal_state) now = {0};

		replay_learn(p);
		TRY(replay_build(p, e));
		if (p->is_dry)
			return 0;
		TRY(journal_load(p->lake, STR("0"), &now, e));
		if (now.head == p->live.head)
			return 0;
		state_done(&p->live);
		p->live = now;
		now = (struct journal_state){0};
	}
	replay_learn(p);
	return 0;
}

/* A replay that was killed, or failed, between its switch and clearing up: nothing is left to do but that. */
static int finish(struct replay *p, size_t count, bool *is_over, struct err *e)
{
	str                 lane = count > 0 ? replay_lane(p->conf, count - 1, &p->arena) : STR("");
	uint64_t            entry = count > 0 ? replay_entry(&p->live, lane) : 0;
	str                *lanes;
	size_t              lane_count;
	struct apply_counts applied;

	if (replay_is_void(&p->live, lane))
		return 0; /* what is left of it goes with this one */
	TRY(staged_lanes(p->lake, &p->arena, &lanes, &lane_count, e));
	for (size_t i = 0; i < lane_count && entry > 0; i++)
		*is_over = *is_over || str_eq(lanes[i], lane);
	if (!*is_over)
		return 0;
	p->lane = lane;
	p->report.entry = entry;
	p->report.was_switched = true;
	if (p->is_dry)
		return 0;
	TRY(lake_apply(p->lake, p->workers, STR("0"), &applied, e));
	return replay_clear(p, &p->live, e);
}

static int run(struct replay *p, struct err *e)
{
	bool   is_changed, is_over = false;
	size_t count;

	TRY(journal_load(p->lake, STR("0"), &p->live, e));
	count = replay_count(&p->live, &is_changed);
	TRY(finish(p, count, &is_over, e));
	if (is_over)
		return 0;
	p->lane = replay_lane(p->conf, count, &p->arena);
	TRY(open_all(p, e));
	TRY(range_plan(p, e));
	TRY(replay_check(p, e));
	TRY(range_read(p, e));
	TRY(replay_report_before(p, e));
	TRY(build_all(p, e));
	if (!p->is_dry)
		TRY(replay_switch(p, e));
	TRY(replay_report_after(p, e));
	if (p->is_dry)
		return 0;
	if (p->report.entry == 0) /* there was nothing to switch; other lanes may be at work */
		return staged_remove(p->lake, p->lane, 0, e);
	return replay_clear(p, &p->live, e); /* last: until then a replay that is started again finds this one */
}

int replay_run(struct lake *l, struct workers *w, const struct replay_conf *conf, bool is_dry, struct replay_report *out,
               struct err *e)
{
	static const struct table_rules defaults = TABLE_RULES;
	struct replay_conf              own = *conf;
	AUTO(replay)                    p = {.conf = &own, .is_dry = is_dry, .lake = l, .workers = w};

	own.rules = conf->rules != NULL ? conf->rules : &defaults;
	if (run(&p, e) < 0) {
		if (p.report.entry == 0)
			return e->class;
		return err_add(e, "entry %" PRIu64 " has switched the tables, and the replay is not cleared up yet: start it again with the same "
		               "options and configuration, and it ends with that", p.report.entry);
	}
	*out = p.report;
	p.report = (struct replay_report){0};
	return 0;
}

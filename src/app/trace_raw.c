/* Raw segments: rows that no file has yet, and all later copies of an event. Nothing leads to a record in them: whole segments
 * are read, those that hold rows, or (deep) all from the event's entry on. */
#include <inttypes.h>

#include "app/progress.h"
#include "app/trace.h"

struct segment_search {
	struct trace             *t;
	const struct trace_asked *asked;
	struct trace_reader      *reader;
	bool                      is_deep; /* else what is held alone: */
	enum verdict              held;
	int                       found;
	struct progress           progress;
};

static void segment_search_done(struct segment_search *s)
{
	trace_reader_free(s->reader);
}
AUTO_DEFINE(segment_search, segment_search_done)

/* --- one record ----------------------------------------------------------------------------- */

/* Does its table hold what the entry made true? */
static bool is_held(const struct trace *t, const struct segment_record *r, uint64_t seq)
{
	AUTO(arena)               a = ARENA_INIT;
	const struct state_table *table = NULL;

	if (r->verdict == VERDICT_ROW)
		table = map_ptr(&t->state.tables, arena_format(&a, "events." STR_FMT, STR_ARG(r->word)));
	else if (r->verdict == VERDICT_QUARANTINE)
		table = map_ptr(&t->state.tables, STR("tarn.quarantine"));
	return table != NULL && table->held_since != 0 && seq >= table->held_since;
}

static bool is_refused(const struct seen *s)
{
	return s->as == SEEN_QUARANTINED || s->as == SEEN_TEXT;
}

/* What the tables gave, met once more where it came in: its entry is known now. */
static bool is_seen(struct trace *t, const struct seen *new)
{
	for (size_t i = 0; i < t->seen.count; i++) {
		struct seen *old = &t->seen.at[i];
		bool         is_lost = old->as == SEEN_GONE && old->position.len == 0 && new->as == SEEN_ROW;

		if (!str_eq(old->pipeline, new->pipeline) || (!is_lost && !str_eq(old->position, new->position)))
			continue;
		if (is_lost) {
			*old = *new;
			old->as = SEEN_GONE;
		}
		if (is_refused(old) == is_refused(new)) /* else it was refused first, and taken by a replay */
			old->entry = new->entry;
		old->record = new->record;
		return true;
	}
	return false;
}

static enum seen_as seen_of(enum verdict v)
{
	static const enum seen_as as[] = {
		[VERDICT_ROW] = SEEN_ROW,
		[VERDICT_DUPLICATE] = SEEN_DUPLICATE,
		[VERDICT_CONFLICT] = SEEN_CONFLICT,
		[VERDICT_QUARANTINE] = SEEN_QUARANTINED,
	};

	return as[v];
}

static void record_take(struct segment_search *s, const struct segment_block *b, const struct segment_record *r,
                        uint64_t seq, enum record_match match, int64_t time_us)
{
	struct arena *a = &s->t->arena;
	struct seen   seen = SEEN(seen_of(r->verdict));

	seen.pipeline = s->asked->pipeline->name;
	seen.position = arena_format(a, STR_FMT ":%" PRIu64, STR_ARG(b->parts[r->part].label), r->offset);
	seen.entry = seq;
	seen.has_time = r->verdict != VERDICT_QUARANTINE;
	seen.time_us = time_us;
	seen.has_taken = true;
	seen.taken_us = b->taken_us;
	seen.record = arena_str(a, r->raw);
	if (r->verdict == VERDICT_QUARANTINE)
		seen.reason = arena_str(a, r->word);
	if (r->verdict == VERDICT_ROW)
		seen.table = arena_format(a, "events." STR_FMT, STR_ARG(r->word));
	if (is_seen(s->t, &seen))
		return;
	if (r->verdict == VERDICT_ROW)
		seen.as = is_held(s->t, r, seq) ? SEEN_HELD : SEEN_GONE;
	else if (match == MATCH_TEXT)
		seen.as = SEEN_TEXT;
	*VEC_ADD(&s->t->seen) = seen;
	s->found++;
}

/* Of a refused record the text may be all there is to go by. */
static bool is_match(const struct segment_record *r, enum record_match match)
{
	return match == MATCH_ID || (match == MATCH_TEXT && r->verdict == VERDICT_QUARANTINE);
}

/* --- segments ------------------------------------------------------------------------------- */

static void block_take(struct segment_search *s, const struct segment_block *b, uint64_t seq)
{
	for (size_t i = 0; i < b->records.count; i++) {
		const struct segment_record *r = &b->records.at[i];
		int64_t                      time_us = 0;
		enum record_match            match;

		if (!s->is_deep && (r->verdict != s->held || !is_held(s->t, r, seq)))
			continue;
		match = trace_record(s->reader, r->text, b->parts[r->part].key, b->taken_us, &time_us);
		if (is_match(r, match))
			record_take(s, b, r, seq, match, time_us);
	}
}

static int segment_take(struct segment_search *s, uint64_t seq, str key, int64_t bytes, struct err *e)
{
	AUTO(segment)       segment = {0};
	AUTO(segment_block) block = {0};

	TRY(segment_open(s->t->lake, key, (uint64_t)bytes, &segment, e));
	s->t->segments_read++;
	for (size_t i = 0; i < segment.blocks.count; i++) {
		if (*s->t->app->stop)
			return err_set(e, ERR_STOPPED, "stopped");
		TRY(segment_read(&segment, i, &block, e));
		block_take(s, &block, seq);
	}
	return 0;
}

/* A row is in the segment of the entry that its run of ids is of, or of one before that. */
static bool may_be_of(const struct trace_run *run, uint64_t seq)
{
	if (!run->is_found)
		return true;
	return run->is_exact ? seq == run->seq : seq <= run->seq;
}

int trace_held(struct trace *t, const struct trace_asked *asked, enum verdict verdict, struct err *e)
{
	AUTO(segment_search) s = {.t = t, .asked = asked, .reader = trace_reader_new(t, asked), .held = verdict};

	for (size_t i = 0; i < t->state.raws.count; i++) {
		const struct state_raw *r = &t->state.raws.at[i];

		if (!str_eq(r->pipeline, asked->pipeline->name))
			continue;
		if (verdict == VERDICT_QUARANTINE || may_be_of(&asked->run, r->seq))
			TRY(segment_take(&s, r->seq, r->key, r->bytes, e));
	}
	return s.found;
}

static int entry_take(void *context, const struct journal_entry *j, struct err *e)
{
	struct segment_search *s = context;

	for (size_t i = 0; i < j->raws.count; i++) {
		const struct entry_raw *raw = &j->raws.at[i];
		int                     got;

		if (!str_eq(raw->pipeline, s->asked->pipeline->name))
			continue;
		got = segment_take(s, j->seq, raw->key, raw->bytes, e);
		if (got == ERR_MISSING) { /* let go by retention */
			s->t->segments_gone++;
			*e = ERR_NONE;
		} else if (got < 0) {
			return got;
		}
	}
	progress_count(&s->progress, j->seq, s->t->state.head);
	return 0;
}

int trace_deep(struct trace *t, const struct trace_asked *asked, struct err *e)
{
	AUTO(segment_search)    s = {.t = t, .asked = asked, .reader = trace_reader_new(t, asked), .is_deep = true};
	const struct trace_run *run = &asked->run;
	int                     walked;

	progress_start(&s.progress, t->app);
	walked = journal_walk(t->lake, TRACE_LANE, run->is_found && run->is_exact ? run->seq : 1, entry_take, &s, e);
	progress_end(&s.progress);
	return walked;
}

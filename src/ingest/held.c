/* Invariants: a row is loaded exactly when its entry is one of held_since..head of its table, and its segment says it is a
 * row; so the sum over a table is what the journal counts as held, and is held against that. */
#include "ingest/held.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mutant.h"
#include "ingest/feed_int.h"
#include "ingest/rerun.h"
#include "os/clock.h"

struct loader {
	struct writer       *writer;
	struct feed         *feed;      /* of the segment at hand */
	const struct map    *only;
	uint64_t             seq;
	struct segment_record last;     /* of the block at hand: the one looked at last */
	bool                 is_last_wanted;
	struct rerun         rerun;     /* of the block at hand */
};

static void loader_done(struct loader *l)
{
	rerun_done(&l->rerun);
}
AUTO_DEFINE(loader, loader_done)

static const struct state_table *table_of(const struct loader *l, str space, str name)
{
	AUTO(arena) a = ARENA_INIT;
	str         full = arena_format(&a, STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(name));

	if (l->only != NULL && map_get(l->only, full) == NULL)
		return NULL;
	return map_ptr(&l->writer->state.tables, full);
}

/* Neighbours tend to have the word in common, and in a block equal words are one. */
static bool is_wanted(void *context, const struct segment_record *r)
{
	struct loader            *l = context;
	const struct state_table *t = NULL;

	if (r->word.ptr == l->last.word.ptr && r->verdict == l->last.verdict)
		return l->is_last_wanted;
	if (r->verdict == VERDICT_ROW)
		t = table_of(l, STR("events"), r->word);
	else if (r->verdict == VERDICT_QUARANTINE)
		t = table_of(l, STR("tarn"), STR("quarantine"));
	l->last = *r;
	l->is_last_wanted = t != NULL && t->held_since != 0 && l->seq >= t->held_since;
	return l->is_last_wanted;
}

static int changed(const struct loader *l, const struct event *ev, const char *how, struct err *e)
{
	const struct record *r = ev->record;

	return err_set(e, ERR_INPUT,
	               "pipeline " STR_FMT ": the configuration has changed while rows were waiting for their file: the record "
	               "at " STR_FMT ":%" PRIu64 " was taken as a row and %s now. Start once with the configuration as it "
	               "was and stop it with Ctrl-C, which gives every row its file", STR_ARG(l->feed->pipeline->name),
	               STR_ARG(str_head(l->rerun.run.parts.at[r->part].key, 300)), r->offset, how);
}

static int settle_row(struct loader *l, struct event *ev, const struct segment_record *r, struct err *e)
{
	struct feed *f = l->feed;

	TRY(rerun_route(f, ev, e));
	if (ev->verdict != VERDICT_ROW)
		return changed(l, ev, reason_words(ev->reason), e);
	if (!str_eq(f->writer->targets.at[ev->target]->name, r->word))
		return changed(l, ev, "goes to another table", e);
	return 0;
}

static int settle_refused(struct event *ev, const struct segment_record *r, struct err *e)
{
	enum reason reason = reason_of(r->word);

	if (reason == REASON_NONE)
		return err_set(e, ERR_UNSUPPORTED, "a record was refused for \"" STR_FMT "\", which this version does not know: "
		               "start the version that took it, and stop it with Ctrl-C", STR_ARG(r->word));
	if (ev->verdict == VERDICT_ROW || ev->reason != reason) { /* what was noticed after the envelope has no place in it */
		ev->pointer = (str){0};
		ev->offset = 0;
	}
	ev->verdict = VERDICT_QUARANTINE;
	ev->reason = reason;
	return 0;
}

static int load_block(struct loader *l, const struct segment_block *b, struct err *e)
{
	struct feed  *f = l->feed;
	struct rerun *r = &l->rerun;
	int           got;

	l->last = (struct segment_record){.verdict = VERDICT_DUPLICATE}; /* which nobody wants */
	l->is_last_wanted = false;
	got = rerun_block(r, f, b, is_wanted, l, e);
	if (got <= 0)
		return got;
	for (size_t i = 0; i < r->wanted.count; i++) {
		if (r->wanted.at[i]->verdict == VERDICT_ROW)
			TRY(settle_row(l, &f->events.at[i], r->wanted.at[i], e));
		else
			TRY(settle_refused(&f->events.at[i], r->wanted.at[i], e));
	}
#if MUTANT == 10
	for (size_t i = 0; i < r->wanted.count; i++) {
		struct event       *ev = &f->events.at[i];
		enum dedupe_verdict again = DEDUPE_NEW;

		if (ev->verdict == VERDICT_ROW && f->dedupe != NULL)
			TRY(dedupe_take(f->dedupe, ev->key, ev->payload, ev->time_us, &again, e));
		if (again != DEDUPE_NEW)
			ev->verdict = VERDICT_DUPLICATE;
	}
#endif
	return feed_rows(f, e);
}

/* The entry has it that put the segment there. */
static int checksum_of(struct loader *l, const struct state_raw *r, struct journal_entry *j, str *out, struct err *e)
{
	*out = r->checksum;
	if (out->len > 0)
		return 0;
	TRY(journal_read(l->writer->lake, l->writer->journal.lane, r->seq, j, e));
	for (size_t i = 0; i < j->raws.count; i++)
		if (str_eq(j->raws.at[i].key, r->key))
			*out = j->raws.at[i].checksum;
	return 0;
}

static int open_segment(struct loader *l, const struct state_raw *r, struct segment *out, struct err *e)
{
	AUTO(journal_entry) j = {0};
	str                 checksum;
	int                 got;

	TRY(checksum_of(l, r, &j, &checksum, e));
	got = segment_load(l->writer->lake, r->key, (uint64_t)r->bytes, checksum, out, e);
	if (got == ERR_CORRUPT || got == ERR_MISSING)
		return err_set(e, got, STR_FMT " holds rows that have no file yet, and %s: put it back as it was, from a backup "
		               "or an older version of the object", STR_ARG(r->key),
		               got == ERR_MISSING ? "is gone" : "is not what the journal says was put there (checksum)");
	return got;
}

static int load_segment(struct loader *l, const struct state_raw *r, struct err *e)
{
	AUTO(segment)       s = {0};
	AUTO(segment_block) b = {0};

	TRY(open_segment(l, r, &s, e));
	l->seq = r->seq;
	for (size_t i = 0; i < s.blocks.count; i++) {
		TRY(segment_read(&s, i, &b, e));
		TRY(load_block(l, &b, e));
	}
	return 0;
}

/* Every row is there: the columns are as they were when the newest entry was made. */
static int take_over(const struct loader *l, const struct state_table *t, struct err *e)
{
	struct writer         *w = l->writer;
	AUTO(arena)            a = ARENA_INIT;
	str                    full = arena_format(&a, STR_FMT "." STR_FMT, STR_ARG(t->space), STR_ARG(t->name));
	const struct map_item *item = map_get(&w->by_name, full);
	struct target         *target = item != NULL ? w->targets.at[item->num - 1] : NULL;
	int64_t                rows = target != NULL ? target->columns.row_count : 0;

#if MUTANT != 10
	if (rows != t->held_rows)
		return err_set(e, ERR_CORRUPT,
		               "table " STR_FMT ": the journal holds %" PRId64 " rows since entry %" PRIu64
		               ", and the raw segments give %" PRId64, STR_ARG(full), t->held_rows, t->held_since, rows);
#else
	(void)e;
#endif
	if (rows > 0) {
		target->held_rows = (uint32_t)rows;
		target->held_since = t->held_since;
		target->oldest_us = clock_mono_us(w->lake->clock);
		target->oldest_at_us = clock_now_us(w->lake->clock);
	}
	return 0;
}

int held_load(struct writer *w, struct feed *feeds, size_t feed_count, const struct map *only, struct err *e)
{
	AUTO(loader) l = {.writer = w, .only = only};

	for (size_t i = 0; i < w->state.raws.count; i++) {
		const struct state_raw *r = &w->state.raws.at[i];

		l.feed = feed_of(feeds, feed_count, r->pipeline);
		if (l.feed == NULL)
			return err_set(e, ERR_INPUT,
			               "pipeline " STR_FMT " has rows that wait for their file: put it back into the configuration, "
			               "start once and stop it with Ctrl-C, which gives every row its file",
			               STR_ARG(r->pipeline));
		if (load_segment(&l, r, e) < 0)
			return err_add(e, "held rows of entry %" PRIu64, r->seq);
	}
	for (size_t i = 0; i < w->state.tables.count; i++) {
		const struct state_table *t = w->state.tables.items[i].ptr;

		if (t->held_since != 0 && table_of(&l, t->space, t->name) != NULL)
			TRY(take_over(&l, t, e));
	}
	for (size_t i = 0; i < feed_count; i++) /* counted when they were taken */
		for (size_t k = 0; k < feeds[i].targets.count; k++)
			feeds[i].targets.at[k].rows = 0;
	return 0;
}

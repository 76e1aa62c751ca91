/* replay_build.c - the raw segments of lane 0 into a replay's own lane, block by block. */
#include <assert.h>
#include <inttypes.h>

#include "ingest/feed_int.h"
#include "ingest/replay_int.h"

/* Neighbours tend to have the word in common, and in a block equal words are one. */
static bool is_wanted(void *context, const struct segment_record *r)
{
	struct replay *p = context;
	str            table = r->word;

	if (r->verdict != VERDICT_ROW)
		return false;
	if (r->word.ptr != p->last.ptr) {
		p->last = r->word;
		p->is_last_wanted = replay_in_scope(p->conf, r->word) && range_is_late(&p->range, p->cursor.seq, r->word);
	}
	if (!p->is_last_wanted && !range_finds(p, r, &table))
		return false;
	*VEC_ADD(&p->tables_of) = table;
	return true;
}

static struct replay_from *from_of(struct replay *p, str table)
{
	struct map_item *item = map_put(&p->from, table);

	if (item->ptr == NULL)
		item->ptr = ARENA_NEW(&p->arena, struct replay_from);
	return item->ptr;
}

static struct replay_to *to_of(struct replay *p, str table)
{
	struct map_item *item = map_put(&p->to, table);

	if (item->ptr == NULL)
		item->ptr = ARENA_NEW(&p->arena, struct replay_to);
	return item->ptr;
}

/* --- one block ----------------------------------------------------------------------------- */

static int settle(struct replay *p, struct feed *f, struct event *ev, str table, struct entry_counts *counts, struct err *e)
{
	struct replay_from *from = from_of(p, table);
	struct replay_to   *to;
	str                 now;

	TRY(rerun_route(f, ev, e));
	TRY(replay_fit(p, e));
	from->records++;
	counts->records++;
	if (ev->verdict != VERDICT_ROW) {
		from->refused++;
		counts->quarantined++;
		p->report.refused_for[ev->reason]++;
		return 0;
	}
	counts->rows++;
	now = f->writer->targets.at[ev->target]->name;
	to = to_of(p, now);
	to->rows++;
	if (str_eq(now, table))
		return 0;
	from->left++;
	to->came++;
	p->moved++;
	return 0;
}

static int build_block(struct replay *p, struct feed *f, const struct segment_block *b, struct err *e)
{
	struct entry_counts counts = {.pipeline = f->pipeline->name};
	struct rerun       *r = &p->rerun;
	int                 got;

	p->last = (str){0};
	p->block = b;
	p->tables_of.count = 0;
	got = rerun_block(r, f, b, is_wanted, p, e);
	if (got <= 0)
		return got;
	for (size_t i = 0; i < r->wanted.count; i++)
		TRY(settle(p, f, &f->events.at[i], p->tables_of.at[i], &counts, e));
	TRY(feed_rows(f, e));
	writer_add_counts(&p->writer, &counts);
	p->report.records += counts.records;
	p->report.rows += counts.rows;
	p->report.refused += counts.quarantined;
	return 0;
}

/* --- what is in the columns ---------------------------------------------------------------- */

static void note_extra(struct replay *p)
{
	for (size_t i = 0; i < p->writer.targets.count; i++) {
		const struct target *t = p->writer.targets.at[i];
		const struct field  *f = schema_child(t->table->schema.root, STR("_extra"));
		const struct col    *col = f != NULL ? columns_peek(&t->columns, f) : NULL;

		if (col != NULL && str_eq(t->space, STR("events")))
			to_of(p, t->name)->extra += col->value_count;
	}
}

/* A dry run has no use for rows. What they made of the columns stays, as after a commit. */
static void forget(struct replay *p)
{
	for (size_t i = 0; i < p->writer.targets.count; i++) {
		struct target *t = p->writer.targets.at[i];

		if (t->columns.row_count == 0)
			continue;
		columns_clear(&t->columns);
		table_published(t->table);
	}
	writer_begin(&p->writer);
}

static void move(struct replay *p)
{
	AUTO(run) run = {0};
	str       cursor = arena_format(&p->arena, "%" PRIu64 ".%zu.%zu", p->cursor.seq, p->cursor.segment, p->cursor.block);
	str       moved = arena_format(&p->arena, "%" PRId64, p->moved);

	*VEC_ADD(&run.parts) = (struct run_part){.key = STR("raw"), .from = p->cursor_from, .to = cursor};
	*VEC_ADD(&run.parts) = (struct run_part){.key = STR("moved"), .from = p->moved_from, .to = moved};
	if (p->range.is_on && p->range.said.len == 0) {
		p->range.said = arena_format(&p->arena, "%" PRIu64, p->range.since);
		*VEC_ADD(&run.parts) = (struct run_part){.key = STR("since"), .to = p->range.said};
	}
	writer_move(&p->writer, REPLAY_PIPELINE, &run);
	p->cursor_from = cursor;
	p->moved_from = moved;
}

int replay_commit(struct replay *p, struct err *e)
{
	AUTO(arena)         a = ARENA_INIT;
	struct writer_part *parts = ARENA_ARRAY(&a, struct writer_part, p->feed_count + 1);

	note_extra(p);
	if (p->is_dry) {
		forget(p);
		return 0;
	}
	for (size_t i = 0; i < p->feed_count; i++)
		parts[i] = (struct writer_part){.pipeline = p->feeds[i].pipeline->name, .names = &p->feeds[i].names};
	move(p);
	TRY(writer_commit(&p->writer, parts, p->feed_count, true, e));
	writer_begin(&p->writer);
	return 0;
}

/* --- the loop ------------------------------------------------------------------------------ */

static int stopped(const struct replay *p, struct err *e)
{
	return err_set(e, ERR_STOPPED, p->is_dry ? "stopped: nothing has been changed"
	                                         : "stopped: nothing has been changed yet. Start it again, and it goes on from here");
}

static int build_segment(struct replay *p, struct feed *f, const struct entry_raw *raw, struct err *e)
{
	AUTO(segment)       s = {0};
	AUTO(segment_block) b = {0};

	TRY(segment_open(p->lake, raw->key, (uint64_t)raw->bytes, &s, e));
	while (p->cursor.block < s.blocks.count) {
		if (s.blocks.at[p->cursor.block].rows > 0) {
			TRY(segment_read(&s, p->cursor.block, &b, e));
			TRY(build_block(p, f, &b, e));
		}
		p->cursor.block++;
		if (pool_over(p->writer.pool))
			TRY(replay_commit(p, e));
		if (replay_is_stopped(p)) {
			TRY(replay_commit(p, e));
			return stopped(p, e);
		}
	}
	return 0;
}

static void tell(const struct replay *p)
{
	const struct replay_progress so_far = {p->cursor.seq, p->live.head, p->report.records};

	if (p->conf->progress != NULL)
		p->conf->progress(p->conf->progress_context, &so_far);
}

static int build_entry(struct replay *p, const struct journal_entry *j, struct err *e)
{
	for (; p->cursor.segment < j->raws.count; p->cursor.segment++, p->cursor.block = 0) {
		const struct entry_raw *raw = &j->raws.at[p->cursor.segment];
		struct feed            *f = feed_of(p->feeds, p->feed_count, raw->pipeline);

		/* replay_check has seen that raw which is gone, or of others, holds nothing that is wanted */
		if (f != NULL && j->seq > state_forgotten(&p->live, raw->pipeline))
			TRY(build_segment(p, f, raw, e));
	}
	return 0;
}

int replay_build(struct replay *p, struct err *e)
{
	for (; p->cursor.seq <= p->live.head; p->cursor = (struct replay_cursor){.seq = p->cursor.seq + 1}) {
		AUTO(journal_entry) j = {0};

		if (!range_reads(&p->range, p->cursor.seq))
			continue;
		TRY(journal_read(p->lake, STR("0"), p->cursor.seq, &j, e));
		if (build_entry(p, &j, e) < 0)
			return err_add(e, "raw of entry %" PRIu64, j.seq);
		tell(p);
	}
	return replay_commit(p, e);
}

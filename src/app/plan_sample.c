/* A sample goes the way of all records, envelope, repeats, shred, Parquet, into a lake in memory
 * that is dropped in the end. What is counted is counted of the events themselves: their hours,
 * and how long their records were.
 *
 * The tables of that lake have no partitions, so that files come out as large as memory lets
 * them: what a row takes in a file is then what it takes in the files that are planned.
 */
#include "app/command.h"
#include "app/plan.h"
#include "app/plan_pick.h"
#include "app/progress.h"
#include "ingest/feed.h"
#include "os/clock.h"

enum {
	RUN_BYTES = 4 << 20,   /* small, so that the end is not overrun by much */
	OVERRUN = 2,           /* as much text as this, times what was asked for, ends the sample */
	SAMPLE_US = 60 * 1000 * 1000,
	IDS_BYTES = 64 << 20,
	MINUTE_US = 60 * 1000 * 1000,
	COLUMN_BYTES = 1024,   /* that a column takes with next to nothing in it */
};

struct sample {
	struct layout_plan *plan;
	struct plan_pick    pick;
	struct map          by_path; /* file -> its place in pick.files and `times` */
	struct tally       *times;   /* minutes, one a file, and one for what is none of them */
	struct lake    *lake;
	struct workers *workers;
	struct pipeline pipeline; /* borrows from the configuration's */
	struct writer   writer;
	struct feed     feed;
	uint64_t        text_bytes;
	uint64_t        flushes;
};

static void sample_done(struct sample *s)
{
	if (s->feed.writer != NULL)
		feed_done(&s->feed);
	writer_done(&s->writer);
	for (size_t i = 0; s->times != NULL && i <= s->pick.count; i++)
		tally_done(&s->times[i]);
	free(s->times);
	map_done(&s->by_path);
	workers_free(s->workers);
	lake_close(s->lake);
}

AUTO_DEFINE(sample, sample_done)

/* --- what the events say ------------------------------------------------------------------- */

/* Which of the files chosen each part of the run is; one that has become another since is none
 * of them. */
static size_t *files_of_parts(const struct sample *s, struct arena *a)
{
	size_t *files = ARENA_ARRAY(a, size_t, s->feed.run->parts.count);

	for (size_t i = 0; i < s->feed.run->parts.count; i++) {
		const struct map_item *item = map_get(&s->by_path, s->feed.run->parts.at[i].key);

		files[i] = item != NULL ? item->num : s->pick.count;
	}
	return files;
}

static void take_events(struct sample *s)
{
	AUTO(arena)        a = ARENA_INIT;
	const struct feed *f = &s->feed;
	const size_t      *files = files_of_parts(s, &a);

	for (size_t i = 0; i < f->events.count; i++) {
		const struct event *ev = &f->events.at[i];
		struct plan_table  *t;

		s->text_bytes += ev->record->text_len;
		if (ev->verdict != VERDICT_ROW)
			continue;
		t = plan_table(s->plan, s->writer.targets.at[ev->target]->name);
		t->json_bytes += ev->record->raw_len;
		tally_add(&t->hours, ev->time_us, 1);
		tally_add(&s->plan->seconds, ev->time_us, 1);
		tally_add(&s->times[files[ev->record->part]], ev->time_us, 1);
	}
}

/* --- what their files say ------------------------------------------------------------------ */

static int take_file(struct sample *s, const struct entry_table *entry, const struct target *target,
                     struct err *e)
{
	const struct ice_manifest as_added = {.path = entry->manifest, .length = entry->manifest_bytes};
	struct plan_table        *t = plan_table(s->plan, target->name);
	AUTO(arena)               a = ARENA_INIT;
	struct ice_file          *files;
	size_t                    count;
	double                    held_before = t->held_bytes, held = (double)target->columns.bytes;
	str                       manifest;

	TRY(store_get_all(s->lake->store, entry->manifest, 0, &a, &manifest, e));
	TRY(ice_manifest_read(manifest, &as_added, &a, &files, &count, e));
	for (size_t i = 0; i < count; i++) {
		plan_take_file(t, &target->table->schema, &files[i]);
		TRY(store_remove(s->lake->store, entry->files.at[i].key, e));
	}
	held -= (double)t->column_count * COLUMN_BYTES;
	t->held_bytes = held_before + (held > 0 ? held : 0); /* measured, not estimated */
	return 0;
}

/* Write what has gathered, as a commit would. */
static int flush(struct sample *s, struct err *e)
{
	AUTO(arena)         a = ARENA_INIT;
	AUTO(journal_entry) entry = {0};
	struct writer      *w = &s->writer;
	struct origin       origin = {STR("0"), 1, ++s->flushes};
	struct flush_job   *jobs = ARENA_ARRAY(&a, struct flush_job, w->targets.count);
	struct target     **targets = ARENA_ARRAY(&a, struct target *, w->targets.count);
	size_t              count = 0;

	for (size_t i = 0; i < w->targets.count; i++) {
		struct target *t = w->targets.at[i];

		if (t->columns.row_count > 0 && str_eq(t->space, STR("events"))) {
			jobs[count] = (struct flush_job){t->table, &t->columns};
			targets[count++] = t;
		}
	}
	TRY(lake_flush(s->lake, s->workers, &origin, jobs, count, &entry, e));
	for (size_t i = 0; i < count; i++)
		TRY(take_file(s, &entry.tables.at[i], targets[i], e));
	for (size_t i = 0; i < w->targets.count; i++)
		columns_clear(&w->targets.at[i]->columns);
	return 0;
}

/* --- the way ------------------------------------------------------------------------------- */

static int sample_open(struct sample *s, struct app *app, str base, struct err *e)
{
	const struct writer_conf conf = {.lane = STR("0"), .memory_bytes = s->plan->terms.memory_bytes};

	s->workers = workers_new(0);
	TRY(lake_open(store_new_mem(), catalog_new_mem(), app->clock, true, &s->lake, e));
	s->pipeline.partition = ICE_NONE;
	s->pipeline.source.globs = s->pick.globs;
	s->pipeline.source.glob_count = s->pick.count;
	s->pipeline.source.run_bytes = RUN_BYTES;
	TRY(writer_open(s->lake, s->workers, &conf, &s->writer, e));
	feed_init(&s->writer, &s->pipeline, base, false, &s->feed);
	return feed_open(&s->feed, app->fs, IDS_BYTES, e);
}

static void take_counts(struct sample *s)
{
	struct plan_seen    *read = &s->plan->read;
	struct source_counts source = {0};

	prefetch_count(s->feed.prefetch, &source);
	read->records = s->feed.counts.sums.records;
	read->rows = s->feed.counts.sums.rows;
	read->duplicates = s->feed.counts.sums.duplicates + s->feed.counts.sums.conflicts;
	read->quarantined = s->feed.counts.sums.quarantined;
	read->bytes = s->feed.counts.bytes;
	read->bytes_total = s->pick.is_open ? read->bytes : s->pick.bytes_total;
	read->files = source.parts_taken;
	read->files_total = s->pick.count_total;
	for (size_t i = 0; i < s->pick.count; i++) {
		struct plan_file *file = &s->pick.files[i];
		struct tally_span span;

		tally_settle(&s->times[i]);
		file->rows = s->times[i].rows;
		if (file->rows == 0)
			continue;
		tally_span(&s->times[i], &span);
		file->from_us = span.from_us;
		file->to_us = span.to_us;
	}
	s->plan->scale = plan_scale(&s->pick, read->bytes);
	s->plan->covered = plan_covered(&s->pick);
}

static int read_all(struct sample *s, struct app *app, uint64_t sample_bytes, struct err *e)
{
	const int64_t   started = clock_mono_us(app->clock);
	struct progress progress;
	bool            is_over = false;
	int             got = 1;

	progress_start(&progress, app);
	while (got > 0 && !is_over) {
		got = feed_step(&s->feed, e);
		if (got < 0)
			break;
		if (got > 0)
			take_events(s);
		if (pool_over(s->writer.pool))
			got = flush(s, e) < 0 ? e->class : got;
		progress_count(&progress, (uint64_t)s->feed.counts.sums.records, 0);
		is_over = *app->stop || s->text_bytes >= OVERRUN * sample_bytes ||
		          clock_mono_us(app->clock) - started >= SAMPLE_US;
		s->plan->read.is_cut = got > 0 && is_over;
	}
	progress_end(&progress);
	return got < 0 ? got : flush(s, e);
}

int plan_sample(struct app *app, const struct pipeline *pipeline, str base, const char *const *from,
                size_t from_count, uint64_t sample_bytes, struct layout_plan *p, struct err *e)
{
	AUTO(arena)  a = ARENA_INIT;
	AUTO(sample) s = {.plan = p, .pipeline = *pipeline};

	TRY(plan_pick(app->fs, from, from_count, sample_bytes, &a, &s.pick, e));
	s.times = xcalloc(s.pick.count + 1, sizeof(*s.times));
	for (size_t i = 0; i <= s.pick.count; i++)
		s.times[i].step_us = MINUTE_US;
	for (size_t i = 0; i < s.pick.count; i++)
		map_put(&s.by_path, s.pick.files[i].path)->num = i;
	if (sample_open(&s, app, base, e) < 0 || read_all(&s, app, sample_bytes, e) < 0)
		return err_add(e, "the sample");
	take_counts(&s);
	return plan_settle(p, e);
}

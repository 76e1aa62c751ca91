#include "ingest/pump.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mutant.h"
#include "ingest/feed.h"
#include "os/clock.h"
#include "os/watch.h"

enum {
	IDS_A_COMMIT = 600000, /* 24 bytes each in the run, and three times that while it is being made */
	DEFAULT_MEMORY = 512 << 20,
	DEFAULT_COMMIT_US = 5000000,
	IDLE_US = 100000,
};

struct pump {
	const struct pump_conf *conf;
	struct writer           writer;
	struct feed            *feeds;
	size_t                  open_count;
	struct dedupe         **dedupes;
	struct names          **names;
	int64_t                 committed_us;
	pump_progress          *progress;
	void                   *progress_context;
};

static void pump_done(struct pump *p)
{
	for (size_t i = 0; i < p->open_count; i++)
		feed_done(&p->feeds[i]);
	free(p->feeds);
	free(p->dedupes);
	free(p->names);
	writer_done(&p->writer);
}
AUTO_DEFINE(pump, pump_done)

/* --- report -------------------------------------------------------------------------------- */

static struct pump_table *report_table(struct pump_report *r, str name)
{
	for (size_t i = 0; i < r->tables.count; i++)
		if (str_eq(r->tables.at[i].name, name))
			return &r->tables.at[i];
	*VEC_ADD(&r->tables) = (struct pump_table){.name = arena_str(&r->arena, name)};
	return &r->tables.at[r->tables.count - 1];
}

static void report_feed(const struct pump *p, const struct feed *f, struct pump_report *r)
{
	struct source_counts source = {0};

	if (f->prefetch != NULL)
		prefetch_count(f->prefetch, &source);
	r->records += f->counts.sums.records;
	r->rows += f->counts.sums.rows;
	r->duplicates += f->counts.sums.duplicates;
	r->conflicts += f->counts.sums.conflicts;
	r->quarantined += f->counts.sums.quarantined;
	r->blank_lines += f->counts.blank_lines;
	r->files_taken += source.parts_taken;
	r->files_skipped += source.parts_skipped;
	r->files_passed_over += source.parts_passed_over;
	r->bytes_read += f->counts.bytes;
	r->bytes_total += source.bytes_total;
	for (size_t i = 0; i < f->targets.count; i++) {
		const struct shred *shred = f->targets.at[i].shred;
		struct pump_table  *table;

		if (shred == NULL)
			continue;
		table = report_table(r, p->writer.targets.at[i]->name);
		table->rows += f->targets.at[i].rows;
		table->drifted += (int64_t)shred->drifted;
		table->lossy += (int64_t)shred->lossy;
		table->over_budget += (int64_t)shred->tree.over_budget;
	}
}

static int by_table_name(const void *a, const void *b)
{
	return str_cmp(((const struct pump_table *)a)->name, ((const struct pump_table *)b)->name);
}

static void report_fill(const struct pump *p, struct pump_report *r)
{
	pump_report_done(r);
	for (size_t i = 0; i < p->open_count; i++)
		report_feed(p, &p->feeds[i], r);
	for (enum reason reason = 1; reason < REASON_COUNT; reason++) {
		int64_t count = 0;

		for (size_t i = 0; i < p->open_count; i++)
			count += p->feeds[i].counts.reasons[reason];
		if (count > 0)
			*VEC_ADD(&r->reasons) = (struct pump_reason){reason_code(reason), count};
	}
	if (r->tables.count > 1)
		qsort(r->tables.at, r->tables.count, sizeof(*r->tables.at), by_table_name);
	r->commits = p->writer.counts.commits;
	r->files_written = p->writer.counts.files;
	r->bytes_written = p->writer.counts.bytes;
}

void pump_report_done(struct pump_report *r)
{
	VEC_DONE(&r->tables);
	VEC_DONE(&r->reasons);
	arena_done(&r->arena);
	*r = (struct pump_report){0};
}

static void progress(struct pump *p)
{
	AUTO(pump_report) report = {0};

	if (p->progress == NULL)
		return;
	report_fill(p, &report);
	p->progress(p->progress_context, &report);
}

/* --- the loop ------------------------------------------------------------------------------ */

static bool is_stopping(const struct pump *p)
{
	return p->conf->stop != NULL && *p->conf->stop;
}

static int commit(struct pump *p, struct err *e)
{
	watch_step(p->conf->watch, "committing to the lake");
#if MUTANT == 9
	for (size_t i = 0; i < p->open_count; i++)
		TRY(feed_settle(&p->feeds[i], &p->writer.entry, e));
#endif
#if MUTANT == 3
	int put = writer_commit(&p->writer, p->dedupes, p->names, p->open_count, e);
	if (put != 0)
		return put < 0 ? put : 0;
#else
	TRY(writer_commit(&p->writer, p->dedupes, p->names, p->open_count, e));
#endif
	for (size_t i = 0; i < p->open_count; i++)
		TRY(feed_settle(&p->feeds[i], &p->writer.entry, e));
	writer_begin(&p->writer);
	watch_step(p->conf->watch, NULL);
	p->committed_us = clock_mono_us(p->writer.lake->clock);
	return 0;
}

static bool is_commit_due(const struct pump *p)
{
	int64_t every_us = p->conf->commit_us ? p->conf->commit_us : DEFAULT_COMMIT_US;
	size_t  ids = 0;

	for (size_t i = 0; i < p->open_count; i++)
		ids += p->dedupes[i] != NULL ? dedupe_overlay_count(p->dedupes[i]) : 0;
	if (pool_over(p->writer.pool) || ids >= IDS_A_COMMIT)
		return true;
	return p->conf->is_following && clock_mono_us(p->writer.lake->clock) - p->committed_us >= every_us;
}

static int step(struct pump *p, struct feed *f, struct err *e)
{
	int got;

	watch_step(p->conf->watch, "taking records from the source");
	got = feed_step(f, e);
	watch_step(p->conf->watch, NULL);
	if (got < 0)
		return err_add(e, "pipeline " STR_FMT, STR_ARG(f->pipeline->name));
	if (is_commit_due(p))
		TRY(commit(p, e));
	if (got > 0)
		progress(p);
	return got;
}

/* One-shot: one pipeline after the other, each to its end. */
static int drain(struct pump *p, struct err *e)
{
	for (size_t i = 0; i < p->open_count; i++) {
		int got = 1;

		while (got > 0 && !is_stopping(p)) {
			got = step(p, &p->feeds[i], e);
			if (got < 0)
				return got;
		}
	}
	return commit(p, e);
}

static int follow(struct pump *p, struct err *e)
{
	while (!is_stopping(p)) {
		bool is_idle = true;

		for (size_t i = 0; i < p->open_count && !is_stopping(p); i++) {
			int got = step(p, &p->feeds[i], e);

			if (got < 0)
				return got;
			is_idle &= got == 0;
		}
		if (is_idle)
			clock_sleep_us(p->writer.lake->clock, IDLE_US);
	}
	return commit(p, e);
}

/* A quarter of the budget for columns and one for the tables of ids; runs, tapes and what is being compressed have the rest. */
static size_t quarter(const struct pump_conf *conf)
{
	return (conf->memory_bytes ? conf->memory_bytes : DEFAULT_MEMORY) / 4;
}

int pump_run(struct lake *l, struct fs *fs, struct workers *w, const struct pump_conf *conf, pump_progress *each,
             void *context, struct pump_report *out, struct err *e)
{
	AUTO(pump) p = {.conf = conf, .progress = each, .progress_context = context};
	int        status;

	TRY(writer_open(l, w, STR("0"), quarter(conf), &p.writer, e));
	p.feeds = xcalloc(conf->pipeline_count, sizeof(*p.feeds));
	p.dedupes = xcalloc(conf->pipeline_count, sizeof(struct dedupe *));
	p.names = xcalloc(conf->pipeline_count, sizeof(struct names *));
	p.committed_us = clock_mono_us(l->clock);
	for (size_t i = 0; i < conf->pipeline_count; i++) {
		p.open_count++;
		if (feed_open(&p.writer, fs, &conf->pipelines[i], conf->base, quarter(conf) / conf->pipeline_count,
		              &p.feeds[i], e) < 0)
			return err_add(e, "pipeline " STR_FMT, STR_ARG(conf->pipelines[i].name));
		p.dedupes[i] = p.feeds[i].dedupe;
		p.names[i] = &p.feeds[i].names;
	}
	status = conf->is_following ? follow(&p, e) : drain(&p, e);
	if (status == 0)
		report_fill(&p, out);
	return status;
}

#include "ingest/pump.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mutant.h"
#include "ingest/feed.h"
#include "ingest/held.h"
#include "ingest/idsweep.h"
#include "os/clock.h"
#include "os/watch.h"

enum {
	IDS_A_COMMIT = 600000, /* 24 bytes each in the run, and three times that while it is being made */
	DEFAULT_MEMORY = 512 << 20,
	DEFAULT_COMMIT_US = 1000000,
	IDLE_US = 100000,
	NOTICES_SHOWN = 5, /* a share that went away has a thousand files */
};

struct pump {
	const struct pump_conf *conf;
	struct writer           writer;
	struct feed            *feeds;
	size_t                  open_count;
	struct writer_part     *parts;
	int64_t                 committed_us;
	uint64_t                unread;     /* files that could not be read, not following; the first of them: */
	struct err              unread_why;
	pump_progress          *progress;
	void                   *progress_context;
};

static void pump_done(struct pump *p)
{
	for (size_t i = 0; i < p->open_count; i++)
		feed_done(&p->feeds[i]);
	free(p->feeds);
	free(p->parts);
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
	r->files_unread = p->unread;
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

static int commit(struct pump *p, bool is_last, struct err *e)
{
	watch_step(p->conf->watch, "committing to the lake");
#if MUTANT == 9
	for (size_t i = 0; i < p->open_count; i++)
		TRY(feed_settle(&p->feeds[i], &p->writer.entry, e));
#endif
#if MUTANT == 3
	int put = writer_commit(&p->writer, p->parts, p->open_count, is_last, e);
	if (put != 0)
		return put < 0 ? put : 0;
#else
	TRY(writer_commit(&p->writer, p->parts, p->open_count, is_last, e));
#endif
	for (size_t i = 0; i < p->open_count; i++)
		TRY(feed_settle(&p->feeds[i], &p->writer.entry, e));
	writer_begin(&p->writer);
	watch_step(p->conf->watch, NULL);
	p->committed_us = clock_mono_us(p->writer.lake->clock);
	return 0;
}

/* A quarter of the budget for columns and one for the tables of ids; runs, tapes and what is being compressed have the rest. */
static size_t quarter(const struct pump_conf *conf)
{
	return (conf->memory_bytes ? conf->memory_bytes : DEFAULT_MEMORY) / 4;
}

static bool is_commit_due(const struct pump *p)
{
	int64_t every_us = p->conf->commit_us ? p->conf->commit_us : DEFAULT_COMMIT_US;
	size_t  ids = 0, raw_bytes = 0;

	for (size_t i = 0; i < p->open_count; i++) {
		ids += p->feeds[i].dedupe != NULL ? dedupe_overlay_count(p->feeds[i].dedupe) : 0;
		raw_bytes += archive_bytes(&p->feeds[i].archive);
	}
	if (pool_over(p->writer.pool) || ids >= IDS_A_COMMIT || raw_bytes >= quarter(p->conf) / 4)
		return true;
	return p->conf->is_following && clock_mono_us(p->writer.lake->clock) - p->committed_us >= every_us;
}

/* What of the source could not be read, and what can be again. */
static void say_notices(struct pump *p, const struct feed *f)
{
	size_t count = f->run->notices.count;

	for (size_t i = 0; i < count; i++) {
		const struct run_notice *n = &f->run->notices.at[i];

		if (i < NOTICES_SHOWN)
			log_warn("pipeline " STR_FMT ": " STR_FMT, STR_ARG(f->pipeline->name), STR_ARG(n->text));
		if (n->is_failure && !p->conf->is_following && p->unread++ == 0)
			(void)err_set(&p->unread_why, ERR_IO, STR_FMT, STR_ARG(n->text));
	}
	if (count > NOTICES_SHOWN)
		log_warn("pipeline " STR_FMT ": and %zu more of the kind", STR_ARG(f->pipeline->name),
		         count - NOTICES_SHOWN);
}

static int step(struct pump *p, struct feed *f, struct err *e)
{
	int got;

	watch_step(p->conf->watch, "taking records from the source");
	got = feed_step(f, e);
	watch_step(p->conf->watch, NULL);
	say_notices(p, f);
	if (got < 0)
		return err_add(e, "pipeline " STR_FMT, STR_ARG(f->pipeline->name));
	if (is_commit_due(p))
		TRY(commit(p, false, e));
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
	return commit(p, true, e);
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
	return commit(p, true, e);
}

static bool keeps_raw(const struct pump_conf *conf, const struct pipeline *p)
{
	return p->raw == RAW_ON || (p->raw == RAW_DEFAULT && conf->is_following && !conf->is_by_hand);
}

/* The feeds of all pipelines, then what they hold, then their sources. */
static int open_feeds(struct pump *p, struct fs *fs, struct err *e)
{
	const struct pump_conf *conf = p->conf;
	size_t                  count = conf->pipeline_count;

	p->feeds = xcalloc(count, sizeof(*p->feeds));
	p->parts = xcalloc(count, sizeof(*p->parts));
	for (size_t i = 0; i < count; i++) {
		struct pipeline *pipeline = &conf->pipelines[i];

		p->open_count++;
		feed_init(&p->writer, pipeline, conf->base, keeps_raw(conf, pipeline), &p->feeds[i]);
	}
	for (size_t i = 0; i < count; i++) {
		struct feed *f = &p->feeds[i];

		if (feed_open(f, fs, quarter(conf) / count, e) < 0)
			return err_add(e, "pipeline " STR_FMT, STR_ARG(f->pipeline->name));
		p->parts[i] = (struct writer_part){
			f->pipeline->name, f->dedupe, &f->names, f->has_raw ? &f->archive : NULL, &f->retention,
		};
	}
	return held_load(&p->writer, p->feeds, count, NULL, e);
}

int pump_run(struct lake *l, struct fs *fs, struct workers *w, const struct pump_conf *conf, pump_progress *each,
             void *context, struct pump_report *out, struct err *e)
{
	AUTO(pump)               p = {.conf = conf, .progress = each, .progress_context = context};
	const struct writer_conf writer = {
		.lane = STR("0"), .memory_bytes = quarter(conf), .rules = conf->rules, .is_holding = conf->is_following,
	};
	int                      status;

	if (writer_open(l, w, &writer, &p.writer, e) < 0)
		return journal_failed(&p.writer.journal, e);
	if (p.writer.behind.tables > 0)
		log_info("%" PRId64 " tables were behind the journal: %" PRId64 " files with %" PRId64 " rows are added to them",
		         p.writer.behind.tables, p.writer.behind.files, p.writer.behind.rows);
	p.committed_us = clock_mono_us(l->clock);
	status = open_feeds(&p, fs, e);
	if (status == 0)
		ids_sweep(l, writer.lane, &p.writer.state);
	if (status == 0)
		status = conf->is_following ? follow(&p, e) : drain(&p, e);
	if (status < 0) {
		out->head = p.writer.journal.head;
		return journal_failed(&p.writer.journal, e);
	}
	report_fill(&p, out);
	if (p.unread == 0)
		return 0;
	return err_set(e, ERR_IO, "%" PRIu64 " files could not be read to their end: take them again once they can be. The first: %.700s",
	               p.unread, p.unread_why.text);
}

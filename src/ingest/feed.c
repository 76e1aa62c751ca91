#include "ingest/feed.h"

#include <assert.h>
#include <stdlib.h>

#include "ingest/declare.h"
#include "ingest/feed_int.h"
#include "os/clock.h"
#include "os/profile.h"

enum { SLICE = 256, AHEAD = 16, MADE_AT_ONCE = 256 };

/* --- open and close ------------------------------------------------------------------------ */

static str position_of(void *context, str part_key)
{
	const struct feed *f = context;

	return state_position(&f->writer->state, f->pipeline->name, part_key);
}

static int dedupe_of(struct feed *f, size_t memory_bytes, struct err *e)
{
	const struct dedupe_conf conf = {f->pipeline->name, f->pipeline->window_us, memory_bytes, f->pipeline->merge_runs};

	return conf.window_us > 0 ? dedupe_open(f->writer->lake, &conf, &f->writer->state, &f->dedupe, e) : 0;
}

void feed_init(struct writer *w, struct pipeline *p, str base, bool has_raw, struct feed *out)
{
	size_t workers = workers_count(w->workers);

	*out = (struct feed){.pipeline = p, .writer = w, .base = base, .has_raw = has_raw};
	pipeline_seed(p, w->lake->secret);
	names_init(&out->names, p, &w->state);
	archive_init(&out->archive, workers);
	retention_init(&out->retention, p->name, p->raw_keep_us, &w->state);
	out->envelopes = xcalloc(workers, sizeof(*out->envelopes));
	for (size_t i = 0; i < workers; i++)
		envelope_init(&out->envelopes[i], p, w->lake->secret, (uint32_t)i);
}

int feed_open(struct feed *f, struct fs *fs, size_t ids_bytes, struct err *e)
{
	TRY(source_open_file(fs, f->writer->lake->clock, &f->pipeline->source, position_of, f, &f->source, e));
	TRY(dedupe_of(f, ids_bytes, e));
	f->prefetch = prefetch_new(f->source, workers_count(f->writer->workers) > 1);
	return 0;
}

void feed_done(struct feed *f)
{
	prefetch_free(f->prefetch);
	source_close(f->source);
	dedupe_close(f->dedupe);
	for (size_t i = 0; f->envelopes != NULL && i < workers_count(f->writer->workers); i++)
		envelope_done(&f->envelopes[i]);
	free(f->envelopes);
	archive_done(&f->archive);
	retention_done(&f->retention);
	for (size_t i = 0; i < f->targets.count; i++) {
		if (f->targets.at[i].shred != NULL)
			shred_done(f->targets.at[i].shred);
		free(f->targets.at[i].shred);
	}
	VEC_DONE(&f->targets);
	VEC_DONE(&f->events);
	VEC_DONE(&f->part_names);
	VEC_DONE(&f->part_labels);
	VEC_DONE(&f->order);
	VEC_DONE(&f->ends);
	VEC_DONE(&f->largest);
	VEC_DONE(&f->newcomers);
	VEC_DONE(&f->settled);
	names_done(&f->names);
	arena_done(&f->scratch);
}

/* --- envelope ------------------------------------------------------------------------------ */

void feed_name_parts(struct feed *f)
{
	f->part_names.count = f->part_labels.count = 0;
	for (size_t i = 0; i < f->run->parts.count; i++) {
		str key = f->run->parts.at[i].key;

		*VEC_ADD(&f->part_names) = envelope_part_name(f->pipeline, key, &f->scratch);
		*VEC_ADD(&f->part_labels) = str_starts(key, f->base) ? str_from(key, f->base.len) : key;
	}
}

static int envelope_slice(void *context, size_t slice, size_t worker, struct err *e)
{
	struct feed     *f = context;
	struct envelope *v = &f->envelopes[worker];
	size_t           end = (slice + 1) * SLICE;
	PROFILE(PROFILE_ENVELOPE);

	(void)e;
	if (end > f->run->records.count)
		end = f->run->records.count;
	for (size_t i = slice * SLICE; i < end; i++) {
		const struct record *record = &f->run->records.at[i];

		envelope_open(v, f->run, record, f->part_names.at[record->part], &f->events.at[i]);
	}
	return 0;
}

int feed_envelope(struct feed *f, struct err *e)
{
	size_t count = f->run->records.count;

	for (size_t i = 0; i < workers_count(f->writer->workers); i++)
		envelope_clear(&f->envelopes[i], f->now_us);
	VEC_ROOM(&f->events, count);
	f->events.count = count;
	return workers_run(f->writer->workers, envelope_slice, f, (count + SLICE - 1) / SLICE, e);
}

/* --- judge --------------------------------------------------------------------------------- */

static void refuse(struct event *ev, enum reason reason)
{
	ev->verdict = VERDICT_QUARANTINE;
	ev->reason = reason;
}

/* The columns that contracts declare, for a table that is made anew: where the live one has them of another type, they are
 * other columns. Rows of a live table bring theirs when they come (shred.c). What a pattern may stand for nobody can tell
 * beforehand: those count that names have which the journal knows. */
static void declare_all(const struct feed *f, const struct event *ev, str table, struct schema *schema)
{
	const struct pipeline *p = f->pipeline;
	struct tree            tree;

	tree_init(&tree, schema, p, f->writer->lake->secret);
	if (ev->contract != NULL)
		declare_columns(&tree, ev->contract);
	declare_shared(&tree, p, table);
	for (size_t i = 0; p->contracts != NULL && names_share_tables(p->table) && i < f->names.entries.count; i++) {
		const struct name_entry *name = &f->names.entries.at[i];
		const struct contract   *c = str_eq(name->table, table) ? contracts_find(p->contracts, name->name) : NULL;

		if (c != NULL)
			declare_columns(&tree, c);
	}
	tree_done(&tree);
}

/* How the table of an event is made where it is not there. */
struct fresh {
	struct schema      schema;
	struct table_fresh table;
};

static void fresh_done(struct fresh *f)
{
	schema_done(&f->schema);
}

AUTO_DEFINE(fresh, fresh_done)

static void fresh_begin(const struct feed *f, const struct event *ev, str table, struct fresh *out)
{
	const struct table_rule *rule = table_rule_of(f->writer->rules, table);

	standard_schema(f->pipeline, &f->pipeline->names[ev->name_rule], &out->schema);
	out->table = (struct table_fresh){
		.schema = &out->schema,
		.transform = rule->has_partition ? rule->partition : f->pipeline->partition,
		.time_id = schema_child(out->schema.root, STR("event_time"))->id,
	};
	if (f->writer->stage != NULL)
		declare_all(f, ev, table, &out->schema);
}

static int open_target(struct feed *f, struct event *ev, struct name_entry *name, struct err *e)
{
	AUTO(fresh)    fresh = {0};
	struct target *target;

	fresh_begin(f, ev, name->table, &fresh);
	TRY(writer_target(f->writer, STR("events"), name->table, &fresh.table, &name->target, e));
	target = f->writer->targets.at[name->target];
	target->may_hold &= f->has_raw;
	if (standard_check(f->pipeline, &target->table->schema, e) < 0)
		return err_add(e, "table events." STR_FMT, STR_ARG(name->table));
	return 0;
}

/* The entry of the event's name, and the name as the journal has it; false: refused. */
static bool find_name(struct feed *f, struct event *ev, uint32_t *entry)
{
	enum reason reason = names_find(&f->names, ev->name, ev->name_hash, entry);

	if (reason != REASON_NONE) {
		refuse(ev, reason);
		return false;
	}
	ev->name = f->names.entries.at[*entry].name;
	ev->target = f->names.entries.at[*entry].target;
	return true;
}

static int find_target(struct feed *f, struct event *ev, uint32_t entry, struct err *e)
{
	struct name_entry *name = &f->names.entries.at[entry];

	if (name->target == TARGET_NONE)
		TRY(open_target(f, ev, name, e));
	ev->target = name->target;
	return 0;
}

int feed_route(struct feed *f, struct event *ev, struct err *e)
{
	uint32_t entry;

	return find_name(f, ev, &entry) ? find_target(f, ev, entry, e) : 0;
}

/* The tables of some newcomers that are the first of their names. */
static void make_some(struct feed *f, const struct newcomer *firsts, size_t count)
{
	struct fresh      *fresh = ARENA_ARRAY(&f->scratch, struct fresh, count);
	struct table_want *wants = ARENA_ARRAY(&f->scratch, struct table_want, count);

	for (size_t i = 0; i < count; i++) {
		wants[i] = (struct table_want){f->names.entries.at[firsts[i].entry].table, &fresh[i].table};
		fresh_begin(f, &f->events.at[firsts[i].event], wants[i].name, &fresh[i]);
	}
	writer_make(f->writer, STR("events"), wants, count);
	for (size_t i = 0; i < count; i++)
		fresh_done(&fresh[i]);
}

/* Tables that are met for the first time are made together before the first of them is opened. */
static int open_newcomers(struct feed *f, struct err *e)
{
	struct newcomer *firsts = ARENA_ARRAY(&f->scratch, struct newcomer, f->newcomers.count);
	bool            *seen = ARENA_ARRAY(&f->scratch, bool, f->names.entries.count);
	size_t           count = 0;

	for (size_t i = 0; i < f->newcomers.count; i++) {
		struct newcomer n = f->newcomers.at[i];

		if (!seen[n.entry])
			firsts[count++] = n;
		seen[n.entry] = true;
	}
	for (size_t i = 0; i < count; i += MADE_AT_ONCE)
		make_some(f, firsts + i, count - i < MADE_AT_ONCE ? count - i : MADE_AT_ONCE);
	for (size_t i = 0; i < f->newcomers.count; i++)
		TRY(find_target(f, &f->events.at[f->newcomers.at[i].event], f->newcomers.at[i].entry, e));
	return 0;
}

/* The table of each event, in order of arrival: of names that clash the first is taken. */
static int route_all(struct feed *f, struct err *e)
{
	f->newcomers.count = 0;
	for (size_t i = 0; i < f->events.count; i++) {
		struct event *ev = &f->events.at[i];
		uint32_t      entry;

		if (ev->verdict == VERDICT_ROW && find_name(f, ev, &entry) && ev->target == TARGET_NONE)
			*VEC_ADD(&f->newcomers) = (struct newcomer){(uint32_t)i, entry};
	}
	return f->newcomers.count > 0 ? open_newcomers(f, e) : 0;
}

int feed_repeat(struct feed *f, struct event *ev, struct err *e)
{
	enum dedupe_verdict verdict;

	TRY(dedupe_take(f->dedupe, ev->key, ev->payload, ev->time_us, &verdict, e));
	if (verdict == DEDUPE_DUPLICATE)
		ev->verdict = VERDICT_DUPLICATE;
	else if (verdict == DEDUPE_CONFLICT && f->pipeline->on_conflict == CONFLICT_KEEP_FIRST)
		ev->verdict = VERDICT_CONFLICT;
	else if (verdict == DEDUPE_CONFLICT)
		refuse(ev, REASON_ID_CONFLICT);
	return 0;
}

/* In order of arrival: of several with one id the first is the row. */
static int judge_all(struct feed *f, struct err *e)
{
	PROFILE(PROFILE_JUDGE);

	TRY(route_all(f, e));
	for (size_t i = 0; i < f->events.count; i++) {
		struct event *ev = &f->events.at[i];

		if (f->dedupe != NULL && i + AHEAD < f->events.count)
			dedupe_prefetch(f->dedupe, f->events.at[i + AHEAD].key);
		if (ev->verdict == VERDICT_ROW && f->dedupe != NULL)
			TRY(feed_repeat(f, ev, e));
		if (ev->verdict == VERDICT_ROW)
			ev->words = f->envelopes[ev->tape].tape.words + ev->tape_at;
	}
	return 0;
}

/* --- one batch ----------------------------------------------------------------------------- */

static void count_all(struct feed *f)
{
	struct entry_counts batch = {.pipeline = f->pipeline->name, .records = (int64_t)f->events.count};

	for (size_t i = 0; i < f->events.count; i++) {
		const struct event *ev = &f->events.at[i];

		batch.rows += ev->verdict == VERDICT_ROW;
		batch.duplicates += ev->verdict == VERDICT_DUPLICATE;
		batch.conflicts += ev->verdict == VERDICT_CONFLICT;
		batch.quarantined += ev->verdict == VERDICT_QUARANTINE;
		f->counts.reasons[ev->reason]++;
	}
	assert(batch.records == batch.rows + batch.duplicates + batch.conflicts + batch.quarantined);
	writer_add_counts(f->writer, &batch);
	f->counts.sums.records += batch.records;
	f->counts.sums.rows += batch.rows;
	f->counts.sums.duplicates += batch.duplicates;
	f->counts.sums.conflicts += batch.conflicts;
	f->counts.sums.quarantined += batch.quarantined;
	f->counts.blank_lines += (int64_t)f->run->blank_lines;
	f->counts.bytes += f->run->raw_bytes;
}

int feed_archive(struct feed *f, struct err *e)
{
	size_t               targets = f->writer->targets.count;
	str                 *tables = ARENA_ARRAY(&f->scratch, str, targets + 1);
	PROFILE(PROFILE_ARCHIVE);
	struct archive_batch batch = {
		f->run, f->events.at, f->events.count, f->part_labels.at, tables, f->now_us,
	};

	if (!f->has_raw || f->events.count == 0)
		return 0;
	for (size_t i = 0; i < targets; i++)
		tables[i] = f->writer->targets.at[i]->name;
	return archive_take(&f->archive, f->writer->workers, &batch, e);
}

int feed_step(struct feed *f, struct err *e)
{
	int got = prefetch_next(f->prefetch, &f->run, e);

	if (got <= 0)
		return got;
	arena_reset(&f->scratch);
	f->now_us = clock_now_us(f->writer->lake->clock);
	feed_name_parts(f);
	TRY(feed_envelope(f, e));
	TRY(judge_all(f, e));
	TRY(feed_rows(f, e));
	TRY(feed_archive(f, e));
	writer_move(f->writer, f->pipeline->name, f->run);
	count_all(f);
	return 1;
}

int feed_settle(struct feed *f, const struct journal_entry *entry, struct err *e)
{
	f->settled.count = 0;
	for (size_t i = 0; i < entry->positions.count; i++) {
		const struct entry_position *p = &entry->positions.at[i];

		if (str_eq(p->pipeline, f->pipeline->name))
			*VEC_ADD(&f->settled) = (struct run_part){.key = p->key, .from = p->from, .to = p->to};
	}
	return f->settled.count > 0 ? prefetch_settle(f->prefetch, f->settled.at, f->settled.count, e) : 0;
}

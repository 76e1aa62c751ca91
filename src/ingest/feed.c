#include "ingest/feed.h"

#include <assert.h>
#include <stdlib.h>

#include "ingest/quarantine.h"
#include "os/clock.h"

enum { SLICE = 256, AHEAD = 16 };

/* --- open and close ------------------------------------------------------------------------ */

static str position_of(void *context, str part_key)
{
	const struct feed *f = context;

	return state_position(&f->writer->state, f->pipeline->name, part_key);
}

static int dedupe_of(struct feed *f, size_t memory_bytes, struct err *e)
{
	const struct dedupe_conf conf = {f->pipeline->name, f->pipeline->window_us, memory_bytes};

	return conf.window_us > 0 ? dedupe_open(f->writer->lake, &conf, &f->writer->state, &f->dedupe, e) : 0;
}

int feed_open(struct writer *w, struct fs *fs, struct pipeline *p, str base, size_t ids_bytes, struct feed *out,
              struct err *e)
{
	size_t workers = workers_count(w->workers);

	*out = (struct feed){.pipeline = p, .writer = w, .base = base};
	pipeline_seed(p, w->lake->secret);
	names_init(&out->names, p, &w->state);
	out->envelopes = xcalloc(workers, sizeof(*out->envelopes));
	for (size_t i = 0; i < workers; i++)
		envelope_init(&out->envelopes[i], p, w->lake->secret, (uint32_t)i);
	TRY(source_open_file(fs, w->lake->clock, &p->source, position_of, out, &out->source, e));
	TRY(dedupe_of(out, ids_bytes, e));
	out->prefetch = prefetch_new(out->source, workers > 1);
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
	VEC_DONE(&f->settled);
	names_done(&f->names);
	arena_done(&f->scratch);
}

/* --- envelope ------------------------------------------------------------------------------ */

static void name_parts(struct feed *f)
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

	(void)e;
	if (end > f->run->records.count)
		end = f->run->records.count;
	for (size_t i = slice * SLICE; i < end; i++) {
		const struct record *record = &f->run->records.at[i];

		envelope_open(v, f->run, record, f->part_names.at[record->part], &f->events.at[i]);
	}
	return 0;
}

static int envelope_all(struct feed *f, struct err *e)
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

static int open_target(struct feed *f, struct event *ev, struct name_entry *name, struct err *e)
{
	AUTO(schema)       schema = {0};
	struct table_fresh fresh = {.schema = &schema, .transform = f->pipeline->partition};
	struct table      *table;

	standard_schema(f->pipeline, &f->pipeline->names[ev->name_rule], &schema);
	fresh.time_id = schema_child(schema.root, STR("event_time"))->id;
	TRY(writer_target(f->writer, STR("events"), name->table, &fresh, &name->target, e));
	table = f->writer->targets.at[name->target]->table;
	if (standard_check(f->pipeline, &table->schema, e) < 0)
		return err_add(e, "table events." STR_FMT, STR_ARG(name->table));
	return 0;
}

static int route(struct feed *f, struct event *ev, struct err *e)
{
	uint32_t    index;
	enum reason reason = names_find(&f->names, ev->name, ev->name_hash, &index);

	if (reason != REASON_NONE) {
		refuse(ev, reason);
		return 0;
	}
	ev->name = f->names.entries.at[index].name;
	if (f->names.entries.at[index].target == TARGET_NONE)
		TRY(open_target(f, ev, &f->names.entries.at[index], e));
	ev->target = f->names.entries.at[index].target;
	return 0;
}

static int judge_repeat(struct feed *f, struct event *ev, struct err *e)
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
	for (size_t i = 0; i < f->events.count; i++) {
		struct event *ev = &f->events.at[i];

		if (f->dedupe != NULL && i + AHEAD < f->events.count)
			dedupe_prefetch(f->dedupe, f->events.at[i + AHEAD].key);
		if (ev->verdict == VERDICT_ROW)
			TRY(route(f, ev, e));
		if (ev->verdict == VERDICT_ROW && f->dedupe != NULL)
			TRY(judge_repeat(f, ev, e));
		if (ev->verdict == VERDICT_ROW)
			ev->words = f->envelopes[ev->tape].tape.words + ev->tape_at;
	}
	return 0;
}

/* --- shred --------------------------------------------------------------------------------- */

static void targets_room(struct feed *f)
{
	while (f->targets.count < f->writer->targets.count)
		*VEC_ADD(&f->targets) = (struct feed_target){0};
}

static int larger_group(const void *a, const void *b, void *context)
{
	const struct feed *f = context;
	uint32_t           x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint32_t           x_count = f->ends.at[x] - (x ? f->ends.at[x - 1] : 0);
	uint32_t           y_count = f->ends.at[y] - (y ? f->ends.at[y - 1] : 0);

	return x_count != y_count ? (x_count > y_count ? -1 : 1) : x < y ? -1 : x > y;
}

/* Counting sort of the rows by target; order of arrival is kept within one. */
static void group(struct feed *f)
{
	size_t    targets = f->writer->targets.count;
	uint32_t *next = ARENA_ARRAY(&f->scratch, uint32_t, targets + 1);

	targets_room(f);
	for (size_t i = 0; i < f->events.count; i++)
		if (f->events.at[i].verdict == VERDICT_ROW)
			next[f->events.at[i].target + 1]++;
	for (size_t t = 0; t < targets; t++) {
		f->targets.at[t].rows += next[t + 1];
		next[t + 1] += next[t];
	}
	VEC_ROOM(&f->order, next[targets]);
	f->order.count = next[targets];
	VEC_ROOM(&f->ends, targets);
	f->ends.count = targets;
	if (targets > 0)
		memcpy(f->ends.at, next + 1, targets * sizeof(*next));
	for (size_t i = 0; i < f->events.count; i++)
		if (f->events.at[i].verdict == VERDICT_ROW)
			f->order.at[next[f->events.at[i].target]++] = (uint32_t)i;

	f->largest.count = 0;
	for (uint32_t t = 0; t < targets; t++)
		if (f->ends.at[t] > (t ? f->ends.at[t - 1] : 0))
			*VEC_ADD(&f->largest) = t;
	if (f->largest.count > 1)
		qsort_r(f->largest.at, f->largest.count, sizeof(uint32_t), larger_group, f);
}

/* The pipeline's keys get a bloom filter as soon as they are columns. */
static void add_blooms(const struct pipeline *p, struct table *t)
{
	for (uint32_t i = 0; i < p->key_count; i++) {
		const struct field *f = schema_find(&t->schema, p->keys[i]);
		uint32_t            k = 0;

		if (f == NULL || !field_is_leaf(f) || f->type == TYPE_BOOL)
			continue;
		while (k < t->bloom_count && t->bloom_ids[k] != f->id)
			k++;
		if (k == t->bloom_count && k < sizeof(t->bloom_ids) / sizeof(t->bloom_ids[0]))
			t->bloom_ids[t->bloom_count++] = f->id;
	}
}

static int shred_group(void *context, size_t task, size_t worker, struct err *e)
{
	struct feed        *f = context;
	uint32_t            t = f->largest.at[task];
	struct target      *target = f->writer->targets.at[t];
	struct feed_target *mine = &f->targets.at[t];
	uint32_t            from = t ? f->ends.at[t - 1] : 0;

	(void)worker, (void)e;
	if (mine->shred == NULL) {
		mine->shred = xcalloc(1, sizeof(*mine->shred));
		shred_init(mine->shred, f->pipeline, f->writer->lake->secret, target->table, &target->columns);
	}
	for (uint32_t i = from; i < f->ends.at[t]; i++) {
		const struct event *ev = &f->events.at[f->order.at[i]];

		if (i + 1 < f->ends.at[t])
			__builtin_prefetch(f->events.at[f->order.at[i + 1]].words);
		shred_row(mine->shred, f->run, ev, f->part_labels.at[ev->record->part], f->now_us);
	}
	if (mine->fields_seen != target->table->schema.count) {
		mine->fields_seen = target->table->schema.count;
		add_blooms(f->pipeline, target->table);
	}
	return 0;
}

static int quarantine_all(struct feed *f, struct err *e)
{
	struct target *target = NULL;

	for (size_t i = 0; i < f->events.count; i++) {
		const struct event *ev = &f->events.at[i];

		if (ev->verdict != VERDICT_QUARANTINE)
			continue;
		if (target == NULL) {
			AUTO(schema)       schema = {0};
			struct table_fresh fresh = {.schema = &schema, .transform = ICE_DAY};
			uint32_t           index;

			quarantine_schema(&schema);
			fresh.time_id = schema.root->children[0]->id;
			TRY(writer_target(f->writer, STR("tarn"), STR("quarantine"), &fresh, &index, e));
			target = f->writer->targets.at[index];
		}
		quarantine_row(&target->columns, f->run, ev, f->pipeline->name, f->part_labels.at[ev->record->part],
		               f->now_us);
	}
	return 0;
}

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

int feed_step(struct feed *f, struct err *e)
{
	int got = prefetch_next(f->prefetch, &f->run, e);

	if (got <= 0)
		return got;
	arena_reset(&f->scratch);
	f->now_us = clock_now_us(f->writer->lake->clock);
	name_parts(f);
	TRY(envelope_all(f, e));
	TRY(judge_all(f, e));
	group(f);
	TRY(workers_run(f->writer->workers, shred_group, f, f->largest.count, e));
	TRY(quarantine_all(f, e));
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

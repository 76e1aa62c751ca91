/* feed_rows.c - judged events become rows in the columns of their tables, side by side over tables. */
#include <stdlib.h>

#include "ingest/feed_int.h"
#include "ingest/quarantine.h"
#include "os/profile.h"

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
	PROFILE(PROFILE_SHRED);

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
			target->may_hold &= f->has_raw;
		}
		quarantine_row(&target->columns, f->run, ev, f->pipeline->name, f->part_labels.at[ev->record->part],
		               f->now_us);
	}
	return 0;
}

int feed_rows(struct feed *f, struct err *e)
{
	PROFILE(PROFILE_SHRED);

	group(f);
	TRY(workers_run(f->writer->workers, shred_group, f, f->largest.count, e));
	return quarantine_all(f, e);
}

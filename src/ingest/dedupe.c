/* Invariants: a run stands in exactly one reach: the table (runs[first_tabled..]), filters (runs[first_window..first_tabled)),
 * or the hours (runs[0..first_window)). Runs move down as they age or as the table fills, never up. */
#include "ingest/dedupe.h"

#include <assert.h>
#include <stdlib.h>

#include "codec/time.h"
#include "ingest/idrun_set.h"
#include "ingest/idtable.h"
#include "os/clock.h"

enum { KEPT_BYTES = 48 << 20, DEFAULT_MEMORY = 256 << 20 };

struct overlay {
	struct { VEC_OF(struct id_item); } items;
	uint32_t *slots; /* item + 1; a power of two of them */
	size_t    slot_count;
};

struct dedupe {
	struct lake     *lake;
	str              pipeline;
	int64_t          window_us;
	size_t           memory_bytes;
	struct arena     arena;
	struct idrun_set set;
	uint32_t         first_window, first_tabled;
	struct idtable   table;
	struct overlay   overlay;
	struct buf       run; /* bytes of the run being committed */
	struct { VEC_OF(struct id_item); } sorted;
};

/* --- overlay -------------------------------------------------------------------------------- */

static uint32_t *overlay_slot(const struct overlay *o, struct hash128 key)
{
	size_t mask = o->slot_count - 1;

	for (size_t i = key.low & mask;; i = (i + 1) & mask) {
		uint32_t item = o->slots[i];

		if (item == 0 || hash128_cmp(o->items.at[item - 1].key, key) == 0)
			return &o->slots[i];
	}
}

static void overlay_add(struct overlay *o, const struct id_item *item)
{
	if ((o->items.count + 1) * 2 > o->slot_count) {
		free(o->slots);
		o->slot_count = o->slot_count ? o->slot_count * 2 : 1024;
		o->slots = xcalloc(o->slot_count, sizeof(*o->slots));
		for (size_t i = 0; i < o->items.count; i++)
			*overlay_slot(o, o->items.at[i].key) = (uint32_t)i + 1;
	}
	*VEC_ADD(&o->items) = *item;
	*overlay_slot(o, item->key) = (uint32_t)o->items.count;
}

static void overlay_clear(struct overlay *o)
{
	o->items.count = 0;
	if (o->slots != NULL)
		memset(o->slots, 0, o->slot_count * sizeof(*o->slots));
}

/* --- reaches -------------------------------------------------------------------------------- */

static void table_add(void *context, struct hash128 key, uint32_t section)
{
	struct dedupe *d = context;

	idtable_add(&d->table, key, section);
}

static uint64_t table_ceiling(const struct dedupe *d) /* keys */
{
	return d->memory_bytes / sizeof(uint64_t) * 7 / 10;
}

/* Make room for `coming` keys of the newest run: when the table is at its ceiling, the oldest runs leave it until it is
 * half full, and are found through filters from then on. */
static int table_make_room(struct dedupe *d, uint64_t coming, struct err *e)
{
	uint64_t left = d->table.count;

	if (left + coming <= table_ceiling(d))
		return 0;
	while (d->first_tabled + 1 < d->set.runs.count && left + coming > table_ceiling(d) / 2) {
		TRY(idrun_set_filter(&d->set, d->first_tabled, e));
		left -= idrun_set_keys(&d->set, d->first_tabled);
		d->first_tabled++;
	}
	idtable_drop_below(&d->table, d->set.runs.at[d->first_tabled].first_section);
	assert(d->table.count == left);
	return 0;
}

static void window_move(struct dedupe *d, int64_t now_us)
{
	while (d->first_window < d->first_tabled && d->set.runs.at[d->first_window].time_us < now_us - d->window_us)
		free(TAKE(d->set.runs.at[d->first_window++].filter));
}

static int run_to_table(struct dedupe *d, uint32_t run, struct err *e)
{
	uint64_t coming = idrun_set_keys(&d->set, run);

	TRY(table_make_room(d, coming, e));
	idtable_reserve(&d->table, coming);
	return idrun_set_walk(&d->set, run, table_add, d, e);
}

/* --- look-up -------------------------------------------------------------------------------- */

/* 1 and the payload where one of the run's sections holds the key; `hour` narrows it to one (INT64_MIN: all). */
static int find_in_run(struct dedupe *d, uint32_t run, struct hash128 key, int64_t hour, uint64_t *payload,
                       struct err *e)
{
	const struct id_run *r = &d->set.runs.at[run];

	for (uint32_t i = r->first_section; i < r->first_section + r->section_count; i++) {
		int found;

		if (hour != INT64_MIN && d->set.places.at[i].section.hour != hour)
			continue;
		found = idrun_set_find(&d->set, i, key, payload, e);
		if (found != 0)
			return found;
	}
	return 0;
}

static int find_committed(struct dedupe *d, struct hash128 key, int64_t hour, uint64_t *payload, struct err *e)
{
	uint64_t at = UINT64_MAX;
	uint32_t section;
	int      found;

	while (idtable_next(&d->table, key, &at, &section)) {
		found = idrun_set_find(&d->set, section, key, payload, e);
		if (found != 0)
			return found;
	}
	for (uint32_t run = d->first_window; run < d->first_tabled; run++) {
		if (!idrun_may_hold(&d->set.runs.at[run], key))
			continue;
		found = find_in_run(d, run, key, INT64_MIN, payload, e);
		if (found != 0)
			return found;
	}
	for (uint32_t run = 0; run < d->first_window; run++) {
		found = find_in_run(d, run, key, hour, payload, e);
		if (found != 0)
			return found;
	}
	return 0;
}

void dedupe_prefetch(const struct dedupe *d, struct hash128 key)
{
	idtable_prefetch(&d->table, key);
	if (d->overlay.slot_count > 0)
		__builtin_prefetch(&d->overlay.slots[key.low & (d->overlay.slot_count - 1)]);
}

int dedupe_take(struct dedupe *d, struct hash128 key, uint64_t payload, int64_t time_us, enum dedupe_verdict *out,
                struct err *e)
{
	const struct overlay *o = &d->overlay;
	struct id_item        item = {key, payload, time_hour(time_us)};
	uint32_t              known = o->slot_count > 0 ? *overlay_slot(o, key) : 0;
	uint64_t              seen;
	int                   found = 1;

	if (known != 0)
		seen = o->items.at[known - 1].payload;
	else
		found = find_committed(d, key, item.hour, &seen, e);
	if (found < 0)
		return found;
	if (found == 0)
		overlay_add(&d->overlay, &item);
	*out = found == 0 ? DEDUPE_NEW : seen == payload ? DEDUPE_DUPLICATE : DEDUPE_CONFLICT;
	return 0;
}

size_t dedupe_overlay_count(const struct dedupe *d)
{
	return d->overlay.items.count;
}

/* --- with the journal ------------------------------------------------------------------------ */

int dedupe_write_run(struct dedupe *d, const struct origin *o, uint32_t number, struct journal_entry *entry,
                     struct err *e)
{
	size_t            count = d->overlay.items.count;
	struct entry_ids *ids;
	char              hex[33];

	if (count == 0)
		return 0;
	VEC_ROOM(&d->sorted, count);
	memcpy(d->sorted.at, d->overlay.items.at, count * sizeof(*d->sorted.at));
	qsort(d->sorted.at, count, sizeof(*d->sorted.at), id_item_order);
	buf_clear(&d->run);
	idrun_write(d->sorted.at, count, &d->run);
	if (buf_over(&d->run))
		return err_set(e, ERR_LIMIT, "a run of %zu ids is too large: commit more often", count);
	lake_checksum(buf_str(&d->run), hex);
	ids = VEC_ADD(&entry->ids);
	*ids = (struct entry_ids){
		.pipeline = arena_str(&entry->arena, d->pipeline),
		.key = lake_ids_key(&entry->arena, o->lane, lake_origin(&entry->arena, o, number)),
		.checksum = arena_str(&entry->arena, str_of(hex)),
		.count = (int64_t)count,
		.bytes = (int64_t)d->run.len,
	};
	return store_put_soon_sure(d->lake->store, ids->key, buf_str(&d->run), e);
}

int dedupe_committed(struct dedupe *d, const struct journal_entry *entry, struct err *e)
{
	for (size_t i = 0; i < entry->ids.count; i++) {
		const struct entry_ids *ids = &entry->ids.at[i];

		if (!str_eq(ids->pipeline, d->pipeline))
			continue;
		TRY(idrun_set_add(&d->set, ids->key, (uint64_t)ids->bytes, entry->time_us, buf_str(&d->run), e));
		TRY(run_to_table(d, (uint32_t)d->set.runs.count - 1, e));
	}
	overlay_clear(&d->overlay);
	window_move(d, entry->time_us);
	return 0;
}

/* Runs older than the window only lend their sections; of the others all keys are read. */
static int load(struct dedupe *d, const struct journal_state *state, struct err *e)
{
	int64_t floor_us = clock_now_us(d->lake->clock) - d->window_us;

	for (size_t i = 0; i < state->runs.count; i++) {
		const struct state_run *r = &state->runs.at[i];
		uint64_t                bytes;

		if (!str_eq(r->pipeline, d->pipeline))
			continue;
		TRY(store_size(d->lake->store, r->key, &bytes, e));
		TRY(idrun_set_add(&d->set, r->key, bytes, r->time_us, (str){0}, e));
		if (r->time_us < floor_us && d->first_tabled + 1 == d->set.runs.count)
			d->first_window = ++d->first_tabled;
		else
			TRY(run_to_table(d, (uint32_t)d->set.runs.count - 1, e));
	}
	return 0;
}

int dedupe_open(struct lake *l, const struct dedupe_conf *conf, const struct journal_state *state,
                struct dedupe **out, struct err *e)
{
	AUTO_PTR(dedupe) d = xcalloc(1, sizeof(*d));

	assert(conf->window_us > 0);
	d->lake = l;
	d->pipeline = arena_str(&d->arena, conf->pipeline);
	d->window_us = conf->window_us;
	d->memory_bytes = conf->memory_bytes ? conf->memory_bytes : DEFAULT_MEMORY;
	idrun_set_init(&d->set, l, KEPT_BYTES);
	idtable_init(&d->table, 0);
	if (load(d, state, e) < 0)
		return err_add(e, "load the ids of pipeline " STR_FMT, STR_ARG(conf->pipeline));
	*out = TAKE(d);
	return 0;
}

void dedupe_close(struct dedupe *d)
{
	if (d == NULL)
		return;
	idrun_set_done(&d->set);
	idtable_done(&d->table);
	VEC_DONE(&d->overlay.items);
	VEC_DONE(&d->sorted);
	free(d->overlay.slots);
	buf_done(&d->run);
	arena_done(&d->arena);
	free(d);
}

void dedupe_count(const struct dedupe *d, struct dedupe_counts *out)
{
	*out = (struct dedupe_counts){
		.keys = d->table.count + d->overlay.items.count,
		.table_bytes = sizeof(uint64_t) << d->table.log2,
		.runs = d->set.runs.count,
		.reads = d->set.reads,
	};
}

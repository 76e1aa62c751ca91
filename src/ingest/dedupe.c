/* Invariants: a run stands in exactly one reach: the table (runs[first_tabled..]), filters (runs[first_window..first_tabled)),
 * or the hours (runs[0..first_window)). Runs move down as the table fills, and from filters to hours once they are older than the
 * window, never up. So what the table holds is found whatever its age. Runs that become one stand in one reach, and that one
 * takes their place in it when the entry is committed: until then only the entry knows of it. */
#include "ingest/dedupe.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mutant.h"
#include "codec/time.h"
#include "ingest/idhours.h"
#include "ingest/idmerge.h"
#include "ingest/idsort.h"
#include "ingest/idtable.h"
#include "os/clock.h"

enum {
	KEPT_BYTES = 24 << 20,
	DEFAULT_MEMORY = 256 << 20,
	DEFAULT_MERGE_RUNS = 16,
	MERGE_BYTES_MIN = 1 << 20, /* the run that others become is whole in memory, and a commit waits for it */
	MERGE_BYTES_MAX = 256 << 20,
};

struct overlay {
	struct { VEC_OF(struct id_item); } items;
	uint32_t *slots; /* item + 1; a power of two of them */
	size_t    slot_count;
};

struct dedupe {
	struct lake        *lake;
	str                 pipeline;
	int64_t             window_us;
	uint64_t            table_ceiling; /* keys */
	struct idmerge_conf merge;
	struct arena        arena;
	struct idrun_set    set;
	uint32_t            first_window, first_tabled;
	struct idhours      hours;
	struct idtable      table;
	struct overlay      overlay;
	struct buf          run, merged; /* bytes of the runs being committed */
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

/* Make room for `coming` keys of the newest run: when the table is at its ceiling, the oldest runs leave it until it is
 * half full, and are found through filters from then on. The newest run is always in it, however large. */
static int table_make_room(struct dedupe *d, uint64_t coming, struct err *e)
{
	uint64_t left = d->table.count;

	if (left + coming <= d->table_ceiling)
		return 0;
	while (d->first_tabled + 1 < d->set.runs.count && left + coming > d->table_ceiling / 2) {
		TRY(idrun_set_filter(&d->set, d->first_tabled, e));
		left -= d->set.runs.at[d->first_tabled].count;
		d->first_tabled++;
	}
	idtable_drop_below(&d->table, d->set.runs.at[d->first_tabled].first_section);
	assert(d->table.count == left);
	return 0;
}

static void hours_add(struct dedupe *d, uint32_t run)
{
	const struct id_run *r = &d->set.runs.at[run];

	for (uint32_t i = r->first_section; i < r->first_section + r->section_count; i++)
		idhours_add(&d->hours, d->set.places.at[i].section.hour, i);
}

/* The oldest run in the window leaves it. */
static void run_to_hours(struct dedupe *d)
{
	free(TAKE(d->set.runs.at[d->first_window].filter));
	hours_add(d, d->first_window++);
}

static void window_move(struct dedupe *d, int64_t now_us)
{
	while (d->first_window < d->first_tabled && d->set.runs.at[d->first_window].time_us < now_us - d->window_us)
		run_to_hours(d);
}

static int run_to_table(struct dedupe *d, uint32_t run, struct err *e)
{
	uint64_t coming = d->set.runs.at[run].count;

	if (d->set.places.count > IDTABLE_SECTIONS)
		return err_set(e, ERR_LIMIT, "pipeline " STR_FMT " has over %d sections of ids", STR_ARG(d->pipeline),
		               IDTABLE_SECTIONS);
	TRY(table_make_room(d, coming, e));
	idtable_reserve(&d->table, coming, d->table_ceiling);
	return idrun_set_walk(&d->set, run, table_add, d, e);
}

/* --- look-up -------------------------------------------------------------------------------- */

/* All of these: 1 and the payload where the key is found, 0 where it is not. */
static int find_in_table(struct dedupe *d, struct hash128 key, uint64_t *payload, struct err *e)
{
	uint64_t at = UINT64_MAX;
	uint32_t section;
	int      found = 0;

	while (found == 0 && idtable_next(&d->table, key, &at, &section))
		found = idrun_set_find(&d->set, section, key, payload, e);
	return found;
}

static int find_by_filters(struct dedupe *d, struct hash128 key, uint64_t *payload, struct err *e)
{
	int found = 0;

	for (uint32_t run = d->first_window; run < d->first_tabled && found == 0; run++) {
		const struct id_run *r = &d->set.runs.at[run];

		if (!idrun_may_hold(r, key))
			continue;
		for (uint32_t i = 0; i < r->section_count && found == 0; i++)
			found = idrun_set_find(&d->set, r->first_section + i, key, payload, e);
	}
	return found;
}

static int find_by_hour(struct dedupe *d, struct hash128 key, int64_t hour, uint64_t *payload, struct err *e)
{
	int found = 0;

	for (uint32_t next = idhours_last(&d->hours, hour); next != 0 && found == 0; next = idhours_before(&d->hours, next - 1))
		found = idrun_set_find(&d->set, next - 1, key, payload, e);
	return found;
}

static int find_committed(struct dedupe *d, struct hash128 key, int64_t hour, uint64_t *payload, struct err *e)
{
	int found = find_in_table(d, key, payload, e);

	if (found == 0)
		found = find_by_filters(d, key, payload, e);
	if (found == 0)
		found = find_by_hour(d, key, hour, payload, e);
	return found;
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

/* Upload a run and name it. */
static int run_put(struct dedupe *d, const struct origin *o, uint32_t number, str bytes, uint64_t count,
                   struct journal_entry *entry, struct err *e)
{
	struct entry_ids *ids = VEC_ADD(&entry->ids);
	char              hex[33];

	lake_checksum(bytes, hex);
	*ids = (struct entry_ids){
		.pipeline = arena_str(&entry->arena, d->pipeline),
		.key = lake_ids_key(&entry->arena, o->lane, lake_origin(&entry->arena, o, number)),
		.checksum = arena_str(&entry->arena, str_of(hex)),
		.count = (int64_t)count,
		.bytes = (int64_t)bytes.len,
	};
	return store_put_soon_sure(d->lake->store, ids->key, bytes, e);
}

static int write_overlay(struct dedupe *d, const struct origin *o, uint32_t number, struct journal_entry *entry,
                         struct err *e)
{
	size_t count = d->overlay.items.count;

	if (count == 0)
		return 0;
	VEC_ROOM(&d->sorted, count);
	id_items_sort(d->overlay.items.at, count, d->sorted.at);
	buf_clear(&d->run);
	idrun_write(d->sorted.at, count, &d->run);
	if (buf_over(&d->run))
		return err_set(e, ERR_LIMIT, "a run of %zu ids is too large: commit more often", count);
	return run_put(d, o, number, buf_str(&d->run), count, entry, e);
}

/* The newest runs first: they are small, and in memory. */
static bool group_choose(const struct dedupe *d, struct id_group *out)
{
	const struct idrun_set *s = &d->set;
	int64_t                 now_us = clock_now_us(d->lake->clock);

	return idmerge_choose(s, &d->merge, now_us, d->first_tabled, (uint32_t)s->runs.count, out) ||
	       idmerge_choose(s, &d->merge, now_us, d->first_window, d->first_tabled, out) ||
	       idmerge_choose(s, &d->merge, now_us, 0, d->first_window, out);
}

static int write_merged(struct dedupe *d, const struct origin *o, uint32_t number, struct journal_entry *entry,
                        struct err *e)
{
	uint64_t          count = 0;
	struct id_group   g;
	struct entry_ids *ids;

	if (!group_choose(d, &g))
		return 0;
	buf_clear(&d->merged);
	TRY(idmerge_write(&d->set, &g, &d->merged, e));
	for (uint32_t i = 0; i < g.count; i++)
		count += d->set.runs.at[g.first + i].count;
	TRY(run_put(d, o, number, buf_str(&d->merged), count, entry, e));
	ids = &entry->ids.at[entry->ids.count - 1];
	ids->replaced = ARENA_ARRAY(&entry->arena, str, g.count);
	ids->replaced_count = g.count;
	for (uint32_t i = 0; i < g.count; i++)
		ids->replaced[i] = arena_str(&entry->arena, d->set.runs.at[g.first + i].key);
	return 0;
}

int dedupe_write_runs(struct dedupe *d, const struct origin *o, uint32_t number, struct journal_entry *entry,
                      struct err *e)
{
	TRY(write_merged(d, o, number, entry, e));
	return write_overlay(d, o, number + 1, entry, e);
}

/* No entry asks for them any more. One that stays is in nobody's way. */
static void remove_replaced(struct dedupe *d, const struct entry_ids *ids)
{
	struct err ignored = ERR_NONE;

	for (size_t i = 0; i < ids->replaced_count; i++)
		if (store_remove(d->lake->store, ids->replaced[i], &ignored) < 0)
			ignored = ERR_NONE;
}

static uint32_t run_find(const struct dedupe *d, str key)
{
	uint32_t run = 0;

	while (run < d->set.runs.count && !str_eq(d->set.runs.at[run].key, key))
		run++;
	return run;
}

/* The runs that became one stand in one reach, and it takes their place there. */
static int take_merged(struct dedupe *d, const struct entry_ids *ids, struct err *e)
{
	uint32_t first = run_find(d, ids->replaced[0]), count = (uint32_t)ids->replaced_count;
	uint32_t end = first + count, gone = count - 1;
	bool     is_old = end <= d->first_window;

	assert(end <= d->set.runs.count && str_eq(d->set.runs.at[end - 1].key, ids->replaced[count - 1]));
	assert(is_old || first >= d->first_tabled || (first >= d->first_window && end <= d->first_tabled));
	TRY(idrun_set_replace(&d->set, first, count, ids->key, &d->merged, e));
	idtable_renumber(&d->table, d->set.moved.at);
	if (end <= d->first_tabled)
		d->first_tabled -= gone;
	if (is_old) {
		d->first_window -= gone;
		idhours_done(&d->hours);
		for (uint32_t run = 0; run < d->first_window; run++)
			hours_add(d, run);
	}
	remove_replaced(d, ids);
	return 0;
}

static int take_run(struct dedupe *d, const struct entry_ids *ids, int64_t time_us, struct err *e)
{
	TRY(idrun_set_add(&d->set, ids->key, (uint64_t)ids->bytes, time_us, buf_str(&d->run), e));
	return run_to_table(d, (uint32_t)d->set.runs.count - 1, e);
}

/* The merged run stands before the overlay's, and is taken before that may move runs from reach to reach. */
int dedupe_committed(struct dedupe *d, const struct journal_entry *entry, struct err *e)
{
	for (size_t i = 0; i < entry->ids.count; i++) {
		const struct entry_ids *ids = &entry->ids.at[i];

		if (str_eq(ids->pipeline, d->pipeline))
			TRY(ids->replaced_count > 0 ? take_merged(d, ids, e) : take_run(d, ids, entry->time_us, e));
	}
	overlay_clear(&d->overlay);
	window_move(d, entry->time_us);
	return 0;
}

#if MUTANT == 4
static int load_uploaded(void *context, str key, uint64_t size, struct err *e)
{
	struct dedupe *d = context;

	d->merge.bytes = 0; /* what is there twice, in a run and in the one it became part of, cannot become one again */
	TRY(idrun_set_load(&d->set, key, size, clock_now_us(d->lake->clock), true, e));
	return run_to_table(d, (uint32_t)d->set.runs.count - 1, e);
}
#endif

/* Runs older than the window only lend their sections; of the others all keys are read. */
static int load(struct dedupe *d, const struct journal_state *state, struct err *e)
{
	int64_t floor_us = clock_now_us(d->lake->clock) - d->window_us;

#if MUTANT == 4
	return store_list(d->lake->store, STR("_tarn/ids/"), STR(""), load_uploaded, d, e);
#endif
	for (size_t i = 0; i < state->runs.count; i++) {
		const struct state_run *r = &state->runs.at[i];
		bool                    is_old = r->time_us < floor_us && d->first_tabled == d->set.runs.count;

		if (!str_eq(r->pipeline, d->pipeline))
			continue;
		TRY(idrun_set_load(&d->set, r->key, (uint64_t)r->bytes, r->time_us, !is_old, e));
		if (is_old)
			d->first_tabled++, run_to_hours(d);
		else
			TRY(run_to_table(d, (uint32_t)d->set.runs.count - 1, e));
	}
	return 0;
}

static struct idmerge_conf merge_conf(const struct dedupe_conf *conf, size_t memory_bytes)
{
	uint64_t bytes = memory_bytes / 2;

	return (struct idmerge_conf){
		.runs = conf->merge_runs ? conf->merge_runs : DEFAULT_MERGE_RUNS,
		.bytes = bytes < MERGE_BYTES_MIN ? MERGE_BYTES_MIN : bytes > MERGE_BYTES_MAX ? MERGE_BYTES_MAX : bytes,
		.window_us = conf->window_us,
	};
}

int dedupe_open(struct lake *l, const struct dedupe_conf *conf, const struct journal_state *state,
                struct dedupe **out, struct err *e)
{
	AUTO_PTR(dedupe) d = xcalloc(1, sizeof(*d));
	size_t           memory_bytes = conf->memory_bytes ? conf->memory_bytes : DEFAULT_MEMORY;

	assert(conf->window_us > 0);
	d->lake = l;
	d->pipeline = arena_str(&d->arena, conf->pipeline);
	d->window_us = conf->window_us;
	d->table_ceiling = idtable_room(memory_bytes);
	d->merge = merge_conf(conf, memory_bytes);
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
	idhours_done(&d->hours);
	VEC_DONE(&d->overlay.items);
	VEC_DONE(&d->sorted);
	free(d->overlay.slots);
	buf_done(&d->run);
	buf_done(&d->merged);
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

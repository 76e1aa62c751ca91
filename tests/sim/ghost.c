/* The journal, entry by entry, against the records. */
#include "tests/sim/ghost_int.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tests/sim/depot.h"
#include "tests/sim/disk.h"

#define LANE        STR("0")
#define JOURNAL_KEY "_tarn/journal/0/"

struct ghost *ghost_new(struct world *w)
{
	struct ghost *g = xcalloc(1, sizeof(*g));

	g->world = w;
	w->ghost = g;
	records_make(g);
	records_show(g, false);
	return g;
}

static void entries_done(struct ghost *g)
{
	for (size_t i = 0; i < g->entries.count; i++) {
		for (unsigned k = 0; k < GHOST_TABLES; k++)
			VEC_DONE(&g->entries.at[i].files[k]);
		VEC_DONE(&g->entries.at[i].removed);
	}
	g->entries.count = 0;
	for (size_t i = 0; i < g->runs.count; i++)
		VEC_DONE(&g->runs.at[i].keys);
	g->runs.count = 0;
	map_done(&g->objects);
	for (unsigned i = 0; i < GHOST_TABLES; i++) {
		g->tables[i].held = 0;
		g->tables[i].held_since = 0;
	}
}

void ghost_free(struct ghost *g)
{
	if (g == NULL)
		return;
	entries_done(g);
	VEC_DONE(&g->entries);
	VEC_DONE(&g->runs);
	map_done(&g->discarded);
	for (size_t i = 0; i < g->gone.count; i++)
		VEC_DONE(&g->gone.at[i].keys);
	VEC_DONE(&g->gone);
	records_done(g);
	if (g->lake != NULL)
		lake_close(g->lake);
	if (g->eye_fs != NULL)
		disk_client_free(g->eye_fs);
	arena_done(&g->arena);
	free(g);
}

void ghost_tick(struct world *w)
{
	if (!w->is_small || w->is_calm)
		records_show(w->ghost, w->is_calm);
}

bool ghost_show_rest(struct world *w)
{
	QUIET;
	bool is_more = false;

	for (size_t i = 0; i < w->ghost->file_count; i++)
		is_more |= w->ghost->files[i].shown < w->ghost->files[i].records.count;
	records_show(w->ghost, true);
	return is_more;
}

/* --- what an entry covers --------------------------------------------------------------------- */

static struct hash128 key_of(const struct ghost *g, unsigned pipeline, uint32_t id)
{
	AUTO(buf) b = BUF(0);
	str       name = g->pipelines[pipeline].conf.name;

	buf_print(&b, "p%u-i%u", pipeline, id);
	return hash_bytes128(b.ptr, b.len, hash_bytes(name.ptr, name.len, g->lake->secret));
}

static void take_record(struct ghost *g, const struct ghost_file *f, const struct ghost_record *r, uint64_t seq,
                        struct sums *s)
{
	struct ghost_pipeline *p = &g->pipelines[f->pipeline];
	struct entry_counts   *c = &s->counts[f->pipeline];
	struct ghost_id       *id = r->kind == RECORD_BAD ? NULL : &p->ids.at[r->id];
	struct outcome         outcome = {f, r == f->records.at ? 0 : r[-1].end, VERDICT_ROW, id ? id->table : 0};

	c->records++;
	if (id == NULL || (r->kind == RECORD_OTHER_PAYLOAD && p->conf.on_conflict == CONFLICT_QUARANTINE)) {
		c->quarantined++;
		s->rows[QUARANTINE]++;
		outcome.verdict = VERDICT_QUARANTINE;
	} else if (r->kind == RECORD_OTHER_PAYLOAD) {
		c->conflicts++;
		outcome.verdict = VERDICT_CONFLICT;
	} else if (id->entry != 0) {
		c->duplicates++;
		outcome.verdict = VERDICT_DUPLICATE;
	} else {
		c->rows++;
		s->rows[id->table]++;
		id->entry = seq;
		*VEC_ADD(&s->keys[f->pipeline]) = key_of(g, f->pipeline, r->id);
	}
	*VEC_ADD(&s->outcomes) = outcome;
}

static struct ghost_file *file_of(struct ghost *g, str path)
{
	for (size_t i = 0; i < g->file_count; i++)
		if (str_eq(str_of(g->files[i].path), path))
			return &g->files[i];
	return NULL;
}

/* "v1 <offset> ..." -> how many records end there; false where none does. */
static bool records_at(const struct ghost_file *f, str state, size_t *out)
{
	str     number = str_from(state, 3);
	int64_t offset;

	number = str_head(number, str_find(number, ' ', 0));
	if (!str_starts(state, STR("v1 ")) || !str_to_i64(number, &offset))
		return false;
	for (size_t i = 0; i <= f->records.count; i++) {
		if ((i ? f->records.at[i - 1].end : 0) == (uint64_t)offset) {
			*out = i;
			return true;
		}
	}
	return false;
}

static void take_position(struct ghost *g, const struct journal_entry *j, const struct entry_position *p,
                          struct sums *s)
{
	struct ghost_file *f = file_of(g, p->key);
	size_t             to;

	if (f == NULL || !str_eq(p->pipeline, g->pipelines[f->pipeline].conf.name)) {
		world_violate(g->world, "I2: entry %" PRIu64 " takes " STR_FMT ", which nobody wrote", j->seq,
		              STR_ARG(p->key));
		return;
	}
	if (!str_eq(p->from, f->position)) {
		world_violate(g->world, "I2: entry %" PRIu64 " takes %s from \"" STR_FMT "\", it stood at \"" STR_FMT "\"",
		              j->seq, f->path, STR_ARG(p->from), STR_ARG(f->position));
		return;
	}
	if (!records_at(f, p->to, &to) || to < f->taken || to > f->shown) {
		world_violate(g->world, "I2: entry %" PRIu64 " takes %s to \"" STR_FMT "\", which is no end of a record",
		              j->seq, f->path, STR_ARG(p->to));
		return;
	}
	for (; f->taken < to; f->taken++)
		take_record(g, f, &f->records.at[f->taken], j->seq, s);
	f->position = arena_str(&g->arena, p->to);
}

/* --- what it says of them --------------------------------------------------------------------- */

static void check_counts(struct ghost *g, const struct journal_entry *j, const struct sums *s)
{
	for (size_t i = 0; i < g->pipeline_count; i++) {
		const struct entry_counts *want = &s->counts[i];
		struct entry_counts        got = {0};

		for (size_t k = 0; k < j->counts.count; k++)
			if (str_eq(j->counts.at[k].pipeline, g->pipelines[i].conf.name))
				got = j->counts.at[k];
		if (got.records != want->records || got.rows != want->rows || got.duplicates != want->duplicates ||
		    got.conflicts != want->conflicts || got.quarantined != want->quarantined ||
		    got.dropped != want->dropped)
			world_violate(g->world,
			              "I3: entry %" PRIu64 ", pipeline %zu: %" PRId64 " records are %" PRId64 " rows, %" PRId64
			              " duplicates, %" PRId64 " conflicts, %" PRId64 " quarantined; it covers %" PRId64
			              ": %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64, j->seq, i, got.records,
			              got.rows, got.duplicates, got.conflicts, got.quarantined, want->records,
			              want->rows, want->duplicates, want->conflicts, want->quarantined);
	}
}

void ghost_object_add(struct ghost *g, const struct journal_entry *j, str key)
{
	struct map_item *item = map_put(&g->objects, key);

	if (item->num != 0)
		world_violate(g->world, "I5: " STR_FMT " is named by entries %" PRIu64 " and %" PRIu64, STR_ARG(key),
		              item->num, j->seq);
	item->num = j->seq;
}

/* The files of a table, which is to have all that it held in them: how many rows they have. */
static int64_t take_files(struct ghost *g, const struct journal_entry *j, const struct entry_table *t, int table,
                          struct ghost_entry *out)
{
	int64_t rows = 0;

	if (!g->is_again && t->manifest.len > 0) /* later it may have been merged with others */
		(void)ghost_check_object(g, j->seq, t->manifest, t->manifest_bytes, t->manifest_checksum);
	for (size_t k = 0; k < t->files.count; k++) {
		const struct entry_file *f = &t->files.at[k];

		ghost_object_add(g, j, f->key);
		if (map_get(&g->discarded, f->key) == NULL)
			(void)ghost_check_object(g, j->seq, f->key, f->bytes, f->checksum);
		*VEC_ADD(&out->files[table]) = arena_str(&g->arena, f->key);
		rows += f->rows;
	}
	out->rows[table] += rows;
	if (t->files.count == 0)
		return -t->removed_rows;
	if (t->held_rows != g->tables[table].held || (uint64_t)t->held_since != g->tables[table].held_since)
		world_violate(g->world,
		              "I3: entry %" PRIu64 " has %" PRId64 " held rows of table %s since entry %" PRId64
		              " in files; %" PRId64 " are held since entry %" PRIu64, j->seq, t->held_rows,
		              ghost_table_names[table], t->held_since, g->tables[table].held, g->tables[table].held_since);
	g->tables[table].held = 0;
	g->tables[table].held_since = 0;
	return rows - t->held_rows - t->removed_rows;
}

static int table_of(struct ghost *g, const struct journal_entry *j, str space, str name)
{
	int table = ghost_table_of(space, name);

	if (table < 0)
		world_violate(g->world, "I3: entry %" PRIu64 " has rows for table " STR_FMT, j->seq, STR_ARG(name));
	return table;
}

static void check_tables(struct ghost *g, const struct journal_entry *j, const struct sums *s, struct ghost_entry *out)
{
	int64_t rows[GHOST_TABLES] = {0}; /* that this entry makes true, in files or held */

	for (size_t i = 0; i < j->tables.count; i++) {
		int table = table_of(g, j, j->tables.at[i].space, j->tables.at[i].name);

		if (table < 0)
			return;
		rows[table] += take_files(g, j, &j->tables.at[i], table, out);
	}
	for (size_t i = 0; i < j->held.count; i++) {
		int table = table_of(g, j, j->held.at[i].space, j->held.at[i].name);

		if (table < 0)
			return;
		rows[table] += j->held.at[i].rows;
		g->tables[table].held += j->held.at[i].rows;
		if (g->tables[table].held_since == 0)
			g->tables[table].held_since = j->seq;
	}
	for (unsigned i = 0; i < GHOST_TABLES; i++)
		if (rows[i] != s->rows[i])
			world_violate(g->world, "I3: entry %" PRIu64 " has %" PRId64 " rows for table %s, its records come to %"
			              PRId64, j->seq, rows[i], ghost_table_names[i], s->rows[i]);
}

static void check_chain(struct ghost *g, const struct journal_entry *j)
{
	char zeros[65] = {0};

	memset(zeros, '0', 64);
	if (strcmp(j->previous, g->entries.count > 0 ? g->entries.at[g->entries.count - 1].hash : zeros) != 0)
		world_violate(g->world, "I1: entry %" PRIu64 " was not written on top of the one before", j->seq);
	if (j->kind == ENTRY_FENCE ? j->epoch != j->seq : j->epoch != g->epoch)
		world_violate(g->world, "I1: entry %" PRIu64 " is of epoch %" PRIu64 ", the last fence is %" PRIu64, j->seq,
		              j->epoch, g->epoch);
	g->epoch = j->epoch;
}

/* The next entry has landed. */
static void entry_add(struct ghost *g, uint64_t seq)
{
	AUTO(journal_entry) j = {0};
	AUTO(sums)          s = {0};
	struct ghost_entry  seen = {0};
	struct err          e = ERR_NONE;

	if (journal_read(g->lake, LANE, seq, &j, &e) < 0) {
		world_violate(g->world, "I1: entry %" PRIu64 " cannot be read: %s", seq, e.text);
		return;
	}
	check_chain(g, &j);
	for (size_t i = 0; i < j.positions.count; i++)
		take_position(g, &j, &j.positions.at[i], &s);
	memcpy(seen.hash, j.hash, sizeof(seen.hash));
	if (!g->world->is_over) {
		ghost_take_removed(g, &j, &s, &seen);
		check_counts(g, &j, &s);
		ghost_check_ids(g, &j, &s);
		check_tables(g, &j, &s, &seen);
		ghost_check_raw(g, &j, &s);
	}
	*VEC_ADD(&g->entries) = seen;
	g->world->commits += j.kind == ENTRY_COMMIT;
}

/* --- what the world tells --------------------------------------------------------------------- */

/* "events/push/metadata/v3.metadata.json" -> the table */
static int version_table(str key)
{
	size_t one = str_find(key, '/', 0), two = str_find(key, '/', one + 1), three = str_find(key, '/', two + 1);
	str    last = str_from(key, three + 1);

	if (!str_eq(str_make(key.ptr + (two < key.len ? two : 0), three > two ? three - two : 0), STR("/metadata")) ||
	    !str_starts(last, STR("v")) || !str_ends(last, STR(".metadata.json")))
		return -1;
	return ghost_table_of(str_head(key, one), str_make(key.ptr + one + 1, two - one - 1));
}

void ghost_landed(struct world *w, str key)
{
	struct ghost *g = w->ghost;
	int           table = version_table(key);
	int64_t       seq = 0;

	if (!ghost_see_lake(g))
		return;
	if (table >= 0)
		ghost_check_table(g, (unsigned)table);
	if (!str_starts(key, STR(JOURNAL_KEY)))
		return;
	for (size_t i = sizeof(JOURNAL_KEY) - 1; i < key.len; i++) {
		if (key.ptr[i] < '0' || key.ptr[i] > '9')
			return;
		seq = seq * 10 + (key.ptr[i] - '0');
	}
	if ((uint64_t)seq != g->entries.count + 1)
		world_violate(w, "I1: entry %" PRId64 " has landed on a journal that ends at %zu", seq, g->entries.count);
	else
		entry_add(g, (uint64_t)seq);
}

void ghost_removed(struct world *w, str key)
{
	struct ghost          *g = w->ghost;
	const struct map_item *item = map_get(&g->objects, key);

	for (size_t i = 0; i < g->runs.count; i++) {
		if (str_eq(g->runs.at[i].key, key) && g->runs.at[i].replaced_by != 0) {
			ghost_run_removed(g, &g->runs.at[i]);
			return;
		}
	}
	if (item != NULL && !ghost_may_discard(g, key))
		world_violate(w, "I8: " STR_FMT " was removed, entry %" PRIu64 " names it", STR_ARG(key), item->num);
}

void ghost_acked(struct world *w, uint64_t seq)
{
	struct ghost *g = w->ghost;

	if (seq > g->entries.count) {
		world_violate(w, "I7: entry %" PRIu64 " was acknowledged, the journal ends at %zu", seq, g->entries.count);
		return;
	}
	if (seq <= g->acked)
		return;
	g->acked = seq;
	memcpy(g->acked_hash, g->entries.at[seq - 1].hash, sizeof(g->acked_hash));
}

void ghost_settled(struct world *w, const struct run_part *parts, size_t count)
{
	QUIET;

	world_look(w);
	for (size_t i = 0; i < count; i++) {
		const struct ghost_file *f = file_of(w->ghost, parts[i].key);
		size_t                   to = 0;

		if (f == NULL || !records_at(f, parts[i].to, &to) || to > f->taken)
			world_violate(w, "I7: " STR_FMT " was acknowledged up to \"" STR_FMT "\", committed is \"" STR_FMT "\"",
			              STR_ARG(parts[i].key), STR_ARG(parts[i].to), STR_ARG(f ? f->position : STR("")));
	}
}

static void forget(struct ghost *g)
{
	entries_done(g);
	g->epoch = 0;
	for (size_t i = 0; i < g->file_count; i++) {
		g->files[i].taken = 0;
		g->files[i].position = (str){0};
	}
	for (size_t i = 0; i < g->pipeline_count; i++) {
		g->pipelines[i].quarantined = 0;
		for (size_t k = 0; k < g->pipelines[i].ids.count; k++)
			g->pipelines[i].ids.at[k].entry = 0;
	}
}

/* Another identity may have been made, where nobody was told of the first. */
static void forget_lake(struct ghost *g)
{
	if (g->lake != NULL)
		lake_close(g->lake);
	if (g->eye_fs != NULL)
		disk_client_free(g->eye_fs);
	g->lake = NULL;
	g->eye_fs = NULL;
	g->eye = NULL;
}

static void look_at_journal(struct ghost *g)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;
	uint64_t    size, commits = g->world->commits;

	g->is_again = true;
	while (!g->world->is_over &&
	       store_size(g->eye, lake_journal_key(&a, LANE, g->entries.count + 1), &size, &e) == 0)
		entry_add(g, g->entries.count + 1);
	g->world->commits = commits;
	g->is_again = false;
}

void ghost_look_at_all(struct world *w, bool is_after_power_off)
{
	struct ghost *g = w->ghost;

	forget(g);
	if (is_after_power_off)
		forget_lake(g);
	if (ghost_see_lake(g))
		look_at_journal(g);
	ghost_check_gone(g);
	if (w->is_over)
		return;
	if (g->entries.count < g->acked)
		world_violate(w, "I6: entry %" PRIu64 " was acknowledged and is gone, the journal ends at %zu", g->acked,
		              g->entries.count);
	else if (g->acked > 0 && strcmp(g->entries.at[g->acked - 1].hash, g->acked_hash) != 0)
		world_violate(w, "I6: entry %" PRIu64 " was acknowledged and is another now", g->acked);
	for (unsigned i = 0; i < GHOST_TABLES && !w->is_over && g->lake != NULL; i++) {
		if (is_after_power_off)
			g->tables[i].mark = 0; /* an apply that nobody was told of may be undone */
		ghost_check_table(g, i);
	}
}

void ghost_finish(struct world *w)
{
	struct ghost *g = w->ghost;

	ghost_look_at_all(w, false);
	for (size_t i = 0; i < g->file_count && !w->is_over; i++)
		if (g->files[i].taken != g->files[i].records.count)
			world_violate(w, "I10: %zu of %zu records of %s are taken", g->files[i].taken,
			              g->files[i].records.count, g->files[i].path);
	for (size_t k = 0; k < g->entries.count && !w->is_over; k++)
		for (unsigned i = 0; i < GHOST_TABLES; i++)
			if (g->entries.at[k].rows[i] > 0 && g->tables[i].mark < k + 1)
				world_violate(w, "I10: entry %zu is not applied to table %s", k + 1, ghost_table_names[i]);
	for (unsigned i = 0; i < GHOST_TABLES && !w->is_over; i++)
		if (g->tables[i].held > 0)
			world_violate(w, "I10: %" PRId64 " rows of table %s have no file", g->tables[i].held,
			              ghost_table_names[i]);
}

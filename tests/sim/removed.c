/* Files that entries take out of tables: who leaves quarantine, and when an object may go. */
#include <inttypes.h>

#include "lake/scan.h"
#include "tests/sim/ghost_int.h"

/* Everything that is in quarantine is dropped: that is what the writers here do. */
static void expect_dropped(struct ghost *g, int64_t rows, struct sums *s)
{
	int64_t left = rows;

	for (size_t i = 0; i < g->pipeline_count; i++) {
		struct ghost_pipeline *p = &g->pipelines[i];

		s->counts[i].quarantined -= p->quarantined;
		s->counts[i].dropped += p->quarantined;
		left -= p->quarantined;
		p->quarantined = 0;
	}
	s->rows[QUARANTINE] -= rows;
	if (left != 0)
		world_violate(g->world, "I3: %" PRId64 " rows leave quarantine, %" PRId64 " more than are there", rows, left);
}

void ghost_take_removed(struct ghost *g, const struct journal_entry *j, struct sums *s, struct ghost_entry *out)
{
	for (size_t i = 0; i < g->pipeline_count; i++)
		g->pipelines[i].quarantined += s->counts[i].quarantined;
	for (size_t i = 0; i < j->tables.count; i++) {
		const struct entry_table *t = &j->tables.at[i];

		if (t->removed_files == 0)
			continue;
		if (ghost_table_of(t->space, t->name) != QUARANTINE || t->replaces_through > 0) {
			world_violate(g->world, "I9: entry %" PRIu64 " removes files from table " STR_FMT, j->seq, STR_ARG(t->name));
			return;
		}
		for (size_t k = 0; k < t->removed.count; k++)
			*VEC_ADD(&out->removed) = arena_str(&g->arena, t->removed.at[k].key);
		expect_dropped(g, t->removed_rows, s);
	}
}

/* The entry that took a file out of quarantine; 0: none has. */
static uint64_t removed_by(const struct ghost *g, str key)
{
	for (size_t i = 0; i < g->entries.count; i++)
		for (size_t k = 0; k < g->entries.at[i].removed.count; k++)
			if (str_eq(g->entries.at[i].removed.at[k], key))
				return i + 1;
	return 0;
}

static bool shows(struct ghost *g, const struct scan *now, str key)
{
	for (size_t i = 0; i < ice_snapshot_count(&now->metadata); i++) {
		AUTO(scan)          then = {0};
		struct ice_snapshot s;
		struct err          e = ERR_NONE;
		str                 listed;

		ice_snapshot_at(&now->metadata, i, &s);
		if (lake_scan_at(g->lake, STR("tarn"), STR("quarantine"), s.id, &then, &e) < 0)
			return true;
		for (size_t k = 0; k < then.file_count; k++)
			if (lake_key(g->lake, then.files[k].path, &listed) && str_eq(listed, key))
				return true;
	}
	return false;
}

bool ghost_may_discard(struct ghost *g, str key)
{
	AUTO(scan) now = {0};
	struct err e = ERR_NONE;

	if (removed_by(g, key) == 0 || lake_scan(g->lake, STR("tarn"), STR("quarantine"), NULL, &now, &e) < 0 ||
	    shows(g, &now, key))
		return false;
	map_put(&g->discarded, key)->num = 1;
	return true;
}

/* sweep.c - manifests, their lists and old metadata of a table that nothing leads to any more.
 *
 * One rule for what was expired, merged away, or left by an attempt that died or lost a race: an
 * object of this lane's own naming is removed when
 *
 *   its origin names an entry at or below the table's mark, and
 *   no snapshot that the present metadata holds leads to it.
 *
 * Why that is safe at any moment, whoever sweeps and however old what it loaded is: all that metadata
 * of the table's future may name is what this one leads to, or was written for an entry above its
 * mark. An attempt still under way for an entry below the mark stands on metadata that has been
 * swapped since, and its swap must fail. Data files are not looked at here (discard.c). What is doubtful stays:
 * objects of other names, and everything when a list cannot be read.
 */
#include "base/hash.h"
#include "codec/sha256.h"
#include "lake/apply_int.h"

struct sweep {
	struct lake               *lake;
	const struct ice_metadata *metadata;
	str                        lane;
	uint64_t                   mark;
	struct map                 reached; /* keys */
	struct map                 covered; /* ids of snapshots whose manifests are all in a later one's list */
	struct { VEC_OF(str); }    garbage;
	struct arena               arena;
};

static void sweep_done(struct sweep *s)
{
	map_done(&s->reached);
	map_done(&s->covered);
	VEC_DONE(&s->garbage);
	arena_done(&s->arena);
}

AUTO_DEFINE(sweep, sweep_done)

static str id_key(const int64_t *id)
{
	return str_make(id, sizeof(*id));
}

/* A snapshot of ours that replaced no manifest has its parent's and more: the parent's list need not
 * be read. */
static void note_covered(struct sweep *s, const struct ice_snapshot *snapshot)
{
	char lake[37];
	str  value;

	uuid_format(s->lake->id, lake);
	if (snapshot->parent_id != 0 && str_eq(snapshot->operation, STR("append")) &&
	    ice_summary(s->metadata, snapshot->id, STR("tarn.lake"), &value) && str_eq(value, str_of(lake)) &&
	    ice_summary(s->metadata, snapshot->id, STR("manifests-replaced"), &value) &&
	    str_eq(value, STR("0")))
		(void)map_put(&s->covered, id_key(&snapshot->parent_id));
}

static void reach(struct sweep *s, str path)
{
	str key;

	if (lake_key(s->lake, path, &key))
		(void)map_put(&s->reached, key);
}

static int reach_snapshot(struct sweep *s, const struct ice_snapshot *snapshot, struct err *e)
{
	AUTO(arena)          a = ARENA_INIT;
	struct ice_manifest *manifests;
	size_t               count;

	reach(s, snapshot->manifest_list);
	if (map_get(&s->covered, id_key(&snapshot->id)) != NULL)
		return 0;
	TRY(snapshot_manifests(s->lake, snapshot, &a, &manifests, &count, e));
	for (size_t i = 0; i < count; i++)
		reach(s, manifests[i].path);
	return 0;
}

static int reach_all(struct sweep *s, struct err *e)
{
	size_t              count = ice_snapshot_count(s->metadata);
	struct ice_snapshot snapshot;

	for (size_t i = 0; i < count; i++) {
		ice_snapshot_at(s->metadata, i, &snapshot);
		note_covered(s, &snapshot);
	}
	for (size_t i = 0; i < count; i++) {
		ice_snapshot_at(s->metadata, i, &snapshot);
		TRY(reach_snapshot(s, &snapshot, e));
	}
	return 0;
}

/* "snap-<id>-1-<origin>.avro", "<origin>-m0.avro", "<origin>-merged-<id>-<n>.avro", "<origin>-kept-<id>-<n>.avro" */
static int note_garbage(void *context, str key, uint64_t size, struct err *e)
{
	struct sweep *s = context;
	size_t        dash;
	uint64_t      seq;
	str           name = lake_name(key);

	(void)size, (void)e;
	if (str_starts(name, STR("snap-"))) {
		dash = str_find(name, '-', strlen("snap-"));
		name = str_from(name, str_find(name, '-', dash + 1) + 1);
	}
	if (lake_origin_seq(name, s->lane, &seq) && seq <= s->mark && map_get(&s->reached, key) == NULL)
		*VEC_ADD(&s->garbage) = arena_str(&s->arena, key);
	return 0;
}

static int sweep(struct sweep *s, str space, str name, struct err *e)
{
	str folder = lake_metadata_key(&s->arena, space, name, STR(""));

	TRY(reach_all(s, e));
	TRY(store_list(s->lake->store, folder, STR(""), note_garbage, s, e));
	for (size_t i = 0; i < s->garbage.count; i++)
		TRY(store_remove(s->lake->store, s->garbage.at[i], e));
	if (!table_flag(s->metadata, STR("write.metadata.delete-after-commit.enabled")))
		return 0;
	return catalog_trim(s->lake->catalog, space, name, (int64_t)table_metadata_kept(s->metadata), e);
}

int table_sweep(struct lake *l, str lane, str space, str name, struct err *e)
{
	AUTO(sweep)          s = {.lake = l, .lane = lane};
	AUTO(ice_metadata)   m = {0};
	struct catalog_table at;

	TRY(metadata_load(l, space, name, &s.arena, &at, &m, e));
	if (!table_flag(&m, STR("gc.enabled")))
		return 0;
	TRY(table_mark(&m, l, lane, &s.mark, e));
	s.metadata = &m;
	return sweep(&s, space, name, e);
}

/* Tables of one entry take turns: not all pay at the same commit. */
bool sweep_is_due(const struct lake *l, const struct ice_metadata *m)
{
	str      uuid = ice_uuid_text(m);
	uint64_t turn = hash_bytes(uuid.ptr, uuid.len, 0) + (uint64_t)ice_last_sequence_number(m);

	return turn % l->sweep_every == 0;
}

/* merge.c - small manifests of a table made into larger ones, so that a list of them stays short.
 *
 * Each commit adds a manifest. When as many as `commit.manifest.min-count-to-merge` stand on one level
 * they become one of the next: a level is the number of live files in powers of that count, so equals
 * merge with equals, and a file's entry is written again only as often as there are levels. A manifest
 * of half the target size is on no level any more. At most one level is merged for a snapshot, and no
 * more of it than it takes to keep up: no apply pays for all.
 *
 * Only manifests of this lane's own writing are touched: in them is nothing that we do not know. An
 * entry becomes EXISTING, with the snapshot and the sequence numbers that it had.
 */
#include <assert.h>
#include <inttypes.h>

#include "lake/apply_int.h"

enum { LEVELS = 64, MIN_COUNT = 100, TARGET_BYTES = 8 << 20 };

/* One call of manifests_merge. */
struct run {
	const struct merge *of;
	struct lake        *lake;
	struct ice_spec     spec;
	struct schema       schema;
	int64_t             min_count, target;
	size_t              written;
};

static void run_done(struct run *r)
{
	schema_done(&r->schema);
}

AUTO_DEFINE(run, run_done)

struct live {
	VEC_OF(struct ice_file);
};

static void live_done(struct live *v)
{
	VEC_DONE(v);
}

AUTO_DEFINE(live, live_done)

static str name_of(str path)
{
	size_t slash = path.len;

	while (slash > 0 && path.ptr[slash - 1] != '/')
		slash--;
	return str_from(path, slash);
}

static bool is_mergeable(const struct run *r, const struct ice_manifest *m)
{
	uint64_t seq;

	return !m->is_deletes && m->spec_id == r->spec.id && m->length < r->target / 2 &&
	       m->key_metadata.ptr == NULL && lake_origin_seq(name_of(m->path), r->of->lane, &seq);
}

static unsigned level_of(const struct run *r, const struct ice_manifest *m)
{
	unsigned level = 0;

	for (int64_t files = m->added_files + m->existing_files; files >= r->min_count; files /= r->min_count)
		level++;
	return level;
}

/* The lowest level that is full, LEVELS where none is; and how many of it to merge: as many as fill a
 * level, or half of what there is, where a table was behind for long. */
static unsigned full_level(const struct run *r, const struct ice_manifest *all, size_t count, size_t *out_take)
{
	int64_t  counts[LEVELS] = {0};
	unsigned level = 0;

	for (size_t i = 0; i < count; i++)
		if (is_mergeable(r, &all[i]))
			counts[level_of(r, &all[i])]++;
	while (level < LEVELS && counts[level] < r->min_count)
		level++;
	if (level < LEVELS)
		*out_take = (size_t)(counts[level] / 2 > r->min_count ? counts[level] / 2 : r->min_count);
	return level;
}

/* The live entries of a manifest, added to those of others. What is copied must be what the list said:
 * a merge must never make damage look sound. */
static int live_add(const struct run *r, const struct ice_manifest *m, struct arena *a, struct live *out,
                    struct err *e)
{
	AUTO(buf)        bytes = BUF(MANIFEST_BYTES);
	struct ice_file *files;
	size_t           count;
	int64_t          live = 0, rows = 0;

	TRY(path_get(r->lake, m->path, &bytes, e));
	if (ice_manifest_read(buf_str(&bytes), m, a, &files, &count, e) < 0)
		return err_add(e, STR_FMT, STR_ARG(m->path));
	for (size_t i = 0; i < count; i++) {
		if (files[i].status == ICE_DELETED)
			continue;
		files[i].status = ICE_EXISTING;
		*VEC_ADD(out) = files[i];
		live++;
		rows += files[i].stats.rows;
	}
	if ((int64_t)bytes.len != m->length || live != m->added_files + m->existing_files ||
	    rows != m->added_rows + m->existing_rows)
		return err_set(e, ERR_CORRUPT,
		               "manifest " STR_FMT " is not what its list says: it has %zu bytes, %" PRId64
		               " files and %" PRId64 " rows", STR_ARG(m->path), bytes.len, live, rows);
	return 0;
}

static int merged_put(struct run *r, const struct live *files, struct ice_manifest *out, struct err *e)
{
	const struct merge *g = r->of;
	AUTO(buf)           bytes = BUF(MANIFEST_BYTES);
	int64_t             schema_id = ice_current_schema_id(g->metadata);
	str                 key = arena_format(g->arena, STR_FMT "-merged-%" PRId64 "-%zu.avro", STR_ARG(g->key),
	                                       g->snapshot_id, r->written++);

	TRY(ice_manifest_write(&r->schema, schema_id, &r->spec, files->at, files->count, &bytes, e));
	TRY(store_put_sure(r->lake->store, key, buf_str(&bytes), e));
	ice_manifest_describe(&r->spec, files->at, files->count, out);
	out->path = lake_path(r->lake, g->arena, key);
	out->length = (int64_t)bytes.len;
	out->sequence_number = out->min_sequence_number = g->sequence;
	out->added_snapshot_id = g->snapshot_id;
	for (size_t i = 0; i < files->count; i++)
		if (files->at[i].sequence_number < out->min_sequence_number)
			out->min_sequence_number = files->at[i].sequence_number;
	return 0;
}

/* Some manifests of a level into one; 0 or 1: as many are in *out. */
static int group_merge(struct run *r, const struct ice_manifest *const *group, size_t count,
                       struct ice_manifest *out, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(live)  files = {0};

	for (size_t i = 0; i < count; i++)
		TRY(live_add(r, group[i], &a, &files, e));
	if (files.count == 0)
		return 0; /* another engine has deleted them all */
	TRY(merged_put(r, &files, out, e));
	return 1;
}

/* Manifests of one level, in groups up to the target size. What is made of them goes to `out`. */
static int level_merge(struct run *r, const struct ice_manifest *const *inputs, size_t count,
                       struct ice_manifest *out, size_t *out_count, struct err *e)
{
	size_t first = 0;

	while (first < count) {
		int64_t bytes = 0;
		size_t  end = first;
		int     made = 1;

		while (end < count && bytes < r->target)
			bytes += inputs[end++]->length;
		if (end - first == 1)
			out[*out_count] = *inputs[first];
		else
			made = group_merge(r, inputs + first, end - first, &out[*out_count], e);
		TRY(made);
		*out_count += (size_t)made;
		first = end;
	}
	return 0;
}

static int run_begin(struct run *r, struct err *e)
{
	const struct ice_metadata *m = r->of->metadata;

	r->min_count = table_number(m, STR("commit.manifest.min-count-to-merge"), MIN_COUNT);
	r->target = table_number(m, STR("commit.manifest.target-size-bytes"), TARGET_BYTES);
	if (r->min_count < 2)
		r->min_count = 2;
	return ice_spec(m, &r->spec, e);
}

int manifests_merge(struct lake *l, const struct merge *g, struct ice_manifest *all, size_t *count,
                    size_t *out_replaced, struct err *e)
{
	AUTO(run)                   r = {.of = g, .lake = l};
	AUTO(arena)                 a = ARENA_INIT;
	const struct ice_manifest **inputs;
	struct ice_manifest        *made;
	size_t                      kept = 0, take = 0, taken = 0, made_count = 0;
	unsigned                    level;

	*out_replaced = 0;
	TRY(run_begin(&r, e));
	level = full_level(&r, all, *count, &take);
	if (level == LEVELS)
		return 0;
	TRY(ice_read_schema(g->metadata, -1, &r.schema, e));
	inputs = ARENA_ARRAY(&a, const struct ice_manifest *, take);
	made = ARENA_ARRAY(&a, struct ice_manifest, take);
	for (size_t i = 0; i < *count && taken < take; i++)
		if (is_mergeable(&r, &all[i]) && level_of(&r, &all[i]) == level)
			inputs[taken++] = &all[i];
	TRY(level_merge(&r, inputs, taken, made, &made_count, e));
	for (size_t i = 0, next = 0; i < *count; i++) {
		bool is_input = next < taken && inputs[next] == &all[i];

		next += is_input;
		if (!is_input)
			all[kept++] = all[i];
	}
	assert(made_count < taken || r.written == 0);
	memcpy(all + kept, made, made_count * sizeof(*made));
	*count = kept + made_count;
	*out_replaced = taken;
	return 0;
}

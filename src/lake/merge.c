/* merge.c - small manifests of a table made into larger ones, so that a list of them stays short.
 *
 * Each commit adds a manifest. When as many as `commit.manifest.min-count-to-merge` stand on one level
 * they become one of the next: a level is the number of live files in powers of that count, so equals
 * merge with equals, and a file's entry is written again only as often as there are levels. A manifest
 * of half the target size is on no level any more. At most one level is merged for a snapshot, and no
 * more of it than it takes to keep up: no apply pays for all.
 *
 * Only manifests of this lane's own writing are touched: in them is nothing that we do not know. Those
 * in which nothing is live have been left out before.
 */
#include <assert.h>

#include "lake/apply_int.h"

enum { LEVELS = 64, MIN_COUNT = 100, TARGET_BYTES = 8 << 20 };

/* One call of manifests_merge. */
struct run {
	struct rewrite *to;
	int64_t         min_count, target;
};

static bool is_mergeable(const struct run *r, const struct ice_manifest *m)
{
	uint64_t seq;

	return !m->is_deletes && m->spec_id == r->to->spec.id && m->length < r->target / 2 &&
	       m->key_metadata.ptr == NULL && lake_origin_seq(lake_name(m->path), r->to->lane, &seq);
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

/* Some manifests of a level into one. What is copied must be what the list said: a merge must never make
 * damage look sound. */
static int group_merge(struct run *r, const struct ice_manifest *const *group, size_t count,
                       struct ice_manifest *out, struct err *e)
{
	AUTO(arena)     a = ARENA_INIT;
	AUTO(ice_files) files = {0};

	for (size_t i = 0; i < count; i++)
		TRY(rewrite_read(r->to, group[i], &a, &files, e));
	return rewrite_put(r->to, "merged", &r->to->spec, files.at, files.count, out, e);
}

/* Manifests of one level, in groups up to the target size. What is made of them goes to `out`. */
static int level_merge(struct run *r, const struct ice_manifest *const *inputs, size_t count,
                       struct ice_manifest *out, size_t *out_count, struct err *e)
{
	size_t first = 0;

	while (first < count) {
		int64_t bytes = 0;
		size_t  end = first;

		while (end < count && bytes < r->target)
			bytes += inputs[end++]->length;
		if (end - first == 1)
			out[*out_count] = *inputs[first];
		else
			TRY(group_merge(r, inputs + first, end - first, &out[*out_count], e));
		++*out_count;
		first = end;
	}
	return 0;
}

static void run_begin(struct run *r)
{
	const struct ice_metadata *m = r->to->metadata;

	r->min_count = table_number(m, STR("commit.manifest.min-count-to-merge"), MIN_COUNT);
	r->target = table_number(m, STR("commit.manifest.target-size-bytes"), TARGET_BYTES);
	if (r->min_count < 2)
		r->min_count = 2;
}

int manifests_merge(struct rewrite *w, struct ice_manifest *all, size_t *count, size_t *out_replaced, struct err *e)
{
	AUTO(arena)                 a = ARENA_INIT;
	struct run                  r = {.to = w};
	const struct ice_manifest **inputs;
	struct ice_manifest        *made;
	size_t                      kept = 0, take = 0, taken = 0, made_count = 0;
	unsigned                    level;

	*out_replaced = 0;
	run_begin(&r);
	level = full_level(&r, all, *count, &take);
	if (level == LEVELS)
		return 0;
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
	assert(made_count < taken || w->written == 0);
	memcpy(all + kept, made, made_count * sizeof(*made));
	*count = kept + made_count;
	*out_replaced = taken;
	return 0;
}

/* listing.c - which manifests the next snapshot of a table has: its parent's and those of the touches,
 * less the files that touches remove.
 *
 * A file is added once and removed once, by a later entry, so the order of the touches does not matter
 * here: whatever some touch removes is looked for in the parent's manifests and in those of the touches
 * themselves, for a file may come and go between two snapshots. What is removed must all be found, with
 * as many rows and bytes as were counted: else another engine has rewritten the table, and nothing is
 * guessed.
 *
 * A manifest that loses files is written again: they stand in it as DELETED, for other engines to know
 * what this snapshot let go. One in which nothing is live is left out of the next snapshot.
 */
#include <assert.h>
#include <inttypes.h>

#include "lake/apply_int.h"

struct removal {
	struct rewrite *to;
	struct listing *out;
	struct map      keys;    /* removed by name */
	uint64_t        through; /* all files of entries up to it are removed; 0 */
	struct tally    missing; /* not found yet */
};

static void removal_done(struct removal *r)
{
	map_done(&r->keys);
}

AUTO_DEFINE(removal, removal_done)

static void tally_add(struct tally *t, const struct ice_file *f, int sign)
{
	t->files += sign;
	t->rows += sign * f->stats.rows;
	t->bytes += sign * f->stats.bytes;
}

static void removal_fill(struct removal *r, const struct work *w, size_t first)
{
	for (size_t i = first; i < w->touches.count; i++) {
		const struct touch *t = &w->touches.at[i];

		for (size_t k = 0; k < t->removed_count; k++)
			(void)map_put(&r->keys, t->removed[k].key);
		r->through = t->replaces_through > r->through ? t->replaces_through : r->through;
		r->missing.files += t->gone.files;
		r->missing.rows += t->gone.rows;
		r->missing.bytes += t->gone.bytes;
	}
}

static bool is_removed(const struct removal *r, const struct ice_file *f)
{
	uint64_t seq;
	str      key;

	if (r->keys.count == 0 && r->through == 0)
		return false;
	if (!lake_key(r->to->lake, f->path, &key))
		return false;
	if (map_get(&r->keys, key) != NULL)
		return true;
	return r->through > 0 && lake_origin_seq(lake_name(key), r->to->lane, &seq) && seq <= r->through;
}

static void note_partition(struct listing *out, const struct ice_file *f)
{
	out->partitions[out->partition_count++] = f->has_partition ? f->partition : INT64_MIN;
}

static bool is_dead(const struct ice_manifest *m)
{
	return m->added_files + m->existing_files == 0;
}

/* --- the parent's -------------------------------------------------------------------------- */

/* What it was written under: tables that have been replayed have older specs than the one in force. */
static int spec_of(const struct removal *r, const struct ice_manifest *m, struct ice_spec *out, struct err *e)
{
	TRY(ice_spec_by_id(r->to->metadata, m->spec_id, out, e));
	if (out->transform == ICE_OTHER || out->transform == ICE_IDENTITY || m->key_metadata.ptr != NULL)
		return err_set(e, ERR_UNSUPPORTED,
		               "files are to be removed from manifest " STR_FMT ", which tarn cannot write again",
		               STR_ARG(m->path));
	return 0;
}

static int take_from(struct removal *r, struct ice_manifest *m, struct err *e)
{
	AUTO(arena)     a = ARENA_INIT;
	AUTO(ice_files) files = {0};
	struct ice_spec spec;
	size_t          taken = 0;

	TRY(rewrite_read(r->to, m, &a, &files, e));
	for (size_t i = 0; i < files.count; i++) {
		struct ice_file *f = &files.at[i];

		if (!is_removed(r, f))
			continue;
		f->status = ICE_DELETED;
		f->snapshot_id = r->to->snapshot_id;
		tally_add(&r->missing, f, -1);
		tally_add(&r->out->went, f, 1);
		if (r->missing.files < 0)
			break; /* found_all says so */
		note_partition(r->out, f);
		taken++;
	}
	if (taken == 0)
		return 0;
	TRY(spec_of(r, m, &spec, e));
	r->out->replaced++;
	return rewrite_put(r->to, "kept", &spec, files.at, files.count, m, e);
}

static int list_old(struct removal *r, struct err *e)
{
	struct listing *out = r->out;
	size_t          count = 0, replaced;

	for (size_t i = 0; i < out->old_count; i++)
		if (!is_dead(&out->old[i]))
			out->old[count++] = out->old[i];
	out->replaced = out->old_count - count;
	out->old_count = count;
	if (r->missing.files == 0) {
		TRY(manifests_merge(r->to, out->old, &out->old_count, &replaced, e));
		out->replaced += replaced;
	}
	for (size_t i = 0; i < out->old_count && r->missing.files > 0; i++)
		if (!out->old[i].is_deletes)
			TRY(take_from(r, &out->old[i], e));
	return 0;
}

/* --- the touches' -------------------------------------------------------------------------- */

/* The files of a touch that no other one removes again; returns how many, all of them in `left`. */
static size_t files_left(struct removal *r, const struct touch *t, struct ice_file *left)
{
	size_t count = 0;

	for (int64_t i = 0; i < t->came.files; i++) {
		const struct ice_file *f = &t->files[i];

		if (is_removed(r, f)) {
			tally_add(&r->missing, f, -1);
			continue;
		}
		tally_add(&r->out->came, f, 1);
		note_partition(r->out, f);
		left[count++] = *f;
	}
	return count;
}

static int list_touch(struct removal *r, const struct touch *t, struct err *e)
{
	AUTO(arena)          a = ARENA_INIT;
	struct ice_file     *left = ARENA_ARRAY(&a, struct ice_file, t->came.files + 1);
	struct ice_manifest *added = &r->out->added[r->out->added_count];
	size_t               count = files_left(r, t, left);

	if (count == 0)
		return 0;
	r->out->added_count++;
	*added = t->listed;
	added->sequence_number = added->min_sequence_number = r->to->sequence;
	added->added_snapshot_id = r->to->snapshot_id;
	return (int64_t)count < t->came.files ? rewrite_put(r->to, "kept", &t->spec, left, count, added, e) : 0;
}

/* --- both ---------------------------------------------------------------------------------- */

static int found_all(const struct removal *r, struct err *e)
{
	const struct tally *m = &r->missing;

	if (m->files == 0 && m->rows == 0 && m->bytes == 0)
		return 0;
	return err_set(e, ERR_CORRUPT,
	               "files are to be removed from it that are not the ones it has (%" PRId64 " files, %" PRId64 " rows, %" PRId64
	               " bytes amiss): another engine has rewritten it", m->files, m->rows, m->bytes);
}

/* As many partitions as files come and go at most. */
static void listing_room(struct listing *out, const struct work *w, size_t first, struct arena *a)
{
	int64_t files = 0;

	for (size_t i = first; i < w->touches.count; i++)
		files += w->touches.at[i].came.files + w->touches.at[i].gone.files;
	out->partitions = ARENA_ARRAY(a, int64_t, files + 1);
	out->added = ARENA_ARRAY(a, struct ice_manifest, w->touches.count - first);
}

int listing_make(struct rewrite *to, const struct work *w, size_t first, struct listing *out, struct err *e)
{
	AUTO(removal) r = {.to = to, .out = out};

	assert(first < w->touches.count);
	listing_room(out, w, first, to->arena);
	removal_fill(&r, w, first);
	for (size_t i = first; i < w->touches.count; i++)
		TRY(list_touch(&r, &w->touches.at[i], e));
	TRY(list_old(&r, e));
	return found_all(&r, e);
}

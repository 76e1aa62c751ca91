/* scan.c - from a table's name to the files that hold the rows wanted.
 *
 * Pruning leaves out only what cannot hold such rows: where a manifest was
 * written under another partition spec, or a table is not partitioned by time, nothing is left out.
 */
#include "lake/scan.h"

#include <inttypes.h>

#include "base/vec.h"
#include "lake/lake_int.h"

enum { SCAN_TRIES = 5 };

int path_get(struct lake *l, str path, struct buf *out, struct err *e)
{
	str key;

	if (!lake_key(l, path, &key))
		return err_set(e, ERR_CORRUPT, STR_FMT " does not lie in the lake at " STR_FMT ": was it moved?",
		               STR_ARG(str_head(path, 300)), STR_ARG(str_head(l->store->root, 300)));
	return store_get(l->store, key, 0, 0, out, e);
}

int snapshot_manifests(struct lake *l, const struct ice_snapshot *s, struct arena *a, struct ice_manifest **out,
                       size_t *count, struct err *e)
{
	AUTO(buf) bytes = BUF(MANIFEST_BYTES);

	TRY(path_get(l, s->manifest_list, &bytes, e));
	if (ice_list_read(buf_str(&bytes), a, out, count, e) < 0)
		return err_add(e, STR_FMT, STR_ARG(s->manifest_list));
	return 0;
}

/* The wanted range as partition values, both ends included. */
struct wanted {
	bool    is_all;
	int32_t spec_id;
	int32_t low, high;
};

static struct wanted wanted_of(const struct ice_spec *spec, const struct scan_range *range)
{
	bool          is_by_time = spec->transform == ICE_HOUR || spec->transform == ICE_DAY ||
	                           spec->transform == ICE_MONTH;
	struct wanted w = {.is_all = true, .spec_id = spec->id};

	if (range == NULL || (range->from_us == 0 && range->to_us == 0) || !is_by_time)
		return w;
	w.is_all = false;
	w.low = ice_transform_us(spec->transform, range->from_us);
	w.high = ice_transform_us(spec->transform, range->to_us > INT64_MIN ? range->to_us - 1 : INT64_MIN);
	return w;
}

static bool manifest_is_wanted(const struct wanted *w, const struct ice_manifest *m)
{
	if (w->is_all || m->spec_id != w->spec_id || !m->has_bounds)
		return true;
	return m->lower <= w->high && m->upper >= w->low;
}

static bool file_is_wanted(const struct wanted *w, const struct ice_manifest *m, const struct ice_file *f)
{
	if (f->status == ICE_DELETED)
		return false;
	if (w->is_all || m->spec_id != w->spec_id)
		return true;
	return f->has_partition && f->partition >= w->low && f->partition <= w->high;
}

struct file_list {
	VEC_OF(struct ice_file);
};

static int manifest_files(struct lake *l, const struct wanted *w, const struct ice_manifest *m, struct arena *a,
                          struct file_list *out, struct err *e)
{
	AUTO(buf)        bytes = BUF(MANIFEST_BYTES);
	struct ice_file *files;
	size_t           count;

	TRY(path_get(l, m->path, &bytes, e));
	if (ice_manifest_read(buf_str(&bytes), m, a, &files, &count, e) < 0)
		return err_add(e, STR_FMT, STR_ARG(m->path));
	for (size_t i = 0; i < count; i++)
		if (file_is_wanted(w, m, &files[i]))
			*VEC_ADD(out) = files[i];
	return 0;
}

static int list_files(struct lake *l, struct scan *s, const struct wanted *w, struct file_list *files, struct err *e)
{
	struct ice_manifest *manifests;

	TRY(snapshot_manifests(l, &s->snapshot, &s->arena, &manifests, &s->manifest_count, e));
	for (size_t i = 0; i < s->manifest_count; i++) {
		const struct ice_manifest *m = &manifests[i];

		if (m->is_deletes && m->added_files + m->existing_files == 0)
			continue;
		if (m->is_deletes)
			return err_set(e, ERR_UNSUPPORTED,
			               "another engine has deleted rows by delete files, which tarn does not read");
		if (!manifest_is_wanted(w, m))
			continue;
		s->manifests_read++;
		TRY(manifest_files(l, w, m, &s->arena, files, e));
	}
	return 0;
}

static int fill_files(struct lake *l, struct scan *s, const struct scan_range *range, struct err *e)
{
	struct wanted    w = wanted_of(&s->spec, range);
	struct file_list files = {0};
	int              rc = list_files(l, s, &w, &files, e);

	if (rc == 0 && files.count > 0) {
		s->files = ARENA_ARRAY(&s->arena, struct ice_file, files.count);
		memcpy(s->files, files.at, files.count * sizeof(*s->files));
		s->file_count = files.count;
	}
	VEC_DONE(&files);
	return rc;
}

static int snapshot_find(struct scan *s, int64_t id, struct err *e)
{
	for (size_t i = ice_snapshot_count(&s->metadata); i-- > 0;) {
		ice_snapshot_at(&s->metadata, i, &s->snapshot);
		if (s->snapshot.id == id)
			return 0;
	}
	return err_set(e, ERR_MISSING, "it has no snapshot %" PRId64 ": it may have been expired", id);
}

/* `snapshot_id` 0: the current one. */
static int scan_fill(struct lake *l, str space, str table, int64_t snapshot_id, const struct scan_range *range,
                     struct scan *s, struct err *e)
{
	struct catalog_table at;

	TRY(metadata_load(l, space, table, &s->arena, &at, &s->metadata, e));
	s->metadata_path = at.metadata_path;
	TRY(ice_read_schema(&s->metadata, -1, &s->schema, e));
	TRY(ice_spec(&s->metadata, &s->spec, e));
	s->has_snapshot = snapshot_id != 0 || ice_current_snapshot(&s->metadata, &s->snapshot);
	if (snapshot_id != 0)
		TRY(snapshot_find(s, snapshot_id, e));
	return s->has_snapshot ? fill_files(l, s, range, e) : 0;
}

/* What was to be read is gone: has the table moved on meanwhile, so far that it was swept? */
static bool has_moved(struct lake *l, str space, str table, const struct scan *s)
{
	AUTO(arena)          a = ARENA_INIT;
	struct catalog_table now;
	struct err           why = ERR_NONE;

	return s->metadata_path.len > 0 && catalog_load(l->catalog, space, table, &a, &now, &why) == 0 &&
	       !str_eq(now.metadata_path, s->metadata_path);
}

static int scan_open(struct lake *l, str space, str table, int64_t snapshot_id, const struct scan_range *range,
                     struct scan *out, struct err *e)
{
	for (unsigned i = 1;; i++) {
		AUTO(scan) s = {0};
		int        filled = scan_fill(l, space, table, snapshot_id, range, &s, e);

		if (filled == 0) {
			*out = s;
			s = (struct scan){0};
			return 0;
		}
		if (filled != ERR_MISSING || i == SCAN_TRIES || !has_moved(l, space, table, &s))
			return err_add(e, "table " STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(table));
		*e = ERR_NONE;
	}
}

int lake_scan(struct lake *l, str space, str table, const struct scan_range *range, struct scan *out, struct err *e)
{
	return scan_open(l, space, table, 0, range, out, e);
}

int lake_scan_at(struct lake *l, str space, str table, int64_t snapshot_id, struct scan *out, struct err *e)
{
	if (snapshot_id <= 0)
		return err_set(e, ERR_INPUT, "%" PRId64 " is not the id of a snapshot", snapshot_id);
	return scan_open(l, space, table, snapshot_id, NULL, out, e);
}

void scan_done(struct scan *s)
{
	ice_metadata_done(&s->metadata);
	schema_done(&s->schema);
	arena_done(&s->arena);
	*s = (struct scan){0};
}

struct names {
	struct arena *arena;
	VEC_OF(str);
};

static int names_add(void *context, str table, struct err *e)
{
	struct names *n = context;

	(void)e;
	*VEC_ADD(n) = arena_str(n->arena, table);
	return 0;
}

int lake_tables(struct lake *l, str space, struct arena *a, str **out, size_t *count, struct err *e)
{
	struct names n = {.arena = a};
	str         *list;
	int          rc = catalog_list(l->catalog, space, names_add, &n, e);

	if (rc == 0) {
		list = ARENA_ARRAY(a, str, n.count + 1);
		if (n.count > 0)
			memcpy(list, n.at, n.count * sizeof(*list));
		*out = list;
		*count = n.count;
	}
	VEC_DONE(&n);
	return rc;
}

/* apply_table.c - the next snapshot of one table, which brings it up to the journal.
 *
 * Invariants: a snapshot adds and removes the files of exactly the entries in (mark, head] that touch the
 * table, and moves the mark with them, under the catalog's compare-and-swap. So whatever becomes of
 * a swap, looking at the mark says what is left to do; no attempt needs to know the fate of the one
 * before, and nothing that an attempt wrote is ever removed. The mark never falls.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "codec/sha256.h"
#include "lake/apply_int.h"
#include "os/clock.h"

void work_add(struct work *w, const struct journal_entry *j, const struct entry_table *t)
{
	assert(w->touches.count == 0 || w->touches.at[w->touches.count - 1].seq <= j->seq);
	*VEC_ADD(&w->touches) = (struct touch){
		.seq = j->seq,
		.epoch = j->epoch,
		.manifest = t->manifest,
		.checksum = t->manifest_checksum,
		.schema = t->schema,
		.partition = t->partition,
		.manifest_bytes = t->manifest_bytes,
		.came = {(int64_t)t->files.count, t->rows, t->bytes},
		.gone = {t->removed_files, t->removed_rows, t->removed_bytes},
		.removed = t->removed.at,
		.removed_count = t->removed.count,
		.replaces_through = t->replaces_through,
	};
}

void work_done(struct work *w)
{
	VEC_DONE(&w->touches);
	buf_done(&w->attempt.text);
	arena_done(&w->arena);
}

static int manifest_get(struct lake *l, const struct touch *t, struct buf *out, struct err *e)
{
	char checksum[33];

	TRY(store_get(l->store, t->manifest, 0, 0, out, e));
	lake_checksum(buf_str(out), checksum);
	if ((int64_t)out->len != t->manifest_bytes || !str_eq(t->checksum, str_of(checksum)))
		return err_set(e, ERR_CORRUPT, "manifest " STR_FMT " is not what entry %" PRIu64 " committed",
		               STR_ARG(t->manifest), t->seq);
	return 0;
}

/* What the manifest list is to say of the touch's manifest: it is in the manifest, not in the journal. */
static int touch_describe(struct lake *l, struct touch *t, const struct ice_spec *spec, struct arena *a,
                          struct err *e)
{
	AUTO(buf)           bytes = BUF(MANIFEST_BYTES);
	struct ice_manifest of = {.path = lake_path(l, a, t->manifest), .spec_id = spec->id};
	size_t              count;
	int64_t             rows = 0;

	t->spec = *spec;
	t->spec.name = arena_str(a, spec->name);
	if (t->manifest.len == 0)
		return 0;
	TRY(manifest_get(l, t, &bytes, e));
	if (ice_manifest_read(buf_str(&bytes), &of, a, &t->files, &count, e) < 0)
		return err_add(e, STR_FMT, STR_ARG(t->manifest));
	for (size_t i = 0; i < count; i++)
		rows += t->files[i].stats.rows;
	if ((int64_t)count != t->came.files || rows != t->came.rows)
		return err_set(e, ERR_CORRUPT,
		               "manifest " STR_FMT " lists %zu files with %" PRId64 " rows, entry %" PRIu64 " %" PRId64
		               " with %" PRId64, STR_ARG(t->manifest), count, rows, t->seq, t->came.files, t->came.rows);
	t->listed = of;
	ice_manifest_describe(spec, t->files, count, &t->listed);
	t->listed.path = of.path;
	t->listed.length = t->manifest_bytes;
	t->listed.spec_id = spec->id;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* An entry that takes out by name as many rows as it puts in, under the same schema, holds the same
 * rows in other files. */
static bool is_same_rows(const struct touch *t)
{
	return t->gone.files > 0 && t->gone.rows == t->came.rows && t->replaces_through == 0 && t->schema.len == 0;
}

static str operation(const struct work *w, size_t first, const struct listing *list)
{
	bool is_replace = true;

	if (list->went.files == 0)
		return STR("append");
	if (list->came.files == 0)
		return STR("delete");
	for (size_t i = first; i < w->touches.count; i++)
		is_replace = is_replace && is_same_rows(&w->touches.at[i]);
	return is_replace ? STR("replace") : STR("overwrite");
}

static void sum_up(const struct work *w, size_t first, struct listing *list, struct ice_commit *out)
{
	out->operation = operation(w, first, list);
	out->added_files = list->came.files;
	out->added_rows = list->came.rows;
	out->added_bytes = list->came.bytes;
	out->removed_files = list->went.files;
	out->removed_rows = list->went.rows;
	out->removed_bytes = list->went.bytes;
	qsort(list->partitions, list->partition_count, sizeof(*list->partitions), by_value);
	for (size_t i = 0; i < list->partition_count; i++)
		out->changed_partitions += i == 0 || list->partitions[i] != list->partitions[i - 1];
}

/* Fields that the catalog has and the journal's schema does not: another engine added them while
 * the entry was on its way. They stay; but one id must not mean two things. */
static int schema_keep(struct schema *to, const struct schema *from, struct err *e)
{
	for (uint32_t i = 1; i < from->count; i++) {
		const struct field *f = from->fields[i];
		struct field       *mine = schema_by_id(to, f->id);
		struct field       *parent = schema_by_id(to, f->parent->id);

		if (mine != NULL && mine->type == f->type && str_eq(mine->name, f->name))
			continue;
		if (f->parent == from->root)
			parent = to->root;
		if (mine != NULL || parent == NULL || schema_child(parent, f->name) != NULL)
			return err_set(e, ERR_CONFLICT,
			               "field %d (" STR_FMT ") was changed by another engine while tarn "
			               "was changing the schema too", f->id, STR_ARG(str_head(f->name, 128)));
		schema_add(to, parent, f->name, f->type, false, f->doc, f->id);
	}
	return 0;
}

/* The newest schema among the touches becomes the table's. Where one of them replaces all that there
 * was, fields that it leaves out are gone with their files. */
static int schema_update(struct ice_metadata *m, const struct work *w, size_t first, struct err *e)
{
	AUTO(schema) next = {0};
	AUTO(schema) current = {0};
	str          text = {0};
	bool         is_all_new = false;

	for (size_t i = first; i < w->touches.count; i++) {
		if (w->touches.at[i].schema.len > 0)
			text = w->touches.at[i].schema;
		is_all_new = is_all_new || w->touches.at[i].replaces_through > 0;
	}
	if (text.len == 0)
		return 0;
	TRY(ice_schema_parse(text, &next, e));
	TRY(ice_read_schema(m, -1, &current, e));
	if (!is_all_new)
		TRY(schema_keep(&next, &current, e));
	(void)ice_set_schema(m, &next);
	return 0;
}

/* The spec that the newest touch brings, which is the one its files were written under. */
static int spec_update(struct ice_metadata *m, const struct work *w, size_t first, struct arena *a, struct err *e)
{
	for (size_t i = first; i < w->touches.count; i++) {
		const struct touch *t = &w->touches.at[i];
		struct ice_spec     spec;

		if (t->partition.len == 0)
			continue;
		TRY(partition_spec(t->partition, m, a, &spec, e));
		if (spec.id != t->spec.id)
			return err_set(e, ERR_CONFLICT, "another engine has changed how it is partitioned while tarn was changing it too");
		ice_set_spec(m, &spec);
	}
	return 0;
}

/* What becomes of manifests in a snapshot. */
struct listed {
	str            path; /* of the list */
	size_t         kept, created;
	struct listing list;
};

/* The origin of what is written for a snapshot: that of its newest entry. */
static str origin_of(const struct work *w, str lane, struct arena *a)
{
	const struct touch *newest = &w->touches.at[w->touches.count - 1];

	return arena_format(a, "L" STR_FMT "-E%" PRIu64 "-S%" PRIu64, STR_ARG(lane), newest->epoch, newest->seq);
}

static int list_put(struct lake *l, str lane, const struct work *w, size_t first, const struct ice_metadata *m,
                    int64_t snapshot_id, struct arena *a, struct listed *out, struct err *e)
{
	AUTO(buf)            bytes = BUF(MANIFEST_BYTES);
	str                  origin = origin_of(w, lane, a);
	AUTO(rewrite)        to = {.lake = l, .metadata = m, .lane = lane, .snapshot_id = snapshot_id, .arena = a};
	struct listing      *list = &out->list;
	struct ice_snapshot  parent = {0};
	struct ice_manifest *all;
	size_t               parent_count;
	str                  key;

	if (ice_current_snapshot(m, &parent))
		TRY(snapshot_manifests(l, &parent, a, &list->old, &list->old_count, e));
	parent_count = list->old_count;
	to.key = lake_metadata_key(a, w->space, w->name, origin);
	to.sequence = ice_last_sequence_number(m) + 1;
	TRY(rewrite_begin(&to, e));
	TRY(listing_make(&to, w, first, list, e));
	all = ARENA_ARRAY(a, struct ice_manifest, list->old_count + list->added_count + 1);
	if (list->old_count > 0)
		memcpy(all, list->old, list->old_count * sizeof(*all));
	if (list->added_count > 0)
		memcpy(all + list->old_count, list->added, list->added_count * sizeof(*all));
	TRY(ice_list_write(all, list->old_count + list->added_count, snapshot_id, parent.id, to.sequence, &bytes, e));
	key = lake_metadata_key(a, w->space, w->name,
	                        arena_format(a, "snap-%" PRId64 "-1-" STR_FMT ".avro", snapshot_id, STR_ARG(origin)));
	TRY(store_put_soon_sure(l->store, key, buf_str(&bytes), e));
	out->path = lake_path(l, a, key);
	out->kept = parent_count - list->replaced;
	out->created = list->old_count + list->added_count - out->kept;
	return 0;
}

static int64_t draw_snapshot_id(struct lake *l, const struct ice_metadata *m)
{
	for (;;) {
		int64_t id = (int64_t)(clock_random_u64(l->clock) & INT64_MAX);
		str     found;

		if (id > 0 && !ice_summary(m, id, STR("operation"), &found))
			return id;
	}
}

/* What nobody sees any more, as the metadata stood when it was loaded. It may fail: then it is done at
 * another time. */
static void discard(struct lake *l, str lane, const struct work *w, struct ice_metadata *m)
{
	struct err why = ERR_NONE;

	(void)!discard_do(l, lane, w->space, w->name, m, &why);
}

/* Change the document: schema, mark, snapshot. */
static int change(struct lake *l, str lane, struct work *w, uint64_t head, const struct catalog_table *at,
                  struct ice_metadata *m, struct arena *a, struct err *e)
{
	const struct attempt *t = &w->attempt;
	const struct touch *newest = &w->touches.at[w->touches.count - 1];
	int64_t             now_us = clock_now_us(l->clock);
	struct ice_commit   commit = {.snapshot_id = t->snapshot_id, .now_ms = now_us / 1000};
	struct listed       listed = {0};
	char                lake[37];

	discard(l, lane, w, m);
	TRY(schema_update(m, w, t->first, e));
	TRY(spec_update(m, w, t->first, a, e));
	TRY(list_put(l, lane, w, t->first, m, t->snapshot_id, a, &listed, e));
	uuid_format(l->id, lake);
	const struct ice_pair summary[] = {
		{STR("tarn.lake"), str_of(lake)},
		{STR("tarn.lane"), lane},
		{STR("tarn.epoch"), arena_format(a, "%" PRIu64, newest->epoch)},
		{STR("tarn.entries"), arena_format(a, "%" PRIu64 "..%" PRIu64, w->mark + 1, head)},
		{STR("manifests-created"), arena_format(a, "%zu", listed.created)},
		{STR("manifests-kept"), arena_format(a, "%zu", listed.kept)},
		{STR("manifests-replaced"), arena_format(a, "%zu", listed.list.replaced)},
	};
	commit.summary = summary;
	commit.summary_count = sizeof(summary) / sizeof(summary[0]);
	commit.manifest_list = listed.path;
	sum_up(w, t->first, &listed.list, &commit);
	ice_log_previous(m, at->metadata_path, ice_last_updated_ms(m));
	ice_set_property(m, arena_format(a, MARK_PROPERTY STR_FMT, STR_ARG(lane)),
	                 arena_format(a, "%" PRIu64, head));
	discard_note(m, lane, w, t->first, now_us);
	ice_add_snapshot(m, &commit);
	history_expire(m);
	return 0;
}

void work_count(struct work *w)
{
	w->counts.tables = 1;
	for (size_t i = w->attempt.first; i < w->touches.count; i++) {
		w->counts.files += w->touches.at[i].came.files;
		w->counts.rows += w->touches.at[i].came.rows;
	}
}

/* What the document names is gone: where the table has moved on meanwhile it was swept, and a look at
 * the present will tell; else it is lost. */
static int missing(struct lake *l, const struct work *w, const struct catalog_table *at, struct err *e)
{
	AUTO(arena)          a = ARENA_INIT;
	struct err           why = ERR_NONE;
	struct catalog_table now;

	if (catalog_load(l->catalog, w->space, w->name, &a, &now, &why) < 0 ||
	    str_eq(now.version, at->version))
		return e->class;
	return err_set(e, ERR_CONFLICT, "the table has moved on meanwhile");
}

/* The touches above the mark. Of what is applied already the manifests may have been merged away and swept. */
static int describe(struct lake *l, struct work *w, const struct ice_metadata *m, struct err *e)
{
	struct ice_spec spec;

	TRY(ice_spec(m, &spec, e));
	if (spec.transform == ICE_OTHER || spec.transform == ICE_IDENTITY)
		return err_set(e, ERR_UNSUPPORTED, "another engine has changed how it is partitioned");
	for (size_t i = w->attempt.first; i < w->touches.count; i++) {
		struct touch *t = &w->touches.at[i];

		if (t->partition.len > 0)
			TRY(partition_spec(t->partition, m, &w->arena, &spec, e));
		if (!t->is_described)
			TRY(touch_describe(l, t, &spec, &w->arena, e));
		t->is_described = true;
	}
	return 0;
}

/* 1: all touches are in. 0: those from w->attempt.first on are not. */
static int look(struct lake *l, str lane, struct work *w, const struct ice_metadata *m, struct err *e)
{
	uint64_t mark, last = w->touches.at[w->touches.count - 1].seq;
	str      found;

	TRY(uuid_check(m, w->uuid, e));
	TRY(table_mark(m, l, lane, &mark, e));
	if (mark < w->mark)
		return err_set(e, ERR_CORRUPT, "its mark fell from entry %" PRIu64 " to %" PRIu64, w->mark, mark);
	w->mark = mark;
	if (mark >= last) {
		if (w->attempt.snapshot_id != 0 && ice_summary(m, w->attempt.snapshot_id, STR("tarn.lane"), &found))
			work_count(w); /* the answer was lost, and it was done */
		return 1;
	}
	for (w->attempt.first = 0; w->touches.at[w->attempt.first].seq <= mark; w->attempt.first++)
		;
	return 0;
}

/* What stands in the touches, and from there in the document. */
static int document(struct lake *l, str lane, struct work *w, uint64_t head, const struct catalog_table *at,
                    struct ice_metadata *m, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;

	TRY(describe(l, w, m, e));
	w->attempt.snapshot_id = draw_snapshot_id(l, m);
	return change(l, lane, w, head, at, m, &a, e);
}

int work_prepare(struct lake *l, str lane, struct work *w, uint64_t head, struct err *e)
{
	AUTO(arena)          a = ARENA_INIT;
	AUTO(buf)            text = BUF(0);
	AUTO(ice_metadata)   m = {0};
	struct catalog_table at;
	int                  looked, made;

	assert(w->attempt.text.len == 0);
	TRY(metadata_load(l, w->space, w->name, &a, &at, &m, e));
	looked = look(l, lane, w, &m, e);
	if (looked != 0)
		return looked;
	made = document(l, lane, w, head, &at, &m, e);
	if (made == ERR_MISSING)
		return missing(l, w, &at, e);
	TRY(made);
	ice_metadata_write(&m, &text);
	if (buf_over(&text))
		return err_set(e, ERR_LIMIT, "its metadata is over 1 GiB: expire snapshots");
	w->attempt.version = arena_str(&w->arena, at.version);
	w->attempt.is_sweep_due = sweep_is_due(l, &m);
	w->attempt.text = text;
	text = BUF(0);
	return 0;
}

void work_follow_up(struct lake *l, str lane, const struct work *w)
{
	struct err why = ERR_NONE;

	if (w->attempt.is_sweep_due)
		(void)!table_sweep(l, lane, w->space, w->name, &why);
}

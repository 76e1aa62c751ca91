/* audit_table.c - each table's present held against the journal: the same table, a mark that fits, the
 * newest schema, and exactly the files of the entries up to the mark, each once.
 */
#include <inttypes.h>

#include "lake/scan.h"
#include "lake/table.h"
#include "upkeep/audit_int.h"

static void check_schema(struct audit *a, const struct audit_table *t, const struct schema *here, struct err *e)
{
	AUTO(schema) journal = {0};

	if (ice_schema_parse(t->schema, &journal, e) < 0) {
		audit_say(a, "table: schema: " TABLE_FMT ": the journal's cannot be read: %s", TABLE_ARG(t), e->text);
		*e = ERR_NONE;
		return;
	}
	for (uint32_t i = 1; i < journal.count; i++) {
		const struct field *want = journal.fields[i], *have = schema_by_id(here, want->id);

		if (have == NULL || have->type != want->type || !str_eq(have->name, want->name))
			audit_say(a, "table: schema: " TABLE_FMT ": field %d (" STR_FMT ", %s) of the journal is %s",
			          TABLE_ARG(t), want->id, STR_ARG(str_head(want->name, 128)), type_name(want->type),
			          have ? "another one" : "missing");
	}
}

static void check_listed(struct audit *a, struct audit_table *t, const struct ice_file *f, uint64_t mark)
{
	const struct map_item *item;
	struct audit_file     *file;
	str                    key = f->path;

	item = lake_key(a->lake, f->path, &key) ? map_get(&t->by_key, key) : NULL;
	if (item == NULL) {
		audit_say(a, "snapshot: file not of the journal: " TABLE_FMT ": " STR_FMT, TABLE_ARG(t), STR_ARG(key));
		return;
	}
	file = &t->files.at[item->num - 1];
	if (file->is_listed)
		audit_say(a, "snapshot: file listed twice: " TABLE_FMT ": " STR_FMT, TABLE_ARG(t), STR_ARG(key));
	else if (file->seq > mark)
		audit_say(a, "table: mark: " TABLE_FMT ": it stands at entry %" PRIu64 ", but " STR_FMT " of entry %"
		          PRIu64 " is listed", TABLE_ARG(t), mark, STR_ARG(key), file->seq);
	if (file->removed_by != 0 && file->removed_by <= mark)
		audit_say(a, "snapshot: file listed that was removed: " TABLE_FMT ": " STR_FMT ", by entry %" PRIu64,
		          TABLE_ARG(t), STR_ARG(key), file->removed_by);
	file->is_listed = true;
	if (f->stats.rows != file->entry.rows || f->stats.bytes != file->entry.bytes)
		audit_say(a, "snapshot: rows differ: " TABLE_FMT ": " STR_FMT " has %" PRId64 " rows in %" PRId64
		          " bytes, in the journal %" PRId64 " in %" PRId64, TABLE_ARG(t), STR_ARG(key), f->stats.rows,
		          f->stats.bytes, file->entry.rows, file->entry.bytes);
}

/* Its list may be gone because it was expired since the metadata was read. */
static bool is_expired(struct audit *a, const struct audit_table *t, int64_t id)
{
	AUTO(arena)          scratch = ARENA_INIT;
	AUTO(ice_metadata)   m = {0};
	struct catalog_table at;
	struct err           why = ERR_NONE;
	str                  found;

	return catalog_load(a->lake->catalog, t->space, t->name, &scratch, &at, &why) == 0 &&
	       ice_metadata_parse(at.metadata, &m, &why) == 0 && !ice_summary(&m, id, STR("operation"), &found);
}

/* What each snapshot leads to, older ones too: someone may be reading them. */
static int check_history(struct audit *a, struct audit_table *t, const struct ice_metadata *m, struct err *e)
{
	for (size_t i = 0; i < ice_snapshot_count(m); i++) {
		AUTO(arena)          scratch = ARENA_INIT;
		struct ice_manifest *manifests;
		struct ice_snapshot  s;
		size_t               count = 0;
		int                  got;

		ice_snapshot_at(m, i, &s);
		got = snapshot_manifests(a->lake, &s, &scratch, &manifests, &count, e);
		if (got < 0 && !audit_is_finding(got))
			return got;
		if (got < 0 && !is_expired(a, t, s.id))
			audit_say(a, "snapshot: cannot be read: " TABLE_FMT ", snapshot %" PRId64 ": %s",
			          TABLE_ARG(t), s.id, e->text);
		*e = ERR_NONE;
		for (size_t k = 0; k < count; k++) {
			str key;

			if (lake_key(a->lake, manifests[k].path, &key))
				map_put(&t->reached, key)->num = (uint64_t)manifests[k].length;
		}
	}
	return 0;
}

static void check_all_listed(struct audit *a, const struct audit_table *t, uint64_t mark)
{
	for (size_t i = 0; i < t->files.count; i++) {
		const struct audit_file *f = &t->files.at[i];
		bool                     is_removed = f->removed_by != 0 && f->removed_by <= mark;

		if (f->seq <= mark && !is_removed && !f->is_listed)
			audit_say(a, "snapshot: file of the journal not listed: " TABLE_FMT ": " STR_FMT " of entry %"
			          PRIu64, TABLE_ARG(t), STR_ARG(f->entry.key), f->seq);
	}
}

static int check_snapshot(struct audit *a, struct audit_table *t, const struct audit_stand *stand, struct err *e)
{
	AUTO(scan) s = {0};
	uint64_t   mark = stand->mark;
	int        got = stand->snapshot != 0 ? lake_scan_at(a->lake, t->space, t->name, stand->snapshot, &s, e)
	                                      : lake_scan(a->lake, t->space, t->name, NULL, &s, e);

	if (got < 0 && audit_is_finding(got)) {
		audit_say(a, "snapshot: cannot be read: %s", e->text);
		*e = ERR_NONE;
		return 0;
	}
	TRY(got);
	t->mark = mark;
	t->floor = table_floor(&s.metadata, a->lake, a->lane);
	TRY(check_history(a, t, &s.metadata, e));
	if (t->schema.len > 0 && mark >= t->last_seq)
		check_schema(a, t, &s.schema, e);
	for (size_t i = 0; stand->snapshot != 0 && i < s.file_count; i++)
		check_listed(a, t, &s.files[i], mark);
	check_all_listed(a, t, mark);
	return 0;
}

/* 1: it can be looked into, and *stand says where. */
static int check_identity(struct audit *a, struct audit_table *t, struct audit_stand *stand, struct err *e)
{
	AUTO(arena)          scratch = ARENA_INIT;
	AUTO(ice_metadata)   m = {0};
	struct catalog_table at;
	int                  got = catalog_load(a->lake->catalog, t->space, t->name, &scratch, &at, e);

	if (got < 0 && !audit_is_finding(got))
		return got;
	if (got == 0)
		got = ice_metadata_parse(at.metadata, &m, e);
	if (got < 0) {
		audit_say(a, "table: missing: " TABLE_FMT ": %s", TABLE_ARG(t), e->text);
		*e = ERR_NONE;
		return 0;
	}
	if (t->uuid.len > 0 && !str_eq(t->uuid, ice_uuid_text(&m))) {
		audit_say(a, "table: uuid: " TABLE_FMT ": it is " STR_FMT " in the catalog, " STR_FMT " in the journal",
		          TABLE_ARG(t), STR_ARG(ice_uuid_text(&m)), STR_ARG(t->uuid));
		return 0;
	}
	return audit_stand(a, t, &m, stand, e);
}

/* Tables of the catalog that the journal does not name may be there, empty. */
static int add_catalog(struct audit *a, str space, struct err *e)
{
	str   *names;
	size_t count;

	TRY(lake_tables(a->lake, space, &a->arena, &names, &count, e));
	for (size_t i = 0; i < count; i++)
		(void)audit_table(a, space, names[i]);
	return 0;
}

int audit_tables(struct audit *a, struct err *e)
{
	TRY(add_catalog(a, STR("events"), e));
	TRY(add_catalog(a, STR("tarn"), e));
	for (size_t i = 0; i < a->tables.count; i++) {
		struct audit_table *t = a->tables.items[i].ptr;
		struct audit_stand  stand = {0};
		int                 is_there = check_identity(a, t, &stand, e);

		TRY(is_there);
		a->counts.tables++;
		if (is_there)
			TRY(check_snapshot(a, t, &stand, e));
	}
	return 0;
}

/* Entries that take files out of a table: what readers see afterwards, and before; what is said of it;
 * and what stops. */
#include "tests/lib/small_remove.h"

static int apply(struct small *s, struct err *e)
{
	struct apply_counts counts;

	return lake_apply(s->lake, s->workers, STR("0"), &counts, e);
}

static void check_summary(struct small *s, const char *key, const char *want)
{
	AUTO(scan) scan = {0};
	struct err e = ERR_NONE;
	str        value = {0};

	CHECK_OK(lake_scan(s->lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	if (!ice_summary(&scan.metadata, scan.snapshot.id, str_of(key), &value) && want == NULL)
		return;
	CHECK_STR(value, str_of(want));
}

static int64_t current_id(struct small *s)
{
	AUTO(scan) scan = {0};
	struct err e = ERR_NONE;

	CHECK_OK(lake_scan(s->lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	return scan.snapshot.id;
}

static void check_then(struct small *s, int64_t snapshot, int64_t want_rows)
{
	AUTO(scan) then = {0};
	struct err e = ERR_NONE;
	int64_t    rows = 0;

	CHECK_OK(lake_scan_at(s->lake, STR("events"), SMALL_TABLE, snapshot, &then, &e), &e);
	for (size_t i = 0; i < then.file_count; i++) {
		str key;

		rows += then.files[i].stats.rows;
		CHECK(lake_key(s->lake, then.files[i].path, &key) && small_is_there(s, key));
	}
	CHECK_INT(rows, want_rows);
}

/* --- one entry ----------------------------------------------------------------------------- */

TEST(remove_leaves_the_others_and_the_past)
{
	AUTO(small_files) files = {0};
	struct small      s;
	int64_t           before;

	small_open(&s, store_new_mem());
	small_commit(&s, 180, small_time(0), 60000000); /* three hours, three files of 60 rows */
	small_apply(&s);
	small_keep(&s, &files);
	before = current_id(&s);
	small_begin(&s, 0, 0);
	small_remove(&s, &files.at[1]);
	small_done(&s, true);
	CHECK_LAKE(&s, 120, 2);
	check_then(&s, before, 180);
	check_summary(&s, "operation", "delete");
	check_summary(&s, "added-data-files", "0");
	check_summary(&s, "deleted-data-files", "1");
	check_summary(&s, "deleted-records", "60");
	check_summary(&s, "total-data-files", "2");
	check_summary(&s, "total-records", "120");
	check_summary(&s, "changed-partition-count", "1");
	check_summary(&s, "manifests-replaced", "1");
	check_summary(&s, "manifests-created", "1");
	check_summary(&s, "manifests-kept", "0");
	small_close(&s);
}

TEST(remove_with_new_files_is_an_overwrite_or_a_replace)
{
	AUTO(small_files) files = {0};
	struct small      s;

	small_open(&s, store_new_mem());
	small_commit(&s, 10, small_time(0), 60000000);
	small_keep(&s, &files);
	small_apply(&s);
	small_begin(&s, 4, small_time(0));
	small_remove(&s, &files.at[0]);
	small_done(&s, true);
	CHECK_LAKE(&s, 4, 1);
	check_summary(&s, "operation", "overwrite");
	files.count = 0;
	small_keep(&s, &files);
	small_begin(&s, 4, small_time(0)); /* as many: a compaction, say */
	small_remove(&s, &files.at[0]);
	small_done(&s, true);
	CHECK_LAKE(&s, 4, 1);
	check_summary(&s, "operation", "replace");
	check_summary(&s, "total-records", "4");
	small_close(&s);
}

/* The manifests of the present snapshot, file by file. */
static void check_statuses(struct small *s, int64_t existing, int64_t deleted, size_t want_manifests)
{
	AUTO(scan)           scan = {0};
	AUTO(arena)          a = ARENA_INIT;
	struct ice_manifest *list;
	struct err           e = ERR_NONE;
	size_t               count;

	CHECK_OK(lake_scan(s->lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	CHECK_OK(snapshot_manifests(s->lake, &scan.snapshot, &a, &list, &count, &e), &e);
	CHECK_INT(count, want_manifests);
	for (size_t i = 0; i < count; i++) {
		struct ice_file *files;
		size_t           file_count;
		str              key, bytes = {0};

		existing -= list[i].existing_files;
		deleted -= list[i].deleted_files;
		CHECK(lake_key(s->lake, list[i].path, &key));
		CHECK_OK(store_get_all(s->inner, key, 0, &a, &bytes, &e), &e);
		CHECK_OK(ice_manifest_read(bytes, &list[i], &a, &files, &file_count, &e), &e);
		for (size_t k = 0; k < file_count; k++) {
			if (files[k].status == ICE_DELETED)
				CHECK_INT(files[k].snapshot_id, list[i].added_snapshot_id);
			if (files[k].status == ICE_EXISTING)
				CHECK(files[k].snapshot_id != list[i].added_snapshot_id);
			if (files[k].status != ICE_ADDED)
				CHECK(files[k].sequence_number < list[i].sequence_number &&
				      list[i].min_sequence_number <= list[i].sequence_number);
		}
	}
	CHECK_INT(existing, 0);
	CHECK_INT(deleted, 0);
}

TEST(remove_is_said_once_and_then_forgotten)
{
	AUTO(small_files) files = {0};
	struct small      s;

	small_open(&s, store_new_mem());
	small_commit(&s, 120, small_time(0), 60000000);
	small_keep(&s, &files);
	small_apply(&s);
	small_commit(&s, 60, small_time(9), 60000000);
	small_keep(&s, &files);
	small_apply(&s);
	small_begin(&s, 0, 0);
	small_remove(&s, &files.at[0]);
	small_remove(&s, &files.at[2]);
	small_done(&s, true);
	check_statuses(&s, 1, 2, 2); /* one manifest lost one of two, one all it had */
	small_grow(&s, 1);
	CHECK_LAKE(&s, 62, 2);
	check_statuses(&s, 1, 1, 2); /* where nothing lives is left out */
	small_begin(&s, 0, 0);
	small_remove(&s, &files.at[1]);
	small_done(&s, true);
	check_statuses(&s, 0, 1, 2);
	small_close(&s);
}

TEST(remove_of_all_leaves_a_table_that_can_be_written)
{
	AUTO(small_files) files = {0};
	struct small      s;

	small_open(&s, store_new_mem());
	small_commit(&s, 60, small_time(0), 60000000);
	small_keep(&s, &files);
	small_apply(&s);
	small_begin(&s, 0, 0);
	small_remove(&s, &files.at[0]);
	small_done(&s, true);
	CHECK_LAKE(&s, 0, 0);
	small_grow(&s, 3);
	CHECK_LAKE(&s, 6, 3);
	check_summary(&s, "total-data-files", "3");
	small_close(&s);
}

/* --- several entries in one snapshot ------------------------------------------------------- */

TEST(remove_folds_with_what_was_added_on_the_way)
{
	AUTO(small_files) files = {0};
	struct small      s;
	struct err        e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_commit(&s, 60, small_time(0), 60000000); /* 0: stays */
	small_keep(&s, &files);
	small_commit(&s, 60, small_time(1), 60000000); /* 1: in the table, goes */
	small_keep(&s, &files);
	CHECK_OK(apply(&s, &e), &e);
	small_commit(&s, 180, small_time(2), 60000000); /* 2 to 4: never in the table but for the last */
	small_keep(&s, &files);
	small_begin(&s, 60, small_time(7)); /* 5: comes and goes */
	small_keep(&s, &files);
	small_remove(&s, &files.at[2]);
	small_remove(&s, &files.at[1]);
	small_done(&s, false);
	small_begin(&s, 0, 0);
	small_remove(&s, &files.at[5]);
	small_remove(&s, &files.at[3]);
	small_done(&s, false);
	CHECK_OK(apply(&s, &e), &e);
	CHECK_LAKE(&s, 120, 2);
	check_summary(&s, "operation", "overwrite");
	check_summary(&s, "added-data-files", "1");
	check_summary(&s, "deleted-data-files", "1");
	check_summary(&s, "total-records", "120");
	check_statuses(&s, 0, 1, 3);
	small_close(&s);
}

TEST(remove_of_all_that_came_since_is_an_append_of_the_rest)
{
	AUTO(small_files) files = {0};
	struct small      s;
	struct err        e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_commit(&s, 60, small_time(0), 60000000);
	small_keep(&s, &files);
	small_begin(&s, 7, small_time(0));
	small_remove(&s, &files.at[0]);
	small_done(&s, false);
	CHECK_OK(apply(&s, &e), &e);
	CHECK_LAKE(&s, 7, 1);
	check_summary(&s, "operation", "append");
	check_summary(&s, "deleted-data-files", NULL);
	small_close(&s);
}

/* --- a whole table ------------------------------------------------------------------------- */

/* The schema of a table built anew: "amount" is text now, under a fresh id; "tags" are gone. */
static void rebuilt_schema(struct small *s, struct entry_table *t)
{
	AUTO(schema) next = {0};
	AUTO(buf)    text = BUF(0);

	schema_init(&next);
	schema_add(&next, next.root, STR("event_id"), TYPE_STRING, true, STR(""), 1);
	schema_add(&next, next.root, STR("event_time"), TYPE_TIMESTAMPTZ, false, STR(""), 2);
	schema_add(&next, next.root, STR("amount"), TYPE_STRING, false, STR("/amount"), 6);
	ice_schema_write(&next, 1, &text);
	t->schema = arena_str(&s->entry.arena, buf_str(&text));
}

static void check_rebuilt(struct small *s)
{
	AUTO(scan)          scan = {0};
	struct err          e = ERR_NONE;
	const struct field *amount;

	CHECK_OK(lake_scan(s->lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	amount = schema_find(&scan.schema, STR("amount"));
	CHECK(amount != NULL && amount->id == 6 && amount->type == TYPE_STRING);
	CHECK(schema_find(&scan.schema, STR("tags")) == NULL);
}

TEST(replace_through_takes_all_up_to_an_entry)
{
	AUTO(small_files) files = {0};
	struct small      s;
	struct err        e = ERR_NONE;
	int64_t           before;

	small_open(&s, store_new_mem());
	small_commit(&s, 120, small_time(0), 60000000);
	small_keep(&s, &files);
	small_apply(&s);
	before = current_id(&s);
	small_commit(&s, 60, small_time(5), 60000000); /* not in the table yet */
	small_keep(&s, &files);
	small_commit(&s, 60, small_time(6), 60000000); /* entry 4: stays */
	small_begin(&s, 90, small_time(0));
	small_replace(&s, 3, &files);
	small_done(&s, false);
	CHECK_OK(apply(&s, &e), &e);
	CHECK_LAKE(&s, 150, 3);
	check_then(&s, before, 120);
	check_summary(&s, "operation", "overwrite");
	check_summary(&s, "added-records", "150");
	check_summary(&s, "deleted-records", "120");
	small_close(&s);
}

TEST(replace_through_brings_its_schema_as_it_is)
{
	AUTO(small_files) files = {0};
	struct small      s;
	struct err        e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_commit(&s, 60, small_time(0), 60000000);
	small_keep(&s, &files);
	small_apply(&s);
	small_begin(&s, 0, 0);
	small_replace(&s, 2, &files);
	rebuilt_schema(&s, small_entry_table(&s));
	small_done(&s, false);
	CHECK_OK(apply(&s, &e), &e);
	CHECK_LAKE(&s, 0, 0);
	check_rebuilt(&s);
	small_close(&s);
}

TEST(remove_by_name_keeps_what_the_catalog_has)
{
	AUTO(small_files) files = {0};
	struct small      s;
	struct err        e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_commit(&s, 60, small_time(0), 60000000);
	small_keep(&s, &files);
	small_apply(&s);
	small_begin(&s, 0, 0);
	small_remove(&s, &files.at[0]);
	rebuilt_schema(&s, small_entry_table(&s));
	small_done(&s, false);
	CHECK_ERR(apply(&s, &e), ERR_CONFLICT); /* one column would mean two things */
	CHECK_LAKE(&s, 60, 1);
	small_close(&s);
}

/* --- what stops ---------------------------------------------------------------------------- */

TEST(remove_stops_where_another_engine_has_rewritten_the_table)
{
	AUTO(small_files) files = {0};
	struct small      s;
	struct err        e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_commit(&s, 60, small_time(0), 60000000);
	small_keep(&s, &files);
	small_apply(&s);
	files.at[0].key = STR("events/push/data/L0-E1-S2-77.parquet");
	small_begin(&s, 3, small_time(0));
	small_remove(&s, &files.at[0]);
	small_done(&s, false);
	CHECK_ERR(apply(&s, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "events.push") != NULL && strstr(e.text, "another engine") != NULL);
	CHECK_LAKE(&s, 60, 1);
	small_close(&s);
}

TEST(remove_stops_where_rows_are_not_those_that_were_counted)
{
	AUTO(small_files) files = {0};
	struct small      s;
	struct err        e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_commit(&s, 60, small_time(0), 60000000);
	small_keep(&s, &files);
	files.at[0].rows--;
	small_begin(&s, 0, 0);
	small_remove(&s, &files.at[0]);
	small_done(&s, false);
	CHECK_ERR(apply(&s, &e), ERR_CORRUPT);
	CHECK_LAKE(&s, 0, 0);
	small_close(&s);
}

/* --- cut short ----------------------------------------------------------------------------- */

static void make_history(struct small *s, struct store *inner, struct small_files *files)
{
	small_open(s, inner);
	s->lake->sweep_every = 1;
	s->lake->discard_after_us = 0;
	small_property(s, STR("tarn.history.max-snapshots"), STR("1"));
	small_property(s, STR("history.expire.min-snapshots-to-keep"), STR("1"));
	small_property(s, STR("write.metadata.previous-versions-max"), STR("2"));
	small_commit(s, 120, small_time(0), 60000000);
	small_keep(s, files);
	small_apply(s);
	small_begin(s, 0, 0);
	small_remove(s, &files->at[0]);
	small_done(s, true);
	small_begin(s, 5, small_time(0));
	small_remove(s, &files->at[1]);
	small_done(s, false);
}

/* Each call of an apply that removes some files and discards others fails in each way; the next writer
 * finds each row once. */
TEST(remove_and_discard_cut_short_anywhere_lose_and_double_nothing)
{
	uint64_t calls = 1;

	for (uint64_t n = 1; n <= calls; n++) {
		for (int kind = FAULT_BEFORE; kind < FAULT_KIND_COUNT; kind++) {
			AUTO(small_files)   files = {0};
			struct store       *inner = store_new_mem();
			struct small        faulty, next;
			struct apply_counts counts;
			struct err          e = ERR_NONE;
			uint64_t            before;

			make_history(&faulty, inner, &files);
			before = store_fault_calls(faulty.fault, STORE_ANY_VERB);
			store_fault_at(faulty.fault, STORE_ANY_VERB, n, (enum fault_kind)kind);
			(void)!lake_apply_entry(faulty.lake, faulty.workers, STR("0"), &faulty.entry, &counts, &e);
			if (n == 1 && kind == FAULT_BEFORE)
				calls = store_fault_calls(faulty.fault, STORE_ANY_VERB) - before;
			small_stop(&faulty);
			small_open(&next, inner);
			next.lake->discard_after_us = 0;
			next.lake->sweep_every = 1;
			CHECK_OK(apply(&next, &e), &e);
			CHECK_LAKE(&next, 5, 1);
			small_grow(&next, 3);
			CHECK_LAKE(&next, 11, 4);
			CHECK_INT(small_objects(&next, STR("events/push/data/")), 4); /* nothing was left */
			small_close(&next);
		}
	}
}

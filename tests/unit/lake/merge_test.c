/* Manifests merged by apply: the same files, fewer manifests, and damage never made to look sound. */
#include "tests/lib/small_lake.h"

/* The manifests of the present snapshot; strs owned by the arena. */
static size_t manifests(struct small *s, struct arena *a, struct ice_manifest **out)
{
	AUTO(scan) scan = {0};
	struct err e = ERR_NONE;
	size_t     count = 0;

	CHECK_OK(lake_scan(s->lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	CHECK_OK(snapshot_manifests(s->lake, &scan.snapshot, a, out, &count, &e), &e);
	return count;
}

static size_t manifest_count(struct small *s)
{
	AUTO(arena)          a = ARENA_INIT;
	struct ice_manifest *list;

	return manifests(s, &a, &list);
}

/* Merge every three. */
static void open_by_three(struct small *s, struct store *inner)
{
	small_open(s, inner);
	small_property(s, STR("commit.manifest.min-count-to-merge"), STR("3"));
}

TEST(merge_keeps_each_file_once_in_few_manifests)
{
	struct small s;

	open_by_three(&s, store_new_mem());
	for (unsigned i = 1; i <= 60; i++) {
		small_grow(&s, 1);
		CHECK_LAKE(&s, 2 * i, i);
		CHECK(manifest_count(&s) <= 2 * 4 + 2); /* two a level below full, and what is on the way */
	}
	small_close(&s);
}

TEST(merge_catches_up_where_a_table_was_behind)
{
	struct small        s;
	struct apply_counts counts;
	struct err          e = ERR_NONE;

	open_by_three(&s, store_new_mem());
	for (unsigned i = 0; i < 100; i++)
		small_commit(&s, 2, small_time(0), 60000000);
	CHECK_OK(lake_apply(s.lake, s.workers, STR("0"), &counts, &e), &e);
	CHECK_INT(manifest_count(&s), 100);
	small_grow(&s, 8);
	CHECK(manifest_count(&s) < 15);
	CHECK_LAKE(&s, 216, 108);
	small_close(&s);
}

TEST(merge_writes_entries_as_they_were)
{
	AUTO(scan)           scan = {0};
	AUTO(arena)          a = ARENA_INIT;
	struct ice_manifest *list;
	struct small         s;
	struct err           e = ERR_NONE;
	size_t               merged = 0, count;

	open_by_three(&s, store_new_mem());
	small_grow(&s, 14);
	CHECK_OK(lake_scan(s.lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	for (size_t i = 0; i < scan.file_count; i++) {
		const struct ice_file *f = &scan.files[i];
		struct ice_snapshot    added;

		CHECK(f->sequence_number >= 1 && f->sequence_number <= 14);
		CHECK_INT(f->file_sequence_number, f->sequence_number);
		ice_snapshot_at(&scan.metadata, (size_t)f->sequence_number - 1, &added);
		CHECK_INT(f->snapshot_id, added.id); /* that which added it, not that which merged */
		CHECK(f->has_partition && f->stats.leaf_count > 0 && f->stats.split_count == 1);
		for (size_t k = 0; k < i; k++)
			CHECK(!str_eq(scan.files[k].path, f->path));
	}
	count = manifests(&s, &a, &list);
	for (size_t i = 0; i < count; i++) {
		const struct ice_manifest *m = &list[i];

		merged += m->existing_files > 0;
		CHECK(m->has_bounds && m->min_sequence_number <= m->sequence_number);
		CHECK(m->existing_files == 0 || (m->added_files == 0 && m->existing_rows == 2 * m->existing_files &&
		                                 m->min_sequence_number < m->sequence_number));
	}
	CHECK(merged > 0);
	small_close(&s);
}

TEST(merge_says_in_its_snapshot_what_it_replaced)
{
	AUTO(scan)   scan = {0};
	struct small s;
	struct err   e = ERR_NONE;
	str          replaced = {0}, created = {0}, kept = {0};

	open_by_three(&s, store_new_mem());
	small_grow(&s, 4);
	CHECK_OK(lake_scan(s.lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	CHECK(ice_summary(&scan.metadata, scan.snapshot.id, STR("manifests-replaced"), &replaced));
	CHECK(ice_summary(&scan.metadata, scan.snapshot.id, STR("manifests-created"), &created));
	CHECK(ice_summary(&scan.metadata, scan.snapshot.id, STR("manifests-kept"), &kept));
	CHECK_STR(replaced, STR("3"));
	CHECK_STR(created, STR("2"));
	CHECK_STR(kept, STR("0"));
	small_close(&s);
}

TEST(merge_leaves_large_manifests_and_those_of_others)
{
	struct small s;

	open_by_three(&s, store_new_mem());
	/* any manifest is larger than half of it */
	small_property(&s, STR("commit.manifest.target-size-bytes"), STR("1024"));
	small_grow(&s, 9);
	CHECK_INT(manifest_count(&s), 9);
	/* some make one, in groups */
	small_property(&s, STR("commit.manifest.target-size-bytes"), STR("20000"));
	small_grow(&s, 12);
	CHECK_LAKE(&s, 42, 21);
	CHECK(manifest_count(&s) < 15);
	small_close(&s);
}

TEST(merge_stops_at_a_manifest_that_is_not_what_its_list_says)
{
	AUTO(arena)          a = ARENA_INIT;
	struct ice_manifest *list;
	struct small         s;
	struct apply_counts  counts;
	struct err           e = ERR_NONE;
	str                  key, text = {0};

	open_by_three(&s, store_new_mem());
	small_grow(&s, 3);
	(void)manifests(&s, &a, &list);
	CHECK(lake_key(s.lake, list[0].path, &key));
	CHECK_OK(store_get_all(s.inner, key, 0, &a, &text, &e), &e);
	CHECK_OK(store_replace(s.inner, key, str_head(text, text.len - 1), &e), &e);
	small_commit(&s, 2, small_time(0), 60000000);
	CHECK_ERR(lake_apply(s.lake, s.workers, STR("0"), &counts, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "-m0.avro") != NULL);
	CHECK_OK(store_replace(s.inner, key, text, &e), &e);
	CHECK_OK(lake_apply(s.lake, s.workers, STR("0"), &counts, &e), &e);
	CHECK_LAKE(&s, 8, 4);
	small_close(&s);
}

/* Each call of an apply that merges and sweeps fails in each way; a new writer then finds each row once. */
TEST(merge_and_sweep_cut_short_anywhere_lose_and_double_nothing)
{
	uint64_t calls = 1;

	for (uint64_t n = 1; n <= calls; n++) {
		for (int kind = FAULT_BEFORE; kind < FAULT_KIND_COUNT; kind++) {
			struct store       *inner = store_new_mem();
			struct small        faulty, next;
			struct apply_counts counts;
			struct err          e = ERR_NONE;
			uint64_t            before;

			open_by_three(&faulty, inner);
			small_property(&faulty, STR("tarn.history.max-snapshots"), STR("2"));
			small_property(&faulty, STR("history.expire.min-snapshots-to-keep"), STR("2"));
			small_property(&faulty, STR("write.metadata.previous-versions-max"), STR("2"));
			small_grow(&faulty, 3);
			small_commit(&faulty, 2, small_time(0), 60000000);
			faulty.lake->sweep_every = 1;
			before = store_fault_calls(faulty.fault, STORE_ANY_VERB);
			store_fault_at(faulty.fault, STORE_ANY_VERB, n, (enum fault_kind)kind);
			(void)!lake_apply_entry(faulty.lake, faulty.workers, STR("0"), &faulty.entry, &counts, &e);
			if (n == 1 && kind == FAULT_BEFORE)
				calls = store_fault_calls(faulty.fault, STORE_ANY_VERB) - before;
			small_stop(&faulty);
			small_open(&next, inner);
			next.lake->sweep_every = 1;
			CHECK_OK(lake_apply(next.lake, next.workers, STR("0"), &counts, &e), &e);
			CHECK_LAKE(&next, 8, 4);
			small_grow(&next, 5);
			CHECK_LAKE(&next, 18, 9);
			CHECK(small_objects(&next, STR("events/push/metadata/")) <= 3 + 2 + 1 + 9); /* nothing was left */
			small_close(&next);
		}
	}
}

#include "os/fs.h"
#include "tests/lib/small_lake.h"

static void check_range(struct small *s, int64_t from_hour, int64_t to_hour, size_t files, size_t manifests)
{
	AUTO(scan)        scan = {0};
	struct scan_range range = {small_time(from_hour), small_time(to_hour)};
	struct err        e = ERR_NONE;

	CHECK_OK(lake_scan(s->lake, STR("events"), SMALL_TABLE, &range, &scan, &e), &e);
	CHECK_INT(scan.file_count, files);
	CHECK_INT(scan.manifests_read, manifests);
}

TEST(scan_reads_only_what_may_hold_the_rows)
{
	struct small s;

	small_open(&s, store_new_mem());
	for (unsigned i = 0; i < 4; i++) { /* manifests of hours 0-1, 10-11, 20-21, 30-31 */
		small_commit(&s, 120, small_time(10 * i), 60000000);
		small_apply(&s);
	}
	check_range(&s, 0, 40, 8, 4);
	check_range(&s, 10, 11, 1, 1);
	check_range(&s, 11, 21, 2, 2);
	check_range(&s, 12, 20, 0, 0);
	check_range(&s, -5, 0, 0, 0); /* the end is not in it */
	small_close(&s);
}

TEST(scan_of_an_old_snapshot_gives_its_files)
{
	AUTO(scan)          now = {0};
	AUTO(scan)          old = {0};
	struct ice_snapshot first;
	struct small        s;
	struct err          e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_commit(&s, 30, small_time(0), 60000000);
	small_apply(&s);
	small_commit(&s, 20, small_time(1), 60000000);
	small_apply(&s);
	CHECK_OK(lake_scan(s.lake, STR("events"), SMALL_TABLE, NULL, &now, &e), &e);
	CHECK_INT(now.file_count, 2);
	CHECK_INT(now.files[0].sequence_number, 1);
	CHECK_INT(now.files[1].sequence_number, 2);
	CHECK_INT(now.files[1].snapshot_id, now.snapshot.id);
	ice_snapshot_at(&now.metadata, 0, &first);
	CHECK_OK(lake_scan_at(s.lake, STR("events"), SMALL_TABLE, first.id, &old, &e), &e);
	CHECK_INT(old.file_count, 1);
	scan_done(&old);
	CHECK_ERR(lake_scan_at(s.lake, STR("events"), SMALL_TABLE, 12345, &old, &e), ERR_MISSING);
	CHECK_ERR(lake_scan(s.lake, STR("events"), STR("none"), NULL, &old, &e), ERR_MISSING);
	small_close(&s);
}

TEST(scan_lists_tables_in_order)
{
	AUTO(arena)  a = ARENA_INIT;
	AUTO(schema) schema = {0};
	struct small s;
	str         *names = NULL;
	size_t       count = 0;
	struct err   e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_schema(&schema);
	for (unsigned i = 0; i < 2; i++) {
		struct table *t = NULL;

		CHECK_OK(table_open(s.lake, STR("0"), STR("events"), i == 0 ? STR("zebra") : STR("ant"),
		                    &(struct table_fresh){&schema, ICE_DAY, 2}, &s.state, &t, &e), &e);
		table_close(t);
	}
	CHECK_OK(lake_tables(s.lake, STR("events"), &a, &names, &count, &e), &e);
	CHECK_INT(count, 3);
	if (count == 3) {
		CHECK_STR(names[0], STR("ant"));
		CHECK_STR(names[2], STR("zebra"));
	}
	small_close(&s);
}

/* What an entry's rows were, for readers that are not ours: one JSON line a row, in `<lake>.rows`. */
static void write_truth(const char *path, uint64_t rows, const int64_t *times)
{
	AUTO(arena) a = ARENA_INIT;
	FILE       *f = fopen(arena_format(&a, "%s.rows", path).ptr, "w");

	if (f == NULL)
		abort();
	for (uint64_t i = 0; i < rows; i++) {
		(void)fprintf(f, "{\"event_id\":\"e%llu\",\"event_time\":%lld,\"amount\":", (unsigned long long)i,
		              (long long)times[i]);
		(void)(i % 7 ? fprintf(f, "%llu", (unsigned long long)i) : fprintf(f, "null"));
		(void)fprintf(f, ",\"tags\":[%s]}\n", i % 3 == 0 ? "" : i % 3 == 1 ? "\"t0\"" : "\"t0\",\"t1\"");
	}
	(void)fclose(f);
}

/* A lake in a folder; tests/py/test_lake_files.py gives the folder and reads it with other engines. */
TEST(lake_in_a_folder_holds_its_rows)
{
	enum { ROWS = 1200 };
	const char  *given = getenv("TARN_LAKE_OUT");
	const char  *path = given ? given : test_folder();
	struct store *store = NULL;
	struct small s;
	int64_t      times[ROWS];
	struct err   e = ERR_NONE;

	CHECK_OK(store_open_dir(fs_real(), path, &store, &e), &e);
	small_open(&s, store);
	for (unsigned commit = 0; commit < 4; commit++) {
		for (unsigned i = 0; i < ROWS / 4; i++) {
			int64_t us = (commit == 3 ? -small_time(0) / 1000 : small_time(commit)) +
			             (int64_t)(test_random() % 9000) * 1000001;

			times[s.rows] = us;
			small_row(&s, us, true);
		}
		CHECK_OK(small_flush(&s, &e), &e);
		CHECK_OK(small_put(&s, &e), &e);
		if (commit == 1) /* entry 3 goes with entry 4 */
			continue;
		CHECK_OK(lake_apply(s.lake, s.workers, STR("0"), &(struct apply_counts){0}, &e), &e);
	}
	{
		int64_t rows;
		size_t  files;

		small_count(&s, &rows, &files);
		CHECK_INT(rows, ROWS);
	}
	if (given != NULL)
		write_truth(path, ROWS, times);
	small_close(&s);
}

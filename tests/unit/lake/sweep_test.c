/* What is removed and what never is: by reachability, and never at a guess. */
#include "lake/apply_int.h"
#include "tests/lib/small_lake.h"

#define METADATA "events/push/metadata/"

/* Three snapshots and three versions are kept, every three manifests are merged, and every apply sweeps. */
static void open_tidy(struct small *s, struct store *inner)
{
	small_open(s, inner);
	s->lake->sweep_every = 1;
	small_property(s, STR("commit.manifest.min-count-to-merge"), STR("3"));
	small_property(s, STR("tarn.history.max-snapshots"), STR("3"));
	small_property(s, STR("history.expire.min-snapshots-to-keep"), STR("3"));
	small_property(s, STR("write.metadata.previous-versions-max"), STR("2"));
}

static void sweep(struct small *s)
{
	struct err e = ERR_NONE;

	CHECK_OK(table_sweep(s->lake, STR("0"), STR("events"), SMALL_TABLE, &e), &e);
}

static bool is_there(struct small *s, str key)
{
	struct err e = ERR_NONE;
	uint64_t   size;

	return store_size(s->inner, key, &size, &e) == 0;
}

static void put(struct small *s, const char *name)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;

	CHECK_OK(store_put_new(s->inner, arena_format(&a, METADATA "%s", name), STR("x"), &e), &e);
}

/* Each snapshot that the metadata holds can be read whole. */
static void check_history(struct small *s, size_t snapshots)
{
	AUTO(scan) now = {0};
	struct err e = ERR_NONE;

	CHECK_OK(lake_scan(s->lake, STR("events"), SMALL_TABLE, NULL, &now, &e), &e);
	CHECK_INT(ice_snapshot_count(&now.metadata), snapshots);
	for (size_t i = 0; i < ice_snapshot_count(&now.metadata); i++) {
		AUTO(scan)          then = {0};
		struct ice_snapshot snapshot;
		str                 files = {0};
		int64_t             count = 0;

		ice_snapshot_at(&now.metadata, i, &snapshot);
		CHECK_OK(lake_scan_at(s->lake, STR("events"), SMALL_TABLE, snapshot.id, &then, &e), &e);
		CHECK(ice_summary(&now.metadata, snapshot.id, STR("total-data-files"), &files));
		CHECK(str_to_i64(files, &count));
		CHECK_INT(then.file_count, count);
	}
}

TEST(sweep_keeps_metadata_bounded_and_history_readable)
{
	struct small s;

	open_tidy(&s, store_new_mem());
	for (unsigned i = 0; i < 40; i++) {
		small_grow(&s, 1);
		check_history(&s, i < 2 ? i + 1 : 3);
		CHECK(small_objects(&s, STR(METADATA)) <= 3 + 1 + 3 + 16); /* versions, hint, lists, manifests */
	}
	CHECK_LAKE(&s, 80, 40);
	CHECK_INT(small_objects(&s, STR("events/push/data/")), 40);
	small_close(&s);
}

TEST(sweep_finds_what_a_crash_left)
{
	struct small s;

	open_tidy(&s, store_new_mem());
	s.lake->sweep_every = UINT64_MAX; /* as if each apply died right after its swap */
	small_grow(&s, 20);
	CHECK(small_objects(&s, STR(METADATA)) > 60);
	sweep(&s);
	check_history(&s, 3);
	CHECK(small_objects(&s, STR(METADATA)) <= 3 + 1 + 3 + 16);
	CHECK_LAKE(&s, 40, 20);
	small_close(&s);
}

TEST(sweep_leaves_what_may_still_be_named)
{
	struct small s;
	struct err   e = ERR_NONE;
	str          manifest;

	open_tidy(&s, store_new_mem());
	small_grow(&s, 6); /* the mark is 7 */
	put(&s, "snap-77-1-L0-E1-S8.avro");
	put(&s, "L0-E1-S8-merged-77-0.avro");
	put(&s, "snap-77-1-L1-E1-S2.avro"); /* of another lane */
	put(&s, "snap-77-1-0b5e9b1c.avro");  /* of another engine */
	put(&s, "0b5e9b1c-m0.avro");
	put(&s, "L0-E1-S2x.avro");
	put(&s, "snap-77-1-L0-E1-S7.avro");
	put(&s, "L0-E1-S7-merged-77-0.avro");
	small_fill(&s, 2, small_time(0), 60000000);
	CHECK_OK(small_flush(&s, &e), &e);
	manifest = s.entry.tables.at[0].manifest;
	sweep(&s);
	CHECK(is_there(&s, manifest)); /* not committed yet */
	CHECK(is_there(&s, STR(METADATA "snap-77-1-L0-E1-S8.avro")));
	CHECK(is_there(&s, STR(METADATA "L0-E1-S8-merged-77-0.avro")));
	CHECK(is_there(&s, STR(METADATA "snap-77-1-L1-E1-S2.avro")));
	CHECK(is_there(&s, STR(METADATA "snap-77-1-0b5e9b1c.avro")));
	CHECK(is_there(&s, STR(METADATA "0b5e9b1c-m0.avro")));
	CHECK(is_there(&s, STR(METADATA "L0-E1-S2x.avro")));
	CHECK(!is_there(&s, STR(METADATA "snap-77-1-L0-E1-S7.avro")));
	CHECK(!is_there(&s, STR(METADATA "L0-E1-S7-merged-77-0.avro")));
	CHECK_OK(small_put(&s, &e), &e);
	sweep(&s);
	CHECK(is_there(&s, manifest)); /* committed, not applied */
	small_apply(&s);
	CHECK_LAKE(&s, 14, 7);
	small_close(&s);
}

TEST(sweep_removes_nothing_where_a_list_cannot_be_read)
{
	AUTO(scan)          now = {0};
	struct ice_snapshot oldest;
	struct small        s;
	struct err          e = ERR_NONE;
	int64_t             objects;
	str                 key;

	open_tidy(&s, store_new_mem());
	s.lake->sweep_every = UINT64_MAX;
	small_grow(&s, 13);
	CHECK_OK(lake_scan(s.lake, STR("events"), SMALL_TABLE, NULL, &now, &e), &e);
	ice_snapshot_at(&now.metadata, ice_snapshot_count(&now.metadata) - 1, &oldest);
	CHECK(lake_key(s.lake, oldest.manifest_list, &key));
	CHECK_OK(store_replace(s.inner, key, STR("damaged"), &e), &e);
	objects = small_objects(&s, STR(METADATA));
	CHECK_ERR(table_sweep(s.lake, STR("0"), STR("events"), SMALL_TABLE, &e), ERR_CORRUPT);
	CHECK_INT(small_objects(&s, STR(METADATA)), objects);
	small_close(&s);
}

TEST(sweep_is_not_done_where_the_table_forbids_it)
{
	struct small s;

	open_tidy(&s, store_new_mem());
	small_property(&s, STR("gc.enabled"), STR("false"));
	small_grow(&s, 10);
	check_history(&s, 10);
	small_property(&s, STR("gc.enabled"), STR("true"));
	small_property(&s, STR("write.metadata.delete-after-commit.enabled"), STR("false"));
	small_grow(&s, 5);
	check_history(&s, 3);
	CHECK(is_there(&s, STR(METADATA "v1.metadata.json")));
	small_close(&s);
}

/* A catalog that answers one load with what it had loaded long before, or is asked for one swap long after. */
struct stale {
	struct catalog  base;
	struct catalog *inner;
	struct small   *small;
	unsigned        loads_left, swaps_left; /* until the table moves on behind the caller's back */
};

static int move_on(struct stale *s, struct err *e)
{
	for (unsigned i = 0; i < 8; i++) {
		AUTO(journal_entry) j = {0};
		AUTO_PTR(workers)   alone = workers_new(1);
		struct apply_counts counts;

		TRY(journal_read(s->small->lake, STR("0"), 5 + i, &j, e));
		TRY(lake_apply_entry(s->small->lake, alone, STR("0"), &j, &counts, e));
	}
	return 0;
}

static int stale_load(struct catalog *c, str space, str table, struct arena *a, struct catalog_table *out,
                      struct err *e)
{
	struct stale *s = (struct stale *)c;

	TRY(catalog_load(s->inner, space, table, a, out, e));
	return s->loads_left == 0 || --s->loads_left > 0 ? 0 : move_on(s, e);
}

static int stale_swap(struct catalog *c, str space, str table, str version, str metadata, struct err *e)
{
	struct stale *s = (struct stale *)c;

	if (s->swaps_left > 0 && --s->swaps_left == 0)
		TRY(move_on(s, e));
	return catalog_swap(s->inner, space, table, version, metadata, e);
}

static int stale_trim(struct catalog *c, str space, str table, int64_t keep, struct err *e)
{
	return catalog_trim(((struct stale *)c)->inner, space, table, keep, e);
}

static void stale_close(struct catalog *c)
{
	catalog_close(((struct stale *)c)->inner);
}

static void stale_open(struct small *s, struct stale *stale, unsigned loads, unsigned swaps)
{
	static const struct catalog_ops ops = {
		.kind = "stale", .load = stale_load, .swap = stale_swap, .trim = stale_trim, .close = stale_close,
	};

	open_tidy(s, store_new_mem());
	small_grow(s, 3);
	for (unsigned i = 0; i < 8; i++)
		small_commit(s, 2, small_time(0), 60000000);
	*stale = (struct stale){
		.base = {&ops}, .small = s, .inner = s->lake->catalog, .loads_left = loads, .swaps_left = swaps,
	};
	s->lake->catalog = &stale->base;
}

/* One sleeps between looking and acting while another applies so much that all it saw is swept. */
static void sleep_through(unsigned loads, unsigned swaps)
{
	struct small        s;
	struct stale        stale;
	struct apply_counts counts;
	struct err          e = ERR_NONE;

	stale_open(&s, &stale, loads, swaps);
	CHECK_OK(lake_apply_entry(s.lake, s.workers, STR("0"), &s.entry, &counts, &e), &e);
	CHECK_LAKE(&s, 22, 11);
	check_history(&s, 3);
	small_close(&s);
}

TEST(apply_that_slept_through_many_others_adds_nothing_twice)
{
	sleep_through(1, 0); /* between its look and its list: it has not read its manifest yet */
	sleep_through(0, 1); /* before its swap */
}

TEST(scan_that_slept_through_many_applies_looks_again)
{
	struct small s;
	struct stale stale;

	stale_open(&s, &stale, 1, 0);
	CHECK_LAKE(&s, 22, 11);
	small_close(&s);
}

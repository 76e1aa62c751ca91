/* Old versions go, and no swap is won twice for it. */
#include "catalog/catalog.h"

#include <inttypes.h>

#include "store/fault.h"
#include "store/store.h"
#include "tests/lib/test.h"

#define SPACE    STR("events")
#define TABLE    STR("click")
#define METADATA "events/click/metadata/"

struct bench {
	struct store   *inner, *fault;
	struct catalog *catalog;
};

/* A table at version `version`; version N says "N". */
static struct bench bench_at(int64_t version)
{
	struct bench b = {.inner = store_new_mem()};
	struct err   e = ERR_NONE;

	b.fault = store_new_fault(b.inner, NULL);
	b.catalog = catalog_new_dir(b.fault);
	CHECK_OK(catalog_create(b.catalog, SPACE, TABLE, STR("1"), &e), &e);
	for (int64_t i = 1; i < version; i++) {
		AUTO(arena) a = ARENA_INIT;

		CHECK_OK(catalog_swap(b.catalog, SPACE, TABLE, arena_format(&a, "%" PRId64, i),
		                      arena_format(&a, "%" PRId64, i + 1), &e), &e);
	}
	return b;
}

static void bench_done(struct bench *b)
{
	catalog_close(b->catalog);
	store_close(b->fault);
	store_close(b->inner);
}
AUTO_DEFINE(bench, bench_done)

static bool has(struct bench *b, int64_t version)
{
	AUTO(arena) a = ARENA_INIT;
	uint64_t    size;
	struct err  e = ERR_NONE;

	return store_size(b->inner, arena_format(&a, METADATA "v%" PRId64 ".metadata.json", version), &size, &e) == 0;
}

static void check_at(struct bench *b, int64_t version)
{
	AUTO(arena)          a = ARENA_INIT;
	struct catalog_table t = {0};
	struct err           e = ERR_NONE;

	CHECK_OK(catalog_load(b->catalog, SPACE, TABLE, &a, &t, &e), &e);
	CHECK_STR(t.metadata, arena_format(&a, "%" PRId64, version));
	CHECK_STR(t.version, t.metadata);
}

static int count_key(void *context, str key, uint64_t size, struct err *e)
{
	(void)key, (void)size, (void)e;
	++*(int *)context;
	return 0;
}

static int boundaries(struct bench *b)
{
	struct err e = ERR_NONE;
	int        count = 0;

	CHECK_OK(store_list(b->inner, STR("_tarn/"), STR(""), count_key, &count, &e), &e);
	return count;
}

TEST(trim_keeps_the_present_and_so_many_before_it)
{
	AUTO(bench) b = bench_at(20);
	struct err  e = ERR_NONE;

	CHECK_OK(catalog_trim(b.catalog, SPACE, TABLE, 20, &e), &e);
	CHECK(has(&b, 1));
	CHECK_OK(catalog_trim(b.catalog, SPACE, TABLE, 5, &e), &e);
	CHECK(!has(&b, 14) && has(&b, 15) && has(&b, 20));
	check_at(&b, 20);
	CHECK_OK(catalog_swap(b.catalog, SPACE, TABLE, STR("20"), STR("21"), &e), &e);
	CHECK_OK(catalog_trim(b.catalog, SPACE, TABLE, 0, &e), &e);
	CHECK(!has(&b, 20) && has(&b, 21));
	CHECK_INT(boundaries(&b), 1);
	check_at(&b, 21);
}

TEST(trim_leaves_what_a_hint_leads_to)
{
	AUTO(bench) b = bench_at(20);
	struct err  e = ERR_NONE;

	CHECK_OK(store_replace(b.inner, STR(METADATA "version-hint.text"), STR("12"), &e), &e);
	CHECK_OK(catalog_trim(b.catalog, SPACE, TABLE, 2, &e), &e);
	CHECK(!has(&b, 9) && has(&b, 10) && has(&b, 12));
	check_at(&b, 20);
	CHECK_OK(store_remove(b.inner, STR(METADATA "version-hint.text"), &e), &e);
	CHECK_OK(catalog_trim(b.catalog, SPACE, TABLE, 2, &e), &e);
	CHECK(!has(&b, 17) && has(&b, 18));
	check_at(&b, 20);
}

TEST(trim_makes_no_swap_win_twice)
{
	AUTO(bench) b = bench_at(20);
	struct err  e = ERR_NONE;

	CHECK_OK(catalog_trim(b.catalog, SPACE, TABLE, 5, &e), &e);
	CHECK_ERR(catalog_swap(b.catalog, SPACE, TABLE, STR("7"), STR("other"), &e), ERR_CONFLICT);
	/* one that had looked at version 7 just before it went */
	CHECK_OK(store_put_new(b.inner, STR(METADATA "v7.metadata.json"), STR("7"), &e), &e);
	CHECK_ERR(catalog_swap(b.catalog, SPACE, TABLE, STR("7"), STR("other"), &e), ERR_CONFLICT);
	CHECK(!has(&b, 8));
	check_at(&b, 20);
	CHECK_OK(catalog_trim(b.catalog, SPACE, TABLE, 5, &e), &e);
	CHECK(!has(&b, 7));
	CHECK_ERR(catalog_swap(b.catalog, SPACE, TABLE, STR("19"), STR("other"), &e), ERR_CONFLICT);
	CHECK_OK(catalog_swap(b.catalog, SPACE, TABLE, STR("20"), STR("21"), &e), &e);
}

TEST(trim_lets_no_late_hint_lead_back)
{
	AUTO(bench) b = bench_at(20);
	struct err  e = ERR_NONE;

	CHECK_OK(catalog_trim(b.catalog, SPACE, TABLE, 5, &e), &e);
	CHECK_OK(store_replace(b.inner, STR(METADATA "version-hint.text"), STR("8"), &e), &e);
	check_at(&b, 20);
	/* put by one that has not been refused yet */
	CHECK_OK(store_put_new(b.inner, STR(METADATA "v8.metadata.json"), STR("8"), &e), &e);
	check_at(&b, 20);
}

TEST(trim_stands_in_no_later_tables_way)
{
	AUTO(bench) b = bench_at(20);
	struct err  e = ERR_NONE;

	CHECK_OK(catalog_trim(b.catalog, SPACE, TABLE, 5, &e), &e);
	CHECK_OK(catalog_drop(b.catalog, SPACE, TABLE, &e), &e);
	CHECK_INT(boundaries(&b), 0);
	/* a removal need not last: the boundary is back, or the drop was cut short before it */
	CHECK_OK(store_put_new(b.inner, STR("_tarn/catalog/events/click/00000000000000000015"), STR("\n"), &e), &e);
	CHECK_OK(catalog_create(b.catalog, SPACE, TABLE, STR("1"), &e), &e);
	CHECK_INT(boundaries(&b), 0);
	CHECK_OK(store_put_new(b.inner, STR("_tarn/catalog/events/click/00000000000000000015"), STR("\n"), &e), &e);
	CHECK_OK(catalog_swap(b.catalog, SPACE, TABLE, STR("1"), STR("2"), &e), &e);
	check_at(&b, 2);
}

/* Each call of a trim fails in each way; then the table is whole, and another trim ends the work. */
TEST(trim_cut_short_anywhere_leaves_a_whole_table)
{
	uint64_t calls = 20;

	for (uint64_t n = 1; n <= calls; n++) {
		for (int kind = FAULT_BEFORE; kind < FAULT_KIND_COUNT; kind++) {
			AUTO(bench) b = bench_at(12);
			uint64_t    before = store_fault_calls(b.fault, STORE_ANY_VERB);
			struct err  e = ERR_NONE;

			store_fault_at(b.fault, STORE_ANY_VERB, n, (enum fault_kind)kind);
			(void)!catalog_trim(b.catalog, SPACE, TABLE, 4, &e);
			if (n == 1 && kind == FAULT_BEFORE)
				calls = store_fault_calls(b.fault, STORE_ANY_VERB) - before + 20;
			while (store_fault_count(b.fault) == 0) /* the plan was for a call that never came */
				(void)!store_put_new(b.fault, STR("x/y"), STR(""), &e);
			check_at(&b, 12);
			for (int64_t v = 8; v <= 12; v++)
				CHECK(has(&b, v));
			CHECK_OK(catalog_trim(b.catalog, SPACE, TABLE, 4, &e), &e);
			CHECK(!has(&b, 7) && !has(&b, 1));
			CHECK_OK(catalog_swap(b.catalog, SPACE, TABLE, STR("12"), STR("13"), &e), &e);
			check_at(&b, 13);
		}
	}
}

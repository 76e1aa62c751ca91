#include "ingest/rowset.h"

#include "base/arena.h"
#include "tests/lib/test.h"

enum { ROWS = 5000, GROUPS = 7 };

static str position(struct arena *a, uint64_t i)
{
	return arena_format(a, "in/a.json:%llu", (unsigned long long)i);
}

TEST(rowset_finds_its_rows_and_no_others)
{
	AUTO(rowset) s = {0};
	AUTO(arena)  a = ARENA_INIT;
	uint32_t     group = 99;

	rowset_init(&s, ROWS);
	for (uint64_t i = 0; i < ROWS; i++)
		rowset_add(&s, position(&a, i), (int64_t)(i / 100), (uint32_t)(i % GROUPS));
	CHECK_INT(s.count, ROWS);
	for (uint64_t i = 0; i < ROWS; i++) {
		CHECK(rowset_find(&s, position(&a, i), (int64_t)(i / 100), &group));
		CHECK_INT(group, i % GROUPS);
		CHECK(!rowset_find(&s, position(&a, i), (int64_t)(i / 100) + 1, &group)); /* the same place at another time */
		CHECK(!rowset_find(&s, position(&a, i + ROWS), (int64_t)(i / 100), &group));
	}
}

TEST(rowset_is_full_of_what_was_promised)
{
	AUTO(rowset) s = {0};
	uint32_t     group = 99;

	rowset_init(&s, 3);
	rowset_add(&s, STR("a:0"), INT64_MIN, ROWSET_GROUPS - 1);
	rowset_add(&s, STR("a:0"), INT64_MIN, 0); /* twins are one, of the first's group */
	rowset_add(&s, STR(""), INT64_MAX, 1);
	CHECK(rowset_find(&s, STR("a:0"), INT64_MIN, &group));
	CHECK_INT(group, ROWSET_GROUPS - 1);
	CHECK(rowset_find(&s, STR(""), INT64_MAX, &group));
	CHECK_INT(group, 1);
	CHECK(!rowset_find(&s, STR("a:0"), 0, &group));
}

TEST(rowset_of_nothing_holds_nothing)
{
	AUTO(rowset) s = {0};
	uint32_t     group;

	CHECK(!rowset_find(&s, STR("a:0"), 1, &group));
	rowset_init(&s, 0);
	CHECK(!rowset_find(&s, STR("a:0"), 1, &group));
	CHECK_INT(rowset_room(160), 7);
}

#include "store/fault.h"
#include "tests/lib/test.h"

static int remove_with(int faults, enum fault_kind kind, bool *is_there)
{
	AUTO_PTR(store) mem = store_new_mem();
	AUTO_PTR(store) s = store_new_fault(mem, NULL);
	struct err      e = ERR_NONE, unread = ERR_NONE;
	uint64_t        size;
	int             removed;

	CHECK_OK(store_put_new(mem, STR("k"), STR("1"), &e), &e);
	for (int i = 1; i <= faults; i++)
		store_fault_at(s, STORE_REMOVE, (uint64_t)i, kind);
	removed = store_remove_sure(s, STR("k"), &e);
	CHECK_INT(e.class, removed);
	*is_there = store_size(mem, STR("k"), &size, &unread) == 0;
	return removed;
}

TEST(remove_sure_asks_again_where_the_outcome_is_unknown)
{
	bool is_there;

	for (int kind = FAULT_BEFORE; kind < FAULT_KIND_COUNT; kind++)
		for (int faults = 0; faults < 5; faults++) {
			CHECK_INT(remove_with(faults, (enum fault_kind)kind, &is_there), 0);
			CHECK(!is_there);
		}
}

TEST(remove_sure_ends_with_the_failure_that_stays)
{
	bool is_there;

	CHECK_INT(remove_with(5, FAULT_BEFORE, &is_there), ERR_IO);
	CHECK(is_there);
	CHECK_INT(remove_with(5, FAULT_BUSY, &is_there), ERR_BUSY);
	CHECK(is_there);
}

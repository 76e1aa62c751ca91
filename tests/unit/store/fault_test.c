#include "base/arena.h"
#include "store/fault.h"
#include "tests/lib/test.h"

static int add_key(void *context, str key, uint64_t size, struct err *e)
{
	(void)key, (void)size, (void)e;
	++*(int *)context;
	return 0;
}

TEST(fault_before_does_nothing_and_after_does_it)
{
	AUTO_PTR(store) mem = store_new_mem();
	AUTO_PTR(store) s = store_new_fault(mem, NULL);
	AUTO(buf)       b = BUF(0);
	struct err      e = ERR_NONE;
	uint64_t        size = 0;
	int             keys = 0;

	store_fault_at(s, STORE_PUT_NEW, 1, FAULT_BEFORE);
	store_fault_at(s, STORE_PUT_NEW, 2, FAULT_BUSY);
	store_fault_at(s, STORE_PUT_NEW, 3, FAULT_AFTER);
	CHECK_ERR(store_put_new(s, STR("k"), STR("1"), &e), ERR_IO);
	CHECK_ERR(store_put_new(s, STR("k"), STR("2"), &e), ERR_BUSY);
	CHECK_ERR(store_size(mem, STR("k"), &size, &e), ERR_MISSING);
	CHECK_ERR(store_put_new(s, STR("k"), STR("3"), &e), ERR_IO);
	CHECK_OK(store_size(mem, STR("k"), &size, &e), &e);
	CHECK_ERR(store_put_new(s, STR("k"), STR("4"), &e), ERR_CONFLICT);

	store_fault_at(s, STORE_GET, 1, FAULT_AFTER);
	CHECK_ERR(store_get(s, STR("k"), 0, 0, &b, &e), ERR_IO);
	CHECK_INT(b.len, 0);
	store_fault_at(s, STORE_LIST, 1, FAULT_AFTER);
	CHECK_ERR(store_list(s, STR(""), STR(""), add_key, &keys, &e), ERR_IO);
	CHECK_INT(keys, 1);
	store_fault_at(s, STORE_REMOVE, 1, FAULT_AFTER);
	CHECK_ERR(store_remove(s, STR("k"), &e), ERR_IO);
	CHECK_ERR(store_size(s, STR("k"), &size, &e), ERR_MISSING);
	store_fault_at(s, STORE_REPLACE, 1, FAULT_BEFORE);
	CHECK_ERR(store_replace(s, STR("k"), STR("5"), &e), ERR_IO);
	CHECK_ERR(store_size(s, STR("k"), &size, &e), ERR_MISSING);
	CHECK_INT(store_fault_count(s), 7);
	CHECK_INT(store_fault_calls(s, STORE_PUT_NEW), 4);
}

TEST(fault_counts_over_all_verbs_too)
{
	AUTO_PTR(store) mem = store_new_mem();
	AUTO_PTR(store) s = store_new_fault(mem, NULL);
	struct err      e = ERR_NONE;

	CHECK_OK(store_replace(s, STR("a"), STR(""), &e), &e);
	store_fault_at(s, STORE_ANY_VERB, 2, FAULT_BUSY);
	CHECK_OK(store_replace(s, STR("a"), STR(""), &e), &e);
	CHECK_ERR(store_remove(s, STR("a"), &e), ERR_BUSY);
	CHECK_OK(store_remove(s, STR("a"), &e), &e);
	CHECK_INT(store_fault_calls(s, STORE_ANY_VERB), 4);
}

/* One letter a call: how it fared. */
static str run(struct arena *a, const struct fault_plan *plan)
{
	AUTO_PTR(store) mem = store_new_mem();
	AUTO_PTR(store) s = store_new_fault(mem, plan);
	char           *log = arena_alloc(a, 400);

	for (size_t i = 0; i < 400; i++) {
		struct err e = ERR_NONE;
		int        rc = store_put_new(s, arena_format(a, "k%zu", i), STR(""), &e);
		uint64_t   size;
		bool       is_there = store_size(mem, arena_format(a, "k%zu", i), &size, &e) == 0;

		log[i] = rc == 0 ? '.' : rc == ERR_BUSY ? 'b' : is_there ? 'a' : 'n';
		CHECK(rc != 0 || is_there);
	}
	return str_make(log, 400);
}

static size_t count_of(str log, char letter)
{
	size_t count = 0;

	for (size_t i = 0; i < log.len; i++)
		count += log.ptr[i] == letter;
	return count;
}

TEST(fault_plan_is_its_seed)
{
	AUTO(arena)       a = ARENA_INIT;
	struct fault_plan plan = {.seed = 7, .one_in = 4};
	str               first = run(&a, &plan), second = run(&a, &plan);

	CHECK_STR(second, first);
	plan.seed = 8;
	CHECK(!str_eq(run(&a, &plan), first));
	CHECK(count_of(first, '.') > 240 && count_of(first, '.') < 360);
	CHECK(count_of(first, 'a') > 5 && count_of(first, 'b') > 5 && count_of(first, 'n') > 5);
	plan = (struct fault_plan){.seed = 7, .one_in = 1, .kinds = 1u << FAULT_AFTER};
	CHECK_INT(count_of(run(&a, &plan), 'a'), 400);
	plan.one_in = 0;
	CHECK_INT(count_of(run(&a, &plan), '.'), 400);
}

#include "store/fault.h"
#include "tests/lib/test.h"

/* A faulty store over one in memory. */
struct rig {
	struct store *mem, *s;
	struct err    e;
};

static struct rig rig_new(void)
{
	struct rig r = {.mem = store_new_mem()};

	r.s = store_new_fault(r.mem, NULL);
	return r;
}

static void rig_done(struct rig *r)
{
	store_close(r->s);
	store_close(r->mem);
}

static void holds(struct rig *r, const char *want)
{
	AUTO(buf) b = BUF(0);

	CHECK_OK(store_get(r->mem, STR("k"), 0, 0, &b, &r->e), &r->e);
	CHECK_STR(buf_str(&b), str_of(want));
}

TEST(put_sure_believes_what_it_reads_after_a_lost_answer)
{
	struct rig r = rig_new();

	store_fault_at(r.s, STORE_PUT_NEW, 1, FAULT_AFTER);
	CHECK_OK(store_put_sure(r.s, STR("k"), STR("mine"), &r.e), &r.e);
	CHECK_INT(r.e.class, 0);
	CHECK_INT(store_fault_calls(r.s, STORE_PUT_NEW), 1);
	holds(&r, "mine");
	rig_done(&r);
}

TEST(put_sure_tries_the_same_bytes_again_where_nothing_is_there)
{
	struct rig r = rig_new();

	store_fault_at(r.s, STORE_PUT_NEW, 1, FAULT_BEFORE);
	store_fault_at(r.s, STORE_PUT_NEW, 2, FAULT_BUSY);
	CHECK_OK(store_put_sure(r.s, STR("k"), STR("mine"), &r.e), &r.e);
	CHECK_INT(store_fault_calls(r.s, STORE_PUT_NEW), 3);
	holds(&r, "mine");
	rig_done(&r);
}

TEST(put_sure_reads_again_when_reading_fails_too)
{
	struct rig r = rig_new();

	store_fault_at(r.s, STORE_PUT_NEW, 1, FAULT_AFTER);
	store_fault_at(r.s, STORE_GET, 1, FAULT_BEFORE);
	CHECK_OK(store_put_sure(r.s, STR("k"), STR("mine"), &r.e), &r.e);
	holds(&r, "mine");
	rig_done(&r);
}

TEST(put_sure_says_conflict_only_for_another_body)
{
	static const char *const others[] = {"", "min", "mine!", "MINE",
	                                     "something much longer than mine"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct rig r = rig_new();

		CHECK_OK(store_put_new(r.mem, STR("k"), str_of(others[i]), &r.e), &r.e);
		store_fault_at(r.s, STORE_PUT_NEW, i % 2 ? 1 : 9, FAULT_AFTER);
		CHECK_ERR(store_put_sure(r.s, STR("k"), STR("mine"), &r.e), ERR_CONFLICT);
		holds(&r, others[i]);
		rig_done(&r);
	}
}

TEST(put_sure_is_content_with_its_own_bytes_and_with_none)
{
	struct rig r = rig_new();

	CHECK_OK(store_put_new(r.mem, STR("k"), STR("mine"), &r.e), &r.e);
	CHECK_OK(store_put_sure(r.s, STR("k"), STR("mine"), &r.e), &r.e);
	CHECK_ERR(store_put_sure(r.s, STR("k"), STR(""), &r.e), ERR_CONFLICT);
	CHECK_OK(store_put_sure(r.s, STR("none"), STR(""), &r.e), &r.e);
	CHECK_OK(store_put_sure(r.s, STR("none"), STR(""), &r.e), &r.e);
	rig_done(&r);
}

TEST(put_sure_gives_up_in_the_end_and_says_that_nobody_knows)
{
	struct fault_plan plan = {.seed = 1, .one_in = 1, .kinds = 1u << FAULT_BUSY};
	AUTO_PTR(store)   mem = store_new_mem();
	AUTO_PTR(store)   s = store_new_fault(mem, &plan);
	struct err        e = ERR_NONE;

	CHECK_ERR(store_put_sure(s, STR("k"), STR("mine"), &e), ERR_IO);
	CHECK(store_fault_calls(s, STORE_PUT_NEW) > 1 && store_fault_calls(s, STORE_PUT_NEW) < 20);
	CHECK_ERR(store_put_sure(s, STR("no key"), STR("mine"), &e), ERR_INPUT);
}

TEST(put_sure_gives_up_with_the_words_of_the_put)
{
	struct rig r = rig_new();

	for (uint64_t nth = 1; nth <= 20; nth++)
		store_fault_at(r.s, STORE_PUT_NEW, nth, FAULT_BEFORE);
	CHECK_ERR(store_put_sure(r.s, STR("k"), STR("mine"), &r.e), ERR_IO);
	CHECK(strstr(r.e.text, "no answer") != NULL && strstr(r.e.text, "no such object") == NULL);
	rig_done(&r);
}

/* Whatever the faults: yes means mine is there, conflict another's, and none is replaced. */
TEST(put_sure_is_never_wrong_under_random_faults)
{
	for (unsigned round = 0; round < 500; round++) {
		struct fault_plan plan = {.seed = test_random(), .one_in = 2};
		AUTO_PTR(store)   mem = store_new_mem();
		AUTO_PTR(store)   s = store_new_fault(mem, &plan);
		AUTO(buf)         b = BUF(0);
		struct err        e = ERR_NONE;
		int               one = store_put_sure(s, STR("k"), STR("one"), &e);
		int               two = store_put_sure(s, STR("k"), STR("two"), &e);
		int               found = store_get(mem, STR("k"), 0, 0, &b, &e);

		CHECK(one != 0 || str_eq(buf_str(&b), STR("one")));
		CHECK(two != 0 || str_eq(buf_str(&b), STR("two")));
		CHECK(one != ERR_CONFLICT);
		CHECK(two != ERR_CONFLICT || str_eq(buf_str(&b), STR("one")));
		CHECK(found == 0 || (one == ERR_IO && two == ERR_IO));
	}
}

static void many_holds(struct rig *r, str key, str want)
{
	AUTO(buf) b = BUF(0);

	CHECK_OK(store_get(r->mem, key, 0, 0, &b, &r->e), &r->e);
	CHECK_STR(buf_str(&b), want);
}

TEST(put_many_sure_settles_each_that_is_in_doubt)
{
	struct rig       r = rig_new();
	struct store_put puts[] = {
		{.key = STR("k/0"), .body = STR("mine")}, {.key = STR("k/1"), .body = STR("mine")},
		{.key = STR("k/2"), .body = STR("mine")}, {.key = STR("k/3"), .body = STR("mine")},
	};

	CHECK_OK(store_put_new(r.mem, STR("k/3"), STR("theirs"), &r.e), &r.e);
	store_fault_at(r.s, STORE_PUT_NEW, 1, FAULT_AFTER);
	store_fault_at(r.s, STORE_PUT_NEW, 2, FAULT_BEFORE);
	store_fault_at(r.s, STORE_PUT_NEW, 4, FAULT_AFTER);
	store_put_many_sure(r.s, puts, 4);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(puts[i].e.class, 0);
		many_holds(&r, puts[i].key, STR("mine"));
	}
	CHECK_INT(puts[3].e.class, ERR_CONFLICT);
	many_holds(&r, STR("k/3"), STR("theirs"));
	CHECK_INT(store_fault_calls(r.s, STORE_PUT_NEW), 7);
	rig_done(&r);
}

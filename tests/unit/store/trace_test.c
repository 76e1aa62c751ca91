#include "store/trace.h"
#include "tests/lib/test.h"

static int stop(void *context, str key, uint64_t size, struct err *e)
{
	(void)context, (void)key, (void)size, (void)e;
	return 1;
}

TEST(trace_counts_calls_failures_and_bytes)
{
	AUTO_PTR(store)    mem = store_new_mem();
	AUTO_PTR(store)    s = store_new_trace(mem);
	AUTO(buf)          b = BUF(0);
	struct store_trace t;
	struct err         e = ERR_NONE;
	uint64_t           size;

	CHECK_OK(store_put_new(s, STR("key"), STR("12345"), &e), &e);
	CHECK_ERR(store_put_new(s, STR("key"), STR("123"), &e), ERR_CONFLICT);
	CHECK_OK(store_get(s, STR("key"), 1, 3, &b, &e), &e);
	CHECK_OK(store_get(s, STR("key"), 0, 0, &b, &e), &e);
	CHECK_ERR(store_get(s, STR("none"), 0, 0, &b, &e), ERR_MISSING);
	CHECK_OK(store_list(s, STR(""), STR(""), stop, NULL, &e), &e);
	CHECK_OK(store_remove(s, STR("none"), &e), &e);
	CHECK_OK(store_replace(s, STR("key"), STR("1"), &e), &e);
	CHECK_ERR(store_size(s, STR("none"), &size, &e), ERR_MISSING);
	store_trace_read(s, &t);
	CHECK_INT(t.verbs[STORE_PUT_NEW].calls, 2);
	CHECK_INT(t.verbs[STORE_PUT_NEW].failures, 1);
	CHECK_INT(t.verbs[STORE_PUT_NEW].bytes, 5);
	CHECK_INT(t.verbs[STORE_GET].calls, 3);
	CHECK_INT(t.verbs[STORE_GET].failures, 1);
	CHECK_INT(t.verbs[STORE_GET].bytes, 8);
	CHECK_INT(t.verbs[STORE_LIST].calls, 1);
	CHECK_INT(t.verbs[STORE_LIST].bytes, 3);
	CHECK_INT(t.verbs[STORE_REMOVE].calls, 1);
	CHECK_INT(t.verbs[STORE_REPLACE].bytes, 1);
	CHECK_INT(t.verbs[STORE_SIZE].failures, 1);
}

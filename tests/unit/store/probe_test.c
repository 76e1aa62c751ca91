#include <stdlib.h>

#include "store/fault.h"
#include "tests/lib/test.h"

/* Stores that lie, each in one way; the rest is done by an honest one. */
struct liar {
	struct store  base;
	struct store *honest;
	uint64_t      puts;
};

static struct store *honest(struct store *s)
{
	return ((struct liar *)s)->honest;
}

static int get(struct store *s, str key, uint64_t offset, uint64_t size, struct buf *out,
               struct err *e)
{
	return store_get(honest(s), key, offset, size, out, e);
}

static int get_nothing(struct store *s, str key, uint64_t offset, uint64_t size, struct buf *out,
                       struct err *e)
{
	(void)s, (void)offset, (void)size, (void)out;
	return err_set(e, ERR_MISSING, STR_FMT ": not yet", STR_ARG(key));
}

static int put_over(struct store *s, str key, str body, struct err *e)
{
	return store_replace(honest(s), key, body, e);
}

/* Yes to everybody, though only the first is kept. */
static int put_yes(struct store *s, str key, str body, struct err *e)
{
	int rc = store_put_new(honest(s), key, body, e);

	return rc == ERR_CONFLICT ? 0 : rc;
}

/* Careful with the second who comes, careless in a crowd. */
static int put_crowd(struct store *s, str key, str body, struct err *e)
{
	struct liar *l = (struct liar *)s;
	uint64_t     number = __atomic_add_fetch(&l->puts, 1, __ATOMIC_RELAXED);

	return number > 2 ? put_over(s, key, body, e) : store_put_new(honest(s), key, body, e);
}

static int put_new(struct store *s, str key, str body, struct err *e)
{
	return store_put_new(honest(s), key, body, e);
}

static int list(struct store *s, str prefix, str after, store_list_fn *each, void *context,
                struct err *e)
{
	return store_list(honest(s), prefix, after, each, context, e);
}

static int list_nothing(struct store *s, str prefix, str after, store_list_fn *each, void *context,
                        struct err *e)
{
	(void)s, (void)prefix, (void)after, (void)each, (void)context, (void)e;
	return 0;
}

static int remove_one(struct store *s, str key, struct err *e)
{
	return store_remove(honest(s), key, e);
}

static int size_of(struct store *s, str key, uint64_t *out, struct err *e)
{
	return store_size(honest(s), key, out, e);
}

static int count_key(void *context, str key, uint64_t size, struct err *e)
{
	(void)key, (void)size, (void)e;
	++*(int *)context;
	return 0;
}

TEST(probe_finds_stores_that_lie)
{
	static const struct store_ops all[] = {
		{"over", get, put_over, put_over, list, remove_one, size_of, NULL, NULL, NULL, NULL, NULL},
		{"yes", get, put_yes, put_over, list, remove_one, size_of, NULL, NULL, NULL, NULL, NULL},
		{"crowd", get, put_crowd, put_over, list, remove_one, size_of, NULL, NULL, NULL, NULL, NULL},
		{"late list", get, put_new, put_over, list_nothing, remove_one, size_of, NULL, NULL, NULL, NULL, NULL},
		{"late get", get_nothing, put_new, put_over, list, remove_one, size_of, NULL, NULL, NULL, NULL, NULL},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		AUTO_PTR(store) mem = store_new_mem();
		struct liar     l = {.base = {&all[i], STR("mem://liar")}, .honest = mem};
		struct err      e = ERR_NONE;
		int             left = 0, rc = store_probe(&l.base, STR("p"), 1, &e);

		if (rc != ERR_UNSUPPORTED || strstr(e.text, "create-if-absent") == NULL)
			test_fail(__FILE__, __LINE__, "%s: %s", all[i].kind, e.text);
		CHECK_OK(store_list(mem, STR(""), STR(""), count_key, &left, &e), &e);
		CHECK_INT(left, 0);
	}
}

/* A store that is only ill is told from one that lies, whatever call fails. */
TEST(probe_does_not_blame_a_store_for_faults)
{
	AUTO_PTR(store) mem = store_new_mem();
	AUTO_PTR(store) golden = store_new_fault(mem, NULL);
	struct err      e = ERR_NONE;
	uint64_t        calls;

	CHECK_OK(store_probe(golden, STR("p"), 1, &e), &e);
	calls = store_fault_calls(golden, STORE_ANY_VERB);
	for (uint64_t call = 1; call <= calls; call++)
		for (int kind = FAULT_BEFORE; kind < FAULT_KIND_COUNT; kind++) {
			AUTO_PTR(store) s = store_new_fault(mem, NULL);
			int             rc;

			store_fault_at(s, STORE_ANY_VERB, call, (enum fault_kind)kind);
			rc = store_probe(s, STR("p"), call * 10 + (uint64_t)kind, &e);
			CHECK(rc == 0 || rc == ERR_IO || rc == ERR_BUSY);
		}
}

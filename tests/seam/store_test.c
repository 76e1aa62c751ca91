/* The contract of store.h, over every kind and through the wrappers. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/vec.h"
#include "os/fs.h"
#include "store/fault.h"
#include "store/trace.h"
#include "tests/lib/test.h"

/* A store under test, and what it lies in. */
struct bench {
	struct store *store, *inner;
	const char   *folder; /* NULL where there is none */
};

static struct bench bench_mem(void)
{
	return (struct bench){.store = store_new_mem()};
}

static struct bench bench_dir(void)
{
	struct bench b = {.folder = test_folder()};
	struct err   e = ERR_NONE;

	CHECK_OK(store_open_dir(fs_real(), b.folder, &b.store, &e), &e);
	return b;
}

static struct bench bench_fault(void)
{
	struct bench b = bench_dir();

	b.inner = b.store;
	b.store = store_new_fault(b.inner, NULL);
	return b;
}

static struct bench bench_trace(void)
{
	struct bench b = bench_mem();

	b.inner = b.store;
	b.store = store_new_trace(b.inner);
	return b;
}

static int count_name(void *context, const char *name, struct err *e)
{
	(void)e;
	if (name[0] != '\0')
		++*(int *)context;
	return 0;
}

/* Nothing may be left in .tmp, whatever a test has done. */
static void bench_close(struct bench *b)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;
	int         count = 0;

	store_close(b->store);
	store_close(b->inner);
	if (b->folder != NULL) {
		CHECK_OK(fs_list(fs_real(), arena_format(&a, "%s/.tmp", b->folder).ptr, count_name,
		                 &count, &e), &e);
		CHECK_INT(count, 0);
	}
}

static struct bench (*const benches[])(void) = {bench_mem, bench_dir, bench_fault, bench_trace};

/* A test of the contract: its body runs once a kind, with `s` open and `e` clean. */
#define STORE_TEST(test_name)                                                                   \
	static void contract_##test_name(struct store *s);                                      \
	TEST(test_name)                                                                         \
	{                                                                                       \
		for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++) {             \
			struct bench b = benches[i]();                                          \
			contract_##test_name(b.store);                                          \
			bench_close(&b);                                                        \
		}                                                                               \
	}                                                                                       \
	static void contract_##test_name(struct store *s)

/* The whole object; "(none)" where there is none. */
static str body_of(struct store *s, struct arena *a, str key)
{
	struct err e = ERR_NONE;
	str        body = STR("(none)");
	int        rc = store_get_all(s, key, 0, a, &body, &e);

	CHECK(rc == 0 || rc == ERR_MISSING);
	return body;
}

STORE_TEST(store_gives_back_what_was_put)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf)   large = BUF(0);
	struct err  e = ERR_NONE;

	for (unsigned i = 0; i < 300000; i++)
		buf_u32le(&large, i * 2654435761u);
	CHECK_OK(store_put_new(s, STR("a/b/c=1/large.bin"), buf_str(&large), &e), &e);
	CHECK_OK(store_put_new(s, STR("empty"), (str){0}, &e), &e);
	CHECK(str_eq(body_of(s, &a, STR("a/b/c=1/large.bin")), buf_str(&large)));
	CHECK_STR(body_of(s, &a, STR("empty")), STR(""));
	CHECK_STR(body_of(s, &a, STR("a/b")), STR("(none)"));
	CHECK_STR(body_of(s, &a, STR("empty/x")), STR("(none)"));
	CHECK(s->root.len > 0 && s->root.ptr[s->root.len - 1] != '/');
}

STORE_TEST(store_put_new_takes_a_name_once)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;

	CHECK_OK(store_put_new(s, STR("j/1"), STR("one"), &e), &e);
	CHECK_INT(e.class, 0);
	CHECK_ERR(store_put_new(s, STR("j/1"), STR("two"), &e), ERR_CONFLICT);
	CHECK_ERR(store_put_new(s, STR("j/1"), STR("one"), &e), ERR_CONFLICT);
	CHECK_STR(body_of(s, &a, STR("j/1")), STR("one"));
	CHECK_OK(store_remove(s, STR("j/1"), &e), &e);
	CHECK_OK(store_put_new(s, STR("j/1"), STR("two"), &e), &e);
	CHECK_STR(body_of(s, &a, STR("j/1")), STR("two"));
}

STORE_TEST(store_put_soon_is_a_put_that_settle_makes_last)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;

	CHECK_OK(store_put_soon(s, STR("d/h=1/1"), STR("one"), &e), &e);
	CHECK_STR(body_of(s, &a, STR("d/h=1/1")), STR("one"));
	CHECK_ERR(store_put_soon(s, STR("d/h=1/1"), STR("two"), &e), ERR_CONFLICT);
	CHECK_ERR(store_put_new(s, STR("d/h=1/1"), STR("two"), &e), ERR_CONFLICT);
	CHECK_OK(store_settle(s, &e), &e);
	CHECK_OK(store_put_soon_sure(s, STR("d/h=1/1"), STR("one"), &e), &e);
	CHECK_ERR(store_put_soon_sure(s, STR("d/h=1/1"), STR("two"), &e), ERR_CONFLICT);
	CHECK_OK(store_settle(s, &e), &e);
	CHECK_STR(body_of(s, &a, STR("d/h=1/1")), STR("one"));
}

STORE_TEST(store_put_many_answers_each_by_itself)
{
	AUTO(arena)      a = ARENA_INIT;
	struct err       e = ERR_NONE;
	struct store_put puts[] = {
		{.key = STR("t/a/1"), .body = STR("one")}, {.key = STR("t/taken"), .body = STR("late")},
		{.key = STR("../out"), .body = STR("no")}, {.key = STR("t/b/1"), .body = STR("")},
		{.key = STR("t/a/1"), .body = STR("twice")}, {.key = STR("t/c"), .body = STR("see"), .e = {.class = ERR_IO}},
	};
	static const int want[] = {0, ERR_CONFLICT, ERR_INPUT, 0, ERR_CONFLICT, 0};

	CHECK_OK(store_put_soon(s, STR("t/soon"), STR("before"), &e), &e);
	CHECK_OK(store_put_new(s, STR("t/taken"), STR("first"), &e), &e);
	store_put_many(s, puts, 6);
	for (size_t i = 0; i < 6; i++) {
		CHECK_INT(puts[i].e.class, want[i]);
		CHECK(want[i] == 0 || puts[i].e.text[0] != '\0');
	}
	CHECK_STR(body_of(s, &a, STR("t/a/1")), STR("one"));
	CHECK_STR(body_of(s, &a, STR("t/taken")), STR("first"));
	CHECK_STR(body_of(s, &a, STR("t/b/1")), STR(""));
	CHECK_STR(body_of(s, &a, STR("t/c")), STR("see"));
	CHECK_STR(body_of(s, &a, STR("t/soon")), STR("before"));
	store_put_many(s, puts, 0);
	store_put_many_sure(s, puts, 6);
	CHECK_INT(puts[0].e.class, 0); /* it is there, and this is its body */
	CHECK_INT(puts[1].e.class, ERR_CONFLICT);
	CHECK_INT(puts[2].e.class, ERR_INPUT);
	CHECK_INT(puts[3].e.class, 0);
	CHECK_INT(puts[4].e.class, ERR_CONFLICT);
	store_put_many(s, &(struct store_put){.key = STR("alone"), .body = STR("1")}, 1);
	CHECK_STR(body_of(s, &a, STR("alone")), STR("1"));
}

STORE_TEST(store_replace_many_answers_each_by_itself)
{
	AUTO(arena)      a = ARENA_INIT;
	struct err       e = ERR_NONE;
	struct store_put puts[] = {
		{.key = STR("t/a/hint"), .body = STR("12")}, {.key = STR("t//"), .body = STR("no")},
		{.key = STR("t/b/hint"), .body = STR("3")},  {.key = STR("t/a/hint"), .body = STR("4")},
	};
	static const int want[] = {0, ERR_INPUT, 0, 0};

	CHECK_OK(store_replace(s, STR("t/b/hint"), STR("far too long"), &e), &e);
	store_replace_many(s, puts, 4);
	for (size_t i = 0; i < 4; i++)
		CHECK_INT(puts[i].e.class, want[i]);
	CHECK_STR(body_of(s, &a, STR("t/a/hint")), STR("4"));
	CHECK_STR(body_of(s, &a, STR("t/b/hint")), STR("3"));
	store_replace_many(s, puts, 1);
	CHECK_STR(body_of(s, &a, STR("t/a/hint")), STR("12"));
	store_replace_many(s, puts, 0);
}

STORE_TEST(store_replace_gives_the_last_word)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;

	CHECK_OK(store_replace(s, STR("m/hint"), STR("12"), &e), &e);
	CHECK_OK(store_replace(s, STR("m/hint"), STR("3"), &e), &e);
	CHECK_STR(body_of(s, &a, STR("m/hint")), STR("3"));
	CHECK_ERR(store_put_new(s, STR("m/hint"), STR("4"), &e), ERR_CONFLICT);
	CHECK_OK(store_put_new(s, STR("m/other"), STR("5"), &e), &e);
	CHECK_OK(store_replace(s, STR("m/other"), STR("6"), &e), &e);
	CHECK_STR(body_of(s, &a, STR("m/other")), STR("6"));
}

STORE_TEST(store_get_takes_ranges)
{
	static const struct {
		uint64_t    offset, size;
		const char *want;
	} rows[] = {
		{0, 0, "0123456789"}, {0, 3, "012"}, {7, 3, "789"},      {7, 4, "789"},
		{7, 0, "789"},        {9, 1, "9"},   {10, 0, ""},        {10, 5, ""},
		{UINT64_MAX, 0, ""},  {11, 0, ""},   {UINT64_MAX, 5, ""}, {5, UINT64_MAX, "56789"},
	};
	struct err e = ERR_NONE;

	CHECK_OK(store_put_new(s, STR("digits"), STR("0123456789"), &e), &e);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(buf) b = BUF(100);

		buf_add(&b, STR("kept:"));
		CHECK_OK(store_get(s, STR("digits"), rows[i].offset, rows[i].size, &b, &e), &e);
		CHECK_STR(str_from(buf_str(&b), 5), str_of(rows[i].want));
		CHECK_STR(str_head(buf_str(&b), 5), STR("kept:"));
	}
}

STORE_TEST(store_get_leaves_the_buffer_alone_when_it_fails)
{
	AUTO(buf)   b = BUF(12);
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;
	str         all = STR("untouched");

	CHECK_OK(store_put_new(s, STR("digits"), STR("0123456789"), &e), &e);
	buf_add(&b, STR("abc"));
	CHECK_ERR(store_get(s, STR("digits"), 0, 0, &b, &e), ERR_LIMIT);
	CHECK_ERR(store_get(s, STR("none"), 0, 0, &b, &e), ERR_MISSING);
	CHECK_STR(buf_str(&b), STR("abc"));
	CHECK_OK(store_get(s, STR("digits"), 1, 0, &b, &e), &e);
	CHECK_STR(buf_str(&b), STR("abc123456789"));
	CHECK_ERR(store_get_all(s, STR("digits"), 9, &a, &all, &e), ERR_LIMIT);
	CHECK_STR(all, STR("untouched"));
	CHECK_OK(store_get_all(s, STR("digits"), 10, &a, &all, &e), &e);
	CHECK_STR(all, STR("0123456789"));
}

STORE_TEST(store_size_and_remove)
{
	struct err e = ERR_NONE;
	uint64_t   size = 77;

	CHECK_ERR(store_size(s, STR("a/b"), &size, &e), ERR_MISSING);
	CHECK_INT(size, 77);
	CHECK_OK(store_put_new(s, STR("a/b"), STR("12345"), &e), &e);
	CHECK_ERR(store_size(s, STR("a"), &size, &e), ERR_MISSING);
	CHECK_OK(store_size(s, STR("a/b"), &size, &e), &e);
	CHECK_INT(size, 5);
	CHECK_OK(store_remove(s, STR("a/b"), &e), &e);
	CHECK_OK(store_remove(s, STR("a/b"), &e), &e);
	CHECK_OK(store_remove(s, STR("never/was/there"), &e), &e);
	CHECK_ERR(store_size(s, STR("a/b"), &size, &e), ERR_MISSING);
}

struct listed {
	struct arena arena;
	str          text; /* "key:size key:size" */
	size_t       left; /* stop after so many */
};

static int listed_add(void *context, str key, uint64_t size, struct err *e)
{
	struct listed *l = context;

	(void)e;
	l->text = arena_format(&l->arena, STR_FMT "%s" STR_FMT ":%llu", STR_ARG(l->text),
	                       l->text.len ? " " : "", STR_ARG(key), (unsigned long long)size);
	return --l->left == 0;
}

static void list_is(struct store *s, const char *prefix, const char *after, size_t stop,
                    const char *want)
{
	struct listed l = {.left = stop ? stop : SIZE_MAX};
	struct err    e = ERR_NONE;

	CHECK_OK(store_list(s, str_of(prefix), str_of(after), listed_add, &l, &e), &e);
	CHECK_STR(l.text, str_of(want));
	arena_done(&l.arena);
}

STORE_TEST(store_lists_by_bytes_by_prefix_and_after)
{
	static const char *const keys[] = {"a0", "a/x", "a-b", "a/b/c", "a.b", "B", "a/b-c", "aa/1",
	                                   "a/b.c", "z"};
	struct err               e = ERR_NONE;

	list_is(s, "", "", 0, "");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		CHECK_OK(store_put_new(s, str_of(keys[i]), str_head(STR("0123456789"), i), &e), &e);
	list_is(s, "", "", 0, "B:5 a-b:2 a.b:4 a/b-c:6 a/b.c:8 a/b/c:3 a/x:1 a0:0 aa/1:7 z:9");
	list_is(s, "a", "", 0, "a-b:2 a.b:4 a/b-c:6 a/b.c:8 a/b/c:3 a/x:1 a0:0 aa/1:7");
	list_is(s, "a/", "", 0, "a/b-c:6 a/b.c:8 a/b/c:3 a/x:1");
	list_is(s, "a/b", "", 0, "a/b-c:6 a/b.c:8 a/b/c:3");
	list_is(s, "a/b/", "", 0, "a/b/c:3");
	list_is(s, "a/b/c", "", 0, "a/b/c:3");
	list_is(s, "a/b/c/", "", 0, "");
	list_is(s, "none/of/it", "", 0, "");
	list_is(s, "", "a/b.c", 0, "a/b/c:3 a/x:1 a0:0 aa/1:7 z:9");
	list_is(s, "", "a/b/bb", 0, "a/b/c:3 a/x:1 a0:0 aa/1:7 z:9");
	list_is(s, "", "a/b/", 0, "a/b/c:3 a/x:1 a0:0 aa/1:7 z:9");
	list_is(s, "", "a/b/d", 0, "a/x:1 a0:0 aa/1:7 z:9");
	list_is(s, "a/", "A", 0, "a/b-c:6 a/b.c:8 a/b/c:3 a/x:1");
	list_is(s, "a/b", "a/b/c", 0, "");
	list_is(s, "a/", "z", 0, "");
	list_is(s, "", "", 3, "B:5 a-b:2 a.b:4");
	list_is(s, "", "aa", 1, "aa/1:7");
	CHECK_OK(store_remove(s, STR("a/b/c"), &e), &e);
	list_is(s, "a/b", "", 0, "a/b-c:6 a/b.c:8");
}

static int order_of(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

STORE_TEST(store_lists_a_random_tree_in_pages)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;
	struct {
		VEC_OF(str);
	} keys = {0};
	str want = STR(""), got = STR(""), last = STR("");

	for (unsigned i = 0; i < 120; i++) {
		uint64_t r = test_random();
		str      key = arena_format(&a, "%c%s%c%s%u", (int)"ab-"[r % 3], r & 16 ? "/" : "_",
		                            (int)"x0=Z"[(r >> 8) % 4], r & 32 ? "/" : ".", i);

		CHECK_OK(store_put_new(s, key, STR("!"), &e), &e);
		*VEC_ADD(&keys) = key;
	}
	qsort(keys.at, keys.count, sizeof(*keys.at), order_of);
	for (size_t i = 0; i < keys.count; i++)
		want = arena_format(&a, STR_FMT STR_FMT ":1 ", STR_ARG(want), STR_ARG(keys.at[i]));
	for (size_t i = 0; i < keys.count; i += 7) {
		struct listed l = {.left = 7};

		CHECK_OK(store_list(s, STR(""), last, listed_add, &l, &e), &e);
		got = arena_format(&a, STR_FMT STR_FMT " ", STR_ARG(got), STR_ARG(l.text));
		last = keys.at[i + 6 < keys.count ? i + 6 : keys.count - 1];
		arena_done(&l.arena);
	}
	CHECK_STR(got, want);
	VEC_DONE(&keys);
}

static int fail_list(void *context, str key, uint64_t size, struct err *e)
{
	(void)context, (void)size;
	return err_set(e, ERR_CORRUPT, "at " STR_FMT, STR_ARG(key));
}

static int remove_listed(void *context, str key, uint64_t size, struct err *e)
{
	(void)size;
	return store_remove(context, key, e);
}

STORE_TEST(store_list_hands_on_failures_and_may_be_used_meanwhile)
{
	struct err e = ERR_NONE;

	CHECK_OK(store_put_new(s, STR("a/1"), STR(""), &e), &e);
	CHECK_OK(store_put_new(s, STR("a/2"), STR(""), &e), &e);
	CHECK_ERR(store_list(s, STR("a/"), STR(""), fail_list, NULL, &e), ERR_CORRUPT);
	CHECK_STR(str_of(e.text), STR("at a/1"));
	CHECK_OK(store_list(s, STR("a/"), STR(""), remove_listed, s, &e), &e);
	list_is(s, "", "", 0, "");
}

STORE_TEST(store_refuses_what_is_no_key)
{
	AUTO(arena)       a = ARENA_INIT;
	AUTO(buf)         b = BUF(0);
	const char *const bad[] = {
		"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a/../../etc", " ", "a b",
		"a:", "a\\b", "a\nb", "\xC3\xA9", ".tmp", ".tmp/x", "a%2fb", "~", "a*", NULL};
	const char *const good[] = {"a", "..a", "a..", "...", "x/.tmp", ".tmpx",
	                            "_tarn/journal/main/0001", "h=2024-01-01-00/f_1.parquet", NULL};
	const char *const bad_prefix[] = {"/", "../", "a/../", "a//", ".tmp/", "a b", "./", NULL};
	const char *const good_prefix[] = {"..", ".", ".tmp", "a/.", "a/..", NULL};
	struct err        e = ERR_NONE;
	uint64_t          size;
	str               longest;

	for (size_t i = 0; bad[i] != NULL; i++) {
		str key = str_of(bad[i]);

		CHECK(!store_key_is_valid(key));
		CHECK_ERR(store_put_new(s, key, STR("x"), &e), ERR_INPUT);
		CHECK_ERR(store_replace(s, key, STR("x"), &e), ERR_INPUT);
		CHECK_ERR(store_get(s, key, 0, 0, &b, &e), ERR_INPUT);
		CHECK_ERR(store_remove(s, key, &e), ERR_INPUT);
		CHECK_ERR(store_size(s, key, &size, &e), ERR_INPUT);
	}
	CHECK_ERR(store_put_new(s, str_make("a\0b", 3), STR("x"), &e), ERR_INPUT);
	for (size_t i = 0; good[i] != NULL; i++)
		CHECK(store_key_is_valid(str_of(good[i])));
	for (size_t i = 0; bad_prefix[i] != NULL; i++)
		CHECK_ERR(store_list(s, str_of(bad_prefix[i]), STR(""), fail_list, NULL, &e),
		          ERR_INPUT);
	for (size_t i = 0; good_prefix[i] != NULL; i++)
		list_is(s, good_prefix[i], "", 0, "");

	/* The longest key works; one byte more is none, nor is too long a part. */
	for (unsigned i = 0; i < 5; i++) {
		buf_fill(&b, (char)('a' + i), 204);
		buf_byte(&b, i < 4 ? '/' : 'x');
	}
	longest = str_head(buf_str(&b), STORE_KEY_MAX);
	CHECK_INT(b.len, STORE_KEY_MAX + 1);
	CHECK(!store_key_is_valid(buf_str(&b)));
	CHECK_OK(store_put_new(s, longest, STR("far"), &e), &e);
	CHECK_STR(body_of(s, &a, longest), STR("far"));
	CHECK_OK(store_remove(s, longest, &e), &e);
	buf_clear(&b);
	buf_fill(&b, 'a', 256);
	CHECK(!store_key_is_valid(buf_str(&b)) && store_key_is_valid(str_head(buf_str(&b), 255)));
}

enum { RACER_COUNT = 16, ROUND_COUNT = 20 };

struct racer {
	struct store      *store;
	pthread_barrier_t *start;
	pthread_t          thread;
	unsigned           number;
	int                rc[ROUND_COUNT];
	atomic_uint       *torn;
};

/* Every body is one byte over and over: a mix, or a short one, is a torn object. */
enum { BODY_SIZE = 5000 };

static void *race(void *argument)
{
	struct racer *r = argument;
	AUTO(buf)     body = BUF(0);
	AUTO(buf)     seen = BUF(0);
	struct err    e = ERR_NONE;
	char          key[32];

	buf_fill(&body, (char)('a' + r->number), BODY_SIZE);
	for (unsigned round = 0; round < ROUND_COUNT; round++) {
		int len = snprintf(key, sizeof(key), "race/%u/entry", round);
		int rc;

		(void)pthread_barrier_wait(r->start);
		rc = store_put_new(r->store, str_make(key, (size_t)len), buf_str(&body), &e);
		r->rc[round] = rc;
		buf_clear(&seen);
		if (store_get(r->store, str_make(key, (size_t)len), 0, 0, &seen, &e) < 0 ||
		    seen.len != BODY_SIZE || memcmp(seen.ptr, seen.ptr + 1, BODY_SIZE - 1) != 0 ||
		    (rc == 0 && seen.ptr[0] != body.ptr[0]))
			atomic_fetch_add(r->torn, 1);
	}
	return NULL;
}

STORE_TEST(store_put_new_has_one_winner_among_many)
{
	struct racer      racers[RACER_COUNT];
	pthread_barrier_t start;
	atomic_uint       torn = 0;

	CHECK_INT(pthread_barrier_init(&start, NULL, RACER_COUNT), 0);
	for (unsigned i = 0; i < RACER_COUNT; i++) {
		racers[i] = (struct racer){.store = s, .start = &start, .number = i, .torn = &torn};
		if (pthread_create(&racers[i].thread, NULL, race, &racers[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < RACER_COUNT; i++)
		(void)pthread_join(racers[i].thread, NULL);
	(void)pthread_barrier_destroy(&start);
	CHECK_INT(torn, 0);
	for (unsigned round = 0; round < ROUND_COUNT; round++) {
		int wins = 0, losses = 0;

		for (unsigned i = 0; i < RACER_COUNT; i++) {
			wins += racers[i].rc[round] == 0;
			losses += racers[i].rc[round] == ERR_CONFLICT;
		}
		CHECK_INT(wins, 1);
		CHECK_INT(losses, RACER_COUNT - 1);
	}
}

/* The same names for all racers, many at once: each name has one winner. */
enum { MANY_COUNT = 12 };

struct many_racer {
	struct store *store;
	pthread_t     thread;
	char          body;
	int           rc[MANY_COUNT];
};

static void *race_many(void *argument)
{
	struct many_racer *r = argument;
	struct store_put   puts[MANY_COUNT];
	char               keys[MANY_COUNT][16];

	for (int i = 0; i < MANY_COUNT; i++) {
		int len = snprintf(keys[i], sizeof(keys[i]), "race/%d/v", i);

		puts[i] = (struct store_put){.key = str_make(keys[i], (size_t)len), .body = str_make(&r->body, 1)};
	}
	store_put_many_sure(r->store, puts, MANY_COUNT);
	for (int i = 0; i < MANY_COUNT; i++)
		r->rc[i] = puts[i].e.class;
	return NULL;
}

STORE_TEST(store_put_many_has_one_winner_a_name)
{
	struct many_racer racers[6];
	AUTO(arena)       a = ARENA_INIT;

	for (unsigned i = 0; i < 6; i++) {
		racers[i] = (struct many_racer){.store = s, .body = (char)('a' + i)};
		if (pthread_create(&racers[i].thread, NULL, race_many, &racers[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < 6; i++)
		(void)pthread_join(racers[i].thread, NULL);
	for (int k = 0; k < MANY_COUNT; k++) {
		int wins = 0;

		for (unsigned i = 0; i < 6; i++) {
			CHECK(racers[i].rc[k] == 0 || racers[i].rc[k] == ERR_CONFLICT);
			wins += racers[i].rc[k] == 0;
			if (racers[i].rc[k] == 0)
				CHECK_STR(body_of(s, &a, arena_format(&a, "race/%d/v", k)), str_make(&racers[i].body, 1));
		}
		CHECK_INT(wins, 1);
	}
}

struct replacer {
	struct store *store;
	pthread_t     thread;
	char          byte;
	int           failures;
};

static void *replace_often(void *argument)
{
	struct replacer *r = argument;
	AUTO(buf)        body = BUF(0);
	struct err       e = ERR_NONE;

	buf_fill(&body, r->byte, (size_t)(r->byte - 'a' + 1) * 3000);
	for (unsigned i = 0; i < 60; i++)
		r->failures += store_replace(r->store, STR("hint"), buf_str(&body), &e) < 0;
	return NULL;
}

STORE_TEST(store_replace_is_whole_or_not_at_all)
{
	struct replacer replacers[4];
	struct err      e = ERR_NONE;

	CHECK_OK(store_replace(s, STR("hint"), STR("0"), &e), &e);
	for (unsigned i = 0; i < 4; i++) {
		replacers[i] = (struct replacer){.store = s, .byte = (char)('a' + i)};
		if (pthread_create(&replacers[i].thread, NULL, replace_often, &replacers[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < 200; i++) {
		AUTO(buf) b = BUF(0);
		bool      is_whole;

		CHECK_OK(store_get(s, STR("hint"), 0, 0, &b, &e), &e);
		is_whole = b.len == 1 || b.len == (size_t)(b.ptr[0] - 'a' + 1) * 3000;
		for (size_t at = 1; at < b.len; at++)
			is_whole = is_whole && b.ptr[at] == b.ptr[0];
		CHECK(is_whole);
	}
	for (unsigned i = 0; i < 4; i++) {
		(void)pthread_join(replacers[i].thread, NULL);
		CHECK_INT(replacers[i].failures, 0);
	}
}

STORE_TEST(store_passes_its_probe_and_is_clean_after)
{
	struct err e = ERR_NONE;

	CHECK_OK(store_probe(s, STR("_tarn/probe"), 42, &e), &e);
	CHECK_OK(store_probe(s, STR("_tarn/"), test_random(), &e), &e);
	CHECK_OK(store_probe(s, STR(""), 1, &e), &e);
	list_is(s, "", "", 0, "");
}

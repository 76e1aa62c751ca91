/* The contract of catalog.h, over every kind; and what is the `dir` kind's own. */
#include "catalog/catalog.h"

#include <pthread.h>

#include "base/vec.h"
#include "os/fs.h"
#include "store/fault.h"
#include "store/store.h"
#include "tests/lib/test.h"

/* A catalog under test, and what it lies in. */
struct bench {
	struct catalog *catalog;
	struct store   *store, *inner; /* NULL where there is none */
};

static struct bench bench_mem(void)
{
	return (struct bench){.catalog = catalog_new_mem()};
}

static struct bench bench_dir_mem(void)
{
	struct store *store = store_new_mem();

	return (struct bench){.catalog = catalog_new_dir(store), .store = store};
}

static struct bench bench_dir(void)
{
	struct bench b = {0};
	struct err   e = ERR_NONE;

	CHECK_OK(store_open_dir(fs_real(), test_folder(), &b.store, &e), &e);
	b.catalog = catalog_new_dir(b.store);
	return b;
}

static void bench_done(struct bench *b)
{
	catalog_close(b->catalog);
	store_close(b->store);
	store_close(b->inner);
}
AUTO_DEFINE(bench, bench_done)

static struct bench (*const kinds[])(void) = {bench_mem, bench_dir_mem, bench_dir};

#define EACH_KIND(i) for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)

static const str space = STR("events"), table = STR("click");

/* The version, and the text in `metadata`; both in the arena. */
static str load(struct catalog *c, str name, struct arena *a, str *metadata)
{
	struct catalog_table t = {0};
	struct err           e = ERR_NONE;

	CHECK_OK(catalog_load(c, space, name, a, &t, &e), &e);
	*metadata = t.metadata;
	return t.version;
}

static int create(struct catalog *c, str name, str metadata)
{
	struct err e = ERR_NONE;

	return catalog_create(c, space, name, metadata, &e);
}

static int swap(struct catalog *c, str version, str metadata)
{
	struct err e = ERR_NONE;

	return catalog_swap(c, space, table, version, metadata, &e);
}

TEST(catalog_of_two_swaps_one_wins)
{
	EACH_KIND (kind) {
		AUTO(bench) b = kinds[kind]();
		AUTO(arena) a = ARENA_INIT;
		str first, second, text;

		CHECK_INT(create(b.catalog, table, STR("one")), 0);
		first = load(b.catalog, table, &a, &text);
		CHECK_STR(text, STR("one"));
		CHECK_INT(swap(b.catalog, first, STR("two")), 0);
		CHECK_ERR(swap(b.catalog, first, STR("other two")), ERR_CONFLICT);
		second = load(b.catalog, table, &a, &text);
		CHECK_STR(text, STR("two"));
		CHECK(!str_eq(first, second));
		CHECK_INT(swap(b.catalog, second, STR("three")), 0);
		CHECK_ERR(swap(b.catalog, first, STR("late")), ERR_CONFLICT);
		load(b.catalog, table, &a, &text);
		CHECK_STR(text, STR("three"));
	}
}

TEST(catalog_create_conflicts_with_what_is_there)
{
	EACH_KIND (kind) {
		AUTO(bench) b = kinds[kind]();
		AUTO(arena) a = ARENA_INIT;
		str text;

		CHECK_INT(create(b.catalog, table, STR("one")), 0);
		CHECK_ERR(create(b.catalog, table, STR("one")), ERR_CONFLICT);
		CHECK_INT(swap(b.catalog, load(b.catalog, table, &a, &text), STR("two")), 0);
		CHECK_ERR(create(b.catalog, table, STR("again")), ERR_CONFLICT);
		load(b.catalog, table, &a, &text);
		CHECK_STR(text, STR("two"));
	}
}

TEST(catalog_says_what_is_missing)
{
	EACH_KIND (kind) {
		AUTO(bench) b = kinds[kind]();
		AUTO(arena) a = ARENA_INIT;
		struct catalog_table t = {.version = STR("untouched")};
		struct err           e = ERR_NONE;

		CHECK_ERR(catalog_load(b.catalog, space, table, &a, &t, &e), ERR_MISSING);
		CHECK_STR(t.version, STR("untouched"));
		CHECK(e.text[0] != '\0');
		CHECK_ERR(swap(b.catalog, STR("1"), STR("two")), ERR_MISSING);
		CHECK_ERR(catalog_drop(b.catalog, space, table, &e), ERR_MISSING);
	}
}

static struct catalog_change change(str name, str version, str metadata)
{
	return (struct catalog_change){.space = space, .table = name, .version = version, .metadata = metadata};
}

TEST(catalog_changes_many_and_answers_each_by_itself)
{
	EACH_KIND (kind) {
		AUTO(bench) b = kinds[kind]();
		AUTO(arena) a = ARENA_INIT;
		str first, old, text;

		CHECK_INT(create(b.catalog, table, STR("one")), 0);
		old = load(b.catalog, table, &a, &text);
		CHECK_INT(swap(b.catalog, old, STR("two")), 0);
		first = load(b.catalog, table, &a, &text);
		struct catalog_change changes[] = {
			change(STR("a"), STR(""), STR("new a")),  change(table, old, STR("late")),
			change(table, first, STR("three")),       change(STR("../b"), STR(""), STR("out")),
			change(STR("b"), STR(""), STR("new b")),  change(STR("none"), STR("1"), STR("two of none")),
			change(table, STR(""), STR("made anew")), change(STR("b"), STR(""), STR("b again")),
		};
		static const int want[] = {0, ERR_CONFLICT, 0, ERR_INPUT, 0, ERR_MISSING, ERR_CONFLICT, ERR_CONFLICT};

		changes[0].e.class = ERR_IO; /* of another time */
		catalog_change_many(b.catalog, changes, 8);
		for (size_t i = 0; i < 8; i++)
			CHECK_INT(changes[i].e.class, want[i]);
		load(b.catalog, STR("a"), &a, &text);
		CHECK_STR(text, STR("new a"));
		load(b.catalog, STR("b"), &a, &text);
		CHECK_STR(text, STR("new b"));
		load(b.catalog, table, &a, &text);
		CHECK_STR(text, STR("three"));
		CHECK_ERR(swap(b.catalog, first, STR("late")), ERR_CONFLICT);
		catalog_change_many(b.catalog, changes, 0);
	}
}

TEST(catalog_refuses_names_that_could_leave_their_place)
{
	static const str bad[] = {STR(""), STR(".."), STR("a/b"), STR("Click"), STR("a b"),
	        STR("a.b")};

	EACH_KIND (kind) {
		AUTO(bench) b = kinds[kind]();
		struct err e = ERR_NONE;

		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			CHECK_ERR(create(b.catalog, bad[i], STR("x")), ERR_INPUT);
			CHECK_ERR(catalog_create(b.catalog, bad[i], table, STR("x"), &e),
			          ERR_INPUT);
		}
	}
}

struct names {
	char   text[256];
	size_t left; /* stop after so many */
};

static int add_name(void *context, str name, struct err *e)
{
	struct names *n = context;
	size_t        len = strlen(n->text);

	(void)e;
	(void)snprintf(n->text + len, sizeof(n->text) - len, STR_FMT " ", STR_ARG(name));
	return n->left > 0 && --n->left == 0;
}

static void check_list(struct catalog *c, size_t stop_after, const char *want)
{
	struct names n = {.left = stop_after};
	struct err   e = ERR_NONE;

	CHECK_OK(catalog_list(c, space, add_name, &n, &e), &e);
	CHECK_STR(str_of(n.text), str_of(want));
}

TEST(catalog_list_is_sorted_and_of_one_space)
{
	EACH_KIND (kind) {
		AUTO(bench) b = kinds[kind]();
		struct err e = ERR_NONE;

		check_list(b.catalog, 0, "");
		CHECK_INT(create(b.catalog, STR("page_view"), STR("x")), 0);
		CHECK_INT(create(b.catalog, STR("page0"), STR("x")), 0);
		CHECK_INT(create(b.catalog, STR("page"), STR("x")), 0);
		CHECK_INT(create(b.catalog, STR("a"), STR("x")), 0);
		CHECK_OK(catalog_create(b.catalog, STR("events_2"), STR("z"), STR("x"), &e), &e);
		CHECK_OK(catalog_create(b.catalog, STR("event"), STR("y"), STR("x"), &e), &e);
		check_list(b.catalog, 0, "a page page0 page_view ");
		check_list(b.catalog, 2, "a page ");
	}
}

TEST(catalog_trim_keeps_the_present)
{
	EACH_KIND(i) {
		AUTO(bench) b = kinds[i]();
		AUTO(arena) a = ARENA_INIT;
		struct err  e = ERR_NONE;
		str         first, text;

		CHECK_INT(create(b.catalog, table, STR("one")), 0);
		first = load(b.catalog, table, &a, &text);
		CHECK_INT(swap(b.catalog, first, STR("two")), 0);
		CHECK_OK(catalog_trim(b.catalog, space, table, 0, &e), &e);
		CHECK_ERR(swap(b.catalog, first, STR("x")), ERR_CONFLICT);
		load(b.catalog, table, &a, &text);
		CHECK_STR(text, STR("two"));
	}
}

TEST(catalog_drop_forgets_and_makes_room)
{
	EACH_KIND (kind) {
		AUTO(bench) b = kinds[kind]();
		AUTO(arena) a = ARENA_INIT;
		struct catalog_table t;
		struct err           e = ERR_NONE;
		str                  text, version;

		CHECK_INT(create(b.catalog, table, STR("one")), 0);
		CHECK_INT(create(b.catalog, STR("other"), STR("o")), 0);
		for (int i = 0; i < 12; i++) /* v10 is before v2 in a listing */
			CHECK_INT(swap(b.catalog, load(b.catalog, table, &a, &text), STR("more")),
			          0);
		version = load(b.catalog, table, &a, &text);
		CHECK_OK(catalog_drop(b.catalog, space, table, &e), &e);
		CHECK_ERR(catalog_load(b.catalog, space, table, &a, &t, &e), ERR_MISSING);
		CHECK_ERR(swap(b.catalog, version, STR("ghost")), ERR_MISSING);
		check_list(b.catalog, 0, "other ");
		CHECK_INT(create(b.catalog, table, STR("anew")), 0);
		load(b.catalog, table, &a, &text);
		CHECK_STR(text, STR("anew"));
	}
}

/* ---- many at once ---------------------------------------------------------------------------- */

enum { THREADS = 8, MARKS = 25 };

struct swapper {
	struct catalog *catalog;
	int             number;
	pthread_t       thread;
};

static bool holds(str text, str mark)
{
	for (size_t i = 0; i + mark.len <= text.len; i++)
		if (memcmp(text.ptr + i, mark.ptr, mark.len) == 0)
			return true;
	return false;
}

/* The swap among others, of which all but the first few are refused. */
static int swap_among(struct catalog *c, str version, str metadata, struct err *e)
{
	struct catalog_change changes[] = {
		change(STR("side"), STR(""), metadata),
		change(table, version, metadata),
		change(STR("side"), STR("1"), metadata),
	};

	catalog_change_many(c, changes, 3);
	*e = changes[1].e;
	return e->class;
}

/* Load, add the mark, swap, until it is there. Tried again after anything but a success: what is
 * unknown is looked at first. */
static void mark_add(struct catalog *c, str mark, bool is_among)
{
	for (;;) {
		AUTO(arena) a = ARENA_INIT;
		struct catalog_table t;
		struct err           e = ERR_NONE;
		int                  status = catalog_load(c, space, table, &a, &t, &e);

		if (status == 0) {
			str next;

			if (holds(t.metadata, mark))
				return;
			next = arena_format(&a, STR_FMT STR_FMT, STR_ARG(t.metadata), STR_ARG(mark));
			status = is_among ? swap_among(c, t.version, next, &e) :
			                    catalog_swap(c, space, table, t.version, next, &e);
		}
		if (status != 0 && status != ERR_CONFLICT && !err_is_retriable(status)) {
			test_fail(__FILE__, __LINE__, "swap: %s", e.text);
			return;
		}
	}
}

static void *swapper_run(void *given)
{
	struct swapper *s = given;

	for (int i = 0; i < MARKS; i++) {
		AUTO(buf) mark = {0};

		buf_print(&mark, "<%d.%d>", s->number, i);
		mark_add(s->catalog, buf_str(&mark), s->number % 2 == 0);
	}
	return NULL;
}

/* Every mark of every thread is there, once. */
static void race(struct bench *b)
{
	AUTO(arena) a = ARENA_INIT;
	struct swapper swappers[THREADS];
	size_t         marks = 0;
	str            text;

	for (int i = 0; i < THREADS; i++) {
		swappers[i] = (struct swapper){.catalog = b->catalog, .number = i};
		CHECK_INT(pthread_create(&swappers[i].thread, NULL, swapper_run, &swappers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(swappers[i].thread, NULL);
	for (;;) {
		struct catalog_table t;
		struct err           e = ERR_NONE;

		if (catalog_load(b->catalog, space, table, &a, &t, &e) == 0) {
			text = t.metadata;
			break;
		}
	}
	for (size_t i = 0; i < text.len; i++)
		marks += text.ptr[i] == '<';
	CHECK_INT(marks, THREADS * MARKS);
	for (int i = 0; i < THREADS; i++)
		for (int k = 0; k < MARKS; k++)
			CHECK(holds(text, arena_format(&a, "<%d.%d>", i, k)));
}

TEST(catalog_swaps_of_many_threads_lose_nothing)
{
	EACH_KIND (kind) {
		AUTO(bench) b = kinds[kind]();

		CHECK_INT(create(b.catalog, table, STR("start ")), 0);
		race(&b);
	}
}

TEST(catalog_dir_loses_nothing_over_a_failing_store)
{
	for (uint64_t seed = 1; seed <= 5; seed++) {
		AUTO(bench) b = {.inner = store_new_mem()};
		struct err e = ERR_NONE;

		CHECK_OK(store_put_new(b.inner, STR("events/click/metadata/v1.metadata.json"),
		                       STR("start "), &e), &e);
		b.store = store_new_fault(b.inner, &(struct fault_plan){.seed = seed, .one_in = 6});
		b.catalog = catalog_new_dir(b.store);
		race(&b);
		CHECK(store_fault_count(b.store) > 0);
	}
}

/* ---- dir's own ------------------------------------------------------------------------------- */

#define METADATA "events/click/metadata/"

static str get(struct store *s, const char *key, struct arena *a)
{
	str        text = STR("(missing)");
	struct err e = ERR_NONE;

	if (store_get_all(s, str_of(key), 1 << 20, a, &text, &e) < 0)
		return STR("(missing)");
	return text;
}

/* A table at version 12, in a store that is not kept by the `bench` of a kind. */
static struct bench bench_twelve(void)
{
	struct bench b = bench_dir_mem();
	AUTO(arena) a = ARENA_INIT;
	str text;

	CHECK_INT(create(b.catalog, table, STR("1")), 0);
	for (int i = 2; i <= 12; i++)
		CHECK_INT(swap(b.catalog, load(b.catalog, table, &a, &text),
		               arena_format(&a, "%d", i)), 0);
	return b;
}

TEST(catalog_dir_writes_what_readers_know)
{
	AUTO(bench) b = bench_dir_mem();
	AUTO(arena) a = ARENA_INIT;
	struct catalog_table t;
	struct err           e = ERR_NONE;

	CHECK_INT(create(b.catalog, table, STR("one")), 0);
	CHECK_STR(get(b.store, METADATA "v1.metadata.json", &a), STR("one"));
	CHECK_STR(get(b.store, METADATA "version-hint.text", &a), STR("1"));
	CHECK_INT(swap(b.catalog, STR("1"), STR("two")), 0);
	CHECK_STR(get(b.store, METADATA "v2.metadata.json", &a), STR("two"));
	CHECK_STR(get(b.store, METADATA "version-hint.text", &a), STR("2"));
	CHECK_OK(catalog_load(b.catalog, space, table, &a, &t, &e), &e);
	CHECK_STR(t.version, STR("2"));
	CHECK(str_ends(t.metadata_path, STR("/" METADATA "v2.metadata.json")));
	CHECK(str_starts(t.metadata_path, b.store->root));
	CHECK_ERR(swap(b.catalog, STR("two"), STR("x")), ERR_INPUT);
}

TEST(catalog_dir_needs_no_hint)
{
	static const char *const hints[] = {NULL, "3", "12", "11", "99", "0", "-1", "nonsense", "", "12\n",
	                                    "9223372036854775807", "99999999999999999999999999"};

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		AUTO(bench) b = bench_twelve();
		AUTO(arena) a = ARENA_INIT;
		struct err e = ERR_NONE;
		str        text;

		if (hints[i] == NULL)
			CHECK_OK(store_remove(b.store, STR(METADATA "version-hint.text"), &e), &e);
		else
			CHECK_OK(store_replace(b.store, STR(METADATA "version-hint.text"),
			                       str_of(hints[i]), &e), &e);
		CHECK_STR(load(b.catalog, table, &a, &text), STR("12"));
		CHECK_STR(text, STR("12"));
		CHECK_INT(swap(b.catalog, STR("12"), STR("13")), 0);
		CHECK_STR(get(b.store, METADATA "version-hint.text", &a), STR("13")); /* healed */
	}
}

TEST(catalog_dir_lives_with_lost_old_versions)
{
	AUTO(bench) b = bench_twelve();
	AUTO(arena) a = ARENA_INIT;
	struct err e = ERR_NONE;
	str        text;

	for (int i = 1; i < 10; i++)
		CHECK_OK(store_remove(b.store, arena_format(&a, METADATA "v%d.metadata.json", i),
		                      &e), &e);
	CHECK_OK(store_replace(b.store, STR(METADATA "version-hint.text"), STR("3"), &e), &e);
	CHECK_STR(load(b.catalog, table, &a, &text), STR("12"));
	CHECK_ERR(create(b.catalog, table, STR("x")), ERR_CONFLICT);
}

TEST(catalog_dir_swap_stands_where_the_hint_fails)
{
	AUTO(bench) b = {.inner = store_new_mem()};
	AUTO(arena) a = ARENA_INIT;
	str text;

	b.store = store_new_fault(b.inner, NULL);
	b.catalog = catalog_new_dir(b.store);
	CHECK_INT(create(b.catalog, table, STR("one")), 0);
	store_fault_at(b.store, STORE_REPLACE, 1, FAULT_BEFORE);
	CHECK_INT(swap(b.catalog, STR("1"), STR("two")), 0);
	CHECK_STR(get(b.store, METADATA "version-hint.text", &a), STR("1"));
	CHECK_STR(load(b.catalog, table, &a, &text), STR("2"));
	store_fault_at(b.store, STORE_PUT_NEW, 1, FAULT_AFTER); /* the answer of the swap is lost */
	CHECK_INT(swap(b.catalog, STR("2"), STR("three")), 0);
	load(b.catalog, table, &a, &text);
	CHECK_STR(text, STR("three"));
}

TEST(catalog_dir_drop_cut_short_leaves_a_table_or_none)
{
	for (uint64_t nth = 1; nth <= 14; nth++) {
		AUTO(bench) b = {.inner = store_new_mem()};
		AUTO(arena) a = ARENA_INIT;
		struct err           e = ERR_NONE;
		struct catalog_table t;
		str                  text;
		int                  dropped;

		b.store = store_new_fault(b.inner, NULL);
		b.catalog = catalog_new_dir(b.store);
		CHECK_INT(create(b.catalog, table, STR("1")), 0);
		for (int i = 2; i <= 12; i++)
			CHECK_INT(swap(b.catalog, load(b.catalog, table, &a, &text),
			               arena_format(&a, "%d", i)), 0);
		store_fault_at(b.store, STORE_REMOVE, nth, FAULT_BEFORE);
		dropped = catalog_drop(b.catalog, space, table, &e);
		if (dropped == 0) {
			CHECK_ERR(catalog_load(b.catalog, space, table, &a, &t, &e), ERR_MISSING);
			continue;
		}
		CHECK_STR(load(b.catalog, table, &a, &text), STR("12"));
		CHECK_OK(catalog_drop(b.catalog, space, table, &e), &e);
	}
}

/* What a table of many files holds costs nothing to list past. */
TEST(catalog_dir_list_jumps_over_data)
{
	AUTO(bench) b = {.inner = store_new_mem()};
	AUTO(arena) a = ARENA_INIT;
	struct err e = ERR_NONE;
	uint64_t   before;

	b.store = store_new_fault(b.inner, NULL);
	b.catalog = catalog_new_dir(b.store);
	CHECK_INT(create(b.catalog, table, STR("x")), 0);
	CHECK_INT(create(b.catalog, STR("view"), STR("x")), 0);
	for (int i = 0; i < 500; i++)
		CHECK_OK(store_put_new(b.inner, arena_format(&a, "events/click/data/%d.parquet", i),
		                       STR("x"), &e), &e);
	CHECK_OK(store_put_new(b.inner, STR("events/readme.txt"), STR("x"), &e), &e);
	CHECK_OK(store_put_new(b.inner, STR("events/orphans/data/x.parquet"), STR("x"), &e), &e);
	CHECK_OK(store_put_new(b.inner, STR("events/Strange-Name/metadata/v1.metadata.json"),
	                       STR("x"), &e), &e);
	before = store_fault_calls(b.store, STORE_LIST);
	check_list(b.catalog, 0, "click view ");
	CHECK(store_fault_calls(b.store, STORE_LIST) - before <= 12);
}

#include "ingest/idmerge.h"

#include "os/clock.h"
#include "store/fault.h"
#include "tests/lib/test.h"

#define MINUTE_US INT64_C(60000000)

enum { RUNS_MAX = 80 };

/* --- which --------------------------------------------------------------------------------- */

/* Runs of so many ids, a minute after the other. */
static void runs_of(struct idrun_set *s, const uint64_t *counts, uint32_t count)
{
	*s = (struct idrun_set){0};
	for (uint32_t i = 0; i < count; i++)
		*VEC_ADD(&s->runs) = (struct id_run){.count = counts[i], .bytes = counts[i] * ID_BYTES, .time_us = i * MINUTE_US};
}

static const struct idmerge_conf easy = {.runs = 4, .bytes = 1 << 20, .window_us = 1000 * MINUTE_US};

#define LATER (9999 * MINUTE_US) /* they have all left the window */

/* "first+count", or "none". */
static str chosen(struct idrun_set *s, const struct idmerge_conf *conf, int64_t now_us, uint32_t from, uint32_t to)
{
	static char     text[32];
	struct id_group g;
	int             len = snprintf(text, sizeof(text), "none");

	if (idmerge_choose(s, conf, now_us, from, to, &g))
		len = snprintf(text, sizeof(text), "%u+%u", g.first, g.count);
	return str_make(text, (size_t)len);
}

#define CHOSEN(conf, now, ...)                                                                           \
	({                                                                                               \
		const uint64_t   counts_[] = {__VA_ARGS__};                                              \
		const uint32_t   count_ = sizeof(counts_) / sizeof(counts_[0]);                          \
		struct idrun_set s_;                                                                     \
		runs_of(&s_, counts_, count_);                                                           \
		str chosen_ = chosen(&s_, (conf), (now), 0, count_);                                     \
		VEC_DONE(&s_.runs);                                                                      \
		chosen_;                                                                                 \
	})

TEST(idmerge_chooses_neighbours_none_of_which_is_most_of_them)
{
	CHECK_STR(CHOSEN(&easy, LATER, 10, 10, 10), STR("none"));
	CHECK_STR(CHOSEN(&easy, LATER, 10, 10, 10, 10), STR("0+4"));
	CHECK_STR(CHOSEN(&easy, LATER, 100, 10, 10, 10, 10), STR("1+4"));
	CHECK_STR(CHOSEN(&easy, LATER, 10, 10, 10, 10, 100), STR("0+4"));
	CHECK_STR(CHOSEN(&easy, LATER, 100, 10, 10, 10), STR("none"));
	CHECK_STR(CHOSEN(&easy, LATER, 17, 9, 14, 20), STR("0+4")); /* commits are not of one size */
	CHECK_STR(CHOSEN(&easy, LATER, 60, 20, 20, 20), STR("0+4"));
	CHECK_STR(CHOSEN(&easy, LATER, 62, 20, 20, 20), STR("none"));
	CHECK_STR(CHOSEN(&easy, LATER, 40, 40, 40, 10, 10, 10, 10), STR("0+7")); /* two levels at once */
	CHECK_STR(CHOSEN(&easy, LATER, 1, 1, 1, 9, 1, 1, 1, 9, 1, 1), STR("0+10"));
	CHECK_STR(CHOSEN(&easy, LATER, 5, 5, 5, 5, 900, 5, 5, 5, 5), STR("5+4")); /* the newest first */
}

TEST(idmerge_leaves_groups_that_are_too_large)
{
	struct idmerge_conf small = easy;
	struct idrun_set    s;
	uint64_t            counts[RUNS_MAX];

	small.bytes = 100 * ID_BYTES;
	CHECK_STR(CHOSEN(&small, LATER, 25, 25, 25, 25), STR("0+4"));
	CHECK_STR(CHOSEN(&small, LATER, 25, 25, 26, 25), STR("none"));
	CHECK_STR(CHOSEN(&small, LATER, 10, 10, 10, 10, 90, 90, 90, 90), STR("0+4"));
	for (int i = 0; i < RUNS_MAX; i++)
		counts[i] = 1;
	runs_of(&s, counts, RUNS_MAX);
	CHECK_STR(chosen(&s, &easy, LATER, 0, RUNS_MAX), STR("64+16")); /* nor too many: each is an input */
	CHECK_STR(chosen(&s, &easy, LATER, 70, 75), STR("70+5"));
	CHECK_STR(chosen(&s, &easy, LATER, 77, 80), STR("none"));
	CHECK_STR(chosen(&s, &easy, LATER, 3, 3), STR("none"));
	VEC_DONE(&s.runs);
}

TEST(idmerge_keeps_ids_of_different_age_apart_within_the_window)
{
	struct idmerge_conf conf = easy;
	struct idrun_set    s;
	const uint64_t      counts[] = {1, 1, 1, 1, 1, 1, 1, 1};

	conf.window_us = 32 * MINUTE_US; /* an eighth: four minutes */
	runs_of(&s, counts, 8);
	CHECK_STR(chosen(&s, &conf, 8 * MINUTE_US, 0, 8), STR("4+4"));
	CHECK_STR(chosen(&s, &conf, 8 * MINUTE_US, 1, 5), STR("1+4"));
	CHECK_STR(chosen(&s, &conf, 8 * MINUTE_US, 0, 4), STR("none")); /* how old are the ids of the first? */
	conf.window_us = 31 * MINUTE_US;
	CHECK_STR(chosen(&s, &conf, 8 * MINUTE_US, 0, 8), STR("none"));
	CHECK_STR(chosen(&s, &conf, 36 * MINUTE_US, 0, 8), STR("0+5")); /* five have left it */
	CHECK_STR(chosen(&s, &conf, 99 * MINUTE_US, 0, 8), STR("0+8"));
	VEC_DONE(&s.runs);
}

/* The clock stepped, and stepped back: the run from then on is the newest of a group, or stays alone. */
TEST(idmerge_gives_no_run_an_older_time)
{
	struct idrun_set s;
	const uint64_t   counts[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};

	runs_of(&s, counts, 9);
	s.runs.at[4].time_us = 999 * MINUTE_US;
	CHECK_STR(chosen(&s, &easy, LATER, 0, 9), STR("5+4"));
	CHECK_STR(chosen(&s, &easy, LATER, 0, 8), STR("0+5"));
	CHECK_STR(chosen(&s, &easy, LATER, 2, 8), STR("none"));
	CHECK_STR(chosen(&s, &easy, 9 * MINUTE_US, 0, 9), STR("none")); /* in the window nobody knows how old ids are then */
	s.runs.at[4].time_us = 0;
	CHECK_STR(chosen(&s, &easy, LATER, 0, 9), STR("0+9"));
	VEC_DONE(&s.runs);
}

/* Sizes of commits: of one size, any, with a large one now and then, by day and night. */
static uint64_t size_of(int kind, uint64_t i)
{
	switch (kind) {
	case 0:
		return 50;
	case 1:
		return 1 + test_random() % 100;
	case 2:
		return 1 + test_random() % (i % 100 == 0 ? 5000 : 100);
	case 3:
		return i % 17 == 0 ? 1000 : 10;
	default:
		return i / 500 % 2 ? 1000 : 3;
	}
}

/* Whatever sizes commits have: few runs, and no id is written often. */
static void check_growth(int kind)
{
	const struct idmerge_conf conf = {.runs = 16, .bytes = UINT64_C(1) << 40, .window_us = INT64_C(1) << 60};
	struct idrun_set          s = {0};
	uint64_t                  ids = 0, written = 0;
	size_t                    most = 0;

	for (uint64_t i = 0; i < 10000; i++) {
		uint64_t        count = size_of(kind, i);
		struct id_group g;

		*VEC_ADD(&s.runs) = (struct id_run){.count = count, .bytes = count * ID_BYTES, .time_us = (int64_t)i};
		ids += count;
		if (idmerge_choose(&s, &conf, (int64_t)i, 0, (uint32_t)s.runs.count, &g)) {
			struct id_run *first = &s.runs.at[g.first];

			for (uint32_t k = 1; k < g.count; k++)
				first->count += first[k].count;
			first->bytes = first->count * ID_BYTES;
			first->time_us = first[g.count - 1].time_us;
			memmove(first + 1, first + g.count, (s.runs.count - g.first - g.count) * sizeof(*first));
			s.runs.count -= g.count - 1;
			written += first->count;
		}
		most = s.runs.count > most ? s.runs.count : most;
	}
	CHECK(most < 50);
	CHECK(written < 7 * ids);
	VEC_DONE(&s.runs);
}

TEST(idmerge_keeps_runs_few_and_writes_each_id_seldom)
{
	for (int kind = 0; kind < 5; kind++)
		check_growth(kind);
}

/* --- as one -------------------------------------------------------------------------------- */

struct bench {
	struct store    *inner, *fault;
	struct lake     *lake;
	struct idrun_set set;
	struct err       e;
};

static void bench_open(struct bench *b, size_t kept_bytes)
{
	*b = (struct bench){.inner = store_new_mem()};
	b->fault = store_new_fault(b->inner, NULL);
	CHECK_OK(lake_open(b->fault, catalog_new_mem(), clock_real(), true, &b->lake, &b->e), &b->e);
	idrun_set_init(&b->set, b->lake, kept_bytes);
}

static void bench_close(struct bench *b)
{
	idrun_set_done(&b->set);
	lake_close(b->lake);
	store_close(b->inner);
}

static void bench_add(struct bench *b, struct id_item *items, size_t count)
{
	AUTO(buf) bytes = BUF(0);
	char      name[32];
	str       key = str_make(name, (size_t)snprintf(name, sizeof(name), "run-%zu", b->set.runs.count));

	if (count > 1)
		qsort(items, count, sizeof(*items), id_item_order);
	idrun_write(items, count, &bytes);
	CHECK_OK(store_put_new(b->fault, key, buf_str(&bytes), &b->e), &b->e);
	CHECK_OK(idrun_set_add(&b->set, key, bytes.len, 0, buf_str(&bytes), &b->e), &b->e);
}

static struct id_item item(uint64_t number, int64_t hours)
{
	return (struct id_item){hash_bytes128(&number, sizeof(number), 3), number, (int64_t)(number % (uint64_t)hours) - 2};
}

/* The merged run is to the byte the one that would have been written of all ids at once. */
static void check_merged(uint32_t run_count, size_t ids, int64_t hours, size_t kept_bytes)
{
	struct bench    b;
	AUTO(buf)       got = BUF(0);
	AUTO(buf)       want = BUF(0);
	struct id_item *items = malloc((ids + 1) * sizeof(*items));
	size_t          at = 0;

	bench_open(&b, kept_bytes);
	for (size_t i = 0; i < ids; i++)
		items[i] = item(i, hours);
	for (uint32_t i = 0; i < run_count; i++) {
		size_t n = i + 1 < run_count ? (ids - at) * (test_random() % 4) / run_count : ids - at;

		bench_add(&b, items + at, n);
		at += n;
	}
	qsort(items, ids, sizeof(*items), id_item_order);
	idrun_write(items, ids, &want);
	CHECK_OK(idmerge_write(&b.set, &(struct id_group){0, run_count}, &got, &b.e), &b.e);
	CHECK_INT(got.len, want.len);
	CHECK(got.len == want.len && memcmp(got.ptr, want.ptr, got.len) == 0);
	bench_close(&b);
	free(items);
}

TEST(idmerge_writes_what_all_ids_at_once_would_be)
{
	check_merged(2, 2, 1, 0);
	check_merged(4, 1000, 5, 0);
	check_merged(7, 1000, 900, 1 << 20);
	check_merged(64, 30000, 3, 0);
	check_merged(5, 30000, 40, 1 << 19);
	check_merged(2, 500000, 1, 0); /* more than is read at once */
}

TEST(idmerge_passes_failures_on)
{
	struct bench   b;
	AUTO(buf)      out = BUF(0);
	AUTO(buf)      low = BUF(1000);
	struct id_item items[100];

	bench_open(&b, 0);
	for (uint64_t run = 0; run < 3; run++) {
		for (uint64_t i = 0; i < 100; i++)
			items[i] = item(run * 100 + i, 2);
		bench_add(&b, items, 100);
	}
	for (uint64_t nth = 1; nth <= 3; nth++) { /* each run is read at once */
		store_fault_at(b.fault, STORE_GET, nth, FAULT_BUSY);
		buf_clear(&out);
		CHECK_ERR(idmerge_write(&b.set, &(struct id_group){0, 3}, &out, &b.e), ERR_BUSY);
	}
	CHECK_ERR(idmerge_write(&b.set, &(struct id_group){0, 3}, &low, &b.e), ERR_LIMIT);
	bench_close(&b);
}

/* Runs that hold the same id of the same hour were not written by one dedupe. */
TEST(idmerge_refuses_an_id_that_is_there_twice)
{
	struct bench   b;
	AUTO(buf)      out = BUF(0);
	struct id_item one[2] = {item(1, 1), item(2, 1)}, two[2] = {item(2, 1), item(3, 1)};

	bench_open(&b, 1 << 20);
	bench_add(&b, one, 2);
	bench_add(&b, two, 2);
	CHECK_ERR(idmerge_write(&b.set, &(struct id_group){0, 2}, &out, &b.e), ERR_CORRUPT);
	CHECK(strstr(b.e.text, "run-0") != NULL && strstr(b.e.text, "twice") != NULL);
	bench_close(&b);
}

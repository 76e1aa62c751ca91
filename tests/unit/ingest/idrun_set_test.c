#include "ingest/idrun_set.h"

#include "os/clock.h"
#include "store/fault.h"
#include "tests/lib/test.h"

/* A store that turns a bit in some of what is read, and shortens others. */
struct shaky {
	struct store  base;
	struct store *inner;
	int           flips, cuts; /* of the next reads */
	size_t        within;      /* the first so many bytes of an object; 0: anywhere */
};

static int shaky_get(struct store *s, str key, uint64_t offset, uint64_t size, struct buf *out, struct err *e)
{
	struct shaky *shaky = (struct shaky *)s;
	size_t        before = out->len, range;

	TRY(store_get(shaky->inner, key, offset, size, out, e));
	range = out->len - before;
	if (shaky->within > 0 && offset + range > shaky->within)
		range = shaky->within - offset;
	if (shaky->flips > 0) {
		shaky->flips--;
		out->ptr[before + test_random() % range] ^= (char)(1 << test_random() % 8);
	} else if (shaky->cuts > 0) {
		shaky->cuts--;
		out->len -= 1 + test_random() % range;
	}
	return 0;
}

struct shelf {
	struct store    *inner, *fault;
	struct shaky     shaky;
	struct lake     *lake, seen; /* the lake, and as the set sees it */
	struct idrun_set set;
	struct err       e;
};

static void shelf_open(struct shelf *s, size_t kept_bytes)
{
	static const struct store_ops ops = {.kind = "shaky", .get = shaky_get};

	*s = (struct shelf){.inner = store_new_mem()};
	s->fault = store_new_fault(s->inner, NULL);
	CHECK_OK(lake_open(s->fault, catalog_new_mem(), clock_real(), true, &s->lake, &s->e), &s->e);
	s->shaky = (struct shaky){.base = {.ops = &ops}, .inner = s->fault};
	s->seen = *s->lake;
	s->seen.store = &s->shaky.base;
	idrun_set_init(&s->set, &s->seen, kept_bytes);
}

static void shelf_close(struct shelf *s)
{
	idrun_set_done(&s->set);
	lake_close(s->lake);
	store_close(s->inner);
}

/* A run of these items, in the store and in the set; is_given: the set is handed the bytes. */
static void shelf_add(struct shelf *s, struct id_item *items, size_t count, bool is_given)
{
	AUTO(buf) b = BUF(0);
	char      name[32];
	int       len = snprintf(name, sizeof(name), "run-%zu", s->set.runs.count);
	str       key = str_make(name, (size_t)len);

	if (count > 0)
		qsort(items, count, sizeof(*items), id_item_order);
	idrun_write(items, count, &b);
	CHECK_OK(store_put_new(s->fault, key, buf_str(&b), &s->e), &s->e);
	if (is_given)
		CHECK_OK(idrun_set_add(&s->set, key, b.len, 0, buf_str(&b), &s->e), &s->e);
	else
		CHECK_OK(idrun_set_load(&s->set, key, b.len, 0, false, &s->e), &s->e);
}

static int find(struct shelf *s, uint32_t section, uint64_t high, uint64_t low, uint64_t *payload)
{
	return idrun_set_find(&s->set, section, (struct hash128){high, low}, payload, &s->e);
}

enum spread { EVEN, LOW_END, HIGH_END, CLUSTERS, ONE_HIGH, SPREADS };

static struct id_item spread_item(enum spread how, uint64_t i)
{
	struct hash128 h = hash_bytes128(&i, sizeof(i), 9);

	switch (how) {
	case LOW_END:
		h.high = i * 3;
		break;
	case HIGH_END:
		h.high = UINT64_MAX - i * 3;
		break;
	case CLUSTERS:
		h.high = (h.high & 3) << 62 | (h.high >> 50);
		break;
	case ONE_HIGH:
		h.high = UINT64_C(1) << 63;
		break;
	default:
		break;
	}
	return (struct id_item){h, i, 0};
}

/* Each key is found with its payload, and none beside it, wherever keys lie. */
static void check_spread(enum spread how, size_t count, bool is_given)
{
	struct shelf    s;
	struct id_item *items = malloc((count + 1) * sizeof(*items));
	uint64_t        payload;
	size_t          stride = count / 500 + 1;

	shelf_open(&s, is_given ? 1 << 30 : 0);
	for (size_t i = 0; i < count; i++)
		items[i] = spread_item(how, i);
	shelf_add(&s, items, count, is_given);
	for (size_t i = 0; i < count; i += i + stride < count ? stride : 1) {
		struct hash128 key = items[i].key, next = i + 1 < count ? items[i + 1].key : (struct hash128){UINT64_MAX, UINT64_MAX};

		payload = UINT64_MAX;
		CHECK_INT(find(&s, 0, key.high, key.low, &payload), 1);
		CHECK_INT(payload, items[i].payload);
		if (key.high != next.high || key.low + 1 != next.low)
			CHECK_INT(find(&s, 0, key.high, key.low + 1, &payload), 0);
	}
	if (count > 0) {
		CHECK_INT(s.set.runs.at[0].count, count);
		CHECK_INT(find(&s, 0, 0, 0, &payload), 0);
		CHECK_INT(find(&s, 0, UINT64_MAX, UINT64_MAX, &payload), 0);
		CHECK_INT(find(&s, 0, UINT64_C(1) << 62, 5, &payload), 0);
	}
	shelf_close(&s);
	free(items);
}

TEST(idrun_set_finds_every_key_wherever_it_lies)
{
	static const size_t counts[] = {0, 1, 2, 3, 31, 33, 1000, 40000};

	for (int is_given = 0; is_given < 2; is_given++)
		for (enum spread how = 0; how < SPREADS; how++)
			for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
				check_spread(how, counts[c], is_given);
}

TEST(idrun_set_reads_little_of_an_even_run)
{
	struct shelf    s;
	const size_t    count = 100000;
	struct id_item *items = malloc(count * sizeof(*items));
	uint64_t        payload;

	shelf_open(&s, 0);
	for (size_t i = 0; i < count; i++)
		items[i] = spread_item(EVEN, i);
	shelf_add(&s, items, count, false);
	for (size_t i = 0; i < 1000; i++)
		CHECK_INT(find(&s, 0, items[i * 100].key.high, items[i * 100].key.low, &payload), 1);
	CHECK(s.set.reads < 1050); /* the blocks about it, seldom more */
	shelf_close(&s);
	free(items);
}

TEST(idrun_set_keeps_the_newest_runs_within_its_ceiling)
{
	struct shelf   s;
	struct id_item items[100];
	uint64_t       payload;

	shelf_open(&s, 6000); /* two runs of 2,448 bytes */
	for (uint64_t run = 0; run < 5; run++) {
		for (uint64_t i = 0; i < 100; i++)
			items[i] = spread_item(EVEN, run * 100 + i);
		shelf_add(&s, items, 100, true);
	}
	CHECK(s.set.kept_bytes <= 6000);
	for (uint32_t run = 0; run < 5; run++) {
		for (uint64_t i = 0; i < 100; i++) {
			struct id_item want = spread_item(EVEN, run * 100 + i);

			CHECK_INT(find(&s, run, want.key.high, want.key.low, &payload), 1);
			CHECK_INT(payload, want.payload);
		}
		CHECK_INT(s.set.runs.at[run].kept != NULL, run >= 3);
	}
	shelf_close(&s);
}

static void count_key(void *context, struct hash128 key, uint32_t section)
{
	uint64_t *seen = context;

	(void)key;
	seen[section]++;
}

TEST(idrun_set_walks_sections_and_filters_deny_nothing)
{
	struct shelf   s;
	const uint64_t count = 3000;
	struct id_item items[3000];
	uint64_t       seen[4] = {0};
	int            maybe = 0;

	shelf_open(&s, 0);
	for (int run = 0; run < 2; run++) {
		for (uint64_t i = 0; i < count; i++) {
			items[i] = spread_item(EVEN, i + (uint64_t)run * count);
			items[i].hour = i % 3 == 0;
		}
		shelf_add(&s, items, count, false);
	}
	CHECK_OK(idrun_set_walk(&s.set, 1, count_key, seen, &s.e), &s.e);
	CHECK_INT(seen[0] + seen[1], 0);
	CHECK_INT(seen[2], 2000);
	CHECK_INT(seen[3], 1000);
	CHECK_OK(idrun_set_filter(&s.set, 0, &s.e), &s.e);
	for (uint64_t i = 0; i < count; i++) {
		CHECK(idrun_may_hold(&s.set.runs.at[0], spread_item(EVEN, i).key));
		maybe += idrun_may_hold(&s.set.runs.at[0], spread_item(EVEN, i + count).key);
	}
	CHECK(maybe < 60); /* of a hundred, two */
	shelf_close(&s);
}

struct walked {
	struct hash128 last;
	uint32_t       section;
	uint64_t       count;
	bool           is_ordered;
};

static void walk_key(void *context, struct hash128 key, uint32_t section)
{
	struct walked *w = context;

	w->is_ordered &= section > w->section || (section == w->section && (w->count == 0 || hash128_cmp(w->last, key) < 0));
	w->section = section;
	w->last = key;
	w->count++;
}

/* Many small sections are one read, a large one several. */
TEST(idrun_set_walks_over_sections_in_large_steps)
{
	static const struct { uint64_t count; int64_t hours; uint64_t reads; } shapes[] = {
		{1, 1, 1}, {3000, 900, 1}, {120000, 7, 1}, {400000, 7, 2}, {400000, 1, 2}, {100000, 100000, 1}, {300000, 300000, 2},
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct shelf    s;
		struct id_item *items = malloc(shapes[i].count * sizeof(*items));
		struct walked   walked = {.is_ordered = true};

		shelf_open(&s, 0);
		for (uint64_t k = 0; k < shapes[i].count; k++) {
			items[k] = spread_item(EVEN, k);
			items[k].hour = (int64_t)(k % (uint64_t)shapes[i].hours);
		}
		shelf_add(&s, items, shapes[i].count, true);
		CHECK_OK(idrun_set_walk(&s.set, 0, walk_key, &walked, &s.e), &s.e);
		CHECK(walked.is_ordered);
		CHECK_INT(walked.count, shapes[i].count);
		CHECK_INT(walked.section, shapes[i].hours - 1);
		CHECK_INT(s.set.reads, shapes[i].reads);
		shelf_close(&s);
		free(items);
	}
}

/* What is wanted whole costs one read; what is not, its head. */
TEST(idrun_set_reads_once_what_it_is_to_walk)
{
	enum { COUNT = 100000 }; /* 2.4 MB */
	struct id_item *items = malloc(COUNT * sizeof(*items));

	for (uint64_t k = 0; k < COUNT; k++)
		items[k] = spread_item(EVEN, k);
	for (int is_wanted = 0; is_wanted < 2; is_wanted++) {
		struct shelf  s;
		struct walked walked = {.is_ordered = true};

		shelf_open(&s, 1 << 30);
		shelf_add(&s, items, COUNT, true);
		CHECK_OK(idrun_set_load(&s.set, STR("run-0"), s.set.runs.at[0].bytes, 0, is_wanted, &s.e), &s.e);
		CHECK_INT(s.set.runs.at[1].kept != NULL, is_wanted);
		CHECK_OK(idrun_set_walk(&s.set, 1, walk_key, &walked, &s.e), &s.e);
		CHECK(walked.is_ordered);
		CHECK_INT(walked.count, COUNT);
		CHECK_INT(s.set.reads, !is_wanted);
		shelf_close(&s);
	}
	free(items);
}

TEST(idrun_set_passes_failures_on_and_believes_no_half_filter)
{
	struct shelf   s;
	struct id_item items[10];
	uint64_t       payload;

	shelf_open(&s, 0);
	for (uint64_t i = 0; i < 10; i++)
		items[i] = spread_item(EVEN, i);
	shelf_add(&s, items, 10, false);
	store_fault_at(s.fault, STORE_GET, 1, FAULT_BEFORE);
	CHECK_ERR(find(&s, 0, items[3].key.high, items[3].key.low, &payload), ERR_IO);
	store_fault_at(s.fault, STORE_GET, 1, FAULT_BEFORE);
	CHECK_ERR(idrun_set_filter(&s.set, 0, &s.e), ERR_IO);
	CHECK(s.set.runs.at[0].filter == NULL);
	CHECK_OK(idrun_set_filter(&s.set, 0, &s.e), &s.e);
	CHECK(idrun_may_hold(&s.set.runs.at[0], items[3].key));
	CHECK_ERR(idrun_set_load(&s.set, STR("absent"), 100, 0, false, &s.e), ERR_MISSING);
	CHECK_OK(store_put_new(s.fault, STR("short"), STR("TARNIDS2"), &s.e), &s.e);
	CHECK_ERR(idrun_set_load(&s.set, STR("short"), 8, 0, false, &s.e), ERR_CORRUPT);
	CHECK_INT(s.set.runs.count, 1);
	shelf_close(&s);
}

/* --- what was damaged on the way, or where it lies ------------------------------------------------ */

static bool says(const struct shelf *s, const char *word)
{
	return strstr(s->e.text, word) != NULL;
}

TEST(idrun_set_reads_again_what_does_not_prove_and_then_stops)
{
	struct shelf    s;
	const uint64_t  count = 3000;
	struct id_item *items = malloc(count * sizeof(*items));
	uint64_t        payload, seen[2] = {0};

	shelf_open(&s, 0);
	for (uint64_t i = 0; i < count; i++)
		items[i] = spread_item(EVEN, i);
	shelf_add(&s, items, count, false);
	for (int round = 0; round < 300; round++) {
		const struct id_item *want = &items[test_random() % count];

		*(round % 2 ? &s.shaky.flips : &s.shaky.cuts) = 1;
		CHECK_INT(find(&s, 0, want->key.high, want->key.low, &payload), 1);
		CHECK_INT(payload, want->payload);
		*(round % 2 ? &s.shaky.flips : &s.shaky.cuts) = 2;
		CHECK_ERR(find(&s, 0, want->key.high, want->key.low, &payload), ERR_CORRUPT);
		CHECK(says(&s, "run-0"));
		CHECK_INT(s.shaky.flips + s.shaky.cuts, 0);
	}
	s.shaky.flips = 1;
	CHECK_OK(idrun_set_walk(&s.set, 0, count_key, seen, &s.e), &s.e);
	CHECK_INT(seen[0], count);
	s.shaky.flips = 2;
	CHECK_ERR(idrun_set_filter(&s.set, 0, &s.e), ERR_CORRUPT);
	CHECK(s.set.runs.at[0].filter == NULL);
	shelf_close(&s);
	free(items);
}

/* Of a small run all is read, of a large one the head: and more of it where it is long. */
TEST(idrun_set_takes_no_run_that_does_not_prove)
{
	static const struct { uint64_t count; int64_t hours; size_t looked_at; } shapes[] = {
		{10, 1, 0}, {2000, 40, 0}, {5000, 2, 16 + 2 * 16 + 8}, {6000, 5900, 16 + 5900 * 16 + 8},
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct shelf    s;
		uint64_t        count = shapes[i].count;
		struct id_item *items = malloc(count * sizeof(*items));
		uint64_t        bytes;

		shelf_open(&s, 1 << 20);
		for (uint64_t k = 0; k < count; k++) {
			items[k] = spread_item(EVEN, k);
			items[k].hour = (int64_t)k % shapes[i].hours;
		}
		shelf_add(&s, items, count, true);
		bytes = s.set.runs.at[0].bytes;
		s.shaky.within = shapes[i].looked_at;
		for (int round = 0; round < 100; round++) {
			s.shaky.flips = 4;
			CHECK_ERR(idrun_set_load(&s.set, STR("run-0"), bytes, 0, false, &s.e), ERR_CORRUPT);
			CHECK(says(&s, "run-0"));
			s.shaky.flips = 0;
			s.shaky.cuts = 4;
			CHECK_ERR(idrun_set_load(&s.set, STR("run-0"), bytes, 0, false, &s.e), ERR_CORRUPT);
			s.shaky.cuts = 0;
		}
		CHECK_INT(s.set.runs.count, 1);
		s.shaky.flips = 1;
		CHECK_OK(idrun_set_load(&s.set, STR("run-0"), bytes, 0, false, &s.e), &s.e);
		s.shaky.cuts = 1;
		CHECK_OK(idrun_set_load(&s.set, STR("run-0"), bytes, 0, false, &s.e), &s.e);
		CHECK_INT(s.set.runs.at[2].kept != NULL, shapes[i].looked_at == 0);
		shelf_close(&s);
		free(items);
	}
}

TEST(idrun_set_stops_at_a_run_that_is_damaged_where_it_lies)
{
	struct shelf   s;
	struct id_item items[300];
	AUTO(buf)      bytes = BUF(0);
	uint64_t       payload;

	shelf_open(&s, 0);
	for (uint64_t i = 0; i < 300; i++)
		items[i] = spread_item(EVEN, i);
	shelf_add(&s, items, 300, false);
	CHECK_OK(store_get(s.inner, STR("run-0"), 0, 0, &bytes, &s.e), &s.e);
	bytes.ptr[bytes.len - 20] ^= 1; /* in the second of two blocks */
	CHECK_OK(store_replace(s.inner, STR("run-0"), buf_str(&bytes), &s.e), &s.e);
	CHECK_INT(find(&s, 0, items[0].key.high, items[0].key.low, &payload), 1);
	CHECK_ERR(find(&s, 0, items[299].key.high, items[299].key.low, &payload), ERR_CORRUPT);
	CHECK(says(&s, "run of ids run-0: bytes ") && says(&s, "do not fit their checksums"));
	shelf_close(&s);
}

/* --- runs that become one --------------------------------------------------------------------- */

enum { RUNS = 12, RUN_IDS = 400 };

static struct id_item run_item(unsigned run, uint64_t i)
{
	struct id_item item = spread_item(EVEN, run * RUN_IDS + i);

	item.hour = (int64_t)((run + i) % 5);
	return item;
}

/* Where an id of a run is to be found: the section with its hour. */
static uint32_t section_of(const struct shelf *s, size_t run, int64_t hour)
{
	const struct id_run *r = &s->set.runs.at[run];

	for (uint32_t i = r->first_section; i < r->first_section + r->section_count; i++)
		if (s->set.places.at[i].section.hour == hour)
			return i;
	return UINT32_MAX;
}

static void merge_runs(struct shelf *s, unsigned first, unsigned count)
{
	AUTO(buf)       bytes = BUF(0);
	struct id_item *items = malloc(count * RUN_IDS * sizeof(*items));

	for (unsigned i = 0; i < count * RUN_IDS; i++)
		items[i] = run_item(first + i / RUN_IDS, i % RUN_IDS);
	qsort(items, count * RUN_IDS, sizeof(*items), id_item_order);
	idrun_write(items, count * RUN_IDS, &bytes);
	CHECK_OK(store_put_new(s->fault, STR("merged"), buf_str(&bytes), &s->e), &s->e);
	CHECK_OK(idrun_set_replace(&s->set, first, count, STR("merged"), &bytes, &s->e), &s->e);
	CHECK_INT(bytes.len, 0);
	free(items);
}

static void check_replaced(unsigned first, unsigned count, size_t kept_bytes, bool has_filters)
{
	struct shelf   s;
	struct id_item items[RUN_IDS];
	uint32_t       before[RUNS][5];
	uint64_t       payload;

	shelf_open(&s, kept_bytes);
	for (unsigned run = 0; run < RUNS; run++) {
		for (uint64_t i = 0; i < RUN_IDS; i++)
			items[i] = run_item(run, i);
		shelf_add(&s, items, RUN_IDS, true);
		s.set.runs.at[run].time_us = run;
		for (int64_t hour = 0; hour < 5; hour++)
			before[run][hour] = section_of(&s, run, hour);
	}
	for (uint32_t run = 0; run < RUNS && has_filters; run++)
		CHECK_OK(idrun_set_filter(&s.set, run, &s.e), &s.e);
	merge_runs(&s, first, count);
	CHECK_INT(s.set.runs.count, RUNS - count + 1);
	CHECK_STR(s.set.runs.at[first].key, STR("merged"));
	CHECK_INT(s.set.runs.at[first].time_us, first + count - 1);
	CHECK_INT(s.set.runs.at[first].filter != NULL, has_filters);
	CHECK_INT(s.set.runs.at[first].kept != NULL, kept_bytes > 0);
	CHECK(s.set.kept_bytes <= kept_bytes);
	for (unsigned run = 0; run < RUNS; run++) {
		size_t now = run < first ? run : run < first + count ? first : run - count + 1;

		for (uint64_t i = 0; i < RUN_IDS; i++) {
			struct id_item want = run_item(run, i);
			uint32_t       section = section_of(&s, now, want.hour);

			CHECK_INT(s.set.moved.at[before[run][want.hour]], section);
			CHECK_INT(s.set.places.at[section].run, now);
			CHECK_INT(find(&s, section, want.key.high, want.key.low, &payload), 1);
			CHECK_INT(payload, want.payload);
			CHECK(!has_filters || idrun_may_hold(&s.set.runs.at[now], want.key));
		}
	}
	shelf_close(&s);
}

TEST(idrun_set_says_where_sections_went_when_runs_become_one)
{
	check_replaced(0, RUNS, 0, false);
	check_replaced(0, RUNS, 1 << 20, true);
	check_replaced(0, 2, 1 << 20, false);
	check_replaced(RUNS - 2, 2, 0, true);
	check_replaced(3, 5, 1 << 20, true);
	check_replaced(3, 5, 0, false);
}

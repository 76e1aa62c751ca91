#include "ingest/idrun_set.h"

#include "os/clock.h"
#include "store/fault.h"
#include "tests/lib/test.h"

struct shelf {
	struct store    *inner, *fault;
	struct lake     *lake;
	struct idrun_set set;
	struct err       e;
};

static void shelf_open(struct shelf *s, size_t kept_bytes)
{
	*s = (struct shelf){.inner = store_new_mem()};
	s->fault = store_new_fault(s->inner, NULL);
	CHECK_OK(lake_open(s->fault, catalog_new_mem(), clock_real(), true, &s->lake, &s->e), &s->e);
	idrun_set_init(&s->set, s->lake, kept_bytes);
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
	CHECK_OK(idrun_set_add(&s->set, key, b.len, 0, is_given ? buf_str(&b) : (str){0}, &s->e), &s->e);
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

	shelf_open(&s, 1 << 30);
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
		CHECK_INT(find(&s, 0, 0, 0, &payload), 0);
		CHECK_INT(find(&s, 0, UINT64_MAX, UINT64_MAX, &payload), 0);
		CHECK_INT(find(&s, 0, UINT64_C(1) << 62, 5, &payload), 0);
	}
	CHECK_INT(idrun_set_keys(&s.set, 0), count);
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
	CHECK(s.set.reads < 2100); /* the keys about it and its payload, seldom more */
	shelf_close(&s);
	free(items);
}

TEST(idrun_set_keeps_the_newest_runs_within_its_ceiling)
{
	struct shelf   s;
	struct id_item items[100];
	uint64_t       payload;

	shelf_open(&s, 6000); /* two runs of 2,432 bytes */
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
	CHECK_ERR(idrun_set_add(&s.set, STR("absent"), 100, 0, (str){0}, &s.e), ERR_MISSING);
	CHECK_OK(store_put_new(s.fault, STR("short"), STR("TARNIDS1"), &s.e), &s.e);
	CHECK_ERR(idrun_set_add(&s.set, STR("short"), 8, 0, (str){0}, &s.e), ERR_CORRUPT);
	CHECK_INT(s.set.runs.count, 1);
	shelf_close(&s);
}

#include "ingest/dedupe.h"

#include "ingest/idsweep.h"
#include "os/clock.h"
#include "store/fault.h"
#include "tests/lib/test.h"

#define HOUR_US INT64_C(3600000000)
#define START_US (INT64_C(400000) * HOUR_US)

struct slow_clock {
	struct clock base;
	int64_t      now_us;
};

static int64_t slow_now(struct clock *c)
{
	return ((struct slow_clock *)c)->now_us;
}

static void slow_sleep(struct clock *c, int64_t us)
{
	((struct slow_clock *)c)->now_us += us;
}

static void slow_random(struct clock *c, void *into, size_t size)
{
	uint64_t number = test_random();

	(void)c;
	for (size_t i = 0; i < size; i++)
		((char *)into)[i] = (char)(number >> (i % 8 * 8));
}

/* A lake with one journal and the dedupe of one pipeline. */
struct desk {
	struct slow_clock    clock;
	struct store        *inner, *fault;
	struct lake         *lake;
	struct journal       journal;
	struct journal_state state;
	struct dedupe       *dedupe;
	struct dedupe_conf   conf;
	struct err           e;
};

static void desk_start(struct desk *d)
{
	d->fault = store_new_fault(d->inner, NULL);
	CHECK_OK(lake_open(d->fault, catalog_new_mem(), &d->clock.base, true, &d->lake, &d->e), &d->e);
	CHECK_OK(journal_open(d->lake, STR("0"), &d->journal, &d->state, &d->e), &d->e);
	CHECK_OK(dedupe_open(d->lake, &d->conf, &d->state, &d->dedupe, &d->e), &d->e);
}

static void desk_stop(struct desk *d)
{
	dedupe_close(d->dedupe);
	state_done(&d->state);
	lake_close(d->lake);
}

static void desk_open(struct desk *d, int64_t window_us, size_t memory_bytes)
{
	*d = (struct desk){
		.clock = {{slow_now, slow_now, slow_sleep, slow_random}, START_US},
		.inner = store_new_mem(),
		.conf = {.pipeline = STR("p"), .window_us = window_us, .memory_bytes = memory_bytes},
	};
	desk_start(d);
}

static void desk_restart(struct desk *d)
{
	desk_stop(d);
	desk_start(d);
}

static void desk_close(struct desk *d)
{
	desk_stop(d);
	store_close(d->inner);
}

static void desk_commit(struct desk *d, bool is_crash)
{
	AUTO(journal_entry) entry = {0};
	struct origin       o = {STR("0"), d->journal.epoch, d->journal.head + 1};

	CHECK_OK(dedupe_write_runs(d->dedupe, &o, 0, &entry, &d->e), &d->e);
	if (is_crash) {
		desk_restart(d);
		return;
	}
	CHECK_OK(journal_commit(&d->journal, &entry, &d->e), &d->e);
	CHECK_OK(dedupe_committed(d->dedupe, &entry, &d->e), &d->e);
	CHECK_INT(dedupe_overlay_count(d->dedupe), 0);
}

static enum dedupe_verdict take(struct desk *d, uint64_t id, uint64_t payload, int64_t hour)
{
	enum dedupe_verdict v = DEDUPE_NEW;
	struct hash128      key = hash_bytes128(&id, sizeof(id), 17);

	dedupe_prefetch(d->dedupe, key);
	CHECK_OK(dedupe_take(d->dedupe, key, payload, START_US + hour * HOUR_US + 5, &v, &d->e), &d->e);
	return v;
}

TEST(dedupe_tells_new_repeat_and_conflict)
{
	struct desk d;

	desk_open(&d, 100 * HOUR_US, 0);
	CHECK_INT(take(&d, 1, 10, 0), DEDUPE_NEW);
	CHECK_INT(take(&d, 1, 10, 0), DEDUPE_DUPLICATE);
	CHECK_INT(take(&d, 1, 10, 7), DEDUPE_DUPLICATE); /* its time may be another */
	CHECK_INT(take(&d, 1, 11, 0), DEDUPE_CONFLICT);
	CHECK_INT(take(&d, 1, 10, 0), DEDUPE_DUPLICATE); /* the first stays the one */
	CHECK_INT(take(&d, 2, 10, 0), DEDUPE_NEW);
	desk_commit(&d, false);
	for (int round = 0; round < 2; round++) {
		CHECK_INT(take(&d, 1, 10, 3), DEDUPE_DUPLICATE);
		CHECK_INT(take(&d, 2, 11, -3), DEDUPE_CONFLICT);
		desk_restart(&d);
	}
	CHECK_INT(take(&d, 3, 1, 0), DEDUPE_NEW);
	desk_close(&d);
}

TEST(dedupe_forgets_what_was_not_committed)
{
	struct desk d;

	desk_open(&d, 100 * HOUR_US, 0);
	CHECK_INT(take(&d, 1, 1, 0), DEDUPE_NEW);
	desk_commit(&d, true);
	CHECK_INT(take(&d, 1, 1, 0), DEDUPE_NEW);
	desk_commit(&d, false);
	desk_commit(&d, false); /* nothing to write: no run */
	desk_restart(&d);
	CHECK_INT(take(&d, 1, 1, 0), DEDUPE_DUPLICATE);
	CHECK_INT(d.state.runs.count, 1);
	desk_close(&d);
}

TEST(dedupe_looks_only_into_its_own_pipeline)
{
	struct desk d;

	desk_open(&d, 100 * HOUR_US, 0);
	CHECK_INT(take(&d, 1, 1, 0), DEDUPE_NEW);
	desk_commit(&d, false);
	d.conf.pipeline = STR("q");
	desk_restart(&d);
	CHECK_INT(take(&d, 1, 1, 0), DEDUPE_NEW);
	desk_close(&d);
}

/* Two reaches: by arrival within the window, by event hour beyond it. */
TEST(dedupe_finds_by_hour_what_is_older_than_the_window)
{
	struct desk d;

	desk_open(&d, 10 * HOUR_US, 0);
	for (uint64_t id = 0; id < 5000; id++)
		CHECK_INT(take(&d, id, id, (int64_t)(id % 3)), DEDUPE_NEW);
	desk_commit(&d, false);
	d.clock.now_us += 9 * HOUR_US;
	desk_restart(&d);
	CHECK_INT(take(&d, 7, 7, 99), DEDUPE_DUPLICATE);
	d.clock.now_us += 2 * HOUR_US;
	desk_restart(&d);
	CHECK_INT(take(&d, 7, 7, 1), DEDUPE_DUPLICATE);
	CHECK_INT(take(&d, 7, 8, 1), DEDUPE_CONFLICT);
	CHECK_INT(take(&d, 7, 7, 2), DEDUPE_NEW); /* restamped after so long: nobody can tell */
	CHECK_INT(take(&d, 7, 7, 2), DEDUPE_DUPLICATE);
	CHECK_INT(take(&d, 5001, 1, 1), DEDUPE_NEW);
	desk_close(&d);
}

TEST(dedupe_lets_a_failing_store_fail_it_and_goes_on_after)
{
	struct desk         d;
	enum dedupe_verdict v;
	uint64_t            id = 1;
	struct hash128      key = hash_bytes128(&id, sizeof(id), 17);

	desk_open(&d, 10 * HOUR_US, 0);
	for (uint64_t i = 1; i < 4000; i++)
		CHECK_INT(take(&d, i, 1, 0), DEDUPE_NEW);
	desk_commit(&d, false);
	d.clock.now_us += 11 * HOUR_US;
	desk_restart(&d); /* the run is in the store alone: of an old one so large only the head is read */
	store_fault_at(d.fault, STORE_GET, 1, FAULT_BUSY);
	CHECK_ERR(dedupe_take(d.dedupe, key, 1, START_US, &v, &d.e), ERR_BUSY);
	CHECK_INT(take(&d, 1, 1, 0), DEDUPE_DUPLICATE);
	desk_close(&d);
}

/* --- runs that become one ------------------------------------------------------------------ */

enum { GROUP = 4, BATCH = 50 };

static int count_object(void *context, str key, uint64_t size, struct err *e)
{
	(void)key, (void)size, (void)e;
	++*(int *)context;
	return 0;
}

static int objects(struct desk *d)
{
	int count = 0;

	CHECK_OK(store_list(d->inner, STR("_tarn/ids/"), STR(""), count_object, &count, &d->e), &d->e);
	return count;
}

static void take_batch(struct desk *d, uint64_t batch, enum dedupe_verdict want)
{
	for (uint64_t id = batch * BATCH; id < (batch + 1) * BATCH; id++)
		CHECK_INT(take(d, id, id, (int64_t)(id % 3)), want);
}

/* So many commits, each of new ids, a minute after the other. */
static void commit_batches(struct desk *d, uint64_t from, uint64_t to)
{
	for (uint64_t batch = from; batch < to; batch++) {
		take_batch(d, batch, DEDUPE_NEW);
		desk_commit(d, false);
		d->clock.now_us += HOUR_US / 60;
	}
}

static uint64_t runs(const struct desk *d)
{
	struct dedupe_counts counts;

	dedupe_count(d->dedupe, &counts);
	return counts.runs;
}

/* All but the first, of whose ids nobody knows how long they have been in the window. */
TEST(dedupe_makes_runs_one_with_a_commit)
{
	struct desk d;

	desk_open(&d, 100 * HOUR_US, 0);
	d.conf.merge_runs = GROUP;
	desk_restart(&d);
	commit_batches(&d, 0, 1 + GROUP);
	CHECK_INT(runs(&d), 1 + GROUP);
	commit_batches(&d, 1 + GROUP, 2 + GROUP);
	CHECK_INT(runs(&d), 3); /* the first, the four, and the one they came with */
	CHECK_INT(objects(&d), 3);
	for (int round = 0; round < 2; round++) {
		for (uint64_t batch = 0; batch < 2 + GROUP; batch++)
			take_batch(&d, batch, DEDUPE_DUPLICATE);
		desk_restart(&d);
		CHECK_INT(runs(&d), 3);
		CHECK_INT(d.state.runs.at[1].count, GROUP * BATCH);
	}
	commit_batches(&d, 2 + GROUP, 200);
	CHECK(runs(&d) < 20);
	CHECK_INT(objects(&d), runs(&d));
	desk_restart(&d);
	CHECK_INT(objects(&d), runs(&d));
	for (uint64_t batch = 0; batch < 200; batch++)
		take_batch(&d, batch, DEDUPE_DUPLICATE);
	desk_close(&d);
}

static bool is_there(struct desk *d, const char *key)
{
	uint64_t   size;
	struct err e = ERR_NONE;

	return store_size(d->inner, str_of(key), &size, &e) == 0;
}

/* What a crash left goes: of replaced runs as of those that never were. What is not garbage by the journal's word stays. */
TEST(ids_sweep_removes_the_runs_that_nobody_asks_for)
{
	static const char *const others[] = {"_tarn/ids/0/notes.txt", "_tarn/ids/r1/Lr1-E1-S1-0.ids", "_tarn/ids/0/L0-E1-S999-0.ids"};
	struct desk         d;
	AUTO(journal_entry) lost = {0};
	struct origin       o;

	desk_open(&d, 100 * HOUR_US, 0);
	d.conf.merge_runs = GROUP;
	desk_restart(&d);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		CHECK_OK(store_put_sure(d.inner, str_of(others[i]), STR("x"), &d.e), &d.e);
	commit_batches(&d, 0, 1 + GROUP);
	take_batch(&d, 1 + GROUP, DEDUPE_NEW);
	store_fault_at(d.fault, STORE_REMOVE, 2, FAULT_BUSY);
	desk_commit(&d, false);
	CHECK_INT(runs(&d), 3);
	CHECK_INT(objects(&d), 3 + 1 + 3); /* one of the replaced is there still */
	take_batch(&d, 2 + GROUP, DEDUPE_NEW);
	o = (struct origin){STR("0"), d.journal.epoch, d.journal.head + 1};
	CHECK_OK(dedupe_write_runs(d.dedupe, &o, 0, &lost, &d.e), &d.e); /* and the next entry may yet name this one */
	ids_sweep(d.lake, STR("0"), &d.state);
	CHECK_INT(objects(&d), 3 + 1 + 1 + 3);
	desk_restart(&d); /* a fence has its place now */
	ids_sweep(d.lake, STR("0"), &d.state);
	CHECK_INT(runs(&d), 3);
	CHECK_INT(objects(&d), 3 + 3);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		CHECK(is_there(&d, others[i]));
	desk_restart(&d);
	for (uint64_t batch = 0; batch < 2 + GROUP; batch++)
		take_batch(&d, batch, DEDUPE_DUPLICATE);
	take_batch(&d, 2 + GROUP, DEDUPE_NEW);
	store_fault_at(d.fault, STORE_LIST, 1, FAULT_BUSY);
	ids_sweep(d.lake, STR("0"), &d.state); /* it cannot now: nothing is wrong */
	desk_close(&d);
}

/* Nothing is changed by a merged run whose entry never was. */
TEST(dedupe_forgets_a_merged_run_that_was_not_committed)
{
	struct desk         d;
	AUTO(journal_entry) lost = {0};
	struct origin       o;

	desk_open(&d, 100 * HOUR_US, 0);
	d.conf.merge_runs = GROUP;
	desk_restart(&d);
	commit_batches(&d, 0, 1 + GROUP);
	o = (struct origin){STR("0"), d.journal.epoch, d.journal.head + 7};
	take_batch(&d, 1 + GROUP, DEDUPE_NEW);
	CHECK_OK(dedupe_write_runs(d.dedupe, &o, 0, &lost, &d.e), &d.e);
	CHECK_INT(lost.ids.count, 2);
	CHECK_INT(lost.ids.at[0].replaced_count, GROUP);
	CHECK_INT(objects(&d), 1 + GROUP + 2);
	take_batch(&d, 1 + GROUP, DEDUPE_DUPLICATE); /* in the overlay still */
	take_batch(&d, 1, DEDUPE_DUPLICATE);
	desk_commit(&d, false);                      /* another entry: under other names */
	CHECK_INT(runs(&d), 3);
	CHECK_INT(objects(&d), 3 + 2);               /* what the lost one left is garbage */
	for (uint64_t batch = 0; batch < 2 + GROUP; batch++)
		take_batch(&d, batch, DEDUPE_DUPLICATE);
	desk_commit(&d, true);
	for (uint64_t batch = 0; batch < 2 + GROUP; batch++)
		take_batch(&d, batch, DEDUPE_DUPLICATE);
	desk_close(&d);
}

TEST(dedupe_goes_on_where_replaced_runs_cannot_be_removed)
{
	struct desk d;

	desk_open(&d, 100 * HOUR_US, 0);
	d.conf.merge_runs = GROUP;
	desk_restart(&d);
	commit_batches(&d, 0, 1 + GROUP);
	store_fault_at(d.fault, STORE_REMOVE, 1, FAULT_BEFORE);
	store_fault_at(d.fault, STORE_REMOVE, 3, FAULT_BUSY);
	commit_batches(&d, 1 + GROUP, 2 + GROUP);
	CHECK_INT(runs(&d), 3);
	CHECK_INT(objects(&d), 3 + 2);
	desk_restart(&d);
	CHECK_INT(runs(&d), 3);
	take_batch(&d, 1, DEDUPE_DUPLICATE);
	desk_close(&d);
}

/* A run of old and new ids would keep the old ones in the window. */
TEST(dedupe_keeps_ids_in_the_window_little_longer_for_a_merge)
{
	struct desk d;

	desk_open(&d, 8 * HOUR_US, 0);
	d.conf.merge_runs = 2;
	desk_restart(&d);
	for (uint64_t batch = 0; batch < 20; batch++) {
		commit_batches(&d, batch, batch + 1);
		d.clock.now_us += HOUR_US / 2;
	}
	desk_restart(&d);
	for (size_t i = 1; i < d.state.runs.count; i++) {
		int64_t now_us = d.clock.now_us, at_us = d.state.runs.at[i].time_us;

		if (at_us >= now_us - 8 * HOUR_US)
			CHECK_INT(d.state.runs.at[i].count, BATCH);
	}
	CHECK(d.state.runs.count < 20); /* those that have left it are together */
	take_batch(&d, 0, DEDUPE_DUPLICATE);
	CHECK_INT(take(&d, 0, 0, 2), DEDUPE_NEW); /* its hour was another */
	take_batch(&d, 19, DEDUPE_DUPLICATE);
	CHECK_INT(take(&d, 19 * BATCH, 19 * BATCH, 99), DEDUPE_DUPLICATE);
	desk_close(&d);
}

/* --- against a model ----------------------------------------------------------------------- */

enum { IDS = 60000, EVENTS = 200000, VERSIONS = 4, HOURS = 5 };

struct version {
	int64_t  committed_us; /* 0: in the overlay */
	int64_t  hour;
	uint64_t payload;
};

static struct model_id {
	unsigned       count;
	struct version versions[VERSIONS];
} model[IDS];

/* Must it be found? By arrival within the window; beyond it by its hour. */
static const struct version *must_find(const struct model_id *m, int64_t hour, int64_t floor_us)
{
	for (unsigned i = 0; i < m->count; i++) {
		const struct version *v = &m->versions[i];

		if (v->committed_us == 0 || v->committed_us >= floor_us || v->hour == hour)
			return v;
	}
	return NULL;
}

static bool could_be(const struct model_id *m, enum dedupe_verdict v, uint64_t payload)
{
	for (unsigned i = 0; i < m->count; i++)
		if ((m->versions[i].payload == payload) == (v == DEDUPE_DUPLICATE))
			return true;
	return false;
}

static void model_commit(int64_t now_us, bool is_crash)
{
	for (size_t id = 0; id < IDS; id++) {
		struct model_id *m = &model[id];
		bool             is_open = m->count > 0 && m->versions[m->count - 1].committed_us == 0;

		if (is_open && is_crash)
			m->count--;
		else if (is_open)
			m->versions[m->count - 1].committed_us = now_us;
	}
}

static bool step(struct desk *d, int *repeats)
{
	uint64_t              id = test_random() % IDS, payload = test_random() % 16 ? 1 : 2;
	struct model_id      *m = &model[id];
	int64_t               hour = (d->clock.now_us - START_US) / HOUR_US - (int64_t)(test_random() % 8 ? 0 : test_random() % HOURS);
	enum dedupe_verdict   got;
	const struct version *must;

	if (m->count == VERSIONS)
		return true;
	if (m->count > 0 && test_random() % 2)
		hour = m->versions[0].hour;
	must = must_find(m, hour, d->clock.now_us - d->conf.window_us);
	got = take(d, id, payload, hour);
	*repeats += must != NULL;
	if ((must != NULL && got == DEDUPE_NEW) || (got != DEDUPE_NEW && !could_be(m, got, payload))) {
		test_fail(__FILE__, __LINE__, "id %d, hour %d: verdict %d, %u versions", (int)id, (int)hour, got, m->count);
		return false;
	}
	if (got == DEDUPE_NEW)
		m->versions[m->count++] = (struct version){0, hour, payload};
	return true;
}

/* Restarts and crashes, with times between commits of which a window has some ten, or a hundred. */
static void against_model(size_t memory_bytes, uint32_t merge_runs, int64_t commit_us)
{
	struct desk d;
	int         repeats = 0, commits = 0;

	memset(model, 0, sizeof(model));
	desk_open(&d, 6 * HOUR_US, memory_bytes);
	d.conf.merge_runs = merge_runs;
	desk_restart(&d);
	for (int i = 0; i < EVENTS; i++) {
		bool is_crash = test_random() % 10 == 0;

		if (!step(&d, &repeats))
			break;
		if (test_random() % 1200 != 0)
			continue;
		desk_commit(&d, is_crash);
		model_commit(d.clock.now_us, is_crash);
		commits += !is_crash;
		d.clock.now_us += commit_us;
		if (test_random() % 12 == 0) {
			desk_restart(&d);
			model_commit(0, true);
		}
	}
	CHECK(repeats > 1000);
	CHECK(merge_runs == UINT32_MAX ? runs(&d) == (uint64_t)commits : runs(&d) < (uint64_t)commits / 2);
	desk_close(&d);
}

/* A table far smaller than the ids: runs are in all three reaches. */
TEST(dedupe_agrees_with_a_map_when_memory_is_tiny)
{
	against_model(1, UINT32_MAX, HOUR_US / 2);
	against_model(1, 2, HOUR_US / 2);
	against_model(1, 2, HOUR_US / 20);
	against_model(1, 3, HOUR_US / 20);
}

TEST(dedupe_agrees_with_a_map_when_memory_is_ample)
{
	against_model(0, UINT32_MAX, HOUR_US / 2);
	against_model(0, 2, HOUR_US / 2);
	against_model(0, 4, HOUR_US / 20);
}

/* Who has lost its lane to a replay waits for the switch, and for no one else; time passes in the test's own clock, and with it what others
 * do meanwhile. */
#include "ingest/replay_wait.h"

#include "catalog/catalog.h"
#include "os/clock.h"
#include "store/store.h"
#include "tests/lib/test.h"

enum { PATIENCE_US = 30000000, POLLS_MOST = 100000 };

#define LANE STR("r0123abcd")

struct world {
	struct clock         clock; /* first: it is handed out as one */
	struct store        *inner;
	struct lake         *lake;
	struct journal       run, replay, staged;
	struct journal_state state;
	int64_t              now_us;
	int                  polls;
	void (*then)(struct world *w); /* after each poll */
	volatile sig_atomic_t stop;
	struct err           e;
};

static int64_t world_now(struct clock *c)
{
	return ((struct world *)c)->now_us;
}

static void world_sleep(struct clock *c, int64_t us)
{
	struct world *w = (struct world *)c;

	w->now_us += us;
	w->polls++;
	CHECK(w->polls < POLLS_MOST);
	if (w->then != NULL)
		w->then(w);
}

static void world_random(struct clock *c, void *into, size_t size)
{
	static uint8_t next;

	(void)c;
	memset(into, ++next, size);
}

static void take_lane(struct world *w, str lane, str staged, struct journal *out)
{
	AUTO(journal_state) s = {0};

	CHECK_OK(journal_open_to_switch(w->lake, lane, staged, out, &s, &w->e), &w->e);
}

static int move(struct journal *j, str pipeline, str key, str to, struct err *e)
{
	AUTO(journal_entry) entry = {0};

	*VEC_ADD(&entry.positions) = (struct entry_position){.pipeline = pipeline, .key = key, .to = to};
	return journal_commit(j, &entry, e);
}

static int do_switch(struct world *w)
{
	AUTO(arena) a = ARENA_INIT;

	return move(&w->replay, STR("tarn:replay"), LANE, arena_format(&a, "same.%d", (int)w->replay.head + 1), &w->e);
}

/* A run at work, and a replay that has come to its switch. */
static void world_open(struct world *w)
{
	*w = (struct world){.clock = {world_now, world_now, world_sleep, world_random}, .inner = store_new_mem(), .now_us = 1735603200000000};
	CHECK_OK(lake_open(w->inner, catalog_new_dir(w->inner), &w->clock, true, &w->lake, &w->e), &w->e);
	take_lane(w, STR("0"), STR(""), &w->run);
	CHECK_OK(move(&w->run, STR("p"), STR("a"), STR("1"), &w->e), &w->e);
	take_lane(w, LANE, STR(""), &w->staged);
	take_lane(w, STR("0"), LANE, &w->replay);
}

static void world_close(struct world *w)
{
	lake_close(w->lake);
}

static enum replay_end wait(struct world *w)
{
	enum replay_end end = REPLAY_STOPPED;
	bool            is_replay;

	CHECK_OK(replay_has_lane(w->lake, w->run.head, &is_replay, &w->e), &w->e);
	CHECK(is_replay);
	CHECK_OK(replay_wait(w->lake, w->run.head, PATIENCE_US, &w->stop, &end, &w->e), &w->e);
	return end;
}

static void no_replay(struct world *w, uint64_t head)
{
	bool is_replay = true;

	CHECK_OK(replay_has_lane(w->lake, head, &is_replay, &w->e), &w->e);
	CHECK(!is_replay);
}

static void switch_after_three(struct world *w)
{
	if (w->polls == 3)
		CHECK_OK(do_switch(w), &w->e);
}

TEST(wait_ends_with_the_switch)
{
	struct world w;

	world_open(&w);
	w.then = switch_after_three;
	CHECK_INT(wait(&w), REPLAY_SWITCHED);
	CHECK_INT(w.polls, 3);
	CHECK_INT(wait(&w), REPLAY_SWITCHED); /* who comes later finds it done */
	CHECK_INT(w.polls, 3);
	world_close(&w);
}

TEST(wait_is_for_replays_alone)
{
	struct journal second;
	struct world   w;

	world_open(&w);
	no_replay(&w, w.replay.head); /* nobody is above it */
	no_replay(&w, 0);
	CHECK_OK(do_switch(&w), &w.e);
	take_lane(&w, STR("0"), STR(""), &second);
	no_replay(&w, w.run.head); /* there was one, but the lane is another's now */
	take_lane(&w, STR("0"), LANE, &second);
	no_replay(&w, w.run.head);
	world_close(&w);
}

static void other_after_three(struct world *w)
{
	struct journal second;

	if (w->polls == 3)
		take_lane(w, STR("0"), STR(""), &second);
}

TEST(wait_ends_with_another_writer)
{
	struct world w;

	world_open(&w);
	w.then = other_after_three;
	CHECK_INT(wait(&w), REPLAY_REPLACED);
	world_close(&w);
}

static void stop_after_three(struct world *w)
{
	w->stop = w->polls == 3;
}

TEST(wait_ends_when_told_to)
{
	struct world w;

	world_open(&w);
	w.then = stop_after_three;
	CHECK_INT(wait(&w), REPLAY_STOPPED);
	CHECK_INT(w.polls, 3);
	world_close(&w);
}

TEST(replay_that_is_dead_loses_the_lane)
{
	struct world w;

	world_open(&w);
	CHECK_INT(wait(&w), REPLAY_STALLED);
	CHECK(w.now_us - 1735603200000000 >= PATIENCE_US && w.now_us - 1735603200000000 < 2 * PATIENCE_US);
	CHECK_ERR(do_switch(&w), ERR_CONFLICT); /* it was only slow: too late */
	world_close(&w);
}

/* Its own lane moves, so slowly that all of it takes five times as long as would be waited for nothing. */
static void build_slowly(struct world *w)
{
	AUTO(arena) a = ARENA_INIT;

	if (w->polls % 100 == 0 && w->polls < 800)
		CHECK_OK(move(&w->staged, STR("tarn:replay"), arena_format(&a, "raw%d", w->polls), STR("2"), &w->e), &w->e);
	if (w->polls == 800)
		CHECK_OK(do_switch(w), &w->e);
}

TEST(replay_that_goes_on_building_is_waited_for)
{
	struct world w;

	world_open(&w);
	w.then = build_slowly;
	CHECK_INT(wait(&w), REPLAY_SWITCHED);
	CHECK_INT(w.polls, 800);
	world_close(&w);
}

static void clear_after_three(struct world *w)
{
	AUTO(arena) a = ARENA_INIT;

	if (w->polls == 3)
		CHECK_OK(store_remove(w->inner, lake_journal_key(&a, LANE, 1), &w->e), &w->e);
}

TEST(replay_that_had_nothing_to_switch_is_over)
{
	struct world w;

	world_open(&w);
	w.then = clear_after_three;
	CHECK_INT(wait(&w), REPLAY_LEFT);
	CHECK_INT(w.polls, 3);
	world_close(&w);
}

/* Killed at its switch, and started again in time. */
static void again_after_hundred(struct world *w)
{
	if (w->polls == 100)
		take_lane(w, STR("0"), LANE, &w->replay);
	if (w->polls == 200)
		CHECK_OK(do_switch(w), &w->e);
}

TEST(replay_that_is_started_again_is_waited_for)
{
	struct world w;

	world_open(&w);
	w.then = again_after_hundred;
	CHECK_INT(wait(&w), REPLAY_SWITCHED);
	CHECK_INT(w.polls, 200);
	world_close(&w);
}

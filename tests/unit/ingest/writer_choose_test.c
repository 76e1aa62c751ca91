/* When a table is due, under clocks that may step. */
#include "ingest/writer_int.h"
#include "os/clock.h"
#include "tests/lib/test.h"

static const int64_t SECOND = 1000000, MINUTE = 60000000, HOUR = INT64_C(3600000000);
#define NOON (INT64_C(482004) * HOUR) /* 2024-12-26T12 */

struct two_clocks {
	struct clock base;
	int64_t      wall_us, mono_us;
};

static int64_t wall(struct clock *c)
{
	return ((struct two_clocks *)c)->wall_us;
}

static int64_t mono(struct clock *c)
{
	return ((struct two_clocks *)c)->mono_us;
}

/* One table with a row in each second. */
struct bench {
	struct two_clocks clock;
	struct lake       lake;
	struct table      table;
	struct table_rule rule;
	struct target     target;
	struct writer     writer;
	uint64_t          seq;
};

static void bench_init(struct bench *b, enum ice_transform transform, int64_t delay_us, int64_t wall_us)
{
	*b = (struct bench){
		.clock = {{wall, mono, NULL, NULL}, wall_us, 5 * HOUR},
		.table = {.spec = {.transform = transform}},
		.rule = {.target_bytes = 1 << 20, .max_delay_us = delay_us},
		.target = {.may_hold = true, .density = DENSITY},
		.writer = {.is_holding = true, .memory_bytes = 1 << 20, .pool = pool_new(1 << 20)},
	};
	b->lake.clock = &b->clock.base;
	b->target.table = &b->table;
	b->target.rule = &b->rule;
	b->writer.lake = &b->lake;
	*VEC_ADD(&b->writer.targets) = &b->target;
}

static void bench_done(struct bench *b)
{
	VEC_DONE(&b->writer.targets);
	pool_free(b->writer.pool);
}

/* A row comes and is committed; was the table due? */
static bool step(struct bench *b, int64_t us)
{
	bool is_due;

	b->clock.wall_us += us;
	b->clock.mono_us += us;
	b->target.columns.row_count++;
	CHECK_INT(writer_choose(&b->writer, false, &is_due), is_due);
	if (is_due) {
		b->target.columns.row_count = 0;
		b->target.held_rows = 0;
		b->target.held_since = 0;
	} else {
		target_hold(&b->target, ++b->seq, &b->writer);
	}
	return is_due;
}

static int closings(struct bench *b, int64_t for_us)
{
	int count = 0;

	for (int64_t us = 0; us < for_us; us += SECOND)
		count += step(b, SECOND);
	return count;
}

/* Seconds until the next closing. */
static int64_t until(struct bench *b)
{
	int64_t us = SECOND;

	while (!step(b, SECOND))
		us += SECOND;
	return us / SECOND;
}

TEST(choose_closes_at_multiples_of_the_delay_and_so_at_the_partitions_end)
{
	struct bench b;

	bench_init(&b, ICE_HOUR, 10 * MINUTE, NOON + 3 * MINUTE);
	CHECK_INT(until(&b), 7 * 60 + 10);
	for (int i = 0; i < 12; i++)
		CHECK_INT(until(&b), 600);
	CHECK_INT((b.clock.wall_us - NOON) % (10 * MINUTE), 10 * SECOND);
	CHECK_INT(closings(&b, 2 * HOUR), 12);
	bench_done(&b);
}

TEST(choose_closes_a_partition_that_ends_between_two_multiples)
{
	struct bench b;

	bench_init(&b, ICE_HOUR, 7 * MINUTE, NOON + 10 * SECOND);
	for (int i = 0; i < 50; i++) {
		int64_t from_us = b.clock.wall_us - 10 * SECOND, waited_us = until(&b) * SECOND;

		CHECK(waited_us <= 7 * MINUTE);
		CHECK((from_us + waited_us) % HOUR == 0 || (from_us + waited_us) / HOUR == from_us / HOUR);
	}
	bench_done(&b);
	bench_init(&b, ICE_NONE, 7 * MINUTE, NOON);
	CHECK_INT(closings(&b, 7 * HOUR), 60);
	bench_done(&b);
	bench_init(&b, ICE_HOUR, 2 * HOUR, NOON + MINUTE);
	CHECK_INT(until(&b), 59 * 60 + 10);
	CHECK_INT(until(&b), 3600);
	bench_done(&b);
}

TEST(choose_lets_no_row_wait_longer_than_the_delay)
{
	static const int64_t delays[] = {1, 2, 5, 9, 10, 11, 60, 420, 599, 600, 3601};

	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		for (int64_t at = 0; at < 30; at++) {
			struct bench b;

			bench_init(&b, ICE_DAY, delays[i] * SECOND, NOON + at * SECOND);
			CHECK(!step(&b, SECOND));
			CHECK(until(&b) <= delays[i]);
			bench_done(&b);
		}
	}
}

TEST(choose_bounds_the_wait_where_the_wall_clock_steps)
{
	struct bench b;

	bench_init(&b, ICE_HOUR, 10 * MINUTE, NOON + 10 * SECOND);
	CHECK_INT(closings(&b, 5 * MINUTE), 0);
	b.clock.wall_us -= 30 * HOUR; /* the deadline is 30 hours away: the rows wait as long as they may, no more */
	CHECK_INT(until(&b), 5 * 60 + 1);
	CHECK(until(&b) <= 600);
	CHECK_INT(closings(&b, HOUR), 6);
	CHECK_INT(closings(&b, MINUTE), 0);
	b.clock.wall_us += 30 * HOUR; /* once, and not with every commit from then on */
	CHECK_INT(until(&b), 1);
	CHECK_INT(closings(&b, HOUR), 6);
	b.clock.wall_us = -HOUR; /* before 1970 */
	CHECK(until(&b) <= 600);
	CHECK_INT(closings(&b, 2 * HOUR), 12);
	bench_done(&b);
}

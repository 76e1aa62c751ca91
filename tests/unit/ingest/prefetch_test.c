#include "ingest/prefetch.h"

#include "os/clock.h"
#include "tests/lib/test.h"

/* A source of numbered runs: `left` of them, then nothing; now and then a failure. It is slow, so that whoever touches what it
 * is reading into is caught by the thread sanitizer. */
struct slow_source {
	struct source base;
	int           given, left, fail_at;
	size_t        settled;
	_Atomic bool  is_reading;
};

static int slow_read(struct source *s, struct run *run, struct err *e)
{
	struct slow_source *me = (struct slow_source *)s;

	me->is_reading = true;
	clock_sleep_us(clock_real(), 200);
	me->is_reading = false;
	if (me->given == me->fail_at) {
		me->fail_at = -1;
		return err_set(e, ERR_IO, "planned");
	}
	if (me->left == 0)
		return 0;
	me->left--;
	me->base.counts.bytes_read += 10;
	buf_print(&run->bytes, "%d", me->given++);
	*VEC_ADD(&run->parts) = (struct run_part){.key = STR("k"), .from = STR(""), .to = arena_str(&run->arena, buf_str(&run->bytes))};
	return 1;
}

static int slow_settle(struct source *s, const struct run_part *parts, size_t count, struct err *e)
{
	struct slow_source *me = (struct slow_source *)s;

	(void)parts, (void)e;
	CHECK(!me->is_reading);
	me->settled += count;
	return 0;
}

static void slow_close(struct source *s)
{
	(void)s;
}

static const struct source_ops slow_ops = {"slow", slow_read, slow_settle, slow_close};

static void hand_out(bool is_threaded)
{
	struct slow_source   s = {.base = {.ops = &slow_ops}, .left = 40, .fail_at = 17};
	struct prefetch     *p = prefetch_new(&s.base, is_threaded);
	struct source_counts counts;
	struct run_part      part = {.key = STR("k"), .to = STR("1")};
	struct err           e = ERR_NONE;
	int                  seen = 0, failures = 0;

	for (;;) {
		struct run *run;
		int         got = prefetch_next(p, &run, &e);
		int64_t     number;

		if (got < 0) {
			CHECK_INT(got, ERR_IO);
			CHECK_STR(str_of(e.text), STR("planned"));
			CHECK_INT(seen, 17);
			failures++;
			continue;
		}
		if (got == 0)
			break;
		CHECK(str_to_i64(run->parts.at[0].to, &number));
		CHECK_INT(number, seen++);
		clock_sleep_us(clock_real(), (int64_t)(test_random() % 400));
		CHECK(str_to_i64(run->parts.at[0].to, &number)); /* still ours */
		CHECK_INT(number, seen - 1);
		prefetch_count(p, &counts);
		CHECK_INT(counts.bytes_read, seen * 10);
		if (seen % 5 == 0)
			CHECK_OK(prefetch_settle(p, &part, 1, &e), &e);
	}
	CHECK_INT(seen, 40);
	CHECK_INT(failures, 1);
	CHECK_INT(s.settled, 8);
	prefetch_free(p);
}

TEST(prefetch_hands_out_runs_in_order)
{
	hand_out(false);
	hand_out(true);
}

TEST(prefetch_asks_again_when_there_was_nothing)
{
	struct slow_source s = {.base = {.ops = &slow_ops}, .fail_at = -1};
	AUTO_PTR(prefetch) p = prefetch_new(&s.base, true);
	struct run        *run;
	struct err         e = ERR_NONE;

	CHECK_INT(prefetch_next(p, &run, &e), 0);
	s.left = 2; /* nothing is being read after a 0 */
	CHECK_INT(prefetch_next(p, &run, &e), 1);
	CHECK_INT(prefetch_next(p, &run, &e), 1);
	CHECK_INT(prefetch_next(p, &run, &e), 0);
	CHECK_INT(prefetch_next(p, &run, &e), 0);
}

TEST(prefetch_ends_while_it_reads)
{
	for (int i = 0; i < 20; i++) {
		struct slow_source s = {.base = {.ops = &slow_ops}, .left = 5, .fail_at = -1};
		AUTO_PTR(prefetch) p = prefetch_new(&s.base, true);
		struct run        *run;
		struct err         e = ERR_NONE;

		if (i % 3 > 0)
			CHECK_INT(prefetch_next(p, &run, &e), 1);
	}
	prefetch_free(NULL);
}

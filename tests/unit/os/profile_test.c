#include "os/profile.h"
#include "os/workers.h"
#include "tests/lib/test.h"

static volatile uint64_t sink;

static void work(void)
{
	for (uint64_t i = 0; i < 200000; i++)
		sink += i;
}

static int step(void *context, size_t task, size_t worker, struct err *e)
{
	PROFILE(PROFILE_SORT);

	(void)context, (void)task, (void)worker, (void)e;
	work();
	return 0;
}

/* Once started it stays on for the process: one test says it all, in order. */
TEST(profile_counts_each_stage_of_each_thread_apart)
{
	struct workers *w;
	struct profile  before, after;
	struct err      e = ERR_NONE;

	CHECK(!profile_is_on);
	{
		PROFILE(PROFILE_PARSE); /* not counted: it is off */
		profile_start();
		work();
	}
	profile_read(&before);
	CHECK_INT(before.cycles[PROFILE_PARSE], 0);
	CHECK(before.cycles[PROFILE_OTHER] > 0);
	{
		PROFILE(PROFILE_ENCODE);
		work();
		{
			PROFILE(PROFILE_COMPRESS);
			work();
		}
		CHECK_INT(profile_switch(PROFILE_ENCODE), PROFILE_ENCODE); /* the inner one is over */
	}
	w = workers_new(2);
	CHECK_OK(workers_run(w, step, NULL, 8, &e), &e);
	workers_free(w);
	profile_read(&after);
	CHECK(after.cycles[PROFILE_ENCODE] > 0 && after.cycles[PROFILE_COMPRESS] > 0 && after.cycles[PROFILE_SORT] > 0);
	CHECK(after.cycles_a_second > 1e6 && after.seconds > 0);
	for (int i = 0; i < PROFILE_COUNT; i++)
		CHECK(profile_name((enum profile_stage)i)[0] != '\0');
}

#include <stdatomic.h>

#include "os/clock.h"
#include "os/workers.h"
#include "tests/lib/test.h"

enum { TASK_COUNT = 5000 };

struct load {
	atomic_uint   done[TASK_COUNT];
	atomic_size_t inside[8]; /* by worker: never two at once */
	size_t        worker_count;
	size_t        fails_from; /* tasks from this one on fail */
};

static int step(void *context, size_t task, size_t worker, struct err *e)
{
	struct load *l = context;

	if (worker >= l->worker_count || atomic_fetch_add(&l->inside[worker], 1) != 0)
		return err_set(e, ERR_CORRUPT, "worker %zu is not alone", worker);
	atomic_fetch_add(&l->done[task], 1);
	atomic_fetch_sub(&l->inside[worker], 1);
	if (task >= l->fails_from)
		return err_set(e, ERR_INPUT, "task %zu", task);
	return 0;
}

TEST(workers_do_each_task_once)
{
	static struct load l;

	for (size_t count = 1; count <= 8; count += 3) {
		AUTO_PTR(workers) w = workers_new(count);
		struct err        e = ERR_NONE;

		l = (struct load){.worker_count = workers_count(w), .fails_from = SIZE_MAX};
		CHECK_INT(workers_count(w), count);
		for (size_t run = 1; run <= 40; run++) {
			size_t tasks = run % 2 ? TASK_COUNT : run % 8;

			memset(l.done, 0, sizeof(l.done));
			CHECK_OK(workers_run(w, step, &l, tasks, &e), &e);
			for (size_t i = 0; i < TASK_COUNT; i++)
				if (l.done[i] != (i < tasks))
					test_fail(__FILE__, __LINE__, "task %zu done %u times", i,
					          l.done[i]);
		}
	}
}

TEST(workers_return_the_first_failure_and_go_on_being_of_use)
{
	static struct load l;

	for (size_t count = 1; count <= 8; count++) {
		AUTO_PTR(workers) w = workers_new(count);
		struct err        e = ERR_NONE;
		size_t            ran = 0;

		for (unsigned run = 0; run < 50; run++) {
			l = (struct load){.worker_count = count, .fails_from = test_random() % 300};
			CHECK_ERR(workers_run(w, step, &l, TASK_COUNT, &e), ERR_INPUT);
			CHECK_INT(strtoull(e.text + strlen("task "), NULL, 10), l.fails_from);
			ran = 0;
			for (size_t i = 0; i < TASK_COUNT; i++)
				ran += l.done[i];
			CHECK(ran <= l.fails_from + count); /* each may fail once */
		}
		l.fails_from = SIZE_MAX;
		CHECK_OK(workers_run(w, step, &l, TASK_COUNT, &e), &e);
	}
}

/* Each worker stays in its task until all four have one. */
static int meet_step(void *context, size_t task, size_t worker, struct err *e)
{
	atomic_uint *seen = context;
	int64_t      until = clock_mono_us(clock_real()) + 30000000;

	(void)task;
	atomic_fetch_or(seen, 1u << worker);
	while (atomic_load(seen) != 0xF) {
		clock_sleep_us(clock_real(), 100);
		if (clock_mono_us(clock_real()) > until)
			return err_set(e, ERR_BUSY, "worker %zu waited in vain", worker);
	}
	return 0;
}

TEST(workers_work_at_the_same_time)
{
	AUTO_PTR(workers) w = workers_new(4);
	struct err        e = ERR_NONE;
	atomic_uint       seen = 0;

	CHECK_OK(workers_run(w, meet_step, &seen, 4, &e), &e);
}

TEST(workers_are_one_a_core_unless_told)
{
	AUTO_PTR(workers) w = workers_new(0);
	AUTO_PTR(workers) none = NULL;

	CHECK(workers_count(w) >= 1);
	CHECK(none == NULL);
}

TEST(clock_goes_forward_and_ids_differ)
{
	struct clock *c = clock_real();
	int64_t       start = clock_mono_us(c);
	uint8_t       one[16], two[16];

	clock_sleep_us(c, 2000);
	clock_sleep_us(c, -5);
	CHECK(clock_mono_us(c) - start >= 2000);
	CHECK(clock_now_us(c) > 1700000000000000);
	CHECK(clock_random_u64(c) != clock_random_u64(c));
	clock_uuid4(c, one);
	clock_uuid4(c, two);
	CHECK(memcmp(one, two, 16) != 0);
	CHECK_INT(one[6] >> 4, 4);
	CHECK_INT(one[8] >> 6, 2);
}

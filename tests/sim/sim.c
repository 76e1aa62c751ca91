#include "tests/sim/sim.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/actors.h"
#include "tests/sim/depot.h"
#include "tests/sim/disk.h"
#include "tests/sim/ghost.h"

enum { SHRINK_RUNS = 2000 };

#define START_US (INT64_C(1600000000) * 1000000)

static void task_body(void *context)
{
	struct task *t = context;

	t->main(t);
}

static void task_add(struct world *w, void (*main)(struct task *t))
{
	struct task *t = &w->tasks[w->task_count];

	assert(w->task_count < TASKS_MAX);
	*t = (struct task){.world = w, .number = w->task_count++, .main = main, .stop_step = UINT64_MAX};
	world_clock_init(t);
	coro_init(&t->coro, task_body, t);
}

/* Swarm: about half of the faults are in a world, each at a rate of its own. */
static void plan_draw(struct world *w)
{
	static const uint32_t most[ACT_COUNT] = { /* in a million calls */
		[ACT_LOST] = 20000, [ACT_BUSY] = 50000, [ACT_REPLY] = 100000, [ACT_LATE] = 100000,
		[ACT_TWICE] = 100000, [ACT_CUT] = 4000, [ACT_FLIP] = 10000, [ACT_STALE] = 4000, [ACT_FULL] = 6000,
		[ACT_DROPPED] = 8000, [ACT_CRASH_BEFORE] = 8000, [ACT_CRASH_AFTER] = 8000,
		[ACT_POWER_BEFORE] = 2000, [ACT_POWER_AFTER] = 2000, [ACT_TORN] = 6000, [ACT_STALL] = 10000,
		[ACT_STEP] = 100000, [ACT_FREEZE] = 100000,
	};

	for (enum act act = 0; act < ACT_COUNT; act++) {
		uint64_t chance = world_draw(w, act, 0, 0x9A7E);

		if (chance & 1)
			w->plan.rates[act] = (uint32_t)((chance >> 8) % (most[act] + 1) * 4295);
	}
}

static void world_make(struct world *w, const struct sim_setup *setup)
{
	uint64_t chance = hash_mix(setup->seed, 0x3EED);
	unsigned writers = setup->is_torture ? 1 : (unsigned)(1 + (chance >> 8) % 10 / 3);

	*w = (struct world){
		.seed = setup->seed,
		.kind = setup->is_torture ? setup->kind : chance % 3 ? WORLD_STORE : WORLD_FILES,
		.fault_steps = setup->is_torture ? STEPS_MAX : 300 + (chance >> 16) % 2200,
		.is_small = setup->is_torture,
		.fail_allocation = setup->fail_allocation,
		.quiet = 1,
		.switch_in = (unsigned)(1 + (chance >> 32) % 30),
		.now_us = START_US,
	};
	if (writers > 3)
		writers = 2;
	if (setup->plan != NULL)
		w->plan = *setup->plan;
	else
		plan_draw(w);
	w->inbox = disk_new(w);
	if (w->kind == WORLD_STORE)
		w->depot = depot_new(w);
	else
		w->disk = disk_new(w);
	(void)ghost_new(w);
	for (unsigned i = 0; i < writers; i++)
		task_add(w, setup->is_torture ? small_writer_main : writer_main);
	if (!setup->is_torture && (chance >> 40) % 2)
		task_add(w, maintainer_main);
}

static void world_done(struct world *w)
{
	ghost_free(w->ghost);
	depot_free(w->depot);
	disk_free(w->disk);
	disk_free(w->inbox);
	VEC_DONE(&w->landings);
	VEC_DONE(&w->log);
	arena_done(&w->arena);
}

/* Faults have stopped: one more life, then what is still on its way lands, and once more. */
static void world_calm_down(struct world *w)
{
	struct task *t = &w->tasks[0];

	for (unsigned i = 0; i < 2 && !w->is_over; i++) {
		w->is_calm = true;
		w->calm_since = w->step;
		task_new_life(t);
		t->is_done = false;
		t->resume_step = 0;
		t->main = last_writer_main;
		coro_init(&t->coro, task_body, t);
		world_run(w);
		if (w->depot != NULL)
			depot_tick(w->depot, w, true);
		world_run(w);
	}
}

void sim_run(const struct sim_setup *setup, struct sim_result *out)
{
	struct world w;

	world_now = &w;
	world_make(&w, setup);
	world_run(&w);
	world_calm_down(&w);
	if (!w.is_over)
		ghost_finish(&w);
	*out = (struct sim_result){
		.trace = w.trace, .steps = w.step, .commits = w.commits, .allocations = w.allocations,
		.time_us = w.now_us - START_US, .kind = w.kind, .log = w.log,
	};
	memcpy(out->violation, w.violation, sizeof(out->violation));
	for (unsigned i = 0; i < w.task_count; i++)
		out->lives += w.tasks[i].life + 1;
	w.log = (struct plan_log){0};
	world_done(&w);
	world_now = NULL;
}

void sim_result_done(struct sim_result *r)
{
	VEC_DONE(&r->log);
}

/* --- shrinking -------------------------------------------------------------------------------- */

static bool still_fails(uint64_t seed, const struct fault *faults, size_t count, struct sim_result *out)
{
	struct plan plan = {.is_list = true, .faults = faults, .fault_count = count};

	sim_run(&(struct sim_setup){.seed = seed, .plan = &plan}, out);
	return out->violation[0] != '\0';
}

/* Leave out ever smaller parts for as long as it fails without them. */
void sim_shrink(uint64_t seed, const struct sim_result *failed, struct sim_result *out)
{
	size_t        count = failed->log.count, part = (count + 1) / 2;
	struct fault *kept = xcalloc(count + 1, sizeof(*kept)), *fewer = xcalloc(count + 1, sizeof(*fewer));
	unsigned      runs = 0;

	if (count > 0)
		memcpy(kept, failed->log.at, count * sizeof(*kept));
	while (part > 0 && count > 0 && runs < SHRINK_RUNS) {
		bool is_less = false;

		for (size_t from = 0; from < count && runs < SHRINK_RUNS;) {
			size_t            size = count - from < part ? count - from : part;
			struct sim_result r;

			memcpy(fewer, kept, from * sizeof(*kept));
			memcpy(fewer + from, kept + from + size, (count - from - size) * sizeof(*kept));
			runs++;
			if (still_fails(seed, fewer, count - size, &r)) {
				count -= size;
				memcpy(kept, fewer, count * sizeof(*kept));
				is_less = true;
			} else {
				from += size;
			}
			sim_result_done(&r);
		}
		if (!is_less || part > count)
			part /= 2;
	}
	(void)still_fails(seed, kept, count, out);
	free(kept);
	free(fewer);
}

void sim_print_fault(const struct fault *f)
{
	(void)printf("    task %u, life %u, call %u (%s): %s\n", f->task, f->life, f->call, verb_words[f->verb],
	             act_words[f->act]);
}

void sim_print_faults(const struct plan_log *log)
{
	for (size_t i = 0; i < log->count; i++)
		sim_print_fault(&log->at[i]);
}

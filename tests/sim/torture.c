/* Torture: a golden run says which calls there are; then each fails in each way it can, and recovery must hold. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/sim.h"

enum { GOLDEN_SEED = 7, BATCH = 64, FAILURES_MAX = 5 };

struct golden {
	enum world_kind   kind;
	struct sim_result run; /* its log is of all calls */
	struct { VEC_OF(struct fault); } ways;
};

static const char *kind_word(enum world_kind kind)
{
	return kind == WORLD_STORE ? "object store" : "file system";
}

static bool is_way(enum world_kind kind, enum act act, enum verb verb)
{
	bool is_of_machine = act == ACT_POWER_BEFORE || act == ACT_POWER_AFTER || act == ACT_TORN;

	if (act == ACT_STALL || act == ACT_NONE || act == ACT_DEAD || !act_fits(act, verb))
		return false;
	return kind == WORLD_FILES || !is_of_machine;
}

static int golden_run(enum world_kind kind, struct golden *out)
{
	struct plan plan = {.is_list = true, .is_counting = true, .is_by_total = true};

	*out = (struct golden){.kind = kind};
	sim_run(&(struct sim_setup){.seed = GOLDEN_SEED, .plan = &plan, .is_torture = true, .kind = kind}, &out->run);
	if (out->run.violation[0] != '\0') {
		(void)printf("torture: the golden run fails: %s\n", out->run.violation);
		return 1;
	}
	for (size_t i = 0; i < out->run.log.count; i++) {
		for (enum act act = 0; act < ACT_COUNT; act++) {
			struct fault f = out->run.log.at[i];

			f.act = act;
			if (is_way(kind, act, f.verb))
				*VEC_ADD(&out->ways) = f;
		}
	}
	return 0;
}

static void golden_done(struct golden *g)
{
	sim_result_done(&g->run);
	VEC_DONE(&g->ways);
}

/* 1 where it fails, said. */
static int try_faults(const struct golden *g, const struct fault *faults, size_t count)
{
	struct plan       plan = {.is_list = true, .is_by_total = true, .faults = faults, .fault_count = count};
	struct sim_result r;
	int               rc = 0;

	sim_run(&(struct sim_setup){.seed = GOLDEN_SEED, .plan = &plan, .is_torture = true, .kind = g->kind}, &r);
	if (r.violation[0] != '\0') {
		(void)printf("torture (%s): %s\n", kind_word(g->kind), r.violation);
		for (size_t i = 0; i < count; i++)
			sim_print_fault(&faults[i]);
		rc = 1;
	}
	sim_result_done(&r);
	return rc;
}

/* Is it in the share that is tried? */
static bool is_tried(const struct torture *t, size_t i)
{
	return (i + t->seed) % t->every == 0;
}

static int each_call(const struct torture *t, const struct golden *g)
{
	int    failures = 0;
	size_t tried = 0;

	for (size_t i = 0; i < g->ways.count && failures < FAILURES_MAX; i++) {
		if (!is_tried(t, i))
			continue;
		failures += try_faults(g, &g->ways.at[i], 1);
		tried++;
	}
	if (failures == 0)
		(void)printf("torture (%s): %zu calls, %llu commits; %zu of %zu calls x ways, recovery held in all\n",
		             kind_word(g->kind), g->run.log.count, (unsigned long long)g->run.commits, tried,
		             g->ways.count);
	(void)fflush(stdout);
	return failures;
}

/* A process dies in the midst of something, another one builds on what it finds, and then the power goes: what
 * the first did not come to sync must not be missing. Each call to die after, and a later one drawn. */
static int crash_then_power(const struct torture *t, const struct golden *g)
{
	int    failures = 0;
	size_t count = g->run.log.count, tried = 0;

	if (g->kind != WORLD_FILES)
		return 0;
	for (size_t i = 0; i < count && failures < FAILURES_MAX; i++) {
		struct fault two[2] = {g->run.log.at[i], g->run.log.at[i]};

		if (!is_tried(t, i))
			continue;
		two[0].act = ACT_CRASH_AFTER;
		two[1].act = ACT_POWER_AFTER;
		two[1].call += 1 + (uint32_t)(hash_mix(t->seed, i) % (count - i + 20));
		failures += try_faults(g, two, 2);
		tried++;
	}
	if (failures == 0)
		(void)printf("torture (%s): crash after %zu of %zu calls, then power off, recovery held in all\n",
		             kind_word(g->kind), tried, count);
	return failures;
}

static int pairs(const struct torture *t, const struct golden *g)
{
	int failures = 0;

	for (uint64_t i = 0; i < t->pairs && failures < FAILURES_MAX; i++) {
		struct fault two[2] = {
			g->ways.at[hash_mix(t->seed, 2 * i) % g->ways.count],
			g->ways.at[hash_mix(t->seed, 2 * i + 1) % g->ways.count],
		};

		failures += try_faults(g, two, 2);
	}
	if (failures == 0)
		(void)printf("torture (%s): %llu pairs from seed %llu, recovery held in all\n", kind_word(g->kind),
		             (unsigned long long)t->pairs, (unsigned long long)t->seed);
	return failures;
}

int torture_calls(const struct torture *t)
{
	struct golden g;
	int           failures = golden_run(t->kind, &g);

	if (failures == 0)
		failures = each_call(t, &g);
	if (failures == 0)
		failures = crash_then_power(t, &g);
	if (failures == 0)
		failures = pairs(t, &g);
	golden_done(&g);
	return failures > 0;
}

/* --- memory ----------------------------------------------------------------------------------- */

/* In a process of its own: what a life held that was cut off is lost. */
static int try_allocations(const struct golden *g, uint64_t from, uint64_t to, uint64_t every)
{
	struct plan plan = {.is_list = true};

	for (uint64_t n = from; n < to; n += every) {
		struct sim_result r;

		sim_run(&(struct sim_setup){.seed = GOLDEN_SEED, .plan = &plan, .is_torture = true, .kind = g->kind,
		                            .fail_allocation = n}, &r);
		if (r.violation[0] != '\0') {
			(void)printf("torture (%s): allocation %llu fails: %s\n", kind_word(g->kind), (unsigned long long)n,
			             r.violation);
			return 1;
		}
		if (r.lives <= g->run.lives) {
			(void)printf("torture (%s): allocation %llu did not fail\n", kind_word(g->kind),
			             (unsigned long long)n);
			return 1;
		}
		sim_result_done(&r);
	}
	return 0;
}

static int in_child(const struct golden *g, uint64_t from, uint64_t to, uint64_t every)
{
	int   status = 0;
	pid_t child;

	(void)fflush(stdout);
	child = fork();
	if (child == 0) {
		int rc;

		(void)!freopen("/dev/null", "w", stderr); /* each says that it is out of memory */
		rc = try_allocations(g, from, to, every);
		(void)fflush(stdout);
		_exit(rc);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		(void)printf("torture (%s): allocations %llu to %llu: not survived\n", kind_word(g->kind),
		             (unsigned long long)from, (unsigned long long)to);
		return 1;
	}
	return 0;
}

int torture_allocations(const struct torture *t)
{
	struct golden g;
	int           rc;
	uint64_t      count, failed, first = 1 + t->seed % t->every, step = BATCH * t->every;

	(void)golden_run(t->kind, &g);
	golden_done(&g); /* what the first run in a process makes for good is not made again */
	rc = golden_run(t->kind, &g);
	count = g.run.allocations;
	failed = count < first ? 0 : (count - first) / t->every + 1;
	for (uint64_t from = first; from <= count && rc == 0; from += step)
		rc = in_child(&g, from, from + step < count + 1 ? from + step : count + 1, t->every);
	if (rc == 0)
		(void)printf("torture (%s): %llu of %llu allocations failed, recovery held in all\n", kind_word(t->kind),
		             (unsigned long long)failed, (unsigned long long)count);
	golden_done(&g);
	return rc;
}

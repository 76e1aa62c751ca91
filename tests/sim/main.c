/* sim: worlds by the number.  sim [--seeds N] [--seed FIRST] [--no-shrink] [--talk]
 *
 *      sim --torture [--pairs N] [--seed FIRST] [--every N]    sim --torture-memory [--seed FIRST] [--every N] */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/sim/sim.h"

enum { REPEAT_IN = 20 };

struct totals {
	uint64_t seeds, steps, commits, lives, faults, repeats, time_us;
	uint64_t traces; /* one number for all of them: two runs of the same seeds, by whatever build, have the same */
	uint64_t acts[ACT_COUNT];
	uint64_t kinds[2];
};

/* What is asked for. */
struct wish {
	uint64_t first, seeds, pairs, every;
	bool     is_shrunk, is_torture, is_memory;
};

static char how_to_repeat[160];

static void set_seed(uint64_t seed)
{
	(void)snprintf(how_to_repeat, sizeof(how_to_repeat), "  repeat: make sim SEEDS=1 SEED=%llu\n",
	               (unsigned long long)seed);
}

/* An assertion of the code, or a sanitizer's finding: say how to see it again. */
static void say_how(void)
{
	if (write(STDOUT_FILENO, how_to_repeat, strlen(how_to_repeat)) < 0)
		return;
}

static void on_abort(int number)
{
	(void)number;
	say_how();
	_exit(1);
}

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=8:detect_stack_use_after_return=0:handle_abort=0";
}
#endif

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void count(struct totals *t, uint64_t seed, const struct sim_result *r)
{
	t->seeds++;
	t->time_us += (uint64_t)r->time_us;
	t->traces += hash_mix(r->trace, seed);
	t->steps += r->steps;
	t->commits += r->commits;
	t->lives += r->lives;
	t->faults += r->log.count;
	t->kinds[r->kind]++;
	for (size_t i = 0; i < r->log.count; i++)
		t->acts[r->log.at[i].act]++;
}

static int fail(uint64_t seed, const struct sim_result *r, bool is_shrunk)
{
	struct sim_result small;

	(void)printf("sim: seed %llu (%s, %llu calls, trace %016llx): %s\n", (unsigned long long)seed,
	             r->kind == WORLD_STORE ? "object store" : "file system", (unsigned long long)r->steps,
	             (unsigned long long)r->trace, r->violation);
	(void)printf("%s", how_to_repeat);
	(void)fflush(stdout);
	if (!is_shrunk)
		return 1;
	sim_shrink(seed, r, &small);
	(void)printf("  %zu faults shrink to %zu: %s\n", r->log.count, small.log.count, small.violation);
	sim_print_faults(&small.log);
	sim_result_done(&small);
	return 1;
}

/* The same seed must make the same calls. */
static int repeat(uint64_t seed, const struct sim_result *r)
{
	struct sim_result again;
	bool              is_same;

	sim_run(&(struct sim_setup){.seed = seed}, &again);
	is_same = again.trace == r->trace && again.steps == r->steps;
	sim_result_done(&again);
	if (is_same)
		return 0;
	(void)printf("sim: seed %llu is not the same twice: trace %016llx, then %016llx\n", (unsigned long long)seed,
	             (unsigned long long)r->trace, (unsigned long long)again.trace);
	(void)printf("%s", how_to_repeat);
	return 1;
}

static void report(const struct totals *t, double took)
{
	(void)printf("sim: %llu seeds (%llu object store, %llu file system), %.1f a second; %llu calls, %llu lives, "
	             "%llu commits, %llu faults; %llu traces repeated, all the same; 0 violations\n",
	             (unsigned long long)t->seeds, (unsigned long long)t->kinds[WORLD_STORE],
	             (unsigned long long)t->kinds[WORLD_FILES], (double)t->seeds / took, (unsigned long long)t->steps,
	             (unsigned long long)t->lives, (unsigned long long)t->commits, (unsigned long long)t->faults,
	             (unsigned long long)t->repeats);
	(void)printf("sim: %.4f simulated days; all traces %016llx\n", (double)t->time_us / 86.4e9,
	             (unsigned long long)t->traces);
	for (enum act act = 0; act < ACT_COUNT; act++)
		if (t->acts[act] > 0)
			(void)printf("  %-18s %10llu\n", act_words[act], (unsigned long long)t->acts[act]);
}

static int run_seeds(const struct wish *wish)
{
	struct totals t = {0};
	double        start = seconds();

	(void)printf("sim: seeds %llu to %llu\n", (unsigned long long)wish->first,
	             (unsigned long long)(wish->first + wish->seeds - 1));
	(void)fflush(stdout);
	for (uint64_t seed = wish->first; seed < wish->first + wish->seeds; seed++) {
		struct sim_result r;
		int               rc = 0;

		set_seed(seed);
		sim_run(&(struct sim_setup){.seed = seed}, &r);
		if (r.violation[0] != '\0')
			rc = fail(seed, &r, wish->is_shrunk);
		count(&t, seed, &r);
		if (rc == 0 && (seed % REPEAT_IN == 0 || wish->seeds == 1)) {
			rc = repeat(seed, &r);
			t.repeats++;
		}
		sim_result_done(&r);
		if (rc != 0)
			return rc;
	}
	report(&t, seconds() - start);
	return 0;
}

static struct wish wish_read(int argc, char **argv)
{
	struct wish w = {.first = 1, .seeds = 100, .pairs = 1000, .every = 1, .is_shrunk = true};
	const struct { const char *word; uint64_t *number; bool *flag; bool value; } words[] = {
		{"--seeds", &w.seeds, NULL, false},    {"--seed", &w.first, NULL, false},
		{"--pairs", &w.pairs, NULL, false},    {"--every", &w.every, NULL, false},
		{"--no-shrink", NULL, &w.is_shrunk, false}, {"--torture", NULL, &w.is_torture, true},
		{"--torture-memory", NULL, &w.is_memory, true}, {"--talk", NULL, &world_talks, true},
	};

	for (int i = 1; i < argc; i++) {
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
			if (strcmp(argv[i], words[k].word) != 0)
				continue;
			if (words[k].flag != NULL)
				*words[k].flag = words[k].value;
			else if (i + 1 < argc)
				*words[k].number = strtoull(argv[++i], NULL, 10);
			break;
		}
	}
	if (w.every == 0)
		w.every = 1;
	return w;
}

int main(int argc, char **argv)
{
	struct wish wish = wish_read(argc, argv);
	int         rc = 0;

	log_threshold = world_talks ? LOG_INFO : LOG_ERROR; /* what the pump says of each of a million lives */
	(void)signal(SIGABRT, on_abort);
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_set_death_callback(say_how);
#endif
	if (!wish.is_torture && !wish.is_memory)
		return run_seeds(&wish);
	(void)snprintf(how_to_repeat, sizeof(how_to_repeat), "  repeat: make torture SEED=%llu PAIRS=%llu EVERY=%llu\n",
	               (unsigned long long)wish.first, (unsigned long long)wish.pairs, (unsigned long long)wish.every);
	for (enum world_kind kind = WORLD_STORE; kind <= WORLD_FILES && rc == 0; kind++) {
		struct torture t = {kind, wish.first, wish.pairs, wish.every};

		rc = wish.is_torture ? torture_calls(&t) : torture_allocations(&t);
	}
	if (rc != 0)
		(void)printf("%s", how_to_repeat);
	return rc;
}

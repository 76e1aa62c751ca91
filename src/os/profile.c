/* Each thread counts for itself, in a block that outlives it: the blocks are a list that only grows. */
#include "os/profile.h"

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include "base/arena.h"

struct tally {
	struct tally      *next;
	enum profile_stage stage;
	uint64_t           since;
	_Atomic uint64_t   cycles[PROFILE_COUNT]; /* written by its thread alone */
};

bool profile_is_on;

static _Atomic(struct tally *) tallies;
static _Thread_local struct tally *mine;
static uint64_t started_cycles;
static int64_t  started_ns;

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline uint64_t cycles_now(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t v;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(v));
	return v;
#else
	return (uint64_t)now_ns();
#endif
}

static struct tally *tally_new(uint64_t now)
{
	struct tally *t = xcalloc(1, sizeof(*t));

	t->since = now;
	t->next = atomic_load(&tallies);
	while (!atomic_compare_exchange_weak(&tallies, &t->next, t))
		;
	return t;
}

void profile_start(void)
{
	assert(!profile_is_on);
	profile_is_on = true;
	started_ns = now_ns();
	started_cycles = cycles_now();
	mine = tally_new(started_cycles);
}

enum profile_stage profile_switch(enum profile_stage to)
{
	uint64_t           now = cycles_now();
	struct tally      *t = mine != NULL ? mine : (mine = tally_new(now));
	enum profile_stage before = t->stage;

	assert((unsigned)to < PROFILE_COUNT);
	atomic_store_explicit(&t->cycles[before],
	                      atomic_load_explicit(&t->cycles[before], memory_order_relaxed) + (now - t->since),
	                      memory_order_relaxed);
	t->since = now;
	t->stage = to;
	return before;
}

void profile_read(struct profile *out)
{
	uint64_t cycles;

	(void)profile_switch(mine != NULL ? mine->stage : PROFILE_OTHER);
	*out = (struct profile){.seconds = (double)(now_ns() - started_ns) / 1e9};
	cycles = cycles_now() - started_cycles;
	out->cycles_a_second = out->seconds > 0 ? (double)cycles / out->seconds : 0;
	for (const struct tally *t = atomic_load(&tallies); t != NULL; t = t->next)
		for (int i = 0; i < PROFILE_COUNT; i++)
			out->cycles[i] += atomic_load_explicit(&t->cycles[i], memory_order_relaxed);
}

const char *profile_name(enum profile_stage stage)
{
	static const char *const names[PROFILE_COUNT] = {
		[PROFILE_OTHER] = "other", [PROFILE_READ] = "read", [PROFILE_PARSE] = "parse",
		[PROFILE_ENVELOPE] = "envelope", [PROFILE_CONTENT] = "content", [PROFILE_JUDGE] = "judge",
		[PROFILE_SHRED] = "shred", [PROFILE_ARCHIVE] = "archive", [PROFILE_SORT] = "sort",
		[PROFILE_ENCODE] = "encode", [PROFILE_COMPRESS] = "compress", [PROFILE_BLOOM] = "bloom",
		[PROFILE_STORE] = "store", [PROFILE_IDS] = "ids", [PROFILE_COMMIT] = "commit",
		[PROFILE_APPLY] = "apply", [PROFILE_IDLE] = "idle",
	};

	return names[stage];
}

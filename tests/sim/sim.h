/* sim.h - one world from its seed to its end. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "tests/sim/world.h"

struct sim_result {
	char            violation[2048]; /* empty: none */
	uint64_t        trace, steps, commits, allocations;
	int64_t         time_us; /* that passed in the world */
	unsigned        lives;
	enum world_kind kind;
	struct plan_log log;
};

/* What kind of world the seed is, who lives in it and what may happen; a given plan instead of the seed's. */
struct sim_setup {
	uint64_t           seed;
	const struct plan *plan;  /* NULL: by the seed */
	bool               is_torture; /* one writer, few records, which come in two halves: the golden run */
	enum world_kind    kind;       /* of it */
	uint64_t           fail_allocation; /* 0: none */
};

void sim_run(const struct sim_setup *setup, struct sim_result *out);
void sim_result_done(struct sim_result *r);
/* The fewest faults of a failing world that still make it fail. */
void sim_shrink(uint64_t seed, const struct sim_result *failed, struct sim_result *out);
void sim_print_fault(const struct fault *f);
void sim_print_faults(const struct plan_log *log);

/* torture.c: 0, or 1 where recovery does not hold. One in `every` is tried, from one that the seed says. */
struct torture {
	enum world_kind kind;
	uint64_t        seed, pairs, every;
};

int torture_calls(const struct torture *t);
int torture_allocations(const struct torture *t);

#endif

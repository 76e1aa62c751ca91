/* world.h - a small world that one number decides, with the real code in it.
 *
 * A world has a clock, chance, one place where the lake lies (an object store, or a file system on a
 * machine that may lose power) and tasks: writers, and another engine that maintains the tables. Tasks are
 * coroutines; each call of theirs to the outside ends their turn. What becomes of the call is an act (act.h).
 *
 * Every choice is a hash of the seed and of what is chosen: never of a running state. So a choice is the same
 * whatever else was chosen, and a failing world can be run again with some of its faults left out.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <signal.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/vec.h"
#include "os/clock.h"
#include "os/fs.h"
#include "store/store.h"
#include "tests/sim/act.h"
#include "tests/sim/coro.h"

struct world;
struct ghost;
struct disk;
struct depot;

enum world_kind { WORLD_STORE, WORLD_FILES };

enum {
	TASKS_MAX = 4,
	STEPS_MAX = 400000,  /* calls in all; then something goes round in circles */
	CALM_STEPS = 60000,  /* calls within which all must be applied once faults have stopped (I10) */
};

struct task {
	struct clock   clock; /* stands first: the code under test holds it */
	struct world  *world;
	unsigned       number;
	struct coro    coro;
	void         (*main)(struct task *t);
	uint32_t       life, life_calls; /* a life ends with an error, a crash or its work done */
	uint64_t       calls;
	bool           is_dead;          /* this life has crashed: no call of it has any effect */
	bool           is_done;
	bool           is_abandoned;     /* stopped in the midst of things: its stack is never gone back to */
	uint64_t       resume_step;      /* stalled until then */
	int64_t        wake_us;          /* asleep until then */
	int64_t        skew_us, frozen_us;
	uint64_t       draws;            /* of random bytes in this life */
	uint64_t       stop_step;        /* when `stop` is raised */
	volatile sig_atomic_t stop;
};

struct world {
	uint64_t        seed;
	enum world_kind kind;
	bool            is_small;        /* a golden run: few records, which come in two halves */
	struct plan     plan;
	struct plan_log log;             /* the faults that were done */
	struct depot   *depot;           /* WORLD_STORE */
	struct disk    *disk;            /* WORLD_FILES */
	struct disk    *inbox;           /* the files that sources read: nothing is ever lost of them */
	struct ghost   *ghost;
	struct task     tasks[TASKS_MAX];
	unsigned        task_count;
	uint64_t        step, fault_steps, calm_since;
	unsigned        switch_in;       /* a turn changes in about one call of so many */
	int64_t         now_us;
	bool            is_calm;         /* no more faults, no more lives */
	bool            is_over;         /* whoever is left unwinds */
	uint64_t        trace;           /* hash of all calls */
	uint64_t        commits;
	char            violation[2048]; /* the first one; empty while all is well */
	uint64_t        allocations;     /* by tasks, outside of the simulated verbs */
	uint64_t        fail_allocation; /* which of them fails; 0: none */
	unsigned        quiet;           /* within a simulated verb, or among the checks */
	struct { VEC_OF(struct landing { str key; uint64_t acked; }); } landings; /* to be looked at after this turn */
	struct arena    arena;
};

extern struct world *world_now; /* the one that runs: for hooks that are given no context */
extern bool          world_talks; /* writers say on stderr how each of their lives ends */

/* Chance: a number that depends on the seed and these alone. */
uint64_t world_draw(const struct world *w, uint64_t a, uint64_t b, uint64_t c);

void world_violate(struct world *w, const char *format, ...) PRINTF(2, 3);

/* --- tasks, from the inside ------------------------------------------------------------------- */

/* A call to the outside: the turn may end here. What is to become of it. t NULL: the eye of the checks, which nothing
 * happens to. */
enum act task_call(struct task *t, enum verb verb, str what);
/* The call had no effect: its class. */
int      task_refuse(struct task *t, enum act act, enum verb verb, str what, struct err *e);
/* It was done and came to rc: what the caller learns. */
int      task_answer(struct task *t, enum act act, enum verb verb, str what, int rc, struct err *e);
void     task_pause(struct task *t, uint64_t steps); /* let others go on for so long */
void     task_new_life(struct task *t);

/* Within a simulated verb allocations are the world's own: they neither count nor fail. */
#define QUIET __attribute__((cleanup(quiet_end), unused)) struct world *quiet_ = quiet_begin()
struct world *quiet_begin(void);
void          quiet_end(struct world **w);

/* --- the run ---------------------------------------------------------------------------------- */

void world_landed(struct world *w, str key); /* an object has come to be */
void world_acked(struct world *w, uint64_t seq); /* a commit was answered with yes */
void world_look(struct world *w);            /* at what has landed, now */
void world_power_off(struct world *w);       /* of the machine: WORLD_FILES */
void world_run(struct world *w);             /* until all tasks are done, or a violation */
void world_clock_init(struct task *t);
const char *world_name(const struct world *w);

#endif

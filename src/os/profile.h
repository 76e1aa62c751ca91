/* profile.h - where the time of a run goes: cycles a thread spends in each stage of the way from records to files.
 *
 *     PROFILE(PROFILE_PARSE);      from here to the end of the block, this thread is parsing
 *
 * Stages nest, and an inner one's time is not the outer one's: the sums over all stages and threads are the time of all threads. Off until
 * profile_start; then a change of stage costs a reading of the cycle counter, so stages are changed by the record at the finest.
 * Cycles are those of the processor's constant counter, and a thread that is put off the processor keeps its stage.
 */
#ifndef OS_PROFILE_H
#define OS_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

enum profile_stage {
	PROFILE_OTHER,
	PROFILE_READ,     /* files, inflating, framing */
	PROFILE_PARSE,    /* text to tape */
	PROFILE_ENVELOPE, /* id, name, time, contract */
	PROFILE_CONTENT,  /* the hash of the content */
	PROFILE_JUDGE,    /* tables and repeats */
	PROFILE_SHRED,    /* tape to columns */
	PROFILE_ARCHIVE,  /* raw segments */
	PROFILE_SORT,     /* rows by time */
	PROFILE_ENCODE,   /* columns to pages, with their bounds */
	PROFILE_COMPRESS,
	PROFILE_BLOOM,
	PROFILE_STORE,    /* objects written, and waited for */
	PROFILE_IDS,      /* runs of ids */
	PROFILE_COMMIT,   /* manifests, the entry */
	PROFILE_APPLY,    /* tables brought up to it */
	PROFILE_IDLE,     /* workers and readers that wait */
	PROFILE_COUNT
};

extern bool profile_is_on;

/* One thread may start it, before the others are made. */
void profile_start(void);

/* The stage this thread was in until now. */
enum profile_stage profile_switch(enum profile_stage to);

struct profile {
	uint64_t cycles[PROFILE_COUNT]; /* of all threads */
	double   cycles_a_second;
	double   seconds;               /* by the clock, since the start */
};
/* Of other threads: up to their last change of stage. */
void profile_read(struct profile *out);

const char *profile_name(enum profile_stage stage); /* "parse" */

struct profile_scope {
	enum profile_stage before;
	bool               is_on;
};

static inline struct profile_scope profile_enter(enum profile_stage to)
{
	return profile_is_on ? (struct profile_scope){profile_switch(to), true} : (struct profile_scope){0};
}

static inline void profile_leave(const struct profile_scope *s)
{
	if (s->is_on)
		(void)profile_switch(s->before);
}

#define PROFILE_NAME_(line) profile_scope_##line
#define PROFILE_NAME(line)  PROFILE_NAME_(line)
#define PROFILE(stage)      __attribute__((cleanup(profile_leave), unused)) const struct profile_scope PROFILE_NAME(__LINE__) = profile_enter(stage)

#endif

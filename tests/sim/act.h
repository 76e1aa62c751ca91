/* act.h - what may become of a call to the outside, and who decides it. */
#ifndef SIM_ACT_H
#define SIM_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

enum verb {
	/* of an object store */
	VERB_GET, VERB_PUT, VERB_REPLACE, VERB_LIST, VERB_REMOVE, VERB_SIZE,
	/* of a file system */
	VERB_OPEN, VERB_READ, VERB_WRITE, VERB_SYNC, VERB_STAT, VERB_LINK, VERB_RENAME, VERB_UNLINK, VERB_MKDIR,
	VERB_NAMES, VERB_SYNC_FOLDER, VERB_SYNC_ALL,
	/* of a clock */
	VERB_NOW,
	VERB_COUNT,
};

enum act {
	ACT_NONE,
	ACT_DEAD,         /* the process has crashed before: never chosen */
	ACT_LOST,         /* the request is lost, or the device fails: an error, and nothing was done */
	ACT_BUSY,         /* 409, 500, 503: the same, with the word that says so */
	ACT_REPLY,        /* done, or refused, and the answer is lost */
	ACT_LATE,         /* an error; it lands later, maybe after its writer is gone, or never */
	ACT_TWICE,        /* done, and delivered once more later */
	ACT_CUT,          /* a body that is cut short, and a yes */
	ACT_FLIP,         /* a body with a bit turned, and a yes: of objects that prove themselves */
	ACT_STALE,        /* a listing without the newest names */
	ACT_FULL,         /* the disk is full: half is done */
	ACT_DROPPED,      /* a failed sync that drops the bytes */
	ACT_CRASH_BEFORE, /* the process is gone; the call was not made */
	ACT_CRASH_AFTER,  /* the process is gone; the call was made */
	ACT_POWER_BEFORE, /* the machine is gone */
	ACT_POWER_AFTER,
	ACT_TORN,         /* the machine is gone in the midst of a write */
	ACT_STALL,        /* the process stands still for long, then goes on with the call */
	ACT_STEP,         /* the clock steps by up to ten years */
	ACT_FREEZE,       /* the clock stands still, or goes on again */
	ACT_COUNT,
};

extern const char *const act_words[ACT_COUNT];
extern const char *const verb_words[VERB_COUNT];

bool act_fits(enum act act, enum verb verb);

/* A fault, by whom it struck: a task's life and the number of the call in it. */
struct fault {
	uint32_t task, life, call;
	enum act act;
	enum verb verb; /* not part of its identity: for people */
};

struct plan_log {
	VEC_OF(struct fault);
};

/* Rates (of 2^32) for a world left to chance; or a list, and nothing else happens. */
struct plan {
	uint32_t            rates[ACT_COUNT];
	bool                is_list;
	const struct fault *faults; /* borrowed */
	size_t              fault_count;
	bool                is_by_total; /* `call` counts through all lives of the task */
	bool                is_counting; /* note every call in the log, as ACT_NONE */
};

#endif

/* fault.h - a store whose far end fails, by plan.
 *
 * It wears the face of a store over an inner one, which is borrowed: what the far
 * end holds outlives the one who talks to it. A fault is chosen by number of call
 * (store_fault_at) or by the seed, from the number of the call alone: the same
 * calls in the same order meet the same faults. store_fault_calls of a clean run
 * says how many places there are to fail at.
 */
#ifndef STORE_FAULT_H
#define STORE_FAULT_H

#include "store/store.h"
#include "store/verb.h"

enum fault_kind {
	FAULT_NONE,
	FAULT_BEFORE, /* ERR_IO, and nothing was done */
	FAULT_AFTER,  /* ERR_IO, and it was done, or refused: only the answer is lost */
	FAULT_BUSY,   /* ERR_BUSY, and nothing was done */
	FAULT_KIND_COUNT,
};

struct fault_plan {
	uint64_t seed;
	uint32_t one_in; /* a fault in about one call of so many; 0: only those of store_fault_at */
	unsigned kinds;  /* bits 1 << kind to choose from; 0: all */
};

enum { STORE_ANY_VERB = STORE_VERB_COUNT }; /* in place of a verb: whichever comes */

/* plan NULL: no seeded faults. */
struct store *store_new_fault(struct store *inner, const struct fault_plan *plan);

/* Fail the nth call of the verb from now on; 1 is the next. Several may wait at once. */
void store_fault_at(struct store *s, int verb, uint64_t nth, enum fault_kind kind);

uint64_t store_fault_calls(struct store *s, int verb); /* made so far, failed ones included */
uint64_t store_fault_count(struct store *s);           /* faults so far */

#endif

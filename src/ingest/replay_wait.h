/* replay_wait.h - for a writer that has lost lane 0: was it to a replay that switches tables, and what came of that?
 *
 * A replay's FENCE says so (journal.h, `switches`). Its writer is there for one entry, so the one before it need not end: it waits, opens
 * everything anew, and goes on. Whoever else takes the lane over is there to stay.
 */
#ifndef INGEST_REPLAY_WAIT_H
#define INGEST_REPLAY_WAIT_H

#include <signal.h>

#include "lake/journal.h"

enum replay_end {
	REPLAY_SWITCHED, /* tables are others: it goes on under the configuration as it is now */
	REPLAY_LEFT,     /* it had nothing to switch */
	REPLAY_STALLED,  /* nothing was heard of it for too long: its switch can not come any more, for the lane has been taken from it */
	REPLAY_REPLACED, /* by another writer, who is there to stay */
	REPLAY_STOPPED,  /* we were told to stop */
};

/* Was everything above `head`, the last entry that the writer knew, put by replays? */
int replay_has_lane(struct lake *l, uint64_t head, bool *out, struct err *e) MUST_USE;

/* Wait for the end of it. It has stalled when no entry has come to lane 0, or to its own, for patience_us. */
int replay_wait(struct lake *l, uint64_t head, int64_t patience_us, const volatile sig_atomic_t *stop, enum replay_end *out,
                struct err *e) MUST_USE;

#endif

/* retention.h - raw segments that are older than the pipeline wants them kept, and that nothing needs, go.
 *
 * A commit looks at a few entries beyond the last one that was let go, in their order: so the cost is that of a few reads
 * a commit, however long the journal is, and what is let go keeps up with what comes in. The entry says so first; then the
 * objects are removed, and where that fails they are left over, which does no harm.
 *
 * Needed is what holds rows, and, while a replay is under way, everything.
 */
#ifndef INGEST_RETENTION_H
#define INGEST_RETENTION_H

#include "lake/journal.h"

struct retention {
	str      pipeline;  /* borrowed */
	int64_t  keep_us;   /* 0: for ever */
	uint64_t through;   /* entries that have been let go */
	uint64_t looked;    /* and those that this commit lets go */
	int64_t  next_us;   /* time of the first entry that is kept, once it was looked at */
	struct { VEC_OF(str); } keys; /* of this commit's segments */
	struct arena arena;
};

void retention_init(struct retention *r, str pipeline, int64_t keep_us, const struct journal_state *s);
void retention_done(struct retention *r);

/* Let go what may go, in the entry. `held_since`: the oldest entry that holds rows, 0: none. */
int  retention_write(struct retention *r, struct lake *l, str lane, uint64_t head, uint64_t held_since,
                     struct journal_entry *entry, struct err *e) MUST_USE;
void retention_committed(struct retention *r, struct lake *l);

#endif

/* idsweep.h - runs of ids that no entry asks for any more, removed when a writer starts: those that others have replaced and
 * a crash left behind, and those of attempts that were never committed.
 *
 * By the journal's word alone: a run of this lane goes where the entry in its name is decided, being at or below the head,
 * and the state at the head does not name it. That is safe at any moment, whoever sweeps and however old the state: what a
 * later entry may name was written for an entry above this head. Let a state be one that a fence of this writer stands on,
 * so that what it says is on the disk to stay.
 */
#ifndef INGEST_IDSWEEP_H
#define INGEST_IDSWEEP_H

#include "lake/journal.h"

/* What cannot be listed or removed now stays until the next start: it is in nobody's way. */
void ids_sweep(struct lake *l, str lane, const struct journal_state *s);

#endif

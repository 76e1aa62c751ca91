/* lagoon.h - a lake in memory and a pipeline into it from a file, for tests of the whole pump.
 *
 *     struct lagoon g;
 *     lagoon_open(&g);
 *     lagoon_file(&g, "a.json", text);        below a folder of the test's own
 *     status = lagoon_ingest(&g, 2);          one-shot, with so many workers; a new process each time
 *     lagoon_rows(&g, "events", "thing")      as a reader of the tables sees it
 *     lagoon_close(&g);
 *
 * Faults may be planned before lagoon_ingest, by g.plan or g.fault_nth: a failed one leaves what was done until then.
 */
#ifndef TESTS_LAGOON_H
#define TESTS_LAGOON_H

#include "ingest/pump.h"
#include "ingest/replay.h"
#include "store/fault.h"
#include "tests/unit/ingest/pipe.h"

struct lagoon {
	struct store      *inner;  /* the far end: what is in it stays */
	struct pipe        pipe;   /* its conf is the first pipeline's */
	struct pipeline    second; /* used where second.name is set */
	const char        *folder;
	str                glob;
	size_t             memory_bytes; /* small: many commits */
	int64_t            stop_at; /* follow the files, and stop after so many records; 0: one-shot */
	int64_t            looked_at;
	volatile sig_atomic_t stop;
	struct fault_plan  plan;
	uint64_t           fault_nth; /* call of the store that fails; 0: none */
	enum fault_kind    fault_kind;
	uint64_t           calls;  /* of the store, in the last ingest */
	struct pump_report report; /* of the last ingest that succeeded */
	struct replay_report replay; /* of the last replay that succeeded */
	struct err         e;
};

void    lagoon_open(struct lagoon *g);
void    lagoon_close(struct lagoon *g);
void    lagoon_file(struct lagoon *g, const char *name, str text);
int     lagoon_ingest(struct lagoon *g, size_t workers);
int     lagoon_replay(struct lagoon *g, bool is_dry); /* of the first pipeline; faults as in lagoon_ingest */
int64_t lagoon_rows(struct lagoon *g, const char *space, const char *table);
/* The journal from its beginning to its head, chained and balanced; the sum of its counts. */
struct entry_counts lagoon_counts(struct lagoon *g);

#endif

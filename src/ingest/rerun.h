/* rerun.h - records of a raw segment through their pipeline's envelope once more, as they were taken: in the same order, under the same
 * labels, at the same time. What becomes of them is the caller's to say: nothing is asked of dedupe, or of the source. */
#ifndef INGEST_RERUN_H
#define INGEST_RERUN_H

#include "ingest/feed.h"

struct rerun {
	struct run run; /* the records wanted of the block at hand */
	struct { VEC_OF(const struct segment_record *); } wanted; /* one a record of the run */
};

void rerun_done(struct rerun *r);

typedef bool rerun_wants_fn(void *context, const struct segment_record *r);

/* The records wanted of a block are f->events, all of them through the envelope. 0: it wants none. */
int rerun_block(struct rerun *r, struct feed *f, const struct segment_block *b, rerun_wants_fn *wants, void *context,
                struct err *e) MUST_USE;

/* A new row: the table it goes to, or refused. */
int rerun_route(struct feed *f, struct event *ev, struct err *e) MUST_USE;

/* NULL where no feed is of this pipeline. */
struct feed *feed_of(struct feed *feeds, size_t count, str pipeline);

AUTO_DEFINE(rerun, rerun_done)

#endif

/* prefetch.h - read the next run while the last one is being worked on. Two runs, recycled. */
#ifndef INGEST_PREFETCH_H
#define INGEST_PREFETCH_H

#include "source/source.h"

struct prefetch;

/* is_threaded: on a thread of its own; else each call reads when asked (one task at a time: the simulator's case). The source is borrowed. */
struct prefetch *prefetch_new(struct source *s, bool is_threaded);
void             prefetch_free(struct prefetch *p); /* NULL is fine; waits for a read under way */

/* 1: *out is a run, borrowed until the next call; 0: the source has nothing now. */
int prefetch_next(struct prefetch *p, struct run **out, struct err *e) MUST_USE;

/* source_settle, once no read is under way. */
int prefetch_settle(struct prefetch *p, const struct run_part *parts, size_t count, struct err *e) MUST_USE;
/* The source's counts as they were when the last run handed out had been read: the source itself may be reading. */
void prefetch_count(struct prefetch *p, struct source_counts *out);

AUTO_PTR_DEFINE(prefetch, prefetch_free)

#endif

/* ring.h - the good records of late, to be repeated.
 *
 * Two halves of fixed size: when the newer one is full it becomes the older one, whose records are
 * forgotten. So it always knows the last 50,000 to 100,000 records (or 12 to 24 MiB of them), whatever the
 * length of the stream.
 */
#ifndef SIMULATE_RING_H
#define SIMULATE_RING_H

#include "base/auto.h"
#include "simulate/random.h"
#include "simulate/record.h"

struct ring_half;

struct ring {
	struct ring_half *newer, *older;
};

void   ring_init(struct ring *r);
void   ring_done(struct ring *r);
void   ring_clear(struct ring *r);
size_t ring_count(const struct ring *r);
void   ring_add(struct ring *r, const struct record *record);

/* A copy of any of them: text, table and time_value; ring_count must not be 0. */
void ring_pick(const struct ring *r, struct random *random, struct record *out);

AUTO_DEFINE(ring, ring_done)

#endif

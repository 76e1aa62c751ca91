/* heap.h - what comes next in time: a binary heap of (time, number). */
#ifndef SIMULATE_HEAP_H
#define SIMULATE_HEAP_H

#include "base/vec.h"

struct heap_item {
	int64_t  at;
	uint32_t number;
};

struct heap {
	VEC_OF(struct heap_item);
};

void             heap_done(struct heap *h);
void             heap_add(struct heap *h, int64_t at, uint32_t number);
struct heap_item heap_first(const struct heap *h); /* the earliest; of equal times the smallest number */
struct heap_item heap_take(struct heap *h);        /* the same, and it is gone */
void             heap_replace(struct heap *h, int64_t at, uint32_t number); /* take and add in one */

AUTO_DEFINE(heap, heap_done)

#endif

/* heap.c - sift up, sift down. Equal items cannot be told apart, so the order is a function of
 * the content alone. */
#include "simulate/heap.h"

#include <assert.h>

void heap_done(struct heap *h)
{
	VEC_DONE(h);
}

static bool is_before(struct heap_item a, struct heap_item b)
{
	return a.at < b.at || (a.at == b.at && a.number < b.number);
}

static void sift_down(struct heap *h, struct heap_item item)
{
	size_t at = 0, child;

	while ((child = 2 * at + 1) < h->count) {
		if (child + 1 < h->count && is_before(h->at[child + 1], h->at[child]))
			child++;
		if (!is_before(h->at[child], item))
			break;
		h->at[at] = h->at[child];
		at = child;
	}
	h->at[at] = item;
}

void heap_add(struct heap *h, int64_t at, uint32_t number)
{
	struct heap_item item = {at, number};
	size_t           here = h->count;

	*VEC_ADD(h) = item;
	while (here > 0 && is_before(item, h->at[(here - 1) / 2])) {
		h->at[here] = h->at[(here - 1) / 2];
		here = (here - 1) / 2;
	}
	h->at[here] = item;
}

struct heap_item heap_first(const struct heap *h)
{
	assert(h->count > 0);
	return h->at[0];
}

struct heap_item heap_take(struct heap *h)
{
	struct heap_item first = heap_first(h);
	struct heap_item last = h->at[--h->count];

	if (h->count > 0)
		sift_down(h, last);
	return first;
}

void heap_replace(struct heap *h, int64_t at, uint32_t number)
{
	assert(h->count > 0);
	sift_down(h, (struct heap_item){at, number});
}

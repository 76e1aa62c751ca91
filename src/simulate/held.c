/* held.c - numbered slots, and a heap over their numbers. Every number is either free or in the
 * heap. */
#include "simulate/held.h"

#include <stdlib.h>

struct held *held_new(void)
{
	struct held *h = xcalloc(1, sizeof(*h));

	for (uint32_t i = 0; i < HELD_MAX; i++)
		h->free[i] = HELD_MAX - 1 - i;
	h->free_count = HELD_MAX;
	return h;
}

void held_free(struct held *h)
{
	for (size_t i = 0; i < HELD_MAX; i++)
		free(h->slots[i].text);
	heap_done(&h->due);
	free(h);
}

uint32_t held_count(const struct held *h)
{
	assert(h->due.count + h->free_count == HELD_MAX);
	return (uint32_t)h->due.count;
}

bool held_is_due(const struct held *h, int64_t now_ms)
{
	return held_count(h) > 0 && (h->free_count == 0 || heap_first(&h->due).at <= now_ms);
}

void held_add(struct held *h, const struct record *record, int64_t at_ms, int64_t due_ms)
{
	uint32_t          number;
	struct held_slot *slot;

	assert(h->free_count > 0);
	number = h->free[--h->free_count];
	slot = &h->slots[number];
	*slot = (struct held_slot){xmalloc(record->len), at_ms, record->len, record->table};
	memcpy(slot->text, record->text, record->len);
	heap_add(&h->due, due_ms, number);
}

void held_take(struct held *h, struct record *out, int64_t *out_at_ms)
{
	uint32_t          number = heap_take(&h->due).number;
	struct held_slot *slot = &h->slots[number];

	record_clear(out);
	memcpy(out->text, slot->text, slot->len);
	out->len = slot->len;
	out->table = slot->table;
	*out_at_ms = slot->at_ms;
	free(slot->text);
	*slot = (struct held_slot){0};
	h->free[h->free_count++] = number;
}

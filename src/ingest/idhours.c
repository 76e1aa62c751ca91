#include "ingest/idhours.h"

#include <assert.h>

#include "base/hash.h"

enum { FIRST_SLOTS = 64 };

void idhours_done(struct idhours *h)
{
	free(h->slots);
	VEC_DONE(&h->before);
	*h = (struct idhours){0};
}

/* The slot of an hour, or the free one where it would go. Producers choose hours, so their hash is keyed. */
static struct idhour *slot_of(const struct idhours *h, int64_t hour)
{
	uint32_t mask = h->slot_count - 1;
	uint32_t i = (uint32_t)hash_bytes(&hour, sizeof(hour), hash_process_seed()) & mask;

	while (h->slots[i].last != 0 && h->slots[i].hour != hour)
		i = (i + 1) & mask;
	return &h->slots[i];
}

static void grow(struct idhours *h)
{
	struct idhour *old = h->slots;
	uint32_t       old_count = h->slot_count;

	h->slot_count = old_count ? old_count * 2 : FIRST_SLOTS;
	h->slots = xcalloc(h->slot_count, sizeof(*h->slots));
	for (uint32_t i = 0; i < old_count; i++)
		if (old[i].last != 0)
			*slot_of(h, old[i].hour) = old[i];
	free(old);
}

void idhours_add(struct idhours *h, int64_t hour, uint32_t section)
{
	struct idhour *slot;

	assert(section >= h->before.count);
	while (h->before.count <= section)
		*VEC_ADD(&h->before) = 0;
	if ((h->hour_count + 1) * 2 > h->slot_count)
		grow(h);
	slot = slot_of(h, hour);
	h->hour_count += slot->last == 0;
	h->before.at[section] = slot->last;
	*slot = (struct idhour){hour, section + 1};
}

uint32_t idhours_last(const struct idhours *h, int64_t hour)
{
	return h->slot_count > 0 ? slot_of(h, hour)->last : 0;
}

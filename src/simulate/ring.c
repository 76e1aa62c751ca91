/* ring.c - the two halves. */
#include "simulate/ring.h"

#include <stdlib.h>

#include "base/arena.h"

enum { HALF_RECORDS = 50000, HALF_BYTES = 12 << 20 };

struct ring_entry {
	uint32_t    from, len, table;
	struct span time_value;
};

struct ring_half {
	uint32_t          count, used;
	struct ring_entry entries[HALF_RECORDS];
	char              bytes[HALF_BYTES];
};

void ring_init(struct ring *r)
{
	r->newer = xmalloc(sizeof(*r->newer));
	r->older = xmalloc(sizeof(*r->older));
	ring_clear(r);
}

void ring_done(struct ring *r)
{
	free(r->newer);
	free(r->older);
	*r = (struct ring){0};
}

void ring_clear(struct ring *r)
{
	r->newer->count = r->newer->used = 0;
	r->older->count = r->older->used = 0;
}

size_t ring_count(const struct ring *r)
{
	return (size_t)r->newer->count + r->older->count;
}

void ring_add(struct ring *r, const struct record *record)
{
	struct ring_half *half = r->newer;

	if (half->count == HALF_RECORDS || half->used + record->len > HALF_BYTES) {
		r->newer = r->older;
		r->older = half;
		half = r->newer;
		half->count = half->used = 0;
	}
	half->entries[half->count++] =
		(struct ring_entry){half->used, record->len, record->table, record->time_value};
	memcpy(half->bytes + half->used, record->text, record->len);
	half->used += record->len;
}

void ring_pick(const struct ring *r, struct random *random, struct record *out)
{
	uint32_t                 index = random_below(random, (uint32_t)ring_count(r));
	const struct ring_half  *half = index < r->newer->count ? r->newer : r->older;
	const struct ring_entry *entry;

	assert(ring_count(r) > 0);
	entry = &half->entries[half == r->newer ? index : index - r->newer->count];
	record_clear(out);
	out->len = entry->len;
	out->table = entry->table;
	out->time_value = entry->time_value;
	memcpy(out->text, half->bytes + entry->from, entry->len);
}

/* Invariants: a slot that is free ends every walk, for at most seven of ten are taken. */
#include "ingest/rowset.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"

enum { GROUP_BITS = 16, LOAD_PERCENT = 70 };

#define GROUP_MASK (((uint64_t)1 << GROUP_BITS) - 1)

uint64_t rowset_room(size_t bytes)
{
	return bytes / sizeof(struct hash128) * LOAD_PERCENT / 100;
}

void rowset_init(struct rowset *s, uint64_t rows)
{
	*s = (struct rowset){.slot_count = rows * 100 / LOAD_PERCENT + 2, .room = rows};
	s->slots = xcalloc(s->slot_count, sizeof(*s->slots));
}

void rowset_done(struct rowset *s)
{
	free(s->slots);
	*s = (struct rowset){0};
}

/* Without its group. */
static struct hash128 key_of(str position, int64_t taken_us)
{
	struct hash128 key = hash_bytes128(position.ptr, position.len, hash_mix((uint64_t)taken_us, hash_process_seed()));

	key.low &= ~GROUP_MASK;
	return key;
}

/* The slot that has the key, or the free one where it would be. */
static struct hash128 *slot_of(const struct rowset *s, struct hash128 key)
{
	uint64_t at = (uint64_t)(((unsigned __int128)key.high * s->slot_count) >> 64);

	while ((s->slots[at].low & GROUP_MASK) != 0 &&
	       (s->slots[at].high != key.high || (s->slots[at].low & ~GROUP_MASK) != key.low))
		at = at + 1 < s->slot_count ? at + 1 : 0;
	return &s->slots[at];
}

void rowset_add(struct rowset *s, str position, int64_t taken_us, uint32_t group)
{
	struct hash128  key = key_of(position, taken_us);
	struct hash128 *slot = slot_of(s, key);

	assert(s->count < s->room && group < ROWSET_GROUPS);
	s->count++;
	if (slot->low != 0)
		return;
	key.low |= group + 1;
	*slot = key;
}

bool rowset_find(const struct rowset *s, str position, int64_t taken_us, uint32_t *group)
{
	const struct hash128 *slot;

	if (s->count == 0)
		return false;
	slot = slot_of(s, key_of(position, taken_us));
	if ((slot->low & GROUP_MASK) == 0)
		return false;
	*group = (uint32_t)(slot->low & GROUP_MASK) - 1;
	return true;
}

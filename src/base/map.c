/* Open addressing over an array of items: the slots hold item numbers, so the
 * items keep their order and walking needs no sorting. */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"

enum { FIRST_SLOTS = 16 };

void map_done(struct map *m)
{
	free(m->items);
	free(m->slots);
	arena_done(&m->keys);
	*m = (struct map){0};
}

/* The slot that holds the key, or the free one where it would go. */
static uint32_t *slot_of(const struct map *m, str key, uint64_t hash)
{
	size_t mask = m->slot_count - 1;

	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		uint32_t        *slot = &m->slots[i];
		struct map_item *item = *slot ? &m->items[*slot - 1] : NULL;

		if (item == NULL || (item->key.ptr != NULL && item->hash == hash && str_eq(item->key, key)))
			return slot;
	}
}

static void slots_grow(struct map *m)
{
	size_t count = m->slot_count ? m->slot_count * 2 : FIRST_SLOTS;

	free(m->slots);
	m->slots = xcalloc(count, sizeof(*m->slots));
	m->slot_count = count;
	for (size_t i = 0; i < m->count; i++)
		if (m->items[i].key.ptr != NULL)
			*slot_of(m, m->items[i].key, m->items[i].hash) = (uint32_t)i + 1;
}

struct map_item *map_get(const struct map *m, str key)
{
	uint32_t *slot;

	if (m->live == 0)
		return NULL;
	slot = slot_of(m, key, hash_bytes(key.ptr, key.len, hash_process_seed()));
	return *slot ? &m->items[*slot - 1] : NULL;
}

struct map_item *map_put(struct map *m, str key)
{
	uint64_t  hash = hash_bytes(key.ptr, key.len, hash_process_seed());
	uint32_t *slot;

	if ((m->count + 1) * 2 > m->slot_count)
		slots_grow(m);
	slot = slot_of(m, key, hash);
	if (*slot == 0) {
		if (m->count == m->cap) {
			m->cap = m->cap ? m->cap * 2 : 8;
			m->items = xrealloc(m->items, m->cap * sizeof(*m->items));
		}
		assert(m->count < UINT32_MAX);
		m->items[m->count] = (struct map_item){.key = arena_str(&m->keys, key), .hash = hash};
		*slot = (uint32_t)++m->count;
		m->live++;
	}
	return &m->items[*slot - 1];
}

void map_remove(struct map *m, str key)
{
	struct map_item *item = map_get(m, key);

	if (item != NULL) {
		item->key = (str){0}; /* its slot stays taken, so that chains through it hold */
		m->live--;
	}
}

void *map_ptr(const struct map *m, str key)
{
	const struct map_item *item = map_get(m, key);

	return item ? item->ptr : NULL;
}

/* map.h - from text to a 64-bit value or pointer.
 *
 * Keys are copied into the map's own arena and keep their order of first
 * insertion, so walking a map is deterministic. The hash is keyed at random
 * per process: hostile keys cannot make it slow.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"

struct map_item {
	str key;
	union {
		void    *ptr;
		uint64_t num;
	};
	uint64_t hash;
};

struct map {
	struct map_item *items; /* in order of insertion; a removed item has key.ptr NULL */
	size_t           count; /* items, removed ones included */
	size_t           live;
	size_t           cap;
	uint32_t        *slots; /* item index + 1, 0 free; a power of two of them */
	size_t           slot_count;
	struct arena     keys;
};

void map_done(struct map *m);

struct map_item *map_get(const struct map *m, str key); /* NULL where absent; borrowed until the next map_put */
struct map_item *map_put(struct map *m, str key);       /* found, or added with value 0 */
void             map_remove(struct map *m, str key);
void            *map_ptr(const struct map *m, str key); /* the pointer, or NULL */

AUTO_DEFINE(map, map_done)

#endif

/* idtable.h - where may this key be? Eight bytes a key, open addressing.
 *
 *   slot:  tag, the top 40 bits of key.high | section + 1, 24 bits        0: free
 *
 * A key's home is the top bits of its tag, so the table grows from its own slots, without the keys.
 * Two keys may share a tag: what is found is a place to look, never an answer.
 */
#ifndef INGEST_IDTABLE_H
#define INGEST_IDTABLE_H

#include "base/hash.h"

enum { IDTABLE_SECTION_BITS = 24, IDTABLE_TAG_BITS = 40, IDTABLE_SECTIONS = (1 << IDTABLE_SECTION_BITS) - 1 };

struct idtable {
	uint64_t *slots;
	unsigned  log2;      /* slots: 1 << log2 */
	uint64_t  count;
};

/* How many keys go into a table of at most so many bytes. */
uint64_t idtable_room(size_t bytes);
void idtable_init(struct idtable *t, uint64_t expected);
void idtable_done(struct idtable *t);
/* Room for `coming` more keys at a load of 70 %. Before, not while, adding a run: its keys come in order, and a home is
 * the top of the key, so that a table grown on the way would be crowded at one end. */
void idtable_reserve(struct idtable *t, uint64_t coming, uint64_t most); /* `most`: keys there will ever be room for */
void idtable_add(struct idtable *t, struct hash128 key, uint32_t section); /* there is room */
/* Forget every key of the sections below `section`. */
void idtable_drop_below(struct idtable *t, uint32_t section);
/* Sections have other numbers now: by the old one the new one. A look at each slot. */
void idtable_renumber(struct idtable *t, const uint32_t *numbers);

static inline uint64_t idtable_tag(struct hash128 key)
{
	return key.high >> (64 - IDTABLE_TAG_BITS);
}

static inline uint64_t idtable_home(const struct idtable *t, uint64_t tag)
{
	return tag >> (IDTABLE_TAG_BITS - t->log2);
}

static inline void idtable_prefetch(const struct idtable *t, struct hash128 key)
{
	__builtin_prefetch(&t->slots[idtable_home(t, idtable_tag(key))]);
}

/* Walk the sections a key may be in: *at starts at UINT64_MAX. false: no more. */
static inline bool idtable_next(const struct idtable *t, struct hash128 key, uint64_t *at, uint32_t *section)
{
	uint64_t tag = idtable_tag(key), mask = ((uint64_t)1 << t->log2) - 1;
	uint64_t place = *at == UINT64_MAX ? idtable_home(t, tag) : (*at + 1) & mask;

	for (; t->slots[place] != 0; place = (place + 1) & mask) {
		if (t->slots[place] >> IDTABLE_SECTION_BITS == tag) {
			*at = place;
			*section = (uint32_t)(t->slots[place] & ((1u << IDTABLE_SECTION_BITS) - 1)) - 1;
			return true;
		}
	}
	return false;
}

#endif

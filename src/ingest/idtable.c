#include "ingest/idtable.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"

enum { SMALLEST_LOG2 = 12, LARGEST_LOG2 = 34 };

static void slots_new(struct idtable *t, unsigned log2)
{
	assert(log2 >= SMALLEST_LOG2 && log2 <= LARGEST_LOG2);
	t->slots = xcalloc((size_t)1 << log2, sizeof(*t->slots));
	t->log2 = log2;
}

static uint64_t room(unsigned log2)
{
	return ((uint64_t)7 << log2) / 10;
}

void idtable_init(struct idtable *t, uint64_t expected)
{
	unsigned log2 = SMALLEST_LOG2;

	while (room(log2) < expected)
		log2++;
	*t = (struct idtable){0};
	slots_new(t, log2);
}

void idtable_done(struct idtable *t)
{
	free(t->slots);
	*t = (struct idtable){0};
}

static void slot_put(struct idtable *t, uint64_t slot)
{
	uint64_t mask = ((uint64_t)1 << t->log2) - 1;
	uint64_t place = idtable_home(t, slot >> IDTABLE_SECTION_BITS);

	while (t->slots[place] != 0)
		place = (place + 1) & mask;
	t->slots[place] = slot;
}

/* Move the slots whose section is at least `section` to a table of 1 << log2. */
static void rebuild(struct idtable *t, unsigned log2, uint32_t section)
{
	const uint64_t section_mask = (1u << IDTABLE_SECTION_BITS) - 1;
	uint64_t      *old = t->slots;
	uint64_t       old_count = (uint64_t)1 << t->log2;

	slots_new(t, log2);
	t->count = 0;
	for (uint64_t i = 0; i < old_count; i++) {
		if (old[i] != 0 && (old[i] & section_mask) > section) { /* stored as section + 1 */
			slot_put(t, old[i]);
			t->count++;
		}
	}
	free(old);
}

void idtable_reserve(struct idtable *t, uint64_t coming)
{
	unsigned log2 = t->log2;

	while (room(log2) < t->count + coming)
		log2++;
	if (log2 > t->log2)
		rebuild(t, log2, 0);
}

void idtable_drop_below(struct idtable *t, uint32_t section)
{
	rebuild(t, t->log2, section);
}

void idtable_add(struct idtable *t, struct hash128 key, uint32_t section)
{
	assert(t->count < room(t->log2));
	assert(section + 1 < 1u << IDTABLE_SECTION_BITS);
	slot_put(t, idtable_tag(key) << IDTABLE_SECTION_BITS | (section + 1));
	t->count++;
}

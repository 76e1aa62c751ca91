#include "ingest/idtable.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"

enum { SMALLEST_LOG2 = 12, STRIDE_LOG2 = 20, LARGEST_LOG2 = 34 };

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

uint64_t idtable_room(size_t bytes)
{
	unsigned log2 = SMALLEST_LOG2;

	while (log2 < LARGEST_LOG2 && (sizeof(uint64_t) << (log2 + 1)) <= bytes)
		log2++;
	return room(log2);
}

static unsigned log2_for(uint64_t keys)
{
	unsigned log2 = SMALLEST_LOG2;

	while (room(log2) < keys)
		log2++;
	return log2;
}

void idtable_init(struct idtable *t, uint64_t expected)
{
	*t = (struct idtable){0};
	slots_new(t, log2_for(expected));
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

static void grow(struct idtable *t, unsigned log2)
{
	uint64_t *old = t->slots;
	uint64_t  old_count = (uint64_t)1 << t->log2;

	slots_new(t, log2);
	for (uint64_t i = 0; i < old_count; i++)
		if (old[i] != 0)
			slot_put(t, old[i]);
	free(old);
}

/* While it grows both tables are there: so a large one grows seldom, and from one much smaller. */
void idtable_reserve(struct idtable *t, uint64_t coming, uint64_t most)
{
	unsigned needed = log2_for(t->count + coming), largest = log2_for(most);
	unsigned stride = t->log2 < STRIDE_LOG2 ? t->log2 + 1 : t->log2 + 2;

	if (needed <= t->log2)
		return;
	if (stride > largest)
		stride = largest;
	grow(t, needed > stride ? needed : stride);
}

/* In place, for the table is what memory goes to. Each slot is taken out, and put back where it is kept: from behind a free one
 * on, so that no chain reaches from the slots to come into those done. */
void idtable_drop_below(struct idtable *t, uint32_t section)
{
	const uint64_t section_mask = (1u << IDTABLE_SECTION_BITS) - 1;
	uint64_t       count = (uint64_t)1 << t->log2, first = 0;

	while (t->slots[first] != 0)
		first++;
	for (uint64_t i = 1; i < count; i++) {
		uint64_t place = (first + i) & (count - 1);
		uint64_t slot = t->slots[place];

		if (slot == 0)
			continue;
		t->slots[place] = 0;
		if ((slot & section_mask) > section) /* stored as section + 1 */
			slot_put(t, slot);
		else
			t->count--;
	}
}

void idtable_renumber(struct idtable *t, const uint32_t *numbers)
{
	const uint64_t section_mask = (1u << IDTABLE_SECTION_BITS) - 1;

	for (uint64_t i = 0; i < (uint64_t)1 << t->log2; i++) {
		uint64_t slot = t->slots[i];

		if (slot != 0)
			t->slots[i] = (slot & ~section_mask) | (numbers[(slot & section_mask) - 1] + 1);
	}
}

void idtable_add(struct idtable *t, struct hash128 key, uint32_t section)
{
	assert(t->count < room(t->log2));
	assert(section < IDTABLE_SECTIONS);
	slot_put(t, idtable_tag(key) << IDTABLE_SECTION_BITS | (section + 1));
	t->count++;
}

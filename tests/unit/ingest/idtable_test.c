#include "ingest/idtable.h"

#include "tests/lib/test.h"

enum { KEYS = 20000, SECTIONS = 40 };

static struct hash128 key_of(uint64_t number)
{
	return hash_bytes128(&number, sizeof(number), 3);
}

static bool holds(const struct idtable *t, struct hash128 key, uint32_t section)
{
	uint64_t at = UINT64_MAX;
	uint32_t found;

	while (idtable_next(t, key, &at, &found))
		if (found == section)
			return true;
	return false;
}

TEST(idtable_tells_the_section_of_each_key)
{
	struct idtable t;
	int            misled = 0;

	idtable_init(&t, 0);
	for (uint64_t i = 0; i < KEYS; i++) {
		if (i % 1000 == 0)
			idtable_reserve(&t, 1000, 0);
		idtable_add(&t, key_of(i), (uint32_t)(i * SECTIONS / KEYS));
	}
	CHECK_INT(t.count, KEYS);
	for (uint64_t i = 0; i < KEYS; i++) {
		uint64_t at = UINT64_MAX;
		uint32_t found;

		CHECK(holds(&t, key_of(i), (uint32_t)(i * SECTIONS / KEYS)));
		misled += idtable_next(&t, key_of(i + KEYS), &at, &found);
	}
	CHECK(misled < 3); /* 40 bits: one in tens of millions */
	idtable_done(&t);
}

TEST(idtable_forgets_old_sections_and_nothing_else)
{
	struct idtable t;

	idtable_init(&t, KEYS);
	for (uint64_t i = 0; i < KEYS; i++)
		idtable_add(&t, key_of(i), (uint32_t)(i % SECTIONS));
	for (uint32_t below = 0; below <= SECTIONS; below += 8) {
		uint64_t kept = 0;

		idtable_drop_below(&t, below);
		for (uint64_t i = 0; i < KEYS; i++) {
			bool is_kept = i % SECTIONS >= below;

			kept += is_kept;
			CHECK_INT(holds(&t, key_of(i), (uint32_t)(i % SECTIONS)), is_kept);
		}
		CHECK_INT(t.count, kept);
	}
	idtable_done(&t);
}

/* Keys of one tag, and of tags whose chains run over the end of the table to its beginning. */
TEST(idtable_keeps_crowded_keys)
{
	struct idtable t;

	idtable_init(&t, 0);
	for (uint32_t section = 0; section < 1200; section++) {
		idtable_add(&t, (struct hash128){UINT64_MAX, section}, section);
		idtable_add(&t, (struct hash128){UINT64_MAX - ((uint64_t)section << 24), 0}, section);
		if (section < 300)
			idtable_add(&t, (struct hash128){(uint64_t)section << 24, 0}, section);
	}
	for (int round = 0; round < 2; round++) {
		for (uint32_t section = 0; section < 1200; section++) {
			bool is_kept = round == 0 || section >= 200;

			CHECK_INT(holds(&t, (struct hash128){UINT64_MAX, 7}, section), is_kept);
			CHECK_INT(holds(&t, (struct hash128){UINT64_MAX - ((uint64_t)section << 24), 9}, section), is_kept);
			if (section < 300)
				CHECK_INT(holds(&t, (struct hash128){(uint64_t)section << 24, 1}, section), is_kept);
		}
		idtable_drop_below(&t, 200);
	}
	CHECK_INT(t.count, 1000 + 1000 + 100);
	idtable_done(&t);
}

TEST(idtable_stays_below_the_bytes_it_may_have)
{
	const size_t sizes[] = {1 << 20, 3 << 20, 100 << 20};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct idtable t;

		idtable_init(&t, 0);
		idtable_reserve(&t, idtable_room(sizes[i]), 0);
		CHECK((sizeof(uint64_t) << t.log2) <= sizes[i]);
		CHECK((sizeof(uint64_t) << t.log2) * 2 > sizes[i]);
		idtable_done(&t);
	}
	CHECK(idtable_room(0) > 1000); /* there is a smallest one */
}

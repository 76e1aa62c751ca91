/* idrun_find.c - is this key in that section? By its place among keys that lie evenly, for they are hashes: one read of
 * a few blocks, seldom more. And a filter a run, which says no without any. */
#include <assert.h>
#include <stdlib.h>

#include "ingest/idrun_set.h"

enum { FILTER_BLOCK = 64, FILTER_BITS_A_KEY = 12, FILTER_PROBES = 6 };

/* The place of a key is known to within a few square roots of the count. */
static uint64_t guess(struct hash128 key, uint64_t count)
{
	return (uint64_t)(((unsigned __int128)key.high * count) >> 64);
}

static uint64_t root(uint64_t count)
{
	uint64_t r = 16;

	while (r * r < count)
		r *= 2;
	return r;
}

/* The key among sorted ids of whole blocks, or NULL. */
static const char *ids_find(str blocks, uint64_t count, struct hash128 key)
{
	uint64_t low = 0, high = count;

	while (low < high) {
		uint64_t    middle = (low + high) / 2;
		const char *at = id_at(blocks, middle);
		int         order = hash128_cmp(id_key(at), key);

		if (order == 0)
			return at;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

int idrun_set_find(struct idrun_set *s, uint32_t section, struct hash128 key, uint64_t *payload, struct err *e)
{
	const struct id_section *in = &s->places.at[section].section;
	uint64_t                 low = 0, high = id_blocks(in->count); /* blocks that may hold it */
	uint64_t                 width = root(in->count), middle = guess(key, in->count);
	const char              *at;
	str                      blocks;

	while (low < high) {
		uint64_t from = (middle > width ? middle - width : 0) / ID_BLOCK_IDS;
		uint64_t to = (middle + width) / ID_BLOCK_IDS + 1;
		uint64_t ids;

		from = from < low ? low : from >= high ? high - 1 : from;
		to = to > high ? high : to <= from ? from + 1 : to;
		ids = id_block_ids(in, to) - id_block_ids(in, from);
		TRY(idrun_set_read(s, (struct id_spot){section, from}, (struct id_spot){section, to}, &s->scratch, &blocks, e));
		at = ids_find(blocks, ids, key);
		if (at != NULL) {
			*payload = id_payload(at);
			return 1;
		}
		if (hash128_cmp(key, id_key(id_at(blocks, 0))) < 0)
			high = from;
		else if (hash128_cmp(key, id_key(id_at(blocks, ids - 1))) > 0)
			low = to;
		else
			return 0;
		width *= 4; /* seldom: the guess is good */
		middle = low == to ? to * ID_BLOCK_IDS + width : from * ID_BLOCK_IDS;
	}
	return 0;
}

/* A block of 512 bits is chosen by key.low's top half, bits in it by pieces of its rest: one cache line a look. */
static uint8_t *filter_block(const struct id_run *r, struct hash128 key)
{
	return r->filter + (((key.low >> 32) * r->filter_blocks) >> 32) * FILTER_BLOCK;
}

static void filter_add(void *context, struct hash128 key, uint32_t section)
{
	uint8_t *block = filter_block(context, key);

	(void)section;
	for (unsigned i = 0; i < FILTER_PROBES; i++) {
		unsigned bit = (unsigned)(hash_mix(key.low, i) & (FILTER_BLOCK * 8 - 1));

		block[bit >> 3] = (uint8_t)(block[bit >> 3] | 1u << (bit & 7));
	}
}

int idrun_set_filter(struct idrun_set *s, uint32_t run, struct err *e)
{
	struct id_run *r = &s->runs.at[run];

	if (r->filter != NULL)
		return 0;
	r->filter_blocks = r->count * FILTER_BITS_A_KEY / (FILTER_BLOCK * 8) + 1;
	r->filter = xcalloc(r->filter_blocks, FILTER_BLOCK);
	if (idrun_set_walk(s, run, filter_add, r, e) < 0) {
		free(TAKE(r->filter)); /* half a filter would deny ids that are there */
		return e->class;
	}
	return 0;
}

bool idrun_may_hold(const struct id_run *r, struct hash128 key)
{
	const uint8_t *block = filter_block(r, key);

	for (unsigned i = 0; i < FILTER_PROBES; i++) {
		unsigned bit = (unsigned)(hash_mix(key.low, i) & (FILTER_BLOCK * 8 - 1));

		if (!(block[bit >> 3] >> (bit & 7) & 1))
			return false;
	}
	return true;
}

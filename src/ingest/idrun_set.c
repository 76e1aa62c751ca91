#include "ingest/idrun_set.h"

#include <assert.h>
#include <stdlib.h>

enum { FILTER_BLOCK = 64, FILTER_BITS_A_KEY = 12, FILTER_PROBES = 6, WALK_BYTES = 1 << 20 };

void idrun_set_init(struct idrun_set *s, struct lake *l, size_t kept_ceiling)
{
	*s = (struct idrun_set){.lake = l, .kept_ceiling = kept_ceiling};
}

void idrun_set_done(struct idrun_set *s)
{
	for (size_t i = 0; i < s->runs.count; i++) {
		free(s->runs.at[i].kept);
		free(s->runs.at[i].filter);
	}
	VEC_DONE(&s->runs);
	VEC_DONE(&s->places);
	buf_done(&s->scratch);
	arena_done(&s->arena);
}

/* Bytes [from, from + size) of a run: from memory, or read into `scratch`. */
static int run_bytes(struct idrun_set *s, const struct id_run *r, uint64_t from, uint64_t size, struct buf *scratch,
                     str *out, struct err *e)
{
	if (r->kept != NULL) {
		*out = str_make(r->kept + from, size);
		return 0;
	}
	buf_clear(scratch);
	s->reads++;
	TRY(store_get(s->lake->store, r->key, from, size, scratch, e));
	if (scratch->len != size)
		return err_set(e, ERR_CORRUPT, STR_FMT " ends before byte %llu", STR_ARG(r->key),
		               (unsigned long long)(from + size));
	*out = buf_str(scratch);
	return 0;
}

static void keep(struct idrun_set *s, struct id_run *r, str bytes)
{
	if (bytes.ptr == NULL || bytes.len > s->kept_ceiling)
		return;
	for (size_t i = 0; i < s->runs.count && s->kept_bytes + bytes.len > s->kept_ceiling; i++) {
		struct id_run *old = &s->runs.at[i];

		if (old->kept != NULL) {
			s->kept_bytes -= old->bytes;
			free(old->kept);
			old->kept = NULL;
		}
	}
	r->kept = xmalloc(bytes.len);
	memcpy(r->kept, bytes.ptr, bytes.len);
	s->kept_bytes += bytes.len;
}

static int head_of(struct idrun_set *s, str key, uint64_t run_size, struct buf *head, struct err *e)
{
	uint64_t size;

	TRY(store_get(s->lake->store, key, 0, ID_HEAD_BYTES, head, e));
	TRY(idrun_head_size(buf_str(head), run_size, &size, e));
	if (size > ID_HEAD_BYTES)
		TRY(store_get(s->lake->store, key, ID_HEAD_BYTES, size - ID_HEAD_BYTES, head, e));
	return 0;
}

int idrun_set_add(struct idrun_set *s, str key, uint64_t run_size, int64_t time_us, str bytes, struct err *e)
{
	AUTO(buf)          head = BUF(0);
	struct id_section *sections;
	struct id_run      run = {.bytes = run_size, .time_us = time_us, .first_section = (uint32_t)s->places.count};

	assert(bytes.ptr == NULL || bytes.len == run_size);
	if (bytes.ptr == NULL)
		TRY(head_of(s, key, run_size, &head, e));
	if (idrun_sections(bytes.ptr ? bytes : buf_str(&head), run_size, &s->arena, &sections, &run.section_count, e) < 0)
		return err_add(e, STR_FMT, STR_ARG(key));
	run.key = arena_str(&s->arena, key);
	keep(s, &run, bytes);
	for (uint32_t i = 0; i < run.section_count; i++)
		*VEC_ADD(&s->places) = (struct id_place){sections[i], (uint32_t)s->runs.count};
	*VEC_ADD(&s->runs) = run;
	return 0;
}

uint64_t idrun_set_keys(const struct idrun_set *s, uint32_t run)
{
	const struct id_run *r = &s->runs.at[run];
	uint64_t             keys = 0;

	for (uint32_t i = 0; i < r->section_count; i++)
		keys += s->places.at[r->first_section + i].section.count;
	return keys;
}

/* Keys are hashes, hence spread evenly: the place of one is known to within a few square roots of the count. */
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

/* Index of the key in a sorted block of `count`, or UINT64_MAX. */
static uint64_t block_find(str block, uint64_t count, struct hash128 key)
{
	uint64_t low = 0, high = count;

	while (low < high) {
		uint64_t middle = (low + high) / 2;
		int      order = hash128_cmp(idrun_key(block.ptr + middle * ID_KEY_BYTES), key);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return UINT64_MAX;
}

int idrun_set_find(struct idrun_set *s, uint32_t section, struct hash128 key, uint64_t *payload, struct err *e)
{
	const struct id_place *place = &s->places.at[section];
	const struct id_run   *r = &s->runs.at[place->run];
	uint64_t               low = 0, high = place->section.count;
	uint64_t               width = root(high), middle = guess(key, high);
	str                    block;

	while (low < high) {
		uint64_t at = middle < low ? low : middle >= high ? high - 1 : middle;
		uint64_t from = at > low + width ? at - width : low;
		uint64_t to = at + width < high ? at + width : high;
		uint64_t index;

		TRY(run_bytes(s, r, place->section.keys_at + from * ID_KEY_BYTES, (to - from) * ID_KEY_BYTES,
		              &s->scratch, &block, e));
		index = block_find(block, to - from, key);
		if (index != UINT64_MAX) {
			TRY(run_bytes(s, r, place->section.payloads_at + (from + index) * 8, 8, &s->scratch, &block, e));
			*payload = hash_load(block.ptr, 8);
			return 1;
		}
		if (hash128_cmp(key, idrun_key(block.ptr)) < 0)
			high = from;
		else if (hash128_cmp(key, idrun_key(block.ptr + (to - from - 1) * ID_KEY_BYTES)) > 0)
			low = to;
		else
			return 0;
		width *= 4; /* seldom: the guess is good */
		middle = low == to ? to + width : from > width ? from - width : 0;
	}
	return 0;
}

int idrun_set_walk(struct idrun_set *s, uint32_t run, idrun_each *each, void *context, struct err *e)
{
	const struct id_run *r = &s->runs.at[run];
	AUTO(buf)            scratch = BUF(0);

	for (uint32_t i = 0; i < r->section_count; i++) {
		const struct id_section *section = &s->places.at[r->first_section + i].section;
		const uint64_t           step = WALK_BYTES / ID_KEY_BYTES;
		str                      block;

		for (uint64_t from = 0; from < section->count; from += step) {
			uint64_t n = section->count - from < step ? section->count - from : step;

			TRY(run_bytes(s, r, section->keys_at + from * ID_KEY_BYTES, n * ID_KEY_BYTES, &scratch, &block, e));
			for (uint64_t k = 0; k < n; k++)
				each(context, idrun_key(block.ptr + k * ID_KEY_BYTES), r->first_section + i);
		}
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
	r->filter_blocks = idrun_set_keys(s, run) * FILTER_BITS_A_KEY / (FILTER_BLOCK * 8) + 1;
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

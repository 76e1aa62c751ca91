/* The strings of a column. They start as a dictionary, because most text in
 * events repeats: a repeat then costs a probe and four bytes. Where values turn
 * out to be mostly distinct the column changes, once, to plain form.
 *
 *   slots: open addressing, at most half full. A slot is 0 or
 *          the upper bits of the entry's hash | entry + 1
 *   which meet at the table's size, so that a probe reads an entry's bytes only
 *   when it is almost surely the one.
 *
 * Invariants: slot_count is 0 or a power of two of at least 2 * entry_count; bytes has
 * STRINGS_SLACK readable bytes after byte_count; in plain form there is no
 * dictionary. */
#include "base/hash.h"
#include "base/short.h"
#include "column/columns_int.h"

enum {
	FIRST_SLOTS = 64,
	YOUNG_ENTRIES = 2048,         /* up to here a dictionary is not judged, */
	GROWN_ENTRIES = 1 << 14,      /* up to here only given up where next to nothing repeats, */
	LARGE_ENTRIES = 1 << 16,      /* and from here, or from LARGE_BYTES, judged hard: its table no */
	LARGE_BYTES = 1 << 20,        /* longer fits the near caches */
};

static inline uint64_t hash_short(struct short_text w, size_t len, uint64_t seed)
{
	return hash_mix(hash_mix(w.low, seed ^ len) ^ w.high, seed);
}

static uint64_t hash_of(str v, uint64_t seed)
{
	uint64_t hash = seed ^ v.len;

	if (v.len <= SHORT_BYTES)
		return hash_short(short_of(v.ptr, v.len), v.len, seed);
	for (size_t at = 0; at + SHORT_BYTES < v.len; at += SHORT_BYTES)
		hash = hash_mix(hash ^ hash_load(v.ptr + at, 8), hash_load(v.ptr + at + 8, 8));
	return hash_mix(hash ^ hash_load(v.ptr + v.len - 16, 8), seed ^ hash_load(v.ptr + v.len - 8, 8));
}

static void bytes_add(struct columns *c, struct strings *s, str v)
{
	size_t need = (size_t)s->byte_count + v.len + STRINGS_SLACK;

	assert(need <= UINT32_MAX); /* the budget of the pool makes a flush come long before */
	if (need > s->bytes_cap)
		piece_grow(c, (void **)&s->bytes, &s->bytes_cap, s->byte_count, need);
	if (v.len <= SHORT_BYTES)
		short_store(short_of(v.ptr, v.len), s->bytes + s->byte_count, v.len);
	else
		memcpy(s->bytes + s->byte_count, v.ptr, v.len);
	s->byte_count += (uint32_t)v.len;
}

static void u32_put(struct columns *c, uint32_t **at, size_t *cap, uint32_t index, uint32_t v)
{
	size_t used = (size_t)index * sizeof(v);

	if (used + sizeof(v) > *cap)
		piece_grow(c, (void **)at, cap, used, used + sizeof(v));
	(*at)[index] = v;
}

static str entry_at(const struct strings *s, uint32_t entry)
{
	uint32_t start = entry ? s->entry_ends[entry - 1] : 0;

	return (str){s->bytes + start, s->entry_ends[entry] - start};
}

static inline uint32_t slot_tag(uint64_t hash, uint32_t mask)
{
	return (uint32_t)(hash >> 32) & ~mask;
}

static void slots_grow(struct columns *c, struct strings *s)
{
	uint32_t count = s->slot_count ? s->slot_count * 2 : FIRST_SLOTS;
	uint32_t mask = count - 1;

	piece_free(c, (void **)&s->slots, &s->slots_cap);
	piece_grow(c, (void **)&s->slots, &s->slots_cap, 0, count * sizeof(*s->slots));
	memset(s->slots, 0, count * sizeof(*s->slots));
	s->slot_count = count;
	for (uint32_t entry = 0; entry < s->entry_count; entry++) {
		uint64_t hash = hash_of(entry_at(s, entry), c->seed);
		uint32_t i = (uint32_t)hash & mask;

		while (s->slots[i] != 0)
			i = (i + 1) & mask;
		s->slots[i] = slot_tag(hash, mask) | (entry + 1);
	}
}

static inline bool entry_is(const struct strings *s, uint32_t entry, str v, struct short_text w)
{
	str have = entry_at(s, entry);

	if (have.len != v.len)
		return false;
	return v.len > SHORT_BYTES ? memcmp(have.ptr, v.ptr, v.len) == 0 : short_same(short_of(have.ptr, have.len), w);
}

/* The entry that equals v, made where there is none. `last` is that of the value before: often it is the same. */
static uint32_t entry_of(struct columns *c, struct strings *s, uint32_t last, str v)
{
	struct short_text w = v.len <= SHORT_BYTES ? short_of(v.ptr, v.len) : (struct short_text){0};
	uint64_t          hash;
	uint32_t          mask, tag, i;

	if (last < s->entry_count && entry_is(s, last, v, w))
		return last;
	hash = v.len <= SHORT_BYTES ? hash_short(w, v.len, c->seed) : hash_of(v, c->seed);
	if ((uint64_t)s->entry_count * 2 >= s->slot_count)
		slots_grow(c, s);
	mask = s->slot_count - 1;
	tag = slot_tag(hash, mask);
	for (i = (uint32_t)hash & mask; s->slots[i] != 0; i = (i + 1) & mask)
		if ((s->slots[i] & ~mask) == tag && entry_is(s, (s->slots[i] & mask) - 1, v, w))
			return (s->slots[i] & mask) - 1;
	s->slots[i] = tag | (s->entry_count + 1);
	bytes_add(c, s, v);
	u32_put(c, &s->entry_ends, &s->entry_ends_cap, s->entry_count, s->byte_count);
	return s->entry_count++;
}

/* Does the dictionary hold a small enough part of what the values would take in plain form? Four bytes are
 * counted for each string. That part is also what bounds the growth when the dictionary is given up. */
static bool dictionary_pays(const struct strings *s, uint32_t value_count)
{
	uint64_t held = s->byte_count + 4 * (uint64_t)s->entry_count;
	uint64_t plain = s->value_bytes + 4 * (uint64_t)value_count;

	if (s->entry_count > LARGE_ENTRIES || s->byte_count > LARGE_BYTES)
		return held * 4 <= plain;
	if (s->entry_count > GROWN_ENTRIES)
		return held * 2 <= plain;
	return s->entry_count <= YOUNG_ENTRIES || held * 32 <= plain * 31;
}

static void dictionary_drop(struct columns *c, struct strings *s, uint32_t value_count)
{
	struct strings plain = {.is_plain = true};

	piece_grow(c, (void **)&plain.ends, &plain.ends_cap, 0, value_count * sizeof(*plain.ends));
	piece_grow(c, (void **)&plain.bytes, &plain.bytes_cap, 0, s->value_bytes + STRINGS_SLACK);
	for (uint32_t value = 0; value < value_count; value++) {
		bytes_add(c, &plain, strings_value(s, value));
		plain.ends[value] = plain.byte_count;
	}
	assert(plain.byte_count == s->value_bytes);
	plain.value_bytes = s->value_bytes;
	strings_done(c, s);
	*s = plain;
}

void strings_add(struct columns *c, struct strings *s, uint32_t value, str v)
{
	uint32_t entries = s->entry_count, last = value > 0 && !s->is_plain ? s->codes[value - 1] : UINT32_MAX;

	s->value_bytes += v.len;
	if (s->is_plain) {
		bytes_add(c, s, v);
		u32_put(c, &s->ends, &s->ends_cap, value, s->byte_count);
		return;
	}
	u32_put(c, &s->codes, &s->codes_cap, value, entry_of(c, s, last, v));
	if (s->entry_count > entries && !dictionary_pays(s, value + 1))
		dictionary_drop(c, s, value + 1);
}

void strings_done(struct columns *c, struct strings *s)
{
	piece_free(c, (void **)&s->codes, &s->codes_cap);
	piece_free(c, (void **)&s->slots, &s->slots_cap);
	piece_free(c, (void **)&s->entry_ends, &s->entry_ends_cap);
	piece_free(c, (void **)&s->ends, &s->ends_cap);
	piece_free(c, (void **)&s->bytes, &s->bytes_cap);
	*s = (struct strings){0};
}

#include "ingest/payload.h"

#include <assert.h>

#include "base/hash.h"

struct walk {
	const char        *text;
	const uint64_t    *words;
	const struct path *ignore;
	uint64_t           seed;
	struct buf        *scratch;
};

static uint64_t value_hash(const struct walk *w, uint32_t at, uint32_t active, uint32_t depth);

/* Up to 16 bytes, most names and values: two overlapping loads that are, with the length, the whole of it. */
static inline uint64_t short_hash(str v, uint64_t seed)
{
	const unsigned char *at = (const unsigned char *)v.ptr;
	uint64_t             low = 0, high = 0;

	if (v.len >= 8) {
		low = hash_load(v.ptr, 8);
		high = hash_load(v.ptr + v.len - 8, 8);
	} else if (v.len >= 4) {
		low = hash_load(v.ptr, 4);
		high = hash_load(v.ptr + v.len - 4, 4);
	} else if (v.len > 0) {
		low = at[0] | (uint64_t)at[v.len / 2] << 8 | (uint64_t)at[v.len - 1] << 16;
	}
	return hash_mix(low ^ seed, high + v.len * 0x100000001B3u);
}

static inline uint64_t string_hash(const struct walk *w, uint64_t head)
{
	str value = json_text(w->text, head);

	if (json_flags(head) & JSON_ESCAPED)
		value = json_unescape(w->text, head, w->scratch);
	return value.len <= 16 ? short_hash(value, w->seed) : hash_bytes(value.ptr, value.len, w->seed);
}

/* Of the ignored paths still in play, those whose name at this depth is the member's at words[at].
 * *is_whole: one of them ends here. */
static uint32_t ignored_below(const struct walk *w, uint32_t at, uint32_t active, uint32_t depth, bool *is_whole)
{
	uint32_t below = 0;

	for (uint32_t left = active; left != 0; left &= left - 1) {
		uint32_t           i = (uint32_t)__builtin_ctz(left);
		const struct path *p = &w->ignore[i];

		if (p->hashes[depth] != w->words[at + 1] || !tape_is_name(w->text, w->words[at], p->names[depth]))
			continue;
		if (p->count == depth + 1)
			*is_whole = true;
		else
			below |= 1u << i;
	}
	return below;
}

/* A name counts by its bytes: the tape's own hash of it is blind to case. */
static uint64_t object_hash(const struct walk *w, uint32_t at, uint32_t active, uint32_t depth)
{
	uint64_t sum = 0;
	uint32_t next = at + 2;

	for (uint32_t left = json_len(w->words[at]); left > 0; left--) {
		bool     is_ignored = false;
		uint32_t below = active ? ignored_below(w, next, active, depth, &is_ignored) : 0;

		if (!is_ignored) /* a sum: order does not count */
			sum += hash_mix(string_hash(w, w->words[next]), value_hash(w, next + 2, below, depth + 1));
		next = json_skip(w->words, next + 2);
	}
	return hash_mix(sum, JSON_OBJECT);
}

static uint64_t array_hash(const struct walk *w, uint32_t at)
{
	uint64_t hash = JSON_ARRAY;
	uint32_t next = at + 2;

	for (uint32_t left = json_len(w->words[at]); left > 0; left--) {
		hash = hash_mix(hash, value_hash(w, next, 0, 0));
		next = json_skip(w->words, next);
	}
	return hash;
}

/* Recursion is bounded by the depth limit of the scan. */
static uint64_t value_hash(const struct walk *w, uint32_t at, uint32_t active, uint32_t depth)
{
	uint64_t head = w->words[at];

	switch (json_kind(head)) {
	case JSON_OBJECT:
		return object_hash(w, at, active, depth);
	case JSON_ARRAY:
		return array_hash(w, at);
	case JSON_STRING:
		return string_hash(w, head);
	case JSON_INT:
	case JSON_DOUBLE:
		return hash_mix(w->words[at + 1] ^ w->seed, json_kind(head));
	default:
		return hash_mix(json_kind(head), w->seed);
	}
}

uint64_t payload_hash(const char *text, const uint64_t *words, const struct path *ignore, uint32_t ignore_count,
                      uint64_t seed, struct buf *scratch)
{
	const struct walk w = {text, words, ignore, seed, scratch};

	assert(ignore_count < 32);
	return value_hash(&w, 0, (1u << ignore_count) - 1, 0);
}

void payload_canonical(const char *text, const uint64_t *words, uint32_t at, struct buf *scratch, struct buf *out)
{
	uint64_t       head = words[at];
	enum json_kind kind = json_kind(head);
	str            value;

	buf_byte(out, (char)('0' + kind));
	if (kind == JSON_INT || kind == JSON_DOUBLE) {
		buf_u64le(out, words[at + 1]);
	} else if (kind == JSON_STRING) {
		value = json_text(text, head);
		if (json_flags(head) & JSON_ESCAPED)
			value = json_unescape(text, head, scratch);
		buf_u32le(out, (uint32_t)value.len);
		buf_add(out, value);
	} else if (kind == JSON_OBJECT || kind == JSON_ARRAY) {
		value = json_source(text, words, at);
		buf_u32le(out, (uint32_t)value.len);
		buf_add(out, value);
	}
}

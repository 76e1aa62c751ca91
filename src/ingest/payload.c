#include "ingest/payload.h"

#include <assert.h>

#include "base/hash.h"
#include "base/short.h"

struct walk {
	const char        *text;
	const uint64_t    *words;
	const struct path *ignore;
	uint64_t           seed;
	struct buf        *scratch;
};

static uint64_t container_hash(const struct walk *w, uint32_t at, uint32_t active, uint32_t depth);

static inline uint64_t short_hash(str v, uint64_t seed)
{
	struct short_text w = short_of(v.ptr, v.len);

	return hash_mix(w.low ^ seed, w.high + v.len * 0x100000001B3u);
}

static inline uint64_t string_hash(const struct walk *w, uint64_t head)
{
	str value = json_text(w->text, head);

	if (json_flags(head) & JSON_ESCAPED)
		value = json_unescape(w->text, head, w->scratch);
	return value.len <= SHORT_BYTES ? short_hash(value, w->seed) : hash_bytes(value.ptr, value.len, w->seed);
}

static inline uint64_t scalar_hash(const struct walk *w, uint32_t at, uint64_t head)
{
	enum json_kind kind = json_kind(head);

	if (kind == JSON_STRING)
		return string_hash(w, head);
	if (kind == JSON_INT || kind == JSON_DOUBLE)
		return hash_mix(w->words[at + 1] ^ w->seed, kind);
	return hash_mix(kind, w->seed);
}

static inline uint64_t value_hash(const struct walk *w, uint32_t at, uint32_t active, uint32_t depth)
{
	uint64_t head = w->words[at];

	return json_kind(head) <= JSON_ARRAY ? container_hash(w, at, active, depth) : scalar_hash(w, at, head);
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

static uint64_t object_hash(const struct walk *w, uint32_t at, uint32_t active, uint32_t depth)
{
	uint64_t sum = 0;
	uint32_t next = at + 2;

	for (uint32_t left = json_len(w->words[at]); left > 0; left--) {
		bool     is_ignored = false;
		uint32_t below = active ? ignored_below(w, next, active, depth, &is_ignored) : 0;

		if (!is_ignored) /* a sum: order does not count */
			sum += hash_mix(w->words[next + 1], value_hash(w, next + 2, below, depth + 1));
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
static uint64_t container_hash(const struct walk *w, uint32_t at, uint32_t active, uint32_t depth)
{
	return json_kind(w->words[at]) == JSON_OBJECT ? object_hash(w, at, active, depth) : array_hash(w, at);
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

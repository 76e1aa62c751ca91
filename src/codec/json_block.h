/* json_block.h - 32 bytes of a string at a time: where does something stand that is not plain text?
 *
 * Two forms with the same answers: SSE2, which every x86-64 has, and words of 8 bytes for other machines.
 */
#ifndef CODEC_JSON_BLOCK_H
#define CODEC_JSON_BLOCK_H

#include "base/str.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { JSON_BLOCK = 32 };

/* One bit a byte, the first byte lowest. */
struct json_block {
	uint32_t special; /* quote, backslash, control character */
	uint32_t high;    /* not ASCII */
};

/* The high bit of each byte that is zero. Exact: no byte borrows from its neighbour. */
static inline uint64_t json_zeroes(uint64_t word)
{
	const uint64_t low = 0x7F7F7F7F7F7F7F7Fu;

	return ~(((word & low) + low) | word | low);
}

/* The high bits of eight bytes, side by side: the factor brings each to its own place in the top byte. */
static inline uint32_t json_gather(uint64_t high_bits)
{
	return (uint32_t)((high_bits >> 7) * 0x0102040810204080u >> 56);
}

static inline struct json_block json_block_plain(const char *ptr)
{
	const uint64_t    each = 0x0101010101010101u;
	struct json_block block = {0};

	for (unsigned i = 0; i < JSON_BLOCK; i += 8) {
		uint64_t word, special;

		memcpy(&word, ptr + i, 8);
		special = json_zeroes(word ^ each * '"') | json_zeroes(word ^ each * '\\') |
		          json_zeroes(word & each * 0xE0);
		block.special |= json_gather(special) << i;
		block.high |= json_gather(word & each * 0x80) << i;
	}
	return block;
}

#ifdef __SSE2__
static inline uint32_t json_special16(__m128i bytes)
{
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), last = _mm_set1_epi8(0x1F);
	__m128i       is_control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last), bytes);
	__m128i       is_mark = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));

	return (uint32_t)_mm_movemask_epi8(_mm_or_si128(is_control, is_mark));
}

static inline uint32_t json_same16(const char *one, const char *two)
{
	__m128i a = _mm_loadu_si128((const __m128i *)(const void *)one);
	__m128i b = _mm_loadu_si128((const __m128i *)(const void *)two);

	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b));
}

static inline uint32_t json_block_same(const char *one, const char *two)
{
	return json_same16(one, two) | json_same16(one + 16, two + 16) << 16;
}

static inline struct json_block json_block_at(const char *ptr)
{
	__m128i low = _mm_loadu_si128((const __m128i *)(const void *)ptr);
	__m128i high = _mm_loadu_si128((const __m128i *)(const void *)(ptr + 16));

	return (struct json_block){
		.special = json_special16(low) | json_special16(high) << 16,
		.high = (uint32_t)_mm_movemask_epi8(low) | (uint32_t)_mm_movemask_epi8(high) << 16,
	};
}
#else
static inline uint32_t json_block_same(const char *one, const char *two)
{
	uint32_t same = 0;

	for (unsigned i = 0; i < JSON_BLOCK; i++)
		same |= (uint32_t)(one[i] == two[i]) << i;
	return same;
}

static inline struct json_block json_block_at(const char *ptr)
{
	return json_block_plain(ptr);
}
#endif

/* The first special byte at or after `at`, or something at or past `end`. *high becomes other
 * than 0 where a byte before it is not ASCII. Reads up to JSON_BLOCK bytes past `end`. */
static inline const char *json_special(const char *at, const char *end, uint32_t *high)
{
	for (;;) {
		struct json_block block = json_block_at(at);

		if (block.special != 0) {
			*high |= block.high & (block.special - 1) & ~block.special;
			return at + __builtin_ctz(block.special);
		}
		*high |= block.high;
		at += JSON_BLOCK;
		if (at >= end)
			return at;
	}
}

#endif

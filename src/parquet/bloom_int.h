/* bloom_int.h - split-block bloom filters: 256-bit blocks of eight words, one bit a word and value.
 * The hash is XXH64 with seed 0 of the value's PLAIN bytes, strings without their length. */
#ifndef PARQUET_BLOOM_INT_H
#define PARQUET_BLOOM_INT_H

#include "column/columns.h"
#include "parquet/levels_int.h"

enum { BLOOM_MIN = 32, BLOOM_MAX = 1 << 20 }; /* bytes */
enum { BLOOM_BLOCK = 32, BLOOM_WORDS = 8 };   /* of a block: bytes, words */

/* Which of `blocks` blocks a hash is in, and its bit in a word of that. */
static inline uint64_t bloom_place(uint64_t hash, uint64_t blocks)
{
	return (hash >> 32) * blocks >> 32;
}

static inline uint32_t bloom_bit(uint64_t hash, unsigned word)
{
	static const uint32_t salt[BLOOM_WORDS] = {
		0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d,
		0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31,
	};

	return (uint32_t)1 << ((uint32_t)hash * salt[word] >> 27);
}

/* Bytes, a power of two within the bounds above, for a false positive in a hundred with this many distinct values. */
uint32_t bloom_size(uint64_t value_count);
void     bloom_add(uint32_t *words, uint32_t size, uint64_t hash);
uint64_t bloom_hash(const void *ptr, size_t len);

/* Header and filter of these values of a column, appended. Not for BOOL. */
void bloom_write(const struct col *col, struct picks values, struct buf *out);

#endif

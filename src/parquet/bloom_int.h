/* bloom_int.h - split-block bloom filters: 256-bit blocks of eight words, one bit a word and value.
 * The hash is XXH64 with seed 0 of the value's PLAIN bytes, strings without their length. */
#ifndef PARQUET_BLOOM_INT_H
#define PARQUET_BLOOM_INT_H

#include "column/columns.h"
#include "parquet/levels_int.h"

enum { BLOOM_MIN = 32, BLOOM_MAX = 1 << 20 }; /* bytes */

/* Bytes, a power of two within the bounds above, for a false positive in a hundred with this many distinct values. */
uint32_t bloom_size(uint64_t value_count);
void     bloom_add(uint32_t *words, uint32_t size, uint64_t hash);
uint64_t bloom_hash(const void *ptr, size_t len);

/* Header and filter of these values of a column, appended. Not for BOOL. */
void bloom_write(const struct col *col, struct picks values, struct buf *out);

#endif

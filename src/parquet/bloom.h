/* bloom.h - ask the bloom filter of a column chunk: may it hold this value? A wrong yes is one in a hundred or so, a wrong
 * no there is not. Of a filter, however large, its head and one block are read.
 *
 *   head (Thrift, at parquet_chunk.bloom_offset) | blocks of 32 bytes
 */
#ifndef PARQUET_BLOOM_H
#define PARQUET_BLOOM_H

#include "base/err.h"
#include "base/str.h"

enum { PARQUET_BLOOM_HEAD = 64, PARQUET_BLOOM_BLOCK = 32 }; /* bytes to read: of the head at most, of a block */

struct parquet_bloom {
	uint64_t at;    /* place of the first block in the file */
	uint64_t count; /* of blocks */
};

/* From the bytes at `offset`, PARQUET_BLOOM_HEAD of them or up to the end of the file. ERR_CORRUPT; ERR_UNSUPPORTED where it is a
 * filter of another kind, and anything may be in the chunk. */
int parquet_bloom_open(str head, uint64_t offset, uint64_t file_size, struct parquet_bloom *out, struct err *e) MUST_USE;

/* Of a value's PLAIN bytes, text without its length. */
uint64_t parquet_bloom_hash(str value);
/* Place in the file of the block that answers for it. */
uint64_t parquet_bloom_block(const struct parquet_bloom *b, uint64_t hash);
bool     parquet_bloom_may_hold(const char block[PARQUET_BLOOM_BLOCK], uint64_t hash);

#endif

#include "parquet/bloom.h"

#include <assert.h>

#include "codec/thrift.h"
#include "parquet/bloom_int.h"

static_assert((int)PARQUET_BLOOM_BLOCK == (int)BLOOM_BLOCK, "one size of block");

/* A union whose one member is empty: 1 where it is the first, which is BLOCK, XXHASH and UNCOMPRESSED. */
static bool is_first(struct thrift_in *in, enum thrift_type type)
{
	bool is_known = false;
	int  id;

	if (!thrift_read_struct(in, type))
		return false;
	while (thrift_next(in, &id, &type)) {
		is_known = id == 1;
		thrift_skip(in, type);
	}
	return is_known;
}

int parquet_bloom_open(str head, uint64_t offset, uint64_t file_size, struct parquet_bloom *out, struct err *e)
{
	struct thrift_in in = thrift_in_open(head);
	enum thrift_type type;
	int              id, known = 0;
	int64_t          size = 0;
	uint64_t         at;

	while (thrift_next(&in, &id, &type)) {
		if (id == 1)
			size = thrift_read_int(&in, type);
		else if (id <= 4)
			known += is_first(&in, type);
		else
			thrift_skip(&in, type);
	}
	at = offset + (uint64_t)(in.at - head.ptr);
	if (!thrift_in_ok(&in) || size < BLOOM_BLOCK || size % BLOOM_BLOCK != 0 || at > file_size ||
	    (uint64_t)size > file_size - at)
		return err_set(e, ERR_CORRUPT, "parquet: the bloom filter at byte %llu is not well formed",
		               (unsigned long long)offset);
	if (known != 3)
		return err_set(e, ERR_UNSUPPORTED, "parquet: the bloom filter at byte %llu is of a kind not known here",
		               (unsigned long long)offset);
	*out = (struct parquet_bloom){at, (uint64_t)size / BLOOM_BLOCK};
	return 0;
}

uint64_t parquet_bloom_hash(str value)
{
	return bloom_hash(value.ptr, value.len);
}

uint64_t parquet_bloom_block(const struct parquet_bloom *b, uint64_t hash)
{
	uint64_t place = bloom_place(hash, b->count);

	assert(place < b->count);
	return b->at + place * BLOOM_BLOCK;
}

bool parquet_bloom_may_hold(const char block[PARQUET_BLOOM_BLOCK], uint64_t hash)
{
	for (unsigned i = 0; i < BLOOM_WORDS; i++) {
		uint32_t word;

		memcpy(&word, block + i * sizeof(word), sizeof(word));
		if ((word & bloom_bit(hash, i)) == 0)
			return false;
	}
	return true;
}

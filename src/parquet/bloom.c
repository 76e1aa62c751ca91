#define XXH_INLINE_ALL /* most values are short, and a call would cost more than their hash */
#include <xxhash.h>

#include <assert.h>

#include "codec/thrift.h"
#include "parquet/bloom_int.h"
#include "parquet/plain_int.h"

/* Bits a distinct value for one false positive in a hundred, in tenths. */
enum { TENTH_BITS = 105 };

uint32_t bloom_size(uint64_t value_count)
{
	uint64_t size = BLOOM_MIN;

	while (size < BLOOM_MAX && size * 8 * 10 < value_count * TENTH_BITS)
		size *= 2;
	return (uint32_t)size;
}

uint64_t bloom_hash(const void *ptr, size_t len)
{
	return XXH64(ptr, len, 0);
}

void bloom_add(uint32_t *words, uint32_t size, uint64_t hash)
{
	uint32_t *block = words + bloom_place(hash, size / BLOOM_BLOCK) * BLOOM_WORDS;

	for (unsigned i = 0; i < BLOOM_WORDS; i++)
		block[i] |= bloom_bit(hash, i);
}

static void header_write(uint32_t size, struct buf *out)
{
	struct thrift_out t = THRIFT_OUT(out);

	thrift_i32(&t, 1, (int32_t)size);
	/* Algorithm BLOCK, hash XXHASH, compression UNCOMPRESSED: each is field 1 of its union. */
	for (int id = 2; id <= 4; id++) {
		thrift_struct(&t, id);
		thrift_struct(&t, 1);
		thrift_end(&t);
		thrift_end(&t);
	}
	thrift_end(&t);
}

static inline uint64_t value_hash(const struct col *col, uint32_t value)
{
	str     text;
	int32_t narrow;

	switch (col->type) {
	case TYPE_STRING:
	case TYPE_BINARY:
		text = strings_value(&col->strings, value);
		return XXH64(text.ptr, text.len, 0);
	case TYPE_UUID:
		return XXH64(col->uuids + (size_t)value * 16, 16, 0);
	case TYPE_INT:
	case TYPE_DATE:
		narrow = (int32_t)col->longs[value];
		return XXH64(&narrow, sizeof(narrow), 0);
	default:
		return XXH64(&col->longs[value], 8, 0);
	}
}

void bloom_write(const struct col *col, struct picks values, struct buf *out)
{
	uint32_t  size = bloom_size(values.count);
	size_t    pad;
	char     *room;
	uint32_t *words;

	assert(col->type != TYPE_BOOL);
	header_write(size, out);
	/* The filter is built in place, on whole words, and then moved down. */
	pad = -out->len & (sizeof(*words) - 1);
	room = buf_room(out, pad + size);
	if (room == NULL)
		return;
	words = (uint32_t *)(void *)(room + pad);
	memset(words, 0, size);
	for (uint32_t i = 0; i < values.count; i++)
		bloom_add(words, size, value_hash(col, pick(values, i)));
	memmove(room, words, size);
	out->len += size;
}

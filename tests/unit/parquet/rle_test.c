#include "base/arena.h"
#include "parquet/rle_int.h"
#include "tests/lib/test.h"

static void check_bytes(const struct buf *b, str want)
{
	CHECK_INT(b->len, want.len);
	CHECK(str_eq(buf_str(b), want));
}

TEST(rle_writes_the_known_vectors)
{
	AUTO(buf) b = BUF(0);
	uint32_t  rising[8] = {0, 1, 2, 3, 4, 5, 6, 7};
	uint8_t   ones[10] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

	rle_encode(rising, 8, 3, &b);
	check_bytes(&b, STR("\x03\x88\xC6\xFA"));
	buf_clear(&b);
	rle_encode_bytes(ones, 10, 1, &b);
	check_bytes(&b, STR("\x14\x01"));
	buf_clear(&b);
	rle_repeat(1, 10, 1, &b);
	check_bytes(&b, STR("\x14\x01"));
}

TEST(rle_width_is_the_bits_of_the_largest)
{
	CHECK_INT(rle_width(0), 0);
	CHECK_INT(rle_width(1), 1);
	CHECK_INT(rle_width(7), 3);
	CHECK_INT(rle_width(8), 4);
	CHECK_INT(rle_width(UINT32_MAX), 32);
}

static uint64_t varint(str *in)
{
	uint64_t v = 0;
	uint8_t  b;

	for (unsigned shift = 0;; shift += 7) {
		b = (uint8_t)in->ptr[0];
		*in = str_from(*in, 1);
		v |= (uint64_t)(b & 0x7F) << shift;
		if (b < 0x80)
			return v;
	}
}

static uint32_t bits_at(str bytes, size_t bit, unsigned width)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < width; i++)
		v |= (uint32_t)((uint8_t)bytes.ptr[(bit + i) / 8] >> (bit + i) % 8 & 1) << i;
	return v;
}

/* Bit by bit, from the format's text alone. Returns how many values there are, at least `count`. */
static size_t decode(str in, unsigned width, uint32_t *out, size_t count)
{
	size_t n = 0;

	while (in.len > 0) {
		uint64_t head = varint(&in);
		size_t   bytes = head & 1 ? (head >> 1) * width : (width + 7) / 8;

		CHECK(bytes <= in.len && head >> 1 > 0);
		CHECK(n < count);
		for (size_t i = 0; i < (head & 1 ? (head >> 1) * 8 : head >> 1); i++, n++)
			if (n < count)
				out[n] = head & 1 ? bits_at(in, i * width, width) : bits_at(in, 0, width);
		in = str_from(in, bytes);
	}
	return n;
}

/* Runs and noise by turns. */
static void values_make(uint32_t *values, size_t count, unsigned width, uint64_t kind)
{
	uint32_t mask = width == 32 ? UINT32_MAX : ((uint32_t)1 << width) - 1;
	size_t   left = 0;
	uint32_t v = 0;

	for (size_t i = 0; i < count; i++) {
		if (left == 0) {
			left = kind == 0 ? 1 : 1 + test_random() % (kind == 1 ? 12 : 300);
			v = (uint32_t)test_random() & mask;
		}
		values[i] = v;
		left--;
	}
}

TEST(rle_reads_back_by_the_book)
{
	AUTO(buf)  b = BUF(0);
	uint32_t   values[2000], out[2000];
	uint8_t    bytes[2000];

	for (unsigned width = 1; width <= 32; width++) {
		for (unsigned round = 0; round < 60; round++) {
			size_t count = 1 + test_random() % (round < 30 ? 40 : 2000);

			values_make(values, count, width, round % 3);
			buf_clear(&b);
			rle_encode(values, count, width, &b);
			CHECK(decode(buf_str(&b), width, out, count) < count + 8);
			CHECK_INT(memcmp(values, out, count * sizeof(*out)), 0);
			if (width > 8)
				continue;
			for (size_t i = 0; i < count; i++)
				bytes[i] = (uint8_t)values[i];
			buf_clear(&b);
			rle_encode_bytes(bytes, count, width, &b);
			CHECK(decode(buf_str(&b), width, out, count) < count + 8);
			CHECK_INT(memcmp(values, out, count * sizeof(*out)), 0);
		}
	}
}

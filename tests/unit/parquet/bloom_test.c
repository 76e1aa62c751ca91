#include "parquet/bloom_int.h"
#include "tests/lib/test.h"

enum { SIZE = 1024 }; /* 32 blocks */

static void check_vector(const void *ptr, size_t len, uint64_t hash, unsigned block, const uint8_t bits[8])
{
	uint32_t words[SIZE / 4] = {0};
	unsigned set = 0;

	CHECK(bloom_hash(ptr, len) == hash);
	bloom_add(words, SIZE, hash);
	for (unsigned i = 0; i < 8; i++)
		CHECK(words[block * 8 + i] == (uint32_t)1 << bits[i]);
	for (unsigned i = 0; i < SIZE / 4; i++)
		set += words[i] != 0;
	CHECK_INT(set, 8);
}

TEST(bloom_sets_the_known_bits)
{
	int32_t narrow = 42;
	int64_t wide = 42;
	double  real = 1.5;

	check_vector("", 0, 0xef46db3751d8e999, 29, (uint8_t[]){29, 0, 25, 28, 14, 22, 29, 30});
	check_vector("a", 1, 0xd24ec4f1a98c6e5b, 26, (uint8_t[]){18, 17, 1, 12, 17, 24, 27, 31});
	check_vector("hello", 5, 0x26c7827d889f6da3, 4, (uint8_t[]){20, 9, 10, 7, 9, 31, 28, 27});
	check_vector(&narrow, 4, 0xd756d7b62fc50bf1, 26, (uint8_t[]){28, 12, 27, 4, 5, 12, 29, 30});
	check_vector(&wide, 8, 0xb556806fb6d14353, 22, (uint8_t[]){8, 7, 30, 14, 10, 15, 27, 4});
	check_vector(&real, 8, 0x49f7b96b6b5ccaf9, 9, (uint8_t[]){26, 18, 22, 0, 0, 7, 22, 27});
}

TEST(bloom_sizes_are_powers_of_two_within_bounds)
{
	CHECK_INT(bloom_size(0), 32);
	CHECK_INT(bloom_size(24), 32);
	CHECK_INT(bloom_size(25), 64);
	CHECK_INT(bloom_size(100000), 1 << 18);
	CHECK_INT(bloom_size((uint64_t)1 << 40), 1 << 20);
}

TEST(bloom_header_is_the_known_one)
{
	AUTO(buf)   b = BUF(0);
	int64_t     one = 42;
	struct col  col = {.type = TYPE_LONG, .value_count = 1, .longs = &one};

	bloom_write(&col, (struct picks){NULL, 0, 1}, &b);
	CHECK_INT(b.len, 15 + 32);
	CHECK(str_starts(buf_str(&b), STR("\x15\x40\x1C\x1C\x00\x00\x1C\x1C\x00\x00\x1C\x1C\x00\x00\x00")));
}

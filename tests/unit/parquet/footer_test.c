#include "parquet/footer.h"
#include "parquet/write.h"
#include "tests/lib/test.h"
#include "tests/unit/parquet/random_table.h"

/* A file and the place of its footer. */
static str file_make(struct buf *out, struct arena *a)
{
	struct parquet_scratch *s = parquet_scratch_new();
	struct file_stats       stats;
	struct err              e = ERR_NONE;
	struct parquet_options  o = {.page_rows = 10, .row_group_bytes = 1000, .origin = STR("x")};
	AUTO(random_table)      t;
	uint32_t                rows[40], size = 0;

	random_table_init(&t, (struct random_kind){RANDOM_SMALL, 40, 5, 2});
	for (uint32_t i = 0; i < 40; i++)
		rows[i] = i;
	CHECK_OK(parquet_write(&t.c, rows, 40, &o, s, out, a, &stats, &e), &e);
	parquet_scratch_free(s);
	CHECK_OK(parquet_footer_size((const uint8_t *)out->ptr + out->len - 8, out->len, &size, &e), &e);
	return str_make(out->ptr + out->len - 8 - size, size);
}

TEST(footer_size_is_checked_against_the_file)
{
	struct err e = ERR_NONE;
	uint32_t   size = 0;

	CHECK_OK(parquet_footer_size((const uint8_t *)"\x10\0\0\0PAR1", 28, &size, &e), &e);
	CHECK_INT(size, 16);
	CHECK_ERR(parquet_footer_size((const uint8_t *)"\x11\0\0\0PAR1", 28, &size, &e), ERR_CORRUPT);
	CHECK_ERR(parquet_footer_size((const uint8_t *)"\0\0\0\0PAR1", 28, &size, &e), ERR_CORRUPT);
	CHECK_ERR(parquet_footer_size((const uint8_t *)"\x10\0\0\0PARE", 28, &size, &e), ERR_CORRUPT);
	CHECK_ERR(parquet_footer_size((const uint8_t *)"\xFF\xFF\xFF\xFFPAR1", 11, &size, &e), ERR_CORRUPT);
}

TEST(footer_that_is_damaged_is_refused_or_bounded)
{
	AUTO(buf)   out = BUF(0);
	AUTO(arena) a = ARENA_INIT;
	str         footer = file_make(&out, &a);

	for (unsigned round = 0; round < 4000; round++) {
		AUTO(arena)           scratch = ARENA_INIT;
		struct parquet_footer f;
		struct err            e = ERR_NONE;
		size_t                len = round % 2 ? footer.len : 1 + test_random() % footer.len;
		char                 *copy = xmalloc(len);
		int                   got;

		memcpy(copy, footer.ptr, len);
		for (unsigned i = 0; i < 1 + round % 4; i++)
			copy[test_random() % len] = (char)test_random();
		got = parquet_footer_read(str_make(copy, len), out.len, &scratch, &f, &e);
		CHECK(got == 0 || got == ERR_CORRUPT);
		CHECK(scratch.used < footer.len * 100);
		free(copy);
	}
}

TEST(footer_of_another_size_of_file_is_refused)
{
	AUTO(buf)             out = BUF(0);
	AUTO(arena)           a = ARENA_INIT;
	struct parquet_footer f;
	struct err            e = ERR_NONE;
	str                   footer = file_make(&out, &a);

	CHECK_OK(parquet_footer_read(footer, out.len, &a, &f, &e), &e);
	CHECK_INT(f.row_count, 40);
	CHECK_ERR(parquet_footer_read(footer, footer.len + 20, &a, &f, &e), ERR_CORRUPT);
	CHECK_ERR(parquet_footer_read(STR(""), out.len, &a, &f, &e), ERR_CORRUPT);
}

TEST(recount_finds_every_value)
{
	AUTO(buf)             out = BUF(0);
	AUTO(arena)           a = ARENA_INIT;
	struct parquet_footer f;
	struct err            e = ERR_NONE;
	str                   footer = file_make(&out, &a);

	CHECK_OK(parquet_footer_read(footer, out.len, &a, &f, &e), &e);
	for (uint32_t i = 0; i < f.group_count; i++) {
		int64_t fewest = INT64_MAX;

		for (uint32_t k = 0; k < f.groups[i].chunk_count; k++) {
			int64_t values = -1;

			CHECK_OK(parquet_recount(buf_str(&out), &f.groups[i].chunks[k], &values, &e), &e);
			CHECK_INT(values, f.groups[i].chunks[k].value_count);
			fewest = values < fewest ? values : fewest;
		}
		CHECK_INT(fewest, f.groups[i].row_count);
	}
}

TEST(recount_of_damaged_pages_is_refused_or_bounded)
{
	AUTO(buf)             out = BUF(0);
	AUTO(arena)           a = ARENA_INIT;
	struct parquet_footer f;
	struct err            e = ERR_NONE;
	str                   footer = file_make(&out, &a);
	unsigned              refused = 0;

	CHECK_OK(parquet_footer_read(footer, out.len, &a, &f, &e), &e);
	for (unsigned round = 0; round < 4000; round++) {
		struct parquet_chunk c = f.groups[0].chunks[round % f.groups[0].chunk_count];
		char                *copy = xmalloc((size_t)c.bytes);
		size_t               len = round % 2 ? (size_t)c.bytes : test_random() % ((size_t)c.bytes + 1);
		int64_t              values = 0;
		int                  got;

		memcpy(copy, out.ptr + c.offset, (size_t)c.bytes);
		for (unsigned i = 0; i < 1 + round % 3; i++)
			copy[test_random() % (size_t)c.bytes] = (char)test_random();
		c.offset = 0;
		got = parquet_recount(str_make(copy, len), &c, &values, &e);
		CHECK((got == 0 && values >= 0) || got == ERR_CORRUPT);
		refused += got < 0;
		free(copy);
	}
	CHECK(refused > 1000);
}

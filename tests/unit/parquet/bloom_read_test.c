#include "codec/sha256.h"
#include "parquet/bloom.h"
#include "parquet/bloom_int.h"
#include "parquet/footer.h"
#include "parquet/write.h"
#include "tests/lib/test.h"
#include "tests/unit/parquet/random_table.h"

enum { ROWS = 3000 };

/* The filter that DuckDB 1.5 wrote for the texts e0 to e39. */
static const char duckdb[] = "1580011c1c00001c1c00001c1c000000"
                             "01b6027eb4465132c43c244960855ac4c159035410fed0197a8a284a68884174"
                             "c7b75b41ceab569473aee54975a87f13bf8a3920d0dc597ec37b6d2f56dc3d33";

static bool may_hold(str file, uint64_t offset, str value)
{
	struct parquet_bloom bloom;
	struct err           e = ERR_NONE;
	uint64_t             hash = parquet_bloom_hash(value), at;
	str                  head = str_head(str_from(file, offset), PARQUET_BLOOM_HEAD);

	CHECK_OK(parquet_bloom_open(head, offset, file.len, &bloom, &e), &e);
	at = parquet_bloom_block(&bloom, hash);
	CHECK(at > offset && at + PARQUET_BLOOM_BLOCK <= file.len);
	return parquet_bloom_may_hold(file.ptr + at, hash);
}

TEST(bloom_of_another_writer_is_understood)
{
	char     bytes[7 + 80];
	unsigned wrong = 0;

	memset(bytes, 0xFF, sizeof(bytes));
	CHECK(hex_decode(str_of(duckdb), bytes + 7));
	for (int i = 0; i < 1040; i++) {
		char text[8];
		str  value = str_make(text, (size_t)snprintf(text, sizeof(text), "e%d", i));
		bool may = may_hold(str_make(bytes, sizeof(bytes)), 7, value);

		CHECK(may || i >= 40);
		wrong += may && i >= 40;
	}
	CHECK(wrong < 100);
}

/* A file of UUIDs, all different. */
static void file_make(const struct random_table *t, struct buf *out, struct arena *a)
{
	static const int32_t     id = 1;
	struct parquet_scratch  *s = parquet_scratch_new();
	struct parquet_options   o = {.bloom_ids = &id, .bloom_count = 1, .row_group_bytes = 40000};
	struct file_stats        stats;
	struct err               e = ERR_NONE;
	uint32_t                 rows[ROWS];

	for (uint32_t i = 0; i < ROWS; i++)
		rows[i] = i;
	CHECK_OK(parquet_write(&t->c, rows, ROWS, &o, s, out, a, &stats, &e), &e);
	parquet_scratch_free(s);
}

static struct parquet_footer footer_of(str file, struct arena *a)
{
	struct parquet_footer footer = {0};
	struct err            e = ERR_NONE;
	uint32_t              size = 0;

	CHECK_OK(parquet_footer_size((const uint8_t *)file.ptr + file.len - 8, file.len, &size, &e), &e);
	CHECK_OK(parquet_footer_read(str_make(file.ptr + file.len - 8 - size, size), file.len, a, &footer, &e), &e);
	return footer;
}

TEST(bloom_of_a_file_holds_its_rows_and_few_others)
{
	AUTO(random_table)    t;
	AUTO(buf)             out = BUF(0);
	AUTO(arena)           a = ARENA_INIT;
	struct parquet_footer footer;
	const uint8_t        *ids;
	int64_t               row = 0;
	unsigned              wrong = 0;

	random_table_init(&t, (struct random_kind){RANDOM_WIDE, ROWS, 3, 0});
	file_make(&t, &out, &a);
	footer = footer_of(buf_str(&out), &a);
	CHECK(footer.group_count > 1);
	ids = columns_peek(&t.c, schema_by_id(&t.schema, 1))->uuids;
	for (uint32_t g = 0; g < footer.group_count; g++) {
		const struct parquet_chunk *chunk = &footer.groups[g].chunks[0];

		CHECK_INT(chunk->field_id, 1);
		CHECK(chunk->bloom_offset > 0);
		CHECK_INT(footer.groups[g].chunks[1].bloom_offset, 0);
		for (int64_t i = 0; i < ROWS; i++) {
			bool may = may_hold(buf_str(&out), (uint64_t)chunk->bloom_offset, str_make(ids + i * 16, 16));
			bool is_there = i >= row && i < row + footer.groups[g].row_count;

			CHECK(may || !is_there);
			wrong += may && !is_there;
		}
		row += footer.groups[g].row_count;
	}
	CHECK(wrong < footer.group_count * ROWS / 20);
}

TEST(bloom_that_is_damaged_or_of_another_kind_is_refused)
{
	struct parquet_bloom bloom;
	struct err           e = ERR_NONE;
	char                 bytes[80];
	str                  all = str_make(bytes, sizeof(bytes));

	CHECK(hex_decode(str_of(duckdb), bytes));
	CHECK_OK(parquet_bloom_open(all, 0, sizeof(bytes), &bloom, &e), &e);
	CHECK_INT(bloom.at, 16);
	CHECK_INT(bloom.count, 2);
	CHECK_ERR(parquet_bloom_open(all, 0, sizeof(bytes) - 1, &bloom, &e), ERR_CORRUPT);
	CHECK_ERR(parquet_bloom_open(str_head(all, 10), 0, sizeof(bytes), &bloom, &e), ERR_CORRUPT);
	CHECK_ERR(parquet_bloom_open(STR(""), 0, sizeof(bytes), &bloom, &e), ERR_CORRUPT);
	bytes[4] = 0x2C; /* the second member of the union: another algorithm */
	CHECK_ERR(parquet_bloom_open(all, 0, sizeof(bytes), &bloom, &e), ERR_UNSUPPORTED);
	bytes[4] = 0x1C;
	bytes[1] = 0x02; /* one byte long */
	bytes[2] = 0x00;
	CHECK_ERR(parquet_bloom_open(all, 0, sizeof(bytes), &bloom, &e), ERR_CORRUPT);
	for (unsigned round = 0; round < 4000; round++) {
		CHECK(hex_decode(str_of(duckdb), bytes));
		for (unsigned i = 0; i < 1 + round % 4; i++)
			bytes[test_random() % 16] = (char)test_random();
		if (parquet_bloom_open(all, 0, sizeof(bytes), &bloom, &e) == 0)
			CHECK(parquet_bloom_block(&bloom, test_random()) + PARQUET_BLOOM_BLOCK <= sizeof(bytes));
	}
}

/* Raw segments: what goes in comes out, and damage anywhere is noticed. */
#include "lake/segment.h"

#include "tests/lib/small_lake.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct segment_part parts[] = {
	{STR("/data/in/a.json"), STR("in/a.json")},
	{STR("/data/in/b.csv"), STR("in/b.csv")},
};

/* Record i of the tests, in all its kinds. */
static struct segment_record record_of(uint64_t i, struct arena *a)
{
	struct segment_record r = {
		.offset = i * 1000003,
		.text = arena_format(a, "{\"id\":%llu,\"text\":\"%*d\"}", (unsigned long long)i, (int)(i * 37 % 900), 7),
		.part = (uint32_t)(i % 2),
		.fault = (uint8_t)(i % 5),
		.verdict = (enum verdict)(i % 4),
	};

	r.raw = i % 3 == 0 ? arena_format(a, "%llu;text", (unsigned long long)i) : r.text;
	r.whole_len = i % 7 == 0 ? 1u << 30 : r.raw.len;
	if (i % 14 == 0)
		r.sha256 = STR(HEX64);
	if (r.verdict == VERDICT_ROW)
		r.word = i % 8 == 0 ? STR("page_view") : STR("push");
	if (r.verdict == VERDICT_QUARANTINE)
		r.word = STR("time.missing");
	return r;
}

/* Blocks of `per_block` records; the object is put under `key`, its size returned. */
static uint64_t put_segment(struct small *s, str key, uint64_t count, uint64_t per_block)
{
	AUTO(segment_packer) packer = {0};
	AUTO(segment_writer) w = {0};
	AUTO(arena)          a = ARENA_INIT;
	struct err           e = ERR_NONE;
	str                  bytes = {0};

	for (uint64_t i = 0; i < count; i += per_block) {
		struct segment_piece piece = {0};

		segment_packer_begin(&packer);
		for (uint64_t k = i; k < i + per_block && k < count; k++) {
			struct segment_record r = record_of(k, &a);

			segment_packer_add(&packer, &r);
		}
		CHECK_OK(segment_pack(&packer, 1000 + (int64_t)i, i % 2 == 1, parts, 2, &piece, &e), &e);
		segment_put(&w, &piece);
		segment_piece_done(&piece);
	}
	CHECK_INT(w.records, count);
	CHECK_OK(segment_close(&w, &bytes, &e), &e);
	CHECK_OK(store_put_sure(s->lake->store, key, bytes, &e), &e);
	return bytes.len;
}

static void check_record(const struct segment_record *got, uint64_t i)
{
	AUTO(arena)           a = ARENA_INIT;
	struct segment_record want = record_of(i, &a);

	CHECK_INT(got->offset, want.offset);
	CHECK_INT(got->part, want.part);
	CHECK_INT(got->fault, want.fault);
	CHECK_INT(got->verdict, want.verdict);
	CHECK_INT(got->whole_len, want.whole_len);
	CHECK_STR(got->text, want.text);
	CHECK_STR(got->raw, want.raw);
	CHECK_STR(got->sha256, want.sha256);
	CHECK_STR(got->word, want.word);
}

TEST(segment_gives_back_what_it_took)
{
	AUTO(segment)       segment = {0};
	AUTO(segment_block) block = {0};
	struct small        s;
	struct err          e = ERR_NONE;
	uint64_t            seen = 0, bytes;

	small_open(&s, store_new_mem());
	bytes = put_segment(&s, STR("_tarn/raw/0/x.raw"), 1000, 300);
	CHECK_OK(segment_open(s.lake, STR("_tarn/raw/0/x.raw"), bytes, &segment, &e), &e);
	CHECK_INT(segment.blocks.count, 4);
	for (size_t i = segment.blocks.count; i-- > 0;) {
		CHECK_OK(segment_read(&segment, i, &block, &e), &e);
		CHECK_INT(block.taken_us, 1000 + (int64_t)i * 300);
		CHECK_INT(block.part_count, 2);
		CHECK_STR(block.parts[1].label, STR("in/b.csv"));
		CHECK_INT(block.records.count, i == 3 ? 100 : 300);
		CHECK_INT(segment.blocks.at[i].rows, i == 3 ? 25 : 75);
		for (size_t k = 0; k < block.records.count; k++, seen++)
			check_record(&block.records.at[k], i * 300 + k);
	}
	CHECK_INT(seen, 1000);
	small_close(&s);
}

/* A segment that proves itself may still be another one. */
TEST(segment_load_wants_the_bytes_that_the_journal_means)
{
	AUTO(segment)       segment = {0};
	AUTO(segment_block) block = {0};
	AUTO(arena)         a = ARENA_INIT;
	struct small        s;
	struct err          e = ERR_NONE;
	uint64_t            seen = 0, bytes;
	char                hex[33], other[33];
	str                 body;

	small_open(&s, store_new_mem());
	bytes = put_segment(&s, STR("_tarn/raw/0/x.raw"), 1000, 300);
	CHECK_OK(store_get_all(s.lake->store, STR("_tarn/raw/0/x.raw"), 1 << 20, &a, &body, &e), &e);
	lake_checksum(body, hex);
	CHECK_OK(segment_load(s.lake, STR("_tarn/raw/0/x.raw"), bytes, str_of(hex), &segment, &e), &e);
	CHECK_OK(store_remove(s.lake->store, STR("_tarn/raw/0/x.raw"), &e), &e); /* all of it is in memory */
	for (size_t i = 0; i < segment.blocks.count; i++) {
		CHECK_OK(segment_read(&segment, i, &block, &e), &e);
		for (size_t k = 0; k < block.records.count; k++, seen++)
			check_record(&block.records.at[k], i * 300 + k);
	}
	CHECK_INT(seen, 1000);

	CHECK_INT(put_segment(&s, STR("_tarn/raw/0/y.raw"), 1000, 300), bytes);
	CHECK_OK(store_get_all(s.lake->store, STR("_tarn/raw/0/y.raw"), 1 << 20, &a, &body, &e), &e);
	lake_checksum(str_head(body, body.len - 1), other);
	segment_done(&segment);
	segment = (struct segment){0};
	CHECK_ERR(segment_load(s.lake, STR("_tarn/raw/0/y.raw"), bytes, str_of(other), &segment, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "_tarn/raw/0/y.raw") != NULL);
	CHECK_ERR(segment_load(s.lake, STR("_tarn/raw/0/y.raw"), bytes + 1, str_of(hex), &segment, &e), ERR_CORRUPT);
	CHECK_ERR(segment_load(s.lake, STR("_tarn/raw/0/z.raw"), bytes, str_of(hex), &segment, &e), ERR_MISSING);
	small_close(&s);
}

static int read_all(struct small *s, str key, uint64_t bytes, struct err *e)
{
	AUTO(segment)       segment = {0};
	AUTO(segment_block) block = {0};

	TRY(segment_open(s->lake, key, bytes, &segment, e));
	for (size_t i = 0; i < segment.blocks.count; i++)
		TRY(segment_read(&segment, i, &block, e));
	return 0;
}

/* Every byte but the magic at the head, which nobody reads, is under a checksum. */
TEST(segment_notices_any_damage)
{
	AUTO(arena)  a = ARENA_INIT;
	struct small s;
	struct err   e = ERR_NONE;
	str          body;
	uint64_t     bytes;

	small_open(&s, store_new_mem());
	bytes = put_segment(&s, STR("_tarn/raw/0/x.raw"), 12, 5);
	CHECK_OK(store_get_all(s.lake->store, STR("_tarn/raw/0/x.raw"), 1 << 20, &a, &body, &e), &e);
	for (size_t i = 8; i < body.len; i++) {
		char *flipped = arena_alloc(&a, body.len);
		str   key = arena_format(&a, "_tarn/raw/0/flip-%zu.raw", i);

		memcpy(flipped, body.ptr, body.len);
		flipped[i] ^= 0x10;
		CHECK_OK(store_put_sure(s.lake->store, key, str_make(flipped, body.len), &e), &e);
		CHECK_INT(read_all(&s, key, bytes, &e), ERR_CORRUPT);
		e = ERR_NONE;
	}
	for (size_t len = 0; len < body.len; len++) {
		str key = arena_format(&a, "_tarn/raw/0/cut-%zu.raw", len);

		CHECK_OK(store_put_sure(s.lake->store, key, str_head(body, len), &e), &e);
		CHECK_INT(read_all(&s, key, len, &e), ERR_CORRUPT);
		e = ERR_NONE;
	}
	small_close(&s);
}

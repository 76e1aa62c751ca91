#include "ingest/idrun.h"

#include "tests/lib/test.h"

static struct id_item item(uint64_t number, int64_t hour)
{
	return (struct id_item){hash_bytes128(&number, sizeof(number), 5), number * 7, hour};
}

static void run_of(size_t count, int64_t hours, struct buf *out)
{
	struct id_item *items = malloc((count + 1) * sizeof(*items));

	for (size_t i = 0; i < count; i++)
		items[i] = item(i, (int64_t)i % hours - 1);
	if (count > 0)
		qsort(items, count, sizeof(*items), id_item_order);
	idrun_write(items, count, out);
	free(items);
}

/* The bytes of a whole section. */
static str section_bytes(const struct buf *b, const struct id_section *s)
{
	return str_from(str_head(buf_str(b), id_block_at(s, id_blocks(s->count))), s->at);
}

TEST(idrun_sections_lie_as_the_picture_says)
{
	const int64_t counts[][2] = {{0, 1}, {1, 1}, {2, 2}, {100, 7}, {1000, 1000}, {170, 1}, {171, 1}, {1000, 3}, {1020, 6}};

	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		AUTO(buf)          b = BUF(0);
		AUTO(arena)        a = ARENA_INIT;
		struct id_section *sections;
		struct err         e = ERR_NONE;
		uint32_t           count;
		uint64_t           head, ids = 0, blocks = 0;

		run_of((size_t)counts[c][0], counts[c][1], &b);
		CHECK_OK(idrun_head_size(str_head(buf_str(&b), ID_HEAD_BYTES), b.len, &head, &e), &e);
		CHECK_OK(idrun_sections(str_head(buf_str(&b), head), b.len, &a, &sections, &count, &e), &e);
		CHECK_INT(count, counts[c][0] < counts[c][1] ? counts[c][0] : counts[c][1]);
		for (uint32_t s = 0; s < count; s++) {
			str bytes = section_bytes(&b, &sections[s]);

			CHECK(s == 0 || sections[s].hour > sections[s - 1].hour);
			CHECK_INT(sections[s].first_block, blocks);
			CHECK(idrun_proves(&sections[s], 0, id_blocks(sections[s].count), bytes));
			for (uint64_t k = 0; k < sections[s].count; k++, ids++) {
				uint64_t       payload = id_payload(id_at(bytes, k));
				struct id_item want = item(payload / 7, 0);

				CHECK_INT(hash128_cmp(id_key(id_at(bytes, k)), want.key), 0);
				CHECK_INT((int64_t)(payload / 7) % counts[c][1] - 1, sections[s].hour);
			}
			blocks += id_blocks(sections[s].count);
		}
		CHECK_INT(ids, counts[c][0]);
		CHECK_INT(b.len, head + ids * ID_BYTES + blocks * ID_CHECKSUM_BYTES);
	}
}

/* Bytes that are no run are refused whatever they claim: nothing is read, or made, from a claimed length. */
TEST(idrun_whose_head_is_damaged_is_refused)
{
	AUTO(buf)          good = BUF(0);
	AUTO(arena)        a = ARENA_INIT;
	struct id_section *sections;
	struct err         e = ERR_NONE;
	uint32_t           count;
	uint64_t           head;

	run_of(100, 3, &good);
	CHECK_OK(idrun_head_size(buf_str(&good), good.len, &head, &e), &e);
	for (size_t len = 0; len < good.len; len++)
		CHECK_ERR(idrun_sections(str_head(buf_str(&good), len), len, &a, &sections, &count, &e), ERR_CORRUPT);
	CHECK_ERR(idrun_sections(buf_str(&good), good.len + 1, &a, &sections, &count, &e), ERR_CORRUPT);
	CHECK_ERR(idrun_sections(str_head(buf_str(&good), head - 1), good.len, &a, &sections, &count, &e), ERR_CORRUPT);
	for (size_t bit = 0; bit < head * 8; bit++) {
		good.ptr[bit / 8] ^= (char)(1 << bit % 8);
		CHECK_ERR(idrun_sections(buf_str(&good), good.len, &a, &sections, &count, &e), ERR_CORRUPT);
		good.ptr[bit / 8] ^= (char)(1 << bit % 8);
	}
	CHECK_OK(idrun_sections(buf_str(&good), good.len, &a, &sections, &count, &e), &e);
}

TEST(idrun_block_with_a_flipped_bit_does_not_prove)
{
	AUTO(buf)          b = BUF(0);
	AUTO(arena)        a = ARENA_INIT;
	struct id_section *sections;
	struct err         e = ERR_NONE;
	uint32_t           count;

	run_of(500, 2, &b);
	CHECK_OK(idrun_sections(buf_str(&b), b.len, &a, &sections, &count, &e), &e);
	for (uint32_t s = 0; s < count; s++) {
		str   bytes = section_bytes(&b, &sections[s]);
		char *at = b.ptr + sections[s].at;

		for (size_t bit = 0; bit < bytes.len * 8; bit += 1 + test_random() % 5) {
			at[bit / 8] ^= (char)(1 << bit % 8);
			CHECK(!idrun_proves(&sections[s], 0, 2, bytes));
			at[bit / 8] ^= (char)(1 << bit % 8);
		}
		CHECK(!idrun_proves(&sections[s], 0, 2, str_head(bytes, bytes.len - 1)));
	}
}

/* Whole and unharmed, but not what was asked for. */
TEST(idrun_block_of_another_place_does_not_prove)
{
	AUTO(buf)          b = BUF(0);
	AUTO(arena)        a = ARENA_INIT;
	struct id_section *sections;
	struct err         e = ERR_NONE;
	uint32_t           count;
	str                first, second;

	run_of(2 * ID_BLOCK_IDS, 1, &b);
	CHECK_OK(idrun_sections(buf_str(&b), b.len, &a, &sections, &count, &e), &e);
	first = str_head(section_bytes(&b, &sections[0]), id_block_at(&sections[0], 1) - sections[0].at);
	second = str_from(section_bytes(&b, &sections[0]), first.len);
	CHECK(idrun_proves(&sections[0], 0, 1, first));
	CHECK(idrun_proves(&sections[0], 1, 2, second));
	CHECK(!idrun_proves(&sections[0], 0, 1, second));
	CHECK(!idrun_proves(&sections[0], 1, 2, first));
}

/* A head of these sections, proven by its checksum. */
static int sections_of(const uint64_t *counts, const int64_t *hours, uint32_t count, uint64_t run_bytes)
{
	AUTO(buf)          head = BUF(0);
	AUTO(arena)        a = ARENA_INIT;
	struct id_section *sections;
	struct err         e = ERR_NONE;

	buf_add(&head, STR("TARNIDS2"));
	buf_u32le(&head, count);
	buf_u32le(&head, 0);
	for (uint32_t i = 0; i < count; i++) {
		buf_u64le(&head, (uint64_t)hours[i]);
		buf_u64le(&head, counts[i]);
	}
	buf_u64le(&head, hash_bytes(head.ptr, head.len, UINT64_MAX));
	return idrun_sections(buf_str(&head), run_bytes, &a, &sections, &count, &e);
}

/* A checksum proves that a head is as it was written, not that it makes sense. */
TEST(idrun_whose_head_makes_no_sense_is_refused)
{
	const uint64_t half = UINT64_C(1) << 63, large = UINT64_C(6) << 30;
	const int64_t  rising[] = {-1, 0, 1}, equal[] = {1, 1}, falling[] = {1, 0};

	CHECK_INT(sections_of((const uint64_t[]){1, 2}, rising, 2, 56 + 3 * 24 + 2 * 8), 0);
	CHECK_ERR(sections_of((const uint64_t[]){1, 2}, rising, 2, 56 + 3 * 24 + 1 * 8), ERR_CORRUPT);
	CHECK_ERR(sections_of((const uint64_t[]){0, 3}, rising, 2, 56 + 3 * 24 + 1 * 8), ERR_CORRUPT);
	CHECK_ERR(sections_of((const uint64_t[]){1, 2}, equal, 2, 56 + 3 * 24 + 2 * 8), ERR_CORRUPT);
	CHECK_ERR(sections_of((const uint64_t[]){1, 2}, falling, 2, 56 + 3 * 24 + 2 * 8), ERR_CORRUPT);
	CHECK_ERR(sections_of((const uint64_t[]){half, half, 3}, rising, 3, 72 + 3 * 24 + 8), ERR_CORRUPT);
	/* 24 * count passes 2^64 and comes to the size of the run */
	CHECK_ERR(sections_of((const uint64_t[]){large, UINT64_MAX / 24 + 1 - large}, rising, 2, 56 + 8), ERR_CORRUPT);
	CHECK_ERR(sections_of((const uint64_t[]){large / 24 + 1}, rising, 1, large), ERR_CORRUPT);
}

TEST(idrun_over_its_ceiling_says_so)
{
	AUTO(buf)      b = BUF(1000);
	struct id_item items[100];

	for (uint64_t i = 0; i < 100; i++)
		items[i] = item(i, 0);
	qsort(items, 100, sizeof(items[0]), id_item_order);
	idrun_write(items, 100, &b);
	CHECK(buf_over(&b));
	CHECK(b.len <= 1000);
}

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

TEST(idrun_sections_lie_as_the_picture_says)
{
	const int64_t counts[][2] = {{0, 1}, {1, 1}, {2, 2}, {100, 7}, {1000, 1000}};

	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		AUTO(buf)          b = BUF(0);
		AUTO(arena)        a = ARENA_INIT;
		struct id_section *sections;
		struct err         e = ERR_NONE;
		uint32_t           count;
		uint64_t           head, ids = 0;

		run_of((size_t)counts[c][0], counts[c][1], &b);
		CHECK_OK(idrun_head_size(str_head(buf_str(&b), ID_HEAD_BYTES), b.len, &head, &e), &e);
		CHECK_OK(idrun_sections(str_head(buf_str(&b), head), b.len, &a, &sections, &count, &e), &e);
		CHECK_INT(count, counts[c][0] < counts[c][1] ? counts[c][0] : counts[c][1]);
		for (uint32_t s = 0; s < count; s++) {
			CHECK(s == 0 || sections[s].hour > sections[s - 1].hour);
			for (uint64_t k = 0; k < sections[s].count; k++, ids++) {
				struct hash128 key = idrun_key(b.ptr + sections[s].keys_at + k * ID_KEY_BYTES);
				uint64_t       payload = hash_load(b.ptr + sections[s].payloads_at + k * 8, 8);
				struct id_item want = item(payload / 7, 0);

				CHECK_INT(hash128_cmp(key, want.key), 0);
				CHECK_INT((int64_t)(payload / 7) % counts[c][1] - 1, sections[s].hour);
			}
		}
		CHECK_INT(ids, counts[c][0]);
		CHECK_INT(b.len, ID_HEAD_BYTES + count * ID_SECTION_BYTES + ids * 24);
	}
}

/* Bytes that are no run are refused whatever they claim: nothing is read, or made, from a claimed length. */
TEST(idrun_that_is_damaged_is_refused)
{
	AUTO(buf)          good = BUF(0);
	AUTO(arena)        a = ARENA_INIT;
	struct id_section *sections;
	struct err         e = ERR_NONE;
	uint32_t           count;

	run_of(100, 3, &good);
	for (size_t len = 0; len < good.len; len++)
		CHECK_ERR(idrun_sections(str_head(buf_str(&good), len), len, &a, &sections, &count, &e), ERR_CORRUPT);
	CHECK_ERR(idrun_sections(buf_str(&good), good.len + 1, &a, &sections, &count, &e), ERR_CORRUPT);
	for (int i = 0; i < 2000; i++) {
		AUTO(buf) bad = BUF(0);

		buf_add(&bad, buf_str(&good));
		for (int k = 0; k < 3; k++)
			bad.ptr[test_random() % (ID_HEAD_BYTES + 3 * ID_SECTION_BYTES)] ^= (char)(1 << test_random() % 8);
		if (idrun_sections(buf_str(&bad), bad.len, &a, &sections, &count, &e) < 0)
			continue;
		for (uint32_t s = 0; s < count; s++)
			CHECK(sections[s].payloads_at + sections[s].count * 8 <= bad.len);
	}
}

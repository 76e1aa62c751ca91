/* The parts under the streams. */
#include "base/map.h"
#include "os/fs.h"
#include "simulate/heap.h"
#include "simulate/mutate.h"
#include "simulate/random.h"
#include "simulate/ring.h"
#include "simulate/songs.h"
#include "simulate/text.h"
#include "simulate/spool.h"
#include "tests/lib/test.h"

TEST(zipf_draws_follow_their_weights)
{
	AUTO(zipf)    z = {0};
	struct random r;
	unsigned      hits[4] = {0};

	random_seed(&r, test_random());
	zipf_init(&z, 4, 1); /* 12 : 6 : 4 : 3 */
	for (unsigned i = 0; i < 250000; i++)
		hits[zipf_pick(&z, &r)]++;
	for (unsigned i = 0; i < 4; i++) {
		unsigned want = 120000 / (i + 1);

		CHECK(hits[i] > want - 2500 && hits[i] < want + 2500);
	}
}

TEST(steep_zipf_draws_fall_with_the_power_of_1_1)
{
	static const double want[4] = {0.5043, 0.2353, 0.1506, 0.1098}; /* shares of k^-1.1 */
	AUTO(zipf)          z = {0};
	struct random       r;
	unsigned            hits[4] = {0};

	random_seed(&r, test_random());
	zipf_init_steep(&z, 4);
	for (unsigned i = 0; i < 250000; i++)
		hits[zipf_pick(&z, &r)]++;
	for (unsigned i = 0; i < 4; i++)
		CHECK(hits[i] / 250000.0 > want[i] - 0.005 && hits[i] / 250000.0 < want[i] + 0.005);
}

TEST(heap_gives_the_earliest_first)
{
	AUTO(heap) h = {0};
	int64_t    last = -1;

	for (uint32_t i = 0; i < 1000; i++)
		heap_add(&h, (int64_t)(test_random() % 500), i);
	for (uint32_t i = 0; i < 500; i++)
		heap_replace(&h, heap_first(&h).at + (int64_t)(test_random() % 100), i);
	while (h.count > 0) {
		struct heap_item item = heap_take(&h);

		CHECK(item.at >= last);
		last = item.at;
	}
}

TEST(a_song_has_a_name_of_its_own)
{
	AUTO(arena)        a = ARENA_INIT;
	AUTO(map)          names = {0};
	const struct song *songs = songs_new(&a);

	for (uint32_t i = 0; i < SONG_COUNT; i++) {
		str key = arena_format(&a, STR_FMT "\1" STR_FMT, STR_ARG(songs[i].artist),
		                       STR_ARG(songs[i].title));

		CHECK_INT(map_put(&names, key)->num++, 0);
		CHECK(songs[i].duration >= 60 * DURATION_SECOND);
		CHECK(songs[i].duration < 450 * DURATION_SECOND);
	}
}

static void check_text(const char *from, const char *to, const char *want)
{
	CHECK_STR(str_make(from, (size_t)(to - from)), str_of(want));
}

TEST(numbers_and_times_are_printed_as_json_has_them)
{
	const int64_t afternoon = 1748869445 * INT64_C(1000000);
	char          text[64];

	check_text(text, put_u64(text, 0), "0");
	check_text(text, put_u64(text, UINT64_MAX), "18446744073709551615");
	check_text(text, put_cents(text, 1205), "12.05");
	check_text(text, put_decimal(text, 22964200, 5), "229.642");
	check_text(text, put_decimal(text, 300000, 5), "3.0");
	check_text(text, put_decimal(text, 1, 3), "0.001");
	check_text(text, put_hex(text, 0xAB, 4), "00ab");
	check_text(text, put_date(text, afternoon), "2025-06-02");
	check_text(text, put_milliseconds(text, afternoon + 45999), "2025-06-02T13:04:05.045Z");
	check_text(text, put_datetime(text, afternoon, ' '), "2025-06-02 13:04:05");
}

static struct record record_of(const char *text)
{
	struct record r;

	record_clear(&r);
	r.len = (uint32_t)strlen(text);
	memcpy(r.text, text, r.len);
	return r;
}

TEST(a_cut_leaves_whole_characters)
{
	struct random random;

	random_seed(&random, test_random());
	for (unsigned i = 0; i < 200; i++) {
		struct record r = record_of("{\"a\":\"\xE6\x9D\xB1\xE4\xBA\xAC\xC3\xA9\xC3\xA9\"}");

		record_damage(&r, DAMAGE_CUT, &random);
		CHECK(r.len > 0 && r.len < 20);
		CHECK((r.text[r.len] & 0xC0) != 0x80);
	}
}

TEST(restamping_moves_the_time_only)
{
	struct record r = record_of("{\"at\":1748822400,\"b\":1}");
	struct random random;
	int64_t       time = 0;

	random_seed(&random, test_random());
	r.time_value = (struct span){6, 16};
	record_restamp(&r, 1, &random);
	CHECK_INT(r.len, 24 - 1);
	CHECK(str_to_i64(str_make(r.text + 6, 10), &time));
	CHECK(time > 1748822400 && time <= 1748822400 + 600);
	CHECK_STR(str_from(record_str(&r), 16), STR(",\"b\":1}"));
}

TEST(the_ring_forgets_what_is_old)
{
	AUTO(ring)    ring = {0};
	struct random random;
	struct record r = {0}, out;

	random_seed(&random, test_random());
	ring_init(&ring);
	for (uint64_t i = 0; i < 300000; i++) {
		r.len = (uint32_t)(put_u64(r.text, i) - r.text);
		r.table = (uint32_t)i;
		ring_add(&ring, &r);
	}
	CHECK(ring_count(&ring) >= 50000 && ring_count(&ring) <= 100000);
	for (unsigned i = 0; i < 1000; i++) {
		int64_t number = 0;

		ring_pick(&ring, &random, &out);
		CHECK(str_to_i64(record_str(&out), &number));
		CHECK_INT(number, out.table);
		CHECK(number >= 200000);
	}
	ring_clear(&ring);
	CHECK_INT(ring_count(&ring), 0);
}

TEST(a_spool_never_splits_lines_between_flushes)
{
	AUTO(spool) w = {0};
	AUTO(arena)  a = ARENA_INIT;
	const char  *path = arena_cstr(&a, arena_format(&a, "%s/f", test_folder()));
	struct err   e = ERR_NONE;
	str          text = {0};
	char         line[5000];

	memset(line, 'x', sizeof(line));
	CHECK_OK(spool_open(&w, fs_real(), path, &e), &e);
	for (unsigned i = 0; i < 300; i++)
		CHECK_OK(spool_line(&w, str_make(line, sizeof(line)), &e), &e);
	CHECK_OK(fs_read_all(fs_real(), path, 1u << 30, &a, &text, &e), &e);
	CHECK(text.len > 0 && text.len % (sizeof(line) + 1) == 0);
	CHECK_OK(spool_finish(&w, &e), &e);
	CHECK(!spool_is_open(&w));
	CHECK_ERR(spool_open(&w, fs_real(), path, &e), ERR_CONFLICT);
}

/* The driver: bytes that repeat, counts that add up, files, pace and refusals. */
#include "base/hash.h"
#include "os/clock.h"
#include "os/fs.h"
#include "tests/lib/test.h"
#include "tests/unit/simulate/stream.h"

static const enum simulate_kind kinds[] = {
	SIMULATE_EVENTSIM, SIMULATE_PRODUCT, SIMULATE_DOMAIN, SIMULATE_CSV,
	SIMULATE_ONE, SIMULATE_MIXED, SIMULATE_FLAT100, SIMULATE_WIDE,
};

static struct simulate_conf mixed(enum simulate_kind kind, uint64_t events, uint64_t seed)
{
	return (struct simulate_conf){
		.kind = kind, .events = events, .seed = seed, .duplicates = 0.03, .restamped = 0.02,
		.late = 0.04, .malformed = 0.05, .drift = 0.02, .files = 3,
	};
}

static uint64_t hash_of(struct stream *s)
{
	uint64_t hash = 0;
	str      bytes = stream_file(s, "ledger.json");

	for (size_t i = 0; i <= stream_file_count(s); i++) {
		hash = hash_bytes(bytes.ptr, bytes.len, hash);
		if (i < stream_file_count(s))
			bytes = stream_file(s, stream_file_name(s, i));
	}
	return hash;
}

TEST(a_seed_gives_the_same_bytes)
{
	const char *folder = test_folder();

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		AUTO(stream) one = {0}, again = {0}, other = {0};
		char         names[3][16];

		for (unsigned j = 0; j < 3; j++)
			(void)snprintf(names[j], sizeof(names[j]), "%u-%u", i, j);
		stream_make(&one, mixed(kinds[i], 5000, 42), folder, names[0]);
		stream_make(&again, mixed(kinds[i], 5000, 42), folder, names[1]);
		stream_make(&other, mixed(kinds[i], 5000, 43), folder, names[2]);
		CHECK(hash_of(&one) == hash_of(&again));
		CHECK(hash_of(&one) != hash_of(&other));
	}
}

/* Seeds are for ever: whoever changes these has changed streams whose truth others know. */
TEST(the_bytes_of_a_seed_are_known)
{
	static const uint64_t known[] = {
		0x9747F479A61E9676u, 0x8CE1F98D6F89554Du, 0x1CCFE8168D1F2E6Eu, 0x5174E4049445A1F6u,
		0xF638F59E4AED5EC4u, 0xEDC36C6AD758D621u, 0xE9FAF0C9000FF405u, 0xC2DB3CB59EE9FCF8u,
	};
	const char           *folder = test_folder();

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		AUTO(stream) s = {0};
		char         name[16];

		(void)snprintf(name, sizeof(name), "%u", i);
		stream_make(&s, mixed(kinds[i], 2000, 1), folder, name);
		CHECK_INT(hash_of(&s), known[i]);
	}
}

static void count_line(void *context, const char *file, size_t number, str line)
{
	(void)number;
	if (!str_starts(line, STR("event_id,")))
		++*(uint64_t *)context;
	CHECK(line.len > 0 || strstr(file, ".csv") == NULL);
}

static void check_share(const struct stream *s, const char *key, double share)
{
	double got = (double)stream_count(s, key) / (double)stream_count(s, "records");

	if (got < share * 0.85 || got > share * 1.15)
		test_fail(__FILE__, __LINE__, "%s: a share of %g, not of %g", key, got, share);
}

TEST(the_ledger_adds_up_and_shares_are_kept)
{
	const char *folder = test_folder();

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		AUTO(stream) s = {0};
		uint64_t     lines = 0, rows = 0, reasons = 0;
		json_t      *value;
		const char  *key;
		char         name[16];

		(void)snprintf(name, sizeof(name), "%u", i);
		stream_make(&s, mixed(kinds[i], 30000, 5), folder, name);
		stream_each(&s, count_line, &lines);
		json_object_foreach(json_object_get(s.ledger, "tables"), key, value)
			rows += (uint64_t)stream_rows(&s, key);
		json_object_foreach(json_object_get(s.ledger, "reasons"), key, value)
			reasons += (uint64_t)json_integer_value(value);
		CHECK_INT(stream_count(&s, "records"), 30000);
		CHECK_INT(lines, 30000);
		CHECK_INT(rows, stream_count(&s, "rows"));
		CHECK_INT(reasons, stream_count(&s, "quarantined"));
		CHECK_INT(30000, rows + reasons + stream_count(&s, "duplicates"));
		check_share(&s, "duplicates", kinds[i] == SIMULATE_EVENTSIM || kinds[i] == SIMULATE_CSV ? 0.03 : 0.05);
		check_share(&s, "quarantined", 0.05);
		check_share(&s, "late", 0.04);
		check_share(&s, "drifted", 0.02);
	}
}

TEST(streams_of_any_length_have_exactly_that_length)
{
	const char *folder = test_folder();

	for (uint64_t events = 1; events < 60; events += 3) {
		struct simulate_conf conf = mixed(SIMULATE_EVENTSIM, events, events);
		AUTO(stream)         s = {0};
		uint64_t             lines = 0;
		char                 name[16];

		conf.late = 0.5;
		(void)snprintf(name, sizeof(name), "%u", (unsigned)events);
		stream_make(&s, conf, folder, name);
		stream_each(&s, count_line, &lines);
		CHECK_INT(lines, events);
		CHECK_INT(stream_count(&s, "records"), events);
	}
}

TEST(full_speed_cuts_the_stream_into_files)
{
	AUTO(stream) s = {0};

	stream_make(&s, mixed(SIMULATE_PRODUCT, 1000, 1), test_folder(), "s");
	CHECK_INT(stream_file_count(&s), 3);
	CHECK_STR(str_of(stream_file_name(&s, 2)), STR("product-0003.json"));
}

TEST(a_folder_is_never_written_over)
{
	const char          *folder = test_folder();
	AUTO(stream)         s = {0};
	struct simulate_conf conf = mixed(SIMULATE_PRODUCT, 10, 1);
	struct err           e = ERR_NONE;
	AUTO(arena)          a = ARENA_INIT;
	const char          *ledger;

	stream_make(&s, conf, folder, "s");
	conf.out = s.folder;
	CHECK_ERR(simulate(fs_real(), clock_real(), &conf, NULL, NULL, &e), ERR_CONFLICT);
	ledger = arena_cstr(&a, arena_format(&a, "%s/ledger.json", s.folder));
	CHECK_OK(fs_unlink(fs_real(), ledger, &e), &e);
	CHECK_ERR(simulate(fs_real(), clock_real(), &conf, NULL, NULL, &e), ERR_CONFLICT);
}

static void check_refused(struct simulate_conf conf, const char *folder)
{
	struct err e = ERR_NONE;

	conf.out = folder;
	CHECK_ERR(simulate(fs_real(), clock_real(), &conf, NULL, NULL, &e), ERR_INPUT);
	CHECK(e.text[0] != '\0');
}

TEST(impossible_wishes_are_refused)
{
	const char *folder = test_folder();

	check_refused((struct simulate_conf){.events = 0}, folder);
	check_refused((struct simulate_conf){.events = 1, .late = -0.1}, folder);
	check_refused((struct simulate_conf){.events = 1, .late = 0.0 / 0.0}, folder);
	check_refused((struct simulate_conf){.events = 1, .late = 0.6, .drift = 0.6}, folder);
	check_refused((struct simulate_conf){.events = 1, .rate = -1}, folder);
	check_refused((struct simulate_conf){.events = 1, .start_us = 1}, folder);
	check_refused((struct simulate_conf){.events = 10000000, .per_hour = 1}, folder);
	check_refused((struct simulate_conf){.kind = SIMULATE_PRODUCT, .events = 1, .names = 3}, folder);
	check_refused((struct simulate_conf){.kind = SIMULATE_MIXED, .events = 1, .names = 301}, folder);
	check_refused((struct simulate_conf){.events = 1}, "");
}

/* --- pace: a clock that moves only by sleeping ------------------------------------------------ */

struct slow_clock {
	struct clock          base;
	int64_t               now_us;
	const char           *file;       /* watched while asleep; may be NULL */
	uint64_t              size_seen;
	volatile sig_atomic_t stop;
	int64_t               stop_us;    /* 0: never */
};

static int64_t slow_now(struct clock *c)
{
	return ((struct slow_clock *)c)->now_us;
}

static void slow_sleep(struct clock *c, int64_t us)
{
	struct slow_clock *slow = (struct slow_clock *)c;
	struct fs_stat     stat;
	struct err         e = ERR_NONE;

	slow->now_us += us;
	if (slow->file != NULL && fs_stat(fs_real(), slow->file, &stat, &e) == 0) {
		CHECK(stat.size >= slow->size_seen);
		slow->size_seen = stat.size;
	}
	slow->stop = slow->stop_us != 0 && slow->now_us >= slow->stop_us;
}

static struct slow_clock slow_clock_of(const char *file)
{
	return (struct slow_clock){
		.base = {.now_us = slow_now, .mono_us = slow_now, .sleep_us = slow_sleep},
		.file = file,
	};
}

TEST(the_rate_is_kept_by_the_clock_and_files_grow)
{
	const char          *folder = test_folder();
	AUTO(arena)          a = ARENA_INIT;
	struct slow_clock    slow =
		slow_clock_of(arena_cstr(&a, arena_format(&a, "%s/product-0001.json", folder)));
	struct simulate_conf conf = {
		.kind = SIMULATE_PRODUCT, .events = 5000, .rate = 1000, .out = folder,
	};
	struct err           e = ERR_NONE;

	CHECK_OK(simulate(fs_real(), &slow.base, &conf, NULL, NULL, &e), &e);
	CHECK(slow.now_us >= 4900000 && slow.now_us <= 5100000);
	CHECK(slow.size_seen > 1000000);
}

TEST(a_stream_that_is_stopped_ends_well)
{
	const char *folder = test_folder();

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		AUTO(arena)          a = ARENA_INIT;
		AUTO(stream)         s = {0};
		struct slow_clock    slow = slow_clock_of(NULL);
		struct simulate_conf conf = mixed(kinds[i], 100000, 1);
		struct err           e = ERR_NONE;
		uint64_t             lines = 0;

		conf.rate = 2000;
		conf.stop = &slow.stop;
		conf.out = s.folder = arena_cstr(&a, arena_format(&a, "%s/%u", folder, i));
		slow.stop_us = 3000000;
		CHECK_OK(simulate(fs_real(), &slow.base, &conf, NULL, NULL, &e), &e);
		s.ledger = json_loadb(stream_file(&s, "ledger.json").ptr,
		                      stream_file(&s, "ledger.json").len, 0, NULL);
		stream_each(&s, count_line, &lines);
		CHECK_INT(lines, stream_count(&s, "records"));
		CHECK(lines > 5500 && lines < 6500);
	}
}

#include <math.h>

#include "codec/time.h"
#include "tests/lib/test.h"

#define NO_ZONE_GIVEN false, 0

struct read {
	enum time_fault fault;
	int64_t         us;
	bool            is_canonical, flagged;
};

static struct read read_text(const char *text)
{
	struct read r = {.us = -7};

	r.fault = time_parse(str_of(text), NO_ZONE_GIVEN, &r.us, &r.is_canonical, &r.flagged);
	return r;
}

static void check_format(int64_t us, const char *want)
{
	char   text[TIME_TEXT];
	size_t len = time_format(us, text);

	CHECK_STR(str_make(text, len), str_of(want));
	CHECK_INT(text[len], '\0');
}

TEST(time_reads_the_shapes_it_documents)
{
	static const struct {
		const char *text, *same;
	} rows[] = {
		{"2015-01-01T15:00:01Z", "2015-01-01T15:00:01Z"},
		{"2015-01-01T15:00:01.5Z", "2015-01-01T15:00:01.5Z"},
		{"2015-01-01T15:00:01.123456Z", "2015-01-01T15:00:01.123456Z"},
		{"2015-01-01t15:00:01z", "2015-01-01T15:00:01Z"},
		{"2015-01-01 15:00:01Z", "2015-01-01T15:00:01Z"},
		{"2015-01-01  15:00:01 UTC", "2015-01-01T15:00:01Z"},
		{"2015-01-01\t15:00:01UTC", "2015-01-01T15:00:01Z"},
		{"2015-01-01T15:00:01GMT", "2015-01-01T15:00:01Z"},
		{"2015-01-01T15:00Z", "2015-01-01T15:00:00Z"},
		{"2015-01-01T15:00:01+02:00", "2015-01-01T13:00:01Z"},
		{"2015-01-01T15:00:01+0200", "2015-01-01T13:00:01Z"},
		{"2015-01-01 15:00:01 +0200", "2015-01-01T13:00:01Z"},
		{"2015-01-01T15:00:01+02", "2015-01-01T13:00:01Z"},
		{"2015-01-01T15:00:01-09:30", "2015-01-02T00:30:01Z"},
		{"2015-01-01T15:00:01-00:00", "2015-01-01T15:00:01Z"},
		{"2015-01-01T00:00:00+18:00", "2014-12-31T06:00:00Z"},
		{"2016-02-29T00:00:00Z", "2016-02-29T00:00:00Z"},
		{"2000-02-29T23:59:59Z", "2000-02-29T23:59:59Z"},
		{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
		{"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
		{"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
		{"2015-01-01T15:00:01.000001000Z", "2015-01-01T15:00:01.000001Z"},
		{"2015-01-01T15:00:01.00000000000000000000000000000000000000001Z", "2015-01-01T15:00:01Z"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct read r = read_text(rows[i].text);

		CHECK_INT(r.fault, TIME_OK);
		CHECK_INT(r.is_canonical, strcmp(rows[i].text, rows[i].same) == 0);
		CHECK_INT(r.flagged, false);
		check_format(r.us, rows[i].same);
	}
}

TEST(time_is_known_to_the_microsecond)
{
	CHECK_INT(read_text("1970-01-01T00:00:00Z").us, 0);
	CHECK_INT(read_text("2015-01-01T15:00:01.25Z").us, 1420124401250000);
	CHECK_INT(read_text("1969-12-31T23:59:59Z").us, -1000000);
	CHECK_INT(read_text("0001-01-01T00:00:00Z").us, -62135596800000000);
}

/* Rows of the bad-input catalogue, and their neighbours. */
TEST(time_refuses_by_the_catalogue)
{
	static const struct {
		const char     *text;
		enum time_fault fault;
	} rows[] = {
		{"", TIME_SYNTAX},
		/* B54, B56 */
		{"292277026596-12-04T15:30:07Z", TIME_RANGE},
		{"+10000-01-01T00:00:00Z", TIME_RANGE},
		{"10000-01-01T00:00:00Z", TIME_RANGE},
		{"0000-01-01T00:00:00Z", TIME_RANGE},
		{"-0001-01-01T00:00:00Z", TIME_RANGE},
		{"9999-12-31T23:59:59-00:01", TIME_RANGE},
		{"0001-01-01T00:00:00+00:01", TIME_RANGE},
		{"9223372036854775807", TIME_SYNTAX},
		{"1e300", TIME_SYNTAX},
		/* B59 */
		{"2025-02-30T00:00:00Z", TIME_SYNTAX},
		{"2025-02-29T00:00:00Z", TIME_SYNTAX},
		{"1900-02-29T00:00:00Z", TIME_SYNTAX},
		{"2025-04-31T00:00:00Z", TIME_SYNTAX},
		{"2025-13-01T00:00:00Z", TIME_SYNTAX},
		{"2025-00-01T00:00:00Z", TIME_SYNTAX},
		{"2025-01-00T00:00:00Z", TIME_SYNTAX},
		{"2025-01-32T00:00:00Z", TIME_SYNTAX},
		{"2025-01-01T25:61:00Z", TIME_SYNTAX},
		{"2025-01-01T24:00:00Z", TIME_SYNTAX},
		{"2025-01-01T23:60:00Z", TIME_SYNTAX},
		{"2025-01-01T23:59:61Z", TIME_SYNTAX},
		/* B61 */
		{"2025-01-01T10:00:00", TIME_NO_ZONE},
		{"2025-01-01T10:00", TIME_NO_ZONE},
		{"2025-01-01", TIME_NO_ZONE},
		{"2025-01-01T10:00:00+14:00", TIME_OK},
		{"2025-01-01T10:00:00+25:00", TIME_NO_ZONE},
		{"2025-01-01T10:00:00-18:01", TIME_NO_ZONE},
		{"2025-01-01T10:00:00+99", TIME_NO_ZONE},
		{"2025-01-01T10:00:00+25:00x", TIME_SYNTAX},
		{"2025-01-01T10:00:00+02:60", TIME_SYNTAX},
		{"2025-01-01T10:00:00+2:00", TIME_SYNTAX},
		{"2025-01-01T10:00:00+02:", TIME_SYNTAX},
		{"2025-01-01T10:00:00+02:0", TIME_SYNTAX},
		{"2025-01-01T10:00:00+", TIME_SYNTAX},
		/* Nothing that is nearly right. */
		{"2025-1-01T10:00:00Z", TIME_SYNTAX},
		{"25-01-01T10:00:00Z", TIME_SYNTAX},
		{"20250101T100000Z", TIME_SYNTAX},
		{"2025/01/01T10:00:00Z", TIME_SYNTAX},
		{"2025-01-01T", TIME_SYNTAX},
		{"2025-01-01 ", TIME_SYNTAX},
		{"2025-01-01Z", TIME_SYNTAX},
		{"2025-01-01T10Z", TIME_SYNTAX},
		{"2025-01-01T1:00:00Z", TIME_SYNTAX},
		{"2025-01-01T10:0:00Z", TIME_SYNTAX},
		{"2025-01-01T10:00:0Z", TIME_SYNTAX},
		{"2025-01-01T10:00:Z", TIME_SYNTAX},
		{"2025-01-01T10:00:00.Z", TIME_SYNTAX},
		{"2025-01-01T10:00:00.", TIME_SYNTAX},
		{"2025-01-01T10:00:00.1x", TIME_SYNTAX},
		{"2025-01-01T10:00:00,5Z", TIME_SYNTAX},
		{"2025-01-01T10:00:00ZZ", TIME_SYNTAX},
		{"2025-01-01T10:00:00Z ", TIME_SYNTAX},
		{" 2025-01-01T10:00:00Z", TIME_SYNTAX},
		{"2025-01-01T10:00:00 ", TIME_SYNTAX},
		{"2025-01-01T10:00:00utc", TIME_SYNTAX},
		{"2025-01-01T10:00:00 CET", TIME_SYNTAX},
		{"2025-01-01T10:00:00 02:00", TIME_SYNTAX},
		{"2025-01-01TT10:00:00Z", TIME_SYNTAX},
		{"-", TIME_SYNTAX},
		{"+2025-01-01T10:00:00Z", TIME_SYNTAX},
		{"\xD9\xA2\xD9\xA0\xD9\xA2\xD9\xA5-01-01T10:00:00Z", TIME_SYNTAX},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct read r = read_text(rows[i].text);

		if (r.fault != rows[i].fault)
			test_fail(__FILE__, __LINE__, "\"%s\" is %d, not %d", rows[i].text, r.fault,
			          rows[i].fault);
		if (r.fault != TIME_OK)
			CHECK_INT(r.us, -7);
	}
}

TEST(time_takes_a_leap_second_as_the_last_instant_before_it) /* B60 */
{
	static const char *const texts[] = {
		"2016-12-31T23:59:60Z",
		"2016-12-31T23:59:60.9Z",
		"2016-12-31T15:59:60-08:00",
	};

	for (size_t i = 0; i < 3; i++) {
		struct read r = read_text(texts[i]);

		CHECK_INT(r.fault, TIME_OK);
		CHECK(r.flagged);
		CHECK(!r.is_canonical);
		check_format(r.us, "2016-12-31T23:59:59.999999Z");
	}
}

TEST(time_cuts_and_never_rounds) /* B62 */
{
	struct read r = read_text("2025-01-01T09:59:59.9999999Z");

	CHECK_INT(r.fault, TIME_OK);
	check_format(r.us, "2025-01-01T09:59:59.999999Z");
	CHECK_INT(time_hour(r.us) % 24, 9);
	check_format(read_text("1965-01-01T09:59:59.9999999Z").us, "1965-01-01T09:59:59.999999Z");
}

TEST(time_uses_the_given_zone_only_where_the_text_has_none)
{
	int64_t us = 0;
	bool    is_canonical = true;

	CHECK_INT(time_parse(STR("2025-01-01T10:00:00"), true, 60, &us, &is_canonical, NULL), TIME_OK);
	check_format(us, "2025-01-01T09:00:00Z");
	CHECK(!is_canonical);
	CHECK_INT(time_parse(STR("2025-01-01"), true, -60, &us, NULL, NULL), TIME_OK);
	check_format(us, "2025-01-01T01:00:00Z");
	CHECK_INT(time_parse(STR("2025-01-01T10:00:00Z"), true, 60, &us, &is_canonical, NULL), TIME_OK);
	check_format(us, "2025-01-01T10:00:00Z");
	CHECK(is_canonical);
}

static int64_t random_instant(void)
{
	const int64_t first = -62135596800000000, last = 253402300799999999;
	int64_t       us = first + (int64_t)(test_random() % (uint64_t)(last - first + 1));

	switch (test_random() % 4) { /* whole seconds and milliseconds too, and nearby years */
	case 0:
		return us - us % 1000000;
	case 1:
		return us / 1000 % 4102444800000 * 1000;
	default:
		return us;
	}
}

TEST(time_comes_back_as_it_went)
{
	for (int i = 0; i < 100000; i++) {
		int64_t           us = random_instant(), back = 0;
		struct time_parts p;
		char              text[TIME_TEXT];
		bool              is_canonical = false, flagged = true;
		size_t            len = time_format(us, text);

		CHECK_INT(time_parse(str_make(text, len), NO_ZONE_GIVEN, &back, &is_canonical, &flagged),
		          TIME_OK);
		CHECK_INT(back, us);
		CHECK(is_canonical && !flagged);

		time_split(us, &p);
		CHECK_INT(time_join(&p), us);
		CHECK(time_day(us) * 24 <= time_hour(us) && time_hour(us) < time_day(us) * 24 + 24);
		CHECK_INT(time_month(us), (p.year - 1970) * 12 + p.month - 1);
	}
}

/* is_canonical is worked out from the shape while parsing: held here against what it means. */
TEST(time_canonical_means_that_format_gives_the_text_back)
{
	static const char letters[] = "0123456789:.-+TZtz U6";
	int               good = 0;

	for (int i = 0; i < 300000; i++) {
		char    text[TIME_TEXT + 1], again[TIME_TEXT];
		size_t  len = time_format(random_instant(), text), again_len;
		int64_t us = 0;
		bool    is_canonical = false;

		for (uint64_t n = 1 + test_random() % 2; n > 0; n--)
			text[test_random() % len] = letters[test_random() % (sizeof(letters) - 1)];
		if (time_parse(str_make(text, len), NO_ZONE_GIVEN, &us, &is_canonical, NULL) != TIME_OK)
			continue;
		good++;
		again_len = time_format(us, again);
		CHECK_INT(is_canonical, str_eq(str_make(text, len), str_make(again, again_len)));
	}
	CHECK(good > 10000);
}

/* Day by day over all years, against counting. */
TEST(time_knows_the_calendar)
{
	static const int  days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct time_parts p, want = {.year = 1, .month = 1, .day = 1};
	int64_t           day = -719162;

	for (; want.year <= 9999; day++) {
		bool is_leap = want.year % 4 == 0 && (want.year % 100 != 0 || want.year % 400 == 0);
		int  last = days[want.month - 1] + (want.month == 2 && is_leap);

		time_split(day * 86400000000, &p);
		if (memcmp(&p, &want, sizeof(p)) != 0 || time_join(&want) != day * 86400000000)
			test_fail(__FILE__, __LINE__, "day %lld is %d-%d-%d", (long long)day, p.year,
			          p.month, p.day);
		if (++want.day > last) {
			want.day = 1;
			want.month++;
		}
		if (want.month > 12) {
			want.month = 1;
			want.year++;
		}
	}
	CHECK_INT(day, 2932897);
}

TEST(time_divides_towards_the_past)
{
	CHECK_INT(time_hour(0), 0);
	CHECK_INT(time_hour(-1), -1);
	CHECK_INT(time_hour(-3600000000), -1);
	CHECK_INT(time_hour(-3600000001), -2);
	CHECK_INT(time_day(86399999999), 0);
	CHECK_INT(time_day(-1), -1);
	CHECK_INT(time_month(-1), -1);
	CHECK_INT(time_month(read_text("2017-11-16T22:31:08Z").us), 574);
	CHECK_INT(time_hour(read_text("2017-11-16T22:31:08Z").us), 419686);
	CHECK_INT(time_day(read_text("2017-11-16T22:31:08Z").us), 17486);
}

TEST(time_stands_any_number)
{
	static const int64_t edges[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, -1, 0, 1};
	struct time_parts    p;
	char                 text[TIME_TEXT];

	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		time_split(edges[i], &p);
		CHECK_INT(time_join(&p), edges[i]);
		CHECK(time_format(edges[i], text) < TIME_TEXT);
	}
	check_format(INT64_MAX, "294247-01-10T04:00:54.775807Z");
	check_format(-62135596800000001, "0000-12-31T23:59:59.999999Z");
}

TEST(time_from_int_never_guesses_the_unit) /* B53, B54, B55 */
{
	static const int64_t instant[] = {1420124401, 1420124401250, 1420124401250500, 1420124401250500999};
	static const int64_t want[] = {1420124401000000, 1420124401250000, 1420124401250500, 1420124401250500};
	enum time_fault      fault;
	int64_t              us;

	for (int given = TIME_S; given <= TIME_NS; given++)
		for (int unit = TIME_S; unit <= TIME_NS; unit++) {
			us = -7;
			fault = given == unit ? TIME_OK : TIME_UNIT;
			CHECK_INT(time_from_int(instant[given], (enum time_unit)unit, &us), fault);
			CHECK_INT(us, given == unit ? want[given] : -7);
			us = -7;
			CHECK_INT(time_from_double((double)instant[given], (enum time_unit)unit, &us), fault);
			CHECK_INT(us == -7, given != unit);
		}

	CHECK_INT(time_from_int(0, TIME_S, &us), TIME_OK);
	CHECK_INT(us, 0);
	CHECK_INT(time_from_int(-1, TIME_NS, &us), TIME_OK);
	CHECK_INT(us, -1);
	CHECK_INT(time_from_int(INT64_MAX, TIME_S, &us), TIME_RANGE);
	CHECK_INT(time_from_int(INT64_MIN, TIME_MS, &us), TIME_RANGE);
	CHECK_INT(time_from_int(INT64_MAX, TIME_US, &us), TIME_RANGE);
	CHECK_INT(time_from_int(INT64_MAX, TIME_NS, &us), TIME_OK);
	CHECK_INT(us, 9223372036854775);
	CHECK_INT(time_from_int(253402300800, TIME_S, &us), TIME_RANGE);
	CHECK_INT(time_from_int(253402300799, TIME_S, &us), TIME_OK);
	CHECK_INT(time_from_int(631152000, TIME_S, &us), TIME_OK);
	CHECK_INT(time_from_int(631151999, TIME_MS, &us), TIME_OK); /* plausible nowhere: 1970-01-08 */
	CHECK_INT(time_from_int(631152000, TIME_MS, &us), TIME_UNIT);
}

TEST(time_from_double_finds_the_microsecond_that_was_meant)
{
	int64_t us;

	for (int i = 0; i < 100000; i++) {
		int64_t want = 631152000000000 + (int64_t)(test_random() % 3471292800000000u);

		CHECK_INT(time_from_double((double)want / 1e6, TIME_S, &us), TIME_OK);
		CHECK_INT(us, want);
		CHECK_INT(time_from_double((double)want / 1e3, TIME_MS, &us), TIME_OK);
		CHECK_INT(us, want);
		CHECK_INT(time_from_double((double)want, TIME_US, &us), TIME_OK);
		CHECK_INT(us, want);
	}
	CHECK_INT(time_from_double(3599.9999999, TIME_S, &us), TIME_OK);
	CHECK_INT(us, 3599999999);
	CHECK_INT(time_from_double(-0.0000001, TIME_S, &us), TIME_OK);
	CHECK_INT(us, -1);
	CHECK_INT(time_from_double(1999.5, TIME_NS, &us), TIME_OK);
	CHECK_INT(us, 1);
	CHECK_INT(time_from_double(-0.5, TIME_NS, &us), TIME_OK);
	CHECK_INT(us, -1);
}

TEST(time_from_double_refuses_what_does_not_fit)
{
	static const double  values[] = {1e300, -1e300, INFINITY, -INFINITY, NAN, 1e25};
	int64_t              us = -7;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		for (int unit = TIME_S; unit <= TIME_NS; unit++)
			CHECK_INT(time_from_double(values[i], (enum time_unit)unit, &us), TIME_RANGE);
	CHECK_INT(time_from_double(253402300800.0, TIME_S, &us), TIME_RANGE);
	CHECK_INT(time_from_double(-62135596800.5, TIME_S, &us), TIME_RANGE);
	CHECK_INT(us, -7);
}

TEST(time_reads_units_and_zones)
{
	enum time_unit unit = TIME_S;
	int            minutes = -7;

	CHECK(time_unit_parse(STR("ns"), &unit));
	CHECK_INT(unit, TIME_NS);
	CHECK(time_unit_parse(STR("ms"), &unit));
	CHECK_INT(unit, TIME_MS);
	CHECK(!time_unit_parse(STR("sec"), &unit));
	CHECK(!time_unit_parse(STR(""), &unit));

	CHECK(!time_zone_parse(STR(""), &minutes));
	CHECK(!time_zone_parse(STR("Europe/Berlin"), &minutes));
	CHECK(!time_zone_parse(STR("+19:00"), &minutes));
	CHECK(!time_zone_parse(STR("UTC+1"), &minutes));
	CHECK_INT(minutes, -7);
	CHECK(time_zone_parse(STR("UTC"), &minutes));
	CHECK_INT(minutes, 0);
	CHECK(time_zone_parse(STR("-03:30"), &minutes));
	CHECK_INT(minutes, -210);
	CHECK(time_zone_parse(STR("Z"), &minutes));
	CHECK_INT(minutes, 0);
}

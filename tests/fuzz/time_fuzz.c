/* Times as text and as numbers: what is taken lies in range, is written and read back as the same instant, and is
 * called canonical exactly where it is written as it came. */
#include "codec/time.h"
#include "tests/fuzz/fuzz.h"

static void check_instant(int64_t us, str from, bool is_canonical)
{
	struct time_parts p;
	char              text[TIME_TEXT];
	size_t            len = time_format(us, text);
	int64_t           back;
	bool              again;

	CHECK(len < sizeof(text));
	CHECK_INT(time_parse(str_make(text, len), false, 0, &back, &again, NULL), TIME_OK);
	CHECK_INT(back, us);
	CHECK(again);
	CHECK_INT(is_canonical, str_eq(from, str_make(text, len)));
	time_split(us, &p);
	CHECK(p.year >= 1 && p.year <= 9999 && p.month >= 1 && p.month <= 12 && p.day >= 1 && p.day <= 31);
	CHECK_INT(time_join(&p), us);
	CHECK(time_hour(us) * INT64_C(3600000000) <= us && us < (time_hour(us) + 1) * INT64_C(3600000000));
	CHECK_INT(time_month(us), (p.year - 1970) * 12 + p.month - 1);
}

static void check_text(str text, bool has_zone, int zone_minutes)
{
	int64_t us = 77;
	bool    is_canonical = false, flagged = false;

	if (time_parse(text, has_zone, zone_minutes, &us, &is_canonical, &flagged) != TIME_OK)
		CHECK_INT(us, 77);
	else
		check_instant(us, text, is_canonical && !flagged);
}

static void check_number(int64_t whole, double real)
{
	for (enum time_unit unit = TIME_S; unit <= TIME_NS; unit++) {
		int64_t us;

		if (time_from_int(whole, unit, &us) == TIME_OK)
			check_instant(us, STR(""), false);
		if (time_from_double(real, unit, &us) == TIME_OK)
			check_instant(us, STR(""), false);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char          *copy = fuzz_copy(str_make(data, size), 0);
	str            text = str_make(copy, size);
	enum time_unit unit;
	int            minutes = 0;
	int64_t        whole;
	double         real;

	check_text(text, false, 0);
	check_text(text, true, -330);
	(void)time_unit_parse(text, &unit);
	if (time_zone_parse(text, &minutes))
		CHECK(minutes >= -18 * 60 && minutes <= 18 * 60);
	if (size >= 8) {
		memcpy(&whole, data, sizeof(whole));
		memcpy(&real, data, sizeof(real));
		check_number(whole, real);
	}
	free(copy);
	return 0;
}

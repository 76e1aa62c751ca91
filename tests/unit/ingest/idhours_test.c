#include "ingest/idhours.h"

#include "tests/lib/test.h"

enum { SECTIONS = 5000, HOURS = 700 };

TEST(idhours_gives_every_section_of_an_hour_newest_first)
{
	struct idhours h = {0};
	static int64_t hours[SECTIONS];
	uint32_t       section = 0, seen = 0;

	CHECK_INT(idhours_last(&h, 1), 0);
	for (int i = 0; i < SECTIONS; i++) {
		hours[i] = INT64_MIN; /* some sections are not of old runs */
		if (test_random() % 5 == 0)
			continue;
		hours[i] = (int64_t)(test_random() % HOURS) - HOURS / 2;
		idhours_add(&h, hours[i], (uint32_t)i);
	}
	for (int64_t hour = -HOURS; hour < HOURS; hour++) {
		uint32_t before = UINT32_MAX;

		for (section = idhours_last(&h, hour); section != 0; section = idhours_before(&h, section - 1)) {
			CHECK_INT(hours[section - 1], hour);
			CHECK(section < before);
			before = section;
			seen++;
		}
	}
	for (int i = 0; i < SECTIONS; i++)
		seen -= hours[i] != INT64_MIN;
	CHECK_INT(seen, 0);
	idhours_done(&h);
}

#include "query/value_time.h"

#include <inttypes.h>

#include "codec/time.h"

enum { DAY_S = 86400, ERA_DAYS = 146097, ERA_YEARS = 400, ZONE_MAX = 57599 };

static int64_t floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

void date_text(int64_t days, struct buf *out)
{
	/* The calendar repeats every 400 years: the day is looked up in the era of 1970, where
	 * microseconds reach. */
	int64_t           era = floor_div(days, ERA_DAYS);
	int64_t           year;
	struct time_parts p;

	if (days == INT32_MAX || days == -INT32_MAX) {
		buf_add(out, days > 0 ? STR("infinity") : STR("-infinity"));
		return;
	}
	time_split((days - era * ERA_DAYS) * DAY_S * 1000000, &p);
	year = p.year + era * ERA_YEARS;
	buf_print(out, "%s%04" PRId64 "-%02d-%02d", year < 0 ? "-" : "", year < 0 ? -year : year,
	          p.month, p.day);
}

static void fraction_text(int64_t fraction, int64_t units_a_second, struct buf *out)
{
	if (fraction == 0)
		return;
	buf_byte(out, '.');
	while (fraction > 0) {
		units_a_second /= 10;
		buf_byte(out, (char)('0' + fraction / units_a_second));
		fraction %= units_a_second;
	}
}

void clock_text(int64_t value, int64_t units_a_second, struct buf *out)
{
	int64_t second = value / units_a_second;

	buf_print(out, "%02" PRId64 ":%02" PRId64 ":%02" PRId64, second / 3600, second / 60 % 60,
	          second % 60);
	fraction_text(value % units_a_second, units_a_second, out);
}

void instant_text(int64_t value, int64_t units_a_second, bool is_zoned, struct buf *out)
{
	int64_t second = floor_div(value, units_a_second), day = floor_div(second, DAY_S);

	if (value == INT64_MAX || value == -INT64_MAX) {
		buf_add(out, value > 0 ? STR("infinity") : STR("-infinity"));
		return;
	}
	date_text(day, out);
	buf_byte(out, 'T');
	clock_text((second - day * DAY_S) * units_a_second + (value - second * units_a_second),
	           units_a_second, out);
	if (is_zoned)
		buf_byte(out, 'Z');
}

void zoned_clock_text(uint64_t bits, struct buf *out)
{
	int64_t offset = ZONE_MAX - (int64_t)(bits & 0xFFFFFF);
	int64_t distance = offset < 0 ? -offset : offset;

	clock_text((int64_t)(bits >> 24), 1000000, out);
	buf_print(out, "%c%02" PRId64 ":%02" PRId64, offset < 0 ? '-' : '+', distance / 3600,
	          distance / 60 % 60);
	if (distance % 60 != 0)
		buf_print(out, ":%02" PRId64, distance % 60);
}

static void interval_part(int32_t value, const char *unit, bool *is_first, struct buf *out)
{
	if (value == 0)
		return;
	buf_print(out, "%s%" PRId32 " %s%s", *is_first ? "" : " ", value, unit,
	          value == 1 || value == -1 ? "" : "s");
	*is_first = false;
}

void interval_text(const struct duck_interval *i, struct buf *out)
{
	bool     is_first = true;
	uint64_t micros = i->micros < 0 ? 0 - (uint64_t)i->micros : (uint64_t)i->micros;

	interval_part(i->months / 12, "year", &is_first, out);
	interval_part(i->months % 12, "month", &is_first, out);
	interval_part(i->days, "day", &is_first, out);
	if (micros == 0 && !is_first)
		return;
	buf_add(out, is_first ? STR("") : STR(" "));
	buf_add(out, i->micros < 0 ? STR("-") : STR(""));
	clock_text((int64_t)(micros / 1000000), 1, out);
	fraction_text((int64_t)(micros % 1000000), 1000000, out);
}

/* time.c - the calendar, instants to text, and numbers to instants.
 *
 * The calendar is the proleptic Gregorian one, without leap seconds: every day has 86,400
 * seconds, as in Unix time, in Iceberg and in Parquet. All divisions round towards the past, so
 * that an hour, day or month before 1970 holds what it says.
 */
#include "codec/time.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "codec/time_int.h"

#define HOUR_US (3600 * SECOND_US)
#define DAY_US  (24 * HOUR_US)

/* The years 1990 to 2100 in seconds. The windows of the four units do not touch, so a number is
 * in one of them at most. */
#define PLAUSIBLE_FROM_S INT64_C(631152000)
#define PLAUSIBLE_TO_S   INT64_C(4102444800)

static const int64_t units_a_second[] = {
	[TIME_S] = 1,
	[TIME_MS] = 1000,
	[TIME_US] = 1000000,
	[TIME_NS] = 1000000000,
};

enum { DAYS_FROM_MARCH_0000 = 719468 }; /* from 0000-03-01 to 1970-01-01 */

static int64_t floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

/* Years begin in March here: the leap day is then a year's last, and months have a regular
 * rhythm of 153 days in five. */
static int64_t days_of_date(int year, int month, int day)
{
	int64_t shifted = (int64_t)year - (month <= 2);
	int64_t era = floor_div(shifted, 400);
	int64_t year_of_era = shifted - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
	       DAYS_FROM_MARCH_0000;
}

static void date_of_days(int64_t days, struct time_parts *out)
{
	int64_t  shifted = days + DAYS_FROM_MARCH_0000;
	int64_t  era = floor_div(shifted, 146097);
	unsigned day_of_era = (unsigned)(shifted - era * 146097);
	unsigned leap_days = day_of_era / 1460 - day_of_era / 36524 + day_of_era / 146096;
	unsigned year_of_era = (day_of_era - leap_days) / 365;
	unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned month = (5 * day_of_year + 2) / 153;

	out->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	out->month = (int)(month < 10 ? month + 3 : month - 9);
	out->year = (int)(era * 400 + year_of_era + (out->month <= 2));
}

int64_t time_hour(int64_t us)
{
	return floor_div(us, HOUR_US);
}

int64_t time_day(int64_t us)
{
	return floor_div(us, DAY_US);
}

int64_t time_month(int64_t us)
{
	struct time_parts p;

	date_of_days(time_day(us), &p);
	return ((int64_t)p.year - 1970) * 12 + p.month - 1;
}

void time_split(int64_t us, struct time_parts *out)
{
	int64_t  days = time_day(us);
	int64_t  rest = us % DAY_US + (us % DAY_US < 0 ? DAY_US : 0);
	unsigned seconds = (unsigned)(rest / SECOND_US);

	date_of_days(days, out);
	out->hour = (int)(seconds / 3600);
	out->minute = (int)(seconds / 60 % 60);
	out->second = (int)(seconds % 60);
	out->micros = (int)(rest % SECOND_US);
}

int64_t time_join(const struct time_parts *p)
{
	int64_t of_day = (p->hour * 60 + p->minute) * INT64_C(60) + p->second;

	assert(p->month >= 1 && p->month <= 12);
	/* Unsigned, because the first day of int64 begins before int64 does: the sum is right
	 * although its parts are not. */
	return (int64_t)((uint64_t)days_of_date(p->year, p->month, p->day) * (uint64_t)DAY_US +
	                 (uint64_t)(of_day * SECOND_US + p->micros));
}

static char *put_two(char *at, char before, int value)
{
	*at++ = before;
	*at++ = (char)('0' + value / 10);
	*at++ = (char)('0' + value % 10);
	return at;
}

static char *put_year(char *at, int year)
{
	if (year < 0 || year > 9999) /* not ours, but a file may say so: say it back */
		return at + snprintf(at, TIME_TEXT / 2, "%05d", year);
	for (int i = 3; i >= 0; i--, year /= 10)
		at[i] = (char)('0' + year % 10);
	return at + 4;
}

static char *put_fraction(char *at, int micros)
{
	if (micros == 0)
		return at;
	*at++ = '.';
	for (int scale = 100000; micros > 0; scale /= 10) {
		*at++ = (char)('0' + micros / scale);
		micros %= scale;
	}
	return at;
}

size_t time_format(int64_t us, char out[TIME_TEXT])
{
	struct time_parts p;
	char             *at;

	time_split(us, &p);
	at = put_year(out, p.year);
	at = put_two(at, '-', p.month);
	at = put_two(at, '-', p.day);
	at = put_two(at, 'T', p.hour);
	at = put_two(at, ':', p.minute);
	at = put_two(at, ':', p.second);
	at = put_fraction(at, p.micros);
	*at++ = 'Z';
	*at = '\0';
	assert(at - out < TIME_TEXT);
	return (size_t)(at - out);
}

static bool is_plausible(double value, enum time_unit unit)
{
	double scale = (double)units_a_second[unit];

	return value >= (double)PLAUSIBLE_FROM_S * scale && value < (double)PLAUSIBLE_TO_S * scale;
}

/* Plausible in another unit only. (Rounding an int64 to a double moves no value over an edge of
 * a window by more than it could matter: the windows are a factor of 150 apart.) */
static bool is_of_another_unit(double value, enum time_unit unit)
{
	if (is_plausible(value, unit))
		return false;
	for (int other = TIME_S; other <= TIME_NS; other++)
		if (is_plausible(value, (enum time_unit)other))
			return true;
	return false;
}

static enum time_fault within_years(int64_t us, int64_t *out_us)
{
	if (us < FIRST_US || us > LAST_US)
		return TIME_RANGE;
	*out_us = us;
	return TIME_OK;
}

enum time_fault time_from_int(int64_t value, enum time_unit unit, int64_t *out_us)
{
	int64_t us;

	if (is_of_another_unit((double)value, unit))
		return TIME_UNIT;
	if (unit == TIME_NS)
		us = floor_div(value, 1000);
	else if (__builtin_mul_overflow(value, SECOND_US / units_a_second[unit], &us))
		return TIME_RANGE;
	return within_years(us, out_us);
}

/* A decimal fraction is seldom a double: 1420124401.123456 s is stored as a neighbour up to 0.12
 * us away. What is that near to a whole microsecond was one; anything else is cut towards the
 * past, and stays in its hour. */
static double whole_us(double value, double scale)
{
	double product = value * scale;
	double nearest = rint(product);
	double rest = fma(value, scale, -product);

	if (fabs((product - nearest) + rest) <= fabs(value) * 0x1p-53 * scale)
		return nearest;
	return floor(product);
}

/* Floor of a thousandth, where the division alone could round up to the next whole one. */
static double us_of_ns(double value)
{
	double us = floor(value / 1000);

	return fma(us, -1000, value) < 0 ? us - 1 : us;
}

enum time_fault time_from_double(double value, enum time_unit unit, int64_t *out_us)
{
	double scale = (double)SECOND_US / (double)units_a_second[unit];
	double us = unit == TIME_NS ? us_of_ns(value) : whole_us(value, scale);

	if (is_of_another_unit(value, unit))
		return TIME_UNIT;
	if (!(us >= (double)FIRST_US && us <= (double)LAST_US)) /* false for NaN too */
		return TIME_RANGE;
	return within_years((int64_t)us, out_us);
}

bool time_unit_parse(str word, enum time_unit *out)
{
	static const char *const words[] = {"s", "ms", "us", "ns"}; /* in the order of the enum */

	for (int unit = TIME_S; unit <= TIME_NS; unit++)
		if (str_eq(word, str_of(words[unit]))) {
			*out = (enum time_unit)unit;
			return true;
		}
	return false;
}

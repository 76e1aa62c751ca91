/* Partition transforms: an instant to the number of its hour, day or month, and that number to
 * its name in a path. */
#include "iceberg/metadata_int.h"

#include "codec/time.h"
#include "iceberg/manifest.h"

static const char *const words[] = {
	[ICE_NONE] = "void",  [ICE_HOUR] = "hour",         [ICE_DAY] = "day",
	[ICE_MONTH] = "month", [ICE_IDENTITY] = "identity", [ICE_OTHER] = "unknown",
};

const char *ice_transform_word(enum ice_transform t)
{
	return words[t];
}

enum ice_transform ice_transform_of_word(str word)
{
	for (enum ice_transform t = ICE_NONE; t <= ICE_IDENTITY; t++)
		if (str_eq(word, str_of(words[t])))
			return t;
	return ICE_OTHER;
}

int32_t ice_transform_us(enum ice_transform t, int64_t us)
{
	int64_t value = 0;

	if (t == ICE_HOUR)
		value = time_hour(us);
	else if (t == ICE_DAY)
		value = time_day(us);
	else if (t == ICE_MONTH)
		value = time_month(us);
	return value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : (int32_t)value;
}

static void month_name(int64_t months, struct buf *out)
{
	int64_t years = months >= 0 ? months / 12 : -((11 - months) / 12);

	buf_print(out, "%04lld-%02lld", (long long)(1970 + years),
	          (long long)(months - years * 12 + 1));
}

void ice_partition_name(enum ice_transform t, int32_t value, struct buf *out)
{
	const int64_t     hour_us = 3600 * INT64_C(1000000);
	int64_t           us;
	struct time_parts p;

	if (t == ICE_MONTH) {
		month_name(value, out);
		return;
	}
	if ((t != ICE_HOUR && t != ICE_DAY) ||
	    __builtin_mul_overflow(value, t == ICE_HOUR ? hour_us : 24 * hour_us, &us)) {
		buf_print(out, "%d", value); /* a name is a convention: nobody reads it back */
		return;
	}
	time_split(us, &p);
	buf_print(out, "%04d-%02d-%02d", p.year, p.month, p.day);
	if (t == ICE_HOUR)
		buf_print(out, "-%02d", p.hour);
}

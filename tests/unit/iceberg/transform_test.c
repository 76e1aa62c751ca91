#include "iceberg/manifest.h"
#include "tests/lib/test.h"

static const int64_t second = 1000000;

TEST(transform_floors_before_1970_too)
{
	CHECK_INT(ice_transform_us(ICE_HOUR, -1), -1);
	CHECK_INT(ice_transform_us(ICE_DAY, -1), -1);
	CHECK_INT(ice_transform_us(ICE_MONTH, -1), -1);
	CHECK_INT(ice_transform_us(ICE_HOUR, 0), 0);
	CHECK_INT(ice_transform_us(ICE_HOUR, -3600 * second), -1);
	CHECK_INT(ice_transform_us(ICE_HOUR, -3600 * second - 1), -2);
	CHECK_INT(ice_transform_us(ICE_MONTH, -31 * 86400 * second), -1);
	CHECK_INT(ice_transform_us(ICE_MONTH, -31 * 86400 * second - 1), -2);
	CHECK_INT(ice_transform_us(ICE_NONE, 1510871468 * second), 0);
}

TEST(transform_of_a_time_in_the_spec)
{
	int64_t us = 1510871468 * second; /* 2017-11-16T22:31:08 */

	CHECK_INT(ice_transform_us(ICE_HOUR, us), 419686);
	CHECK_INT(ice_transform_us(ICE_DAY, us), 17486);
	CHECK_INT(ice_transform_us(ICE_MONTH, us), 574);
}

TEST(transform_stays_in_32_bits)
{
	CHECK_INT(ice_transform_us(ICE_HOUR, INT64_MAX), INT32_MAX);
	CHECK_INT(ice_transform_us(ICE_HOUR, INT64_MIN), INT32_MIN);
}

static void check_name(enum ice_transform t, int32_t value, str want)
{
	AUTO(buf) b = {0};

	ice_partition_name(t, value, &b);
	CHECK_STR(buf_str(&b), want);
}

TEST(transform_names_are_those_of_the_convention)
{
	check_name(ICE_HOUR, 419686, STR("2017-11-16-22"));
	check_name(ICE_DAY, 17486, STR("2017-11-16"));
	check_name(ICE_MONTH, 574, STR("2017-11"));
	check_name(ICE_HOUR, -1, STR("1969-12-31-23"));
	check_name(ICE_DAY, -1, STR("1969-12-31"));
	check_name(ICE_MONTH, -1, STR("1969-12"));
	check_name(ICE_MONTH, -12, STR("1969-01"));
	check_name(ICE_MONTH, -13, STR("1968-12"));
	check_name(ICE_MONTH, 0, STR("1970-01"));
}

TEST(transform_names_survive_any_number)
{
	AUTO(buf) b = {0};

	for (int i = 0; i < 1000; i++)
		for (enum ice_transform t = ICE_NONE; t <= ICE_OTHER; t++)
			ice_partition_name(t, (int32_t)test_random(), &b);
	ice_partition_name(ICE_DAY, INT32_MIN, &b);
	ice_partition_name(ICE_HOUR, INT32_MAX, &b);
	ice_partition_name(ICE_MONTH, INT32_MIN, &b);
	CHECK(b.len > 0);
}

TEST(transform_words)
{
	CHECK_STR(str_of(ice_transform_word(ICE_HOUR)), STR("hour"));
	CHECK_STR(str_of(ice_transform_word(ICE_DAY)), STR("day"));
	CHECK_STR(str_of(ice_transform_word(ICE_MONTH)), STR("month"));
}

#include "tests/unit/query/duck.h"

/* The one cell of an answer, as JSON and as text. */
static void check_value(struct engine *n, const char *sql, const char *json, const char *text)
{
	AUTO(answer) a = {.engine = NULL};
	AUTO(buf)    out = BUF(0);
	struct err   e = ERR_NONE;

	CHECK_OK(engine_query(n, sql, &a, &e), &e);
	if (a.engine == NULL || answer_next(&a, &e) != 1) {
		test_fail(__FILE__, __LINE__, "no row from %s: %s", sql, e.text);
		return;
	}
	answer_json(&a, 0, 0, &out);
	CHECK_STR(buf_str(&out), str_of(json));
	buf_clear(&out);
	CHECK(answer_text(&a, 0, 0, &out) == (text != NULL));
	CHECK_STR(buf_str(&out), str_of(text));
}

TEST(value_of_every_scalar_type)
{
	DUCK_ENGINE(n);
	static const struct {
		const char *sql, *json, *text;
	} cases[] = {
		{"true", "true", "true"},
		{"(-128)::tinyint", "-128", "-128"},
		{"(-32768)::smallint", "-32768", "-32768"},
		{"(-2147483648)::integer", "-2147483648", "-2147483648"},
		{"-9223372036854775808", "-9223372036854775808", "-9223372036854775808"},
		{"255::utinyint", "255", "255"},
		{"65535::usmallint", "65535", "65535"},
		{"4294967295::uinteger", "4294967295", "4294967295"},
		{"18446744073709551615::ubigint", "18446744073709551615", "18446744073709551615"},
		{"(-170141183460469231731687303715884105728)::hugeint", "-170141183460469231731687303715884105728",
		 "-170141183460469231731687303715884105728"},
		{"340282366920938463463374607431768211455::uhugeint", "340282366920938463463374607431768211455",
		 "340282366920938463463374607431768211455"},
		{"0.1::double", "0.1", "0.1"},
		{"0.1::float", "0.1", "0.1"},
		{"16777217::float", "16777216.0", "16777216.0"},
		{"'nan'::double", "\"NaN\"", "NaN"},
		{"'-inf'::float", "\"-Infinity\"", "-Infinity"},
		{"(-0.05)::decimal(5,2)", "-0.05", "-0.05"},
		{"12.50::decimal(4,2)", "12.50", "12.50"},
		{"123456789012345678901234567890.12::decimal(38,2)", "123456789012345678901234567890.12",
		 "123456789012345678901234567890.12"},
		{"0::decimal(18,0)", "0", "0"},
		{"'a\"b\nc'", "\"a\\\"b\\nc\"", "a\"b\nc"},
		{"'a text of more than twelve bytes'", "\"a text of more than twelve bytes\"",
		 "a text of more than twelve bytes"},
		{"''", "\"\"", ""},
		{"'\\x00\\xFF'::blob", "\"00ff\"", "00ff"},
		{"'0101'::bit", "\"0101\"", "0101"},
		{"'00000000-0000-4000-8000-0123456789ab'::uuid", "\"00000000-0000-4000-8000-0123456789ab\"",
		 "00000000-0000-4000-8000-0123456789ab"},
		{"'b'::enum('a', 'b')", "\"b\"", "b"},
		{"'{\"a\":\n1}'::json", "{\"a\": 1}", "{\"a\":\n1}"},
		{"NULL", "null", NULL},
		{"NULL::bigint", "null", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char sql[256];

		(void)snprintf(sql, sizeof(sql), "SELECT %s", cases[i].sql);
		check_value(n, sql, cases[i].json, cases[i].text);
	}
}

TEST(value_of_times)
{
	DUCK_ENGINE(n);
	static const struct {
		const char *sql, *text;
	} cases[] = {
		{"timestamptz '2015-01-01 15:00:01.500+02:00'", "2015-01-01T13:00:01.5Z"},
		{"timestamptz '1969-12-31 23:59:59.999999Z'", "1969-12-31T23:59:59.999999Z"},
		{"timestamp '2015-01-01'", "2015-01-01T00:00:00"},
		{"timestamp_s '2015-01-01 01:02:03'", "2015-01-01T01:02:03"},
		{"timestamp_ms '2015-01-01 01:02:03.040'", "2015-01-01T01:02:03.04"},
		{"timestamp_ns '1960-01-01 01:02:03.000000001'", "1960-01-01T01:02:03.000000001"},
		{"'infinity'::timestamptz", "infinity"},
		{"'-infinity'::timestamp", "-infinity"},
		{"date '2015-02-28'", "2015-02-28"},
		{"date '0044-03-15 (BC)'", "-0043-03-15"},
		{"date '5877642-06-25 (BC)'", "-5877641-06-25"},
		{"date '200000-01-01'", "200000-01-01"},
		{"'infinity'::date", "infinity"},
		{"time '01:02:03.5'", "01:02:03.5"},
		{"timetz '01:02:03-05:30'", "01:02:03-05:30"},
		{"interval '14 months -3 days 1 hour 0.5 seconds'", "1 year 2 months -3 days 01:00:00.5"},
		{"interval '-90 seconds'", "-00:01:30"},
		{"interval '0 days'", "00:00:00"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char sql[256], json[256];

		(void)snprintf(sql, sizeof(sql), "SELECT %s", cases[i].sql);
		(void)snprintf(json, sizeof(json), "\"%s\"", cases[i].text);
		check_value(n, sql, json, cases[i].text);
	}
}

TEST(value_of_nested_types)
{
	DUCK_ENGINE(n);
	static const char *const cases[][2] = {
		{"[1, NULL, 3]", "[1,null,3]"},
		{"[]::varchar[]", "[]"},
		{"[[1], [], NULL, [2, 3]]", "[[1],[],null,[2,3]]"},
		{"[1, 2, 3]::integer[3]", "[1,2,3]"},
		{"{'a': 1, 'b': {'c': ['x', NULL]}, 'd': NULL::date}", "{\"a\":1,\"b\":{\"c\":[\"x\",null]},\"d\":null}"},
		{"MAP {'k': 1, 'l': NULL}", "{\"k\":1,\"l\":null}"},
		{"MAP {date '2015-01-01': [1]}", "{\"2015-01-01\":[1]}"},
		{"union_value(num := 5)", "5"},
		{"[timestamptz '2015-01-01']", "[\"2015-01-01T00:00:00Z\"]"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char sql[256];

		(void)snprintf(sql, sizeof(sql), "SELECT %s", cases[i][0]);
		check_value(n, sql, cases[i][1], cases[i][1]);
	}
}

TEST(value_of_a_type_without_text_is_refused_with_advice)
{
	DUCK_ENGINE(n);
	AUTO(answer) a = {.engine = NULL};
	struct err   e = ERR_NONE;

	CHECK_ERR(engine_query(n, "SELECT 1 AS fine, 123::bignum AS big", &a, &e), ERR_UNSUPPORTED);
	CHECK(strstr(e.text, "column big") != NULL && strstr(e.text, "::VARCHAR") != NULL);
}

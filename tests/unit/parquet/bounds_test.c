#include <math.h>

#include "parquet/bounds_int.h"
#include "tests/lib/test.h"

/* The upper or lower side of a text, cut; "-" where there is none. */
static str cut_text(enum type t, str s, bool is_upper, struct cut cut, struct buf *room, bool *is_exact)
{
	union bound b = {.bytes = s};
	str         out;

	return bound_bytes(t, &b, is_upper, cut, room, &out, is_exact) ? out : STR("-");
}

#define UPPER(t, s, n)     cut_text(t, STR(s), true, (struct cut){.points = (n)}, &room, &is_exact)
#define LOWER(t, s, n)     cut_text(t, STR(s), false, (struct cut){.points = (n)}, &room, &is_exact)
#define UPPER_BYTES(s, n)  cut_text(TYPE_STRING, STR(s), true, (struct cut){.bytes = (n)}, &room, &is_exact)
#define LOWER_BYTES(s, n)  cut_text(TYPE_STRING, STR(s), false, (struct cut){.bytes = (n)}, &room, &is_exact)

TEST(bounds_of_text_are_cut_by_code_points)
{
	AUTO(buf) room = BUF(0);
	bool      is_exact;

	CHECK_STR(UPPER(TYPE_STRING, "abc", 3), STR("abc"));
	CHECK(is_exact);
	CHECK_STR(LOWER(TYPE_STRING, "abcd", 3), STR("abc"));
	CHECK(!is_exact);
	CHECK_STR(UPPER(TYPE_STRING, "abcd", 3), STR("abd"));
	CHECK(!is_exact);
	CHECK_STR(LOWER(TYPE_STRING, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80x", 3), STR("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
	CHECK_STR(UPPER(TYPE_STRING, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80x", 3), STR("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x81"));
	CHECK_STR(UPPER(TYPE_STRING, "a\x7F" "b", 2), STR("a\xC2\x80"));
	CHECK_STR(UPPER(TYPE_STRING, "a\xDF\xBF" "b", 2), STR("a\xE0\xA0\x80"));
	CHECK_STR(UPPER(TYPE_STRING, "a\xED\x9F\xBF" "b", 2), STR("a\xEE\x80\x80"));         /* over the surrogates */
	CHECK_STR(UPPER(TYPE_STRING, "a\xEF\xBF\xBF" "b", 2), STR("a\xF0\x90\x80\x80"));
	CHECK_STR(UPPER(TYPE_STRING, "a\xF4\x8F\xBF\xBF" "b", 2), STR("b"));                 /* the last code point */
	CHECK_STR(UPPER(TYPE_STRING, "\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF" "b", 2), STR("-"));
	CHECK_STR(UPPER(TYPE_STRING, "a\xFF" "b", 2), STR("b"));                             /* not UTF-8: still above */
	CHECK_STR(UPPER(TYPE_STRING, "a\xC0\x80" "b", 2), STR("b"));
	CHECK_STR(UPPER(TYPE_STRING, "", 2), STR(""));
}

TEST(bounds_of_text_are_cut_at_whole_code_points_within_bytes)
{
	AUTO(buf) room = BUF(0);
	bool      is_exact;

	CHECK_STR(LOWER_BYTES("ab\xE2\x82\xAC", 4), STR("ab"));
	CHECK_STR(UPPER_BYTES("ab\xE2\x82\xAC", 4), STR("ac"));
	CHECK_STR(LOWER_BYTES("ab\xE2\x82\xAC", 5), STR("ab\xE2\x82\xAC"));
	CHECK(is_exact);
}

TEST(bounds_of_bytes_are_cut_by_bytes)
{
	AUTO(buf) room = BUF(0);
	bool      is_exact;

	CHECK_STR(UPPER(TYPE_BINARY, "a\0c", 2), STR("a\1"));
	CHECK_STR(UPPER(TYPE_BINARY, "a\xFF\xFF", 2), STR("b"));
	CHECK_STR(UPPER(TYPE_BINARY, "\xFF\xFF\xFF", 2), STR("-"));
	CHECK_STR(LOWER(TYPE_BINARY, "\xFF\xFF\xFF", 2), STR("\xFF\xFF"));
}

TEST(bounds_leave_nan_out_and_widen_zeros)
{
	AUTO(buf)     room = BUF(0);
	double        values[] = {NAN, 0.0, -0.0, NAN};
	struct col    col = {.type = TYPE_DOUBLE, .value_count = 4, .doubles = values};
	struct bounds b = bounds_of(&col, (struct picks){NULL, 0, 4});
	struct bounds none = bounds_of(&col, (struct picks){NULL, 3, 1});
	bool          is_exact;
	str           bytes;

	CHECK(b.has);
	CHECK_INT(b.nans, 2);
	CHECK(bound_bytes(TYPE_DOUBLE, &b.low, false, (struct cut){0}, &room, &bytes, &is_exact));
	CHECK_STR(bytes, STR("\0\0\0\0\0\0\0\x80"));
	CHECK(bound_bytes(TYPE_DOUBLE, &b.high, true, (struct cut){0}, &room, &bytes, &is_exact));
	CHECK_STR(bytes, STR("\0\0\0\0\0\0\0\0"));
	CHECK(!none.has);
	CHECK_INT(none.nans, 1);
	bounds_merge(TYPE_DOUBLE, &none, &b);
	CHECK(none.has);
	CHECK_INT(none.nans, 3);
}

TEST(bounds_of_numbers_are_little_endian)
{
	AUTO(buf)   room = BUF(0);
	union bound b = {.whole = -2};
	bool        is_exact;
	str         bytes;

	CHECK(bound_bytes(TYPE_LONG, &b, true, (struct cut){0}, &room, &bytes, &is_exact));
	CHECK_STR(bytes, STR("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"));
	CHECK(bound_bytes(TYPE_DATE, &b, true, (struct cut){0}, &room, &bytes, &is_exact));
	CHECK_STR(bytes, STR("\xFE\xFF\xFF\xFF"));
	b.whole = 1;
	CHECK(bound_bytes(TYPE_BOOL, &b, true, (struct cut){0}, &room, &bytes, &is_exact));
	CHECK_STR(bytes, STR("\1"));
}

TEST(bounds_of_text_are_those_of_a_sort)
{
	struct pool   *pool = pool_new(1 << 20);
	struct schema  schema;
	struct columns c;
	struct col    *col;
	char           text[12];

	for (unsigned round = 0; round < 200; round++) {
		str      low = {0}, high = {0};
		uint32_t count = 1 + (uint32_t)(test_random() % 20);

		schema_init(&schema);
		columns_init(&c, pool, &schema);
		col = columns_col(&c, schema_add(&schema, schema.root, STR("t"), TYPE_BINARY, false, STR(""), 0));
		for (uint32_t i = 0; i < count; i++) {
			for (size_t at = 0; at < sizeof(text); at++)
				text[at] = test_random() % 8 ? '\0' : (char)(test_random() % 2 ? 0xFF : 1);
			col_set_string(&c, col, i, str_make(text, test_random() % (sizeof(text) + 1)));
		}
		for (uint32_t i = 0; i < count; i++) {
			low = i == 0 || str_cmp(col_string(col, i), low) < 0 ? col_string(col, i) : low;
			high = i == 0 || str_cmp(col_string(col, i), high) > 0 ? col_string(col, i) : high;
		}
		CHECK_STR(bounds_of(col, (struct picks){NULL, 0, count}).low.bytes, low);
		CHECK_STR(bounds_of(col, (struct picks){NULL, 0, count}).high.bytes, high);
		columns_done(&c);
		schema_done(&schema);
	}
	pool_free(pool);
}

#include "codec/name.h"
#include "codec/utf8.h"
#include "tests/lib/test.h"

static void check_snake(const char *raw, const char *want)
{
	AUTO(buf) b = BUF(0);

	name_snake(str_of(raw), &b);
	CHECK_STR(buf_str(&b), str_of(want));
}

TEST(name_snake_splits_humps)
{
	check_snake("PushEvent", "push_event");
	check_snake("sourceIPAddress", "source_ip_address");
	check_snake("userID2", "user_id2");
	check_snake("user2ID", "user2_id");
	check_snake("ABC", "abc");
	check_snake("aB", "a_b");
	check_snake("_Foo", "_foo");
	check_snake("already_snake", "already_snake");
}

TEST(name_snake_replaces_what_is_not_a_letter_or_digit)
{
	check_snake("", "_");
	check_snake("2nd", "_2nd");
	check_snake("payment:order:completed", "payment_order_completed");
	check_snake("a  b", "a__b");
	check_snake("na\xC3\xAFve", "na_ve");
	check_snake("\xE2\x82\xAC\xF0\x9F\x98\x80", "__");
	check_snake("\xFF\x80x", "__x");
}

TEST(name_fits_column_refuses_what_engines_choke_on)
{
	static const str bad[] = {
		STR(""), STR("a.b"), STR("a\"b"), STR("a'b"), STR("a`b"), STR("a\nb"),
		STR("a\x7F"), STR("a\0b"), STR("__proto__"), STR("\xC3"), STR("\xED\xA0\x80"),
	};
	static const str good[] = {STR("a"), STR("_a"), STR("user id"), STR("na\xC3\xAFve"), STR("$set")};
	char             text[129];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!name_fits_column(bad[i]));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(name_fits_column(good[i]));
	memset(text, 'x', sizeof(text));
	CHECK(name_fits_column((str){text, 128}));
	CHECK(!name_fits_column((str){text, 129}));
}

TEST(name_is_event_takes_names_and_no_paths)
{
	static const str bad[] = {
		STR(""), STR("../../etc/passwd"), STR(".."), STR("a..b"), STR("."), STR("a/./b"),
		STR("./a"), STR("a/."), STR("/a"), STR("a/"), STR(" a"), STR("a "), STR("a\\b"),
		STR("%2e%2e%2f"), STR("a*"), STR("a?"), STR("a["),
		STR("x\"; DROP TABLE y;--"), STR("a`"), STR("a\r\n"), STR("a\0b"), STR("\0"), STR("a\0"),
		STR("\x1B[31m"), STR("p\xD0\xB0y"), STR("\xE2\x80\xAE"),
	};
	static const str good[] = {
		STR("payment:order:completed"), STR("PushEvent"), STR("a/b"), STR("page view"),
		STR("a.b-c_d#1"), STR("select"), STR("a/.b"), STR(".a"),
	};
	char text[129];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (name_is_event(bad[i]))
			test_fail(__FILE__, __LINE__, "taken: " STR_FMT, STR_ARG(bad[i]));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!name_is_event(good[i]))
			test_fail(__FILE__, __LINE__, "refused: " STR_FMT, STR_ARG(good[i]));
	memset(text, 'x', sizeof(text));
	CHECK(name_is_event((str){text, 128}));
	CHECK(!name_is_event((str){text, 129}));
}

TEST(pointer_escapes_tilde_and_slash)
{
	AUTO(buf) b = BUF(0);

	pointer_add(&b, STR("a/b"));
	pointer_add(&b, STR("m~n~"));
	pointer_add(&b, STR(""));
	pointer_add_index(&b, 12);
	CHECK_STR(buf_str(&b), STR("/a~1b/m~0n~0//12"));
}

TEST(utf8_check_finds_the_first_bad_sequence)
{
	static const struct { str text; size_t bad; } cases[] = {
		{STR(""), 0},
		{STR("plain"), 5},
		{STR("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 9},
		{STR("\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF4\x8F\xBF\xBF"), 13},
		{STR("ab\x80"), 2},
		{STR("ab\xC3"), 2},
		{STR("ab\xC3("), 2},
		{STR("\xC0\x80"), 0},         /* overlong NUL */
		{STR("\xC1\xBF"), 0},
		{STR("\xE0\x9F\xBF"), 0},     /* overlong, 3 bytes */
		{STR("\xF0\x8F\xBF\xBF"), 0}, /* overlong, 4 bytes */
		{STR("\xFC\x80\x80\x80\x80\x80"), 0},
		{STR("x\xED\xA0\x80"), 1},    /* surrogate */
		{STR("x\xED\xBF\xBF"), 1},
		{STR("\xF4\x90\x80\x80"), 0}, /* above U+10FFFF */
		{STR("\xF5\x80\x80\x80"), 0},
		{STR("\xE2\x82"), 0},
		{STR("\xF0\x9F\x98"), 0},
		{STR("\xFF"), 0},
	};
	char text[200];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(utf8_check(cases[i].text), cases[i].bad);
		/* The same behind plain text of every length, where whole words are skipped. */
		for (size_t before = 0; before < 80; before++) {
			memset(text, 'x', sizeof(text));
			memcpy(text + before, cases[i].text.ptr, cases[i].text.len);
			CHECK_INT(utf8_check((str){text, before + cases[i].text.len}), before + cases[i].bad);
		}
	}
}

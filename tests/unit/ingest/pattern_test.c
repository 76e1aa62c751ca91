#include "ingest/pattern.h"

#include "tests/lib/test.h"

static bool matches(const char *pattern, const char *value)
{
	struct err e = ERR_NONE;
	regex_t    r;
	bool       found;

	CHECK_OK(pattern_compile(str_of(pattern), &r, &e), &e);
	if (e.class != 0)
		return false;
	found = pattern_match(&r, str_of(value));
	regfree(&r);
	return found;
}

static void check_refused(const char *pattern, const char *words)
{
	struct err e = ERR_NONE;
	regex_t    r;
	int        status = pattern_compile(str_of(pattern), &r, &e);

	if (status == 0)
		regfree(&r);
	CHECK_ERR(status, ERR_INPUT);
	if (strstr(e.text, words) == NULL)
		test_fail(__FILE__, __LINE__, "%s: \"%s\" does not say \"%s\"", pattern, e.text, words);
}

TEST(pattern_is_what_a_schema_means)
{
	CHECK(matches("^[a-z]+$", "abc"));
	CHECK(!matches("^[a-z]+$", "aBc"));
	CHECK(matches("b", "abc")); /* anywhere */
	CHECK(matches("^\\d{3}-\\d{2,4}$", "123-4567"));
	CHECK(!matches("^\\d{3}-\\d{2,4}$", "123-x567"));
	CHECK(matches("^\\D+$", "abc"));
	CHECK(matches("^(a|b)*\\.c?$", "abba."));
	CHECK(matches("^[]x]+$", "]x"));
	CHECK(matches("^[^]]+$", "abc"));
	CHECK(matches("^[[:alpha:]]+$", "abc"));
	CHECK(matches("^a+?b$", "aaab"));
	CHECK(matches("^(a+)?$", "aa"));
	CHECK(matches("^(ab|c{2})\\{$", "cc{"));
	CHECK(matches("", ""));
}

TEST(pattern_sees_past_nul_bytes)
{
	struct err e = ERR_NONE;
	regex_t    r;

	CHECK_OK(pattern_compile(STR("b$"), &r, &e), &e);
	CHECK(pattern_match(&r, str_make("a\0b", 3)));
	CHECK(!pattern_match(&r, str_make("ab\0", 3)));
	CHECK(!pattern_match(&r, STR("")));
	regfree(&r);
}

TEST(pattern_that_can_take_long_is_refused)
{
	check_refused("^(a+)+$", "a repeat of what repeats");
	check_refused("^((a+)b?)*$", "a repeat of what repeats");
	check_refused("^(a*){2,}$", "a repeat of what repeats");
	check_refused("(x(y{3}))*", "a repeat of what repeats");
	check_refused("a**", "a repeat of what repeats");
	check_refused("(a)\\1", "refers back");
	check_refused("a{256}", "repeats go up to");
	check_refused("a{99999999999999999999}", "repeats go up to");
	check_refused("a{250}b{250}c{250}d{250}e{1}", "add up");
}

TEST(pattern_of_another_dialect_is_refused)
{
	check_refused("(?:a)", "groups that begin");
	check_refused("(?=a)", "groups that begin");
	check_refused("[\\d.]", "a backslash in brackets");
	check_refused("\\p{L}", "means nothing here");
	check_refused("a\\", "means nothing here");
	check_refused("[a", "is not closed");
	check_refused("[[:x", "is not closed");
	check_refused("a)", "closes no group");
	check_refused("(a", "not a regular expression");
	check_refused("*a", "not a regular expression");
	check_refused("a{", "begins a count");
	check_refused("a{}", "begins a count");
	check_refused("a{x}", "begins a count");
	check_refused("a{3,2}", "not a regular expression");
}

TEST(pattern_has_a_ceiling)
{
	char text[PATTERN_BYTES + 2];

	memset(text, 'a', sizeof(text));
	text[PATTERN_BYTES] = '\0';
	CHECK(!matches(text, "a"));
	text[PATTERN_BYTES] = 'a';
	text[PATTERN_BYTES + 1] = '\0';
	check_refused(text, "up to 1000 bytes");
	memset(text, '(', 40);
	text[40] = '\0';
	check_refused(text, "groups in one another");
}

#include <locale.h>
#include <math.h>

#include "base/buf.h"
#include "codec/number.h"
#include "tests/lib/test.h"

static uint64_t bits_of(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits;
}

static double random_double(void)
{
	double v;

	do {
		uint64_t bits = test_random();
		memcpy(&v, &bits, sizeof(v));
	} while (!isfinite(v));
	return v;
}

static void check_like_strtod(const char *text)
{
	bool   lossy = false;
	double got = 0, want = strtod(text, NULL);
	bool   is_taken = number_to_double(str_of(text), &got, &lossy);

	if (is_taken != (isfinite(want) != 0) || (is_taken && bits_of(got) != bits_of(want)))
		test_fail(__FILE__, __LINE__, "%s is %a, not %a", text, got, want);
}

TEST(number_reads_halfway_and_edge_doubles_right)
{
	static const char *const texts[] = {
		"0", "-0", "0.0", "-0.0e5", "0e999999999999", "1", "-1", "0.1", "1e22", "1e23",
		"-1.5E+3", "9007199254740993", "9007199254740993.0",
		"9007199254740993.00000000000000000000000000001", "9007199254740992.5",
		"1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308",
		"17976931348623158e292", "2.2250738585072011e-308", "2.2250738585072014e-308",
		"4.9e-324", "2.4703282292062327208e-324", "2.4703282292062328e-324", "5e-324",
		"1e-323", "8.41e21", "7.3177701707893310e15", "0.000000000000000000001",
		"18446744073709551615", "18446744073709551616", "9999999999999999999e-19", "1e19",
		"123456789012345678e-19", "100000000000000000000000e-23",
		"0.00000000000000000000000000000000000000000000000000001e52",
		"6.9294956446009195e15",
		("3.237883913302901289588352412501532174863037669423108059901297049552301970670676"
		 "56578683574258779955786061577655983828343551439108415316925268919056439645957739"
		 "46180389283653051434639551003566966656292020173313440317300443693602052583458034"
		 "71471660032699580731300954848363975548690010751530018881758184174569652173110473"
		 "69602274993463842538062336977473656000899740406096749802838919187896396857543922"
		 "22064169814626901133425240027243859416510512935526014211553334302252372915238433"
		 "22331326138431477823591142408800030775170625915670728657003151953664260769822494"
		 "93795184580153089523843981970840338993787324146348420560800002727053110682738790"
		 "77914449185347715987501628125488627684932015189916680282517302999539243285459352"
		 "530302606646396379806646139615250e-320"),
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_like_strtod(texts[i]);
}

TEST(number_reads_random_texts_as_strtod_does)
{
	char text[80];

	for (int i = 0; i < 100000; i++) {
		unsigned long long whole = test_random() >> test_random() % 64;
		unsigned long long fraction = test_random() >> test_random() % 64;
		unsigned long long odd = (1ull << 53) + (test_random() >> 12) * 2 + 1;

		(void)snprintf(text, sizeof(text), "%.*e", (int)(test_random() % 25), random_double());
		check_like_strtod(text);
		(void)snprintf(text, sizeof(text), "%s%llu.%llue%d", i & 1 ? "-" : "", whole, fraction,
		               (int)(test_random() % 60) - 30);
		check_like_strtod(text);
		/* Halfway between two doubles, or just past it. */
		(void)snprintf(text, sizeof(text), "%llu.%d", odd, (int)(test_random() % 2));
		check_like_strtod(text);
	}
}

TEST(number_of_ten_thousand_digits_is_read_whole)
{
	AUTO(buf) b = BUF(0);
	double    v = 0;
	bool      lossy = false;

	/* Exactly halfway but for a last digit so far out that it is easy to lose. */
	buf_add(&b, STR("9007199254740993."));
	buf_fill(&b, '0', 10000);
	CHECK(number_to_double(buf_str(&b), &v, &lossy));
	CHECK(v == 9007199254740992.0);
	buf_byte(&b, '1');
	CHECK(number_to_double(buf_str(&b), &v, &lossy));
	CHECK(v == 9007199254740994.0);

	buf_clear(&b);
	buf_add(&b, STR("0."));
	buf_fill(&b, '0', 10000);
	buf_add(&b, STR("25e10001"));
	CHECK(number_to_double(buf_str(&b), &v, &lossy));
	CHECK(v == 2.5 && !lossy);

	buf_clear(&b);
	buf_byte(&b, '7');
	buf_fill(&b, '0', 10000);
	buf_add(&b, STR("e-10001"));
	CHECK(number_to_double(buf_str(&b), &v, &lossy));
	CHECK(v == 0.7 && !lossy);
}

TEST(number_says_when_it_overflows_or_vanishes)
{
	double v = 7;
	bool   lossy = false;

	CHECK(!number_to_double(STR("1e400"), &v, &lossy));
	CHECK(!number_to_double(STR("-1e99999999999999999999"), &v, &lossy));
	CHECK(v == 7); /* untouched */
	CHECK(number_to_double(STR("1e-400"), &v, &lossy));
	CHECK(v == 0 && lossy);
	CHECK(number_to_double(STR("-1e-99999999999999999999"), &v, &lossy));
	CHECK(v == 0 && signbit(v) && lossy);
	CHECK(number_to_double(STR("0e-99999999999999999999"), &v, &lossy));
	CHECK(v == 0 && !lossy);
}

static void check_text(double v, const char *want)
{
	char text[NUMBER_TEXT];

	CHECK_STR(str_make(text, number_from_double(v, text)), str_of(want));
}

TEST(number_writes_the_shortest_text)
{
	check_text(0, "0.0");
	check_text(-0.0, "-0.0");
	check_text(1, "1.0");
	check_text(-100, "-100.0");
	check_text(0.1, "0.1");
	check_text(0.3, "0.3");
	check_text(0.1 + 0.2, "0.30000000000000004");
	check_text(229.642, "229.642");
	check_text(-84.3548, "-84.3548");
	check_text(1e15, "1000000000000000.0");
	check_text(9007199254740993.0, "9007199254740992.0");
	check_text(1e16, "1e+16");
	check_text(1e22, "1e+22");
	check_text(1.5e300, "1.5e+300");
	check_text(0.0001, "0.0001");
	check_text(0.00001, "1e-05");
	check_text(5e-324, "5e-324");
	check_text(0x1p-44, "5.684341886080802e-14"); /* the nearest 16 digits read as another double */
	check_text(-2.2250738585072014e-308, "-2.2250738585072014e-308");
	check_text(1.7976931348623157e308, "1.7976931348623157e+308");
	check_text(123456.789, "123456.789");
}

TEST(number_comes_back_the_same)
{
	char text[NUMBER_TEXT];

	for (int i = 0; i < 100000; i++) {
		double v = random_double(), back = 0;
		bool   lossy = false;
		size_t len;

		if (i % 4 == 0)
			v = (double)(int64_t)(test_random() >> 30) / 1000;
		len = number_from_double(v, text);
		CHECK(len < NUMBER_TEXT);
		CHECK(number_to_double((str){text, len}, &back, &lossy));
		if (bits_of(back) != bits_of(v))
			test_fail(__FILE__, __LINE__, "%a written as %s", v, text);
	}
}

TEST(number_does_not_see_the_locale)
{
	double v = 0;
	bool   lossy = false;
	char   text[NUMBER_TEXT];

	if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL && setlocale(LC_ALL, "fr_FR.UTF-8") == NULL)
		return; /* no such locale on this machine */
	CHECK(number_to_double(STR("1.2345678901234567890123e-50"), &v, &lossy));
	CHECK(v == 1.2345678901234567890123e-50);
	CHECK_STR(str_make(text, number_from_double(0.1, text)), STR("0.1"));
	(void)setlocale(LC_ALL, "C");
}

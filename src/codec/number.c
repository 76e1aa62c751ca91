/* Decimal text to doubles and back.
 *
 * Reading: up to 19 significant digits are exact in a uint64_t, and with a power
 * of ten up to 10^19 the product or quotient is exact in 128 bits, so one rounding
 * gives the right double. That is nearly every number people write. The rest goes
 * to strtod, cut to as many digits as can matter, which bounds its work.
 */
#include "codec/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	EXACT_DIGITS = 19,      /* any such number is below 2^64 */
	EXACT_POWER = 19,       /* 10^19 is below 2^64 */
	DOUBLE_POWER = 22,      /* 10^22 is the last power that is a double */
	KEPT_DIGITS = 780,      /* the midpoint of two doubles has 767 significant digits at most */
	FIXED_FIRST = -4,       /* exponents of numbers written without one */
	FIXED_LAST = 15,
	EXPONENT_CEILING = 1 << 30,
};

static const uint64_t powers[EXACT_POWER + 1] = {
	1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u, 1000000000u,
	10000000000u, 100000000000u, 1000000000000u, 10000000000000u, 100000000000000u,
	1000000000000000u, 10000000000000000u, 100000000000000000u, 1000000000000000000u,
	10000000000000000000u,
};

static const double double_powers[DOUBLE_POWER + 1] = {
	1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* A number without its sign: digits * 10^exponent, where is_exact. */
struct decimal {
	uint64_t digits;
	int64_t  exponent;
	bool     is_exact;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The exponent after 'e', saturated: no text is long enough to bring it back. */
static int64_t exponent_read(str s)
{
	bool    is_negative = s.len > 0 && s.ptr[0] == '-';
	int64_t value = 0;

	s = str_from(s, s.len > 0 && !is_digit(s.ptr[0]));
	for (size_t i = 0; i < s.len && value < EXPONENT_CEILING; i++)
		value = value * 10 + (s.ptr[i] - '0');
	return is_negative ? -value : value;
}

static struct decimal decimal_read(str s)
{
	struct decimal d = {.is_exact = true};
	unsigned       count = 0; /* significant digits */
	int64_t        places = 0;
	bool           is_fraction = false;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (is_digit(c)) {
			count += count > 0 || c != '0';
			if (count <= EXACT_DIGITS)
				d.digits = d.digits * 10 + (uint64_t)(c - '0');
			places += is_fraction;
		} else if (c == '.') {
			is_fraction = true;
		} else {
			d.exponent = exponent_read(str_from(s, i + 1));
			break;
		}
	}
	d.exponent -= places;
	d.is_exact = count <= EXACT_DIGITS;
	return d;
}

/* digits / 10^power, rounded once: the quotient has 63 or 64 bits, and its last one
 * also stands for whatever is left over. */
static double quotient(uint64_t digits, unsigned power)
{
	uint64_t          divisor = powers[power];
	int               up = __builtin_clzll(digits);
	int               down = __builtin_clzll(divisor);
	unsigned __int128 dividend = (unsigned __int128)(digits << up) << 63;
	uint64_t          bits = (uint64_t)(dividend / (divisor << down));
	bool              has_rest = (unsigned __int128)bits * (divisor << down) != dividend;

	return ldexp((double)(bits | has_rest), down - up - 63);
}

/* false: not one of those that are exact in 128 bits. */
static bool decimal_round(const struct decimal *d, double *out)
{
	int64_t exponent = d->exponent;

	if (!d->is_exact)
		return false;
	if (d->digits == 0 || exponent == 0)
		*out = (double)d->digits;
	else if (d->digits <= 1ull << 53 && exponent > 0 && exponent <= DOUBLE_POWER)
		*out = (double)d->digits * double_powers[exponent];
	else if (d->digits <= 1ull << 53 && exponent < 0 && exponent >= -DOUBLE_POWER)
		*out = (double)d->digits / double_powers[-exponent];
	else if (exponent > 0 && exponent <= EXACT_POWER)
		*out = (double)((unsigned __int128)d->digits * powers[exponent]);
	else if (exponent < 0 && exponent >= -EXACT_POWER)
		*out = quotient(d->digits, (unsigned)-exponent);
	else
		return false;
	return true;
}

static locale_t c_locale;

static void c_locale_make(void)
{
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (c_locale == (locale_t)0)
		abort();
}

static double text_to_double(const char *text)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, c_locale_make);
	return strtod_l(text, NULL, c_locale);
}

/* The same value in a bounded text: leading zeros go, and digits past those that
 * can matter become one '1' that says whether anything but zeros was there. */
static double decimal_slow(str s)
{
	char    text[KEPT_DIGITS + NUMBER_TEXT];
	size_t  len = 0;
	int64_t exponent = 0;
	bool    is_fraction = false, has_rest = false;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '.') {
			is_fraction = true;
		} else if (!is_digit(c)) {
			exponent += exponent_read(str_from(s, i + 1));
			break;
		} else if (len < KEPT_DIGITS) {
			if (len > 0 || c != '0')
				text[len++] = c;
			exponent -= is_fraction;
		} else {
			has_rest |= c != '0';
			exponent += !is_fraction;
		}
	}
	if (has_rest) {
		text[len++] = '1';
		exponent--;
	}
	(void)snprintf(text + len, sizeof(text) - len, "e%lld", (long long)exponent);
	return text_to_double(text);
}

bool number_to_double(str text, double *out, bool *lossy)
{
	bool           is_negative = text.len > 0 && text.ptr[0] == '-';
	struct decimal d;
	double         value;

	text = str_from(text, is_negative);
	d = decimal_read(text);
	if (!decimal_round(&d, &value))
		value = decimal_slow(text);
	if (isinf(value))
		return false;
	*lossy = value == 0 && d.digits != 0;
	*out = is_negative ? -value : value;
	return true;
}

/* v > 0 as `count` significant digits (no point, so no locale shows) and the exponent
 * of the first. `bump` is added to the last digit. false where that carries over. */
static bool digits_of(double v, int count, int bump, char *digits, int *exponent)
{
	char   text[64];
	size_t len = 0, i;

	(void)snprintf(text, sizeof(text), "%.*e", count - 1, v);
	for (i = 0; text[i] != 'e'; i++)
		if (is_digit(text[i]))
			digits[len++] = text[i];
	digits[len] = '\0';
	*exponent = atoi(text + i + 1);
	digits[len - 1] = (char)(digits[len - 1] + bump);
	return digits[len - 1] <= '9';
}

static bool digits_read_as(double v, const char *digits, int exponent)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%se%d", digits, exponent - (int)strlen(digits) + 1);
	return text_to_double(text) == v;
}

/* The fewest digits that read back as v > 0. Fifteen always come back of a normal
 * number, so fewer only means zeros at their end; a subnormal may need but one. At a
 * power of two the doubles below stand closer than those above, and the one right
 * text of 16 digits may be the next above the nearest. */
static void digits_shortest(double v, char *digits, int *exponent)
{
	size_t len;

	for (int count = fpclassify(v) == FP_SUBNORMAL ? 1 : 15; count <= 17; count++)
		for (int bump = 0; bump <= 1; bump++)
			if (digits_of(v, count, bump, digits, exponent) &&
			    digits_read_as(v, digits, *exponent)) {
				len = strlen(digits);
				while (len > 1 && digits[len - 1] == '0')
					digits[--len] = '\0';
				return;
			}
}

size_t number_from_double(double v, char out[NUMBER_TEXT])
{
	const char *sign = signbit(v) ? "-" : "";
	char        digits[NUMBER_TEXT];
	int         exponent = 0, count, len;

	if (v == 0)
		return (size_t)snprintf(out, NUMBER_TEXT, "%s0.0", sign);
	digits_shortest(fabs(v), digits, &exponent);
	count = (int)strlen(digits);
	if (exponent < FIXED_FIRST || exponent > FIXED_LAST)
		len = snprintf(out, NUMBER_TEXT, "%s%c%s%se%+03d", sign, digits[0],
		               count > 1 ? "." : "", digits + 1, exponent);
	else if (exponent < 0)
		len = snprintf(out, NUMBER_TEXT, "%s0.%.*s%s", sign, -exponent - 1, "000", digits);
	else if (exponent >= count - 1)
		len = snprintf(out, NUMBER_TEXT, "%s%s%.*s.0", sign, digits, exponent - count + 1,
		               "000000000000000");
	else
		len = snprintf(out, NUMBER_TEXT, "%s%.*s.%s", sign, exponent + 1, digits,
		               digits + exponent + 1);
	return (size_t)len;
}

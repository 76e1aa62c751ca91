#include "ingest/exact.h"

#include "codec/number.h"

enum { LONGEST = 19, DIGITS_EXACT = 15 };

bool double_is_long(double v, int64_t *out)
{
	if (!(v >= -9.2e18 && v <= 9.2e18) || (double)(int64_t)v != v || (v == 0 && __builtin_signbit(v)))
		return false;
	*out = (int64_t)v;
	return true;
}

bool long_is_double(int64_t v)
{
	return v >= -(INT64_C(1) << 53) && v <= INT64_C(1) << 53;
}

/* Digits, with a dot among them or not. 007 is a name, not a number. */
static bool is_plain(str digits, size_t *dot)
{
	size_t count = 0;

	*dot = str_find(digits, '.', 0);
	if (digits.len == 0 || *dot == 0 || *dot + 1 == digits.len)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		if (i != *dot && (digits.ptr[i] < '0' || digits.ptr[i] > '9'))
			return false;
		count += i != *dot;
	}
	if (digits.ptr[0] == '0' && digits.len > 1 && *dot != 1)
		return false;
	return *dot == digits.len || count <= DIGITS_EXACT;
}

bool text_is_number(str text, bool *is_long, int64_t *integer, double *real)
{
	bool    is_negative = text.len > 0 && text.ptr[0] == '-', is_lossy;
	str     digits = str_from(text, is_negative);
	size_t  dot;
	int64_t whole;

	if (text.len > LONGEST || !is_plain(digits, &dot))
		return false;
	if (dot < digits.len) {
		*is_long = false;
		return number_to_double(text, real, &is_lossy);
	}
	if (!str_to_i64(text, &whole) || (whole == 0 && is_negative))
		return false;
	*is_long = true;
	*integer = whole;
	return true;
}

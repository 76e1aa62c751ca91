/* Numbers: text to double as strtod has it; double to text and back. The input is the text, and its first eight
 * bytes a double. */
#include <math.h>

#include "codec/number.h"
#include "tests/fuzz/fuzz.h"

/* number = [ - ] int [ frac ] [ exp ], as JSON has it: what number_to_double may be given. */
static bool is_number(str s)
{
	size_t i = 0, start;

	i += i < s.len && s.ptr[i] == '-';
	start = i;
	while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
		i++;
	if (i == start || (s.ptr[start] == '0' && i > start + 1))
		return false;
	if (i < s.len && s.ptr[i] == '.') {
		start = ++i;
		while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
			i++;
		if (i == start)
			return false;
	}
	if (i < s.len && (s.ptr[i] == 'e' || s.ptr[i] == 'E')) {
		i++;
		i += i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+');
		start = i;
		while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
			i++;
		if (i == start)
			return false;
	}
	return i == s.len;
}

static bool has_digit(str s) /* of its significand: is it other than zero? */
{
	for (size_t i = 0; i < s.len && s.ptr[i] != 'e' && s.ptr[i] != 'E'; i++)
		if (s.ptr[i] >= '1' && s.ptr[i] <= '9')
			return true;
	return false;
}

static void check_read(str text)
{
	char  *copy = fuzz_copy(text, 0), *ended = fuzz_copy(text, 1);
	double want = strtod(ended, NULL), got = 0;
	bool   lossy = false;

	if (number_to_double(str_make(copy, text.len), &got, &lossy)) {
		CHECK(memcmp(&got, &want, sizeof(got)) == 0);
		CHECK_INT(lossy, want == 0 && has_digit(text));
	} else {
		CHECK(isinf(want));
	}
	free(copy);
	free(ended);
}

static void check_write(double v)
{
	char   text[NUMBER_TEXT];
	size_t len = number_from_double(v, text);
	double back = 0;
	bool   lossy = false;

	CHECK(len < sizeof(text) && is_number(str_make(text, len)));
	CHECK(number_to_double(str_make(text, len), &back, &lossy));
	CHECK(memcmp(&v, &back, sizeof(v)) == 0 && !lossy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str    text = str_make(data, size);
	double v;

	if (is_number(text))
		check_read(text);
	if (size >= sizeof(v)) {
		memcpy(&v, data, sizeof(v));
		if (isfinite(v))
			check_write(v);
	}
	return 0;
}

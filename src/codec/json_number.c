/* Numbers by their whole grammar. json.c has taken the short integers already. */
#include <stdlib.h>

#include "codec/json_int.h"
#include "codec/number.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Past the digits, of which there must be one: NULL where there is none. */
static const char *digits_skip(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && is_digit(*at))
		at++;
	return at > start ? at : NULL;
}

/* Past the number, or NULL: `at` is then where it stopped being one. */
static const char *number_end(const char **at, const char *end, bool *is_integer)
{
	const char *digits = *at + (**at == '-');
	const char *next = digits_skip(digits, end);

	*is_integer = true;
	*at = digits;
	if (next == NULL || (*digits == '0' && next - digits > 1))
		return NULL;
	if (next < end && *next == '.') {
		*is_integer = false;
		*at = next + 1;
		next = digits_skip(*at, end);
		if (next == NULL)
			return NULL;
	}
	if (next < end && (*next | 0x20) == 'e') {
		*is_integer = false;
		*at = next + 1;
		*at += *at < end && (**at == '+' || **at == '-');
		next = digits_skip(*at, end);
	}
	return next;
}

const char *json_number(struct json_scanner *s, const char *at)
{
	const char *stop = at, *end;
	bool        is_integer, is_lossy = false;
	size_t      off = (size_t)(at - s->text);
	int64_t     integer;
	double      value;
	str         text;

	end = number_end(&stop, s->end, &is_integer);
	if (end == NULL)
		return json_refuse(s, JSON_SYNTAX, stop);
	text = (str){at, (size_t)(end - at)};
	if (is_integer && !str_eq(text, STR("-0"))) {
		if (!str_to_i64(text, &integer))
			return json_refuse(s, JSON_INT_RANGE, at);
		*s->out++ = json_head(JSON_INT, 0, text.len, off);
		*s->out++ = (uint64_t)integer;
		return end;
	}
	if (!number_to_double(text, &value, &is_lossy))
		return json_refuse(s, JSON_FLOAT_RANGE, at);
	*s->out++ = json_head(JSON_DOUBLE, is_lossy ? JSON_LOSSY : 0, text.len, off);
	memcpy(s->out++, &value, sizeof(value));
	return end;
}

#include "base/str.h"

int str_cmp(str a, str b)
{
	size_t shared = a.len < b.len ? a.len : b.len;
	int    order = shared ? memcmp(a.ptr, b.ptr, shared) : 0;

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

size_t str_find(str s, char byte, size_t from)
{
	const char *hit;

	if (from >= s.len)
		return s.len;
	hit = memchr(s.ptr + from, byte, s.len - from);
	return hit ? (size_t)(hit - s.ptr) : s.len;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

str str_trim(str s)
{
	while (s.len > 0 && is_blank(s.ptr[0]))
		s = str_from(s, 1);
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

bool str_to_i64(str s, int64_t *out)
{
	bool    is_negative = s.len > 0 && s.ptr[0] == '-';
	int64_t value = 0;

	s = str_from(s, is_negative);
	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int64_t digit = s.ptr[i] - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, digit, &value))
			return false;
	}
	/* Built up as a negative, whose range is the larger one. */
	if (!is_negative && __builtin_sub_overflow((int64_t)0, value, &value))
		return false;
	*out = value;
	return true;
}

unsigned str_distance(str a, str b, unsigned ceiling)
{
	unsigned row[65];

	if (a.len > 64 || b.len > 64)
		return ceiling;
	for (unsigned j = 0; j <= b.len; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned replace = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);
			unsigned shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

			diagonal = row[j];
			row[j] = replace < shorter ? replace : shorter;
		}
	}
	return row[b.len] < ceiling ? row[b.len] : ceiling;
}

#include "os/glob_int.h"

#include <assert.h>

enum { WAYS_MAX = 4096 };

/* Place of the '}' that ends the '{' at `from`, or the length where there is none. */
static size_t brace_end(str s, size_t from)
{
	size_t depth = 0;

	for (size_t i = from; i < s.len; i++) {
		depth += s.ptr[i] == '{';
		depth -= s.ptr[i] == '}';
		if (depth == 0)
			return i;
	}
	return s.len;
}

/* Place of the ',' that ends the alternative at `from`, or `end`. */
static size_t alternative_end(str s, size_t from, size_t end)
{
	size_t depth = 0;

	for (size_t i = from; i < end; i++) {
		if (s.ptr[i] == ',' && depth == 0)
			return i;
		depth += s.ptr[i] == '{';
		depth -= s.ptr[i] == '}';
	}
	return end;
}

/* What stands before `from` is settled; the first pair after it is opened, and each result is
 * looked at from there. */
static int open_braces(str s, size_t from, struct arena *a, struct glob_patterns *out,
                       struct err *e)
{
	size_t start = str_find(s, '{', from);
	size_t end = brace_end(s, start);

	if (start == s.len) {
		if (out->count == WAYS_MAX)
			return err_set(e, ERR_LIMIT, "a pattern's braces stand for over %d others",
			               WAYS_MAX);
		*VEC_ADD(out) = s;
		return 0;
	}
	if (end == s.len || alternative_end(s, start + 1, end) == end)
		return open_braces(s, start + 1, a, out, e);
	for (size_t at = start + 1; at <= end;) {
		size_t stop = alternative_end(s, at, end);
		str    head = str_head(s, start), tail = str_from(s, end + 1);
		str    one = str_head(str_from(s, at), stop - at);
		str    way = arena_format(a, STR_FMT STR_FMT STR_FMT, STR_ARG(head), STR_ARG(one),
		                          STR_ARG(tail));

		TRY(open_braces(way, start, a, out, e));
		at = stop + 1;
	}
	return 0;
}

int glob_braces(str pattern, struct arena *a, struct glob_patterns *out, struct err *e)
{
	return open_braces(pattern, 0, a, out, e);
}

bool glob_is_wild(str part)
{
	for (size_t i = 0; i < part.len; i++)
		if (part.ptr[i] == '*' || part.ptr[i] == '?' || part.ptr[i] == '[')
			return true;
	return false;
}

/* Length of the class at the head of `p`, "[a-z]" whole, or 0 where the '[' is only a '['.
 * A ']' that comes first is one of the class. */
static size_t class_len(str p)
{
	bool   is_not = p.len > 1 && (p.ptr[1] == '!' || p.ptr[1] == '^');
	size_t end = str_find(p, ']', is_not ? 3 : 2);

	return end < p.len ? end + 1 : 0;
}

static bool class_has(str class, unsigned char c)
{
	bool   is_not = class.ptr[1] == '!' || class.ptr[1] == '^';
	str    set = str_head(str_from(class, is_not ? 2 : 1), class.len - (is_not ? 3 : 2));
	bool   is_in = false;
	size_t i = 0;

	while (i < set.len) {
		bool          is_range = i + 2 < set.len && set.ptr[i + 1] == '-';
		unsigned char low = (unsigned char)set.ptr[i];
		unsigned char high = is_range ? (unsigned char)set.ptr[i + 2] : low;

		is_in = is_in || (low <= c && c <= high);
		i += is_range ? 3 : 1;
	}
	return is_in != is_not;
}

/* How much of the pattern the byte takes: 0 where it does not match. */
static size_t match_byte(str p, char c)
{
	size_t len;

	if (p.len == 0)
		return 0;
	len = p.ptr[0] == '[' ? class_len(p) : 0;
	if (len > 0)
		return class_has(str_head(p, len), (unsigned char)c) ? len : 0;
	return p.ptr[0] == '?' || p.ptr[0] == c;
}

/* A star takes as little as it can; on a mismatch only the last one is asked to take more, because
 * whatever an earlier one could take, the last can too. So it costs pattern times name at most. */
static bool match_rest(str p, str name)
{
	bool has_star = false;
	str  star = {0}, held = {0};

	while (name.len > 0) {
		size_t step = p.len > 0 && p.ptr[0] != '*' ? match_byte(p, name.ptr[0]) : 0;

		if (step > 0) {
			p = str_from(p, step);
			name = str_from(name, 1);
		} else if (p.len > 0 && p.ptr[0] == '*') {
			has_star = true;
			p = str_from(p, 1);
			star = p;
			held = name;
		} else if (has_star) {
			held = str_from(held, 1);
			name = held;
			p = star;
		} else {
			return false;
		}
	}
	while (p.len > 0 && p.ptr[0] == '*')
		p = str_from(p, 1);
	return p.len == 0;
}

bool glob_match(str pattern, str name)
{
	assert(name.len > 0);
	if (name.ptr[0] == '.' && !str_starts(pattern, STR(".")))
		return false;
	return match_rest(pattern, name);
}

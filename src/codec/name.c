#include "codec/name.h"

#include "codec/utf8.h"

enum { COLUMN_BYTES = 128, EVENT_BYTES = 128 };

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Does a word begin at this upper-case letter? After a small letter or a digit it does;
 * after another capital only where small letters follow: the A in IPAddress. */
static bool is_hump(str raw, size_t at)
{
	char before = at > 0 ? raw.ptr[at - 1] : '_';
	char after = at + 1 < raw.len ? raw.ptr[at + 1] : '_';

	return is_lower(before) || is_digit(before) || (is_upper(before) && is_lower(after));
}

void name_snake(str raw, struct buf *out)
{
	size_t step;

	if (raw.len == 0 || is_digit(raw.ptr[0]))
		buf_byte(out, '_');
	for (size_t at = 0; at < raw.len; at += step) {
		char c = raw.ptr[at];

		step = 1;
		if (is_upper(c)) {
			if (is_hump(raw, at))
				buf_byte(out, '_');
			buf_byte(out, (char)(c | 0x20));
		} else if (is_lower(c) || is_digit(c)) {
			buf_byte(out, c);
		} else {
			step = utf8_step(str_from(raw, at));
			step = step ? step : 1;
			buf_byte(out, '_');
		}
	}
}

bool name_fits_column(str raw)
{
	if (raw.len == 0 || raw.len > COLUMN_BYTES || str_starts(raw, STR("__")))
		return false;
	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.ptr[i];

		if ((c >= 0 && c < 0x20) || c == 0x7F || strchr(".\"'`", c) != NULL)
			return false;
	}
	return utf8_check(raw) == raw.len;
}

/* Parts stand between slashes: "." alone would be one that a path swallows. */
static bool is_lone_dot(str raw, size_t at)
{
	return raw.ptr[at] == '.' && (at == 0 || raw.ptr[at - 1] == '/') &&
	       (at + 1 == raw.len || raw.ptr[at + 1] == '/');
}

static bool is_event_byte(char c)
{
	return is_lower(c) || is_upper(c) || is_digit(c) || (c != '\0' && strchr(" _-.:/#", c) != NULL);
}

bool name_is_event(str raw)
{
	if (raw.len == 0 || raw.len > EVENT_BYTES)
		return false;
	if (strchr(" /", raw.ptr[0]) != NULL || strchr(" /", raw.ptr[raw.len - 1]) != NULL)
		return false;
	for (size_t i = 0; i < raw.len; i++) {
		bool is_twice = i > 0 && raw.ptr[i] == '.' && raw.ptr[i - 1] == '.';

		if (!is_event_byte(raw.ptr[i]) || is_twice || is_lone_dot(raw, i))
			return false;
	}
	return true;
}

void pointer_add(struct buf *out, str name)
{
	buf_byte(out, '/');
	for (size_t from = 0; from < name.len;) {
		size_t to = from;

		while (to < name.len && name.ptr[to] != '~' && name.ptr[to] != '/')
			to++;
		buf_bytes(out, name.ptr + from, to - from);
		if (to < name.len)
			buf_add(out, name.ptr[to] == '~' ? STR("~0") : STR("~1"));
		from = to + 1;
	}
}

void pointer_add_index(struct buf *out, uint64_t index)
{
	buf_print(out, "/%llu", (unsigned long long)index);
}

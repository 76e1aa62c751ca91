/* Strings: what stands behind a backslash, and giving a string's value. */
#include <assert.h>

#include "codec/json_int.h"
#include "codec/utf8.h"

const char *json_refuse_string(struct json_scanner *s, enum json_fault_kind kind, const char *start,
                               const char *at)
{
	const char *stop = at < s->end ? at : s->end;
	size_t      len = start < stop ? (size_t)(stop - start) : 0;
	size_t      bad = utf8_check((str){start, len});

	if (bad < len)
		return json_refuse(s, JSON_UTF8, start + bad);
	return json_refuse(s, kind, at);
}

/* Four hexadecimal digits, or -1. */
static int hex4(const char *ptr)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		char c = ptr[i];
		int  digit = c >= '0' && c <= '9'                   ? c - '0'
		           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
		                                                    : -1;

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

/* The UTF-16 unit of an escape \uXXXX that ends before `end`, or -1. */
static int unit_at(const char *at, const char *end)
{
	return end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? hex4(at + 2) : -1;
}

static bool is_high_surrogate(int unit)
{
	return unit >> 10 == 0xD800 >> 10;
}

static bool is_low_surrogate(int unit)
{
	return unit >> 10 == 0xDC00 >> 10;
}

static const char *escape_unit(struct json_scanner *s, const char *start, const char *at,
                               unsigned *flags)
{
	int unit = unit_at(at, s->end);

	if (unit < 0)
		return json_refuse_string(s, JSON_SYNTAX, start, at);
	if (unit == 0)
		*flags |= JSON_HAS_NUL;
	if (is_low_surrogate(unit))
		return json_refuse_string(s, JSON_SURROGATE, start, at);
	if (!is_high_surrogate(unit))
		return at + 6;
	if (!is_low_surrogate(unit_at(at + 6, s->end)))
		return json_refuse_string(s, JSON_SURROGATE, start, at);
	return at + 12;
}

const char *json_escape(struct json_scanner *s, const char *start, const char *at, unsigned *flags)
{
	if (*at != '\\') /* a control character */
		return json_refuse_string(s, JSON_SYNTAX, start, at);
	*flags |= JSON_ESCAPED;
	switch (at[1]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		return at + 2;
	case 'u':
		return escape_unit(s, start, at, flags);
	default:
		return json_refuse_string(s, JSON_SYNTAX, start, at);
	}
}

static char *utf8_put(char *out, uint32_t point)
{
	if (point < 0x80) {
		*out++ = (char)point;
	} else if (point < 0x800) {
		*out++ = (char)(0xC0 | point >> 6);
		*out++ = (char)(0x80 | (point & 0x3F));
	} else if (point < 0x10000) {
		*out++ = (char)(0xE0 | point >> 12);
		*out++ = (char)(0x80 | (point >> 6 & 0x3F));
		*out++ = (char)(0x80 | (point & 0x3F));
	} else {
		*out++ = (char)(0xF0 | point >> 18);
		*out++ = (char)(0x80 | (point >> 12 & 0x3F));
		*out++ = (char)(0x80 | (point >> 6 & 0x3F));
		*out++ = (char)(0x80 | (point & 0x3F));
	}
	return out;
}

/* One escape that was found good: its value to *out, and the place after it. */
static const char *escape_value(const char *at, const char *end, char **out)
{
	static const char values[256] = {
		['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
		['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
	};
	uint32_t point;

	if (at[1] != 'u') {
		*(*out)++ = values[(unsigned char)at[1]];
		return at + 2;
	}
	point = (uint32_t)unit_at(at, end);
	at += 6;
	if (is_high_surrogate((int)point)) {
		point = 0x10000 + ((point & 0x3FF) << 10) + ((uint32_t)unit_at(at, end) & 0x3FF);
		at += 6;
	}
	*out = utf8_put(*out, point);
	return at;
}

str json_unescape(const char *document, uint64_t head, struct buf *scratch)
{
	str         raw = json_text(document, head);
	const char *at = raw.ptr, *end = raw.ptr + raw.len;
	char       *out;

	if ((json_flags(head) & JSON_ESCAPED) == 0)
		return raw;
	buf_clear(scratch);
	out = buf_room(scratch, raw.len + 1); /* a value is never longer than its escapes; one byte for the NUL */
	if (out == NULL)
		return (str){0};
	while (at < end) {
		const char *stop = memchr(at, '\\', (size_t)(end - at));
		size_t      plain = (size_t)((stop ? stop : end) - at);

		memcpy(out, at, plain);
		out += plain;
		at = stop ? escape_value(stop, end, &out) : end;
	}
	scratch->len = (size_t)(out - scratch->ptr);
	assert(scratch->len <= raw.len);
	*out = '\0';
	return buf_str(scratch);
}

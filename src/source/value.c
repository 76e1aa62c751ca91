/* Value ends by brackets and quotes. It sees every byte of a file that is not lines, so plain
 * runs of bytes are passed in two tight loops: inside strings, and between marks. */
#include "source/value_int.h"

#include <assert.h>

enum mark { MARK_NONE, MARK_BLANK, MARK_COMMA, MARK_QUOTE, MARK_OPEN, MARK_CLOSE };

static const uint8_t marks[256] = {
	[' '] = MARK_BLANK, ['\t'] = MARK_BLANK, ['\n'] = MARK_BLANK, ['\r'] = MARK_BLANK,
	[','] = MARK_COMMA, ['"'] = MARK_QUOTE,
	['{'] = MARK_OPEN,  ['['] = MARK_OPEN,   ['}'] = MARK_CLOSE,  [']'] = MARK_CLOSE,
};

static enum mark mark_of(char c)
{
	return (enum mark)marks[(unsigned char)c];
}

/* The first byte says what kind of value it is. */
static enum value_place start(struct value *v, char c)
{
	if (mark_of(c) == MARK_OPEN) {
		v->depth = 1;
		return VALUE_NESTED;
	}
	return mark_of(c) == MARK_QUOTE ? VALUE_STRING : VALUE_BARE;
}

/* To one past the quote or backslash that ends this stretch of a string. */
static size_t string_scan(struct value *v, str text, size_t at)
{
	while (at < text.len && text.ptr[at] != '"' && text.ptr[at] != '\\')
		at++;
	if (at == text.len)
		return at;
	if (text.ptr[at] == '\\')
		v->place = VALUE_ESCAPE;
	else
		v->place = VALUE_NESTED; /* depth 0: the value was this string */
	return at + 1;
}

/* To one past the next quote or bracket. */
static size_t nested_scan(struct value *v, str text, size_t at)
{
	while (at < text.len && mark_of(text.ptr[at]) <= MARK_COMMA)
		at++;
	if (at == text.len)
		return at;
	switch (mark_of(text.ptr[at])) {
	case MARK_QUOTE:
		v->place = VALUE_STRING;
		break;
	case MARK_OPEN:
		v->depth++;
		break;
	default:
		v->depth--;
	}
	return at + 1;
}

size_t value_scan(struct value *v, str text, bool *is_whole)
{
	size_t at = 0;

	*is_whole = false;
	if (text.len > 0 && v->place == VALUE_START)
		v->place = start(v, text.ptr[at++]);
	if (v->place == VALUE_BARE) {
		while (at < text.len && mark_of(text.ptr[at]) == MARK_NONE)
			at++;
		*is_whole = at < text.len;
		return at;
	}
	while (at < text.len) {
		if (v->place == VALUE_ESCAPE) {
			v->place = VALUE_STRING;
			at++;
			continue;
		}
		at = v->place == VALUE_STRING ? string_scan(v, text, at) : nested_scan(v, text, at);
		if (v->place == VALUE_NESTED && v->depth == 0) {
			*is_whole = true;
			return at;
		}
	}
	return at;
}

bool value_is_object(str text)
{
	struct value v = {0};
	bool         is_whole;

	text = str_trim(text);
	if (text.len == 0 || text.ptr[0] != '{')
		return false;
	return value_scan(&v, text, &is_whole) == text.len && is_whole;
}

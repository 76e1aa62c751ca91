#include "query/words.h"

#include <strings.h>

static bool is_name_byte(char c, bool is_first)
{
	bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
			 (unsigned char)c >= 0x80;

	return is_letter || (!is_first && ((c >= '0' && c <= '9') || c == '$'));
}

static size_t name_len(str s)
{
	size_t len = 0;

	while (len < s.len && is_name_byte(s.ptr[len], len == 0))
		len++;
	return len;
}

/* Where a comment at the start of `s` ends. Block comments nest. */
static size_t comment_len(str s, bool *is_open)
{
	size_t depth = 1, at = 2;

	if (s.ptr[0] == '-')
		return str_find(s, '\n', 0);
	for (; at < s.len && depth > 0; at++) {
		if (str_starts(str_from(s, at), STR("/*")) ||
		    str_starts(str_from(s, at), STR("*/"))) {
			depth += s.ptr[at] == '/' ? 1 : (size_t)-1;
			at++;
		}
	}
	*is_open = depth > 0;
	return at < s.len ? at : s.len;
}

static str skip_blanks(str s, bool *is_open)
{
	for (;;) {
		size_t len = 0;

		while (len < s.len &&
		       (s.ptr[len] == ' ' || (s.ptr[len] >= '\t' && s.ptr[len] <= '\r')))
			len++;
		s = str_from(s, len);
		if (!str_starts(s, STR("--")) && !str_starts(s, STR("/*")))
			return s;
		s = str_from(s, comment_len(s, is_open));
	}
}

/* Text in quotes that begins at s.ptr[0]. A doubled quote, and one behind a backslash where that
 * counts, is part of it. */
static struct word quoted(str *s, enum word_kind kind, bool has_escapes)
{
	char   quote = s->ptr[0];
	size_t at = 1;

	for (; at < s->len; at++) {
		if (has_escapes && s->ptr[at] == '\\') {
			at++;
			continue;
		}
		if (s->ptr[at] != quote)
			continue;
		if (at + 1 < s->len && s->ptr[at + 1] == quote) {
			at++;
			continue;
		}
		struct word w = {kind, str_from(str_head(*s, at), 1), false};

		*s = str_from(*s, at + 1);
		return w;
	}
	struct word w = {kind, str_from(*s, 1), true};

	*s = str_from(*s, s->len);
	return w;
}

/* $tag$ ... $tag$. false where it is none, as in $1. */
static bool dollar_quoted(str *s, struct word *out)
{
	size_t tag_len = name_len(str_from(*s, 1));
	str    tag, rest;

	/* A '$' may stand inside a name, but ends a tag. */
	tag_len = str_find(str_head(str_from(*s, 1), tag_len), '$', 0);
	tag = str_head(*s, tag_len + 2);
	if (tag.len < tag_len + 2 || tag.ptr[tag.len - 1] != '$')
		return false;
	rest = str_from(*s, tag.len);
	for (size_t at = 0; at + tag.len <= rest.len; at++) {
		if (!str_starts(str_from(rest, at), tag))
			continue;
		*out = (struct word){WORD_STRING, str_head(rest, at), false};
		*s = str_from(rest, at + tag.len);
		return true;
	}
	*out = (struct word){WORD_STRING, rest, true};
	*s = str_from(rest, rest.len);
	return true;
}

static struct word bare(str *s)
{
	size_t      len = name_len(*s);
	struct word w = {len > 0 ? WORD_NAME : WORD_OTHER, str_head(*s, len > 0 ? len : 1), false};

	/* A number takes its letters with it: the e of 1e5 names nothing. */
	if (s->ptr[0] >= '0' && s->ptr[0] <= '9')
		w.text = str_head(*s, 1 + name_len(str_from(*s, 1)));
	*s = str_from(*s, w.text.len);
	return w;
}

struct word word_next(str *left)
{
	struct word w = {.kind = WORD_END};

	*left = skip_blanks(*left, &w.is_open);
	if (left->len == 0)
		return w;
	if (left->ptr[0] == '\'')
		return quoted(left, WORD_STRING, false);
	if (left->ptr[0] == '"')
		return quoted(left, WORD_QUOTED, false);
	if (left->ptr[0] == '$' && dollar_quoted(left, &w))
		return w;
	if (left->len > 1 && (left->ptr[0] | 0x20) == 'e' && left->ptr[1] == '\'') {
		*left = str_from(*left, 1);
		return quoted(left, WORD_STRING, true);
	}
	return bare(left);
}

bool word_is(const struct word *w, const char *keyword)
{
	return w->kind == WORD_NAME && w->text.len == strlen(keyword) &&
	       strncasecmp(w->text.ptr, keyword, w->text.len) == 0;
}

bool statement_next(str *left, str *out, bool *is_ended)
{
	const char *start = NULL; /* of the first word */

	for (;;) {
		bool        is_open = false, is_semicolon;
		const char *at;
		struct word w;

		*left = skip_blanks(*left, &is_open);
		at = left->ptr;
		w = word_next(left);
		is_semicolon = w.kind == WORD_OTHER && w.text.ptr[0] == ';';
		if (start == NULL && w.kind != WORD_END && !is_semicolon)
			start = at;
		if (w.kind != WORD_END && (!is_semicolon || start == NULL))
			continue;
		if (is_ended != NULL)
			*is_ended = is_semicolon;
		*out = str_trim(str_make(start, start != NULL ? (size_t)(at - start) : 0));
		return start != NULL;
	}
}

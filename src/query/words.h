/* words.h - SQL text as DuckDB's lexer sees it: enough to find names, and where a statement
 * ends. Nothing is parsed. */
#ifndef QUERY_WORDS_H
#define QUERY_WORDS_H

#include "base/str.h"

enum word_kind {
	WORD_END,
	WORD_NAME,   /* name, keyword */
	WORD_QUOTED, /* "name" */
	WORD_STRING, /* 'text', E'text', $$text$$ */
	WORD_OTHER,  /* one byte: punctuation; or a number */
};

struct word {
	enum word_kind kind;
	str            text;    /* without its quotes; doubled quotes inside are left as they are */
	bool           is_open; /* a quote or comment that the text ends in */
};

/* The next word; blanks and comments are passed over. *left moves behind it. */
struct word word_next(str *left);
bool        word_is(const struct word *w, const char *keyword); /* a bare name, in any case */

/* The first statement, from its first word to before its ';', and *left behind that. false where
 * only blanks and comments are left. is_ended: a ';' ended it (may be NULL). */
bool statement_next(str *left, str *out, bool *is_ended);

#endif

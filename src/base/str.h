/* str.h - a borrowed run of bytes with a length.
 *
 * A str never owns what it points at: the comment at each use says who does
 * and for how long. It is not ended by NUL and may hold NUL bytes. It is the
 * only typedef of a struct in the code base.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct str {
	const char *ptr;
	size_t      len;
} str;

/* A literal as a str, usable in static initialisers too. */
#define STR(literal) ((str){"" literal, sizeof(literal) - 1})

/* printf("%.*s") in two words: printf("name " STR_FMT, STR_ARG(name)). */
#define STR_FMT    "%.*s"
#define STR_ARG(s) ((int)(s).len), (s).ptr

static inline str str_of(const char *text) /* NULL is the empty str */
{
	return (str){text, text ? strlen(text) : 0};
}

static inline str str_make(const void *ptr, size_t len)
{
	return (str){ptr, len};
}

static inline bool str_eq(str a, str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_starts(str s, str prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool str_ends(str s, str suffix)
{
	return s.len >= suffix.len &&
	       (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

/* The part from `from` to the end; empty where `from` is past it. */
static inline str str_from(str s, size_t from)
{
	return from < s.len ? (str){s.ptr + from, s.len - from} : (str){s.ptr + s.len, 0};
}

/* The first `len` bytes, or all of them. */
static inline str str_head(str s, size_t len)
{
	return (str){s.ptr, len < s.len ? len : s.len};
}

/* Order by bytes, unsigned, a prefix before what it begins: <0, 0, >0. */
int str_cmp(str a, str b);

/* Place of the first `byte` at or after `from`; s.len where there is none. */
size_t str_find(str s, char byte, size_t from);

/* Without blanks (space, tab, CR, LF) at both ends. */
str str_trim(str s);

/* Whole text as a decimal integer: false where it is not one, or too large. */
bool str_to_i64(str s, int64_t *out);

/* Edit distance, for "did you mean": capped at `ceiling`. Texts over 64 bytes are `ceiling` apart. */
unsigned str_distance(str a, str b, unsigned ceiling);

#endif

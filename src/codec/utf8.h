/* utf8.h - UTF-8 in its strict form: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef CODEC_UTF8_H
#define CODEC_UTF8_H

#include "base/str.h"

/* Offset of the first sequence that is not well formed; s.len where there is none. */
size_t utf8_check(str s);

/* Length of the well-formed sequence at the start of s: 1..4, or 0 where there is none. */
static inline size_t utf8_step(str s)
{
	const unsigned char *c = (const unsigned char *)s.ptr;

	if (s.len == 0)
		return 0;
	if (c[0] < 0x80)
		return 1;
	if (c[0] < 0xC2 || s.len < 2 || (c[1] & 0xC0) != 0x80)
		return 0;
	if (c[0] < 0xE0)
		return 2;
	if (s.len < 3 || (c[2] & 0xC0) != 0x80)
		return 0;
	if (c[0] < 0xF0)
		return (c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xED && c[1] > 0x9F) ? 0 : 3;
	if (s.len < 4 || (c[3] & 0xC0) != 0x80 || c[0] > 0xF4)
		return 0;
	return (c[0] == 0xF0 && c[1] < 0x90) || (c[0] == 0xF4 && c[1] > 0x8F) ? 0 : 4;
}

#endif

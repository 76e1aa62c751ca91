#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

enum { FIRST_SIZE = 256, DEFAULT_CEILING = 1 << 30 };

void buf_done(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){.ceiling = b->ceiling};
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->is_over = false;
}

char *buf_room(struct buf *b, size_t size)
{
	size_t ceiling = b->ceiling ? b->ceiling : DEFAULT_CEILING;
	size_t need, cap;

	if (__builtin_add_overflow(b->len, size, &need) || need > ceiling) {
		b->is_over = true;
		return NULL;
	}
	if (need > b->cap) {
		cap = b->cap ? b->cap * 2 : FIRST_SIZE;
		if (cap > ceiling)
			cap = ceiling;
		if (cap < need)
			cap = need;
		b->ptr = xrealloc(b->ptr, cap);
		b->cap = cap;
	}
	return b->ptr + b->len;
}

void buf_bytes(struct buf *b, const void *ptr, size_t len)
{
	char *room = len ? buf_room(b, len) : NULL;

	if (room != NULL) {
		memcpy(room, ptr, len);
		b->len += len;
	}
}

void buf_add(struct buf *b, str s)
{
	buf_bytes(b, s.ptr, s.len);
}

void buf_byte(struct buf *b, char c)
{
	buf_bytes(b, &c, 1);
}

void buf_fill(struct buf *b, char c, size_t count)
{
	char *room = count ? buf_room(b, count) : NULL;

	if (room != NULL) {
		memset(room, c, count);
		b->len += count;
	}
}

void buf_print(struct buf *b, const char *format, ...)
{
	va_list args;
	int     len;
	char   *room;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len <= 0)
		return;
	room = buf_room(b, (size_t)len + 1); /* vsnprintf wants room for its NUL */
	if (room == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(room, (size_t)len + 1, format, args);
	va_end(args);
	b->len += (size_t)len;
}

void buf_u32le(struct buf *b, uint32_t v)
{
	buf_bytes(b, &v, sizeof(v)); /* every machine we build for is little-endian: asserted in buf.c's test */
}

void buf_u64le(struct buf *b, uint64_t v)
{
	buf_bytes(b, &v, sizeof(v));
}

/* Length of the well-formed UTF-8 sequence at s, 0 where there is none. */
static size_t utf8_step(str s)
{
	unsigned char c = (unsigned char)s.ptr[0];
	size_t        len = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
	unsigned char second = s.len > 1 ? (unsigned char)s.ptr[1] : 0;

	if (len == 0 || len > s.len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if (((unsigned char)s.ptr[i] & 0xC0) != 0x80)
			return 0;
	if ((c == 0xE0 && second < 0xA0) || (c == 0xED && second > 0x9F) ||
	    (c == 0xF0 && second < 0x90) || (c == 0xF4 && second > 0x8F))
		return 0;
	return len;
}

static void json_char(struct buf *b, unsigned char c)
{
	static const char shorts[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
	};

	if (c == '"' || c == '\\')
		buf_print(b, "\\%c", c);
	else if (c < sizeof(shorts) && shorts[c] != 0)
		buf_print(b, "\\%c", shorts[c]);
	else if (c < 0x20 || c == 0x7F)
		buf_print(b, "\\u%04x", c);
	else
		buf_byte(b, (char)c);
}

void buf_json(struct buf *b, str s)
{
	buf_byte(b, '"');
	while (s.len > 0) {
		size_t step = utf8_step(s);

		if (step > 1)
			buf_bytes(b, s.ptr, step);
		else if (step == 1)
			json_char(b, (unsigned char)s.ptr[0]);
		else
			buf_add(b, STR("\\ufffd"));
		s = str_from(s, step ? step : 1);
	}
	buf_byte(b, '"');
}

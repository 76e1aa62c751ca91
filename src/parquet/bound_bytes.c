/* Telling bounds: a prefix of the least text is never above it; a prefix of the
 * greatest is raised by one in its last place to be above all it begins. */
#include <assert.h>

#include "parquet/bounds_int.h"
#include "parquet/plain_int.h"

enum { POINT_MAX = 0x10FFFF, SURROGATE_FIRST = 0xD800, SURROGATE_END = 0xE000, POINT_BYTES = 4 };

static bool is_continuation(char c)
{
	return ((uint8_t)c & 0xC0) == 0x80;
}

/* The longest prefix within the cut. */
static str prefix_within(str s, bool is_utf8, struct cut cut)
{
	uint32_t points = 0;
	size_t   end = 0;

	if (!is_utf8) {
		size_t most = cut.points ? cut.points : cut.bytes;

		return most ? str_head(s, most) : s;
	}
	for (size_t at = 0; at <= s.len; at++) {
		if (at < s.len && is_continuation(s.ptr[at]))
			continue;
		if ((cut.points && points > cut.points) || (cut.bytes && at > cut.bytes))
			break;
		end = at;
		points++;
	}
	return str_head(s, end);
}

/* Code point of the whole sequence s. A malformed one is as good as the greatest: it is dropped, not raised. */
static uint32_t point_of(str s)
{
	static const struct {
		uint8_t  lead, bits; /* of the first byte */
		uint32_t least;      /* below it the sequence is longer than it has to be */
	} shapes[] = {
		{0, 0, 0}, {0x00, 0x7F, 0}, {0xC0, 0x1F, 0x80}, {0xE0, 0x0F, 0x800}, {0xF0, 0x07, 0x10000},
	};
	uint8_t  first = (uint8_t)s.ptr[0];
	uint32_t point;

	if (s.len > POINT_BYTES || (first & ~shapes[s.len].bits) != shapes[s.len].lead)
		return POINT_MAX;
	point = first & shapes[s.len].bits;
	for (size_t i = 1; i < s.len; i++)
		point = point << 6 | ((uint8_t)s.ptr[i] & 0x3F);
	return point < shapes[s.len].least ? POINT_MAX : point;
}

static void point_add(struct buf *out, uint32_t point)
{
	if (point < 0x80) {
		buf_byte(out, (char)point);
		return;
	}
	if (point < 0x800) {
		buf_byte(out, (char)(0xC0 | point >> 6));
	} else {
		if (point < 0x10000) {
			buf_byte(out, (char)(0xE0 | point >> 12));
		} else {
			buf_byte(out, (char)(0xF0 | point >> 18));
			buf_byte(out, (char)(0x80 | (point >> 12 & 0x3F)));
		}
		buf_byte(out, (char)(0x80 | (point >> 6 & 0x3F)));
	}
	buf_byte(out, (char)(0x80 | (point & 0x3F)));
}

/* `s` with its last code point raised, or that of a shorter prefix. */
static bool raise_utf8(str s, struct buf *out)
{
	while (s.len > 0) {
		size_t   start = s.len - 1;
		uint32_t point;

		while (start > 0 && is_continuation(s.ptr[start]))
			start--;
		point = point_of(str_from(s, start));
		s.len = start;
		if (point >= POINT_MAX)
			continue;
		point++;
		if (point == SURROGATE_FIRST)
			point = SURROGATE_END;
		buf_add(out, s);
		point_add(out, point);
		return true;
	}
	return false;
}

static bool raise_bytes(str s, struct buf *out)
{
	while (s.len > 0 && (uint8_t)s.ptr[s.len - 1] == UINT8_MAX)
		s.len--;
	if (s.len == 0)
		return false;
	s.len--;
	buf_add(out, s);
	buf_byte(out, (char)((uint8_t)s.ptr[s.len] + 1));
	return true;
}

static bool text_bytes(enum type t, str s, bool is_upper, struct cut cut, struct buf *room, str *out,
                       bool *is_exact)
{
	str head = prefix_within(s, t == TYPE_STRING, cut);

	*is_exact = head.len == s.len;
	*out = head;
	if (*is_exact || !is_upper)
		return true;
	if (!(t == TYPE_STRING ? raise_utf8(head, room) : raise_bytes(head, room)))
		return false;
	*out = buf_str(room);
	return true;
}

bool bound_bytes(enum type t, const union bound *b, bool is_upper, struct cut cut, struct buf *room, str *out,
                 bool *is_exact)
{
	double real;

	buf_clear(room);
	if (type_is_text(t))
		return text_bytes(t, b->bytes, is_upper, cut, room, out, is_exact);
	*is_exact = true;
	if (t == TYPE_UUID) {
		*out = b->bytes;
		return true;
	}
	if (t == TYPE_DOUBLE) {
		/* Which of the two zeros was met is not known: the outer one is right for both. */
		real = b->real == 0 ? (is_upper ? 0.0 : -0.0) : b->real;
		buf_bytes(room, &real, sizeof(real));
	} else {
		buf_bytes(room, &b->whole, (plain_bits(t) + 7) / 8);
	}
	*out = buf_str(room);
	return true;
}

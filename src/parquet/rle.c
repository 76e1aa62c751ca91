/* A run is repeated where that is shorter than packing it; a packed run is only
 * broken at a whole group of 8, so that only the last one is ever padded. */
#include "parquet/rle_int.h"

#include <assert.h>

enum {
	GROUP = 8,
	SLACK = 8,        /* pack_group stores whole words */
	NARROW = 2,       /* widths up to this pack a group into so few bytes */
	NARROW_RUN = 32,  /* that shorter runs are not worth a head of their own */
	PACKED_MAX = 1 << 26, /* groups in one run: its head stays a small varint for every reader */
	VARINT_MAX = 10,
};

unsigned rle_width(uint32_t max)
{
	return max ? 32 - (unsigned)__builtin_clz(max) : 0;
}

static void varint(struct buf *out, uint64_t v)
{
	char   bytes[VARINT_MAX];
	size_t len = 0;

	for (; v >= 0x80; v >>= 7)
		bytes[len++] = (char)(v | 0x80);
	bytes[len++] = (char)v;
	buf_bytes(out, bytes, len);
}

void rle_repeat(uint32_t value, size_t count, unsigned width, struct buf *out)
{
	assert(count > 0 && count < INT32_MAX);
	varint(out, (uint64_t)count << 1);
	buf_bytes(out, &value, (width + 7) / 8);
}

/* Values are bytes or words of four; everything below is compiled once for each. */
#define EACH_SIZE static inline __attribute__((always_inline))

EACH_SIZE uint32_t value_at(const void *values, size_t size, size_t i)
{
	return size == 1 ? ((const uint8_t *)values)[i] : ((const uint32_t *)values)[i];
}

/* Eight values into `width` bytes, and some zero bytes after them. */
EACH_SIZE void pack_group(const void *values, size_t size, size_t at, unsigned width, char *to)
{
	uint64_t word = 0;
	unsigned bits = 0;

	if (width <= 8) {
		for (unsigned i = 0; i < GROUP; i++)
			word |= (uint64_t)value_at(values, size, at + i) << (i * width);
		memcpy(to, &word, sizeof(word));
		return;
	}
	for (unsigned i = 0; i < GROUP; i++) {
		word |= (uint64_t)value_at(values, size, at + i) << bits;
		bits += width;
		if (bits >= 32) {
			memcpy(to, &word, 4);
			to += 4;
			word >>= 32;
			bits -= 32;
		}
	}
	memcpy(to, &word, 4);
}

EACH_SIZE void packed(const void *values, size_t size, size_t from, size_t count, unsigned width,
                      struct buf *out)
{
	size_t   whole = count / GROUP, groups = (count + GROUP - 1) / GROUP;
	uint32_t last[GROUP] = {0};
	char    *to;

	assert(groups <= PACKED_MAX);
	if (groups == 0)
		return;
	varint(out, (uint64_t)groups << 1 | 1);
	to = buf_room(out, groups * width + SLACK);
	if (to == NULL)
		return;
	for (size_t g = 0; g < whole; g++)
		pack_group(values, size, from + g * GROUP, width, to + g * width);
	if (groups > whole) {
		for (size_t i = 0; i < count - whole * GROUP; i++)
			last[i] = value_at(values, size, from + whole * GROUP + i);
		pack_group(last, sizeof(*last), 0, width, to + whole * width);
	}
	out->len += groups * width;
}

EACH_SIZE bool group_is_equal(const void *values, size_t size, size_t at)
{
	uint32_t first = value_at(values, size, at), differ = 0;

	for (unsigned i = 1; i < GROUP; i++)
		differ |= value_at(values, size, at + i) ^ first;
	return differ == 0;
}

/* Where a run that is at `at` has at least come to. Levels are mostly one long run. */
static inline size_t bytes_run(const uint8_t *bytes, size_t at, size_t count)
{
	const uint64_t same = bytes[at] * 0x0101010101010101u;
	uint64_t       word;

	for (; at + sizeof(word) <= count; at += sizeof(word)) {
		memcpy(&word, bytes + at, sizeof(word));
		if (word != same)
			break;
	}
	return at;
}

static inline size_t words_run(const uint32_t *words, size_t at, size_t count)
{
	uint32_t first = words[at++];

	while (at + GROUP <= count && words[at] == first && group_is_equal(words, sizeof(*words), at))
		at += GROUP;
	return at;
}

EACH_SIZE size_t run_length(const void *values, size_t size, size_t at, size_t count)
{
	uint32_t first = value_at(values, size, at);
	size_t   end = size == 1 ? bytes_run(values, at, count) : words_run(values, at, count);

	while (end < count && value_at(values, size, end) == first)
		end++;
	return end - at;
}

EACH_SIZE void encode(const void *values, size_t size, size_t count, unsigned width, struct buf *out)
{
	size_t enough = width <= NARROW ? NARROW_RUN : GROUP;
	size_t from = 0, at = 0, run; /* [from, at): whole groups waiting to be packed */

	assert(width > 0 && width <= 32);
	while (at < count) {
		if (count - at >= GROUP && !group_is_equal(values, size, at)) {
			at += GROUP;
			continue;
		}
		run = run_length(values, size, at, count);
		if (run >= enough || at + run == count) {
			packed(values, size, from, at - from, width, out);
			rle_repeat(value_at(values, size, at), run, width, out);
			from = at += run;
		} else if (run >= GROUP) {
			at += run - run % GROUP;
		} else {
			at = count; /* under a group left, and mixed */
		}
	}
	packed(values, size, from, count - from, width, out);
}

void rle_encode(const uint32_t *values, size_t count, unsigned width, struct buf *out)
{
	encode(values, sizeof(*values), count, width, out);
}

void rle_encode_bytes(const uint8_t *values, size_t count, unsigned width, struct buf *out)
{
	encode(values, sizeof(*values), count, width, out);
}

/* segment_read.c - a raw segment, believed only where it proves itself.
 *
 * The index and each block have a checksum of their own; behind one that is right stand our own bytes, and every
 * length is held against what is there all the same: a fault is ERR_CORRUPT, never a read outside.
 */
#include <inttypes.h>

#include "codec/inflate.h"
#include "lake/segment.h"
#include "lake/segment_int.h"

/* What is left of a block; `is_bad` once something did not fit. */
struct cursor {
	str  rest;
	bool is_bad;
};

static uint64_t get_fixed(struct cursor *c, size_t size)
{
	uint64_t v = 0;

	if (c->rest.len < size) {
		c->is_bad = true;
		return 0;
	}
	for (size_t i = size; i-- > 0;)
		v = v << 8 | (uint8_t)c->rest.ptr[i];
	c->rest = str_from(c->rest, size);
	return v;
}

static uint64_t get_varint(struct cursor *c)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint64_t byte = get_fixed(c, 1);

		v |= (byte & 0x7F) << shift;
		if (byte < 0x80)
			return v;
	}
	c->is_bad = true;
	return 0;
}

static str get_str(struct cursor *c)
{
	uint64_t len = get_varint(c);
	str      s;

	if (len > c->rest.len) {
		c->is_bad = true;
		return (str){0};
	}
	s = str_head(c->rest, (size_t)len);
	c->rest = str_from(c->rest, (size_t)len);
	return s;
}

/* A count of things that take at least a byte each. */
static size_t get_count(struct cursor *c)
{
	uint64_t count = get_varint(c);

	if (count > c->rest.len) {
		c->is_bad = true;
		return 0;
	}
	return (size_t)count;
}

static int corrupt(const struct segment *s, const char *what, struct err *e)
{
	return err_set(e, ERR_CORRUPT, STR_FMT ": %s", STR_ARG(s->key), what);
}

static int read_index(struct segment *s, str index, uint64_t at, struct err *e)
{
	struct cursor c = {.rest = index};
	uint64_t      next = SEGMENT_MAGIC_BYTES;

	if (index.len % SEGMENT_ROW_BYTES != 0)
		return corrupt(s, "its index is not made of whole rows", e);
	while (c.rest.len > 0) {
		struct segment_place p = {.at = get_fixed(&c, 8)};

		p.packed = (uint32_t)get_fixed(&c, 4);
		p.plain = (uint32_t)get_fixed(&c, 4);
		p.records = (uint32_t)get_fixed(&c, 4);
		p.rows = (uint32_t)get_fixed(&c, 4);
		p.hash = get_fixed(&c, 8);
		if (p.at != next || p.plain > SEGMENT_BLOCK_MOST)
			return corrupt(s, "its index does not fit its blocks", e);
		next += p.packed;
		*VEC_ADD(&s->blocks) = p;
	}
	return next == at ? 0 : corrupt(s, "its index does not fit its blocks", e);
}

/* So many bytes of the segment; *out lies in it, or in `scratch`. */
static int read_bytes(const struct segment *s, uint64_t at, uint64_t size, struct buf *scratch, str *out, struct err *e)
{
	if (s->whole.len > 0) {
		*out = str_head(str_from(buf_str(&s->whole), at), size);
		return 0;
	}
	TRY(store_get(s->lake->store, s->key, at, size, scratch, e));
	*out = buf_str(scratch);
	return 0;
}

/* Its end says where its index lies. */
static int open_index(struct segment *s, uint64_t bytes, struct err *e)
{
	AUTO(buf)     tail = BUF(SEGMENT_TAIL_BYTES), scratch = BUF(0);
	struct cursor c = {0};
	uint64_t      at, hash;
	str           index;

	if (bytes < SEGMENT_MAGIC_BYTES + SEGMENT_TAIL_BYTES)
		return corrupt(s, "it is too short to be a raw segment", e);
	TRY(read_bytes(s, bytes - SEGMENT_TAIL_BYTES, SEGMENT_TAIL_BYTES, &tail, &c.rest, e));
	at = get_fixed(&c, 8);
	hash = get_fixed(&c, 8);
	if (c.is_bad || !str_eq(c.rest, STR(SEGMENT_MAGIC)) || at < SEGMENT_MAGIC_BYTES ||
	    at >= bytes - SEGMENT_TAIL_BYTES)
		return corrupt(s, "it does not end as a raw segment", e);
	TRY(read_bytes(s, at, bytes - SEGMENT_TAIL_BYTES - at, &scratch, &index, e));
	if (index.len != bytes - SEGMENT_TAIL_BYTES - at || hash_bytes(index.ptr, index.len, 0) != hash)
		return corrupt(s, "its index is not what was written: checksum", e);
	return read_index(s, index, at, e);
}

int segment_open(struct lake *l, str key, uint64_t bytes, struct segment *out, struct err *e)
{
	AUTO(segment) s = {.lake = l};

	s.key = arena_str(&s.arena, key);
	TRY(open_index(&s, bytes, e));
	*out = s;
	s = (struct segment){0};
	return 0;
}

int segment_load(struct lake *l, str key, uint64_t bytes, str checksum, struct segment *out, struct err *e)
{
	AUTO(segment) s = {.lake = l};
	char          hex[33];

	s.key = arena_str(&s.arena, key);
	TRY(store_get(l->store, key, 0, 0, &s.whole, e));
	lake_checksum(buf_str(&s.whole), hex);
	if (s.whole.len != bytes || !str_eq(str_of(hex), checksum))
		return corrupt(&s, "it is not the raw segment that the journal means: checksum", e);
	TRY(open_index(&s, bytes, e));
	*out = s;
	s = (struct segment){0};
	return 0;
}

void segment_done(struct segment *s)
{
	VEC_DONE(&s->blocks);
	buf_done(&s->whole);
	arena_done(&s->arena);
}

void segment_block_done(struct segment_block *b)
{
	VEC_DONE(&b->records);
	buf_done(&b->packed);
	buf_done(&b->plain);
	arena_done(&b->arena);
}

static void read_parts(struct cursor *c, struct segment_block *out)
{
	out->part_count = get_count(c);
	out->parts = ARENA_ARRAY(&out->arena, struct segment_part, out->part_count);
	for (size_t i = 0; i < out->part_count && !c->is_bad; i++) {
		out->parts[i].key = get_str(c);
		out->parts[i].label = get_str(c);
	}
}

static str *read_words(struct cursor *c, struct arena *a, size_t *count)
{
	str *words;

	*count = get_count(c);
	words = ARENA_ARRAY(a, str, *count);
	for (size_t i = 0; i < *count && !c->is_bad; i++)
		words[i] = get_str(c);
	return words;
}

static void read_record(struct cursor *c, const struct segment_block *b, const str *words, size_t word_count,
                        struct segment_record *out)
{
	unsigned head = (unsigned)get_fixed(c, 1);
	uint64_t word = get_varint(c), part = get_varint(c);

	c->is_bad |= word >= word_count || part >= b->part_count || head >= SEGMENT_HEAD << 1;
	if (c->is_bad)
		return;
	*out = (struct segment_record){
		.verdict = (enum verdict)(head & 3),
		.fault = (uint8_t)(head >> 2 & ((1u << SEGMENT_FAULT_BITS) - 1)),
		.word = words[word],
		.part = (uint32_t)part,
	};
	out->offset = get_varint(c);
	out->text = get_str(c);
	out->raw = head & SEGMENT_OTHER ? get_str(c) : out->text;
	out->whole_len = head & SEGMENT_HEAD ? get_varint(c) : out->raw.len;
	if (head & SEGMENT_HEAD)
		out->sha256 = get_str(c);
	c->is_bad |= (out->verdict == VERDICT_ROW || out->verdict == VERDICT_QUARANTINE) != (out->word.len > 0);
}

static int read_block(const struct segment *s, const struct segment_place *p, struct segment_block *out, struct err *e)
{
	struct cursor c = {.rest = buf_str(&out->plain)};
	size_t        word_count, count;
	str          *words;

	out->taken_us = (int64_t)get_fixed(&c, 8);
	out->is_text_typed = get_fixed(&c, 1) != 0;
	read_parts(&c, out);
	words = read_words(&c, &out->arena, &word_count);
	count = get_count(&c);
	if (c.is_bad || count != p->records)
		return corrupt(s, "a block does not hold what its index says", e);
	out->records.count = 0;
	VEC_ROOM(&out->records, count);
	for (size_t i = 0; i < count && !c.is_bad; i++)
		read_record(&c, out, words, word_count, VEC_ADD(&out->records));
	return c.is_bad || c.rest.len > 0 ? corrupt(s, "a block does not hold what its index says", e) : 0;
}

int segment_read(const struct segment *s, size_t index, struct segment_block *out, struct err *e)
{
	const struct segment_place *p = &s->blocks.at[index];
	str                         packed;

	arena_reset(&out->arena);
	buf_clear(&out->packed);
	buf_clear(&out->plain);
	TRY(read_bytes(s, p->at, p->packed, &out->packed, &packed, e));
	if (packed.len != p->packed || hash_bytes(packed.ptr, packed.len, 0) != p->hash)
		return corrupt(s, "a block is not what was written: checksum", e);
	if (zstd_unpack(packed, p->plain, &out->plain, e) < 0)
		return err_add(e, STR_FMT, STR_ARG(s->key));
	return read_block(s, p, out, e);
}

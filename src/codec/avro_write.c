/* Avro containers, the writing half. Objects gather in a block; a full block is packed and goes
 * out with its count. */
#include "codec/avro.h"

#include <assert.h>

#include "base/hash.h"
#include "codec/inflate.h"

enum { BLOCK_BYTES = 64 << 10, BLOCK_CEILING = 1 << 30 };

void avro_put_long(struct buf *b, int64_t v)
{
	uint64_t zigzag = ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
	char     bytes[10];
	size_t   len = 0;

	while (zigzag >= 0x80) {
		bytes[len++] = (char)(zigzag | 0x80);
		zigzag >>= 7;
	}
	bytes[len++] = (char)zigzag;
	buf_bytes(b, bytes, len);
}

void avro_put_bool(struct buf *b, bool v)
{
	buf_byte(b, v ? 1 : 0);
}

void avro_put_str(struct buf *b, str s)
{
	avro_put_long(b, (int64_t)s.len);
	buf_add(b, s);
}

void avro_put_none(struct buf *b)
{
	avro_put_long(b, 0);
}

void avro_put_some(struct buf *b)
{
	avro_put_long(b, 1);
}

void avro_begin(struct avro_writer *w, const struct avro_pair *pairs, size_t count,
                enum avro_codec codec, struct buf *out)
{
	size_t         start = out->len;
	struct hash128 mark;

	*w = (struct avro_writer){.out = out, .block = BUF(BLOCK_CEILING), .codec = codec};
	buf_add(out, STR("Obj\x01"));
	avro_put_long(out, (int64_t)count + 1);
	for (size_t i = 0; i < count; i++) {
		avro_put_str(out, pairs[i].key);
		avro_put_str(out, pairs[i].value);
	}
	avro_put_str(out, STR("avro.codec"));
	avro_put_str(out, codec == AVRO_DEFLATE ? STR("deflate") : STR("null"));
	avro_put_long(out, 0);
	mark = hash_bytes128(out->ptr + start, out->len - start, 0);
	static_assert(sizeof(mark) == sizeof(w->sync), "the marker is one hash");
	memcpy(w->sync, &mark, sizeof(mark));
	buf_bytes(out, w->sync, sizeof(w->sync));
}

static void block_flush(struct avro_writer *w)
{
	AUTO(buf) packed = BUF(BLOCK_CEILING);
	str bytes = buf_str(&w->block);

	if (w->count == 0 || w->failed < 0)
		return;
	if (buf_over(&w->block)) {
		w->failed = err_set(&w->why, ERR_LIMIT, "an Avro object is over %d bytes",
		                    BLOCK_CEILING);
		return;
	}
	if (w->codec == AVRO_DEFLATE) {
		w->failed = deflate_pack(bytes, &packed, &w->why);
		bytes = buf_str(&packed);
	}
	avro_put_long(w->out, w->count);
	avro_put_str(w->out, bytes);
	buf_bytes(w->out, w->sync, sizeof(w->sync));
	buf_clear(&w->block);
	w->count = 0;
}

struct buf *avro_object(struct avro_writer *w)
{
	if (w->block.len >= BLOCK_BYTES)
		block_flush(w);
	w->count++;
	return &w->block;
}

int avro_end(struct avro_writer *w, struct err *e)
{
	block_flush(w);
	if (w->failed < 0)
		return err_set(e, (enum err_class)w->failed, "%s", w->why.text);
	if (buf_over(w->out))
		return err_set(e, ERR_LIMIT, "an Avro file is over %zu bytes", w->out->ceiling);
	return 0;
}

void avro_writer_done(struct avro_writer *w)
{
	buf_done(&w->block);
}

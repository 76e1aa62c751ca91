/* Writing Thrift's compact protocol. */
#include "codec/thrift.h"

#include <assert.h>

enum { VARINT_MAX = 10 };

static void varint(struct buf *to, uint64_t v)
{
	char   bytes[VARINT_MAX];
	size_t len = 0;

	for (; v >= 0x80; v >>= 7)
		bytes[len++] = (char)(v | 0x80);
	bytes[len++] = (char)v;
	buf_bytes(to, bytes, len);
}

static void zigzag(struct buf *to, int64_t v)
{
	varint(to, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

static void head(struct thrift_out *t, int id, enum thrift_type type)
{
	int step = id - t->last[t->depth];

	assert(step > 0);
	if (step < 16) {
		buf_byte(t->to, (char)(step << 4 | (int)type));
	} else {
		buf_byte(t->to, (char)type);
		zigzag(t->to, id);
	}
	t->last[t->depth] = id;
}

static void open_struct(struct thrift_out *t)
{
	t->depth++;
	assert(t->depth < THRIFT_DEPTH);
	t->last[t->depth] = 0;
}

void thrift_bool(struct thrift_out *t, int id, bool v)
{
	head(t, id, v ? THRIFT_TRUE : THRIFT_FALSE);
}

void thrift_i16(struct thrift_out *t, int id, int16_t v)
{
	head(t, id, THRIFT_I16);
	zigzag(t->to, v);
}

void thrift_i32(struct thrift_out *t, int id, int32_t v)
{
	head(t, id, THRIFT_I32);
	zigzag(t->to, v);
}

void thrift_i64(struct thrift_out *t, int id, int64_t v)
{
	head(t, id, THRIFT_I64);
	zigzag(t->to, v);
}

void thrift_binary(struct thrift_out *t, int id, str v)
{
	head(t, id, THRIFT_BINARY);
	thrift_item_binary(t, v);
}

void thrift_struct(struct thrift_out *t, int id)
{
	head(t, id, THRIFT_STRUCT);
	open_struct(t);
}

void thrift_list(struct thrift_out *t, int id, enum thrift_type items, size_t count)
{
	head(t, id, THRIFT_LIST);
	if (count < 15) {
		buf_byte(t->to, (char)(count << 4 | items));
	} else {
		buf_byte(t->to, (char)(0xF0 | items));
		varint(t->to, count);
	}
}

void thrift_end(struct thrift_out *t)
{
	buf_byte(t->to, THRIFT_STOP);
	if (t->depth > 0)
		t->depth--;
}

void thrift_item_bool(struct thrift_out *t, bool v)
{
	buf_byte(t->to, v ? THRIFT_TRUE : THRIFT_FALSE);
}

void thrift_item_int(struct thrift_out *t, int64_t v)
{
	zigzag(t->to, v);
}

void thrift_item_binary(struct thrift_out *t, str v)
{
	varint(t->to, v.len);
	buf_add(t->to, v);
}

void thrift_item_struct(struct thrift_out *t)
{
	open_struct(t);
}

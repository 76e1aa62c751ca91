/* Gathering is where a permuted file's time goes beside compression, so each
 * shape has a loop of its own with nothing in it but loads and stores. */
#include "parquet/plain_int.h"

#include <assert.h>

unsigned plain_bits(enum type t)
{
	switch (t) {
	case TYPE_BOOL:
		return 1;
	case TYPE_INT:
	case TYPE_DATE:
		return 32;
	case TYPE_LONG:
	case TYPE_TIMESTAMPTZ:
	case TYPE_DOUBLE:
		return 64;
	case TYPE_UUID:
		return 128;
	case TYPE_STRING:
	case TYPE_BINARY:
	case TYPE_STRUCT:
	case TYPE_LIST:
		break;
	}
	return 0;
}

static void bools(const uint8_t *at, struct picks p, char *to)
{
	memset(to, 0, (p.count + 7) / 8);
	for (uint32_t i = 0; i < p.count; i++)
		to[i / 8] = (char)(to[i / 8] | at[pick(p, i)] << (i % 8));
}

static void words4(const int64_t *at, struct picks p, char *to)
{
	for (uint32_t i = 0; i < p.count; i++) {
		int32_t v = (int32_t)at[pick(p, i)];

		assert(v == at[pick(p, i)]);
		memcpy(to + (size_t)i * sizeof(v), &v, sizeof(v));
	}
}

static void words8(const int64_t *at, struct picks p, char *to)
{
	if (p.at == NULL) {
		memcpy(to, at + p.first, (size_t)p.count * sizeof(*at));
		return;
	}
	for (uint32_t i = 0; i < p.count; i++)
		memcpy(to + (size_t)i * sizeof(*at), &at[p.at[i]], sizeof(*at));
}

static void uuids(const uint8_t *at, struct picks p, char *to)
{
	if (p.at == NULL) {
		memcpy(to, at + (size_t)p.first * 16, (size_t)p.count * 16);
		return;
	}
	for (uint32_t i = 0; i < p.count; i++)
		memcpy(to + (size_t)i * 16, at + (size_t)p.at[i] * 16, 16);
}

static void texts(const struct strings *s, struct picks p, struct buf *out)
{
	size_t   size = 0;
	char    *to;
	uint32_t len;

	for (uint32_t i = 0; i < p.count; i++)
		size += sizeof(len) + strings_value(s, pick(p, i)).len;
	to = buf_room(out, size + STRINGS_SLACK);
	if (to == NULL)
		return;
	for (uint32_t i = 0; i < p.count; i++) {
		str v = strings_value(s, pick(p, i));

		len = (uint32_t)v.len;
		memcpy(to, &len, sizeof(len));
		to += sizeof(len);
		if (len <= STRINGS_SLACK) /* both sides have that much room past the value */
			memcpy(to, v.ptr, STRINGS_SLACK);
		else
			memcpy(to, v.ptr, len);
		to += len;
	}
	out->len += size;
}

void plain_write(const struct col *col, struct picks values, struct buf *out)
{
	size_t size = ((size_t)values.count * plain_bits(col->type) + 7) / 8;
	char  *to;

	if (values.count == 0)
		return;
	if (type_is_text(col->type)) {
		texts(&col->strings, values, out);
		return;
	}
	to = buf_room(out, size);
	if (to == NULL)
		return;
	if (col->type == TYPE_BOOL)
		bools(col->bools, values, to);
	else if (plain_bits(col->type) == 32)
		words4(col->longs, values, to);
	else if (plain_bits(col->type) == 64)
		words8(col->longs, values, to);
	else
		uuids(col->uuids, values, to);
	out->len += size;
}

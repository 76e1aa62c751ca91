/* value_scalar.c - everything that is not nested, as bare text. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/number.h"
#include "query/value_int.h"
#include "query/value_time.h"

str scalar_bytes(const void *data, uint64_t row)
{
	const struct duck_string *s = &((const struct duck_string *)data)[row];

	const char               *ptr;

	if (s->len <= sizeof(s->inlined))
		return str_make(s->inlined, s->len);
	memcpy(&ptr, s->inlined + 4, sizeof(ptr));
	return str_make(ptr, s->len);
}

static __int128 whole_at(enum duck_type_id id, const void *data, uint64_t row)
{
	switch (id) {
	case DUCK_TINYINT:
		return ((const int8_t *)data)[row];
	case DUCK_SMALLINT:
		return ((const int16_t *)data)[row];
	case DUCK_INTEGER:
		return ((const int32_t *)data)[row];
	case DUCK_BIGINT:
		return ((const int64_t *)data)[row];
	case DUCK_UTINYINT:
		return ((const uint8_t *)data)[row];
	case DUCK_USMALLINT:
		return ((const uint16_t *)data)[row];
	case DUCK_UINTEGER:
		return ((const uint32_t *)data)[row];
	case DUCK_UBIGINT:
		return ((const uint64_t *)data)[row];
	default:
		break;
	}
	__int128 wide;

	assert(id == DUCK_HUGEINT);
	memcpy(&wide, (const char *)data + row * sizeof(wide), sizeof(wide));
	return wide;
}

uint64_t scalar_index(enum duck_type_id id, const void *data, uint64_t row)
{
	return (uint64_t)whole_at(id, data, row);
}

/* Digits with a point before the last `scale` of them. */
static void digits_text(bool is_negative, unsigned __int128 size, unsigned scale, struct buf *out)
{
	char  text[64];
	char *at = text + sizeof(text);

	for (unsigned place = 0; size != 0 || place <= scale; place++) {
		if (place == scale && scale > 0)
			*--at = '.';
		*--at = (char)('0' + (int)(size % 10));
		size /= 10;
	}
	if (is_negative)
		*--at = '-';
	buf_bytes(out, at, (size_t)(text + sizeof(text) - at));
}

static void whole_text(__int128 v, unsigned scale, struct buf *out)
{
	digits_text(v < 0, v < 0 ? 0 - (unsigned __int128)v : (unsigned __int128)v, scale, out);
}

static void real_text(double v, bool is_single, struct buf *out)
{
	char text[NUMBER_TEXT];

	if (isnan(v) || isinf(v)) {
		buf_add(out, isnan(v) ? STR("NaN") : v > 0 ? STR("Infinity") : STR("-Infinity"));
		return;
	}
	if (!is_single) {
		buf_bytes(out, text, number_from_double(v, text));
		return;
	}
	for (int digits = 6; digits <= 9; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtof(text, NULL) == (float)v)
			break;
	}
	buf_print(out, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

static void uuid_text(const void *data, uint64_t row, struct buf *out)
{
	uint64_t halves[2]; /* low, high */

	memcpy(halves, (const char *)data + row * sizeof(halves), sizeof(halves));
	halves[1] ^= UINT64_C(1) << 63;
	buf_print(out, "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
	          halves[1] >> 32, halves[1] >> 16 & 0xFFFF, halves[1] & 0xFFFF, halves[0] >> 48,
	          halves[0] & 0xFFFFFFFFFFFF);
}

static void hex_text(str bytes, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.len; i++) {
		buf_byte(out, digits[(uint8_t)bytes.ptr[i] >> 4]);
		buf_byte(out, digits[(uint8_t)bytes.ptr[i] & 15]);
	}
}

static void bits_text(str bits, struct buf *out)
{
	size_t padding = bits.len > 0 ? (uint8_t)bits.ptr[0] : 0;

	for (size_t i = 8 + padding; i < bits.len * 8; i++)
		buf_byte(out, (uint8_t)bits.ptr[i / 8] >> (7 - i % 8) & 1 ? '1' : '0');
}

void scalar_text(const struct value_type *t, const void *data, uint64_t row, struct buf *out)
{
	const int64_t *longs = data;

	switch (t->id) {
	case DUCK_BOOLEAN:
		buf_add(out, ((const uint8_t *)data)[row] ? STR("true") : STR("false"));
		break;
	case DUCK_FLOAT:
		real_text((double)((const float *)data)[row], true, out);
		break;
	case DUCK_DOUBLE:
		real_text(((const double *)data)[row], false, out);
		break;
	case DUCK_VARCHAR:
		buf_add(out, scalar_bytes(data, row));
		break;
	case DUCK_BLOB:
		hex_text(scalar_bytes(data, row), out);
		break;
	case DUCK_BIT:
		bits_text(scalar_bytes(data, row), out);
		break;
	case DUCK_UUID:
		uuid_text(data, row, out);
		break;
	case DUCK_DECIMAL:
		whole_text(whole_at(t->internal, data, row), t->scale, out);
		break;
	case DUCK_ENUM:
		buf_add(out, t->names[scalar_index(t->internal, data, row)]);
		break;
	case DUCK_UHUGEINT:
		digits_text(false, (unsigned __int128)whole_at(DUCK_HUGEINT, data, row), 0, out);
		break;
	case DUCK_DATE:
		date_text(((const int32_t *)data)[row], out);
		break;
	case DUCK_TIME:
		clock_text(longs[row], 1000000, out);
		break;
	case DUCK_TIME_NS:
		clock_text(longs[row], 1000000000, out);
		break;
	case DUCK_TIME_TZ:
		zoned_clock_text((uint64_t)longs[row], out);
		break;
	case DUCK_TIMESTAMP:
	case DUCK_TIMESTAMP_TZ:
		instant_text(longs[row], 1000000, t->id == DUCK_TIMESTAMP_TZ, out);
		break;
	case DUCK_TIMESTAMP_S:
		instant_text(longs[row], 1, false, out);
		break;
	case DUCK_TIMESTAMP_MS:
		instant_text(longs[row], 1000, false, out);
		break;
	case DUCK_TIMESTAMP_NS:
		instant_text(longs[row], 1000000000, false, out);
		break;
	case DUCK_INTERVAL:
		interval_text(&((const struct duck_interval *)data)[row], out);
		break;
	default:
		whole_text(whole_at(t->id, data, row), 0, out);
	}
}

/* ids.c - bytes as hexadecimal text, and UUIDs.
 *
 * UUIDs are read for every event whose id is one, so a byte costs two table look-ups and no
 * branch that data decides until the end.
 */
#include "codec/sha256.h"

enum { NOT_HEX = 0, UPPER = 32 }; /* in the table: value + 1, and this bit on A to F */

static const uint8_t hex_table[256] = {
	['0'] = 1,          ['1'] = 2,          ['2'] = 3,          ['3'] = 4,          ['4'] = 5,
	['5'] = 6,          ['6'] = 7,          ['7'] = 8,          ['8'] = 9,          ['9'] = 10,
	['a'] = 11,         ['b'] = 12,         ['c'] = 13,         ['d'] = 14,         ['e'] = 15,
	['f'] = 16,         ['A'] = 11 | UPPER, ['B'] = 12 | UPPER, ['C'] = 13 | UPPER, ['D'] = 14 | UPPER,
	['E'] = 15 | UPPER, ['F'] = 16 | UPPER,
};

static const char hex_digits[] = "0123456789abcdef";

static inline uint8_t hex_entry(char c)
{
	return hex_table[(unsigned char)c];
}

/* The byte of two entries; any byte where one is NOT_HEX. */
static inline uint8_t hex_join(unsigned high, unsigned low)
{
	const unsigned value = UPPER - 1u;

	return (uint8_t)(((high & value) - 1) << 4 | ((low & value) - 1));
}

static inline char *hex_byte(char *at, uint8_t byte)
{
	*at++ = hex_digits[byte >> 4];
	*at++ = hex_digits[byte & 15];
	return at;
}

void hex_encode(const void *bytes, size_t len, char *out)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < len; i++)
		out = hex_byte(out, from[i]);
	*out = '\0';
}

bool hex_decode(str hex, void *out)
{
	uint8_t *to = out;

	if (hex.len % 2 != 0)
		return false;
	for (size_t i = 0; i < hex.len; i++)
		if (hex_entry(hex.ptr[i]) == NOT_HEX)
			return false;
	for (size_t i = 0; i < hex.len; i += 2)
		*to++ = hex_join(hex_entry(hex.ptr[i]), hex_entry(hex.ptr[i + 1]));
	return true;
}

bool uuid_parse(str text, uint8_t out[16], bool *is_canonical)
{
	/* Where each byte's two digits stand: 8-4-4-4-12. */
	static const uint8_t places[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
	uint8_t              uuid[16];
	unsigned             seen = 0;
	bool                 is_uuid = true;

	if (text.len != 36)
		return false;
	for (int i = 0; i < 16; i++) {
		uint8_t high = hex_entry(text.ptr[places[i]]);
		uint8_t low = hex_entry(text.ptr[places[i] + 1]);

		is_uuid &= high != NOT_HEX && low != NOT_HEX;
		seen |= high | low;
		uuid[i] = hex_join(high, low);
	}
	for (int dash = 8; dash <= 23; dash += 5)
		is_uuid &= text.ptr[dash] == '-';
	if (!is_uuid)
		return false;
	memcpy(out, uuid, sizeof(uuid));
	if (is_canonical != NULL)
		*is_canonical = (seen & UPPER) == 0;
	return true;
}

void uuid_format(const uint8_t uuid[16], char out[37])
{
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		out = hex_byte(out, uuid[i]);
	}
	*out = '\0';
}

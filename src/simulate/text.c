/* text.c - numbers, ids and times as text, without printf: millions a second pass here. */
#include "simulate/text.h"

#include <assert.h>

#include "codec/time.h"

char *put_padded(char *p, uint64_t v, unsigned digits)
{
	for (unsigned i = digits; i-- > 0; v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + digits;
}

char *put_u64(char *p, uint64_t v)
{
	char     digits[20];
	unsigned at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	memcpy(p, digits + at, sizeof(digits) - at);
	return p + sizeof(digits) - at;
}

char *put_cents(char *p, uint64_t cents)
{
	p = put_u64(p, cents / 100);
	*p++ = '.';
	return put_padded(p, cents % 100, 2);
}

char *put_decimal(char *p, uint64_t units, unsigned digits)
{
	uint64_t one = 1;

	for (unsigned i = 0; i < digits; i++)
		one *= 10;
	p = put_u64(p, units / one);
	*p++ = '.';
	p = put_padded(p, units % one, digits);
	while (p[-1] == '0' && p[-2] != '.')
		p--;
	return p;
}

char *put_hex(char *p, uint64_t v, unsigned digits)
{
	assert(digits <= 16);
	for (unsigned i = digits; i-- > 0; v >>= 4)
		p[i] = "0123456789abcdef"[v & 15];
	return p + digits;
}

char *put_uuid(char *p, struct random *r)
{
	uint64_t high = random_next(r), low = random_next(r);

	high = (high & ~UINT64_C(0xF000)) | 0x4000;
	low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;
	p = put_hex(p, high >> 32, 8);
	*p++ = '-';
	p = put_hex(p, high >> 16, 4);
	*p++ = '-';
	p = put_hex(p, high, 4);
	*p++ = '-';
	p = put_hex(p, low >> 48, 4);
	*p++ = '-';
	return put_hex(p, low, 12);
}

static char *put_parts_date(char *p, const struct time_parts *parts)
{
	assert(parts->year >= 0 && parts->year <= 9999);
	p = put_padded(p, (uint64_t)parts->year, 4);
	*p++ = '-';
	p = put_padded(p, (uint64_t)parts->month, 2);
	*p++ = '-';
	return put_padded(p, (uint64_t)parts->day, 2);
}

char *put_date(char *p, int64_t us)
{
	struct time_parts parts;

	time_split(us, &parts);
	return put_parts_date(p, &parts);
}

char *put_datetime(char *p, int64_t us, char between)
{
	struct time_parts parts;

	time_split(us, &parts);
	p = put_parts_date(p, &parts);
	*p++ = between;
	p = put_padded(p, (uint64_t)parts.hour, 2);
	*p++ = ':';
	p = put_padded(p, (uint64_t)parts.minute, 2);
	*p++ = ':';
	return put_padded(p, (uint64_t)parts.second, 2);
}

char *put_milliseconds(char *p, int64_t us)
{
	p = put_datetime(p, us, 'T');
	*p++ = '.';
	p = put_padded(p, (uint64_t)(us / 1000 % 1000), 3);
	*p++ = 'Z';
	return p;
}

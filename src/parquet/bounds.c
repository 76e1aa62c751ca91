/* Finding bounds: one pass over the values, comparing text by its first eight
 * bytes and only where these are equal by the rest. */
#include "parquet/bounds_int.h"

#include <assert.h>
#include <math.h>

#include "parquet/plain_int.h"

static struct bounds of_bools(const uint8_t *at, struct picks p)
{
	uint32_t ones = 0;

	for (uint32_t i = 0; i < p.count; i++)
		ones += at[pick(p, i)];
	return (struct bounds){.has = true, .low.whole = ones == p.count, .high.whole = ones > 0};
}

static struct bounds of_longs(const int64_t *at, struct picks p)
{
	int64_t low = INT64_MAX, high = INT64_MIN;

	for (uint32_t i = 0; i < p.count; i++) {
		int64_t v = at[pick(p, i)];

		low = v < low ? v : low;
		high = v > high ? v : high;
	}
	return (struct bounds){.has = true, .low.whole = low, .high.whole = high};
}

static struct bounds of_doubles(const double *at, struct picks p)
{
	double   low = INFINITY, high = -INFINITY;
	uint32_t nans = 0;

	for (uint32_t i = 0; i < p.count; i++) {
		double v = at[pick(p, i)];

		nans += isnan(v) != 0;
		low = v < low ? v : low;
		high = v > high ? v : high;
	}
	return (struct bounds){.has = nans < p.count, .nans = nans, .low.real = low, .high.real = high};
}

/* The first eight bytes as a number that orders as they do; bytes past the end are 0. They are read at once: text has
 * STRINGS_SLACK bytes after it, a UUID has sixteen of its own. */
static inline uint64_t prefix_of(str v)
{
	uint64_t word;

	memcpy(&word, v.ptr, sizeof(word));
	word = __builtin_bswap64(word);
	return v.len >= 8 ? word : v.len ? word & ~(UINT64_MAX >> (v.len * 8)) : 0;
}

static inline str text_at(const struct col *col, uint32_t value)
{
	if (col->type == TYPE_UUID)
		return (str){(const char *)col->uuids + (size_t)value * 16, 16};
	return strings_value(&col->strings, value);
}

static struct bounds of_texts(const struct col *col, struct picks p)
{
	str      low = text_at(col, pick(p, 0)), high = low;
	uint64_t low_prefix = prefix_of(low), high_prefix = low_prefix;

	for (uint32_t i = 1; i < p.count; i++) {
		str      v = text_at(col, pick(p, i));
		uint64_t prefix = prefix_of(v);

		if (prefix < low_prefix || (prefix == low_prefix && str_cmp(v, low) < 0)) {
			low = v;
			low_prefix = prefix;
		}
		if (prefix > high_prefix || (prefix == high_prefix && str_cmp(v, high) > 0)) {
			high = v;
			high_prefix = prefix;
		}
	}
	return (struct bounds){.has = true, .low.bytes = low, .high.bytes = high};
}

struct bounds bounds_of(const struct col *col, struct picks values)
{
	if (values.count == 0)
		return (struct bounds){0};
	if (col->type == TYPE_BOOL)
		return of_bools(col->bools, values);
	if (col->type == TYPE_DOUBLE)
		return of_doubles(col->doubles, values);
	if (col->type == TYPE_UUID || type_is_text(col->type))
		return of_texts(col, values);
	return of_longs(col->longs, values);
}

int bound_cmp(enum type t, const union bound *a, const union bound *b)
{
	if (t == TYPE_UUID || type_is_text(t))
		return str_cmp(a->bytes, b->bytes);
	if (t == TYPE_DOUBLE)
		return (a->real > b->real) - (a->real < b->real);
	return (a->whole > b->whole) - (a->whole < b->whole);
}

void bounds_merge(enum type t, struct bounds *into, const struct bounds *more)
{
	into->nans += more->nans;
	if (!more->has)
		return;
	if (!into->has || bound_cmp(t, &more->low, &into->low) < 0)
		into->low = more->low;
	if (!into->has || bound_cmp(t, &more->high, &into->high) > 0)
		into->high = more->high;
	into->has = true;
}

/* sort.c - rows by time. Most streams come nearly in order and many wholly so:
 * those cost one pass. The rest are sorted by radix, a byte at a time from the
 * lowest, which is stable; bytes that all rows share (of times within some days: three
 * or more of eight) are passed over.
 */
#include "lake/flush_int.h"

#include <assert.h>
#include <stdlib.h>

enum { DIGITS = 8, VALUES = 256 };

/* Signed order as unsigned order: times before 1970 come first. */
static unsigned digit_of(const struct timed_row *r, unsigned digit)
{
	uint64_t key = (uint64_t)r->us ^ (uint64_t)1 << 63;

	return (unsigned)(key >> (8 * digit)) & (VALUES - 1);
}

static void sort_by_digit(const struct timed_row *from, struct timed_row *to, uint32_t count, unsigned digit,
                          const uint32_t histogram[VALUES])
{
	uint32_t place[VALUES];
	uint32_t next = 0;

	for (unsigned v = 0; v < VALUES; v++) {
		place[v] = next;
		next += histogram[v];
	}
	assert(next == count);
	for (uint32_t i = 0; i < count; i++)
		to[place[digit_of(&from[i], digit)]++] = from[i];
}

static void sort(struct timed_row *rows, uint32_t count)
{
	uint32_t         (*histograms)[VALUES] = xcalloc(DIGITS, sizeof(*histograms));
	struct timed_row  *other = xmalloc(count * sizeof(*other));
	struct timed_row  *from = rows, *to = other;

	for (uint32_t i = 0; i < count; i++)
		for (unsigned d = 0; d < DIGITS; d++)
			histograms[d][digit_of(&rows[i], d)]++;
	for (unsigned d = 0; d < DIGITS; d++) {
		struct timed_row *sorted = to;

		if (histograms[d][digit_of(&rows[0], d)] == count)
			continue;
		sort_by_digit(from, to, count, d, histograms[d]);
		to = from;
		from = sorted;
	}
	if (from != rows)
		memcpy(rows, from, count * sizeof(*rows));
	free(other);
	free(histograms);
}

uint32_t rows_by_time(const struct col *time, uint32_t row_count, struct timed_row *out, uint32_t *without)
{
	uint32_t count = 0, without_count = 0;
	bool     is_sorted = true;

	for (uint32_t row = 0; row < row_count; row++) {
		if (time == NULL || !col_is_set(time, row)) {
			without[without_count++] = row;
			continue;
		}
		out[count] = (struct timed_row){time->longs[count], row};
		is_sorted = is_sorted && (count == 0 || out[count - 1].us <= out[count].us);
		count++;
	}
	assert(time == NULL || count == time->value_count);
	if (!is_sorted)
		sort(out, count);
	return count;
}

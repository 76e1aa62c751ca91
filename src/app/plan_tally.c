#include "app/plan_tally.h"

#include <assert.h>

enum {
	UNSETTLED = 4096,
	POINTS = 1440, /* that the rows of one file are spread over */
	POINT_US = 60 * 1000 * 1000,
	PIECES = 50, /* of a span, in which its ends are looked for */
};

/* Nearly all, and how much longer the whole may be before it is not believed: a day with a quiet
 * night is a day, and an hour with an event of last week is an hour. THIN: of the density
 * within, what still belongs to it. */
static const double NEARLY_ALL = 0.95, BELIEVED = 1.25, THIN = 0.25;

void tally_done(struct tally *t)
{
	VEC_DONE(&t->bins);
}

static int by_time(const void *a, const void *b)
{
	int64_t x = ((const struct tally_bin *)a)->at, y = ((const struct tally_bin *)b)->at;

	return (x > y) - (x < y);
}

void tally_settle(struct tally *t)
{
	size_t count = 0;

	if (t->settled == t->bins.count)
		return;
	qsort(t->bins.at, t->bins.count, sizeof(*t->bins.at), by_time);
	for (size_t i = 0; i < t->bins.count; i++) {
		if (count > 0 && t->bins.at[count - 1].at == t->bins.at[i].at)
			t->bins.at[count - 1].rows += t->bins.at[i].rows;
		else
			t->bins.at[count++] = t->bins.at[i];
	}
	t->bins.count = t->settled = count;
}

void tally_add(struct tally *t, int64_t us, int64_t rows)
{
	int64_t at = us / t->step_us - (us % t->step_us < 0);

	t->rows += rows;
	if (t->bins.count > 0 && t->bins.at[t->bins.count - 1].at == at) {
		t->bins.at[t->bins.count - 1].rows += rows;
		return;
	}
	if (t->bins.count >= 2 * t->settled + UNSETTLED)
		tally_settle(t);
	*VEC_ADD(&t->bins) = (struct tally_bin){at, rows};
}

void tally_spread(struct tally *t, int64_t first_us, int64_t last_us, int64_t rows)
{
	int64_t points = (last_us - first_us) / POINT_US + 2;

	points = points > POINTS ? POINTS : points;
	points = points > rows ? rows : points;
	for (int64_t i = 0; i < points; i++) {
		double along = points > 1 ? (double)i / (double)(points - 1) : 0.5;

		tally_add(t, first_us + (int64_t)(along * (double)(last_us - first_us)),
		          rows * (i + 1) / points - rows * i / points);
	}
}

int64_t tally_peak(const struct tally *t)
{
	int64_t most = 0;

	assert(t->settled == t->bins.count);
	for (size_t i = 0; i < t->bins.count; i++)
		most = t->bins.at[i].rows > most ? t->bins.at[i].rows : most;
	return most;
}

static int64_t steps(const struct tally *t, size_t first, size_t last)
{
	return t->bins.at[last].at - t->bins.at[first].at + 1;
}

/* The shortest run of bins with at least so many rows; how many it has is returned. */
static int64_t shortest(const struct tally *t, int64_t wanted, size_t *first, size_t *last)
{
	int64_t rows = 0, best = 0;
	size_t  from = 0;

	for (size_t to = 0; to < t->bins.count; to++) {
		rows += t->bins.at[to].rows;
		while (rows - t->bins.at[from].rows >= wanted)
			rows -= t->bins.at[from++].rows;
		if (rows >= wanted && (best == 0 || steps(t, from, to) < steps(t, *first, *last))) {
			best = rows;
			*first = from;
			*last = to;
		}
	}
	return best;
}

/* What was cut off an end with the stragglers and is as dense as the rest: piece by piece, while
 * there is such a piece. */
static void grow(const struct tally *t, int64_t rows, size_t *first, size_t *last)
{
	const int64_t piece = steps(t, *first, *last) / PIECES + 1;
	const double  least = THIN * (double)rows * (double)piece / (double)steps(t, *first, *last);
	int64_t       more;

	do {
		size_t from = *first;

		for (more = 0; from > 0 && t->bins.at[from - 1].at >= t->bins.at[*first].at - piece;)
			more += t->bins.at[--from].rows;
		if ((double)more >= least)
			*first = from;
	} while ((double)more >= least);
	do {
		size_t to = *last;

		for (more = 0; to + 1 < t->bins.count && t->bins.at[to + 1].at <= t->bins.at[*last].at + piece;)
			more += t->bins.at[++to].rows;
		if ((double)more >= least)
			*last = to;
	} while ((double)more >= least);
}

void tally_span(const struct tally *t, struct tally_span *out)
{
	size_t  first = 0, last = 0;
	int64_t held = shortest(t, (int64_t)((double)t->rows * NEARLY_ALL + 0.5), &first, &last);
	double  whole = (double)steps(t, 0, t->bins.count - 1);

	assert(t->settled == t->bins.count && t->rows > 0 && held > 0);
	grow(t, held, &first, &last);
	out->has_stragglers = whole > BELIEVED * (double)steps(t, first, last);
	if (!out->has_stragglers) {
		first = 0;
		last = t->bins.count - 1;
	}
	out->from_us = t->bins.at[first].at * t->step_us;
	out->to_us = (t->bins.at[last].at + 1) * t->step_us;
	out->hours = (double)(out->to_us - out->from_us) / 3.6e9;
}

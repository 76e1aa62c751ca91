/* plan_tally.h - rows counted by the time of their events, and the span that they cover. */
#ifndef APP_PLAN_TALLY_H
#define APP_PLAN_TALLY_H

#include "base/vec.h"

struct tally_bin {
	int64_t at;   /* steps since 1970 */
	int64_t rows;
};

struct tally {
	int64_t step_us; /* width of a bin */
	int64_t rows;
	struct { VEC_OF(struct tally_bin); } bins;
	size_t  settled; /* as many bins at the front are in order, each once */
};

void tally_done(struct tally *t);
void tally_add(struct tally *t, int64_t us, int64_t rows);
/* Rows of which only the first and the last time are known: evenly between them. */
void tally_spread(struct tally *t, int64_t first_us, int64_t last_us, int64_t rows);
/* All bins in order, each once. */
void tally_settle(struct tally *t);

/* Settled. The most rows in one bin. */
int64_t tally_peak(const struct tally *t);
/* From the first event to the last; or, where stragglers stretch that, the time that nearly all are of:
 * stragglers came with them. */
struct tally_span {
	int64_t from_us, to_us;
	double  hours;
	bool    has_stragglers;
};

void tally_span(const struct tally *t, struct tally_span *out); /* settled, with rows */

AUTO_DEFINE(tally, tally_done)

#endif

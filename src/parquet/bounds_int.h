/* bounds_int.h - least and greatest value, and what of them may be said in public.
 *
 * Order: numbers by value, -0.0 as 0.0, NaN left out and counted; false before
 * true; text and UUIDs by unsigned bytes.
 */
#ifndef PARQUET_BOUNDS_INT_H
#define PARQUET_BOUNDS_INT_H

#include "base/buf.h"
#include "parquet/levels_int.h"

union bound {
	int64_t whole; /* BOOL, LONG, TIMESTAMPTZ, INT, DATE */
	double  real;
	str     bytes; /* STRING, BINARY, UUID; borrowed from the column */
};

struct bounds {
	bool        has;  /* any value but NaN */
	int64_t     nans;
	union bound low, high;
};

/* Of these values. */
struct bounds bounds_of(const struct col *col, struct picks values);
void          bounds_merge(enum type t, struct bounds *into, const struct bounds *more);
int           bound_cmp(enum type t, const union bound *a, const union bound *b);

/* Where text is cut: after so many code points (BINARY: bytes), or within so many bytes (STRING: at a whole code
 * point). 0: not so. */
struct cut {
	uint32_t points, bytes;
};

/* One side as PLAIN bytes without a length, which are Iceberg's single-value bytes too. Text is cut, the upper side
 * then raised to stay above; false where it cannot be. *out is borrowed from the bound or from `room`, which is
 * cleared. */
bool bound_bytes(enum type t, const union bound *b, bool is_upper, struct cut cut, struct buf *room, str *out,
                 bool *is_exact);

#endif

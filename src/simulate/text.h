/* text.h - the bytes of records, printed by hand.
 *
 * Each function writes at `p` and returns the place after what it wrote. Nobody checks for room here: a
 * record is bounded by its shape, and its maker asserts the length afterwards (record.h).
 */
#ifndef SIMULATE_TEXT_H
#define SIMULATE_TEXT_H

#include "base/str.h"
#include "simulate/random.h"

static inline char *put(char *p, str s)
{
	memcpy(p, s.ptr, s.len);
	return p + s.len;
}

#define PUT(p, literal) ((p) = put((p), STR(literal)))

char *put_u64(char *p, uint64_t v);
char *put_padded(char *p, uint64_t v, unsigned digits);       /* with leading zeros, exactly so many digits */
char *put_cents(char *p, uint64_t cents);                     /* 1250 -> 12.50 */
char *put_decimal(char *p, uint64_t units, unsigned digits);  /* 22964200, 5 -> 229.642; 300000, 5 -> 3.0 */
char *put_hex(char *p, uint64_t v, unsigned digits);          /* the lowest so many digits, at most 16 */
char *put_uuid(char *p, struct random *r);                    /* version 4, lower case: 36 characters */
char *put_datetime(char *p, int64_t us, char between);        /* 2025-06-02T13:04:05, `between` for the T */
char *put_milliseconds(char *p, int64_t us);                  /* 2025-06-02T13:04:05.123Z */
char *put_date(char *p, int64_t us);                          /* 2025-06-02 */

#endif

/* exact.h - which numbers can stand for one another with nothing lost. */
#ifndef INGEST_EXACT_H
#define INGEST_EXACT_H

#include "base/str.h"

/* Is the double just this integer? -0.0 is none. */
bool double_is_long(double v, int64_t *out);
/* Is the integer just one double, and no other integer the same? |v| <= 2^53. */
bool long_is_double(int64_t v);
/* Text that a number column gives back as the same number: no leading zeros or plus, few enough digits to be exact. One
 * of the two outputs is set, as *is_long says; they are untouched where it is no such text. */
bool text_is_number(str text, bool *is_long, int64_t *integer, double *real);

#endif

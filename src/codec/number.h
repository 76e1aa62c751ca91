/* number.h - decimal text to numbers and back, exactly. */
#ifndef CODEC_NUMBER_H
#define CODEC_NUMBER_H

#include "base/str.h"

enum { NUMBER_TEXT = 32 };

/* Text that is a JSON number, to the nearest double (correct rounding for any number of digits, linear time). false: overflows. *lossy: a
 * value that is not zero became zero. */
bool number_to_double(str text, double *out, bool *lossy);
/* Shortest text that reads back as the same double; "1e+22" style exponents, ".0" kept for integral values. NaN and infinities never come here. */
size_t number_from_double(double v, char out[NUMBER_TEXT]);

#endif

/* pattern.h - the regular expressions of contracts: POSIX extended ones, with \d and \D, and none that can take long.
 *
 * Refused, with words: back references, a repeat of what repeats, counts that add up to more than PATTERN_REPEATS, and
 * what other dialects mean by a text that POSIX reads in another way: groups that begin with (?, a backslash in brackets.
 */
#ifndef INGEST_PATTERN_H
#define INGEST_PATTERN_H

#include <regex.h>

#include "base/err.h"

enum { PATTERN_BYTES = 1000, PATTERN_REPEATS = 1000 };

/* regfree() it. */
int pattern_compile(str text, regex_t *out, struct err *e) MUST_USE;
/* Somewhere in `value`, which may hold NUL bytes. */
bool pattern_match(const regex_t *p, str value);

#endif

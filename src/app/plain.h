/* plain.h - what comes from outside, as text that is safe on a terminal. */
#ifndef APP_PLAIN_H
#define APP_PLAIN_H

#include "base/arena.h"
#include "base/str.h"

/* Well-formed text as it is; control characters, and bytes that are no UTF-8, as \xNN. One line, whatever it was. */
const char *plain_text(struct arena *a, str bytes);
/* "2015-01-01T15:00:00Z" */
const char *plain_time(struct arena *a, int64_t us);
/* How long: "4 s", "12 min", "3 h", "5 days". */
const char *plain_age(struct arena *a, int64_t us);

#endif

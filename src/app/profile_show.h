/* profile_show.h - where a run's time went, as a table on stderr or a member of a JSON object. */
#ifndef APP_PROFILE_SHOW_H
#define APP_PROFILE_SHOW_H

#include <stdint.h>

#include "base/buf.h"

/* `bytes`: of the input, which cycles are counted by. */
void profile_print(uint64_t bytes);
/* {"seconds": s, "stages": {"parse": {"seconds": s, "cycles_per_byte": c}, ...}} */
void profile_json(uint64_t bytes, struct buf *out);

#endif

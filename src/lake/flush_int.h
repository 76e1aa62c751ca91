/* flush_int.h - rows in the order in which a file wants them. */
#ifndef LAKE_FLUSH_INT_H
#define LAKE_FLUSH_INT_H

#include "column/columns.h"

struct timed_row {
	int64_t  us;
	uint32_t row;
};

/* The rows 0..row_count of a time column: those with a time by (time, row number) to `out`, those without by number to
 * `without`; both have room for row_count. `time` may be NULL: no row has one. Returns how many have. */
uint32_t rows_by_time(const struct col *time, uint32_t row_count, struct timed_row *out, uint32_t *without);

#endif

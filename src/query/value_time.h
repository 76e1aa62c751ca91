/* value_time.h - days and instants of any year as ISO 8601. DuckDB's reach millions of years,
 * and have infinities. */
#ifndef QUERY_VALUE_TIME_H
#define QUERY_VALUE_TIME_H

#include "base/buf.h"
#include "query/duckdb_api.h"

/* "2015-01-01"; years before 1 as ISO has them: "-0043-03-15" */
void date_text(int64_t days, struct buf *out);
/* Since midnight: "15:00:01.5", a fraction only where there is one. */
void clock_text(int64_t value, int64_t units_a_second, struct buf *out);
/* "2015-01-01T15:00:01.5", with a Z where it is an instant; "infinity" and "-infinity". */
void instant_text(int64_t value, int64_t units_a_second, bool is_zoned, struct buf *out);
void zoned_clock_text(uint64_t bits, struct buf *out); /* TIME WITH TIME ZONE: "15:00:01+02:00" */
/* "1 year 2 months 3 days 04:05:06" */
void interval_text(const struct duck_interval *i, struct buf *out);

#endif

/* time_int.h - the years 0001 to 9999, which tables can hold and readers agree on: inside codec/time*.c
 * only. */
#ifndef CODEC_TIME_INT_H
#define CODEC_TIME_INT_H

#include <stdint.h>

#define SECOND_US INT64_C(1000000)

#define FIRST_US (INT64_C(-62135596800) * SECOND_US)        /* 0001-01-01T00:00:00Z */
#define LAST_US  (INT64_C(253402300800) * SECOND_US - 1)    /* 9999-12-31T23:59:59.999999Z */

#endif

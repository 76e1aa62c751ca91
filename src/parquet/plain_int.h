/* plain_int.h - values in PLAIN encoding.
 *
 * BOOL bits, low first · LONG, TIMESTAMPTZ, DOUBLE 8 bytes · INT, DATE 4 ·
 * UUID 16 · STRING, BINARY u32 length, bytes. Numbers little-endian.
 */
#ifndef PARQUET_PLAIN_INT_H
#define PARQUET_PLAIN_INT_H

#include "column/columns.h"
#include "parquet/levels_int.h"

unsigned plain_bits(enum type t); /* of one value; 0 where they differ: STRING, BINARY */

/* The values, appended. */
void plain_write(const struct col *col, struct picks values, struct buf *out);

static inline bool type_is_text(enum type t)
{
	return t == TYPE_STRING || t == TYPE_BINARY;
}

#endif

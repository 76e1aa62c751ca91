/* rle_int.h - Parquet's RLE and bit-packed hybrid: levels and dictionary codes.
 *
 *   repeated run   varint(count << 1), value in ceil(width / 8) bytes
 *   packed run     varint(groups << 1 | 1), groups of 8 values, `width` bits each, low bit first
 *
 * No length is written before the runs: levels of a v1 page have one, codes have none.
 */
#ifndef PARQUET_RLE_INT_H
#define PARQUET_RLE_INT_H

#include "base/buf.h"

unsigned rle_width(uint32_t max); /* bits that `max` needs; 0 for 0 */

/* Every value < 2^width, width 1..32. Appended to out. */
void rle_encode(const uint32_t *values, size_t count, unsigned width, struct buf *out);
void rle_encode_bytes(const uint8_t *values, size_t count, unsigned width, struct buf *out);
void rle_repeat(uint32_t value, size_t count, unsigned width, struct buf *out); /* one run; count > 0 */

#endif

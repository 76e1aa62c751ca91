/* write.h - columns to the bytes of one Parquet file.
 *
 * Data page v1, PLAIN and RLE_DICTIONARY, zstd: only what every reader takes
 * (reference A.10). Rows stand in the order given; the caller sorts. Column and
 * offset indexes, sorting_columns, split-block bloom filters, field ids, CRCs.
 */
#ifndef PARQUET_WRITE_H
#define PARQUET_WRITE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "column/columns.h"
#include "column/stats.h"

struct workers;
struct parquet_scratch;

/* Workers that write the columns of one file side by side. Their scratches are not the file's own. */
struct parquet_crew {
	struct workers          *workers;
	struct parquet_scratch **scratches; /* one a worker */
};

struct parquet_options {
	int            zstd_level;      /* 0: 2 */
	uint32_t       page_bytes;      /* 0: 1 MiB, before compression */
	uint32_t       page_rows;       /* 0: 20,000 */
	uint64_t       row_group_bytes; /* 0: 128 MiB, encoded before compression */
	const int32_t *bloom_ids;       /* field ids that get a bloom filter unless wholly dictionary-coded */
	uint32_t       bloom_count;
	int32_t        sorted_by;       /* field id of the ascending sort column, 0: none */
	str            origin;          /* kept in the footer under "tarn.origin" */
	const struct parquet_crew *crew; /* NULL: the caller alone; the bytes are the same */
};

/* Scratch that lives across files, one a worker: compression context, level and page buffers. */
struct parquet_scratch *parquet_scratch_new(void);
void                    parquet_scratch_free(struct parquet_scratch *s); /* NULL is fine */

/* Rows `rows[0..row_count)` of `c`, in that order, to `out` (appended). row_count > 0. Every field of the schema
 * gets its column, absent ones all null; a struct or list with no leaf below it is left out. `stats` points into `a`.
 * Deterministic: the same rows give the same bytes. On failure (ERR_LIMIT: out, or a row, is too large) out is as it was. */
int parquet_write(const struct columns *c, const uint32_t *rows, uint32_t row_count, const struct parquet_options *o,
                  struct parquet_scratch *s, struct buf *out, struct arena *a, struct file_stats *stats,
                  struct err *e) MUST_USE;

#endif

/* footer.h - read the footer of a Parquet file, for audit: what the file says of itself.
 * Bounded by the input: nothing is allocated from a claimed count. */
#ifndef PARQUET_FOOTER_H
#define PARQUET_FOOTER_H

#include "base/arena.h"
#include "base/err.h"

struct parquet_chunk {
	int32_t field_id;       /* of the leaf; 0 where the file has none */
	int64_t value_count, null_count; /* null_count -1 where absent */
	int64_t offset, bytes;  /* first page (dictionary or data), compressed size */
	int64_t bloom_offset;   /* of its bloom filter (bloom.h); 0: it has none */
};

struct parquet_group {
	int64_t               row_count, offset, bytes;
	struct parquet_chunk *chunks;
	uint32_t              chunk_count;
};

struct parquet_footer {
	int64_t               row_count;
	struct parquet_group *groups;
	uint32_t              group_count;
	str                   origin;     /* key "tarn.origin"; empty where absent */
	str                   created_by;
};

/* Length of the footer from the last 8 bytes of a file; ERR_CORRUPT where they are not Parquet's. */
int parquet_footer_size(const uint8_t tail[8], uint64_t file_size, uint32_t *out, struct err *e) MUST_USE;
/* `bytes` is the footer without the last 8 bytes. Strings and arrays are owned by `a`. */
int parquet_footer_read(str bytes, uint64_t file_size, struct arena *a, struct parquet_footer *out, struct err *e) MUST_USE;
/* How many values the pages of a chunk hold, by their heads: nulls are counted. `file` is all of it, and the chunk is of its footer.
 * ERR_CORRUPT where they are not pages that fill it. */
int parquet_recount(str file, const struct parquet_chunk *c, int64_t *out, struct err *e) MUST_USE;

#endif

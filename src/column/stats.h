/* stats.h - what a written file says of its columns: Parquet and Iceberg both speak of it. */
#ifndef COLUMN_STATS_H
#define COLUMN_STATS_H

#include "base/str.h"

struct leaf_stats {
	int32_t field_id;
	int64_t bytes;  /* compressed, with page headers */
	int64_t values; /* entries, nulls included */
	int64_t nulls;
	int64_t nans;   /* -1 where the type has none */
	/* Iceberg single-value bytes (reference B.8), strings and binary cut to 16 as B.7 says; ptr NULL: none.
	 * None for leaves inside lists. */
	str     lower, upper;
};

/* All strs and arrays live in the arena given to the writer. */
struct file_stats {
	int64_t            rows;
	int64_t            bytes; /* size of the file */
	struct leaf_stats *leaves;
	uint32_t           leaf_count;
	int64_t           *splits; /* row-group starts */
	uint32_t           split_count;
};

#endif

/* held_read.h - the held rows of a lake for someone who only reads: no fence, nothing is written.
 *
 * What it shows is as of one moment. A row may have got its file since then: a reader who puts these rows beside a table's
 * files must look at the table afterwards, and leave them out where its mark has reached held_since (table_mark), for then
 * all of them are in its files.
 */
#ifndef INGEST_HELD_READ_H
#define INGEST_HELD_READ_H

#include "ingest/held.h"

struct held_reader {
	struct writer writer; /* never opened for writing: its state, its targets, their columns */
	struct feed  *feeds;
	size_t        feed_count;
};

/* Held rows of the tables in `only` ("<space>.<name>"). Pipelines are borrowed. */
int  held_read(struct lake *l, struct workers *w, struct pipeline *pipelines, size_t count, str base, const struct map *only,
               size_t memory_bytes, struct held_reader *out, struct err *e) MUST_USE;
void held_read_done(struct held_reader *r);

/* All rows of a target, as they came, as a Parquet file. */
int held_parquet(const struct target *t, struct buf *out, struct err *e) MUST_USE;

AUTO_DEFINE(held_reader, held_read_done)

#endif

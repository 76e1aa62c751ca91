/* archive.h - the raw of a pipeline: what it took since the last commit, on its way into one raw segment.
 *
 * Every record goes in as received, with its verdict, whatever became of it. The segment is put with the commit and named
 * by its entry; until then it is memory, compressed.
 */
#ifndef INGEST_ARCHIVE_H
#define INGEST_ARCHIVE_H

#include "ingest/event.h"
#include "lake/journal.h"
#include "lake/segment.h"
#include "os/workers.h"

struct archive {
	struct segment_writer  segment;
	struct segment_packer *packers; /* one a worker */
	size_t                 packer_count;
	/* of the batch at hand */
	struct { VEC_OF(size_t); } starts; /* first event of each block */
	struct { VEC_OF(struct segment_piece); } pieces;
};

/* One run of a source, all of it judged. What it points at is borrowed for the call. */
struct archive_batch {
	const struct run   *run;
	const struct event *events;  /* one a record */
	size_t              count;
	const str          *labels;  /* of the run's parts, as rows name them */
	const str          *tables;  /* by target number */
	int64_t             taken_us;
};

void archive_init(struct archive *a, size_t workers);
void archive_done(struct archive *a);

int archive_take(struct archive *a, struct workers *w, const struct archive_batch *batch, struct err *e) MUST_USE;
size_t archive_bytes(const struct archive *a); /* held in memory */

/* Put the segment and name it in the entry; nothing where there are no records. */
int  archive_write(struct archive *a, struct lake *l, str pipeline, const struct origin *o, uint32_t number,
                   struct journal_entry *entry, struct err *e) MUST_USE;
void archive_committed(struct archive *a);

#endif

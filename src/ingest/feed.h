/* feed.h - one pipeline at work: its source, its repeats, its names, and what one batch goes through. */
#ifndef INGEST_FEED_H
#define INGEST_FEED_H

#include "ingest/archive.h"
#include "ingest/envelope.h"
#include "ingest/prefetch.h"
#include "ingest/shred.h"
#include "ingest/writer.h"

struct feed_counts {
	struct entry_counts sums;        /* of the whole run of the program */
	int64_t             blank_lines;
	int64_t             reasons[REASON_COUNT];
	uint64_t            bytes;       /* read from the outside */
};

struct feed_target {
	struct shred *shred;  /* NULL until the pipeline first writes to the table */
	int64_t       rows;
	uint32_t      fields_seen; /* of the table's schema, when its bloom filters were last looked at */
};

/* An event whose name has no open table yet. */
struct newcomer {
	uint32_t event, entry; /* of the names */
};

struct feed {
	struct pipeline  *pipeline; /* borrowed */
	struct writer    *writer;   /* borrowed */
	str               base;
	struct source    *source;
	struct prefetch  *prefetch;
	struct dedupe    *dedupe;   /* NULL where the pipeline has no window */
	bool              has_raw;  /* what is taken is archived */
	struct archive    archive;
	struct retention  retention;
	struct names      names;
	struct envelope  *envelopes; /* one a worker */
	struct feed_counts counts;
	struct { VEC_OF(struct feed_target); } targets; /* by target number of the writer */
	/* of the batch at hand */
	struct run       *run;
	struct { VEC_OF(struct event); } events;
	struct { VEC_OF(str); } part_names, part_labels;
	struct { VEC_OF(uint32_t); } order;   /* events that are rows, grouped by target, in order of arrival */
	struct { VEC_OF(uint32_t); } ends;    /* of each target's group in `order` */
	struct { VEC_OF(uint32_t); } largest; /* targets with rows, the largest group first */
	struct { VEC_OF(struct newcomer); } newcomers;
	struct { VEC_OF(struct run_part); } settled;
	struct arena      scratch;
	int64_t           now_us;
};

struct fs;

/* The pipeline without its source and its ids: fit for records that were judged before (held.h). */
void feed_init(struct writer *w, struct pipeline *p, str base, bool has_raw, struct feed *out);
/* All of it, after feed_init. ids_bytes: for the table of ids. */
int  feed_open(struct feed *f, struct fs *fs, size_t ids_bytes, struct err *e) MUST_USE;
void feed_done(struct feed *f);

/* Take one run from the source into the columns. 1: done, 0: the source has nothing now. */
int feed_step(struct feed *f, struct err *e) MUST_USE;

/* The entry is committed: the source may forget what it holds for the sake of it. */
int feed_settle(struct feed *f, const struct journal_entry *entry, struct err *e) MUST_USE;

#endif

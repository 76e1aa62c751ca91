/* raw_find.h - a refused record in the raw segments of its pipeline: there stands the JSON that was made of a CSV row, beside the row.
 *
 * A row of tarn.quarantine says when its record was taken and where it stood; a block of raw says the first, and of each record the second.
 * So the blocks are read once to learn when they were taken, and then only the one that it must be in: for rows that are asked for in the
 * order in which they arrived, each block once more.
 */
#ifndef INGEST_RAW_FIND_H
#define INGEST_RAW_FIND_H

#include "base/map.h"
#include "lake/journal.h"
#include "lake/segment.h"

struct raw_object {
	str     key;
	int64_t bytes;
};

struct raw_place {
	int64_t taken_us;
	size_t  object, block;
};

struct raw_find {
	struct lake *lake; /* borrowed */
	struct { VEC_OF(struct raw_object); } objects; /* of the pipeline, those that are not let go; in order of the journal */
	bool         had_any;  /* even if all of them have been let go */
	bool         is_known; /* places are all there: */
	struct { VEC_OF(struct raw_place); } places; /* blocks whose records were made into JSON, by the time they were taken */
	size_t       at;       /* of the places, the one in `block`, + 1; 0: none */
	struct segment       segment; /* of the object at hand */
	size_t               object;  /* its number, + 1; 0: none */
	struct segment_block block;
	struct map           records; /* of the block: "label:offset" -> its number + 1 */
	struct arena         arena;
};

void raw_find_done(struct raw_find *r);

/* One a pipeline, by name, which s is the state of the journal for: what lane 0 names of them. */
int  raw_find_open(struct lake *l, const struct journal_state *s, const str *pipelines, size_t count, struct raw_find *out,
                   struct err *e) MUST_USE;

/* The record that was taken then, there, as that; NULL where it is not in raw, or nothing was made of it. Borrowed until the next call. */
int  raw_find(struct raw_find *r, int64_t taken_us, str position, str raw, const struct segment_record **out, struct err *e) MUST_USE;

#endif

/* held.h - rows that are true and have no file, made once more from the raw segments they are in.
 *
 * By the verdicts in the segments alone: nothing is asked of dedupe again, so nothing is decided twice. For a writer that
 * starts after a crash, and for readers who want to see what no file shows yet.
 */
#ifndef INGEST_HELD_H
#define INGEST_HELD_H

#include "ingest/feed.h"

/* Put every row that w->state says is held, or those of the tables in `only` ("<space>.<name>", NULL: all), into the columns
 * of w's targets. Of each pipeline that holds rows there must be a feed, under the configuration that took them: ERR_INPUT
 * names a pipeline that is missing, and a record that its pipeline would now refuse. ERR_CORRUPT where the segments do not
 * give what the journal counts. */
int held_load(struct writer *w, struct feed *feeds, size_t feed_count, const struct map *only, struct err *e) MUST_USE;

#endif

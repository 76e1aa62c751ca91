/* writer_int.h - which tables get files in a commit. */
#ifndef INGEST_WRITER_INT_H
#define INGEST_WRITER_INT_H

#include "ingest/writer.h"

#define DENSITY 0.25 /* of a table that has no file yet */

/* Say of each target whether it is due; returns how many are. */
size_t writer_choose(const struct writer *w, bool is_last, bool *is_due);

/* The rows in the columns are true by entries up to `seq`, and no file has them. */
void target_hold(struct target *t, uint64_t seq, const struct writer *w);

#endif

/* shred_int.h - the halves of a row: its standard columns, and the record's own. */
#ifndef INGEST_SHRED_INT_H
#define INGEST_SHRED_INT_H

#include "ingest/shred.h"

/* All standard columns but _extra, of the record at hand. */
void shred_standard(struct shred *s, str part_label, int64_t ingested_us);
/* _extra, from what has been gathered in s->extra. */
void shred_extra(struct shred *s);

#endif

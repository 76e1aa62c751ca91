/* idsort.h - ids in the order of a run: by hour, then key.
 *
 * Keys are hashes under a secret, so their first bits say where they will stand: each goes to a small bucket at once, and only buckets are
 * sorted. Linear, where comparing is not; what does not spread is compared. */
#ifndef INGEST_IDSORT_H
#define INGEST_IDSORT_H

#include "ingest/idrun.h"

/* to[0..count) are the items of `from`, in order. No two have the same hour and key. */
void id_items_sort(const struct id_item *from, size_t count, struct id_item *to);

#endif

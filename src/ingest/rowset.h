/* rowset.h - where rows of some files came from, and when: is this record of a raw segment one of them? Sixteen bytes a row.
 *
 *   slot:  112 bits of a hash of the two | number of the row's group + 1, 16 bits        0: free
 *
 * What is found is taken for an answer: at these widths two records that look alike are not met.
 */
#ifndef INGEST_ROWSET_H
#define INGEST_ROWSET_H

#include "base/auto.h"
#include "base/hash.h"

enum { ROWSET_GROUPS = 65535 };

struct rowset {
	struct hash128 *slots;
	uint64_t        slot_count;
	uint64_t        count, room;
};

/* How many rows go into so many bytes. */
uint64_t rowset_room(size_t bytes);
void     rowset_init(struct rowset *s, uint64_t rows); /* there will be no more than these */
void     rowset_done(struct rowset *s);

/* A row of that group (below ROWSET_GROUPS). There is room. */
void rowset_add(struct rowset *s, str position, int64_t taken_us, uint32_t group);
/* The group of the first such row; false: there is none. */
bool rowset_find(const struct rowset *s, str position, int64_t taken_us, uint32_t *group);

AUTO_DEFINE(rowset, rowset_done)

#endif

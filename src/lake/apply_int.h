/* apply_int.h - what is to be done to one table so that it stands where the journal stands. */
#ifndef LAKE_APPLY_INT_H
#define LAKE_APPLY_INT_H

#include "base/vec.h"
#include "lake/lake_int.h"
#include "lake/table.h"

/* What one entry does to the table. Strs are owned by the work's arena, or by an entry that outlives the work. */
struct touch {
	uint64_t            seq, epoch;
	str                 manifest, checksum, schema;
	int64_t             manifest_bytes, files, rows, bytes;
	/* filled in by work_apply from the manifest itself */
	struct ice_manifest listed;
	int64_t            *partitions; /* one a file; INT64_MIN: none */
};

struct work {
	str      space, name, uuid;
	uint64_t mark; /* seen when the work was planned; 0 where it was not looked at */
	struct { VEC_OF(struct touch); } touches; /* seq rises; an entry may touch a table more than once */
	struct arena        arena;
	struct apply_counts counts; /* what was done */
};

void work_add(struct work *w, const struct journal_entry *j, const struct entry_table *t); /* strs borrowed from j */
void work_done(struct work *w);
/* All touches above the table's mark in one snapshot, which moves the mark to `head`. */
int  work_apply(struct lake *l, str lane, struct work *w, uint64_t head, struct err *e) MUST_USE;

#endif

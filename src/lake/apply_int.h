/* apply_int.h - what is to be done to one table so that it stands where the journal stands. */
#ifndef LAKE_APPLY_INT_H
#define LAKE_APPLY_INT_H

#include "base/vec.h"
#include "lake/lake_int.h"
#include "lake/table.h"

/* What one entry does to the table. Strs are owned by the work's arena, or by an entry that outlives
 * the work. */
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

/* What manifests_merge makes new ones for. */
struct merge {
	const struct ice_metadata *metadata; /* its schema and spec are theirs */
	str                        lane, key; /* the start of their keys, up to the origin */
	int64_t                    snapshot_id, sequence;
	struct arena              *arena;    /* owns their strs */
};
/* `all` are the manifests of a parent; afterwards *count of them are those of the child, less what it
 * adds. */
int  manifests_merge(struct lake *l, const struct merge *g, struct ice_manifest *all, size_t *count,
                     size_t *out_replaced, struct err *e) MUST_USE;

enum { METADATA_KEPT = 100 };

/* Properties of the table: a number that makes no sense counts as absent; a flag is true unless it is
 * "false". */
int64_t table_number(const struct ice_metadata *m, str name, int64_t otherwise);
bool    table_flag(const struct ice_metadata *m, str name);
size_t  table_metadata_kept(const struct ice_metadata *m); /* versions before the present one */
/* Drop the snapshots that the table's properties let go, as of its last update. */
void    history_expire(struct ice_metadata *m);

/* Remove what the table's metadata leads to no more: manifests, lists, old metadata; never data. At
 * any time. */
int  table_sweep(struct lake *l, str lane, str space, str name, struct err *e) MUST_USE;
bool sweep_is_due(const struct lake *l, const struct ice_metadata *m); /* once in sweep_every snapshots */

void work_add(struct work *w, const struct journal_entry *j, const struct entry_table *t); /* strs borrowed from j */
void work_done(struct work *w);
/* All touches above the table's mark in one snapshot, which moves the mark to `head`. */
int  work_apply(struct lake *l, str lane, struct work *w, uint64_t head, struct err *e) MUST_USE;

#endif

/* stage.h - tables built anew beside the ones that readers see.
 *
 * A replay is an ingest into a lane of its own, whose entries name files that no table shows. A staged table is not in the
 * catalog. Its files lie in the folders of the table that they are for, under names that carry the lane, and one entry of lane 0 makes
 * them that table's: what the lane's entries list is gathered, and listed for good.
 */
#ifndef LAKE_STAGE_H
#define LAKE_STAGE_H

#include "lake/table.h"

struct stage {
	const struct journal_state *live, *staged; /* of lane 0, and of the lane */
	const str *attributes; /* JSON Pointer of the object whose members are columns without a prefix, empty: none; NULL: rules differ */
};

/* A staged table: with the schema that the lane has of it, else that of the live one, same ids; where there is no live table, as `fresh`
 * says. Nothing is written. is_anew: it will take the live table's place, so it is partitioned as `fresh` says, has the columns of `fresh`
 * that the live one has not, or has of another type, under ids of their own, and none that the attributes put elsewhere now. */
int table_stage(struct lake *l, str space, str name, const struct table_fresh *fresh, const struct stage *s, bool is_anew,
                struct table **out, struct err *e) MUST_USE;

struct staged_manifest {
	str      key, checksum;
	int64_t  bytes;
	uint64_t seq;
};

struct staged_table {
	str     space, name, schema, partition;
	int64_t rows, bytes;
	struct { VEC_OF(struct entry_file); } files;
	struct { VEC_OF(struct staged_manifest); } manifests;
};

struct staged {
	struct { VEC_OF(struct staged_table); } tables;
	struct { VEC_OF(struct entry_name); } names;
	uint64_t     head;
	struct arena arena; /* owns the strs */
};

/* All that the entries of the lane name. ERR_CORRUPT where one is missing. */
int  staged_load(struct lake *l, str lane, struct staged *out, struct err *e) MUST_USE;
void staged_done(struct staged *s);

/* Its files as those of a live table: one manifest, as object `number` of that origin, and what the entry says of it to come. */
int staged_list(struct lake *l, const struct staged_table *s, const struct origin *o, uint64_t number, struct journal_entry *entry,
                struct err *e) MUST_USE;

/* A lane that was staged is over: its journal goes, and all that was written for it but the files that entry `switched_by` of lane 0
 * gave to tables; 0: it never became true. */
int staged_remove(struct lake *l, str lane, uint64_t switched_by, struct err *e) MUST_USE;
/* Lanes of which there is anything left. */
int staged_lanes(struct lake *l, struct arena *a, str **out, size_t *count, struct err *e) MUST_USE;

AUTO_DEFINE(staged, staged_done)

#endif

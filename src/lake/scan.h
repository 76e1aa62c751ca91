/* scan.h - what a table is made of now: snapshot -> data files, pruned. Readers of all kinds begin here. */
#ifndef LAKE_SCAN_H
#define LAKE_SCAN_H

#include "iceberg/manifest.h"
#include "iceberg/metadata.h"
#include "lake/lake.h"

struct scan {
	struct ice_metadata metadata;
	struct schema       schema;   /* the current one */
	struct ice_spec     spec;
	bool                has_snapshot;
	struct ice_snapshot snapshot;
	struct ice_file    *files;    /* live ones */
	size_t              file_count;
	size_t              manifest_count, manifests_read; /* what pruning left */
	str                 metadata_path;
	struct arena        arena;
};

/* Rows wanted: lower <= partition time < upper, in microseconds; both 0: all. Manifests whose bounds exclude them are not read. */
struct scan_range {
	int64_t from_us, to_us;
};

int  lake_scan(struct lake *l, str space, str table, const struct scan_range *range, struct scan *out, struct err *e) MUST_USE;
/* Of one snapshot by id (history). */
int  lake_scan_at(struct lake *l, str space, str table, int64_t snapshot_id, struct scan *out, struct err *e) MUST_USE;
void scan_done(struct scan *s);
/* The manifests of a snapshot. ERR_CORRUPT where its list is not in this lake, or is not one. */
int  snapshot_manifests(struct lake *l, const struct ice_snapshot *s, struct arena *a,
                        struct ice_manifest **out, size_t *count, struct err *e) MUST_USE;
/* Each table of a space, sorted. */
int  lake_tables(struct lake *l, str space, struct arena *a, str **out, size_t *count, struct err *e) MUST_USE;

AUTO_DEFINE(scan, scan_done)

#endif

/* lake_int.h - what the files of this folder share. */
#ifndef LAKE_LAKE_INT_H
#define LAKE_LAKE_INT_H

#include "iceberg/manifest.h"
#include "iceberg/metadata.h"
#include "lake/journal.h"

enum {
	ENTRY_BYTES = 256 << 20,    /* text of one entry */
	MANIFEST_BYTES = 512 << 20, /* a manifest, or a list of them */
};

#define MARK_PROPERTY "tarn.applied."

/* A table as the catalog has it now: the document, and where it lies. Strs of `at` are owned by `a`. */
int metadata_load(struct lake *l, str space, str name, struct arena *a, struct catalog_table *at,
                  struct ice_metadata *out, struct err *e) MUST_USE;
/* Is it the table that the journal means? */
int uuid_check(const struct ice_metadata *m, str journaled, struct err *e) MUST_USE;
/* The manifests of a snapshot. ERR_CORRUPT where its list is not in this lake, or is not one. */
int snapshot_manifests(struct lake *l, const struct ice_snapshot *s, struct arena *a, struct ice_manifest **out,
                       size_t *count, struct err *e) MUST_USE;
/* Bytes of an object that metadata names by its path. */
int path_get(struct lake *l, str path, struct buf *out, struct err *e) MUST_USE;

/* The parts of an entry's key in the maps of a state: "<one>\0<two>". `scratch` owns it until its next use. */
str state_key(struct buf *scratch, str one, str two);

#endif

/* manifest.h - Iceberg manifests and manifest lists (format v2) as bytes: Avro containers of our own making.
 * Formats: reference B.6 to B.8. Readers bound their work by the input's size. */
#ifndef ICEBERG_MANIFEST_H
#define ICEBERG_MANIFEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "column/stats.h"
#include "iceberg/metadata.h"

enum ice_status { ICE_EXISTING = 0, ICE_ADDED = 1, ICE_DELETED = 2 };

/* One data file. On reading, numbers that the manifest leaves to inheritance are filled in from the manifest's own entry. */
struct ice_file {
	enum ice_status   status;
	int64_t           snapshot_id, sequence_number, file_sequence_number; /* not written for ICE_ADDED: inherited */
	str               path;      /* full, as in the metadata */
	bool              has_partition; /* false: null, or unpartitioned */
	int32_t           partition; /* hours, days or months since 1970 */
	int32_t           sort_order_id; /* 0: none */
	struct file_stats stats;     /* rows, bytes, leaves, splits; in leaves read back, -1: the manifest does not say */
};

struct ice_manifest {
	str     path;
	int64_t length;
	int32_t spec_id;
	bool    is_deletes;
	int64_t sequence_number, min_sequence_number, added_snapshot_id;
	int64_t added_files, existing_files, deleted_files;
	int64_t added_rows, existing_rows, deleted_rows;
	bool    has_bounds;                        /* of the one partition field, when there is one */
	bool    contains_null;
	int32_t lower, upper;                      /* of an hour, day or month; of other transforms without meaning */
	/* As read from a list, so that it can be written into the next one unchanged; zeroed where the manifest is new. */
	str     summaries;                         /* of partitions: their Avro bytes. ptr NULL: made from the bounds above */
	str     key_metadata;
};

/* A manifest of data files. Day partitions are written as Avro dates. */
int ice_manifest_write(const struct schema *schema, int64_t schema_id, const struct ice_spec *spec,
                       const struct ice_file *files, size_t count, struct buf *out, struct err *e) MUST_USE;
/* `of` is the manifest's entry in its list (for inheritance). Files are owned by `a`. All entries are given, those with status
 * ICE_DELETED too. A manifest of deletes, or of files that are not Parquet: ERR_UNSUPPORTED. */
int ice_manifest_read(str bytes, const struct ice_manifest *of, struct arena *a, struct ice_file **out, size_t *count,
                      struct err *e) MUST_USE;
/* What a manifest list says of a manifest just written: counts and partition bounds from its files; path and sequence numbers are the caller's. */
void ice_manifest_describe(const struct ice_spec *spec, const struct ice_file *files, size_t count,
                           struct ice_manifest *out);

int ice_list_write(const struct ice_manifest *manifests, size_t count, int64_t snapshot_id, int64_t parent_id,
                   int64_t sequence_number, struct buf *out, struct err *e) MUST_USE;
int ice_list_read(str bytes, struct arena *a, struct ice_manifest **out, size_t *count, struct err *e) MUST_USE;

/* The partition value of an instant, and its name in a path: "2015-01-01-15". */
int32_t ice_transform_us(enum ice_transform t, int64_t us);
void    ice_partition_name(enum ice_transform t, int32_t value, struct buf *out);
const char  *ice_transform_word(enum ice_transform t); /* "hour"; "void": of ICE_NONE */
enum ice_transform ice_transform_of_word(str word); /* ICE_OTHER where we do not know it */

#endif

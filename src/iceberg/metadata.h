/* metadata.h - Iceberg table metadata (format v2) as a value: read, changed, written; no I/O, no clock.
 *
 * The JSON document itself is kept, so that what we do not know survives a
 * rewrite (reference 0.10). Formats: reference B.2 to B.5. Strs given out are
 * borrowed from the document unless an arena is given.
 */
#ifndef ICEBERG_METADATA_H
#define ICEBERG_METADATA_H

#include "base/arena.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"
#include "column/schema.h"

struct json_t;

struct ice_metadata {
	struct json_t *doc; /* owned */
};

enum ice_transform { ICE_NONE, ICE_HOUR, ICE_DAY, ICE_MONTH, ICE_IDENTITY, ICE_OTHER };

/* The default partition spec; tarn's own tables have no field or one. */
struct ice_spec {
	int32_t            id;
	enum ice_transform transform; /* ICE_NONE: unpartitioned; ICE_OTHER: a spec of someone else's that we do not write */
	int32_t            source_id; /* field id in the schema */
	int32_t            field_id;  /* 1000 and up */
	str                name;      /* "event_time_hour" */
};

struct ice_snapshot {
	int64_t id, parent_id; /* parent 0: none */
	int64_t sequence_number;
	int64_t timestamp_ms;
	int64_t schema_id;
	str     manifest_list; /* path */
	str     operation;     /* "append" */
};

struct ice_pair {
	str key, value;
};

struct ice_table_new {
	const uint8_t       *uuid;      /* 16 bytes */
	str                  location;  /* no '/' at the end */
	const struct schema *schema;
	enum ice_transform   transform; /* of the field `partition_by`, named <field>_hour and so on */
	int32_t              partition_by, sorted_by; /* field ids; sorted_by 0: unsorted, else sort order 1 */
	const struct ice_pair *properties;
	size_t               property_count;
	int64_t              now_ms;
};

/* What a new snapshot adds and removes in whole files. Totals in the summary follow from the parent's. */
struct ice_commit {
	int64_t snapshot_id;
	int64_t now_ms; /* raised to at least the last update */
	str     manifest_list;
	str     operation; /* empty: "append" */
	int64_t added_files, added_rows, added_bytes, changed_partitions;
	int64_t removed_files, removed_rows, removed_bytes;
	const struct ice_pair *summary; /* further entries */
	size_t  summary_count;
};

void ice_metadata_done(struct ice_metadata *m);
int  ice_metadata_parse(str text, struct ice_metadata *out, struct err *e) MUST_USE; /* ERR_CORRUPT, ERR_UNSUPPORTED (not v2) */
void ice_metadata_write(const struct ice_metadata *m, struct buf *out);
void ice_metadata_new(const struct ice_table_new *t, struct ice_metadata *out);

str     ice_uuid_text(const struct ice_metadata *m);
str     ice_location(const struct ice_metadata *m);
int64_t ice_last_sequence_number(const struct ice_metadata *m);
int64_t ice_last_updated_ms(const struct ice_metadata *m);
int64_t ice_current_schema_id(const struct ice_metadata *m);
bool    ice_property(const struct ice_metadata *m, str name, str *out); /* false where absent */
void    ice_set_property(struct ice_metadata *m, str name, str value);
void    ice_drop_property(struct ice_metadata *m, str name);
int     ice_spec(const struct ice_metadata *m, struct ice_spec *out, struct err *e) MUST_USE;
int     ice_spec_by_id(const struct ice_metadata *m, int32_t id, struct ice_spec *out, struct err *e) MUST_USE; /* ERR_MISSING */
/* How the table would be partitioned by this transform of a column: one of its specs, or a new one that ice_set_spec would add. `column` is
 * the column's name; what is made is owned by `a`. */
void    ice_spec_of(const struct ice_metadata *m, enum ice_transform t, int32_t source_id, str column, struct arena *a, struct ice_spec *out);
/* Make it the default, added where it is new. Older files keep theirs. */
void    ice_set_spec(struct ice_metadata *m, const struct ice_spec *s);
int32_t ice_sort_order_id(const struct ice_metadata *m);

/* The schema with this id (-1: the current one). Types we do not know: ERR_UNSUPPORTED. */
int ice_read_schema(const struct ice_metadata *m, int64_t schema_id, struct schema *out, struct err *e) MUST_USE;
/* Make `s` the current schema: an equal one already there is pointed at, else it is added. Returns its schema id; last-column-id follows. */
int64_t ice_set_schema(struct ice_metadata *m, const struct schema *s);
/* A schema as JSON text and back: for manifests, the journal, and tests. */
void ice_schema_write(const struct schema *s, int64_t schema_id, struct buf *out);
int  ice_schema_parse(str text, struct schema *out, struct err *e) MUST_USE;

bool    ice_current_snapshot(const struct ice_metadata *m, struct ice_snapshot *out); /* false where there is none */
size_t  ice_snapshot_count(const struct ice_metadata *m);
void    ice_snapshot_at(const struct ice_metadata *m, size_t index, struct ice_snapshot *out); /* in the order of the file */
bool    ice_summary(const struct ice_metadata *m, int64_t snapshot_id, str key, str *out);
/* Add the snapshot, point main at it, log it. The sequence number is the next one. */
void    ice_add_snapshot(struct ice_metadata *m, const struct ice_commit *a);
/* Note the file this metadata was made from in metadata-log, keeping the newest 100. */
void    ice_log_previous(struct ice_metadata *m, str previous_file, int64_t previous_ms);
/* Keep only the newest `keep` of metadata-log: the files of the others may go. */
void    ice_log_cut(struct ice_metadata *m, size_t keep);

/* Which snapshots of a branch stay: the newest `keep`, then those not older than max_age_ms, up to `most` in all
 * (raised to `keep`). What a ref points at stays; so does, while it is young, what no ref leads to. */
struct ice_expiry {
	int64_t now_ms, max_age_ms;
	int64_t keep, most; /* keep > 0 */
};
/* Drop the others, and what the document says of them; returns how many. Strs borrowed from them are gone. */
size_t  ice_expire_snapshots(struct ice_metadata *m, const struct ice_expiry *rule);

AUTO_DEFINE(ice_metadata, ice_metadata_done)

#endif

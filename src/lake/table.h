/* table.h - a table as the writer holds it: its live schema, and how rows become files and files become snapshots.
 *
 * The road: columns --flush--> data files and a manifest in the store (garbage until named) --journal_commit-->
 * true --apply--> an Iceberg snapshot. Here parquet and iceberg meet; neither knows the other.
 */
#ifndef LAKE_TABLE_H
#define LAKE_TABLE_H

#include "column/columns.h"
#include "iceberg/manifest.h"
#include "iceberg/metadata.h"
#include "lake/journal.h"

struct workers;

struct table {
	str              space, name;
	str              uuid;       /* text */
	str              location;   /* full path */
	struct schema    schema;     /* live: ingest adds fields; ids are final when added */
	int64_t          schema_id;  /* of the catalog's schema when last seen */
	uint32_t         schema_published; /* schema.count when last committed: fields at or above this ordinal are still open to a change of type */
	uint32_t         schema_applied;   /* the same, with files: what the catalog has, or will have once the entry is applied */
	struct ice_spec  spec;
	int32_t          sort_order_id;
	int32_t          time_id;    /* field id that rows are sorted by and partitioned on */
	int32_t          bloom_ids[8];
	uint32_t         bloom_count;
	uint64_t         mark;       /* tarn.applied.<lane> */
	bool             is_staged;  /* stage.h: entries say how their files are partitioned */
	struct arena     arena;
};

/* Load the table, or create it empty in the catalog when `fresh` is given (its uuid is drawn here, its location made). `state` gives the
 * newest journaled schema, which may be ahead of the catalog's. ERR_CORRUPT where uuids differ. The table is owned by the caller. */
struct table_fresh {
	const struct schema *schema; /* standard columns; ids are kept */
	enum ice_transform   transform;
	int32_t              time_id;
};
int  table_open(struct lake *l, str lane, str space, str name, const struct table_fresh *fresh,
                const struct journal_state *state, struct table **out, struct err *e) MUST_USE;
void table_close(struct table *t); /* NULL is fine */

/* Tables that are about to be opened, made together where the journal does not know them: so many wait as long as one. Their names
 * differ. What could not be made is tried again when it is opened, and told then. */
struct table_want {
	str                       name;
	const struct table_fresh *fresh;
};
void tables_make(struct lake *l, str lane, str space, const struct table_want *wants, size_t count, const struct journal_state *state);
/* An entry that lake_flush wrote for this table has been committed: its schema is the journal's now. */
void table_published(struct table *t);
/* An entry that only holds rows of this table has been committed: its schema is the journal's, and not yet the catalog's. */
void table_held(struct table *t);
/* The schema as such an entry tells it; empty where the journal has it. Owned by `a`. */
str  table_held_schema(const struct table *t, struct arena *a);
/* Up to which entry of the lane the table is applied: 0 where it never was. ERR_CORRUPT where the property and the newest
 * snapshot of this lane disagree. */
int  table_mark(const struct ice_metadata *m, const struct lake *l, str lane, uint64_t *out, struct err *e) MUST_USE;

/* Up to which entry of the lane a snapshot shows the table; 0 where that cannot be told. */
uint64_t table_shown(const struct ice_metadata *m, const struct lake *l, str lane, const struct ice_snapshot *s);

/* The lowest entry that some snapshot of the metadata ends with: none of them shows a file that an
 * entry up to this one removed. 0 where that cannot be told of one, or there is none. */
uint64_t table_floor(const struct ice_metadata *m, const struct lake *l, str lane);

/* Rows to be flushed for one table. */
struct flush_job {
	struct table   *table;
	struct columns *columns; /* row_count > 0 */
};

/* Sort each job's rows by time, split them by partition, write Parquet files and one manifest a table, and add an entry_table for each
 * job to `entry`. Parallel over files. Deterministic for given rows. The columns are left as they are. */
int lake_flush(struct lake *l, struct workers *w, const struct origin *o, const struct flush_job *jobs, size_t job_count,
               struct journal_entry *entry, struct err *e) MUST_USE;

/* Bring tables up to the journal: entries (mark, head] of each, folded into one commit a table; parallel over tables. Idempotent and
 * resumable. Unknown outcomes are looked at again. Stops, never skips: a table that is missing, or has another uuid, or whose mark
 * does not fit, is an error that names it. */
struct apply_counts { int64_t tables, files, rows; };
int lake_apply(struct lake *l, struct workers *w, str lane, struct apply_counts *out, struct err *e) MUST_USE;
/* The same where it is known what the journal adds up to, its head included. */
int lake_apply_state(struct lake *l, struct workers *w, str lane, const struct journal_state *s,
                     struct apply_counts *out, struct err *e) MUST_USE;
/* The same for an entry just committed, knowing that all older ones are applied: no reading of the journal. */
int lake_apply_entry(struct lake *l, struct workers *w, str lane, const struct journal_entry *entry,
                     struct apply_counts *out, struct err *e) MUST_USE;
AUTO_PTR_DEFINE(table, table_close)

#endif

/* lake_int.h - what the files of this folder share. */
#ifndef LAKE_LAKE_INT_H
#define LAKE_LAKE_INT_H

#include "iceberg/manifest.h"
#include "iceberg/metadata.h"
#include "lake/journal.h"
#include "lake/scan.h"

struct table;
struct table_fresh;

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
/* "hour(event_time)", as an entry says it; what that means; and the spec that the table has, or would have, for it. */
str partition_write(enum ice_transform t, const struct schema *schema, int32_t time_id, struct arena *a);
int partition_read(str text, const struct schema *schema, enum ice_transform *out, int32_t *time_id, struct err *e) MUST_USE;
int partition_spec(str text, const struct ice_metadata *m, struct arena *a, struct ice_spec *out, struct err *e) MUST_USE;

/* Bytes of an object that metadata names by its path. */
int path_get(struct lake *l, str path, struct buf *out, struct err *e) MUST_USE;

/* An empty table's document. */
void table_document(struct lake *l, str lane, str space, str name, const struct table_fresh *fresh, struct ice_metadata *out);
/* All of a table but its mark: from its document, and from what the journal knows of it. */
int  table_shape(struct table *t, const struct lake *l, const struct ice_metadata *m, const struct table_fresh *fresh,
                 const struct state_table *known, struct err *e) MUST_USE;

/* Pieces of a state as a checkpoint has them; texts are copied. */
void state_put_position(struct journal_state *s, str pipeline, str key, str at);
void state_put_name(struct journal_state *s, str pipeline, str name, str table);
void state_put_table(struct journal_state *s, const struct state_table *t);
void state_put_run(struct journal_state *s, const struct state_run *r);
void state_put_forgotten(struct journal_state *s, const struct entry_forgotten *f);
void state_put_raw(struct journal_state *s, const struct state_raw *r);
/* Added to what is there; false where that is more than a number holds. */
bool state_put_counts(struct journal_state *s, const struct entry_counts *c) MUST_USE;

/* The parts of an entry's key in the maps of a state: "<one>\0<two>". `scratch` owns it until its next use. */
str state_key(struct buf *scratch, str one, str two);

#endif

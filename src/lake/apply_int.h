/* apply_int.h - what is to be done to one table so that it stands where the journal stands. */
#ifndef LAKE_APPLY_INT_H
#define LAKE_APPLY_INT_H

#include "base/vec.h"
#include "lake/lake_int.h"
#include "lake/table.h"

struct tally {
	int64_t files, rows, bytes;
};

/* What one entry does to the table. Strs and `removed` are owned by the work's arena, or by an entry
 * that outlives the work. */
struct touch {
	uint64_t                    seq, epoch;
	str                         manifest, checksum, schema; /* manifest empty: it adds nothing */
	str                         partition; /* as in entry_table */
	int64_t                     manifest_bytes;
	struct tally                came, gone;
	const struct entry_removed *removed;
	size_t                      removed_count;
	uint64_t                    replaces_through;
	/* filled in by work_prepare: the spec of its files, and from the manifest itself */
	bool                        is_described;
	struct ice_spec             spec;
	struct ice_manifest         listed;
	struct ice_file            *files; /* as many as came */
};

/* The document that is to follow the present one; what was last tried is known again by it when its answer was lost. */
struct attempt {
	int64_t    snapshot_id;  /* 0: nothing yet */
	size_t     first;        /* of the touches that it brings */
	str        version;      /* to swap from; owned by the work's arena */
	struct buf text;         /* empty: nothing to be swapped in now */
	bool       is_sweep_due; /* once it is in */
};

struct work {
	str      space, name, uuid;
	uint64_t mark; /* seen when the work was planned; 0 where it was not looked at */
	struct { VEC_OF(struct touch); } touches; /* seq rises; an entry may touch a table more than once. None: nothing is left to do */
	struct attempt      attempt;
	unsigned            tries;   /* that came to nothing, or to nobody knows what */
	struct arena        arena;
	struct apply_counts counts; /* what was done */
};

struct ice_files {
	VEC_OF(struct ice_file);
};

void ice_files_done(struct ice_files *v);
AUTO_DEFINE(ice_files, ice_files_done)

/* Manifests written again, for a snapshot on its way. */
struct rewrite {
	struct lake               *lake;
	const struct ice_metadata *metadata; /* its schema and spec are theirs */
	str                        lane, key; /* the start of their keys, up to the origin */
	int64_t                    snapshot_id, sequence;
	struct arena              *arena;    /* owns their strs */
	struct ice_spec            spec;
	struct schema              schema;   /* empty until something is written */
	size_t                     written;
};
int  rewrite_begin(struct rewrite *w, struct err *e) MUST_USE;
void rewrite_done(struct rewrite *w);
/* The live entries of a manifest, as EXISTING, added to those of others. ERR_CORRUPT where they are not
 * what its list says. */
int  rewrite_read(struct rewrite *w, const struct ice_manifest *m, struct arena *a, struct ice_files *out, struct err *e) MUST_USE;
/* A new manifest of these, all of them under one spec, and what its list is to say of it. `word` stands
 * in its name. */
int  rewrite_put(struct rewrite *w, const char *word, const struct ice_spec *spec, const struct ice_file *files, size_t count,
                 struct ice_manifest *out, struct err *e) MUST_USE;
AUTO_DEFINE(rewrite, rewrite_done)

/* The manifests of a snapshot on its way. */
struct listing {
	struct ice_manifest *old;   /* given: the parent's; afterwards those of them that stay, and what takes the place of others */
	struct ice_manifest *added; /* the touches' */
	size_t               old_count, added_count;
	size_t               replaced;   /* of the parent's: those that are not there any more */
	struct tally         came, went; /* files that the parent does not have, and files that only it has */
	int64_t             *partitions; /* of each of these; INT64_MIN: none */
	size_t               partition_count;
};
/* Of the touches from `first` on. */
int  listing_make(struct rewrite *to, const struct work *w, size_t first, struct listing *out, struct err *e) MUST_USE;
/* `all` are the manifests of a parent; afterwards *count of them are those of the child, less what it
 * adds. */
int  manifests_merge(struct rewrite *w, struct ice_manifest *all, size_t *count, size_t *out_replaced, struct err *e) MUST_USE;

/* Files taken out of the table (discard.c): note the entries from `first` on that do so, and remove
 * from the store what the metadata as it was loaded leads to no more. `now_us` is when. */
void discard_note(struct ice_metadata *m, str lane, const struct work *w, size_t first, int64_t now_us);
int  discard_do(struct lake *l, str lane, str space, str name, struct ice_metadata *m, struct err *e) MUST_USE;

enum { METADATA_KEPT = 100 };

/* Properties of the table: a number that makes no sense counts as absent; a flag is true unless it is
 * "false". */
int64_t table_number(const struct ice_metadata *m, str name, int64_t otherwise);
bool    table_flag(const struct ice_metadata *m, str name);
size_t  table_metadata_kept(const struct ice_metadata *m); /* versions before the present one */
/* Drop the snapshots that the table's properties let go, as of its last update. */
void    history_expire(struct ice_metadata *m);

/* Remove what the table's metadata leads to no more: manifests, lists, old metadata. At any time. */
int  table_sweep(struct lake *l, str lane, str space, str name, struct err *e) MUST_USE;
bool sweep_is_due(const struct lake *l, const struct ice_metadata *m); /* once in sweep_every snapshots */

void work_add(struct work *w, const struct journal_entry *j, const struct entry_table *t); /* strs borrowed from j */
void work_done(struct work *w);
/* Look at the table, and make the document in which all touches above its mark are one snapshot and the mark is at `head`:
 * into w->attempt. What the document names is put soon. 1: nothing is left to do, and the counts say what was done. */
int  work_prepare(struct lake *l, str lane, struct work *w, uint64_t head, struct err *e) MUST_USE;
/* The document is in: the counts. */
void work_count(struct work *w);
/* What else there is to do then. It may fail: it is done at another time. */
void work_follow_up(struct lake *l, str lane, const struct work *w);

/* All tables with touches brought up to `head`. */
int  works_apply(struct lake *l, struct workers *crew, str lane, struct work *works, size_t count, uint64_t head, struct err *e) MUST_USE;

#endif

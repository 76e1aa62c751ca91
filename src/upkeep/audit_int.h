/* audit_int.h - what the journal says there must be, gathered once and then held against the tables and the store. */
#ifndef UPKEEP_AUDIT_INT_H
#define UPKEEP_AUDIT_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "iceberg/metadata.h"
#include "lake/journal.h"
#include "lake/segment.h"
#include "upkeep/audit.h"

enum { FINDING_BYTES = 2048 };

/* A data file that an entry names. */
struct audit_file {
	struct entry_file entry;
	uint64_t          seq;
	bool              is_listed; /* in the table's snapshot */
	uint64_t          removed_by; /* a later entry; 0: none */
};

/* Another object that an entry names: a manifest, a run of ids. */
struct audit_object {
	str      key, checksum;
	int64_t  bytes, count; /* count: ids */
	uint64_t seq;
	struct audit_table *table; /* of a manifest */
	bool     is_replaced;            /* a run of ids whose place a later one has taken: it may be gone */
};

struct audit_raw {
	str      key, checksum, pipeline;
	int64_t  bytes;
	uint64_t seq;
	struct entry_counts counts; /* of the pipeline, in that entry */
	size_t   first;             /* of the segments with the same pipeline and entry; of that one alone: */
	size_t   segments, counted;
	int64_t  verdicts[VERDICT_QUARANTINE + 1];
};

struct audit_table {
	str        space, name, uuid, schema; /* uuid empty: the journal does not know it */
	uint64_t   last_seq;
	uint64_t   mark;    /* entries up to it are applied; 0 where the table could not be looked into */
	uint64_t   floor;   /* no snapshot shows what entries up to it removed (table_floor) */
	struct { VEC_OF(struct audit_file); } files;
	struct map by_key;  /* -> number in files + 1 */
	struct map reached; /* keys of the manifests that its snapshots lead to -> their bytes */
};

/* The entries added up, to hold checkpoints against. */
struct audit_fold {
	struct audit        *audit;
	struct journal_state state;
	bool                 is_broken; /* some entry could not be folded in */
	struct { VEC_OF(uint64_t); } seqs; /* of checkpoints, rising */
	size_t               next;
};

/* An object that an entry names and that is not there. */
struct audit_missed {
	str key, text;
};

struct audit {
	struct lake            *lake;
	str                     lane;
	const struct audit_conf *conf;
	audit_finding_fn       *each;
	void                   *context;
	struct audit_counts     counts;
	uint64_t                head, last_commit; /* entries: the newest, and the newest that is a commit */
	struct map              tables; /* "<space>.<name>" -> struct audit_table */
	struct { VEC_OF(struct audit_object); } manifests;
	struct { VEC_OF(struct audit_object); } ids;
	struct map              ids_by_key; /* -> number in ids + 1 */
	struct { VEC_OF(struct audit_raw); } raws;
	struct map              forgotten; /* pipeline -> entry up to which raw may be gone */
	struct { VEC_OF(struct audit_missed); } missing; /* not said yet */
	struct arena            arena; /* owns all strs */
};

/* One finding: "journal: hole: ..." */
void audit_say(struct audit *a, const char *format, ...) PRINTF(2, 3);
/* What is no finding, and could be one: "table events.x ..." */
void audit_note(struct audit *a, const char *format, ...) PRINTF(2, 3);
/* An object that should be there is not. It is said in the end, unless it was let go meanwhile. */
void audit_missing(struct audit *a, str key, const char *format, ...) PRINTF(3, 4);
int  audit_say_missing(struct audit *a, struct err *e) MUST_USE;
/* May it have been removed? By what the journal and the tables said when they were read. */
bool audit_file_may_go(const struct audit_table *t, const struct audit_file *file);
bool audit_object_may_go(const struct audit_object *o);
bool audit_raw_may_go(const struct audit *a, const struct audit_raw *r);
/* Is this a thing to be found and named, rather than a failure to look? */
bool audit_is_finding(int class);

struct audit_table *audit_table(struct audit *a, str space, str name);

void audit_done(struct audit *a);
AUTO_DEFINE(audit, audit_done)

void audit_fold_done(struct audit_fold *f);
/* Which checkpoints there are: before the entries are listed, so that each has its entry. */
int  audit_fold_begin(struct audit *a, str lane, struct audit_fold *out, struct err *e) MUST_USE;
int  audit_fold_entry(struct audit_fold *f, const struct journal_entry *j, struct err *e) MUST_USE;
void audit_fold_end(struct audit_fold *f);
AUTO_DEFINE(audit_fold, audit_fold_done)

/* What an entry takes out of a table, before what it adds. is_gapped: entries before it could not be read. */
void audit_removed(struct audit *a, struct audit_table *t, const struct entry_table *from, uint64_t seq, bool is_gapped);

/* Where a table is to be looked at. */
struct audit_stand {
	uint64_t mark;     /* entries up to it are shown */
	int64_t  snapshot; /* 0: none */
};
/* 1: there; 0: nowhere. What is wrong with where it stands has been said. */
int audit_stand(struct audit *a, const struct audit_table *t, const struct ice_metadata *m, struct audit_stand *out,
                struct err *e) MUST_USE;

/* The start of what is said of a table. */
#define TABLE_FMT "table " STR_FMT "." STR_FMT
#define TABLE_ARG(t) STR_ARG((t)->space), STR_ARG((t)->name)

/* The rounds. Each returns a class only where it could not look. */
int audit_journal(struct audit *a, struct err *e) MUST_USE;
int audit_tables(struct audit *a, struct err *e) MUST_USE;
int audit_files(struct audit *a, struct err *e) MUST_USE; /* data files, manifests, ids */

/* Are these the bytes that the journal means? "<group>: checksum: ..." where not. */
void audit_checksum(struct audit *a, const char *group, str key, str want, str bytes);

/* Raw segments: noted entry by entry, then looked at. */
void audit_take_raw(struct audit *a, const struct journal_entry *j);
int  audit_raws(struct audit *a, struct err *e) MUST_USE;

#endif

/* audit_int.h - what the journal says there must be, gathered once and then held against the tables and the store. */
#ifndef UPKEEP_AUDIT_INT_H
#define UPKEEP_AUDIT_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "lake/journal.h"
#include "upkeep/audit.h"

/* A data file that an entry names. */
struct audit_file {
	struct entry_file entry;
	uint64_t          seq;
	bool              is_listed; /* in the table's snapshot */
};

/* Another object that an entry names: a manifest, a run of ids. */
struct audit_object {
	str      key, checksum;
	int64_t  bytes, count; /* count: ids */
	uint64_t seq;
};

struct audit_table {
	str        space, name, uuid, schema; /* uuid empty: the journal does not know it */
	uint64_t   last_seq;
	struct { VEC_OF(struct audit_file); } files;
	struct map by_key; /* -> number in files + 1 */
};

struct audit {
	struct lake            *lake;
	str                     lane;
	const struct audit_conf *conf;
	audit_finding_fn       *each;
	void                   *context;
	struct audit_counts     counts;
	uint64_t                head;
	struct map              tables; /* "<space>.<name>" -> struct audit_table */
	struct { VEC_OF(struct audit_object); } manifests;
	struct { VEC_OF(struct audit_object); } ids;
	struct arena            arena; /* owns all strs */
};

/* One finding: "journal: hole: ..." */
void audit_say(struct audit *a, const char *format, ...) PRINTF(2, 3);
/* Is this a thing to be found and named, rather than a failure to look? */
bool audit_is_finding(int class);

struct audit_table *audit_table(struct audit *a, str space, str name);

/* The rounds. Each returns a class only where it could not look. */
int audit_journal(struct audit *a, struct err *e) MUST_USE;
int audit_tables(struct audit *a, struct err *e) MUST_USE;
int audit_files(struct audit *a, struct err *e) MUST_USE; /* data files, manifests, ids */

#endif

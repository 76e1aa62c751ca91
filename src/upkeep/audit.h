/* audit.h - does everything add up? Read-only, from the lake alone.
 *
 * Findings, one a line, each beginning with a word that scripts may match:
 *   journal: hole, hash, chain, balance, position, checkpoint
 *   table: missing, uuid, mark, schema, rolled back
 *   snapshot: cannot be read, file listed twice, file not of the journal, file of the journal not listed,
 *             file listed that was removed, rows differ
 *   file: missing, size, footer, origin, rows, checksum (deep)      ids: missing, count, checksum (deep)
 *   raw: missing, size, checksum (deep), verdicts (deep)
 *
 * Manifests that were merged away and runs of ids that were replaced may be gone: all that they said is said
 * elsewhere, and that is looked at. So may data files that an entry removed, once no snapshot leads to them.
 *
 * A writer may be at work meanwhile: tables are looked at as they stood at the last entry read.
 */
#ifndef UPKEEP_AUDIT_H
#define UPKEEP_AUDIT_H

#include "lake/lake.h"

typedef void audit_finding_fn(void *context, const char *text);

struct audit_conf {
	bool is_deep; /* read every byte: checksums, and rows recounted from the heads of the pages */
	audit_finding_fn *note; /* told, with the context of the findings, what could not be told; NULL: nobody */
};

struct audit_counts {
	int64_t entries, tables, files, bytes, records, rows, duplicates, conflicts, quarantined, dropped, findings;
};

/* Returns 0 when it could look at everything it could, whatever it found; out->findings says how much. */
int lake_audit(struct lake *l, str lane, const struct audit_conf *conf, audit_finding_fn *each, void *context,
               struct audit_counts *out, struct err *e) MUST_USE;

/* "file: missing" of "file: missing: a/b of entry 7", and what to do about findings of that kind. */
str         audit_kind(str finding);
const char *audit_remedy(str kind);

#endif

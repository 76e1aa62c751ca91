/* quarantine.h - refused records as rows of the table tarn.quarantine: nothing is lost, and a person can see why.
 *
 *   quarantined_at | pipeline | reason | pointer | message | source_position | byte_offset | record_bytes | record | record_sha256 | tarn_version
 *
 * `record` holds the original bytes, or the head of them where the record was over the limit (record_bytes says how
 * long it was, where that is known). Partitioned by day of quarantined_at.
 */
#ifndef INGEST_QUARANTINE_H
#define INGEST_QUARANTINE_H

#include "column/columns.h"
#include "ingest/event.h"

void quarantine_schema(struct schema *out);
/* Append one row. */
void quarantine_row(struct columns *c, const struct run *run, const struct event *ev, str pipeline, str part_label,
                    int64_t now_us);

/* A row as it lies in a file of the table. Texts and bytes are borrowed for a call; ptr NULL: null. */
struct refused {
	size_t  file;   /* which of the files read */
	int64_t row;    /* its place there, from 0 */
	int64_t at_us, bytes;
	int64_t offset; /* has_offset: it is not null */
	bool    has_offset;
	str     pipeline, reason, pointer, message, position, record, sha256, version;
};
/* Append it as it is. */
void quarantine_copy(struct columns *c, const struct refused *r);

#endif

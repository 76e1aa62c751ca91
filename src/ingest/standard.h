/* standard.h - the columns every event table has, whatever its events hold.
 *
 *   event_id | event_name | event_time | ingested_at | source_position | [event_type | event_subtype | created_datetime]
 *   ... the event's own ... | _extra
 *
 * A member of the record that one of them holds exactly has no column of its own: the doc of the standard column is
 * then its JSON Pointer. Other docs are words, and never begin with '/'.
 */
#ifndef INGEST_STANDARD_H
#define INGEST_STANDARD_H

#include "column/schema.h"
#include "ingest/pipeline.h"

enum standard {
	STANDARD_ID,
	STANDARD_NAME,
	STANDARD_TIME,
	STANDARD_INGESTED,
	STANDARD_POSITION,
	STANDARD_TYPE,    /* these three only where declared */
	STANDARD_SUBTYPE,
	STANDARD_CREATED,
	STANDARD_EXTRA,
	STANDARD_COUNT,
};

/* The schema of a new table whose first event got its name by `rule`. */
void standard_schema(const struct pipeline *p, const struct name_rule *rule, struct schema *out);
/* Their fields in a table's schema, NULL where it has not one. */
void standard_fields(const struct schema *s, const struct field *out[STANDARD_COUNT]);
/* Is this field of the table one of them? A member of its own may be called event_type where that enrichment is not declared: it
 * is known by its doc. */
bool standard_is_field(const struct schema *s, const struct field *f);

/* Can this pipeline write to the table? ERR_UNSUPPORTED says which column is not there or of another type: the
 * table was made by someone else, or by a pipeline with another kind of id. */
int standard_check(const struct pipeline *p, const struct schema *s, struct err *e) MUST_USE;

#endif

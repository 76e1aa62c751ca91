/* envelope.h - from a record to an event: parse, then id, name and time; or the reason why not.
 *
 * Pure: no I/O, and the clock's reading is given. One `struct envelope` a worker: it holds the
 * tape of all records it has looked at since envelope_clear, and what strings it had to make.
 */
#ifndef INGEST_ENVELOPE_H
#define INGEST_ENVELOPE_H

#include "ingest/contract.h"
#include "ingest/pipeline.h"

enum { ENVELOPE_NAMES = 256 };

/* An event name that was found good; len 0: none. */
struct good_name {
	uint32_t len;
	char     text[60];
};

struct envelope {
	const struct pipeline *pipeline;
	uint64_t               secret;
	uint64_t               key_seed;  /* secret mixed with the pipeline's name */
	uint32_t               number;    /* which tape this is, for event.tape */
	int64_t                now_us;
	struct json_tape       tape;
	struct arena           made;      /* names from templates, unescaped ids, pointers: until envelope_clear */
	struct buf             scratch, text;
	struct trial           trial;
	struct good_name       good_names[ENVELOPE_NAMES]; /* by their hash */
};

void envelope_init(struct envelope *v, const struct pipeline *p, uint64_t secret, uint32_t number);
void envelope_done(struct envelope *v);
void envelope_clear(struct envelope *v, int64_t now_us);

/* Look at one record. `part_name` is the name that the record's part gives (NAME_PART), empty where it gives none.
 * The verdict is VERDICT_ROW or VERDICT_QUARANTINE: repeats are not known here. */
void envelope_open(struct envelope *v, const struct run *run, const struct record *record, str part_name,
                   struct event *out);

/* The name that a part's key gives by the pipeline's NAME_PART rules; empty where none does. Owned by `a`. */
str envelope_part_name(const struct pipeline *p, str part_key, struct arena *a);

#endif

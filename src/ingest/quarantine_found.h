/* quarantine_found.h - a row of tarn.quarantine as the record that its source had handed out. */
#ifndef INGEST_QUARANTINE_FOUND_H
#define INGEST_QUARANTINE_FOUND_H

#include "ingest/quarantine_replay.h"
#include "ingest/raw_find.h"

struct found {
	str               key;     /* of its part */
	str               raw, text; /* as received; JSON */
	uint64_t          offset;
	enum record_fault fault;
	bool              is_made; /* the JSON was made of a CSV row, and raw has it; else it is a piece of what was received */
};

/* `raw`: NULL where nothing of the pipeline is kept. What the record points at is borrowed from r, raw and a. *why is CANNOT_COUNT where
 * it can be judged anew; else *out is of no use. */
int  found_open(const struct pipeline *p, str base, struct raw_find *raw, const struct refused *r, struct arena *a, struct found *out,
                enum cannot *why, struct err *e) MUST_USE;

/* One more record of the run, which holds made ones alone, or none. Copied. */
void found_add(const struct found *f, const struct pipeline *p, struct run *run);

#endif

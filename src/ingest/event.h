/* event.h - one record on its way: what the envelope found, and what becomes of it. */
#ifndef INGEST_EVENT_H
#define INGEST_EVENT_H

#include "base/hash.h"
#include "codec/json.h"
#include "codec/time.h"
#include "lake/segment.h"
#include "source/source.h"

/* Why a record is refused. Codes (reason_code) are what users see and match: never renamed. The json_fault kinds come
 * first, so that one becomes the other by value. */
enum reason {
	REASON_NONE = 0,
	REASON_JSON_LAST = JSON_ARRAY_SIZE,
	REASON_SIZE_RECORD,
	REASON_FRAME_COMPRESSION,
	REASON_FRAME_RECORDS,
	REASON_CSV_QUOTE,
	REASON_CSV_FIELDS,
	REASON_NOT_OBJECT,
	REASON_ENVELOPE_MISSING,
	REASON_ID_MISSING,
	REASON_ID_INVALID,
	REASON_ID_CONFLICT,
	REASON_TYPE_MISSING,
	REASON_TYPE_NAME,
	REASON_TYPE_CASE,
	REASON_TYPE_UNKNOWN,
	REASON_TIME_MISSING,
	REASON_TIME_SYNTAX,
	REASON_TIME_ZONE,
	REASON_TIME_RANGE,
	REASON_TIME_UNIT,
	REASON_TIME_FUTURE,
	REASON_VALUE_CONTROL,
	REASON_SCHEMA_REQUIRED,
	REASON_CONTRACT_TYPE, /* these to REASON_CONTRACT_LAST: contract.h */
	REASON_CONTRACT_REQUIRED,
	REASON_CONTRACT_ENUM,
	REASON_CONTRACT_RANGE,
	REASON_CONTRACT_LENGTH,
	REASON_CONTRACT_PATTERN,
	REASON_CONTRACT_EXTRA,
	REASON_CONTRACT_LAST = REASON_CONTRACT_EXTRA,
	REASON_COUNT,
};

const char *reason_code(enum reason r); /* "time.missing" */
enum reason reason_of(str code);         /* REASON_NONE: not one of ours */
const char *reason_words(enum reason r); /* a sentence for people */

struct event {
	const struct record *record;
	const uint64_t      *words;   /* its tokens; NULL where it did not parse */
	uint64_t             tape_at; /* where they stand on the tape of `tape`: words is set from them once tapes have stopped growing */
	uint32_t             tape;
	enum verdict         verdict;
	enum reason          reason;
	str                  pointer; /* of the member at fault; borrowed from the pipeline, or from the envelope until it is cleared */
	uint32_t             offset;  /* byte in the record where the fault was noticed */
	uint32_t             id_at;   /* ID_PATH: tape index of the id */
	uint32_t             name_at; /* of the member that is the name whole; 0: there is none */
	uint32_t             time_at; /* of the member that event_time holds exactly; 0: there is none */
	uint32_t             name_rule;
	uint32_t             target;  /* which table, once named */
	bool                 is_id_exact;    /* event_id does (a UUID in capitals is not) */
	str                  name;
	uint64_t             name_hash;
	const struct contract *contract; /* of the name; NULL: it has none */
	int64_t              time_us;
	struct hash128       id;      /* ID_HASH, ID_RECORD: the id itself; uuid: its 16 bytes */
	struct hash128       key;     /* for dedupe */
	uint64_t             payload; /* hash of all but the ignored members */
};

/* Where the record came from, as rows say it: "<part>:<offset>". Appended. */
void event_position(const struct event *ev, str part_label, struct buf *out);

#endif

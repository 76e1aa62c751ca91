/* contract.h - contracts: what is declared of the records of an event name, as a subset of JSON Schema.
 *
 * A contract is a tree of rules over the whole record. app/config_contract.c makes it from YAML (docs/config.md has
 * the keywords); nothing here reads text, and nothing is changed after contracts_seed, so that workers share it.
 *
 * A rule with a leaf type pins its column (rule_column). rule_hold says what that column holds of a value, for the
 * trial before an event is judged and for shredding after it alike: what passed the one goes into its column in the other.
 *
 * Null is absence: a required member may be null only where its type says "null" too; any other may be.
 */
#ifndef INGEST_CONTRACT_H
#define INGEST_CONTRACT_H

#include <regex.h>

#include "base/map.h"
#include "base/vec.h"
#include "codec/json.h"
#include "codec/time.h"
#include "column/schema.h"
#include "ingest/event.h"

enum rule_type {
	RULE_ANY, /* nothing is said: its column is inferred */
	RULE_OBJECT,
	RULE_ARRAY,
	RULE_STRING,  /* numbers, true and false too, as their own text */
	RULE_INTEGER, /* 1.0 too */
	RULE_NUMBER,
	RULE_BOOLEAN,
	RULE_INSTANT, /* format date-time: text; numbers where there is a unit */
	RULE_DATE,
	RULE_UUID,
	RULE_JSON,    /* format json: any value, as its own JSON text */
};

struct rule;

struct rule_member {
	str          name;
	uint64_t     hash; /* hash_name with the lake's secret */
	bool         is_required;
	struct rule *rule;
};

struct rule_bound {
	bool        is_set, is_exclusive;
	long double number; /* exact for every int64 and double */
};

struct rule {
	enum rule_type      type;
	bool                is_nullable;
	bool                is_coerced; /* INTEGER, NUMBER, BOOLEAN: text that says one is one, as in CSV always */
	bool                is_narrow;  /* INTEGER: 32 bits */
	/* OBJECT */
	bool                is_closed;  /* no members but these */
	struct rule_member *members;
	uint32_t            member_count, required_count;
	uint32_t           *slots;      /* hash -> member + 1 */
	uint32_t            slot_count; /* a power of two */
	struct rule        *items;      /* ARRAY: of each element; NULL: inferred */
	/* INSTANT */
	bool                has_unit, has_zone;
	enum time_unit      unit;
	int                 zone_minutes;
	/* of values */
	str                *words;      /* STRING: one of these, where there are any */
	long double        *numbers;    /* INTEGER, NUMBER: the same */
	uint32_t            choice_count;
	struct rule_bound   least, most;           /* INTEGER, NUMBER */
	uint32_t            shortest, longest;     /* STRING: code points; ARRAY: elements */
	regex_t            *pattern;               /* STRING; compiled by pattern.h */
};

struct contract {
	str          name;    /* an event name, or with * and ? a pattern of them */
	bool         is_pattern;
	uint32_t     number;  /* place in contracts.at */
	uint32_t     leaf_count, widest; /* columns it pins, members of its largest nested object: against the limits */
	const char  *file;    /* where it stands, for messages */
	unsigned     line;
	struct rule *root;    /* an object */
};

struct contracts {
	VEC_OF(struct contract *);
	struct map          by_name; /* those that are no pattern */
	struct { VEC_OF(regex_t *); } patterns; /* of the rules, to be freed */
	uint64_t            fingerprint; /* of the files that some of them were read from */
	struct arena        arena;   /* owns all */
};

void contracts_done(struct contracts *c);
/* Take in one more; ERR_CONFLICT where its name has one. Borrowed: it lives in the arena. */
int  contracts_add(struct contracts *c, struct contract *one, struct err *e) MUST_USE;
/* The contract of this very name, else the first pattern that it fits, else NULL. `c` NULL is fine. */
const struct contract *contracts_find(const struct contracts *c, str event_name);
/* Give every member its hash under the lake's secret. */
void contracts_seed(struct contracts *c, uint64_t secret);

/* What is declared of a member; NULL where nothing is. `key` is its JSON_KEY token. */
const struct rule_member *rule_member(const struct rule *object, const char *text, uint64_t key, uint64_t hash);
/* The type of the column that the rule pins; false where it pins none: objects, arrays, anything. */
bool rule_column(const struct rule *r, enum type *out);

/* --- values ---- */

/* What a column has of a value. */
struct held {
	bool    is_converted; /* the value came in another form: a number as text, a time as a number */
	bool    is_exact;     /* false: this is the nearest that the column has, and the value goes to _extra too */
	union {
		int64_t whole;    /* LONG, TIMESTAMPTZ, DATE */
		double  real;
		bool    truth;
		uint8_t uuid[16];
	};
	str     text;         /* STRING: in the record, or in the scratch */
};

/* false: the value at words[at], which is not null, is of a type that the rule's column cannot hold. The rule has a column. */
bool rule_hold(const struct rule *r, const char *text, const uint64_t *words, uint32_t at, bool is_text_typed,
               struct buf *scratch, struct held *out);

/* --- records ---- */

/* One a worker. After a refusal: why, the byte of the record, and the JSON Pointer of the member. */
struct trial {
	enum reason reason;
	uint32_t    offset;
	struct buf  pointer;
	struct buf  scratch;
	uint64_t    converted, inexact; /* values of accepted and refused records, since the beginning */
	bool        has_stars; /* to be set: the pointer has '*' for indexes */
};

void trial_done(struct trial *t);
/* Does the record hold to the contract? */
bool contract_try(const struct contract *c, const char *text, const uint64_t *words, bool is_text_typed, struct trial *t);

#endif

/* mutate.h - records made wrong in known ways.
 *
 * Each damage breaks one thing only, so that the reason code of the quarantine is certain. No damage puts a
 * newline into a record: one line stays one record.
 */
#ifndef SIMULATE_MUTATE_H
#define SIMULATE_MUTATE_H

#include "simulate/random.h"
#include "simulate/record.h"

enum damage {
	DAMAGE_CUT,            /* json.syntax: the object ends in the middle */
	DAMAGE_TRAILING,       /* json.trailing: something after the object */
	DAMAGE_UTF8,           /* json.utf8: a byte that is no UTF-8 in a string */
	DAMAGE_REPEATED_KEY,   /* json.duplicate_key */
	DAMAGE_ARRAY,          /* envelope.not_object: the record in brackets */
	DAMAGE_ID_MISSING,     /* id.missing */
	DAMAGE_ID_EMPTY,       /* id.invalid: "" */
	DAMAGE_NAME_MISSING,   /* type.missing */
	DAMAGE_TIME_MISSING,   /* time.missing */
	DAMAGE_TIME_WORD,      /* time.syntax: "yesterday" */
	DAMAGE_ATTRIBUTES,     /* schema.required: the attributes are a text */
	DAMAGE_CSV_FIELDS,     /* csv.fields: one too few or one too many */
	DAMAGE_CSV_TIME,       /* time.syntax: no such day, or no such hour */
	DAMAGE_COUNT
};

const char *damage_reason(enum damage damage);

void record_damage(struct record *r, enum damage damage, struct random *random);

/* The same record sent again later: its time, a whole number, grows by 1 to 600 seconds of `second` units
 * each. */
void record_restamp(struct record *r, uint64_t second, struct random *random);

#endif

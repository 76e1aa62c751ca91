/* fields.h - the fields of product and domain events: which ones a kind of event has, and their values.
 *
 * A field has one type wherever it stands, is never null and never empty: its column's type is settled by
 * any record, and a drifting value is the only one that does not fit. Which fields an event has follows
 * from its name alone, so that every seed gives the same schema.
 */
#ifndef SIMULATE_FIELDS_H
#define SIMULATE_FIELDS_H

#include "base/arena.h"
#include "base/str.h"
#include "simulate/random.h"

enum { SHAPE_MAX = 14 };

struct shape {
	uint8_t  count;
	uint8_t  at[SHAPE_MAX]; /* rows of the catalogue of fields */
	uint16_t optional;      /* bit i: the i-th is absent from a fifth of the records */
};

/* `count` different fields chosen by a hash of the name. */
void shape_choose(struct shape *s, str event_name, uint32_t count);

/* "key":value pairs with commas between them; nothing where all are absent. */
char *put_shape(char *p, const struct shape *s, int64_t us, struct random *r);

/* Event names as table names: every byte that is not a-z or 0-9 becomes '_'. */
str table_of(str event_name, struct arena *a);

#endif

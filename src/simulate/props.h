/* props.h - properties by the thousand, for events as wide as a benchmark wants them.
 *
 * A property is known by its number: `order_total`, `banner_clicked_at` and so on, whose type follows from
 * the key, wherever it stands. Values are never null and never empty.
 */
#ifndef SIMULATE_PROPS_H
#define SIMULATE_PROPS_H

#include "base/str.h"
#include "simulate/random.h"

enum { PROPS_MAX = 40, PROP_COUNT = 2080 };

/* Which properties an object has. */
struct props {
	uint32_t count;
	uint16_t at[PROPS_MAX]; /* numbers of properties */
	uint64_t optional;      /* bit i: the i-th is absent from a fifth of the records; never the first */
};

/* `count` different ones of the first `of`, chosen by a hash of `owner`: every seed gives the same. */
void props_choose(struct props *s, str owner, uint32_t count, uint32_t of);

/* "key":value pairs with commas between them; `us` is the event's time. */
char *put_props(char *p, const struct props *s, int64_t us, struct random *r);
char *put_prop(char *p, uint32_t number, int64_t us, struct random *r); /* one pair */

/* "key", for an object or a list that bears the name of a thing: one of 80. */
char *put_thing(char *p, uint32_t number);

#endif

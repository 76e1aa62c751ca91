/* identity.h - how most records begin: id, name and time, at the top of the object; and what may be wrong
 * with those. */
#ifndef SIMULATE_IDENTITY_H
#define SIMULATE_IDENTITY_H

#include "simulate/mutate.h"

/* The three keys, with quotes and colon. */
struct identity {
	str id, name, time;
};

/* Each writes into the cleared record `out` from its first byte, to the comma after the time, and says where
 * the members stand. `time` is as JSON has it. */
char *put_identity(const struct identity *keys, str name, str time, struct random *r, struct record *out);

/* "user_id":..,"session_id":".." ; the first one is a text where the record drifts. */
char *put_visitor(char *p, struct random *r, const struct record *out);

/* {"event_uuid":"..","event_name":"payment:order:completed","created_at":1748822400, */
char *put_product_identity(str name, int64_t us, struct random *r, struct record *out);

enum { IDENTITY_DAMAGES = 10 };
extern const enum damage identity_damages[IDENTITY_DAMAGES];

#endif

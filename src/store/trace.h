/* trace.h - a store that counts: calls, failures and bytes by verb.
 *
 * It wears the face of a store over an inner one, which is borrowed. What a run
 * costs on a store that bills by request is read here, and tests that promise a
 * number of requests ask it.
 */
#ifndef STORE_TRACE_H
#define STORE_TRACE_H

#include "store/store.h"
#include "store/verb.h"

struct store_trace {
	struct {
		uint64_t calls;
		uint64_t failures; /* of the calls */
		uint64_t bytes;    /* get: read; puts: stored; list: of keys; else 0 */
	} verbs[STORE_VERB_COUNT];
};

struct store *store_new_trace(struct store *inner);
void          store_trace_read(struct store *s, struct store_trace *out); /* the counts so far */

#endif

/* record.h - one record under way, and where its parts stand in it. */
#ifndef SIMULATE_RECORD_H
#define SIMULATE_RECORD_H

#include <assert.h>

#include "base/str.h"

enum { RECORD_SIZE = 8192 };

struct span {
	uint32_t from, to; /* bytes of the text; both 0 where the record has no such part */
};

/* Members reach from the key's quote to the comma after the value, so that cutting one out leaves good
 * JSON. */
struct record {
	uint32_t    len;
	uint32_t    table;      /* in the order of the kind's tables */
	bool        is_late, is_drifted;
	struct span id, name, time;         /* whole members */
	struct span id_value, time_value;   /* as they stand: quotes included */
	struct span attributes;             /* the value */
	struct span words;                  /* the inside of some string, ASCII */
	char        text[RECORD_SIZE];      /* no newline, no NUL at the end */
};

/* The place `p` in the text of `r`. */
static inline uint32_t record_at(const struct record *r, const char *p)
{
	assert(p >= r->text && p <= r->text + RECORD_SIZE);
	return (uint32_t)(p - r->text);
}

static inline void record_clear(struct record *r)
{
	memset(r, 0, offsetof(struct record, text));
}

static inline str record_str(const struct record *r)
{
	return (str){r->text, r->len};
}

#endif

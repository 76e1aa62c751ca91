/* drift.h - what stands in a table's _extra: by the place in records that it came from, and why no column has it. */
#ifndef APP_DRIFT_H
#define APP_DRIFT_H

#include "app/place.h"
#include "app/tables.h"
#include "base/vec.h"

struct views;

enum drift_why {
	DRIFT_TYPE,     /* the place has a column of another type, or one that is not as fine */
	DRIFT_BUDGET,   /* it has none, for the limits of the pipeline */
	DRIFT_NAME,     /* no column can have its name, or a standard column does */
	DRIFT_SPELLING, /* a standard column has it, in another spelling */
	DRIFT_EMPTY,    /* null, {} or []: nothing that a column could be made of */
	DRIFT_WHYS,
};

/* What values there were: bits. */
enum drift_kind {
	KIND_INTEGER = 1,
	KIND_LARGE = 2,   /* integers that no double holds */
	KIND_REAL = 4,
	KIND_BOOLEAN = 8,
	KIND_TEXT = 16,
	KIND_TEXT_INTEGER = 32, /* text that says so */
	KIND_TEXT_REAL = 64,
	KIND_TEXT_BOOLEAN = 128,
	KIND_OBJECT = 256,
	KIND_ARRAY = 512,
};

enum { DRIFT_EXAMPLES = 3, DRIFT_PLACES = 1000 };

struct drift_place {
	str                 pattern;
	enum drift_why      why;
	const struct field *field;   /* its column; NULL: it has none */
	unsigned            kinds;   /* in _extra; KIND_LARGE also where the column has such */
	int64_t             values, objects; /* how many of them are objects */
	int64_t             first_us, last_us; /* event times */
	str                 examples[DRIFT_EXAMPLES]; /* JSON as it came, all different, their heads only where they are long */
	unsigned            example_count;
};

struct drift {
	struct schema  schema;
	struct places  places;
	struct { VEC_OF(struct drift_place); } at; /* in order of pattern, then why */
	struct map     by_key;
	int64_t        values[DRIFT_WHYS];
	size_t         strangers; /* places that have no column */
	int64_t        unlisted;  /* values of strangers past DRIFT_PLACES */
	struct arena   arena;
};

/* Of all rows, or those of one event name. A table without _extra has none. `s` is not kept. */
int  drift_read(struct views *v, const struct table_name *t, const struct scan *s, str event_name, struct drift *out,
                struct err *e) MUST_USE;
void drift_done(struct drift *d);

const struct drift_place *drift_find(const struct drift *d, str pattern, enum drift_why why); /* NULL: none */

/* The narrowest schema, as YAML, whose column would hold all that is at the place: "{type: string}". */
const char *drift_rule(const struct drift_place *p);
/* The word for the column that it has: "long"; "none". */
const char *drift_column(const struct drift_place *p);

AUTO_DEFINE(drift, drift_done)

#endif

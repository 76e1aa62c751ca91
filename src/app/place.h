/* place.h - the places in records that a table's columns come from, by their patterns: "/payload/commits/ * /sha"
 * (without the blanks). */
#ifndef APP_PLACE_H
#define APP_PLACE_H

#include "base/buf.h"
#include "base/map.h"
#include "column/schema.h"

struct place {
	const struct field *field;       /* its column; NULL: an object whose members' columns stand at the top of the table */
	bool                is_standard; /* a standard column holds it */
};

struct places {
	const struct schema *schema;   /* borrowed */
	struct map           by_pattern; /* -> struct place */
	struct arena         arena;
};

void places_init(struct places *p, const struct schema *s);
void places_done(struct places *p);

const struct place *places_find(const struct places *p, str pattern); /* NULL: nothing is known of it */
/* A JSON Pointer with '*' for each index into a list that has a column. Appended. */
void places_pattern(const struct places *p, str pointer, struct buf *out);
/* One step down: a star below a list, else the token as it stands in pointers, '/' and '~' escaped. */
void places_step(const struct places *p, str token, struct buf *pattern);
/* Can no column be made of a member of this name, here? */
bool places_is_bad_name(const struct places *p, str pattern);

/* The first token as it stands, without its '/'; *rest is what follows it. */
str  pointer_first(str pointer, str *rest);
/* A token without its escapes; the last one of a pointer. Appended. */
void token_plain(str token, struct buf *out);
void pointer_last(str pointer, struct buf *out);

AUTO_DEFINE(places, places_done)

#endif

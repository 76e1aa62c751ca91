/* value.h - one value of a result vector as text. The type is read once a column, then every row
 * is printed from it. */
#ifndef QUERY_VALUE_H
#define QUERY_VALUE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "query/duckdb_api.h"

struct value_type {
	enum duck_type_id  id;
	bool               is_json;  /* VARCHAR that holds JSON */
	enum duck_type_id  internal; /* DECIMAL, ENUM: the type of what is stored */
	unsigned           scale;    /* DECIMAL */
	uint64_t           count;    /* children; ARRAY: elements of a value; ENUM: words */
	str               *names;    /* of STRUCT and UNION members, of ENUM's words */
	/* LIST, ARRAY: one; MAP: key and value; STRUCT, UNION: the members */
	const struct value_type **children;
};

/* ERR_UNSUPPORTED for a type that has no text here, with what to do. Owned by `a`; nothing of
 * `type` is kept. */
int  value_type_read(const struct duck_api *api, struct duck_type *type, struct arena *a,
                     const struct value_type **out, struct err *e) MUST_USE;
bool value_type_is_number(const struct value_type *t);

/* Row `row` of a vector: see answer.h for how values look. */
void value_json(const struct duck_api *api, const struct value_type *t, struct duck_vector *v,
                uint64_t row, struct buf *out);
/* The bytes of a VARCHAR or BLOB, borrowed from the vector; ptr NULL for NULL. */
str  value_bytes(const struct duck_api *api, const struct value_type *t, struct duck_vector *v, uint64_t row);
/* A BIGINT; false for NULL. */
bool value_long(const struct duck_api *api, const struct value_type *t, struct duck_vector *v, uint64_t row, int64_t *out);
bool value_text(const struct duck_api *api, const struct value_type *t, struct duck_vector *v,
                uint64_t row, struct buf *out);

#endif

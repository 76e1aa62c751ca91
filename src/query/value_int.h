/* value_int.h - scalars as bare text, for value.c. */
#ifndef QUERY_VALUE_INT_H
#define QUERY_VALUE_INT_H

#include "query/value.h"

/* The scalar at `row` of a vector's data. Not for nested types. */
void scalar_text(const struct value_type *t, const void *data, uint64_t row, struct buf *out);
/* The bytes of a VARCHAR, BLOB or BIT, borrowed from the vector. */
str  scalar_bytes(const void *data, uint64_t row);
/* Which word of an ENUM, which member of a UNION. */
uint64_t scalar_index(enum duck_type_id id, const void *data, uint64_t row);

#endif

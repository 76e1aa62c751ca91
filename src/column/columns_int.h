/* columns_int.h - what columns.c and strings.c share. */
#ifndef COLUMN_COLUMNS_INT_H
#define COLUMN_COLUMNS_INT_H

#include "column/columns.h"

/* At least `need` bytes at *piece, the first `used` kept; what the columns hold is counted. */
void piece_grow(struct columns *c, void **piece, size_t *cap, size_t used, size_t need);
void piece_free(struct columns *c, void **piece, size_t *cap);

/* Value number `value` of a string column: the next one. */
void strings_add(struct columns *c, struct strings *s, uint32_t value, str v);
void strings_done(struct columns *c, struct strings *s);

#endif

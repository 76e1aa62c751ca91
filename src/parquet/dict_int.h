/* dict_int.h - the dictionary of one column chunk: whether it pays, and the codes. */
#ifndef PARQUET_DICT_INT_H
#define PARQUET_DICT_INT_H

#include "parquet/levels_int.h"

struct dict {
	const uint32_t *codes;   /* one for each value of the chunk, in order of first appearance */
	unsigned        width;   /* bits of a code, at least 1 */
	struct picks    entries; /* by code: the value that showed it first */
};

/* Arrays that grow and are kept. */
struct dict_room {
	struct { VEC_OF(uint32_t); } codes, entries;
	struct { VEC_OF(uint32_t); } seen;  /* by entry of the column: code + 1 */
	struct { VEC_OF(uint32_t); } slots; /* hash table of numbers: code + 1 */
	struct { VEC_OF(int64_t); }  words; /* by code: the number */
};

void dict_room_done(struct dict_room *r);

/* A dictionary of these values where it takes less than PLAIN; else false. Borrows from `r`. */
bool dict_make(const struct col *col, struct picks values, struct dict_room *r, struct dict *out);

#endif

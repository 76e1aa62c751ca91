/* path.h - a place in a record: member names from the top, found on a tape.
 *
 * Written "meta.created_at" or "/meta/created_at" (JSON Pointer, for names with
 * dots in them). Paths go through objects only.
 */
#ifndef INGEST_PATH_H
#define INGEST_PATH_H

#include "base/arena.h"
#include "base/err.h"
#include "codec/json.h"

enum { PATH_DEPTH = 8 };

struct path {
	uint32_t count;             /* names; 0: no path */
	str      names[PATH_DEPTH];
	uint64_t hashes[PATH_DEPTH]; /* hash_name with the lake's secret */
	str      pointer;           /* "/meta/created_at" */
};

/* Strings are owned by `a`. ERR_INPUT says what is wrong with the text. */
int path_parse(str text, struct arena *a, struct path *out, struct err *e) MUST_USE;
/* The hashes depend on the lake's secret, which is known only once the lake is open. */
void path_seed(struct path *p, uint64_t secret);

/* Is the name of this JSON_KEY token `name`? To be asked where their hashes are equal: those are blind to case. */
bool tape_is_name(const char *text, uint64_t key, str name);
/* Tape index of the value of the member `name` of the object at words[at]; 0 where absent (no member's value stands at 0). */
uint32_t tape_member(const char *text, const uint64_t *words, uint32_t at, str name, uint64_t hash);
/* Tape index of the value at the path; 0 where absent. */
uint32_t path_find(const struct path *p, const char *text, const uint64_t *words);

#endif

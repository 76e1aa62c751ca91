/* glob_int.h - the two text halves of fs_glob, without a file system. */
#ifndef OS_GLOB_INT_H
#define OS_GLOB_INT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

struct glob_patterns {
	VEC_OF(str); /* owned by the arena of glob_braces */
};

/* Add `pattern` to `out` once for each way through its braces, in order: a{b,c{d,e}} gives ab,
 * acd, ace. A brace without its partner means itself, and so do two with no ',' between them.
 * ERR_LIMIT where there are too many ways. */
int glob_braces(str pattern, struct arena *a, struct glob_patterns *out, struct err *e) MUST_USE;

/* Whether one part of a pattern (no '/', no braces) matches one name. */
bool glob_match(str pattern, str name);

bool glob_is_wild(str part); /* holds one of * ? [ */

#endif

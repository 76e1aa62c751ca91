/* arena.h - memory by lifetime: many small pieces, one release.
 *
 * Four lifetimes: process, table handle, request (a query, one flush), scratch
 * (one batch). Decide the lifetime first; most code then never frees.
 * Pieces are 16-byte aligned and zeroed. An arena is used by one thread.
 * A small piece cannot fail: out of memory stops the process with a message.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/auto.h"
#include "base/err.h"
#include "base/str.h"

struct arena_block;

struct arena {
	struct arena_block *head;  /* newest first */
	size_t              used;  /* bytes handed out since init or reset */
};

#define ARENA_INIT ((struct arena){0})

void *arena_alloc(struct arena *a, size_t size);
void  arena_reset(struct arena *a); /* all pieces gone; the largest block is kept for reuse */
void  arena_done(struct arena *a);

/* Copies, owned by the arena. arena_strz ends with a NUL that len leaves out. */
str         arena_str(struct arena *a, str s);
const char *arena_cstr(struct arena *a, str s);
str         arena_format(struct arena *a, const char *format, ...) PRINTF(2, 3);

/* n zeroed things of a type. */
#define ARENA_NEW(arena, type)        ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, n)   ((type *)arena_alloc((arena), sizeof(type) * (size_t)(n)))

AUTO_DEFINE(arena, arena_done)

/* malloc that stops the process with a message instead of failing. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);

#endif

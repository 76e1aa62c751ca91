#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20, ALIGN = 16 };

struct arena_block {
	struct arena_block *older;
	size_t              size;
	size_t              used;
	size_t              pad;
	char                bytes[];
};

static void *or_stop(void *piece, size_t size)
{
	if (piece == NULL && size > 0) {
		(void)fprintf(stderr, "tarn: out of memory asking for %zu bytes\n", size);
		abort();
	}
	return piece;
}

void *xmalloc(size_t size)
{
	return or_stop(malloc(size), size);
}

void *xcalloc(size_t count, size_t size)
{
	return or_stop(calloc(count, size), size);
}

void *xrealloc(void *old, size_t size)
{
	return or_stop(realloc(old, size), size);
}

static struct arena_block *block_add(struct arena *a, size_t at_least)
{
	size_t              size = a->head ? a->head->size * 2 : FIRST_BLOCK;
	struct arena_block *block;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < at_least)
		size = at_least;
	block = xmalloc(sizeof(*block) + size);
	block->older = a->head;
	block->size = size;
	block->used = 0;
	a->head = block;
	return block;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *block = a->head;
	void               *piece;

	assert(size < SIZE_MAX / 2);
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (block == NULL || block->size - block->used < size)
		block = block_add(a, size);
	piece = block->bytes + block->used;
	block->used += size;
	a->used += size;
	return memset(piece, 0, size);
}

static void blocks_free(struct arena_block *block)
{
	while (block != NULL) {
		struct arena_block *older = block->older;

		free(block);
		block = older;
	}
}

void arena_reset(struct arena *a)
{
	if (a->head != NULL) {
		blocks_free(a->head->older);
		a->head->older = NULL;
		a->head->used = 0;
	}
	a->used = 0;
}

void arena_done(struct arena *a)
{
	blocks_free(a->head);
	*a = ARENA_INIT;
}

str arena_str(struct arena *a, str s)
{
	return (str){arena_cstr(a, s), s.len};
}

const char *arena_cstr(struct arena *a, str s)
{
	char *copy = arena_alloc(a, s.len + 1);

	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

str arena_format(struct arena *a, const char *format, ...)
{
	va_list args;
	char   *text;
	int     len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(len >= 0);
	text = arena_alloc(a, (size_t)len + 1);
	va_start(args, format);
	(void)vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return (str){text, (size_t)len};
}

/* Invariants: a piece's size is 2^k, FIRST_CLASS <= k < CLASS_COUNT; `used` is
 * the sum of the sizes of pieces handed out; `spare` of those in free lists. */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"

enum { FIRST_CLASS = 8, CLASS_COUNT = 40 };

struct piece {
	struct piece *next;
};

struct pool {
	pthread_mutex_t lock;
	struct piece   *spares[CLASS_COUNT];
	size_t          budget, used, spare;
};

struct pool *pool_new(size_t budget_bytes)
{
	struct pool *p = xcalloc(1, sizeof(*p));

	p->budget = budget_bytes;
	(void)pthread_mutex_init(&p->lock, NULL); /* cannot fail with default attributes */
	return p;
}

void pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	assert(p->used == 0);
	pool_trim(p, 0);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

static unsigned class_of(size_t size)
{
	unsigned class = FIRST_CLASS;

	while (((size_t)1 << class) < size)
		class++;
	assert(class < CLASS_COUNT);
	return class;
}

void *pool_get(struct pool *p, size_t size, size_t *cap)
{
	unsigned      class = class_of(size);
	struct piece *piece;

	*cap = (size_t)1 << class;
	(void)pthread_mutex_lock(&p->lock);
	piece = p->spares[class];
	if (piece != NULL) {
		p->spares[class] = piece->next;
		p->spare -= *cap;
	}
	p->used += *cap;
	(void)pthread_mutex_unlock(&p->lock);
	return piece ? piece : xmalloc(*cap);
}

void pool_put(struct pool *p, void *piece, size_t cap)
{
	unsigned      class = class_of(cap);
	struct piece *spare = piece;

	if (piece == NULL)
		return;
	assert(cap == (size_t)1 << class);
	(void)pthread_mutex_lock(&p->lock);
	assert(p->used >= cap);
	p->used -= cap;
	p->spare += cap;
	spare->next = p->spares[class];
	p->spares[class] = spare;
	(void)pthread_mutex_unlock(&p->lock);
}

void *pool_grow(struct pool *p, void *piece, size_t *cap, size_t used, size_t size)
{
	size_t bigger_cap;
	void  *bigger = pool_get(p, size, &bigger_cap);

	assert(used <= *cap || piece == NULL);
	if (piece != NULL) {
		memcpy(bigger, piece, used);
		pool_put(p, piece, *cap);
	}
	*cap = bigger_cap;
	return bigger;
}

size_t pool_used(const struct pool *p)
{
	return __atomic_load_n(&p->used, __ATOMIC_RELAXED);
}

bool pool_over(const struct pool *p)
{
	return pool_used(p) > p->budget;
}

void pool_trim(struct pool *p, size_t keep_bytes)
{
	(void)pthread_mutex_lock(&p->lock);
	for (unsigned class = CLASS_COUNT; class-- > FIRST_CLASS;) {
		while (p->spares[class] != NULL && p->spare > keep_bytes) {
			struct piece *piece = p->spares[class];

			p->spares[class] = piece->next;
			p->spare -= (size_t)1 << class;
			free(piece);
		}
	}
	(void)pthread_mutex_unlock(&p->lock);
}

/* pool.h - recycled memory for columns, under a budget.
 *
 * Pieces come in powers of two from 256 bytes up and go back to the pool, not
 * to the system: after the first batches nothing faults a fresh page in. One
 * pool serves all workers (a lock around the free lists; pieces double as they
 * grow, so calls are rare). The budget is a signal, not a wall: a piece is
 * always given, and pool_over tells the pump to flush, which is how memory stays
 * bounded without a failure branch at each append.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/str.h"

struct pool;

struct pool *pool_new(size_t budget_bytes);
void         pool_free(struct pool *p); /* NULL is fine; all pieces must be back */

/* A piece of at least `size` bytes; *cap is its true size. Not zeroed. */
void *pool_get(struct pool *p, size_t size, size_t *cap);
void  pool_put(struct pool *p, void *piece, size_t cap); /* NULL is fine */

/* A larger piece with the first `used` bytes kept; the old one is given back. */
void *pool_grow(struct pool *p, void *piece, size_t *cap, size_t used, size_t size);

size_t pool_used(const struct pool *p); /* bytes handed out now */
bool   pool_over(const struct pool *p); /* used > budget */
void   pool_trim(struct pool *p, size_t keep_bytes); /* give free pieces over that back to the system */

#endif

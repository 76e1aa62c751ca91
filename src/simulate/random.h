/* random.h - chance that comes out the same for ever.
 *
 * xoshiro256**, seeded by splitmix64, and Zipf draws by Vose's alias method. All of it is whole-number
 * arithmetic: no compiler, machine or maths library can move a single byte of a simulated stream.
 */
#ifndef SIMULATE_RANDOM_H
#define SIMULATE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"

struct random {
	uint64_t word[4];
};

void random_seed(struct random *r, uint64_t seed);

static inline uint64_t random_turn(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

static inline uint64_t random_next(struct random *r)
{
	uint64_t out = random_turn(r->word[1] * 5, 7) * 9;
	uint64_t shifted = r->word[1] << 17;

	r->word[2] ^= r->word[0];
	r->word[3] ^= r->word[1];
	r->word[1] ^= r->word[2];
	r->word[0] ^= r->word[3];
	r->word[2] ^= shifted;
	r->word[3] = random_turn(r->word[3], 45);
	return out;
}

/* 0 .. count - 1; the bias is under count / 2^32. */
static inline uint32_t random_below(struct random *r, uint32_t count)
{
	return (uint32_t)((random_next(r) >> 32) * count >> 32);
}

/* low .. high, both included. */
static inline uint32_t random_between(struct random *r, uint32_t low, uint32_t high)
{
	return low + random_below(r, high - low + 1);
}

/* Ranks 0 .. count - 1, rank k with weight 1 / (k + flatness): Zipf's law, its head flattened by flatness >
 * 1. */
struct zipf {
	uint32_t  count;
	uint32_t *keep;  /* of 2^32: how often this rank stays with itself */
	uint32_t *alias; /* and whom it gives the rest to */
};

void zipf_init(struct zipf *z, uint32_t count, uint32_t flatness);
/* Steeper: rank k with weight 1 / (k + 1)^1.1. */
void zipf_init_steep(struct zipf *z, uint32_t count);
void zipf_done(struct zipf *z);

static inline uint32_t zipf_pick(const struct zipf *z, struct random *r)
{
	uint64_t draw = random_next(r);
	uint32_t rank = (uint32_t)((draw >> 32) * z->count >> 32);

	return (uint32_t)draw <= z->keep[rank] ? rank : z->alias[rank];
}

AUTO_DEFINE(zipf, zipf_done)

#endif

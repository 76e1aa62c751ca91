/* random.c - seeds, and the tables of Zipf draws. */
#include "simulate/random.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"

static uint64_t splitmix(uint64_t *state)
{
	uint64_t v = *state += 0x9E3779B97F4A7C15u;

	v = (v ^ v >> 30) * 0xBF58476D1CE4E5B9u;
	v = (v ^ v >> 27) * 0x94D049BB133111EBu;
	return v ^ v >> 31;
}

void random_seed(struct random *r, uint64_t seed)
{
	for (unsigned i = 0; i < 4; i++)
		r->word[i] = splitmix(&seed);
}

/* Vose: each rank has an equal box; a rank too light for its box shares it with one too heavy.
 * Weights are scaled so that a box holds `total`, which keeps every quantity whole: count *
 * weight stays under 2^60. */
static void zipf_fill(struct zipf *z, uint64_t *weights, uint64_t total)
{
	uint32_t *light = xmalloc(z->count * sizeof(*light));
	uint32_t *heavy = xmalloc(z->count * sizeof(*heavy));
	uint32_t  light_count = 0, heavy_count = 0;

	for (uint32_t i = 0; i < z->count; i++) {
		z->keep[i] = UINT32_MAX;
		z->alias[i] = i;
		if (weights[i] < total)
			light[light_count++] = i;
		else
			heavy[heavy_count++] = i;
	}
	while (light_count > 0 && heavy_count > 0) {
		uint32_t less = light[--light_count], more = heavy[heavy_count - 1];

		z->keep[less] = (uint32_t)(((unsigned __int128)weights[less] << 32) / total);
		z->alias[less] = more;
		weights[more] -= total - weights[less];
		if (weights[more] < total) {
			heavy_count--;
			light[light_count++] = more;
		}
	}
	free(light);
	free(heavy);
}

/* `weights` is taken: one a rank, under 2^37 each. */
static void zipf_of(struct zipf *z, uint32_t count, uint64_t *weights)
{
	uint64_t total = 0;

	z->count = count;
	z->keep = xmalloc(count * sizeof(*z->keep));
	z->alias = xmalloc(count * sizeof(*z->alias));
	for (uint32_t i = 0; i < count; i++) {
		total += weights[i];
		weights[i] *= count;
	}
	zipf_fill(z, weights, total);
	free(weights);
}

void zipf_init(struct zipf *z, uint32_t count, uint32_t flatness)
{
	uint64_t *weights = xmalloc(count * sizeof(*weights));

	assert(count > 0 && count < 1u << 24);
	assert(flatness > 0);
	for (uint32_t i = 0; i < count; i++)
		weights[i] = (UINT64_C(1) << 36) / (i + flatness);
	zipf_of(z, count, weights);
}

/* v^10, both with 16 bits behind the point; v is at most 6. */
static uint64_t tenth_power(uint64_t v)
{
	uint64_t v2 = v * v >> 16, v4 = v2 * v2 >> 16, v8 = v4 * v4 >> 16;

	return v8 * v2 >> 16;
}

/* The largest number, 16 bits behind the point, whose tenth power is not above `v`, which is under
 * 2^24. */
static uint64_t tenth_root(uint64_t v)
{
	uint64_t root = 0;

	for (uint64_t bit = UINT64_C(1) << 18; bit > 0; bit >>= 1)
		if ((root | bit) <= UINT64_C(6) << 16 && tenth_power(root | bit) <= v << 16)
			root |= bit;
	return root;
}

void zipf_init_steep(struct zipf *z, uint32_t count)
{
	uint64_t *weights = xmalloc(count * sizeof(*weights));

	assert(count > 0 && count < 1u << 24);
	for (uint64_t k = 1; k <= count; k++)
		weights[k - 1] = (UINT64_C(1) << 52) / (k * tenth_root(k));
	zipf_of(z, count, weights);
}

void zipf_done(struct zipf *z)
{
	free(z->keep);
	free(z->alias);
	*z = (struct zipf){0};
}

#include "base/hash.h"

#include <sys/random.h>

#include <pthread.h>
#include <stdlib.h>
#include <xxhash.h>

uint64_t hash_bytes(const void *ptr, size_t len, uint64_t seed)
{
	return XXH3_64bits_withSeed(len ? ptr : "", len, seed);
}

struct hash128 hash_bytes128(const void *ptr, size_t len, uint64_t seed)
{
	XXH128_hash_t hash = XXH3_128bits_withSeed(len ? ptr : "", len, seed);

	return (struct hash128){.high = hash.high64, .low = hash.low64};
}

static uint64_t process_seed;

/* Nothing that outlives the process, and nothing anyone sees in order, depends
 * on this seed, so it need not come from the table of effects. */
static void seed_draw(void)
{
	if (getrandom(&process_seed, sizeof(process_seed), 0) != (ssize_t)sizeof(process_seed))
		abort();
}

uint64_t hash_process_seed(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, seed_draw);
	return process_seed;
}

/* hash.h - the three hashes and what each is for.
 *
 * hash_bytes   64 bits, seeded: tables in memory.
 * hash_bytes128 128 bits, keyed: identity of an event (dedupe keys), file checksums.
 * hash_name    64 bits, seeded: member names in JSON.
 * hash_key     the same, blind to ASCII case. Equal names have equal hashes; names
 *              that differ only in case have too, which is how a clash of names is
 *              met while looking for repeats.
 * SHA-256 (chain of the journal) is in codec/sha256.h.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/str.h"

struct hash128 {
	uint64_t high, low;
};

uint64_t       hash_bytes(const void *ptr, size_t len, uint64_t seed); /* XXH3 64 */
struct hash128 hash_bytes128(const void *ptr, size_t len, uint64_t seed); /* XXH3 128 */

/* The seed for tables that live in this process only: drawn once, at random. */
uint64_t hash_process_seed(void);

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)(a ^ 0x9E3779B97F4A7C15u) * (b ^ 0xD6E8FEB86659FD93u);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_load(const char *ptr, size_t len) /* up to 8 bytes, little-endian */
{
	uint64_t word = 0;

	memcpy(&word, ptr, len < 8 ? len : 8);
	return word;
}

static inline uint64_t hash_words(str s, uint64_t seed, uint64_t fold)
{
	uint64_t hash = seed ^ s.len;

	while (s.len > 8) {
		hash = hash_mix(hash, hash_load(s.ptr, 8) | fold);
		s.ptr += 8;
		s.len -= 8;
	}
	return hash_mix(hash, hash_load(s.ptr, s.len) | fold);
}

static inline uint64_t hash_name(str s, uint64_t seed)
{
	return hash_words(s, seed, 0);
}

static inline uint64_t hash_key(str s, uint64_t seed)
{
	return hash_words(s, seed, 0x2020202020202020u);
}

#endif

/* short.h - short bytes as two words: what is up to 16 bytes long is hashed, compared and copied without a loop.
 *
 * Two loads that overlap where they must are, with the length, the whole of it. Nothing outside the bytes is read.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { SHORT_BYTES = 16 };

struct short_text {
	uint64_t low, high;
};

static inline struct short_text short_of(const char *ptr, size_t len)
{
	struct short_text w = {0};
	uint32_t     a, b;

	if (len >= 8) {
		memcpy(&w.low, ptr, 8);
		memcpy(&w.high, ptr + len - 8, 8);
	} else if (len >= 4) {
		memcpy(&a, ptr, 4);
		memcpy(&b, ptr + len - 4, 4);
		w = (struct short_text){a, b};
	} else if (len > 0) {
		w.low = (uint64_t)(uint8_t)ptr[0] | (uint64_t)(uint8_t)ptr[len >> 1] << 8 |
		        (uint64_t)(uint8_t)ptr[len - 1] << 16;
	}
	return w;
}

static inline void short_store(struct short_text w, char *ptr, size_t len)
{
	if (len >= 8) {
		memcpy(ptr, &w.low, 8);
		memcpy(ptr + len - 8, &w.high, 8);
	} else if (len >= 4) {
		memcpy(ptr, &w.low, 4);
		memcpy(ptr + len - 4, &w.high, 4);
	} else if (len > 0) {
		ptr[0] = (char)w.low;
		ptr[len >> 1] = (char)(w.low >> 8);
		ptr[len - 1] = (char)(w.low >> 16);
	}
}

/* Of equal length. */
static inline bool short_same(struct short_text a, struct short_text b)
{
	return ((a.low ^ b.low) | (a.high ^ b.high)) == 0;
}

/* The same bytes, whatever their length? */
static inline bool bytes_same(const char *one, const char *two, size_t len)
{
	return len <= SHORT_BYTES ? short_same(short_of(one, len), short_of(two, len)) : memcmp(one, two, len) == 0;
}

#endif

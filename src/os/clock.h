/* clock.h - time and chance, through a table, so that the simulator owns both. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct clock {
	int64_t (*now_us)(struct clock *c);       /* wall clock, microseconds since 1970; may step */
	int64_t (*mono_us)(struct clock *c);      /* never steps back; for durations */
	void (*sleep_us)(struct clock *c, int64_t us);
	void (*random)(struct clock *c, void *into, size_t size);
};

struct clock *clock_real(void); /* never freed */

int64_t  clock_now_us(struct clock *c);
int64_t  clock_mono_us(struct clock *c);
void     clock_sleep_us(struct clock *c, int64_t us);
uint64_t clock_random_u64(struct clock *c);
void     clock_uuid4(struct clock *c, uint8_t out[16]);

#endif

/* The machine's own clock and chance. */
#include "os/clock.h"

#include <assert.h>
#include <errno.h>
#include <sys/random.h>
#include <time.h>

static int64_t read_us(clockid_t which)
{
	struct timespec t;
	int             rc = clock_gettime(which, &t);

	assert(rc == 0); /* both clocks are always there */
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t real_now_us(struct clock *c)
{
	(void)c;
	return read_us(CLOCK_REALTIME);
}

static int64_t real_mono_us(struct clock *c)
{
	(void)c;
	return read_us(CLOCK_MONOTONIC);
}

/* Until a moment, not for a time: a signal in between neither shortens nor stretches it. */
static void real_sleep_us(struct clock *c, int64_t us)
{
	int64_t         until = real_mono_us(c) + us;
	struct timespec t = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static void real_random(struct clock *c, void *into, size_t size)
{
	char *at = into;

	(void)c;
	while (size > 0) {
		ssize_t got = getrandom(at, size, 0);

		assert(got > 0 || errno == EINTR); /* ids made without chance would collide */
		if (got > 0) {
			at += got;
			size -= (size_t)got;
		}
	}
}

struct clock *clock_real(void)
{
	static struct clock real = {real_now_us, real_mono_us, real_sleep_us, real_random};

	return &real;
}

int64_t clock_now_us(struct clock *c)
{
	return c->now_us(c);
}

int64_t clock_mono_us(struct clock *c)
{
	int64_t us = c->mono_us(c);

	assert(us >= 0);
	return us;
}

void clock_sleep_us(struct clock *c, int64_t us)
{
	if (us > 0)
		c->sleep_us(c, us);
}

uint64_t clock_random_u64(struct clock *c)
{
	uint64_t number;

	c->random(c, &number, sizeof(number));
	return number;
}

void clock_uuid4(struct clock *c, uint8_t out[16])
{
	c->random(c, out, 16);
	out[6] = (uint8_t)((out[6] & 0x0F) | 0x40); /* version 4 */
	out[8] = (uint8_t)((out[8] & 0x3F) | 0x80); /* variant of RFC 9562 */
}

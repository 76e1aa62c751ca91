#include "app/profile_show.h"

#include <stdio.h>

#include "os/profile.h"

static double a_byte(uint64_t cycles, uint64_t bytes)
{
	return bytes > 0 ? (double)cycles / (double)bytes : 0;
}

/* Of all threads, but those that waited. */
static uint64_t busy(const struct profile *p)
{
	uint64_t sum = 0;

	for (int i = 0; i < PROFILE_COUNT; i++)
		if (i != PROFILE_IDLE)
			sum += p->cycles[i];
	return sum;
}

static void print_row(const struct profile *p, const char *name, uint64_t cycles, uint64_t all, uint64_t bytes)
{
	(void)fprintf(stderr, "  %-10s %9.3f s %9.2f cycles/byte %6.1f %%\n", name, (double)cycles / p->cycles_a_second,
	              a_byte(cycles, bytes), all > 0 ? 100 * (double)cycles / (double)all : 0);
}

void profile_print(uint64_t bytes)
{
	struct profile p;
	uint64_t       all;

	profile_read(&p);
	all = busy(&p);
	for (int i = 0; i < PROFILE_COUNT; i++)
		if (i != PROFILE_IDLE && p.cycles[i] > 0)
			print_row(&p, profile_name((enum profile_stage)i), p.cycles[i], all, bytes);
	print_row(&p, "all", all, all, bytes);
	(void)fprintf(stderr, "  of all threads together; they waited %.3f s; %.3f s by the clock\n\n",
	              (double)p.cycles[PROFILE_IDLE] / p.cycles_a_second, p.seconds);
}

void profile_json(uint64_t bytes, struct buf *out)
{
	struct profile p;

	profile_read(&p);
	buf_print(out, "{\"seconds\": %.6f, \"stages\": {", p.seconds);
	for (int i = 0; i < PROFILE_COUNT; i++)
		buf_print(out, "%s\"%s\": {\"seconds\": %.6f, \"cycles_per_byte\": %.3f}", i > 0 ? ", " : "",
		          profile_name((enum profile_stage)i), (double)p.cycles[i] / p.cycles_a_second, a_byte(p.cycles[i], bytes));
	buf_add(out, STR("}}"));
}

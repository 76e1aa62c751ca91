/* wide.c - one event name with two thousand possible keys, of which an event has some thirty.
 *
 *   {"event_id":"..",(tracked.h),"order_total":12.50,...}
 *
 * The first twenty are each in half of the events; the others stand in blocks of four neighbours, of which an
 * event has five.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "simulate/props.h"
#include "simulate/text.h"
#include "simulate/tracked.h"

enum {
	KEYS = 2000,
	COMMON = 20,  /* the first keys, each in half of the events */
	BLOCK = 4,    /* neighbours that come together */
	STRIPES = 5,  /* an event has a block of each */
	STRIPE_BLOCKS = (KEYS - COMMON) / BLOCK / STRIPES,
};

_Static_assert(COMMON + STRIPES * STRIPE_BLOCKS * BLOCK == KEYS, "every key has its place");
_Static_assert(KEYS <= (int)PROP_COUNT, "and is a property");

struct wide {
	struct random random;
};

static void *wide_start(const struct simulate_conf *conf)
{
	struct wide *wide = xcalloc(1, sizeof(*wide));

	random_seed(&wide->random, conf->seed ^ 0x77696465);
	return wide;
}

static char *put_keys(char *p, int64_t us, struct random *r)
{
	uint64_t common = random_next(r);

	for (uint32_t i = 0; i < COMMON; i++) {
		if (common >> i & 1) {
			p = put_prop(p, i, us, r);
			*p++ = ',';
		}
	}
	for (uint32_t stripe = 0; stripe < STRIPES; stripe++) {
		uint32_t block = stripe * STRIPE_BLOCKS + random_below(r, STRIPE_BLOCKS);

		for (uint32_t i = 0; i < BLOCK; i++) {
			p = put_prop(p, COMMON + block * BLOCK + i, us, r);
			*p++ = ',';
		}
	}
	return p - 1;
}

static void wide_fresh(void *self, const struct wish *wish, struct record *out)
{
	struct wide *wide = self;
	char        *p;

	record_clear(out);
	out->is_late = wish->is_late;
	out->is_drifted = wish_drifts(wish, 0);
	p = put_tracked(STR("state_reported"), wish->event_us, &wide->random, out);
	p = put_keys(p, wish->event_us, &wide->random);
	*p++ = '}';
	out->len = record_at(out, p);
}

static str wide_table(const void *self, uint32_t table)
{
	(void)self, (void)table;
	return STR("state_reported");
}

static void wide_path(uint32_t table, int64_t cut, struct buf *out)
{
	(void)table;
	buf_print(out, "wide-%04lld.json", (long long)cut);
}

const struct kind kind_wide = {
	.word = {"wide", 4},
	.damages = identity_damages,
	.damage_count = IDENTITY_DAMAGES,
	.table_count = 1,
	.second = 1000,
	.start = wide_start,
	.stop = free,
	.fresh = wide_fresh,
	.spare = wide_fresh,
	.table = wide_table,
	.path = wide_path,
};

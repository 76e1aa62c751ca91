/* one.c - one event name, thirteen members of envelope and thirty-two properties: some 1.5 KB.
 *
 *   {"event_id":"..",(tracked.h),"properties":{"order_total":12.50,...}}
 */
#include <stdlib.h>

#include "base/arena.h"
#include "simulate/props.h"
#include "simulate/text.h"
#include "simulate/tracked.h"

enum { PROPERTIES = 32 };

struct one {
	struct random random;
	struct props  props;
};

static void *one_start(const struct simulate_conf *conf)
{
	struct one *one = xcalloc(1, sizeof(*one));

	random_seed(&one->random, conf->seed ^ 0x6F6E65);
	props_choose(&one->props, STR("item_bought"), PROPERTIES, PROP_COUNT);
	return one;
}

static void one_fresh(void *self, const struct wish *wish, struct record *out)
{
	struct one *one = self;
	char       *p;

	record_clear(out);
	out->is_late = wish->is_late;
	out->is_drifted = wish_drifts(wish, 0);
	p = put_tracked(STR("item_bought"), wish->event_us, &one->random, out);
	PUT(p, "\"properties\":{");
	p = put_props(p, &one->props, wish->event_us, &one->random);
	PUT(p, "}}");
	out->len = record_at(out, p);
}

static str one_table(const void *self, uint32_t table)
{
	(void)self, (void)table;
	return STR("item_bought");
}

static void one_path(uint32_t table, int64_t cut, struct buf *out)
{
	(void)table;
	buf_print(out, "one-%04lld.json", (long long)cut);
}

const struct kind kind_one = {
	.word = {"one", 3},
	.damages = identity_damages,
	.damage_count = IDENTITY_DAMAGES,
	.table_count = 1,
	.second = 1000,
	.start = one_start,
	.stop = free,
	.fresh = one_fresh,
	.spare = one_fresh,
	.table = one_table,
	.path = one_path,
};

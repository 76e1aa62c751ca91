/* flat100.c - one stream of a hundred event names, no member nested: some 350 B an event.
 *
 *   {"event_uuid":"..","event_name":"payment:order:completed","created_at":1748822400,
 *    "user_id":..,"session_id":"..","order_total":12.50,...}
 *
 * Names and envelope are those of product events. The properties of all names are of the same sixty, so that
 * whoever wants them all in one table has some sixty columns.
 */
#include <stdlib.h>

#include "simulate/fields.h"
#include "simulate/identity.h"
#include "simulate/kind_int.h"
#include "simulate/props.h"
#include "simulate/text.h"
#include "simulate/words.h"

enum { NAME_COUNT = 100, POOL = 60, FEWEST = 4, MOST = 11 };

struct flat {
	struct random random;
	struct zipf   names;
	struct props  props[NAME_COUNT];
	str           tables[NAME_COUNT];
	struct arena  texts;
};

static void *flat_start(const struct simulate_conf *conf)
{
	struct flat *f = xcalloc(1, sizeof(*f));

	assert(words_product_events.count == NAME_COUNT);
	random_seed(&f->random, conf->seed ^ 0x666C6174);
	zipf_init_steep(&f->names, NAME_COUNT);
	for (uint32_t i = 0; i < NAME_COUNT; i++) {
		str name = words_product_events.at[i];

		f->tables[i] = table_of(name, &f->texts);
		props_choose(&f->props[i], name, FEWEST + i * 7 % (MOST - FEWEST + 1), POOL);
	}
	return f;
}

static void flat_stop(void *self)
{
	struct flat *f = self;

	zipf_done(&f->names);
	arena_done(&f->texts);
	free(f);
}

static void flat_fresh(void *self, const struct wish *wish, struct record *out)
{
	struct flat   *f = self;
	struct random *r = &f->random;
	uint32_t       name = zipf_pick(&f->names, r);
	char          *p;

	record_clear(out);
	out->table = name;
	out->is_late = wish->is_late;
	out->is_drifted = wish_drifts(wish, name);
	p = put_product_identity(words_product_events.at[name], wish->event_us, r, out);
	p = put_visitor(p, r, out);
	*p++ = ',';
	p = put_props(p, &f->props[name], wish->event_us, r);
	*p++ = '}';
	out->len = record_at(out, p);
}

static str flat_table(const void *self, uint32_t table)
{
	return ((const struct flat *)self)->tables[table];
}

static void flat_path(uint32_t table, int64_t cut, struct buf *out)
{
	(void)table; /* one stream holds them all */
	buf_print(out, "flat100-%04lld.json", (long long)cut);
}

const struct kind kind_flat100 = {
	.word = {"flat100", 7},
	.damages = identity_damages,
	.damage_count = IDENTITY_DAMAGES,
	.table_count = NAME_COUNT,
	.second = 1,
	.start = flat_start,
	.stop = flat_stop,
	.fresh = flat_fresh,
	.spare = flat_fresh,
	.table = flat_table,
	.path = flat_path,
};

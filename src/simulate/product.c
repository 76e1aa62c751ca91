/* product.c - one stream of 100 event names "a:b:c", fields by name.
 *
 *   {"event_uuid":"..","event_name":"payment:order:completed","created_at":1748822400,
 *    "user_id":..,"session_id":"..","units":..,...}
 *
 */
#include <stdlib.h>

#include "simulate/fields.h"
#include "simulate/identity.h"
#include "simulate/kind_int.h"
#include "simulate/text.h"
#include "simulate/words.h"

enum { NAME_COUNT = 100, USER_COUNT = 2000000 };

struct product {
	struct random random;
	struct zipf   names;
	struct shape  shapes[NAME_COUNT];
	str           tables[NAME_COUNT];
	struct arena  texts;
};

static void *product_start(const struct simulate_conf *conf)
{
	struct product *p = xcalloc(1, sizeof(*p));

	assert(words_product_events.count == NAME_COUNT);
	random_seed(&p->random, conf->seed ^ 0x70726F64756374);
	zipf_init(&p->names, NAME_COUNT, 1);
	for (uint32_t i = 0; i < NAME_COUNT; i++) {
		str name = words_product_events.at[i];

		p->tables[i] = table_of(name, &p->texts);
		shape_choose(&p->shapes[i], name, 2 + (uint32_t)(i * 7 % 11));
	}
	return p;
}

static void product_stop(void *self)
{
	struct product *p = self;

	zipf_done(&p->names);
	arena_done(&p->texts);
	free(p);
}

static void product_fresh(void *self, const struct wish *wish, struct record *out)
{
	struct product *product = self;
	struct random  *r = &product->random;
	uint32_t        name = zipf_pick(&product->names, r);
	char           *p;

	record_clear(out);
	out->table = name;
	out->is_late = wish->is_late;
	out->is_drifted = wish_drifts(wish, name);
	p = put_product_identity(words_product_events.at[name], wish->event_us, r, out);
	PUT(p, "\"user_id\":");
	p = put_u64(p, random_between(r, 1, USER_COUNT));
	PUT(p, ",\"session_id\":\"");
	p = put_hex(p, random_next(r), 16);
	PUT(p, "\",\"units\":");
	if (out->is_drifted)
		PUT(p, "\"n/a\"");
	else
		p = put_u64(p, random_between(r, 1, 500));
	*p++ = ',';
	p = put_shape(p, &product->shapes[name], wish->event_us, r);
	if (p[-1] == ',')
		p--; /* all its fields were absent */
	*p++ = '}';
	out->len = record_at(out, p);
}

static str product_table(const void *self, uint32_t table)
{
	return ((const struct product *)self)->tables[table];
}

static void product_path(uint32_t table, int64_t cut, struct buf *out)
{
	(void)table; /* one stream holds them all */
	buf_print(out, "product-%04lld.json", (long long)cut);
}

const struct kind kind_product = {
	.word = {"product", 7},
	.damages = identity_damages,
	.damage_count = IDENTITY_DAMAGES,
	.table_count = NAME_COUNT,
	.second = 1,
	.start = product_start,
	.stop = product_stop,
	.fresh = product_fresh,
	.spare = product_fresh,
	.table = product_table,
	.path = product_path,
};

/* mixed.c - one stream of two hundred event names, or as many as are asked for, each with some fifty
 * columns of its own, nested: some 1.3 KB an event.
 *
 *   {"event_id":"..",(tracked.h),"properties":{"order_total":12.50,...,"cart":{...,"item":{...}},
 *    "banner":{...},...,"tags":["..",".."]}}
 *
 * Names are drawn by Zipf's law with exponent 1.1.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "simulate/props.h"
#include "simulate/text.h"
#include "simulate/tracked.h"
#include "simulate/words.h"

enum { NAMES_MAX = 300, NAMES_DEFAULT = 200, OUTER = 14, OBJECTS = 3, INNER = 6, DEEP = 4, TAGS_MAX = 3 };

struct mixed_name {
	str          name;
	uint32_t     thing;              /* the first of the objects bears its name, the others those after it */
	struct props outer, inner[OBJECTS], deep;
};

struct mixed {
	struct random     random;
	struct zipf       ranks;
	struct mixed_name names[NAMES_MAX]; /* the most frequent first */
	struct arena      texts;
};

/* Names of one entity stand apart in rank: step 7 is coprime to their number. */
static void name_init(struct mixed *m, uint32_t rank)
{
	struct mixed_name *n = &m->names[rank];
	uint32_t           number = rank * 7 % NAMES_MAX;
	uint32_t           changes = words_changes.count;
	str                entity = words_entities.at[number / changes / words_aspects.count];
	str                aspect = words_aspects.at[number / changes % words_aspects.count];

	n->thing = number;
	n->name = arena_format(&m->texts, STR_FMT "_" STR_FMT "_" STR_FMT, STR_ARG(entity), STR_ARG(aspect),
	                       STR_ARG(words_changes.at[number % changes]));
	props_choose(&n->outer, n->name, OUTER, PROP_COUNT);
	props_choose(&n->deep, str_from(n->name, 1), DEEP, PROP_COUNT);
	for (uint32_t i = 0; i < OBJECTS; i++)
		props_choose(&n->inner[i], str_from(n->name, 2 + i), INNER, PROP_COUNT);
}

static void *mixed_start(const struct simulate_conf *conf)
{
	struct mixed *m = xcalloc(1, sizeof(*m));

	assert(words_entities.count * words_aspects.count * words_changes.count == NAMES_MAX);
	random_seed(&m->random, conf->seed ^ 0x6D69786564);
	zipf_init_steep(&m->ranks, conf->names);
	for (uint32_t i = 0; i < NAMES_MAX; i++)
		name_init(m, i);
	return m;
}

static void mixed_stop(void *self)
{
	struct mixed *m = self;

	zipf_done(&m->ranks);
	arena_done(&m->texts);
	free(m);
}

static char *put_object(char *p, const struct mixed_name *n, uint32_t which, int64_t us, struct random *r)
{
	p = put_thing(p, n->thing + which);
	PUT(p, ":{");
	p = put_props(p, &n->inner[which], us, r);
	if (which == 0) {
		*p++ = ',';
		p = put_thing(p, n->thing + OBJECTS);
		PUT(p, ":{");
		p = put_props(p, &n->deep, us, r);
		*p++ = '}';
	}
	PUT(p, "},");
	return p;
}

static char *put_tags(char *p, struct random *r)
{
	uint32_t count = random_between(r, 1, TAGS_MAX);

	PUT(p, "\"tags\":");
	for (uint32_t i = 0; i < count; i++) {
		*p++ = i == 0 ? '[' : ',';
		*p++ = '"';
		p = put(p, words_tags.at[random_below(r, words_tags.count)]);
		*p++ = '"';
	}
	*p++ = ']';
	return p;
}

static void mixed_fresh(void *self, const struct wish *wish, struct record *out)
{
	struct mixed            *m = self;
	uint32_t                 rank = zipf_pick(&m->ranks, &m->random);
	const struct mixed_name *n = &m->names[rank];
	char                    *p;

	record_clear(out);
	out->table = rank;
	out->is_late = wish->is_late;
	out->is_drifted = wish_drifts(wish, rank);
	p = put_tracked(n->name, wish->event_us, &m->random, out);
	PUT(p, "\"properties\":{");
	p = put_props(p, &n->outer, wish->event_us, &m->random);
	*p++ = ',';
	for (uint32_t i = 0; i < OBJECTS; i++)
		p = put_object(p, n, i, wish->event_us, &m->random);
	p = put_tags(p, &m->random);
	PUT(p, "}}");
	out->len = record_at(out, p);
}

static str mixed_table(const void *self, uint32_t table)
{
	return ((const struct mixed *)self)->names[table].name;
}

static void mixed_path(uint32_t table, int64_t cut, struct buf *out)
{
	(void)table; /* one stream holds them all */
	buf_print(out, "mixed-%04lld.json", (long long)cut);
}

const struct kind kind_mixed = {
	.word = {"mixed", 5},
	.damages = identity_damages,
	.damage_count = IDENTITY_DAMAGES,
	.table_count = NAMES_MAX,
	.names_default = NAMES_DEFAULT,
	.second = 1000,
	.start = mixed_start,
	.stop = mixed_stop,
	.fresh = mixed_fresh,
	.spare = mixed_fresh,
	.table = mixed_table,
	.path = mixed_path,
};

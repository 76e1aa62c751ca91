/* domain.c - one stream of 300 types "entity.aspect.change", attributes nested.
 *
 *   {"data":{"id":"..","type":"user.profile.updated","attributes":{"user_id":..,
 *      "change":{"actor_id":..,"revision":..,...},"profile":{...},...}},
 *    "meta":{"created_at":1748822400123,"source":"..","version":..}}
 */
#include <stdlib.h>

#include "base/arena.h"
#include "simulate/fields.h"
#include "simulate/kind_int.h"
#include "simulate/text.h"
#include "simulate/words.h"

enum { TYPE_COUNT = 300, USER_COUNT = 10000000 };

struct domain_type {
	str          name, table, aspect;
	struct shape outer, inner;
};

struct domain {
	struct random      random;
	struct zipf        ranks;
	struct domain_type types[TYPE_COUNT]; /* the most frequent first */
	struct arena       texts;
};

static const enum damage damages[] = {
	DAMAGE_CUT, DAMAGE_ID_MISSING, DAMAGE_ID_EMPTY, DAMAGE_NAME_MISSING, DAMAGE_TIME_MISSING,
	DAMAGE_TIME_WORD, DAMAGE_TRAILING, DAMAGE_UTF8, DAMAGE_REPEATED_KEY, DAMAGE_ARRAY,
	DAMAGE_ATTRIBUTES,
};

/* Types of one entity stand apart in rank: step 7 is coprime to their number. */
static void type_init(struct domain *d, uint32_t rank)
{
	struct domain_type *type = &d->types[rank];
	uint32_t            number = rank * 7 % TYPE_COUNT;
	uint32_t            each = words_aspects.count * words_changes.count;
	str                 entity = words_entities.at[number / each];
	str                 change = words_changes.at[number % words_changes.count];

	type->aspect = words_aspects.at[number / words_changes.count % words_aspects.count];
	type->name = arena_format(&d->texts, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(entity),
	                          STR_ARG(type->aspect), STR_ARG(change));
	type->table = table_of(type->name, &d->texts);
	shape_choose(&type->outer, type->name, 2 + number % 7);
	shape_choose(&type->inner, type->table, 2 + number % 5);
	type->inner.optional &= (uint16_t)~1u; /* an object without members would have no type */
}

static void *domain_start(const struct simulate_conf *conf)
{
	struct domain *d = xcalloc(1, sizeof(*d));

	assert(words_entities.count * words_aspects.count * words_changes.count == TYPE_COUNT);
	random_seed(&d->random, conf->seed ^ 0x646F6D61696E);
	zipf_init(&d->ranks, TYPE_COUNT, 2);
	for (uint32_t i = 0; i < TYPE_COUNT; i++)
		type_init(d, i);
	return d;
}

static void domain_stop(void *self)
{
	struct domain *d = self;

	zipf_done(&d->ranks);
	arena_done(&d->texts);
	free(d);
}

static char *put_head(char *p, struct random *r, str name, struct record *out)
{
	PUT(p, "{\"data\":{");
	out->id.from = record_at(out, p);
	PUT(p, "\"id\":");
	out->id_value.from = record_at(out, p);
	*p++ = '"';
	p = put_uuid(p, r);
	*p++ = '"';
	out->id_value.to = record_at(out, p);
	*p++ = ',';
	out->id.to = out->name.from = record_at(out, p);
	PUT(p, "\"type\":\"");
	out->words.from = record_at(out, p);
	p = put(p, name);
	out->words.to = record_at(out, p);
	PUT(p, "\",");
	out->name.to = record_at(out, p);
	return p;
}

static char *put_attributes(char *p, const struct domain_type *type, int64_t us, struct random *r,
                            struct record *out)
{
	PUT(p, "\"attributes\":");
	out->attributes.from = record_at(out, p);
	PUT(p, "{\"user_id\":");
	p = put_u64(p, random_between(r, 1, USER_COUNT));
	PUT(p, ",\"change\":{\"actor_id\":");
	p = put_u64(p, random_between(r, 1, USER_COUNT));
	PUT(p, ",\"revision\":");
	if (out->is_drifted)
		PUT(p, "\"n/a\"");
	else
		p = put_u64(p, random_between(r, 1, 90));
	PUT(p, ",\"reason\":\"");
	p = put(p, words_statuses.at[random_below(r, words_statuses.count)]);
	PUT(p, "\"},\"");
	p = put(p, type->aspect);
	PUT(p, "_before\":{");
	p = put_shape(p, &type->inner, us, r);
	PUT(p, "},");
	p = put_shape(p, &type->outer, us, r);
	if (p[-1] == ',')
		p--; /* all its fields were absent */
	*p++ = '}';
	out->attributes.to = record_at(out, p);
	return p;
}

static char *put_meta(char *p, uint64_t millisecond, struct random *r, struct record *out)
{
	PUT(p, "},\"meta\":{");
	out->time.from = record_at(out, p);
	PUT(p, "\"created_at\":");
	out->time_value.from = record_at(out, p);
	p = put_u64(p, millisecond);
	out->time_value.to = record_at(out, p);
	*p++ = ',';
	out->time.to = record_at(out, p);
	PUT(p, "\"source\":\"");
	p = put(p, words_channels.at[random_below(r, words_channels.count)]);
	PUT(p, "\",\"version\":");
	p = put_u64(p, random_between(r, 1, 3));
	PUT(p, "}}");
	return p;
}

static void domain_fresh(void *self, const struct wish *wish, struct record *out)
{
	struct domain            *d = self;
	uint32_t                  rank = zipf_pick(&d->ranks, &d->random);
	const struct domain_type *type = &d->types[rank];
	char                     *p = out->text;

	record_clear(out);
	out->table = rank;
	out->is_late = wish->is_late;
	out->is_drifted = wish_drifts(wish, rank);
	p = put_head(p, &d->random, type->name, out);
	p = put_attributes(p, type, wish->event_us, &d->random, out);
	p = put_meta(p, (uint64_t)(wish->event_us / 1000), &d->random, out);
	out->len = record_at(out, p);
}

static str domain_table(const void *self, uint32_t table)
{
	return ((const struct domain *)self)->types[table].table;
}

static void domain_path(uint32_t table, int64_t cut, struct buf *out)
{
	(void)table; /* one stream holds them all */
	buf_print(out, "domain-%04lld.json", (long long)cut);
}

const struct kind kind_domain = {
	.word = {"domain", 6},
	.damages = damages,
	.damage_count = sizeof(damages) / sizeof(damages[0]),
	.table_count = TYPE_COUNT,
	.second = 1000,
	.start = domain_start,
	.stop = domain_stop,
	.fresh = domain_fresh,
	.spare = domain_fresh,
	.table = domain_table,
	.path = domain_path,
};

/* props.c - a thing and one of its traits make a key; the trait has the type. */
#include "simulate/props.h"

#include <assert.h>

#include "base/hash.h"
#include "simulate/text.h"
#include "simulate/words.h"

enum value {
	VALUE_WHOLE,    /* below `high` */
	VALUE_CENTS,    /* below `high` cents, always with two decimals */
	VALUE_RATIO,    /* 0.0 .. 0.999, always with a decimal point */
	VALUE_BOOL,
	VALUE_WORD,
	VALUE_HEX,      /* text of 16 digits */
	VALUE_UUID,
	VALUE_DATETIME, /* text, up to `high` seconds after the event */
	VALUE_DATE,     /* text, up to `high` days after the event */
	VALUE_LABEL,    /* text, one of `high` a thing */
	VALUE_TEXT,     /* some words */
};

struct trait {
	str                 key;
	enum value          value;
	uint32_t            high;
	const struct words *words;
};

#define TRAIT(name) {"_" name "\":", sizeof("_" name "\":") - 1}

static const struct trait traits[] = {
	{TRAIT("id"), VALUE_HEX, 0, NULL},
	{TRAIT("total"), VALUE_CENTS, 99900, NULL},
	{TRAIT("count"), VALUE_WHOLE, 12, NULL},
	{TRAIT("status"), VALUE_WORD, 0, &words_statuses},
	{TRAIT("at"), VALUE_DATETIME, 86400, NULL},
	{TRAIT("label"), VALUE_LABEL, 500, NULL},
	{TRAIT("is_new"), VALUE_BOOL, 0, NULL},
	{TRAIT("ms"), VALUE_WHOLE, 90000, NULL},
	{TRAIT("ref"), VALUE_WHOLE, 99999999, NULL},
	{TRAIT("score"), VALUE_RATIO, 0, NULL},
	{TRAIT("channel"), VALUE_WORD, 0, &words_channels},
	{TRAIT("text"), VALUE_TEXT, 0, NULL},
	{TRAIT("index"), VALUE_WHOLE, 200, NULL},
	{TRAIT("price"), VALUE_CENTS, 9900, NULL},
	{TRAIT("country"), VALUE_WORD, 0, &words_countries},
	{TRAIT("token"), VALUE_UUID, 0, NULL},
	{TRAIT("page"), VALUE_WORD, 0, &words_pages},
	{TRAIT("is_visible"), VALUE_BOOL, 0, NULL},
	{TRAIT("bytes"), VALUE_WHOLE, 50000000, NULL},
	{TRAIT("day"), VALUE_DATE, 90, NULL},
	{TRAIT("currency"), VALUE_WORD, 0, &words_currencies},
	{TRAIT("share"), VALUE_RATIO, 0, NULL},
	{TRAIT("colour"), VALUE_WORD, 0, &words_colours},
	{TRAIT("plan"), VALUE_WORD, 0, &words_plans},
	{TRAIT("note"), VALUE_WORD, 0, &words_sentences},
	{TRAIT("system"), VALUE_WORD, 0, &words_systems},
};

enum { TRAIT_COUNT = sizeof(traits) / sizeof(traits[0]) };

void props_choose(struct props *s, str owner, uint32_t count, uint32_t of)
{
	struct random random;
	uint16_t      order[PROP_COUNT];

	assert(words_things.count * TRAIT_COUNT == PROP_COUNT);
	assert(count <= PROPS_MAX && count <= of && of <= PROP_COUNT);
	random_seed(&random, hash_bytes(owner.ptr, owner.len, 0x70726F7073));
	for (uint16_t i = 0; i < of; i++)
		order[i] = i;
	s->count = count;
	s->optional = random_next(&random) & random_next(&random) & ~UINT64_C(1);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t other = random_between(&random, i, of - 1);

		s->at[i] = order[other];
		order[other] = order[i];
	}
}

static str word_of(const struct words *words, struct random *r)
{
	return words->at[random_below(r, words->count)];
}

static char *put_label(char *p, const struct trait *t, uint32_t thing, struct random *r)
{
	p = put(p, words_things.at[thing]);
	*p++ = ' ';
	return put_u64(p, random_below(r, t->high) * 37 % t->high);
}

static char *put_text(char *p, struct random *r)
{
	uint32_t count = random_between(r, 4, 16);

	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			*p++ = ' ';
		p = put(p, word_of(&words_things, r));
	}
	return p;
}

/* What stands between quotes. */
static char *put_inside(char *p, const struct trait *t, uint32_t thing, int64_t us, struct random *r)
{
	switch (t->value) {
	case VALUE_WORD:
		return put(p, word_of(t->words, r));
	case VALUE_HEX:
		return put_hex(p, random_next(r), 16);
	case VALUE_UUID:
		return put_uuid(p, r);
	case VALUE_DATETIME:
		return put_milliseconds(p, us + random_below(r, t->high) * INT64_C(1000000));
	case VALUE_DATE:
		return put_date(p, us + random_below(r, t->high) * INT64_C(86400000000));
	case VALUE_LABEL:
		return put_label(p, t, thing, r);
	default:
		assert(t->value == VALUE_TEXT);
		return put_text(p, r);
	}
}

char *put_prop(char *p, uint32_t number, int64_t us, struct random *r)
{
	const struct trait *t = &traits[number % TRAIT_COUNT];
	uint32_t            thing = number / TRAIT_COUNT;

	*p++ = '"';
	p = put(p, words_things.at[thing]);
	p = put(p, t->key);
	switch (t->value) {
	case VALUE_WHOLE:
		return put_u64(p, random_below(r, t->high));
	case VALUE_CENTS:
		return put_cents(p, random_below(r, t->high));
	case VALUE_RATIO:
		return put_decimal(p, random_below(r, 1000), 3);
	case VALUE_BOOL:
		return random_below(r, 2) ? put(p, STR("true")) : put(p, STR("false"));
	default:
		*p++ = '"';
		p = put_inside(p, t, thing, us, r);
		*p++ = '"';
		return p;
	}
}

char *put_props(char *p, const struct props *s, int64_t us, struct random *r)
{
	for (uint32_t i = 0; i < s->count; i++) {
		if ((s->optional >> i & 1) && random_below(r, 5) == 0)
			continue;
		if (i > 0)
			*p++ = ',';
		p = put_prop(p, s->at[i], us, r);
	}
	return p;
}

char *put_thing(char *p, uint32_t number)
{
	*p++ = '"';
	p = put(p, words_things.at[number % words_things.count]);
	*p++ = '"';
	return p;
}

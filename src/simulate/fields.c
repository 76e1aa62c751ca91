/* fields.c - the catalogue of fields. */
#include "simulate/fields.h"

#include <assert.h>

#include "base/hash.h"
#include "simulate/text.h"
#include "simulate/words.h"

enum value {
	VALUE_WHOLE,    /* low .. high */
	VALUE_CENTS,    /* low .. high cents, always with two decimals */
	VALUE_RATIO,    /* 0.0 .. 0.999, always with a decimal point */
	VALUE_BOOL,
	VALUE_WORD,
	VALUE_HEX,      /* text of `low` digits */
	VALUE_DATETIME, /* text, up to `high` seconds after the event */
	VALUE_WORDS,    /* a list of 1 .. high words */
	VALUE_DEVICE,   /* an object */
	VALUE_PLACE,    /* an object in which stands another */
	VALUE_ITEMS,    /* a list of objects */
};

struct field {
	str                 key; /* with its quotes and colon */
	enum value          value;
	uint32_t            low, high;
	const struct words *words;
};

#define KEY(name) {"\"" name "\":", sizeof("\"" name "\":") - 1}

static const struct field fields[] = {
	{KEY("amount"), VALUE_CENTS, 100, 49900, NULL},
	{KEY("tax"), VALUE_CENTS, 0, 9900, NULL},
	{KEY("currency"), VALUE_WORD, 0, 0, &words_currencies},
	{KEY("quantity"), VALUE_WHOLE, 1, 12, NULL},
	{KEY("position"), VALUE_WHOLE, 0, 200, NULL},
	{KEY("duration_ms"), VALUE_WHOLE, 3, 900000, NULL},
	{KEY("score"), VALUE_RATIO, 0, 0, NULL},
	{KEY("discount_rate"), VALUE_RATIO, 0, 0, NULL},
	{KEY("is_first"), VALUE_BOOL, 0, 0, NULL},
	{KEY("is_test"), VALUE_BOOL, 0, 0, NULL},
	{KEY("country"), VALUE_WORD, 0, 0, &words_countries},
	{KEY("channel"), VALUE_WORD, 0, 0, &words_channels},
	{KEY("status"), VALUE_WORD, 0, 0, &words_statuses},
	{KEY("plan"), VALUE_WORD, 0, 0, &words_plans},
	{KEY("colour"), VALUE_WORD, 0, 0, &words_colours},
	{KEY("page"), VALUE_WORD, 0, 0, &words_pages},
	{KEY("note"), VALUE_WORD, 0, 0, &words_sentences},
	{KEY("user_agent"), VALUE_WORD, 0, 0, &words_agents},
	{KEY("order_id"), VALUE_WHOLE, 1000000, 99999999, NULL},
	{KEY("product_id"), VALUE_WHOLE, 1000, 60000, NULL},
	{KEY("campaign_id"), VALUE_WHOLE, 1, 400, NULL},
	{KEY("trace"), VALUE_HEX, 16, 0, NULL},
	{KEY("checksum"), VALUE_HEX, 8, 0, NULL},
	{KEY("due_at"), VALUE_DATETIME, 0, 864000, NULL},
	{KEY("finished_at"), VALUE_DATETIME, 0, 7200, NULL},
	{KEY("tags"), VALUE_WORDS, 0, 3, &words_tags},
	{KEY("labels"), VALUE_WORDS, 0, 2, &words_colours},
	{KEY("device"), VALUE_DEVICE, 0, 0, NULL},
	{KEY("client"), VALUE_DEVICE, 0, 0, NULL},
	{KEY("place"), VALUE_PLACE, 0, 0, NULL},
	{KEY("items"), VALUE_ITEMS, 0, 3, NULL},
	{KEY("app_build"), VALUE_WHOLE, 4100, 4190, NULL},
	{KEY("latency_ms"), VALUE_WHOLE, 1, 2500, NULL},
};

enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

void shape_choose(struct shape *s, str event_name, uint32_t count)
{
	struct random random;
	uint8_t       order[FIELD_COUNT];

	assert(count <= SHAPE_MAX && count <= FIELD_COUNT);
	random_seed(&random, hash_bytes(event_name.ptr, event_name.len, 0x6669656C6473));
	for (uint8_t i = 0; i < FIELD_COUNT; i++)
		order[i] = i;
	s->count = (uint8_t)count;
	s->optional = (uint16_t)(random_next(&random) & random_next(&random));
	for (uint32_t i = 0; i < count; i++) {
		uint32_t other = random_between(&random, i, FIELD_COUNT - 1);

		s->at[i] = order[other];
		order[other] = order[i];
	}
}

static str word_of(const struct words *words, struct random *r)
{
	return words->at[random_below(r, words->count)];
}

static char *put_quoted(char *p, str s)
{
	*p++ = '"';
	p = put(p, s);
	*p++ = '"';
	return p;
}

static char *put_words(char *p, const struct field *f, struct random *r)
{
	uint32_t count = random_between(r, 1, f->high);

	for (uint32_t i = 0; i < count; i++) {
		*p++ = i == 0 ? '[' : ',';
		p = put_quoted(p, word_of(f->words, r));
	}
	*p++ = ']';
	return p;
}

static char *put_device(char *p, struct random *r)
{
	PUT(p, "{\"system\":");
	p = put_quoted(p, word_of(&words_systems, r));
	PUT(p, ",\"version\":\"");
	p = put_u64(p, random_between(r, 9, 18));
	*p++ = '.';
	p = put_u64(p, random_below(r, 7));
	PUT(p, "\",\"memory_mb\":");
	p = put_u64(p, 1024u << random_below(r, 5));
	*p++ = '}';
	return p;
}

static char *put_place(char *p, struct random *r)
{
	const struct city *city = &words_cities[random_below(r, words_city_count)];

	PUT(p, "{\"city\":");
	p = put_quoted(p, city->name);
	PUT(p, ",\"zip\":");
	p = put_quoted(p, city->zip);
	PUT(p, ",\"point\":{\"lat\":");
	p = put(p, city->lat);
	PUT(p, ",\"lon\":");
	p = put(p, city->lon);
	PUT(p, "}}");
	return p;
}

static char *put_items(char *p, const struct field *f, struct random *r)
{
	uint32_t count = random_between(r, 1, f->high);

	for (uint32_t i = 0; i < count; i++) {
		*p++ = i == 0 ? '[' : ',';
		PUT(p, "{\"sku\":\"SKU-");
		p = put_padded(p, random_below(r, 40000), 5);
		PUT(p, "\",\"count\":");
		p = put_u64(p, random_between(r, 1, 4));
		PUT(p, ",\"price\":");
		p = put_cents(p, random_between(r, 99, 19900));
		*p++ = '}';
	}
	*p++ = ']';
	return p;
}

static char *put_value(char *p, const struct field *f, int64_t us, struct random *r)
{
	switch (f->value) {
	case VALUE_WHOLE:
		return put_u64(p, random_between(r, f->low, f->high));
	case VALUE_CENTS:
		return put_cents(p, random_between(r, f->low, f->high));
	case VALUE_RATIO:
		return put_decimal(p, random_below(r, 1000), 3);
	case VALUE_BOOL:
		return random_below(r, 2) ? put(p, STR("true")) : put(p, STR("false"));
	case VALUE_WORD:
		return put_quoted(p, word_of(f->words, r));
	case VALUE_HEX:
		*p++ = '"';
		p = put_hex(p, random_next(r), f->low);
		*p++ = '"';
		return p;
	case VALUE_DATETIME:
		*p++ = '"';
		p = put_datetime(p, us + random_below(r, f->high) * INT64_C(1000000), 'T');
		PUT(p, "Z\"");
		return p;
	case VALUE_WORDS:
		return put_words(p, f, r);
	case VALUE_DEVICE:
		return put_device(p, r);
	case VALUE_PLACE:
		return put_place(p, r);
	case VALUE_ITEMS:
		return put_items(p, f, r);
	}
	assert(f->value <= VALUE_ITEMS); /* not reached */
	return p;
}

char *put_shape(char *p, const struct shape *s, int64_t us, struct random *r)
{
	const char *start = p;

	for (uint32_t i = 0; i < s->count; i++) {
		const struct field *f = &fields[s->at[i]];

		if ((s->optional >> i & 1) && random_below(r, 5) == 0)
			continue;
		if (p > start)
			*p++ = ',';
		p = put(p, f->key);
		p = put_value(p, f, us, r);
	}
	return p;
}

str table_of(str event_name, struct arena *a)
{
	char *out = arena_alloc(a, event_name.len);

	for (size_t i = 0; i < event_name.len; i++) {
		char c = event_name.ptr[i];

		out[i] = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
	}
	return str_make(out, event_name.len);
}

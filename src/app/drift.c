#include "app/drift.h"

#include <stdlib.h>

#include "app/ask.h"
#include "codec/json.h"
#include "codec/name.h"
#include "codec/utf8.h"
#include "ingest/exact.h"
#include "query/table_sql.h"

enum { EXAMPLE_BYTES = 120 };

struct reading {
	struct drift    *drift;
	struct json_tape tape;
	struct buf       text, pattern, key, scratch;
	int64_t          time_us; /* of the row at hand */
};

static void reading_done(struct reading *r)
{
	json_tape_done(&r->tape);
	buf_done(&r->text);
	buf_done(&r->pattern);
	buf_done(&r->key);
	buf_done(&r->scratch);
}

AUTO_DEFINE(reading, reading_done)

/* --- one value ----------------------------------------------------------------------------- */

static enum drift_kind kind_of_text(str text)
{
	bool    is_long;
	int64_t integer;
	double  real;

	if (str_eq(text, STR("true")) || str_eq(text, STR("false")))
		return KIND_TEXT_BOOLEAN;
	if (!text_is_number(text, &is_long, &integer, &real))
		return KIND_TEXT;
	return is_long ? KIND_TEXT_INTEGER : KIND_TEXT_REAL;
}

/* 0 of null. */
static unsigned kind_of(struct reading *r, uint32_t at)
{
	const uint64_t *words = r->tape.words;

	switch (json_kind(words[at])) {
	case JSON_OBJECT:
		return KIND_OBJECT;
	case JSON_ARRAY:
		return KIND_ARRAY;
	case JSON_STRING:
		return kind_of_text(json_unescape(r->text.ptr, words[at], &r->scratch));
	case JSON_INT:
		return long_is_double((int64_t)words[at + 1]) ? KIND_INTEGER : KIND_LARGE;
	case JSON_DOUBLE:
		return KIND_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return KIND_BOOLEAN;
	default:
		return 0;
	}
}

/* Is there nothing in it that has a type? */
static bool is_empty(const uint64_t *words, uint32_t at)
{
	enum json_kind kind = json_kind(words[at]);
	uint32_t       end = kind <= JSON_ARRAY ? json_skip(words, at) : at + 1;

	for (uint32_t i = at; i < end; i += kind <= JSON_ARRAY ? 2 : json_words(words[i])) {
		kind = json_kind(words[i]);
		if (kind == JSON_STRING || (kind > JSON_STRING && kind != JSON_NULL))
			return false;
	}
	return true;
}

/* Could its column hold a container of this kind, and had none only then? */
static bool is_of_column(const struct place *p, unsigned kind)
{
	if (p->field == NULL)
		return kind == KIND_OBJECT;
	return (p->field->type == TYPE_STRUCT && kind == KIND_OBJECT) || (p->field->type == TYPE_LIST && kind == KIND_ARRAY);
}

static enum drift_why why_of(const struct reading *r, const struct place *p, unsigned kind, uint32_t at)
{
	if (p != NULL && p->is_standard)
		return DRIFT_SPELLING;
	if (kind == 0 || (p != NULL && is_of_column(p, kind)))
		return DRIFT_EMPTY;
	if (p != NULL)
		return DRIFT_TYPE;
	if (is_empty(r->tape.words, at))
		return DRIFT_EMPTY;
	return places_is_bad_name(&r->drift->places, buf_str(&r->pattern)) ? DRIFT_NAME : DRIFT_BUDGET;
}

/* --- places -------------------------------------------------------------------------------- */

static str place_key(struct buf *key, str pattern, enum drift_why why)
{
	buf_clear(key);
	buf_add(key, pattern);
	buf_byte(key, '\0');
	buf_byte(key, (char)('0' + (int)why));
	return buf_str(key);
}

/* NULL: there are too many; never of those that have a column, which the table bounds. */
static struct drift_place *place_of(struct reading *r, enum drift_why why, const struct place *p)
{
	struct drift    *d = r->drift;
	str              key = place_key(&r->key, buf_str(&r->pattern), why);
	struct map_item *item = map_get(&d->by_key, key);

	if (item != NULL)
		return &d->at.at[item->num - 1];
	if (p == NULL && d->strangers++ >= DRIFT_PLACES)
		return NULL;
	*VEC_ADD(&d->at) = (struct drift_place){
		.pattern = arena_str(&d->arena, buf_str(&r->pattern)),
		.why = why,
		.field = p ? p->field : NULL,
		.first_us = r->time_us,
		.last_us = r->time_us,
	};
	map_put(&d->by_key, key)->num = d->at.count;
	return &d->at.at[d->at.count - 1];
}

static void add_example(struct drift *d, struct drift_place *p, str source)
{
	str head = str_head(source, EXAMPLE_BYTES);

	head = str_head(head, utf8_check(head)); /* not in the middle of a code point */
	for (unsigned i = 0; i < p->example_count; i++)
		if (str_eq(p->examples[i], head))
			return;
	if (p->example_count < DRIFT_EXAMPLES)
		p->examples[p->example_count++] = arena_str(&d->arena, head);
}

/* The value at words[at], whose pattern is r->pattern. */
static void take_value(struct reading *r, uint32_t at)
{
	const struct place *p = places_find(&r->drift->places, buf_str(&r->pattern));
	unsigned            kind = kind_of(r, at);
	enum drift_why      why = why_of(r, p, kind, at);
	struct drift_place *place = place_of(r, why, p);

	r->drift->values[why]++;
	if (place == NULL) {
		r->drift->unlisted++;
		return;
	}
	place->values++;
	place->objects += kind == KIND_OBJECT;
	place->kinds |= kind;
	place->first_us = r->time_us < place->first_us ? r->time_us : place->first_us;
	place->last_us = r->time_us > place->last_us ? r->time_us : place->last_us;
	add_example(r->drift, place, json_source(r->text.ptr, r->tape.words, at));
}

/* --- whole records ------------------------------------------------------------------------- */

/* Has the value a column that it fits? As shredding would have it. */
static bool is_held(const struct place *p, unsigned kind)
{
	if (p == NULL || p->field == NULL)
		return false;
	switch (p->field->type) {
	case TYPE_LONG:
		return (kind & (KIND_INTEGER | KIND_LARGE)) != 0;
	case TYPE_DOUBLE:
		return (kind & (KIND_INTEGER | KIND_REAL)) != 0;
	case TYPE_BOOL:
		return kind == KIND_BOOLEAN;
	default:
		return (kind & (KIND_TEXT | KIND_TEXT_INTEGER | KIND_TEXT_REAL | KIND_TEXT_BOOLEAN)) != 0;
	}
}

/* Is the container one whose members are looked at by themselves? */
static bool is_open(const struct reading *r, const struct place *p, unsigned kind)
{
	if (r->pattern.len == 0)
		return true;
	if (p != NULL)
		return is_of_column(p, kind);
	return kind >= KIND_OBJECT && !places_is_bad_name(&r->drift->places, buf_str(&r->pattern));
}

/* A record that stands in _extra whole is in columns besides: only what these have not is looked for. */
static void take_whole(struct reading *r, uint32_t at)
{
	const uint64_t     *words = r->tape.words;
	const struct place *p = places_find(&r->drift->places, buf_str(&r->pattern));
	unsigned            kind = kind_of(r, at);
	size_t              len = r->pattern.len;
	uint32_t            next = at + 2;

	if (kind == 0 || (p != NULL && p->is_standard))
		return;
	if (!is_open(r, p, kind)) {
		if (!is_held(p, kind))
			take_value(r, at);
		return;
	}
	for (uint32_t i = 0; i < json_len(words[at]); i++) {
		AUTO(buf) token = BUF(0);

		if (kind == KIND_OBJECT)
			pointer_add(&token, json_unescape(r->text.ptr, words[next], &r->scratch));
		else
			pointer_add_index(&token, i);
		places_step(&r->drift->places, str_from(buf_str(&token), 1), &r->pattern);
		next += kind == KIND_OBJECT ? 2 : 0;
		take_whole(r, next);
		next = json_skip(words, next);
		r->pattern.len = len;
	}
}

/* --- rows ---------------------------------------------------------------------------------- */

/* Columns of the answer: event time, _extra. */
static int take_row(void *context, const struct answer *answer, size_t row, struct err *e)
{
	static const struct json_limits limits = {66, UINT32_MAX, UINT32_MAX, UINT32_MAX};
	struct reading                 *r = context;
	struct json_fault               fault;
	size_t                          len;

	buf_clear(&r->text);
	(void)answer_text(answer, 1, row, &r->text);
	len = r->text.len;
	buf_fill(&r->text, '\0', JSON_PADDING);
	r->tape.count = 0;
	r->time_us = ask_number(answer, 0, row);
	if (!json_scan(r->text.ptr, len, 0, &limits, &r->tape, &fault) || json_kind(r->tape.words[0]) != JSON_OBJECT)
		return err_set(e, ERR_CORRUPT, "there is a row whose _extra is no JSON object: " STR_FMT,
		               STR_ARG(str_head(buf_str(&r->text), len < 80 ? len : 80)));
	for (uint32_t left = json_len(r->tape.words[0]), next = 2; left > 0; left--) {
		str pointer = json_unescape(r->text.ptr, r->tape.words[next], &r->scratch);

		buf_clear(&r->pattern);
		places_pattern(&r->drift->places, pointer, &r->pattern);
		if (pointer.len == 0)
			take_whole(r, next + 2);
		else
			take_value(r, next + 2);
		next = json_skip(r->tape.words, next + 2);
	}
	return 0;
}

static int in_order(const void *a, const void *b)
{
	const struct drift_place *x = a, *y = b;
	int                       order = str_cmp(x->pattern, y->pattern);

	return order != 0 ? order : (int)x->why - (int)y->why;
}

/* by_key is by place, and places have moved. */
static void sort_places(struct drift *d)
{
	AUTO(buf) key = BUF(0);

	if (d->at.count > 0)
		qsort(d->at.at, d->at.count, sizeof(*d->at.at), in_order);
	for (size_t i = 0; i < d->at.count; i++)
		map_put(&d->by_key, place_key(&key, d->at.at[i].pattern, d->at.at[i].why))->num = i + 1;
}

/* Has a long column integers that no double holds? Files that do not say are taken to. */
static bool has_large(const struct scan *s, int32_t field)
{
	for (size_t i = 0; i < s->file_count; i++) {
		const struct file_stats *stats = &s->files[i].stats;

		for (uint32_t k = 0; k < stats->leaf_count; k++) {
			const struct leaf_stats *leaf = &stats->leaves[k];
			int64_t                  low = INT64_MIN, high = INT64_MAX;

			if (leaf->field_id != field || leaf->values == leaf->nulls)
				continue;
			if (leaf->lower.len == sizeof(low) && leaf->upper.len == sizeof(high)) {
				memcpy(&low, leaf->lower.ptr, sizeof(low));
				memcpy(&high, leaf->upper.ptr, sizeof(high));
			}
			if (!long_is_double(low) || !long_is_double(high))
				return true;
		}
	}
	return false;
}

static void add_large(struct drift *d, const struct scan *s)
{
	for (size_t i = 0; i < d->at.count; i++) {
		struct drift_place *p = &d->at.at[i];

		if (p->why == DRIFT_TYPE && p->field != NULL && p->field->type == TYPE_LONG && has_large(s, p->field->id))
			p->kinds |= KIND_LARGE;
	}
}

static int read_rows(struct views *v, const struct table_name *t, str event_name, struct drift *d, struct err *e)
{
	AUTO(reading) r = {.drift = d};
	AUTO(buf)     sql = BUF(0);

	buf_add(&sql, STR("SELECT epoch_us(event_time), _extra FROM "));
	sql_table(t->space, t->name, &sql);
	buf_add(&sql, STR(" WHERE _extra IS NOT NULL"));
	if (event_name.len > 0) {
		buf_add(&sql, STR(" AND event_name = "));
		sql_text(event_name, &sql);
	}
	return ask(v, buf_str(&sql), take_row, &r, e);
}

int drift_read(struct views *v, const struct table_name *t, const struct scan *s, str event_name, struct drift *out,
               struct err *e)
{
	*out = (struct drift){0};
	schema_copy(&s->schema, &out->schema);
	places_init(&out->places, &out->schema);
	if (schema_child(out->schema.root, STR("_extra")) != NULL && schema_child(out->schema.root, STR("event_time")) != NULL &&
	    read_rows(v, t, event_name, out, e) < 0) {
		drift_done(out);
		return err_add(e, "table " STR_FMT, STR_ARG(t->full));
	}
	sort_places(out);
	add_large(out, s);
	return 0;
}

void drift_done(struct drift *d)
{
	VEC_DONE(&d->at);
	map_done(&d->by_key);
	places_done(&d->places);
	schema_done(&d->schema);
	arena_done(&d->arena);
	*d = (struct drift){0};
}

const struct drift_place *drift_find(const struct drift *d, str pattern, enum drift_why why)
{
	AUTO(buf)              key = BUF(0);
	const struct map_item *item = map_get(&d->by_key, place_key(&key, pattern, why));

	return item != NULL ? &d->at.at[item->num - 1] : NULL;
}

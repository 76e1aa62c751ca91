/* contract_try.c - does a record hold to its contract? In the order of the record, and what is missing of an object last.
 *
 * Invariant: `reason` is REASON_NONE until the first breach, which ends the walk. */
#include <assert.h>

#include "codec/name.h"
#include "ingest/contract.h"
#include "ingest/path.h"
#include "ingest/pattern.h"

struct walk {
	struct trial   *trial;
	const char     *text;
	const uint64_t *words;
	bool            is_text_typed;
};

struct place {
	const struct place *up;
	uint64_t            key;   /* the token of a member's name, 0: an element, or a name from the contract */
	str                 name;  /* that name */
	uint32_t            index;
};

void trial_done(struct trial *t)
{
	buf_done(&t->pointer);
	buf_done(&t->scratch);
}

/* --- breaches ------------------------------------------------------------------------------ */

static void add_place(struct walk *w, const struct place *p)
{
	if (p == NULL)
		return;
	add_place(w, p->up);
	if (p->key != 0)
		pointer_add(&w->trial->pointer, json_unescape(w->text, p->key, &w->trial->scratch));
	else if (p->name.ptr != NULL)
		pointer_add(&w->trial->pointer, p->name);
	else if (w->trial->has_stars)
		pointer_add(&w->trial->pointer, STR("*"));
	else
		pointer_add_index(&w->trial->pointer, p->index);
}

static bool breach(struct walk *w, enum reason reason, const struct place *p, uint32_t at)
{
	assert(w->trial->reason == REASON_NONE);
	w->trial->reason = reason;
	w->trial->offset = json_off(w->words[at]);
	buf_clear(&w->trial->pointer);
	add_place(w, p);
	return false;
}

/* --- scalars ------------------------------------------------------------------------------- */

static bool is_among(const struct rule *r, str word, long double number)
{
	for (uint32_t i = 0; i < r->choice_count; i++)
		if (r->type == RULE_STRING ? str_eq(r->words[i], word) : r->numbers[i] == number)
			return true;
	return r->choice_count == 0;
}

static bool is_within(const struct rule *r, long double number)
{
	if (r->least.is_set && (r->least.is_exclusive ? number <= r->least.number : number < r->least.number))
		return false;
	return !r->most.is_set || (r->most.is_exclusive ? number < r->most.number : number <= r->most.number);
}

static bool is_long_enough(const struct rule *r, size_t length)
{
	return length >= r->shortest && length <= r->longest;
}

static size_t code_points(str s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.len; i++)
		count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
	return count;
}

static enum reason fault_of_text(const struct rule *r, str text)
{
	if (!is_among(r, text, 0))
		return REASON_CONTRACT_ENUM;
	if ((r->shortest > 0 || r->longest < UINT32_MAX) && !is_long_enough(r, code_points(text)))
		return REASON_CONTRACT_LENGTH;
	return r->pattern == NULL || pattern_match(r->pattern, text) ? REASON_NONE : REASON_CONTRACT_PATTERN;
}

static enum reason fault_of_number(const struct rule *r, long double number)
{
	if (!is_among(r, STR(""), number))
		return REASON_CONTRACT_ENUM;
	return is_within(r, number) ? REASON_NONE : REASON_CONTRACT_RANGE;
}

/* The number as it came, where it came as one: a double of a large integer is not it. */
static long double number_of(const struct walk *w, const struct rule *r, uint32_t at, const struct held *held)
{
	if (json_kind(w->words[at]) == JSON_INT)
		return (long double)(int64_t)w->words[at + 1];
	return r->type == RULE_INTEGER ? (long double)held->whole : (long double)held->real;
}

static bool try_scalar(struct walk *w, const struct rule *r, const struct place *p, uint32_t at)
{
	enum reason reason = REASON_NONE;
	struct held held;

	if (!rule_hold(r, w->text, w->words, at, w->is_text_typed, &w->trial->scratch, &held))
		return breach(w, REASON_CONTRACT_TYPE, p, at);
	w->trial->converted += held.is_converted;
	w->trial->inexact += !held.is_exact;
	if (r->type == RULE_STRING)
		reason = fault_of_text(r, held.text);
	else if (r->type == RULE_INTEGER || r->type == RULE_NUMBER)
		reason = fault_of_number(r, number_of(w, r, at, &held));
	return reason == REASON_NONE || breach(w, reason, p, at);
}

/* --- containers ---------------------------------------------------------------------------- */

static bool try_value(struct walk *w, const struct rule *r, const struct place *p, uint32_t at);

/* Null is absence, but where the type says that it may be there. */
static bool is_there(const uint64_t *words, uint32_t at, const struct rule *r)
{
	return at != 0 && (json_kind(words[at]) != JSON_NULL || r->is_nullable);
}

/* At the first of the required members that is not there. */
static bool breach_required(struct walk *w, const struct rule *r, const struct place *up, uint32_t at)
{
	const struct rule_member *m = r->members;
	struct place              p = {.up = up};

	while (!m->is_required || is_there(w->words, tape_member(w->text, w->words, at, m->name, m->hash), m->rule))
		m++;
	assert(m < r->members + r->member_count);
	p.name = m->name;
	return breach(w, REASON_CONTRACT_REQUIRED, &p, at);
}

static bool try_object(struct walk *w, const struct rule *r, const struct place *up, uint32_t at)
{
	uint32_t next = at + 2, found = 0;

	for (uint32_t left = json_len(w->words[at]); left > 0; left--) {
		struct place              p = {.up = up, .key = w->words[next]};
		const struct rule_member *m = rule_member(r, w->text, p.key, w->words[next + 1]);

		if (m == NULL && r->is_closed)
			return breach(w, REASON_CONTRACT_EXTRA, &p, next);
		if (m != NULL && !try_value(w, m->rule, &p, next + 2))
			return false;
		found += m != NULL && m->is_required && is_there(w->words, next + 2, m->rule);
		next = json_skip(w->words, next + 2);
	}
	return found == r->required_count || breach_required(w, r, up, at);
}

static bool try_array(struct walk *w, const struct rule *r, const struct place *up, uint32_t at)
{
	uint32_t count = json_len(w->words[at]), next = at + 2;

	if (!is_long_enough(r, count))
		return breach(w, REASON_CONTRACT_LENGTH, up, at);
	for (uint32_t i = 0; i < count && r->items != NULL; i++) {
		struct place p = {.up = up, .index = i};

		if (!try_value(w, r->items, &p, next))
			return false;
		next = json_skip(w->words, next);
	}
	return true;
}

static bool try_value(struct walk *w, const struct rule *r, const struct place *p, uint32_t at)
{
	enum json_kind kind = json_kind(w->words[at]);

	if (kind == JSON_NULL || r->type == RULE_ANY)
		return true;
	if (r->type == RULE_OBJECT)
		return kind == JSON_OBJECT ? try_object(w, r, p, at) : breach(w, REASON_CONTRACT_TYPE, p, at);
	if (r->type == RULE_ARRAY)
		return kind == JSON_ARRAY ? try_array(w, r, p, at) : breach(w, REASON_CONTRACT_TYPE, p, at);
	return try_scalar(w, r, p, at);
}

bool contract_try(const struct contract *c, const char *text, const uint64_t *words, bool is_text_typed, struct trial *t)
{
	struct walk w = {.trial = t, .text = text, .words = words, .is_text_typed = is_text_typed};
	bool        holds;

	assert(json_kind(words[0]) == JSON_OBJECT && c->root->type == RULE_OBJECT);
	t->reason = REASON_NONE;
	holds = try_object(&w, c->root, NULL, 0);
	assert(holds == (t->reason == REASON_NONE));
	return holds;
}

#include "ingest/contract.h"

#include "base/hash.h"
#include "ingest/path.h"

void contracts_done(struct contracts *c)
{
	for (size_t i = 0; i < c->patterns.count; i++)
		regfree(c->patterns.at[i]);
	VEC_DONE(&c->patterns);
	VEC_DONE(c);
	map_done(&c->by_name);
	arena_done(&c->arena);
}

int contracts_add(struct contracts *c, struct contract *one, struct err *e)
{
	struct map_item *item = map_put(&c->by_name, one->name);

	if (item->ptr != NULL) {
		const struct contract *first = item->ptr;

		return err_set(e, ERR_CONFLICT, "\"" STR_FMT "\" has a contract already, at %s:%u", STR_ARG(one->name),
		               first->file, first->line);
	}
	item->ptr = one;
	one->number = (uint32_t)c->count;
	*VEC_ADD(c) = one;
	return 0;
}

/* '*' is any bytes, '?' any one. The last star alone is asked to take more: what an earlier one could take, it can too. */
static bool is_like(str name, str pattern)
{
	size_t n = 0, p = 0, star = pattern.len, taken = 0;

	while (n < name.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			taken = n;
		} else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == name.ptr[n])) {
			p++;
			n++;
		} else if (star < pattern.len) {
			p = star + 1;
			n = ++taken;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

const struct contract *contracts_find(const struct contracts *c, str event_name)
{
	const struct contract *exact;

	if (c == NULL || c->count == 0)
		return NULL;
	exact = map_ptr(&c->by_name, event_name); /* no event name has * or ? in it */
	for (size_t i = 0; i < c->count && exact == NULL; i++)
		if (c->at[i]->is_pattern && is_like(event_name, c->at[i]->name))
			exact = c->at[i];
	return exact;
}

/* --- members ------------------------------------------------------------------------------- */

static void seed(struct arena *a, struct rule *r, uint64_t secret)
{
	if (r == NULL)
		return;
	seed(a, r->items, secret);
	if (r->slots == NULL && r->member_count > 0) {
		for (r->slot_count = 4; r->slot_count < r->member_count * 2; r->slot_count *= 2)
			;
		r->slots = ARENA_ARRAY(a, uint32_t, r->slot_count);
	}
	if (r->slots != NULL)
		memset(r->slots, 0, r->slot_count * sizeof(*r->slots));
	for (uint32_t i = 0; i < r->member_count; i++) {
		struct rule_member *m = &r->members[i];
		uint32_t            at;

		m->hash = hash_name(m->name, secret);
		for (at = (uint32_t)m->hash; r->slots[at & (r->slot_count - 1)] != 0; at++)
			;
		r->slots[at & (r->slot_count - 1)] = i + 1;
		seed(a, m->rule, secret);
	}
}

void contracts_seed(struct contracts *c, uint64_t secret)
{
	for (size_t i = 0; c != NULL && i < c->count; i++)
		seed(&c->arena, c->at[i]->root, secret);
}

const struct rule_member *rule_member(const struct rule *object, const char *text, uint64_t key, uint64_t hash)
{
	uint32_t mask = object->slot_count - 1;

	if (object->member_count == 0)
		return NULL;
	for (uint32_t at = (uint32_t)hash; object->slots[at & mask] != 0; at++) {
		const struct rule_member *m = &object->members[object->slots[at & mask] - 1];

		if (m->hash == hash && tape_is_name(text, key, m->name))
			return m;
	}
	return NULL;
}

bool rule_column(const struct rule *r, enum type *out)
{
	static const enum type types[] = {
		[RULE_STRING] = TYPE_STRING, [RULE_INTEGER] = TYPE_LONG,        [RULE_NUMBER] = TYPE_DOUBLE,
		[RULE_BOOLEAN] = TYPE_BOOL,  [RULE_INSTANT] = TYPE_TIMESTAMPTZ, [RULE_DATE] = TYPE_DATE,
		[RULE_UUID] = TYPE_UUID,     [RULE_JSON] = TYPE_STRING,
	};

	if (r->type <= RULE_ARRAY)
		return false;
	*out = types[r->type];
	return true;
}

#include "query/prune.h"

static const struct scan_range everything = {0, 0};

/* `to` is not in it. No rows: from >= to. */
static struct scan_range use_range(const struct plan_use *u, int32_t time_id)
{
	struct scan_range r = {INT64_MIN, INT64_MAX};

	for (size_t i = 0; i < u->count; i++) {
		const struct condition *c = &u->at[i];
		int64_t                 after = c->whole < INT64_MAX ? c->whole + 1 : INT64_MAX;
		int64_t                 from = c->compare == COMPARE_GT ? after : c->whole;
		int64_t                 to = c->compare == COMPARE_LT ? c->whole : after;

		if (c->field->id != time_id || c->field->type != TYPE_TIMESTAMPTZ)
			continue;
		if (c->compare != COMPARE_LT && c->compare != COMPARE_LE && from > r.from_us)
			r.from_us = from;
		if (c->compare != COMPARE_GT && c->compare != COMPARE_GE && to < r.to_us)
			r.to_us = to;
	}
	return r;
}

struct scan_range prune_range(const struct plan *p, int32_t time_id)
{
	struct scan_range all = {INT64_MAX, INT64_MIN};

	for (size_t i = 0; i < p->count; i++) {
		struct scan_range r = use_range(&p->at[i], time_id);

		if (r.from_us == INT64_MIN && r.to_us == INT64_MAX)
			return everything;
		if (r.from_us >= r.to_us)
			continue;
		all.from_us = r.from_us < all.from_us ? r.from_us : all.from_us;
		all.to_us = r.to_us > all.to_us ? r.to_us : all.to_us;
	}
	/* No use wants a row, or none is known: the files' bounds decide. */
	return all.from_us < all.to_us ? all : everything;
}

/* A bound of whole numbers: 8 bytes, or 4 where the field was an int when the file was written. */
static bool whole_of(str bound, int64_t *out)
{
	int32_t narrow;

	if (bound.ptr == NULL || (bound.len != sizeof(*out) && bound.len != sizeof(narrow)))
		return false;
	if (bound.len == sizeof(*out)) {
		memcpy(out, bound.ptr, sizeof(*out));
	} else {
		memcpy(&narrow, bound.ptr, sizeof(narrow));
		*out = narrow;
	}
	return true;
}

/* A bound against the condition's constant: <0, 0, >0. `unknown` where there is no bound, or
 * none that is understood. */
static int bound_order(str bound, const struct condition *c, int unknown)
{
	int64_t whole;

	if (bound.ptr == NULL)
		return unknown;
	if (c->field->type == TYPE_STRING)
		return str_cmp(bound, c->text);
	return whole_of(bound, &whole) ? (whole > c->whole) - (whole < c->whole) : unknown;
}

static bool condition_may_hold(const struct condition *c, const struct leaf_stats *leaf)
{
	int lower = bound_order(leaf->lower, c, -1);
	int upper = bound_order(leaf->upper, c, 1);

	switch (c->compare) {
	case COMPARE_EQ:
		return lower <= 0 && upper >= 0;
	case COMPARE_LT:
		return lower < 0;
	case COMPARE_LE:
		return lower <= 0;
	case COMPARE_GT:
		return upper > 0;
	case COMPARE_GE:
		return upper >= 0;
	}
	return true;
}

static const struct leaf_stats *leaf_find(const struct ice_file *f, int32_t field_id)
{
	for (uint32_t i = 0; i < f->stats.leaf_count; i++)
		if (f->stats.leaves[i].field_id == field_id)
			return &f->stats.leaves[i];
	return NULL;
}

static bool use_may_want(const struct plan_use *u, const struct ice_file *f)
{
	for (size_t i = 0; i < u->count; i++) {
		const struct leaf_stats *leaf = leaf_find(f, u->at[i].field->id);

		if (leaf != NULL && !condition_may_hold(&u->at[i], leaf))
			return false;
	}
	return true;
}

bool prune_keeps(const struct plan *p, const struct ice_file *f)
{
	if (p->count == 0)
		return true;
	for (size_t i = 0; i < p->count; i++)
		if (use_may_want(&p->at[i], f))
			return true;
	return false;
}

/* Invariants, under `lock`: calls[v] numbers the calls of a verb from 1, and
 * calls[STORE_ANY_VERB] those of all; a point waits for a number not yet reached. */
#include "store/fault.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/vec.h"

struct point {
	int             verb;
	uint64_t        call;
	enum fault_kind kind;
};

struct fault_store {
	struct store      base;
	struct store     *inner; /* borrowed */
	struct fault_plan plan;
	pthread_mutex_t   lock;
	uint64_t          calls[STORE_VERB_COUNT + 1];
	uint64_t          faults;
	struct {
		VEC_OF(struct point);
	} points;
};

static const struct store_ops fault_ops;

static struct fault_store *fault_of(struct store *s)
{
	assert(s->ops == &fault_ops);
	return (struct fault_store *)s;
}

static enum fault_kind kind_of_seed(const struct fault_plan *plan, uint64_t call)
{
	uint64_t chance = hash_bytes(&call, sizeof(call), plan->seed);
	uint64_t skip;
	int      kind = FAULT_NONE;

	if (plan->one_in == 0 || chance % plan->one_in != 0)
		return FAULT_NONE;
	skip = chance / plan->one_in % (unsigned)__builtin_popcount(plan->kinds);
	do
		kind++;
	while ((plan->kinds & (1u << kind)) == 0 || skip-- > 0);
	return (enum fault_kind)kind;
}

static enum fault_kind kind_of_points(struct fault_store *f, enum store_verb verb)
{
	for (size_t i = 0; i < f->points.count; i++) {
		struct point p = f->points.at[i];
		bool         is_meant = p.verb == (int)verb || p.verb == STORE_ANY_VERB;

		if (is_meant && p.call == f->calls[p.verb]) {
			f->points.at[i] = f->points.at[--f->points.count];
			return p.kind;
		}
	}
	return FAULT_NONE;
}

/* Count the call and say how it fares. */
static enum fault_kind kind_next(struct fault_store *f, enum store_verb verb)
{
	enum fault_kind kind;

	(void)pthread_mutex_lock(&f->lock);
	f->calls[verb]++;
	f->calls[STORE_ANY_VERB]++;
	kind = kind_of_points(f, verb);
	if (kind == FAULT_NONE)
		kind = kind_of_seed(&f->plan, f->calls[STORE_ANY_VERB]);
	f->faults += kind != FAULT_NONE;
	(void)pthread_mutex_unlock(&f->lock);
	return kind;
}

static bool is_done(enum fault_kind kind)
{
	return kind == FAULT_NONE || kind == FAULT_AFTER;
}

/* What the caller hears: the inner answer, or the fault. */
static int answer(enum fault_kind kind, enum store_verb verb, str key, int rc, struct err *e)
{
	if (kind == FAULT_NONE)
		return rc;
	if (kind == FAULT_BUSY)
		return err_set(e, ERR_BUSY, "%s " STR_FMT ": busy, by plan", store_verb_words[verb],
		               STR_ARG(key));
	return err_set(e, ERR_IO, "%s " STR_FMT ": no answer, by plan", store_verb_words[verb],
	               STR_ARG(key));
}

static int fault_get(struct store *s, str key, uint64_t offset, uint64_t size, struct buf *out,
                     struct err *e)
{
	struct fault_store *f = fault_of(s);
	enum fault_kind     kind = kind_next(f, STORE_GET);
	int                 rc = is_done(kind) ? store_get(f->inner, key, offset, size, out, e) : 0;

	return answer(kind, STORE_GET, key, rc, e);
}

static int fault_put_new(struct store *s, str key, str body, struct err *e)
{
	struct fault_store *f = fault_of(s);
	enum fault_kind     kind = kind_next(f, STORE_PUT_NEW);
	int                 rc = is_done(kind) ? store_put_new(f->inner, key, body, e) : 0;

	return answer(kind, STORE_PUT_NEW, key, rc, e);
}

/* To the plan a put is a put: what differs is when it lasts. */
static int fault_put_soon(struct store *s, str key, str body, struct err *e)
{
	struct fault_store *f = fault_of(s);
	enum fault_kind     kind = kind_next(f, STORE_PUT_NEW);
	int                 rc = is_done(kind) ? store_put_soon(f->inner, key, body, e) : 0;

	return answer(kind, STORE_PUT_NEW, key, rc, e);
}

static int fault_settle(struct store *s, struct err *e)
{
	return store_settle(fault_of(s)->inner, e);
}

static int fault_replace(struct store *s, str key, str body, struct err *e)
{
	struct fault_store *f = fault_of(s);
	enum fault_kind     kind = kind_next(f, STORE_REPLACE);
	int                 rc = is_done(kind) ? store_replace(f->inner, key, body, e) : 0;

	return answer(kind, STORE_REPLACE, key, rc, e);
}

static int fault_list(struct store *s, str prefix, str after, store_list_fn *each, void *context,
                      struct err *e)
{
	struct fault_store *f = fault_of(s);
	enum fault_kind     kind = kind_next(f, STORE_LIST);
	int                 rc = 0;

	if (is_done(kind))
		rc = store_list(f->inner, prefix, after, each, context, e);
	return answer(kind, STORE_LIST, prefix, rc, e);
}

static int fault_remove(struct store *s, str key, struct err *e)
{
	struct fault_store *f = fault_of(s);
	enum fault_kind     kind = kind_next(f, STORE_REMOVE);
	int                 rc = is_done(kind) ? store_remove(f->inner, key, e) : 0;

	return answer(kind, STORE_REMOVE, key, rc, e);
}

static int fault_size(struct store *s, str key, uint64_t *out, struct err *e)
{
	struct fault_store *f = fault_of(s);
	enum fault_kind     kind = kind_next(f, STORE_SIZE);
	int                 rc = is_done(kind) ? store_size(f->inner, key, out, e) : 0;

	return answer(kind, STORE_SIZE, key, rc, e);
}

static void fault_close(struct store *s)
{
	struct fault_store *f = fault_of(s);

	VEC_DONE(&f->points);
	(void)pthread_mutex_destroy(&f->lock);
	free(f);
}

/* Many are put one after the other: each of them is a call that may fail. */
static const struct store_ops fault_ops = {
	.kind = "fault",
	.get = fault_get,
	.put_new = fault_put_new,
	.put_soon = fault_put_soon,
	.settle = fault_settle,
	.replace = fault_replace,
	.list = fault_list,
	.remove = fault_remove,
	.size = fault_size,
	.close = fault_close,
};

struct store *store_new_fault(struct store *inner, const struct fault_plan *plan)
{
	struct fault_store *f = xcalloc(1, sizeof(*f));
	unsigned            all = (1u << FAULT_KIND_COUNT) - (1u << FAULT_BEFORE);

	f->base = (struct store){&fault_ops, inner->root};
	f->inner = inner;
	if (plan != NULL)
		f->plan = *plan;
	if (f->plan.kinds == 0)
		f->plan.kinds = all;
	assert((f->plan.kinds & ~all) == 0);
	(void)pthread_mutex_init(&f->lock, NULL); /* cannot fail with default attributes */
	return &f->base;
}

void store_fault_at(struct store *s, int verb, uint64_t nth, enum fault_kind kind)
{
	struct fault_store *f = fault_of(s);

	assert(verb >= 0 && verb <= STORE_ANY_VERB && nth > 0 && kind < FAULT_KIND_COUNT);
	(void)pthread_mutex_lock(&f->lock);
	*VEC_ADD(&f->points) = (struct point){verb, f->calls[verb] + nth, kind};
	(void)pthread_mutex_unlock(&f->lock);
}

uint64_t store_fault_calls(struct store *s, int verb)
{
	struct fault_store *f = fault_of(s);
	uint64_t            calls;

	assert(verb >= 0 && verb <= STORE_ANY_VERB);
	(void)pthread_mutex_lock(&f->lock);
	calls = f->calls[verb];
	(void)pthread_mutex_unlock(&f->lock);
	return calls;
}

uint64_t store_fault_count(struct store *s)
{
	struct fault_store *f = fault_of(s);
	uint64_t            faults;

	(void)pthread_mutex_lock(&f->lock);
	faults = f->faults;
	(void)pthread_mutex_unlock(&f->lock);
	return faults;
}

/* Invariants: objects are sorted by key; a body never changes but by replace. */
#include "tests/sim/depot.h"

#include <assert.h>
#include <stdlib.h>

#include "tests/sim/ghost.h"

enum { LATE_LOG2 = 13, STALE_STEPS = 200 };

struct object {
	str      key, body; /* owned by the depot's arena: a world is small and short */
	uint64_t born_step;
};

/* A request on its way. */
struct flight {
	str      key, body;
	uint64_t land_step;
	bool     is_replace;
};

struct depot {
	struct world *world;
	struct { VEC_OF(struct object); } objects;
	struct { VEC_OF(struct flight); } flights;
	struct arena arena;
};

struct client {
	struct store  base;
	struct depot *depot;
	struct task  *task;
};

static size_t place_of(const struct depot *d, str key)
{
	size_t low = 0, high = d->objects.count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (str_cmp(d->objects.at[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct object *find(const struct depot *d, str key)
{
	size_t i = place_of(d, key);

	return i < d->objects.count && str_eq(d->objects.at[i].key, key) ? &d->objects.at[i] : NULL;
}

/* False where the name is taken. */
static bool land(struct depot *d, str key, str body, bool is_replace)
{
	struct object *o = find(d, key);
	size_t         i = place_of(d, key);

	if (o != NULL && !is_replace)
		return false;
	if (o == NULL) {
		(void)VEC_ADD(&d->objects);
		o = &d->objects.at[i];
		memmove(o + 1, o, (d->objects.count - 1 - i) * sizeof(*o));
		o->key = arena_str(&d->arena, key);
	}
	o->body = arena_str(&d->arena, body);
	o->born_step = d->world->step;
	world_landed(d->world, o->key);
	return true;
}

/* How long a request may be on its way; one in eight never lands. */
static void fly(struct depot *d, const struct task *t, str key, str body, bool is_replace)
{
	uint64_t draw = world_draw(d->world, t->number, (uint64_t)t->life << 32 | t->life_calls, 0xF1);

	if (draw % 8 == 0)
		return;
	*VEC_ADD(&d->flights) = (struct flight){
		.key = arena_str(&d->arena, key),
		.body = arena_str(&d->arena, body),
		.land_step = d->world->step + 1 + (draw >> 16) % ((uint64_t)1 << (draw >> 8) % LATE_LOG2),
		.is_replace = is_replace,
	};
}

void depot_tick(struct depot *d, struct world *w, bool is_all)
{
	for (size_t i = 0; i < d->flights.count;) {
		struct flight f = d->flights.at[i];

		if (!is_all && f.land_step > w->step) {
			i++;
			continue;
		}
		d->flights.at[i] = d->flights.at[--d->flights.count];
		(void)land(d, f.key, f.body, f.is_replace);
	}
}

/* --- the verbs ------------------------------------------------------------------------------- */

static struct client *client_of(struct store *s)
{
	return (struct client *)s;
}

static bool is_undone(enum act act)
{
	return act == ACT_DEAD || act == ACT_LOST || act == ACT_BUSY;
}

static int missing(str key, struct err *e)
{
	return err_set(e, ERR_MISSING, "no object " STR_FMT, STR_ARG(key));
}

/* Objects that prove themselves. Metadata and manifests are Iceberg's, which has no checksums. */
static bool is_sealed(str key)
{
	return str_starts(key, STR("_tarn/"));
}

static int sim_get(struct store *s, str key, uint64_t offset, uint64_t size, struct buf *out, struct err *e)
{
	QUIET;
	struct client       *c = client_of(s);
	enum act             act = task_call(c->task, VERB_GET, key);
	const struct object *o = find(c->depot, key);
	int                  rc = 0;

	if (is_undone(act))
		return task_refuse(c->task, act, VERB_GET, key, e);
	if (o == NULL) {
		rc = missing(key, e);
	} else {
		str part = str_from(o->body, offset < o->body.len ? (size_t)offset : o->body.len);

		if (size > 0)
			part = str_head(part, (size_t)size);
		buf_add(out, act == ACT_CUT ? str_head(part, part.len / 2) : part);
		if (act == ACT_FLIP && part.len > 0 && is_sealed(key))
			out->ptr[out->len - 1 - world_draw(c->depot->world, c->depot->world->step, 0, 0xB17) % part.len] ^= 8;
	}
	return task_answer(c->task, act, VERB_GET, key, rc, e);
}

static int put(struct client *c, enum verb verb, str key, str body, struct err *e)
{
	QUIET;
	enum act act = task_call(c->task, verb, key);
	bool     is_replace = verb == VERB_REPLACE;
	int      rc = 0;

	if (is_undone(act))
		return task_refuse(c->task, act, verb, key, e);
	if (act == ACT_LATE || act == ACT_TWICE)
		fly(c->depot, c->task, key, body, is_replace);
	if (act == ACT_LATE)
		return task_refuse(c->task, act, verb, key, e);
	if (!land(c->depot, key, body, is_replace))
		rc = err_set(e, ERR_CONFLICT, "put " STR_FMT ": the name is taken", STR_ARG(key));
	return task_answer(c->task, act, verb, key, rc, e);
}

static int sim_put_new(struct store *s, str key, str body, struct err *e)
{
	return put(client_of(s), VERB_PUT, key, body, e);
}

static int sim_replace(struct store *s, str key, str body, struct err *e)
{
	return put(client_of(s), VERB_REPLACE, key, body, e);
}

/* What is listed is what was there when the call was made. */
static int sim_list(struct store *s, str prefix, str after, store_list_fn *each, void *context, struct err *e)
{
	QUIET;
	struct client *c = client_of(s);
	struct depot  *d = c->depot;
	enum act       act = task_call(c->task, VERB_LIST, prefix);
	struct { VEC_OF(struct object); } seen = {0};
	int            rc = 0;

	if (is_undone(act))
		return task_refuse(c->task, act, VERB_LIST, prefix, e);
	for (size_t i = place_of(d, prefix); i < d->objects.count; i++) {
		const struct object *o = &d->objects.at[i];

		if (!str_starts(o->key, prefix))
			break;
		if (str_cmp(o->key, after) > 0 &&
		    !(act == ACT_STALE && o->born_step + STALE_STEPS > d->world->step))
			*VEC_ADD(&seen) = *o;
	}
	rc = task_answer(c->task, act, VERB_LIST, prefix, 0, e);
	for (size_t i = 0; i < seen.count && rc == 0; i++)
		rc = each(context, seen.at[i].key, seen.at[i].body.len, e);
	VEC_DONE(&seen);
	return rc;
}

static int sim_remove(struct store *s, str key, struct err *e)
{
	QUIET;
	struct client *c = client_of(s);
	enum act       act = task_call(c->task, VERB_REMOVE, key);
	struct object *o = find(c->depot, key);

	if (is_undone(act))
		return task_refuse(c->task, act, VERB_REMOVE, key, e);
	if (o != NULL) {
		c->depot->objects.count--;
		memmove(o, o + 1, (size_t)(c->depot->objects.at + c->depot->objects.count - o) * sizeof(*o));
		ghost_removed(c->depot->world, key);
	}
	return task_answer(c->task, act, VERB_REMOVE, key, 0, e);
}

static int sim_size(struct store *s, str key, uint64_t *out, struct err *e)
{
	QUIET;
	struct client       *c = client_of(s);
	enum act             act = task_call(c->task, VERB_SIZE, key);
	const struct object *o = find(c->depot, key);
	int                  rc = 0;

	if (is_undone(act))
		return task_refuse(c->task, act, VERB_SIZE, key, e);
	if (o != NULL)
		*out = o->body.len;
	else
		rc = missing(key, e);
	return task_answer(c->task, act, VERB_SIZE, key, rc, e);
}

static void sim_close(struct store *s)
{
	free(client_of(s));
}

struct store *depot_client(struct depot *d, struct task *t)
{
	static const struct store_ops ops = {
		.kind = "sim",
		.get = sim_get,
		.put_new = sim_put_new,
		.replace = sim_replace,
		.list = sim_list,
		.remove = sim_remove,
		.size = sim_size,
		.close = sim_close,
	};
	struct client *c = xcalloc(1, sizeof(*c));

	c->base = (struct store){.ops = &ops, .root = STR("sim://lake")};
	c->depot = d;
	c->task = t;
	return &c->base;
}

struct depot *depot_new(struct world *w)
{
	struct depot *d = xcalloc(1, sizeof(*d));

	d->world = w;
	return d;
}

void depot_free(struct depot *d)
{
	if (d == NULL)
		return;
	VEC_DONE(&d->objects);
	VEC_DONE(&d->flights);
	arena_done(&d->arena);
	free(d);
}

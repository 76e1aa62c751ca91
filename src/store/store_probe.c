/* Does this store keep the one promise that exactly-once rests on?
 *
 * Said politely, create-if-absent is easy to fake: some stores ignore the
 * condition and answer yes to everyone. So the probe asks twice in a row and then
 * from many threads at once, and believes only what it reads back. */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>

#include "store/store.h"

enum { RACER_COUNT = 8, BODY_MAX = 64 };

struct probe {
	struct store *store;
	str           folder; /* "<prefix>/probe-<nonce>": what all keys of this probe lie in */
	str           twice, raced; /* the keys */
};

static int refuse(const struct probe *p, struct err *e, const char *what)
{
	return err_set(e, ERR_UNSUPPORTED,
	               "the store " STR_FMT " (%s) cannot hold a lake: %s. Two writers could both "
	               "believe that they committed; choose a store that honours create-if-absent "
	               "and reads its own writes",
	               STR_ARG(p->store->root), p->store->ops->kind, what);
}

struct sighting {
	str      key;
	uint64_t size, count;
};

static int sight(void *context, str key, uint64_t size, struct err *e)
{
	struct sighting *s = context;

	(void)e;
	if (str_eq(key, s->key)) {
		s->size = size;
		s->count++;
	}
	return 0;
}

/* Whether `key` holds just `body`, for all three ways to look. */
static int look(const struct probe *p, str key, str body, struct err *e)
{
	AUTO(buf)       b = BUF(BODY_MAX);
	struct sighting seen = {.key = key};
	uint64_t        size = 0;
	int             rc = store_get(p->store, key, 0, 0, &b, e);

	if (rc == ERR_MISSING)
		return refuse(p, e, "what was just written cannot be read");
	TRY(rc);
	if (!str_eq(buf_str(&b), body))
		return refuse(p, e, "what is read is not what was written first");
	TRY(store_size(p->store, key, &size, e));
	TRY(store_list(p->store, p->folder, STR(""), sight, &seen, e));
	if (seen.count != 1 || seen.size != body.len || size != body.len)
		return refuse(p, e, "what was just written is not listed");
	return 0;
}

static int probe_twice(const struct probe *p, struct err *e)
{
	int rc;

	TRY(store_put_sure(p->store, p->twice, STR("first"), e));
	TRY(look(p, p->twice, STR("first"), e));
	rc = store_put_new(p->store, p->twice, STR("second"), e);
	if (rc == 0)
		return refuse(p, e, "a name that was taken could be taken again");
	if (rc != ERR_CONFLICT)
		return rc;
	return look(p, p->twice, STR("first"), e);
}

/* One of many that put at once. The gate is a lock that all wait for and no one keeps. */
struct racer {
	const struct probe *probe;
	pthread_mutex_t    *gate;
	pthread_t           thread;
	char                body[BODY_MAX];
	int                 rc;
	struct err          e;
};

static void *racer_main(void *argument)
{
	struct racer *r = argument;

	(void)pthread_mutex_lock(r->gate);
	(void)pthread_mutex_unlock(r->gate);
	r->rc = store_put_new(r->probe->store, r->probe->raced, str_of(r->body), &r->e);
	return NULL;
}

/* All start, then the gate opens. Gives how many could be started. */
static size_t race_run(const struct probe *p, struct racer *racers)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	size_t          started;

	(void)pthread_mutex_lock(&gate);
	for (started = 0; started < RACER_COUNT; started++) {
		struct racer *r = &racers[started];

		*r = (struct racer){.probe = p, .gate = &gate};
		(void)snprintf(r->body, sizeof(r->body), "racer %zu", started);
		if (pthread_create(&r->thread, NULL, racer_main, r) != 0)
			break;
	}
	(void)pthread_mutex_unlock(&gate);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(racers[i].thread, NULL);
	(void)pthread_mutex_destroy(&gate);
	return started;
}

/* An unknown outcome is no answer: such a racer may have won, when all others have lost. */
static int race_judge(const struct probe *p, const struct racer *racers, struct err *e)
{
	const struct racer *winner = NULL;
	const struct racer *unknown = NULL;

	for (size_t i = 0; i < RACER_COUNT; i++) {
		const struct racer *r = &racers[i];

		if (r->rc == 0 && winner != NULL)
			return refuse(p, e, "of many writers of one name, two were told yes");
		if (r->rc == 0) {
			winner = r;
		} else if (r->rc == ERR_IO || r->rc == ERR_BUSY) {
			unknown = r;
		} else if (r->rc != ERR_CONFLICT) {
			*e = r->e;
			return r->rc;
		}
	}
	if (winner != NULL)
		return look(p, p->raced, str_of(winner->body), e);
	if (unknown == NULL)
		return refuse(p, e, "of many writers of one name, none was told yes");
	*e = unknown->e;
	return e->class;
}

static int probe_race(const struct probe *p, struct err *e)
{
	struct racer racers[RACER_COUNT];

	if (race_run(p, racers) < RACER_COUNT)
		return err_set(e, ERR_LIMIT, "the probe of the store could not start its threads");
	return race_judge(p, racers, e);
}

int store_probe(struct store *s, str prefix, uint64_t nonce, struct err *e)
{
	AUTO(arena)  a = ARENA_INIT;
	bool         needs_slash = prefix.len > 0 && prefix.ptr[prefix.len - 1] != '/';
	struct probe p = {.store = s};
	struct err   why = ERR_NONE;
	int          rc, twice_gone, raced_gone;

	p.folder = arena_format(&a, STR_FMT "%sprobe-%016llx", STR_ARG(prefix),
	                        needs_slash ? "/" : "", (unsigned long long)nonce);
	p.twice = arena_format(&a, STR_FMT "/twice", STR_ARG(p.folder));
	p.raced = arena_format(&a, STR_FMT "/raced", STR_ARG(p.folder));
	rc = probe_twice(&p, e);
	if (rc == 0)
		rc = probe_race(&p, e);
	twice_gone = store_remove(s, p.twice, &why);
	raced_gone = store_remove(s, p.raced, &why);
	if (rc == 0 && (twice_gone < 0 || raced_gone < 0)) {
		*e = why;
		return err_add(e, "tidy up after the probe of the store");
	}
	return rc;
}

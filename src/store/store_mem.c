/* A store in memory: the reference for what the others promise.
 *
 * Invariants, under `lock`: objects are sorted by key and each key is there once.
 * No callback is called under the lock, so a listing may use the store it lists;
 * like any other kind it then shows what is put behind it, and not what before.
 */
#include "store/store.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/vec.h"

struct object {
	str key, body; /* owned */
};

struct mem_store {
	struct store    base;
	pthread_mutex_t lock;
	struct {
		VEC_OF(struct object);
	} objects;
};

static struct mem_store *mem_of(struct store *s)
{
	return (struct mem_store *)s;
}

static str copy_of(str s)
{
	char *copy = xmalloc(s.len + 1);

	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return str_make(copy, s.len);
}

static void str_free(str s)
{
	free((char *)(uintptr_t)s.ptr);
}

/* Number of objects whose key is less than `key`, or equal to it where is_after. */
static size_t place_of(const struct mem_store *m, str key, bool is_after)
{
	size_t low = 0, high = m->objects.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int    order = str_cmp(m->objects.at[middle].key, key);

		if (order < 0 || (order == 0 && is_after))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct object *find(const struct mem_store *m, str key)
{
	size_t place = place_of(m, key, false);
	bool   is_there = place < m->objects.count && str_eq(m->objects.at[place].key, key);

	return is_there ? &m->objects.at[place] : NULL;
}

static void insert(struct mem_store *m, str key, str body)
{
	size_t         place = place_of(m, key, false);
	struct object *at;

	VEC_ROOM(&m->objects, m->objects.count + 1);
	at = m->objects.at + place;
	memmove(at + 1, at, (m->objects.count - place) * sizeof(*at));
	*at = (struct object){copy_of(key), copy_of(body)};
	m->objects.count++;
}

static int missing(str key, struct err *e)
{
	return err_set(e, ERR_MISSING, STR_FMT ": no such object", STR_ARG(key));
}

static int mem_get(struct store *s, str key, uint64_t offset, uint64_t size, struct buf *out,
                   struct err *e)
{
	struct mem_store    *m = mem_of(s);
	const struct object *o;

	(void)pthread_mutex_lock(&m->lock);
	o = find(m, key);
	if (o != NULL && offset < o->body.len) {
		str rest = str_from(o->body, offset);

		buf_add(out, size ? str_head(rest, size) : rest);
	}
	(void)pthread_mutex_unlock(&m->lock);
	return o ? 0 : missing(key, e);
}

static int mem_put_new(struct store *s, str key, str body, struct err *e)
{
	struct mem_store *m = mem_of(s);
	bool              is_taken;

	(void)pthread_mutex_lock(&m->lock);
	is_taken = find(m, key) != NULL;
	if (!is_taken)
		insert(m, key, body);
	(void)pthread_mutex_unlock(&m->lock);
	if (!is_taken)
		return 0;
	return err_set(e, ERR_CONFLICT, "put " STR_FMT ": the name is taken", STR_ARG(key));
}

static int mem_replace(struct store *s, str key, str body, struct err *e)
{
	struct mem_store *m = mem_of(s);
	struct object    *o;

	(void)e;
	(void)pthread_mutex_lock(&m->lock);
	o = find(m, key);
	if (o == NULL) {
		insert(m, key, body);
	} else {
		str_free(o->body);
		o->body = copy_of(body);
	}
	(void)pthread_mutex_unlock(&m->lock);
	return 0;
}

/* Copy the key and size of the first object past `last` that begins with the prefix: false where
 * there is none. */
static bool list_next(struct mem_store *m, str prefix, str last, char *key, size_t *key_len,
                      uint64_t *size)
{
	bool   is_found;
	size_t place;

	(void)pthread_mutex_lock(&m->lock);
	place = str_cmp(last, prefix) < 0 ? place_of(m, prefix, false) : place_of(m, last, true);
	is_found = place < m->objects.count && str_starts(m->objects.at[place].key, prefix);
	if (is_found) {
		const struct object *o = &m->objects.at[place];

		memcpy(key, o->key.ptr, o->key.len);
		*key_len = o->key.len;
		*size = o->body.len;
	}
	(void)pthread_mutex_unlock(&m->lock);
	return is_found;
}

static int mem_list(struct store *s, str prefix, str after, store_list_fn *each, void *context,
                    struct err *e)
{
	char     key[STORE_KEY_MAX];
	str      last = after;
	uint64_t size = 0;
	size_t   key_len = 0;
	int      rc = 0;

	while (rc == 0 && list_next(mem_of(s), prefix, last, key, &key_len, &size)) {
		last = str_make(key, key_len);
		rc = each(context, last, size, e);
	}
	return rc;
}

static int mem_remove(struct store *s, str key, struct err *e)
{
	struct mem_store *m = mem_of(s);
	struct object    *o;

	(void)e;
	(void)pthread_mutex_lock(&m->lock);
	o = find(m, key);
	if (o != NULL) {
		str_free(o->key);
		str_free(o->body);
		m->objects.count--;
		memmove(o, o + 1, (size_t)(m->objects.at + m->objects.count - o) * sizeof(*o));
	}
	(void)pthread_mutex_unlock(&m->lock);
	return 0;
}

static int mem_size(struct store *s, str key, uint64_t *out, struct err *e)
{
	struct mem_store    *m = mem_of(s);
	const struct object *o;

	(void)pthread_mutex_lock(&m->lock);
	o = find(m, key);
	if (o != NULL)
		*out = o->body.len;
	(void)pthread_mutex_unlock(&m->lock);
	return o ? 0 : missing(key, e);
}

static void mem_close(struct store *s)
{
	struct mem_store *m = mem_of(s);

	for (size_t i = 0; i < m->objects.count; i++) {
		str_free(m->objects.at[i].key);
		str_free(m->objects.at[i].body);
	}
	VEC_DONE(&m->objects);
	(void)pthread_mutex_destroy(&m->lock);
	free(m);
}

struct store *store_new_mem(void)
{
	static const struct store_ops ops = {
		.kind = "mem",
		.get = mem_get,
		.put_new = mem_put_new,
		.replace = mem_replace,
		.list = mem_list,
		.remove = mem_remove,
		.size = mem_size,
		.close = mem_close,
	};
	struct mem_store *m = xcalloc(1, sizeof(*m));

	m->base = (struct store){&ops, STR("mem://lake")};
	(void)pthread_mutex_init(&m->lock, NULL); /* cannot fail with default attributes */
	return &m->base;
}

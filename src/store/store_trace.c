#include "store/trace.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

struct tally {
	atomic_uint_fast64_t calls, failures, bytes;
};

struct trace_store {
	struct store  base;
	struct store *inner; /* borrowed */
	struct tally  tallies[STORE_VERB_COUNT];
};

static const struct store_ops trace_ops;

static struct trace_store *trace_of(struct store *s)
{
	assert(s->ops == &trace_ops);
	return (struct trace_store *)s;
}

static int count(struct trace_store *t, enum store_verb verb, uint64_t bytes, int rc)
{
	struct tally *tally = &t->tallies[verb];

	atomic_fetch_add_explicit(&tally->calls, 1, memory_order_relaxed);
	if (rc < 0)
		atomic_fetch_add_explicit(&tally->failures, 1, memory_order_relaxed);
	else
		atomic_fetch_add_explicit(&tally->bytes, bytes, memory_order_relaxed);
	return rc;
}

static int trace_get(struct store *s, str key, uint64_t offset, uint64_t size, struct buf *out,
                     struct err *e)
{
	struct trace_store *t = trace_of(s);
	size_t              before = out->len;
	int                 rc = store_get(t->inner, key, offset, size, out, e);

	return count(t, STORE_GET, out->len - before, rc);
}

static int trace_put_new(struct store *s, str key, str body, struct err *e)
{
	struct trace_store *t = trace_of(s);

	return count(t, STORE_PUT_NEW, body.len, store_put_new(t->inner, key, body, e));
}

static int trace_put_soon(struct store *s, str key, str body, struct err *e)
{
	struct trace_store *t = trace_of(s);

	return count(t, STORE_PUT_NEW, body.len, store_put_soon(t->inner, key, body, e));
}

static int trace_settle(struct store *s, struct err *e)
{
	return store_settle(trace_of(s)->inner, e);
}

static int trace_replace(struct store *s, str key, str body, struct err *e)
{
	struct trace_store *t = trace_of(s);

	return count(t, STORE_REPLACE, body.len, store_replace(t->inner, key, body, e));
}

static void count_many(struct trace_store *t, enum store_verb verb, const struct store_put *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)count(t, verb, items[i].body.len, items[i].e.class);
}

static void trace_put_many(struct store *s, struct store_put *items, size_t n)
{
	struct trace_store *t = trace_of(s);

	store_put_many(t->inner, items, n);
	count_many(t, STORE_PUT_NEW, items, n);
}

static void trace_replace_many(struct store *s, struct store_put *items, size_t n)
{
	struct trace_store *t = trace_of(s);

	store_replace_many(t->inner, items, n);
	count_many(t, STORE_REPLACE, items, n);
}

struct listing {
	store_list_fn *each;
	void          *context;
	uint64_t       bytes;
};

static int listing_each(void *context, str key, uint64_t size, struct err *e)
{
	struct listing *l = context;

	l->bytes += key.len;
	return l->each(l->context, key, size, e);
}

static int trace_list(struct store *s, str prefix, str after, store_list_fn *each, void *context,
                      struct err *e)
{
	struct trace_store *t = trace_of(s);
	struct listing      l = {each, context, 0};
	int                 rc = store_list(t->inner, prefix, after, listing_each, &l, e);

	return count(t, STORE_LIST, l.bytes, rc);
}

static int trace_remove(struct store *s, str key, struct err *e)
{
	struct trace_store *t = trace_of(s);

	return count(t, STORE_REMOVE, 0, store_remove(t->inner, key, e));
}

static int trace_size(struct store *s, str key, uint64_t *out, struct err *e)
{
	struct trace_store *t = trace_of(s);

	return count(t, STORE_SIZE, 0, store_size(t->inner, key, out, e));
}

static void trace_close(struct store *s)
{
	free(trace_of(s));
}

static const struct store_ops trace_ops = {
	.kind = "trace",
	.get = trace_get,
	.put_new = trace_put_new,
	.put_soon = trace_put_soon,
	.settle = trace_settle,
	.replace = trace_replace,
	.put_many = trace_put_many,
	.replace_many = trace_replace_many,
	.list = trace_list,
	.remove = trace_remove,
	.size = trace_size,
	.close = trace_close,
};

struct store *store_new_trace(struct store *inner)
{
	struct trace_store *t = xcalloc(1, sizeof(*t));

	t->base = (struct store){&trace_ops, inner->root};
	t->inner = inner;
	return &t->base;
}

void store_trace_read(struct store *s, struct store_trace *out)
{
	struct trace_store *t = trace_of(s);

	for (size_t i = 0; i < STORE_VERB_COUNT; i++) {
		struct tally *tally = &t->tallies[i];

		out->verbs[i].calls = atomic_load(&tally->calls);
		out->verbs[i].failures = atomic_load(&tally->failures);
		out->verbs[i].bytes = atomic_load(&tally->bytes);
	}
}

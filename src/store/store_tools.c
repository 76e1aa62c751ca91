/* What can be said in the verbs of any store. */
#include "store/store.h"

enum { PUT_TRIES = 5, REMOVE_TRIES = 5 };

int store_get_all(struct store *s, str key, size_t ceiling, struct arena *a, str *out,
                  struct err *e)
{
	AUTO(buf) b = BUF(ceiling);

	TRY(store_get(s, key, 0, 0, &b, e));
	*out = arena_str(a, buf_str(&b));
	return 0;
}

/* Whether the object is there, and is `body`. One byte more is asked for, to tell a longer one. */
static int read_back(struct store *s, str key, str body, bool *is_same, struct err *e)
{
	AUTO(buf) b = BUF(body.len + 1);

	TRY(store_get(s, key, 0, body.len + 1, &b, e));
	*is_same = str_eq(buf_str(&b), body);
	return 0;
}

static bool is_unknown(int class)
{
	return class == ERR_IO || class == ERR_BUSY;
}

/* The same bytes again, for as long as nobody can say what became of them. A put whose answer was
 * lost may land late, under a second try: that one is then refused, and reading back tells whose
 * body won. */
typedef int put_fn(struct store *s, str key, str body, struct err *e);

static int put_sure(struct store *s, put_fn *put_it, str key, str body, struct err *e)
{
	struct err why = ERR_NONE, unread = ERR_NONE; /* of the put, which is what is told in the end; of reading back */

	for (unsigned i = 0; i < PUT_TRIES; i++) {
		bool is_same = false;
		int  put = put_it(s, key, body, &why);
		int  found;

		if (put == 0)
			return 0;
		if (put != ERR_CONFLICT && !is_unknown(put)) {
			*e = why;
			return put;
		}
		found = read_back(s, key, body, &is_same, &unread);
		if (found == 0 && is_same)
			return 0;
		if (found == 0)
			return err_set(e, ERR_CONFLICT, "put " STR_FMT ": another body is there",
			               STR_ARG(key));
		if (found != ERR_MISSING && !is_unknown(found)) {
			*e = unread;
			return found;
		}
	}
	return err_set(e, ERR_IO, "put " STR_FMT ": tried %d times, it may be there or not: %.600s",
	               STR_ARG(key), PUT_TRIES, why.text);
}

int store_put_sure(struct store *s, str key, str body, struct err *e)
{
	return put_sure(s, store_put_new, key, body, e);
}

int store_put_soon_sure(struct store *s, str key, str body, struct err *e)
{
	return put_sure(s, store_put_soon, key, body, e);
}

/* One that is in doubt is settled by itself; and what was put soon before may be in doubt with it. */
static int settle_one(struct store *s, struct store_put *item, struct err *e)
{
	TRY(store_settle(s, e));
	return store_put_sure(s, item->key, item->body, e);
}

void store_put_many_sure(struct store *s, struct store_put *items, size_t count)
{
	store_put_many(s, items, count);
	for (size_t i = 0; i < count; i++) {
		if (items[i].e.class != ERR_CONFLICT && !is_unknown(items[i].e.class))
			continue;
		items[i].e = ERR_NONE;
		(void)!settle_one(s, &items[i], &items[i].e);
	}
}

int store_remove_sure(struct store *s, str key, struct err *e)
{
	struct err why = ERR_NONE;
	int        removed = store_remove(s, key, &why);

	for (unsigned i = 1; i < REMOVE_TRIES && is_unknown(removed); i++)
		removed = store_remove(s, key, &why);
	if (removed < 0)
		*e = why;
	return removed;
}

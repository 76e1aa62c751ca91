/* What can be said in the verbs of any store. */
#include "store/store.h"

enum { PUT_TRIES = 5 };

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

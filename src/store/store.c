/* The checked face of every store: keys are judged here, once, so that no kind
 * ever sees a path that could leave its root; and each answer is held against
 * the promises of store.h. */
#include "store/store.h"

#include <assert.h>

#include "os/profile.h"
#include "store/verb.h"

enum { PART_MAX = 255 };

const char *const store_verb_words[STORE_VERB_COUNT] = {
	[STORE_GET] = "get",   [STORE_PUT_NEW] = "put_new", [STORE_REPLACE] = "replace",
	[STORE_LIST] = "list", [STORE_REMOVE] = "remove",   [STORE_SIZE] = "size",
};

static bool byte_is_valid(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-' || c == '=';
}

static bool text_is_valid(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!byte_is_valid(s.ptr[i]))
			return false;
	return s.len <= PART_MAX;
}

static bool part_is_valid(str s)
{
	return s.len > 0 && text_is_valid(s) && !str_eq(s, STR(".")) && !str_eq(s, STR(".."));
}

bool store_key_is_valid(str key)
{
	if (key.len > STORE_KEY_MAX || str_eq(key, STR(".tmp")) || str_starts(key, STR(".tmp/")))
		return false;
	for (size_t start = 0, end; start <= key.len; start = end + 1) {
		end = str_find(key, '/', start);
		if (!part_is_valid(str_head(str_from(key, start), end - start)))
			return false;
	}
	return true;
}

/* A prefix is the beginning of some key: whole valid parts, and the first bytes of another. */
static bool prefix_is_valid(str prefix)
{
	size_t slash = prefix.len;

	while (slash > 0 && prefix.ptr[slash - 1] != '/')
		slash--;
	return prefix.len <= STORE_KEY_MAX && text_is_valid(str_from(prefix, slash)) &&
	       (slash == 0 || store_key_is_valid(str_head(prefix, slash - 1)));
}

static int key_check(const struct store *s, str key, struct err *e)
{
	assert(s->ops != NULL && (s->root.len == 0 || s->root.ptr[s->root.len - 1] != '/'));
	if (store_key_is_valid(key))
		return 0;
	return err_set(e, ERR_INPUT,
	               "\"" STR_FMT "\" cannot be the key of an object: it takes parts of "
	               "A-Z a-z 0-9 . _ - = with a / between",
	               STR_ARG(str_head(key, 200)));
}

/* A kind may meet failures on its way to success; only the one it returns is told to the caller. */
static int checked(int rc, const struct err *why, struct err *e)
{
	assert(rc <= 0 && (rc == 0 || why->class == rc));
	if (rc < 0)
		*e = *why;
	return rc;
}

int store_get(struct store *s, str key, uint64_t offset, uint64_t size, struct buf *out,
              struct err *e)
{
	struct err why = ERR_NONE;
	size_t     before = out->len;
	int        rc;

	assert(!buf_over(out));
	TRY(key_check(s, key, e));
	rc = checked(s->ops->get(s, key, offset, size, out, &why), &why, e);
	assert(out->len >= before && (rc < 0 || size == 0 || out->len - before <= size));
	if (rc == 0 && buf_over(out))
		rc = err_set(e, ERR_LIMIT, STR_FMT " is larger than what there is room for",
		             STR_ARG(key));
	if (rc < 0) {
		out->len = before;
		out->is_over = false;
	}
	return rc;
}

int store_put_new(struct store *s, str key, str body, struct err *e)
{
	struct err why = ERR_NONE;
	PROFILE(PROFILE_STORE);

	assert(body.ptr != NULL || body.len == 0);
	TRY(key_check(s, key, e));
	return checked(s->ops->put_new(s, key, body, &why), &why, e);
}

int store_put_soon(struct store *s, str key, str body, struct err *e)
{
	struct err why = ERR_NONE;
	PROFILE(PROFILE_STORE);

	if (s->ops->put_soon == NULL)
		return store_put_new(s, key, body, e);
	assert(body.ptr != NULL || body.len == 0);
	TRY(key_check(s, key, e));
	return checked(s->ops->put_soon(s, key, body, &why), &why, e);
}

int store_settle(struct store *s, struct err *e)
{
	struct err why = ERR_NONE;
	PROFILE(PROFILE_STORE);

	return s->ops->settle == NULL ? 0 : checked(s->ops->settle(s, &why), &why, e);
}

int store_replace(struct store *s, str key, str body, struct err *e)
{
	struct err why = ERR_NONE;
	PROFILE(PROFILE_STORE);

	assert(body.ptr != NULL || body.len == 0);
	TRY(key_check(s, key, e));
	return checked(s->ops->replace(s, key, body, &why), &why, e);
}

typedef int put_fn(struct store *s, str key, str body, struct err *e);

static void put_each(struct store *s, put_fn *put_it, struct store_put *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (items[i].e.class == 0)
			(void)!put_it(s, items[i].key, items[i].body, &items[i].e);
}

static void many_begin(const struct store *s, struct store_put *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert(items[i].body.ptr != NULL || items[i].body.len == 0);
		items[i].e = ERR_NONE;
		(void)!key_check(s, items[i].key, &items[i].e);
	}
}

void store_put_many(struct store *s, struct store_put *items, size_t count)
{
	struct err why = ERR_NONE;
	PROFILE(PROFILE_STORE);

	many_begin(s, items, count);
	if (count == 0)
		return;
	if (s->ops->put_many != NULL) {
		s->ops->put_many(s, items, count);
	} else if (store_settle(s, &why) == 0) {
		put_each(s, store_put_new, items, count);
	} else {
		for (size_t i = 0; i < count; i++)
			items[i].e = why;
	}
}

void store_replace_many(struct store *s, struct store_put *items, size_t count)
{
	PROFILE(PROFILE_STORE);

	many_begin(s, items, count);
	if (s->ops->replace_many == NULL)
		put_each(s, store_replace, items, count);
	else if (count > 0)
		s->ops->replace_many(s, items, count);
}

/* What the caller gave, and the last key it was handed. */
struct listing {
	str            prefix, after;
	store_list_fn *each;
	void          *context;
	bool           is_stopped;
	size_t         last_len;
	char           last[STORE_KEY_MAX];
};

static int listing_each(void *context, str key, uint64_t size, struct err *e)
{
	struct listing *l = context;
	int             rc;

	assert(!l->is_stopped && store_key_is_valid(key) && str_starts(key, l->prefix));
	assert(str_cmp(key, l->after) > 0 && str_cmp(key, str_make(l->last, l->last_len)) > 0);
	memcpy(l->last, key.ptr, key.len);
	l->last_len = key.len;
	rc = l->each(l->context, key, size, e);
	l->is_stopped = rc != 0;
	return rc;
}

int store_list(struct store *s, str prefix, str after, store_list_fn *each, void *context,
               struct err *e)
{
	struct listing l = {.prefix = prefix, .after = after, .each = each, .context = context};
	struct err     why = ERR_NONE;
	int            rc;

	if (!prefix_is_valid(prefix))
		return err_set(e, ERR_INPUT, "\"" STR_FMT "\" cannot begin the key of an object",
		               STR_ARG(str_head(prefix, 200)));
	rc = s->ops->list(s, prefix, after, listing_each, &l, &why);
	return rc > 0 ? 0 : checked(rc, &why, e); /* stopped by the caller is success */
}

int store_remove(struct store *s, str key, struct err *e)
{
	struct err why = ERR_NONE;

	TRY(key_check(s, key, e));
	return checked(s->ops->remove(s, key, &why), &why, e);
}

int store_size(struct store *s, str key, uint64_t *out, struct err *e)
{
	struct err why = ERR_NONE;
	uint64_t   size = 0;

	TRY(key_check(s, key, e));
	TRY(checked(s->ops->size(s, key, &size, &why), &why, e));
	*out = size;
	return 0;
}

void store_close(struct store *s)
{
	if (s != NULL)
		s->ops->close(s);
}

/* The checked face of every catalog: names are judged here, once, so that no kind ever sees one
 * that could leave its place; and each answer is held against the promises of catalog.h. */
#include "catalog/catalog.h"

#include <assert.h>

enum { NAME_LIMIT = 128 };

static bool name_is_valid(str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return name.len > 0 && name.len <= NAME_LIMIT;
}

static int name_check(const char *what, str name, struct err *e)
{
	if (name_is_valid(name))
		return 0;
	return err_set(e, ERR_INPUT,
	               "\"" STR_FMT "\" cannot be the name of a %s: 1 to %d of a-z 0-9 _",
	               STR_ARG(str_head(name, NAME_LIMIT)), what, NAME_LIMIT);
}

static int names_check(str space, str table, struct err *e)
{
	TRY(name_check("namespace", space, e));
	return name_check("table", table, e);
}

static int checked(int status, const struct err *why, struct err *e)
{
	assert(status <= 0);
	assert(status == 0 || why->class == status);
	if (status < 0)
		*e = *why;
	return status;
}

int catalog_load(struct catalog *c, str space, str table, struct arena *a,
                 struct catalog_table *out, struct err *e)
{
	struct catalog_table loaded = {0};
	struct err           why = ERR_NONE;

	TRY(names_check(space, table, e));
	TRY(checked(c->ops->load(c, space, table, a, &loaded, &why), &why, e));
	assert(loaded.metadata.len > 0);
	assert(loaded.metadata_path.len > 0);
	assert(loaded.version.len > 0);
	*out = loaded;
	return 0;
}

int catalog_create(struct catalog *c, str space, str table, str metadata, struct err *e)
{
	struct err why = ERR_NONE;

	assert(metadata.len > 0);
	TRY(names_check(space, table, e));
	return checked(c->ops->create(c, space, table, metadata, &why), &why, e);
}

int catalog_swap(struct catalog *c, str space, str table, str version, str metadata, struct err *e)
{
	struct err why = ERR_NONE;

	assert(version.len > 0);
	assert(metadata.len > 0);
	TRY(names_check(space, table, e));
	return checked(c->ops->swap(c, space, table, version, metadata, &why), &why, e);
}

static void change_each(struct catalog *c, struct catalog_change *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct catalog_change *it = &items[i];

		if (it->e.class != 0)
			continue;
		if (it->version.len == 0)
			(void)!catalog_create(c, it->space, it->table, it->metadata, &it->e);
		else
			(void)!catalog_swap(c, it->space, it->table, it->version, it->metadata, &it->e);
	}
}

void catalog_change_many(struct catalog *c, struct catalog_change *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert(items[i].metadata.len > 0);
		items[i].e = ERR_NONE;
		(void)!names_check(items[i].space, items[i].table, &items[i].e);
	}
	if (c->ops->change_many == NULL)
		change_each(c, items, count);
	else if (count > 0)
		c->ops->change_many(c, items, count);
}

/* Between the kind and the caller: names that no table of ours can have are kept back, and the
 * order is watched. */
struct listing {
	catalog_list_fn *each;
	void            *context;
	char             last[NAME_LIMIT];
	size_t           last_len;
};

static int list_one(void *context, str table, struct err *e)
{
	struct listing *l = context;

	if (!name_is_valid(table))
		return 0;
	assert(str_cmp(str_make(l->last, l->last_len), table) < 0);
	memcpy(l->last, table.ptr, table.len);
	l->last_len = table.len;
	return l->each(l->context, table, e);
}

int catalog_list(struct catalog *c, str space, catalog_list_fn *each, void *context, struct err *e)
{
	struct listing l = {.each = each, .context = context};
	struct err     why = ERR_NONE;

	TRY(name_check("namespace", space, e));
	return checked(c->ops->list(c, space, list_one, &l, &why), &why, e);
}

int catalog_drop(struct catalog *c, str space, str table, struct err *e)
{
	struct err why = ERR_NONE;

	TRY(names_check(space, table, e));
	return checked(c->ops->drop(c, space, table, &why), &why, e);
}

int catalog_trim(struct catalog *c, str space, str table, int64_t keep, struct err *e)
{
	struct err why = ERR_NONE;

	assert(keep >= 0);
	TRY(names_check(space, table, e));
	if (c->ops->trim == NULL)
		return 0;
	return checked(c->ops->trim(c, space, table, keep, &why), &why, e);
}

int catalog_mend(struct catalog *c, str space, str table, struct err *e)
{
	struct err why = ERR_NONE;

	TRY(names_check(space, table, e));
	return c->ops->mend == NULL ? 0 : checked(c->ops->mend(c, space, table, &why), &why, e);
}

void catalog_close(struct catalog *c)
{
	if (c != NULL)
		c->ops->close(c);
}

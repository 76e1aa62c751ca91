/* catalog_dir_change.c - tables created and swapped, many at once.
 *
 * All versions are put in one go, and then all hints of those that won. A change alone goes the same way.
 *
 * Invariants: what decides is the put of the version alone, for each table by itself; a hint is written only
 * once its version lasts. */
#include <inttypes.h>

#include "base/mutant.h"
#include "catalog/dir_int.h"

/* The first version of a table that is not there. */
static int create_check(struct store *s, str space, str table, struct err *e)
{
	struct err why = ERR_NONE;
	int64_t    version;
	int        found = dir_find(s, space, table, &version, &why);

	if (found == 0) /* its first version may be gone, so putting that one proves nothing */
		return err_set(e, ERR_CONFLICT, "table " STR_FMT "." STR_FMT " is there already",
		               STR_ARG(space), STR_ARG(table));
	if (found != ERR_MISSING) {
		*e = why;
		return found;
	}
	return dir_forget(s, space, table, e);
}

static int trimmed(str space, str table, int64_t from, struct err *e)
{
	return err_set(e, ERR_CONFLICT,
	               "table " STR_FMT "." STR_FMT " has moved on so far that version %" PRId64 " is gone",
	               STR_ARG(space), STR_ARG(table), from);
}

/* The version to swap from is gone: trimmed, or with the whole table, of which a next one would bring
 * half back. */
static int from_is_gone(struct store *s, str space, str table, int64_t from, struct err *e)
{
	int64_t highest;

	TRY(dir_highest(s, space, table, &highest, e));
	if (highest > from)
		return trimmed(space, table, from, e);
	return err_set(e, ERR_MISSING, "no version %" PRId64 " of table " STR_FMT "." STR_FMT, from,
	               STR_ARG(space), STR_ARG(table));
}

static int swap_check(struct store *s, str space, str table, str version, int64_t *out, struct err *e)
{
	int64_t from;
	int     exists;

	if (!str_to_i64(version, &from) || from <= 0 || from == INT64_MAX)
		return err_set(e, ERR_INPUT, "\"" STR_FMT "\" is no version of a table",
		               STR_ARG(version));
	exists = dir_exists(s, space, table, from, e);
	TRY(exists);
	if (!exists)
		return from_is_gone(s, space, table, from, e);
	*out = from;
	return 0;
}

/* Changes on their way: each has a version to be put, and a hint to follow it. */
struct changes {
	struct store          *store;
	struct catalog_change *items;
	struct change {
		size_t  item;
		int64_t version;
	}                *at;
	struct store_put *puts; /* of each */
	size_t            count;
	struct arena      arena;
};

static void changes_done(struct changes *c)
{
	arena_done(&c->arena);
}
AUTO_DEFINE(changes, changes_done)

static void change_add(struct changes *c, size_t item)
{
	struct catalog_change *it = &c->items[item];
	struct err             why = ERR_NONE;
	int64_t                from = 0;
	int                    rc;

	if (it->version.len == 0)
		rc = create_check(c->store, it->space, it->table, &why);
	else
		rc = swap_check(c->store, it->space, it->table, it->version, &from, &why);
	if (rc < 0) {
		it->e = why;
		return;
	}
	c->at[c->count] = (struct change){item, from + 1};
	c->puts[c->count++] = (struct store_put){
		.key = dir_version_key(&c->arena, it->space, it->table, from + 1),
		.body = it->metadata,
	};
}

static void versions_put(struct changes *c)
{
#if MUTANT == 1
	store_replace_many(c->store, c->puts, c->count);
#else
	store_put_many_sure(c->store, c->puts, c->count);
#endif
}

/* A version that was put is a change that won, unless its number has been won before. */
static int change_won(struct changes *c, size_t i, struct err *e)
{
	const struct catalog_change *it = &c->items[c->at[i].item];
	int64_t                      version = c->at[i].version;
	int                          is_first;

	if (c->puts[i].e.class < 0) {
		*e = c->puts[i].e;
		return e->class;
	}
	is_first = version == 1 ? 1 : dir_is_first(c->store, it->space, it->table, version, e);
	TRY(is_first);
	return is_first ? 0 : trimmed(it->space, it->table, version - 1, e);
}

static void hints_write(struct changes *c)
{
	size_t count = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct catalog_change *it = &c->items[c->at[i].item];

		if (it->e.class == 0)
			c->puts[count++] = (struct store_put){
				.key = dir_hint_key(&c->arena, it->space, it->table),
				.body = arena_format(&c->arena, "%" PRId64, c->at[i].version),
			};
	}
	store_replace_many(c->store, c->puts, count); /* an old hint is a hint still */
}

void dir_change_many(struct catalog *catalog, struct catalog_change *items, size_t count)
{
	AUTO(changes) c = {.store = dir_store_of(catalog), .items = items};

	c.at = ARENA_ARRAY(&c.arena, struct change, count);
	c.puts = ARENA_ARRAY(&c.arena, struct store_put, count);
	for (size_t i = 0; i < count; i++)
		if (items[i].e.class == 0)
			change_add(&c, i);
	versions_put(&c);
	for (size_t i = 0; i < c.count; i++) {
		struct err why = ERR_NONE;

		if (change_won(&c, i, &why) < 0)
			items[c.at[i].item].e = why;
	}
	hints_write(&c);
}

static int change_one(struct catalog *c, struct catalog_change change, struct err *e)
{
	dir_change_many(c, &change, 1);
	if (change.e.class < 0)
		*e = change.e;
	return change.e.class;
}

int dir_create(struct catalog *c, str space, str table, str metadata, struct err *e)
{
	return change_one(c, (struct catalog_change){.space = space, .table = table, .metadata = metadata}, e);
}

int dir_swap(struct catalog *c, str space, str table, str version, str metadata,
                    struct err *e)
{
	return change_one(c, (struct catalog_change){space, table, version, metadata, ERR_NONE}, e);
}

/* Catalog kind `dir`: a table's present is the highest `metadata/v<N>.metadata.json` in a store.
 *
 *   <space>/<table>/metadata/v1.metadata.json   put by create
 *                            v2.metadata.json   put by the swap from version 1, and so on
 *                            version-hint.text  digits, no newline (DuckDB puts them into a name)
 *
 * Invariants: versions have no holes above the one that the hint names; a version once put never
 * changes, and once removed (catalog_dir_trim.c) never counts again. The hint may be old, missing
 * or nonsense: nothing here depends on it but speed. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/vec.h"
#include "catalog/dir_int.h"

enum { METADATA_CEILING = 512 << 20, HINT_CEILING = 64, LOAD_TRIES = 5 };

str dir_folder(struct arena *a, str space, str table)
{
	return arena_format(a, STR_FMT "/" STR_FMT "/metadata/", STR_ARG(space), STR_ARG(table));
}

str dir_version_key(struct arena *a, str space, str table, int64_t version)
{
	str folder = dir_folder(a, space, table);

	return arena_format(a, STR_FMT "v%" PRId64 ".metadata.json", STR_ARG(folder), version);
}

str dir_hint_key(struct arena *a, str space, str table)
{
	return arena_format(a, STR_FMT "version-hint.text", STR_ARG(dir_folder(a, space, table)));
}

int64_t dir_version_of_key(str key, str folder)
{
	const str tail = STR(".metadata.json");
	int64_t   version = 0;
	str       name = str_from(key, folder.len);

	if (!str_starts(key, folder) || !str_starts(name, STR("v")) || !str_ends(name, tail))
		return 0;
	name = str_from(str_head(name, name.len - tail.len), 1);
	if (name.len == 0 || name.ptr[0] < '1' || name.ptr[0] > '9' || !str_to_i64(name, &version))
		return 0;
	return version;
}

/* ---- the present version --------------------------------------------------------------------- */

int dir_exists(struct store *s, str space, str table, int64_t version, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	uint64_t   size;
	struct err why = ERR_NONE;
	int        status = store_size(s, dir_version_key(&a, space, table, version), &size, &why);

	if (status < 0 && status != ERR_MISSING) {
		*e = why;
		return status;
	}
	return status == 0;
}

/* Only ever a start, so its failures are none of the caller's. */
int64_t dir_hint(struct store *s, str space, str table)
{
	AUTO(arena) a = ARENA_INIT;
	struct err why = ERR_NONE;
	int64_t    version = 0;
	str        text;

	if (store_get_all(s, dir_hint_key(&a, space, table), HINT_CEILING, &a, &text, &why) < 0)
		return 0;
	if (!str_to_i64(str_trim(text), &version) || version < 0)
		return 0;
	return version;
}

struct highest {
	str     folder;
	int64_t version;
};

static int highest_each(void *context, str key, uint64_t size, struct err *e)
{
	struct highest *h = context;
	int64_t         version = dir_version_of_key(key, h->folder);

	(void)size, (void)e;
	if (version > h->version)
		h->version = version;
	return 0;
}

int dir_highest(struct store *s, str space, str table, int64_t *out, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct highest h = {.folder = dir_folder(&a, space, table)};
	str prefix = arena_format(&a, STR_FMT "v", STR_ARG(h.folder));

	TRY(store_list(s, prefix, STR(""), highest_each, &h, e));
	*out = h.version;
	return 0;
}

/* Upward until the next one is missing. */
int dir_find(struct store *s, str space, str table, int64_t *out, struct err *e)
{
	int64_t version = dir_hint(s, space, table);
	int     exists = version > 0 ? dir_exists(s, space, table, version, e) : 0;

	TRY(exists);
	if (!exists)
		TRY(dir_highest(s, space, table, &version, e));
	if (version == 0)
		return err_set(e, ERR_MISSING, "no table " STR_FMT "." STR_FMT, STR_ARG(space),
		               STR_ARG(table));
	for (exists = 1; exists && version < INT64_MAX; version += exists) {
		exists = dir_exists(s, space, table, version + 1, e);
		TRY(exists);
	}
	TRY(dir_above_boundary(s, space, table, &version, e));
	*out = version;
	return 0;
}

/* The version found may have been trimmed by the time it is read: then there is a newer one. */
static int dir_load(struct catalog *c, str space, str table, struct arena *a,
                    struct catalog_table *out, struct err *e)
{
	struct store *s = dir_store_of(c);
	int64_t       version = 0;
	str           key = {0};
	int           got = ERR_MISSING;

	for (unsigned i = 0; i < LOAD_TRIES && got == ERR_MISSING; i++) {
		TRY(dir_find(s, space, table, &version, e));
		key = dir_version_key(a, space, table, version);
		got = store_get_all(s, key, METADATA_CEILING, a, &out->metadata, e);
	}
	TRY(got);
	if (out->metadata.len == 0)
		return err_set(e, ERR_CORRUPT, STR_FMT " is empty", STR_ARG(key));
	out->metadata_path = arena_format(a, STR_FMT "/" STR_FMT, STR_ARG(s->root), STR_ARG(key));
	out->version = arena_format(a, "%" PRId64, version);
	return 0;
}

/* ---- changing it ----------------------------------------------------------------------------- */

static void hint_write(struct store *s, str space, str table, int64_t version)
{
	AUTO(arena) a = ARENA_INIT;
	struct err why = ERR_NONE;
	str        text = arena_format(&a, "%" PRId64, version);
	int        status = store_replace(s, dir_hint_key(&a, space, table), text, &why);

	(void)status; /* an old hint is a hint still: readers look further up from it */
}

static int dir_trim_old(struct catalog *c, str space, str table, int64_t keep, struct err *e)
{
	int64_t present;

	TRY(dir_find(dir_store_of(c), space, table, &present, e));
	return dir_trim(dir_store_of(c), space, table, present, keep, e);
}

static int dir_mend(struct catalog *c, str space, str table, struct err *e)
{
	struct store *s = dir_store_of(c);
	int64_t       present;

	TRY(dir_find(s, space, table, &present, e));
	if (dir_hint(s, space, table) != present)
		hint_write(s, space, table, present);
	return 0;
}

struct doomed {
	struct arena arena;
	str          folder;
	struct { VEC_OF(struct doomed_key { str key; int64_t version; }); } keys;
};

static void doomed_done(struct doomed *d)
{
	arena_done(&d->arena);
	VEC_DONE(&d->keys);
}
AUTO_DEFINE(doomed, doomed_done)

static int doomed_each(void *context, str key, uint64_t size, struct err *e)
{
	struct doomed *d = context;

	(void)size, (void)e;
	if (str_ends(key, STR(".json")))
		*VEC_ADD(&d->keys) = (struct doomed_key){
			.key = arena_str(&d->arena, key),
			.version = dir_version_of_key(key, d->folder),
		};
	return 0;
}

static int compare_versions(const void *a, const void *b)
{
	const struct doomed_key *left = a, *right = b;

	return (left->version > right->version) - (left->version < right->version);
}

/* The hint first and the highest version last: cut short anywhere, the table is either there
 * whole or gone. */
static int dir_drop(struct catalog *c, str space, str table, struct err *e)
{
	AUTO(doomed) d = {0};
	struct store *s = dir_store_of(c);
	int64_t       version;

	TRY(dir_find(s, space, table, &version, e));
	d.folder = dir_folder(&d.arena, space, table);
	TRY(store_list(s, d.folder, STR(""), doomed_each, &d, e));
	if (d.keys.count > 0)
		qsort(d.keys.at, d.keys.count, sizeof(*d.keys.at), compare_versions);
	TRY(store_remove(s, dir_hint_key(&d.arena, space, table), e));
	for (size_t i = 0; i < d.keys.count; i++)
		TRY(store_remove(s, d.keys.at[i].key, e));
	return dir_forget(s, space, table, e);
}

/* ---- listing --------------------------------------------------------------------------------- */

struct first {
	struct arena *arena;
	str           key; /* ptr NULL: none */
};

static int first_each(void *context, str key, uint64_t size, struct err *e)
{
	struct first *f = context;

	(void)size, (void)e;
	f->key = arena_str(f->arena, key);
	return 1;
}

/* Data is never listed: the first key under the space names a table, and the next search begins
 * behind all of that table's keys, at its name followed by '0', the byte after '/'. */
static int dir_list(struct catalog *c, str space, catalog_list_fn *each, void *context,
                    struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct store *s = dir_store_of(c);
	str           prefix = arena_format(&a, STR_FMT "/", STR_ARG(space));
	str           after = STR("");
	int           status = 0;

	while (status == 0) {
		struct first f = {.arena = &a};
		int64_t      version = 0;
		size_t       end;
		str          table;

		TRY(store_list(s, prefix, after, first_each, &f, e));
		if (f.key.ptr == NULL)
			return 0;
		after = f.key;
		end = str_find(f.key, '/', prefix.len);
		if (end == f.key.len) /* an object beside the tables */
			continue;
		table = str_from(str_head(f.key, end), prefix.len);
		after = arena_format(&a, STR_FMT "0", STR_ARG(str_head(f.key, end)));
		TRY(dir_highest(s, space, table, &version, e));
		if (version > 0)
			status = each(context, table, e);
	}
	return status < 0 ? status : 0;
}

static void dir_close(struct catalog *c)
{
	free(c);
}

struct catalog *catalog_new_dir(struct store *store)
{
	static const struct catalog_ops ops = {
		.kind = "dir",
		.load = dir_load,
		.create = dir_create,
		.swap = dir_swap,
		.list = dir_list,
		.drop = dir_drop,
		.trim = dir_trim_old,
		.mend = dir_mend,
		.change_many = dir_change_many,
		.close = dir_close,
	};
	struct catalog_dir *dir = xcalloc(1, sizeof(*dir));

	dir->base.ops = &ops;
	dir->store = store;
	return &dir->base;
}

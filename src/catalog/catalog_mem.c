/* Catalog kind `mem`: the reference of the seam. Every table is one item of a map under a lock;
 * it forgets with the process. */
#include <pthread.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "catalog/catalog.h"

struct mem_table {
	char   *metadata; /* owned */
	size_t  len;
	int64_t version;
};

struct catalog_mem {
	struct catalog  base;
	pthread_mutex_t lock;
	struct map      tables; /* by "space/table", to struct mem_table */
};

static void table_free(struct mem_table *t)
{
	free(t->metadata);
	free(t);
}

static void table_set(struct mem_table *t, str metadata)
{
	free(t->metadata);
	t->metadata = xmalloc(metadata.len);
	memcpy(t->metadata, metadata.ptr, metadata.len);
	t->len = metadata.len;
	t->version++;
}

static struct catalog_mem *lock(struct catalog *c)
{
	struct catalog_mem *mem = (struct catalog_mem *)c;

	(void)pthread_mutex_lock(&mem->lock);
	return mem;
}

static int unlock(struct catalog_mem *mem, int status)
{
	(void)pthread_mutex_unlock(&mem->lock);
	return status;
}

static str key_of(struct arena *a, str space, str table)
{
	return arena_format(a, STR_FMT "/" STR_FMT, STR_ARG(space), STR_ARG(table));
}

static int missing(str space, str table, struct err *e)
{
	return err_set(e, ERR_MISSING, "no table " STR_FMT "." STR_FMT, STR_ARG(space),
	               STR_ARG(table));
}

static int mem_load(struct catalog *c, str space, str table, struct arena *a,
                    struct catalog_table *out, struct err *e)
{
	str                     key = key_of(a, space, table);
	struct catalog_mem     *mem = lock(c);
	const struct mem_table *t = map_ptr(&mem->tables, key);

	if (t == NULL)
		return unlock(mem, missing(space, table, e));
	out->metadata = arena_str(a, str_make(t->metadata, t->len));
	out->metadata_path = arena_format(a, "mem:" STR_FMT "/v%lld.metadata.json", STR_ARG(key),
	                                  (long long)t->version);
	out->version = arena_format(a, "%lld", (long long)t->version);
	return unlock(mem, 0);
}

static int mem_create(struct catalog *c, str space, str table, str metadata, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	str                 key = key_of(&a, space, table);
	struct catalog_mem *mem = lock(c);
	struct mem_table   *t;

	if (map_ptr(&mem->tables, key) != NULL)
		return unlock(mem, err_set(e, ERR_CONFLICT, "table " STR_FMT " is there already",
		                           STR_ARG(key)));
	t = xcalloc(1, sizeof(*t));
	table_set(t, metadata);
	map_put(&mem->tables, key)->ptr = t;
	return unlock(mem, 0);
}

static int mem_swap(struct catalog *c, str space, str table, str version, str metadata,
                    struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	str                 key = key_of(&a, space, table);
	struct catalog_mem *mem = lock(c);
	struct mem_table   *t = map_ptr(&mem->tables, key);

	if (t == NULL)
		return unlock(mem, missing(space, table, e));
	if (!str_eq(version, arena_format(&a, "%lld", (long long)t->version)))
		return unlock(mem, err_set(e, ERR_CONFLICT,
		                           "table " STR_FMT " is at version %lld, not " STR_FMT,
		                           STR_ARG(key), (long long)t->version, STR_ARG(version)));
	table_set(t, metadata);
	return unlock(mem, 0);
}

static int compare_names(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* The names are copied out first: the caller may use the catalog while it walks. */
static int mem_list(struct catalog *c, str space, catalog_list_fn *each, void *context,
                    struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	str                 prefix = arena_format(&a, STR_FMT "/", STR_ARG(space));
	struct catalog_mem *mem = lock(c);
	str                *names = ARENA_ARRAY(&a, str, mem->tables.count);
	size_t              count = 0;
	int                 status = 0;

	for (size_t i = 0; i < mem->tables.count; i++) {
		str key = mem->tables.items[i].key;

		if (key.ptr != NULL && str_starts(key, prefix))
			names[count++] = arena_str(&a, str_from(key, prefix.len));
	}
	(void)unlock(mem, 0);
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 0; i < count && status == 0; i++)
		status = each(context, names[i], e);
	return status < 0 ? status : 0;
}

static int mem_drop(struct catalog *c, str space, str table, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	str                 key = key_of(&a, space, table);
	struct catalog_mem *mem = lock(c);
	struct mem_table   *t = map_ptr(&mem->tables, key);

	if (t == NULL)
		return unlock(mem, missing(space, table, e));
	map_remove(&mem->tables, key);
	table_free(t);
	return unlock(mem, 0);
}

static void mem_close(struct catalog *c)
{
	struct catalog_mem *mem = (struct catalog_mem *)c;

	for (size_t i = 0; i < mem->tables.count; i++)
		if (mem->tables.items[i].key.ptr != NULL)
			table_free(mem->tables.items[i].ptr);
	map_done(&mem->tables);
	(void)pthread_mutex_destroy(&mem->lock);
	free(mem);
}

struct catalog *catalog_new_mem(void)
{
	static const struct catalog_ops ops = {
		.kind = "mem",
		.load = mem_load,
		.create = mem_create,
		.swap = mem_swap,
		.list = mem_list,
		.drop = mem_drop,
		.close = mem_close,
	};
	struct catalog_mem *mem = xcalloc(1, sizeof(*mem));

	mem->base.ops = &ops;
	(void)pthread_mutex_init(&mem->lock, NULL);
	return &mem->base;
}

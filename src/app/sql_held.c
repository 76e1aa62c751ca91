#include "app/sql_held.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ingest/held_read.h"
#include "os/fs.h"
#include "os/workers.h"

enum { DEFAULT_MEMORY = 512 << 20, FILE_BYTES = 1 << 30 };

struct sql_held {
	struct app        *app;
	struct lake       *lake;
	struct config     *config;
	struct workers    *workers;
	struct held_reader reader; /* of the statement at hand */
	char               folder[64];
	struct { VEC_OF(const char *); } files;
	struct arena       arena;  /* owns their names */
};

struct sql_held *sql_held_new(struct app *app, struct lake *l, struct config *config)
{
	struct sql_held *h = xcalloc(1, sizeof(*h));

	*h = (struct sql_held){.app = app, .lake = l, .config = config};
	return h;
}

/* Of the statement before: nobody reads them any more. */
static void forget(struct sql_held *h)
{
	struct err why = ERR_NONE;

	for (size_t i = 0; i < h->files.count; i++)
		if (fs_unlink(h->app->fs, h->files.at[i], &why) < 0)
			why = ERR_NONE; /* a file too many in a folder for such does no harm */
	h->files.count = 0;
	arena_reset(&h->arena);
	held_read_done(&h->reader);
	h->reader = (struct held_reader){0};
}

void sql_held_free(struct sql_held *h)
{
	if (h == NULL)
		return;
	forget(h);
	if (h->folder[0] != '\0')
		(void)rmdir(h->folder);
	workers_free(h->workers);
	VEC_DONE(&h->files);
	arena_done(&h->arena);
	free(h);
}

static int folder_make(struct sql_held *h, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char        name[sizeof(h->folder)];

	if (h->folder[0] != '\0')
		return 0;
	if (snprintf(name, sizeof(name), "%s/tarn-held-XXXXXX", tmp != NULL && strlen(tmp) < 40 ? tmp : "/tmp") < 0 ||
	    mkdtemp(name) == NULL)
		return err_sys(e, errno, "make a folder for rows that have no file yet (TMPDIR says where)");
	memcpy(h->folder, name, sizeof(name));
	return 0;
}

static int file_make(struct sql_held *h, const struct target *t, str *path, struct err *e)
{
	AUTO(buf)   bytes = BUF(FILE_BYTES);
	const char *file = arena_format(&h->arena, "%s/%zu.parquet", h->folder, h->files.count).ptr;
	int         handle, status;

	TRY(held_parquet(t, &bytes, e));
	TRY(fs_open(h->app->fs, file, FS_WRITE | FS_EXCLUSIVE, &handle, e));
	*VEC_ADD(&h->files) = file;
	status = fs_write(h->app->fs, handle, bytes.ptr, bytes.len, e);
	fs_close(h->app->fs, handle);
	*path = str_of(file);
	return status;
}

static str full_name(str space, str name, struct arena *a)
{
	return arena_format(a, STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(name));
}

static int read_rows(struct sql_held *h, const struct map *only, struct err *e)
{
	const struct config *c = h->config;

	if (h->workers == NULL)
		h->workers = workers_new(0);
	return held_read(h->lake, h->workers, c->pipelines, c->pipeline_count, c->folder, only,
	                 c->memory_bytes ? c->memory_bytes : DEFAULT_MEMORY, &h->reader, e);
}

int sql_held_find(void *context, struct view_held *tables, size_t count, struct err *e)
{
	struct sql_held *h = context;
	AUTO(arena)      a = ARENA_INIT;
	AUTO(map)        only = {.count = 0};
	struct writer   *w = &h->reader.writer;

	forget(h);
	for (size_t i = 0; i < count; i++)
		(void)map_put(&only, full_name(tables[i].space, tables[i].name, &a));
	TRY(read_rows(h, &only, e));
	for (size_t i = 0; i < count; i++) {
		const struct map_item *item = map_get(&w->by_name, full_name(tables[i].space, tables[i].name, &a));
		struct target         *t = item != NULL ? w->targets.at[item->num - 1] : NULL;

		if (t == NULL || t->held_since == 0)
			continue;
		TRY(folder_make(h, e));
		TRY(file_make(h, t, &tables[i].path, e));
		tables[i].since = t->held_since;
		tables[i].schema = &t->table->schema;
	}
	return 0;
}

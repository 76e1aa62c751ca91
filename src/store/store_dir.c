/* A store in a folder: an object is a file, its key the path below the root. How a put survives the machine
 * is told in dir_put.c.
 *
 * A remove is not synced: nothing may depend on an object being away.
 */
#include <assert.h>
#include <stdlib.h>

#include "store/dir_int.h"

void dir_path_set(struct dir_path *out, str root, str key)
{
	size_t len = root.len;

	if (key.len > 0 && key.ptr[key.len - 1] == '/')
		key.len--;
	assert(len + 1 + key.len < sizeof(out->text));
	memcpy(out->text, root.ptr, len);
	if (key.len > 0) {
		out->text[len++] = '/';
		memcpy(out->text + len, key.ptr, key.len);
	}
	out->text[len + key.len] = '\0';
}

static int dir_get(struct store *s, str key, uint64_t offset, uint64_t size, struct buf *out,
                   struct err *e)
{
	struct dir_path path;

	dir_path_set(&path, s->root, key);
	return fs_read_range(dir_of(s)->fs, path.text, offset, size, out, e);
}

static int dir_list(struct store *s, str prefix, str after, store_list_fn *each, void *context,
                    struct err *e)
{
	return dir_walk(dir_of(s)->fs, s->root, prefix, after, each, context, e);
}

static int dir_remove(struct store *s, str key, struct err *e)
{
	struct dir_path path;
	int             rc;

	dir_path_set(&path, s->root, key);
	rc = fs_unlink(dir_of(s)->fs, path.text, e);
	return rc == ERR_MISSING ? 0 : rc;
}

static int dir_size(struct store *s, str key, uint64_t *out, struct err *e)
{
	struct dir_path path;
	struct fs_stat  st;

	dir_path_set(&path, s->root, key);
	TRY(fs_stat(dir_of(s)->fs, path.text, &st, e));
	if (st.kind != FS_FILE)
		return err_set(e, ERR_MISSING, "%s: not a file", path.text);
	*out = st.size;
	return 0;
}

static void dir_close(struct store *s)
{
	struct dir_store *d = dir_of(s);

	map_done(&d->known);
	map_done(&d->made);
	(void)pthread_mutex_destroy(&d->lock);
	free(d);
}

/* The root as an absolute path without '/' at its end. Only the real fs has links to resolve. */
static int root_find(struct fs *fs, const char *path, struct arena *a, str *out, struct err *e)
{
	str root = str_of(path);

	if (fs == fs_real())
		TRY(fs_real_path(path, a, &root, e));
	while (root.len > 0 && root.ptr[root.len - 1] == '/')
		root.len--;
	if (root.len == 0 || root.ptr[0] != '/')
		return err_set(e, ERR_INPUT, "\"%s\" cannot be the folder of a store", path);
	if (root.len + 1 + STORE_KEY_MAX + TEMP_NAME_MAX >= PATH_MAX)
		return err_set(e, ERR_INPUT, "%s: too long a path for the folder of a store", path);
	*out = root;
	return 0;
}

int store_open_dir(struct fs *fs, const char *path, struct store **out, struct err *e)
{
	static const struct store_ops ops = {
		.kind = "dir",
		.get = dir_get,
		.put_new = dir_put_new,
		.put_soon = dir_put_soon,
		.settle = dir_settle,
		.replace = dir_replace,
		.put_many = dir_put_many,
		.replace_many = dir_replace_many,
		.list = dir_list,
		.remove = dir_remove,
		.size = dir_size,
		.close = dir_close,
	};
	AUTO(arena)       a = ARENA_INIT;
	AUTO_PTR(store)   s = NULL;
	struct dir_store *d;
	str               root = STR("");

	if (path == NULL || path[0] == '\0')
		return err_set(e, ERR_INPUT, "the folder of a store has no name");
	if (fs != fs_real() && path[0] != '/')
		return err_set(e, ERR_INPUT, "%s: another file system has no present folder; the path must be absolute", path);
	TRY(fs_mkdirs(fs, path, e));
	TRY(root_find(fs, path, &a, &root, e));
	d = xcalloc(1, sizeof(*d));
	(void)pthread_mutex_init(&d->lock, NULL); /* cannot fail with default attributes */
	memcpy(d->root, root.ptr, root.len);
	d->base = (struct store){&ops, str_make(d->root, root.len)};
	d->fs = fs;
	s = &d->base;
	if (dir_temp_make(d, e) < 0 && e->class != ERR_DENIED) /* it can be read: who puts something is told */
		return e->class;
	*e = ERR_NONE;
	*out = TAKE(s);
	return 0;
}

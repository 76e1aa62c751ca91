/* A store in a folder: an object is a file, its key the path below the root.
 *
 * How a put survives the machine: the bytes go to a file of their own in .tmp and
 * are synced; then link (put_new) or rename (replace) gives that file its name in
 * one step; then the folder that got the name is synced. So a name has all of its
 * bytes or is not there, and a yes is on the disk.
 *
 * Invariants: a file in .tmp is touched only by the call that made it, which is
 * the one that made it exclusively. A folder in `known` has its own name synced
 * into its parent, and so have all above it: another process may have made it and
 * died before syncing, so having found it there is not enough. "Taken" is answered
 * only once the name that takes it is synced too: the caller builds on that answer.
 *
 * Once a sync has failed nothing more is put: the kernel may have dropped what was to last, and a later sync
 * that goes well says nothing of it.
 *
 * put_soon leaves out the syncs: its object is whole to readers at once, and lasts from the
 * next settle on, which syncs the file system. Its folders are in `made` until then.
 *
 * A remove is not synced: nothing may depend on an object being away.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/map.h"
#include "store/dir_int.h"

enum {
	TEMP_TRIES = 10000,
	TEMP_NAME_MAX = 64,
	KNOWN_MAX = 1 << 16, /* a table gains a folder an hour: rather forget than grow */
};

struct dir_store {
	struct store    base;
	struct fs      *fs; /* borrowed */
	pthread_mutex_t lock;
	struct map      known; /* under lock: folders, as keys */
	struct map      made;  /* under lock: folders that are there, but may not last */
	atomic_bool     is_unsafe; /* a sync has failed */
	char            root[PATH_MAX];
};

typedef int publish_fn(struct fs *fs, const char *from, const char *to, struct err *e);

static struct dir_store *dir_of(struct store *s)
{
	return (struct dir_store *)s;
}

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

static str folder_of(str key)
{
	size_t len = key.len;

	while (len > 0 && key.ptr[len - 1] != '/')
		len--;
	return str_head(key, len > 0 ? len - 1 : 0);
}

static bool is_known(struct dir_store *d, str folder)
{
	bool is_there;

	(void)pthread_mutex_lock(&d->lock);
	is_there = map_get(&d->known, folder) != NULL;
	(void)pthread_mutex_unlock(&d->lock);
	return is_there;
}

static void known_forget(struct dir_store *d)
{
	(void)pthread_mutex_lock(&d->lock);
	map_done(&d->known);
	(void)pthread_mutex_unlock(&d->lock);
}

static void known_add(struct dir_store *d, str folder)
{
	(void)pthread_mutex_lock(&d->lock);
	if (d->known.count >= KNOWN_MAX)
		map_done(&d->known);
	(void)map_put(&d->known, folder);
	(void)pthread_mutex_unlock(&d->lock);
}

/* What a sync said. One that could not be tried (no descriptors) has lost nothing. */
static int synced(struct dir_store *d, int rc)
{
	if (rc == ERR_CORRUPT)
		d->is_unsafe = true;
	return rc;
}

static int check_safe(struct dir_store *d, struct err *e)
{
	if (!d->is_unsafe)
		return 0;
	return err_set(e, ERR_CORRUPT,
	               "a sync below %s has failed, so nothing more is written there: look at the disk, and start again",
	               d->root);
}

static int folder_sync(struct dir_store *d, str folder, struct err *e)
{
	struct dir_path path;

	dir_path_set(&path, d->base.root, folder);
	return synced(d, fs_sync_folder(d->fs, path.text, e));
}

/* The folder is there and will be after a crash, with all above it up to the root. */
static int folder_ready(struct dir_store *d, str folder, struct err *e)
{
	struct dir_path path;
	int             rc;

	if (folder.len == 0 || is_known(d, folder))
		return 0;
	for (size_t end = 0; end < folder.len;) {
		str upper;

		end = str_find(folder, '/', end + 1);
		upper = str_head(folder, end);
		if (is_known(d, upper))
			continue;
		dir_path_set(&path, d->base.root, upper);
		rc = fs_mkdir(d->fs, path.text, e);
		if (rc < 0 && rc != ERR_CONFLICT)
			return rc;
		TRY(folder_sync(d, folder_of(upper), e));
		known_add(d, upper);
	}
	return 0;
}

static void temp_remove(struct dir_store *d, const struct dir_path *temp)
{
	struct err ignored = ERR_NONE;

	if (fs_unlink(d->fs, temp->text, &ignored) < 0)
		return; /* what stays in .tmp is harmless */
}

static int temp_folder_make(struct dir_store *d, struct err *e)
{
	struct dir_path path;

	dir_path_set(&path, d->base.root, STR(".tmp"));
	return synced(d, fs_mkdirs(d->fs, path.text, e));
}

/* A file nobody else has. Its name comes from the key and a number, not from chance or the clock,
 * so that a run can be repeated; that it is made exclusively is what keeps writers apart. */
static int temp_open(struct dir_store *d, str key, struct dir_path *temp, int *handle,
                     struct err *e)
{
	unsigned long long hash = hash_bytes(key.ptr, key.len, 0);
	bool               is_made = false;

	for (unsigned i = 0; i < TEMP_TRIES; i++) {
		char name[TEMP_NAME_MAX];
		int  len = snprintf(name, sizeof(name), ".tmp/%016llx-%u", hash, i);
		int  rc;

		dir_path_set(temp, d->base.root, str_make(name, (size_t)len));
		rc = fs_open(d->fs, temp->text, FS_WRITE | FS_EXCLUSIVE, handle, e);
		if (rc == ERR_MISSING && !is_made) {
			TRY(temp_folder_make(d, e)); /* somebody has tidied up */
			is_made = true;
		} else if (rc != ERR_CONFLICT) {
			return rc;
		}
	}
	return err_set(e, ERR_LIMIT, "%s/.tmp is full of dead writers' files: empty it while none runs",
	               d->root);
}

/* A file with these bytes, its path in `temp`. */
static int temp_write(struct dir_store *d, str key, str body, bool is_synced, struct dir_path *temp,
                      struct err *e)
{
	int handle, rc;

	TRY(temp_open(d, key, temp, &handle, e));
	rc = fs_write(d->fs, handle, body.ptr, body.len, e);
	if (rc == 0 && is_synced)
		rc = synced(d, fs_sync(d->fs, handle, e));
	fs_close(d->fs, handle);
	if (rc < 0) {
		temp_remove(d, temp);
		return err_add(e, "put " STR_FMT, STR_ARG(key));
	}
	return 0;
}

/* Give the file its name. A folder removed since we came to know it is made again, once. */
static int temp_publish(struct dir_store *d, const struct dir_path *temp, str key,
                        publish_fn *publish, struct err *e)
{
	struct dir_path target;
	int             rc;

	dir_path_set(&target, d->base.root, key);
	rc = publish(d->fs, temp->text, target.text, e);
	if (rc != ERR_MISSING)
		return rc;
	known_forget(d);
	TRY(folder_ready(d, folder_of(key), e));
	return publish(d->fs, temp->text, target.text, e);
}

/* The name stands; now it must last. Where that fails the outcome is not unknown, it is unsafe: a
 * class that would have it read back and believed is the wrong one. */
static int name_sync(struct dir_store *d, str key, struct err *e)
{
	if (folder_sync(d, folder_of(key), e) == 0)
		return 0;
	e->class = ERR_CORRUPT;
	return err_add(e, "put " STR_FMT ": the name is there but may not survive a crash",
	               STR_ARG(key));
}

static int dir_put_new(struct store *s, str key, str body, struct err *e)
{
	struct dir_store *d = dir_of(s);
	struct dir_path   temp;
	struct err        why = ERR_NONE;
	int               rc;

	TRY(check_safe(d, e));
	TRY(folder_ready(d, folder_of(key), e));
	TRY(temp_write(d, key, body, true, &temp, e));
	rc = temp_publish(d, &temp, key, fs_link, &why);
	temp_remove(d, &temp);
	if (rc == 0 || rc == ERR_CONFLICT || err_is_retriable(rc)) /* a name that is found there is built on */
		TRY(name_sync(d, key, e));
	if (rc == ERR_CONFLICT)
		return err_set(e, ERR_CONFLICT, "put " STR_FMT ": the name is taken", STR_ARG(key));
	if (rc < 0)
		*e = why;
	return rc;
}

/* The folder is there, if only for now. */
static int folder_made(struct dir_store *d, str folder, struct err *e)
{
	for (size_t end = 0; end < folder.len;) {
		struct dir_path path;
		str             upper;
		bool            is_there;
		int             rc;

		end = str_find(folder, '/', end + 1);
		upper = str_head(folder, end);
		(void)pthread_mutex_lock(&d->lock);
		is_there = map_get(&d->known, upper) != NULL || map_get(&d->made, upper) != NULL;
		(void)pthread_mutex_unlock(&d->lock);
		if (is_there)
			continue;
		dir_path_set(&path, d->base.root, upper);
		rc = fs_mkdir(d->fs, path.text, e);
		if (rc < 0 && rc != ERR_CONFLICT)
			return rc;
		(void)pthread_mutex_lock(&d->lock);
		(void)map_put(&d->made, upper);
		(void)pthread_mutex_unlock(&d->lock);
	}
	return 0;
}

static int dir_put_soon(struct store *s, str key, str body, struct err *e)
{
	struct dir_store *d = dir_of(s);
	struct dir_path   temp;
	int               rc;

	TRY(check_safe(d, e));
	TRY(folder_made(d, folder_of(key), e));
	TRY(temp_write(d, key, body, false, &temp, e));
	rc = temp_publish(d, &temp, key, fs_link, e);
	temp_remove(d, &temp);
	return rc == ERR_CONFLICT ? err_set(e, ERR_CONFLICT, "put " STR_FMT ": the name is taken", STR_ARG(key)) : rc;
}

static int dir_settle(struct store *s, struct err *e)
{
	struct dir_store *d = dir_of(s);
	struct map        made;

	TRY(check_safe(d, e));
	(void)pthread_mutex_lock(&d->lock);
	made = d->made; /* folders made from here on wait for the next settle */
	d->made = (struct map){0};
	(void)pthread_mutex_unlock(&d->lock);
	if (synced(d, fs_sync_all(d->fs, d->root, e)) < 0) {
		map_done(&made);
		return err_add(e, "settle %s", d->root);
	}
	for (size_t i = 0; i < made.count; i++)
		known_add(d, made.items[i].key);
	map_done(&made);
	return 0;
}

static int dir_replace(struct store *s, str key, str body, struct err *e)
{
	struct dir_store *d = dir_of(s);
	struct dir_path   temp;
	int               rc;

	TRY(check_safe(d, e));
	TRY(folder_ready(d, folder_of(key), e));
	TRY(temp_write(d, key, body, true, &temp, e));
	rc = temp_publish(d, &temp, key, fs_rename, e);
	if (rc < 0) {
		temp_remove(d, &temp); /* only then: after a rename its name may be another's */
		return rc;
	}
	return name_sync(d, key, e);
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
	if (temp_folder_make(d, e) < 0 && e->class != ERR_DENIED) /* it can be read: who puts something is told */
		return e->class;
	*e = ERR_NONE;
	*out = TAKE(s);
	return 0;
}

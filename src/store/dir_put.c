/* dir_put.c - how what is put into a folder survives the machine.
 *
 * The bytes go to a file of their own in .tmp and are synced; then link (put_new) or rename (replace) gives
 * that file its name in one step; then the folder that got the name is synced. So a name has all of its
 * bytes or is not there, and a yes is on the disk.
 *
 * Many go the same way step by step: all bytes and one wait, all names and one wait, each of them for the whole file
 * system. Its first wait is also for what was put soon before. Many hints are not waited for again once they have their names:
 * a crash may bring back an older one, as whole as it was.
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
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "store/dir_int.h"

enum {
	TEMP_TRIES = 10000,
	KNOWN_MAX = 1 << 16, /* a table gains a folder an hour: rather forget than grow */
};

typedef int publish_fn(struct fs *fs, const char *from, const char *to, struct err *e);

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

static void temp_remove(struct dir_store *d, const char *temp)
{
	struct err ignored = ERR_NONE;

	if (fs_unlink(d->fs, temp, &ignored) < 0)
		return; /* what stays in .tmp is harmless */
}

int dir_temp_make(struct dir_store *d, struct err *e)
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
			TRY(dir_temp_make(d, e)); /* somebody has tidied up */
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
		temp_remove(d, temp->text);
		return err_add(e, "put " STR_FMT, STR_ARG(key));
	}
	return 0;
}

/* Give the file its name. A folder removed since we came to know it is made again, once. */
static int temp_publish(struct dir_store *d, const char *temp, str key, publish_fn *publish, struct err *e)
{
	struct dir_path target;
	int             rc;

	dir_path_set(&target, d->base.root, key);
	rc = publish(d->fs, temp, target.text, e);
	if (rc != ERR_MISSING)
		return rc;
	known_forget(d);
	TRY(folder_ready(d, folder_of(key), e));
	return publish(d->fs, temp, target.text, e);
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

/* To a name that nobody has. The file goes by it, or is gone. */
static int temp_link(struct dir_store *d, const char *temp, str key, struct err *e)
{
	int rc = temp_publish(d, temp, key, fs_link, e);

	temp_remove(d, temp);
	return rc == ERR_CONFLICT ? err_set(e, ERR_CONFLICT, "put " STR_FMT ": the name is taken", STR_ARG(key)) : rc;
}

/* What a put_new has come to: is there a name by now, which its caller goes by? Then it must last. */
static bool is_built_on(int rc)
{
	return rc == 0 || rc == ERR_CONFLICT || err_is_retriable(rc);
}

int dir_put_new(struct store *s, str key, str body, struct err *e)
{
	struct dir_store *d = dir_of(s);
	struct dir_path   temp;
	struct err        why = ERR_NONE;
	int               rc;

	TRY(check_safe(d, e));
	TRY(folder_ready(d, folder_of(key), e));
	TRY(temp_write(d, key, body, true, &temp, e));
	rc = temp_link(d, temp.text, key, &why);
	if (is_built_on(rc))
		TRY(name_sync(d, key, e));
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

int dir_put_soon(struct store *s, str key, str body, struct err *e)
{
	struct dir_store *d = dir_of(s);
	struct dir_path   temp;

	TRY(check_safe(d, e));
	TRY(folder_made(d, folder_of(key), e));
	TRY(temp_write(d, key, body, false, &temp, e));
	return temp_link(d, temp.text, key, e);
}

int dir_settle(struct store *s, struct err *e)
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

int dir_replace(struct store *s, str key, str body, struct err *e)
{
	struct dir_store *d = dir_of(s);
	struct dir_path   temp;
	int               rc;

	TRY(check_safe(d, e));
	TRY(folder_ready(d, folder_of(key), e));
	TRY(temp_write(d, key, body, true, &temp, e));
	rc = temp_publish(d, temp.text, key, fs_rename, e);
	if (rc < 0) {
		temp_remove(d, temp.text); /* only then: after a rename its name may be another's */
		return rc;
	}
	return name_sync(d, key, e);
}

/* --- many at once -------------------------------------------------------------------------- */

/* Those that have failed are passed over. */
struct many {
	struct dir_store *d;
	struct store_put *items;
	size_t            count;
	const char      **temps; /* of each: its file; NULL: none, or nothing is to become of it any more */
	struct arena      arena;
};

static void many_done(struct many *m)
{
	arena_done(&m->arena);
}

AUTO_DEFINE(many, many_done)

static bool is_left(const struct store_put *item)
{
	return item->e.class == 0;
}

static int item_write(struct many *m, size_t i, bool is_synced, struct err *e)
{
	const struct store_put *item = &m->items[i];
	struct dir_path         temp;

	TRY(check_safe(m->d, e));
	TRY(folder_made(m->d, folder_of(item->key), e));
	TRY(temp_write(m->d, item->key, item->body, is_synced, &temp, e));
	m->temps[i] = arena_cstr(&m->arena, str_of(temp.text));
	return 0;
}

static void many_write(struct many *m, bool is_synced)
{
	m->temps = ARENA_ARRAY(&m->arena, const char *, m->count);
	for (size_t i = 0; i < m->count; i++) {
		struct err why = ERR_NONE;

		if (is_left(&m->items[i]) && item_write(m, i, is_synced, &why) < 0)
			m->items[i].e = why;
	}
}

/* All that is written lasts, as does what was put soon before; or nothing becomes of it. */
static void many_settle(struct many *m)
{
	struct err why = ERR_NONE;

	if (dir_settle(&m->d->base, &why) == 0)
		return;
	for (size_t i = 0; i < m->count; i++) {
		if (m->temps[i] == NULL)
			continue;
		temp_remove(m->d, m->temps[i]);
		m->temps[i] = NULL;
		m->items[i].e = why;
	}
}

/* Returns of how many there is a name now that must last: these keep their `temps`. */
static size_t many_link(struct many *m)
{
	size_t named = 0;

	for (size_t i = 0; i < m->count; i++) {
		struct err why = ERR_NONE;
		int        rc;

		if (m->temps[i] == NULL)
			continue;
		rc = temp_link(m->d, m->temps[i], m->items[i].key, &why);
		if (rc < 0)
			m->items[i].e = why;
		if (is_built_on(rc))
			named++;
		else
			m->temps[i] = NULL;
	}
	return named;
}

static int names_settle(struct many *m, size_t named, struct err *e)
{
	size_t first = 0;

	while (m->temps[first] == NULL)
		first++;
	if (named == 1)
		return name_sync(m->d, m->items[first].key, e);
	if (dir_settle(&m->d->base, e) == 0)
		return 0;
	e->class = ERR_CORRUPT; /* as in name_sync */
	return err_add(e, "put %zu objects: their names are there but may not survive a crash", named);
}

void dir_put_many(struct store *s, struct store_put *items, size_t count)
{
	AUTO(many) m = {.d = dir_of(s), .items = items, .count = count};
	struct err why = ERR_NONE;
	size_t     named;

	many_write(&m, false);
	many_settle(&m);
	named = many_link(&m);
	if (named == 0 || names_settle(&m, named, &why) == 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (m.temps[i] != NULL)
			items[i].e = why;
}

void dir_replace_many(struct store *s, struct store_put *items, size_t count)
{
	AUTO(many) m = {.d = dir_of(s), .items = items, .count = count};

	many_write(&m, count == 1);
	if (count > 1)
		many_settle(&m);
	for (size_t i = 0; i < count; i++) {
		struct err why = ERR_NONE;

		if (m.temps[i] == NULL || temp_publish(m.d, m.temps[i], items[i].key, fs_rename, &why) == 0)
			continue;
		temp_remove(m.d, m.temps[i]);
		items[i].e = why;
	}
}

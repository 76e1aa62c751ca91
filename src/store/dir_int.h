/* dir_int.h - inside the dir kind: paths, how puts are done, and the walk behind list. */
#ifndef STORE_DIR_INT_H
#define STORE_DIR_INT_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "os/fs.h"
#include "store/store.h"

struct dir_path {
	char text[PATH_MAX]; /* NUL-ended */
};

/* root + "/" + key; a '/' at the end of the key is left out, and an empty key is the root.
 * store_open_dir has seen to it that any key fits. */
void dir_path_set(struct dir_path *out, str root, str key);

enum { TEMP_NAME_MAX = 64 };

struct dir_store {
	struct store    base;
	struct fs      *fs; /* borrowed */
	pthread_mutex_t lock;
	struct map      known; /* under lock: folders, as keys */
	struct map      made;  /* under lock: folders that are there, but may not last */
	atomic_bool     is_unsafe; /* a sync has failed */
	char            root[PATH_MAX];
};

static inline struct dir_store *dir_of(struct store *s)
{
	return (struct dir_store *)s;
}

/* The verbs that put (dir_put.c), and what they need of an opened folder. */
int  dir_put_new(struct store *s, str key, str body, struct err *e);
int  dir_put_soon(struct store *s, str key, str body, struct err *e);
int  dir_settle(struct store *s, struct err *e);
int  dir_replace(struct store *s, str key, str body, struct err *e);
void dir_put_many(struct store *s, struct store_put *items, size_t count);
void dir_replace_many(struct store *s, struct store_put *items, size_t count);
int  dir_temp_make(struct dir_store *d, struct err *e) MUST_USE;

/* The verb list over the files under `root`; a non-zero answer of `each` ends it. */
int dir_walk(struct fs *fs, str root, str prefix, str after, store_list_fn *each, void *context,
             struct err *e);

#endif

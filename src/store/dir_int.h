/* dir_int.h - inside the dir kind: paths, and the walk behind list. */
#ifndef STORE_DIR_INT_H
#define STORE_DIR_INT_H

#include <limits.h>

#include "os/fs.h"
#include "store/store.h"

struct dir_path {
	char text[PATH_MAX]; /* NUL-ended */
};

/* root + "/" + key; a '/' at the end of the key is left out, and an empty key is the root.
 * store_open_dir has seen to it that any key fits. */
void dir_path_set(struct dir_path *out, str root, str key);

/* The verb list over the files under `root`; a non-zero answer of `each` ends it. */
int dir_walk(struct fs *fs, str root, str prefix, str after, store_list_fn *each, void *context,
             struct err *e);

#endif

/* fs.h - files, through a table.
 *
 * All code that touches the local file system does it through a `struct fs`, so
 * that the simulator can put its own under the same code. Paths are NUL-ended;
 * handles are small integers that belong to their fs. The real one is fs_real().
 *
 * Every verb returns 0 or a count, or an err class with its sentence written
 * ("open /x: No such file or directory"). EINTR and short transfers are dealt
 * with inside. A failed fs_sync must stop the process that meant to keep the
 * bytes: the kernel may have dropped them, and trying again says nothing. So the
 * class of a failed sync is never one that says trying again may help.
 *
 * Files are made with mode 0666 less the umask, folders with 0777 less it.
 */
#ifndef OS_FS_H
#define OS_FS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum fs_kind { FS_FILE, FS_FOLDER, FS_OTHER };

struct fs_stat {
	uint64_t     size;
	int64_t      mtime_us;
	uint64_t     inode;
	enum fs_kind kind; /* a symbolic link counts as what it points at */
};

enum fs_open_flags {
	FS_READ = 1,
	FS_WRITE = 2,  /* create where absent */
	FS_APPEND = 4, /* with FS_WRITE */
	FS_TRUNCATE = 8,
	FS_EXCLUSIVE = 16, /* with FS_WRITE: ERR_CONFLICT where it exists */
};

/* Return 0 to go on, or a class with its sentence written. `name` is borrowed for the call. */
typedef int fs_list_fn(void *context, const char *name, struct err *e);

struct fs {
	int (*open)(struct fs *fs, const char *path, int flags, int *handle, struct err *e);
	int (*read)(struct fs *fs, int handle, uint64_t offset, void *into, size_t size, size_t *got, struct err *e);
	int (*write)(struct fs *fs, int handle, const void *from, size_t size, struct err *e);
	int (*sync)(struct fs *fs, int handle, struct err *e);
	void (*close)(struct fs *fs, int handle);
	int (*stat)(struct fs *fs, const char *path, struct fs_stat *out, struct err *e);
	int (*link)(struct fs *fs, const char *from, const char *to, struct err *e);   /* ERR_CONFLICT where `to` is */
	int (*rename)(struct fs *fs, const char *from, const char *to, struct err *e); /* replaces `to` */
	int (*unlink)(struct fs *fs, const char *path, struct err *e);
	int (*mkdir)(struct fs *fs, const char *path, struct err *e); /* ERR_CONFLICT where it is */
	int (*list)(struct fs *fs, const char *path, fs_list_fn *each, void *context, struct err *e); /* names, any order */
	int (*sync_folder)(struct fs *fs, const char *path, struct err *e);
	int (*sync_all)(struct fs *fs, const char *path, struct err *e); /* the whole file system that `path` lies on */
};

struct fs *fs_real(void); /* never freed */

/* Callers use these, never the table. */
int  fs_open(struct fs *fs, const char *path, int flags, int *handle, struct err *e) MUST_USE;
/* Up to `size` bytes at `offset`; *got < size only at the end of the file. */
int  fs_read(struct fs *fs, int handle, uint64_t offset, void *into, size_t size, size_t *got, struct err *e) MUST_USE;
int  fs_write(struct fs *fs, int handle, const void *from, size_t size, struct err *e) MUST_USE;
int  fs_sync(struct fs *fs, int handle, struct err *e) MUST_USE;
void fs_close(struct fs *fs, int handle); /* a negative handle is fine */
int  fs_stat(struct fs *fs, const char *path, struct fs_stat *out, struct err *e) MUST_USE;
int  fs_link(struct fs *fs, const char *from, const char *to, struct err *e) MUST_USE;
int  fs_rename(struct fs *fs, const char *from, const char *to, struct err *e) MUST_USE;
int  fs_unlink(struct fs *fs, const char *path, struct err *e) MUST_USE;
int  fs_mkdir(struct fs *fs, const char *path, struct err *e) MUST_USE;
int  fs_list(struct fs *fs, const char *path, fs_list_fn *each, void *context, struct err *e) MUST_USE;
int  fs_sync_folder(struct fs *fs, const char *path, struct err *e) MUST_USE;
int  fs_sync_all(struct fs *fs, const char *path, struct err *e) MUST_USE;

/* Built on the verbs. */
int fs_mkdirs(struct fs *fs, const char *path, struct err *e) MUST_USE; /* the folder and its parents; there already is fine; new ones are synced into their parents */
/* Append bytes [offset, offset + size) to `out`, fewer at the end of the file; size 0: to the end. ERR_MISSING where it is
 * not a file; ERR_LIMIT over the ceiling of `out`. */
int fs_read_range(struct fs *fs, const char *path, uint64_t offset, uint64_t size, struct buf *out, struct err *e) MUST_USE;
int fs_read_all(struct fs *fs, const char *path, size_t ceiling, struct arena *a, str *out, struct err *e) MUST_USE; /* ERR_LIMIT over the ceiling */
int fs_glob(struct fs *fs, const char *pattern, struct arena *a, str **paths, size_t *count, struct err *e) MUST_USE;
/* fs_glob: sorted by bytes; `*`, `?`, `[a-z]`, `{a,b}` and `**` (any folders, none included). Only regular
 * files, and what cannot be looked at and so may be one; names that begin with "." are passed over unless the pattern's part does. A pattern without a wildcard
 * names one file, ERR_MISSING where it is not. A pattern with one that matches nothing gives count 0. Paths begin as the
 * pattern does and are NUL-ended. `?` and classes take bytes; nothing escapes but a class of one: `[[]`. */
bool fs_is_glob(str pattern);
int fs_real_path(const char *path, struct arena *a, str *out, struct err *e) MUST_USE; /* absolute, links resolved; a last part that does not exist yet is kept */
int fs_keep_mode(const char *from, const char *to, struct err *e) MUST_USE; /* who may read `to` is who may read `from`; in the real file system */

#endif

/* The checked face of struct fs: each wrapper asserts what the caller owes the
 * table and what the table owes the caller, whichever table it is. */
#include "os/fs.h"

#include <assert.h>

enum { ALL_FLAGS = FS_READ | FS_WRITE | FS_APPEND | FS_TRUNCATE | FS_EXCLUSIVE };

static int checked(int rc, const struct err *e)
{
	assert(rc <= 0 && (rc == 0 || e->class == rc));
	return rc;
}

/* Bytes whose sync failed may be gone although a later sync says yes: nobody may try again. */
static int checked_sync(int rc, struct err *e)
{
	if (checked(rc, e) == 0 || !err_is_retriable(rc))
		return rc;
	e->class = ERR_CORRUPT;
	return err_add(e, "what was written may not be safe");
}

static bool is_path(const char *path)
{
	return path != NULL && path[0] != '\0';
}

int fs_open(struct fs *fs, const char *path, int flags, int *handle, struct err *e)
{
	int got = -1, rc;

	assert(is_path(path) && (flags & ~ALL_FLAGS) == 0 && (flags & (FS_READ | FS_WRITE)) != 0);
	assert((flags & FS_WRITE) != 0 || (flags & (FS_APPEND | FS_TRUNCATE | FS_EXCLUSIVE)) == 0);
	rc = checked(fs->open(fs, path, flags, &got, e), e);
	if (rc == 0) {
		assert(got >= 0);
		*handle = got;
	}
	return rc;
}

int fs_read(struct fs *fs, int handle, uint64_t offset, void *into, size_t size, size_t *got,
            struct err *e)
{
	size_t count = 0;
	int    rc;

	assert(handle >= 0 && (into != NULL || size == 0));
	rc = checked(fs->read(fs, handle, offset, into, size, &count, e), e);
	if (rc == 0) {
		assert(count <= size);
		*got = count;
	}
	return rc;
}

int fs_write(struct fs *fs, int handle, const void *from, size_t size, struct err *e)
{
	assert(handle >= 0 && (from != NULL || size == 0));
	return checked(fs->write(fs, handle, from, size, e), e);
}

int fs_sync(struct fs *fs, int handle, struct err *e)
{
	assert(handle >= 0);
	return checked_sync(fs->sync(fs, handle, e), e);
}

void fs_close(struct fs *fs, int handle)
{
	if (handle >= 0)
		fs->close(fs, handle);
}

int fs_stat(struct fs *fs, const char *path, struct fs_stat *out, struct err *e)
{
	struct fs_stat got = {0};
	int            rc;

	assert(is_path(path));
	rc = checked(fs->stat(fs, path, &got, e), e);
	if (rc == 0)
		*out = got;
	return rc;
}

int fs_link(struct fs *fs, const char *from, const char *to, struct err *e)
{
	assert(is_path(from) && is_path(to));
	return checked(fs->link(fs, from, to, e), e);
}

int fs_rename(struct fs *fs, const char *from, const char *to, struct err *e)
{
	assert(is_path(from) && is_path(to));
	return checked(fs->rename(fs, from, to, e), e);
}

int fs_unlink(struct fs *fs, const char *path, struct err *e)
{
	assert(is_path(path));
	return checked(fs->unlink(fs, path, e), e);
}

int fs_mkdir(struct fs *fs, const char *path, struct err *e)
{
	assert(is_path(path));
	return checked(fs->mkdir(fs, path, e), e);
}

int fs_list(struct fs *fs, const char *path, fs_list_fn *each, void *context, struct err *e)
{
	assert(is_path(path));
	return checked(fs->list(fs, path, each, context, e), e);
}

int fs_sync_folder(struct fs *fs, const char *path, struct err *e)
{
	assert(is_path(path));
	return checked_sync(fs->sync_folder(fs, path, e), e);
}

int fs_sync_all(struct fs *fs, const char *path, struct err *e)
{
	assert(is_path(path));
	return checked_sync(fs->sync_all(fs, path, e), e);
}

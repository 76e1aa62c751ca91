/* The kernel's files. Every sentence names the call and the path; verbs on a
 * handle have no path and name the handle's number. */
#include "os/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0666, FOLDER_MODE = 0777 };

/* The call again for as long as a signal interrupts it. */
#define UNINTERRUPTED(call)                                  \
	({                                                   \
		__typeof__(call) done_;                      \
		do                                           \
			done_ = (call);                      \
		while (done_ < 0 && errno == EINTR);         \
		done_;                                       \
	})

static int open_flags(int flags)
{
	bool is_read = (flags & FS_READ) != 0, is_write = (flags & FS_WRITE) != 0;

	return O_CLOEXEC | O_NOCTTY | (!is_write ? O_RDONLY : is_read ? O_RDWR : O_WRONLY) |
	       (is_write ? O_CREAT : 0) | (flags & FS_APPEND ? O_APPEND : 0) |
	       (flags & FS_TRUNCATE ? O_TRUNC : 0) | (flags & FS_EXCLUSIVE ? O_EXCL : 0);
}

static int real_open(struct fs *fs, const char *path, int flags, int *handle, struct err *e)
{
	int fd = UNINTERRUPTED(open(path, open_flags(flags), FILE_MODE));

	(void)fs;
	if (fd < 0)
		return err_sys(e, errno, "open %s", path);
	*handle = fd;
	return 0;
}

static int real_read(struct fs *fs, int handle, uint64_t offset, void *into, size_t size,
                     size_t *got, struct err *e)
{
	size_t done = 0;

	(void)fs;
	while (done < size && offset + done <= INT64_MAX) { /* no file reaches farther */
		off_t   at = (off_t)(offset + done);
		ssize_t step = UNINTERRUPTED(pread(handle, (char *)into + done, size - done, at));

		if (step < 0)
			return err_sys(e, errno, "read file %d", handle);
		if (step == 0)
			break;
		done += (size_t)step;
	}
	*got = done;
	return 0;
}

static int real_write(struct fs *fs, int handle, const void *from, size_t size, struct err *e)
{
	const char *at = from;

	(void)fs;
	while (size > 0) {
		ssize_t step = UNINTERRUPTED(write(handle, at, size));

		if (step < 0)
			return err_sys(e, errno, "write file %d", handle);
		at += step;
		size -= (size_t)step;
	}
	return 0;
}

static int real_sync(struct fs *fs, int handle, struct err *e)
{
	(void)fs;
	if (UNINTERRUPTED(fsync(handle)) < 0)
		return err_sys(e, errno, "sync file %d", handle);
	return 0;
}

static void real_close(struct fs *fs, int handle)
{
	(void)fs;
	(void)close(handle); /* who must know that the bytes are safe has synced */
}

static int real_stat(struct fs *fs, const char *path, struct fs_stat *out, struct err *e)
{
	struct stat st;

	(void)fs;
	if (stat(path, &st) < 0)
		return err_sys(e, errno, "stat %s", path);
	*out = (struct fs_stat){
		.size = (uint64_t)st.st_size,
		.mtime_us = (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000,
		.inode = st.st_ino,
		.kind = S_ISREG(st.st_mode) ? FS_FILE : S_ISDIR(st.st_mode) ? FS_FOLDER : FS_OTHER,
	};
	return 0;
}

static int real_link(struct fs *fs, const char *from, const char *to, struct err *e)
{
	(void)fs;
	return link(from, to) < 0 ? err_sys(e, errno, "link %s to %s", from, to) : 0;
}

static int real_rename(struct fs *fs, const char *from, const char *to, struct err *e)
{
	(void)fs;
	return rename(from, to) < 0 ? err_sys(e, errno, "rename %s to %s", from, to) : 0;
}

static int real_unlink(struct fs *fs, const char *path, struct err *e)
{
	(void)fs;
	return unlink(path) < 0 ? err_sys(e, errno, "remove %s", path) : 0;
}

static int real_mkdir(struct fs *fs, const char *path, struct err *e)
{
	(void)fs;
	return mkdir(path, FOLDER_MODE) < 0 ? err_sys(e, errno, "make folder %s", path) : 0;
}

static int list_names(DIR *folder, const char *path, fs_list_fn *each, void *context, struct err *e)
{
	while (true) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(folder);
		if (entry == NULL)
			return errno != 0 ? err_sys(e, errno, "list %s", path) : 0;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			TRY(each(context, entry->d_name, e));
	}
}

static int real_list(struct fs *fs, const char *path, fs_list_fn *each, void *context,
                     struct err *e)
{
	DIR *folder = opendir(path);
	int  rc;

	(void)fs;
	if (folder == NULL)
		return err_sys(e, errno, "list %s", path);
	rc = list_names(folder, path, each, context, e);
	(void)closedir(folder);
	return rc;
}

static int real_sync_folder(struct fs *fs, const char *path, struct err *e)
{
	int fd = UNINTERRUPTED(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int rc = 0;

	(void)fs;
	if (fd < 0)
		return err_sys(e, errno, "open folder %s", path);
	/* EINVAL: a file system that has no such call (some network and FUSE ones). */
	if (UNINTERRUPTED(fsync(fd)) < 0 && errno != EINVAL)
		rc = err_sys(e, errno, "sync folder %s", path);
	(void)close(fd);
	return rc;
}

static int real_sync_all(struct fs *fs, const char *path, struct err *e)
{
	int fd = UNINTERRUPTED(open(path, O_RDONLY | O_CLOEXEC));
	int rc = 0;

	(void)fs;
	if (fd < 0)
		return err_sys(e, errno, "open %s", path);
	if (UNINTERRUPTED(syncfs(fd)) < 0)
		rc = err_sys(e, errno, "sync the file system of %s", path);
	(void)close(fd);
	return rc;
}

struct fs *fs_real(void)
{
	static struct fs real = {
		.open = real_open,
		.read = real_read,
		.write = real_write,
		.sync = real_sync,
		.close = real_close,
		.stat = real_stat,
		.link = real_link,
		.rename = real_rename,
		.unlink = real_unlink,
		.mkdir = real_mkdir,
		.list = real_list,
		.sync_folder = real_sync_folder,
		.sync_all = real_sync_all,
	};

	return &real;
}

/* What can be said in the verbs of any fs; and fs_real_path and fs_keep_mode, which ask the kernel. */
#include "os/fs.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { READ_STEP = 16 << 10 };

/* Length of the folder part of a path, without its last '/': 0 where there is none. */
static size_t parent_len(str path)
{
	size_t len = path.len;

	while (len > 0 && path.ptr[len - 1] != '/')
		len--;
	while (len > 0 && path.ptr[len - 1] == '/')
		len--;
	return len;
}

/* The folder that holds `path`, as a path of its own. */
static const char *parent_of(str path, struct arena *a)
{
	size_t len = parent_len(path);

	if (len > 0)
		return arena_cstr(a, str_head(path, len));
	return path.ptr[0] == '/' ? "/" : ".";
}

static str without_slashes_at_end(const char *path)
{
	str s = str_of(path);

	while (s.len > 1 && s.ptr[s.len - 1] == '/')
		s.len--;
	return s;
}

static int folder_make(struct fs *fs, const char *path, struct arena *a, struct err *e)
{
	struct err     why = ERR_NONE;
	struct fs_stat st;
	int            rc = fs_stat(fs, path, &st, &why);

	if (rc == 0 && st.kind == FS_FOLDER)
		return 0;
	if (rc == 0)
		return err_set(e, ERR_CONFLICT, "%s is wanted as a folder and is none", path);
	rc = fs_mkdir(fs, path, &why);
	if (rc == 0)
		return fs_sync_folder(fs, parent_of(str_of(path), a), e);
	if (rc == ERR_CONFLICT)
		return 0; /* another made it in between */
	*e = why;
	return rc;
}

int fs_mkdirs(struct fs *fs, const char *path, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	str         whole = without_slashes_at_end(path);

	for (size_t end = 1; end <= whole.len; end++)
		if ((end == whole.len || whole.ptr[end] == '/') && whole.ptr[end - 1] != '/')
			TRY(folder_make(fs, arena_cstr(&a, str_head(whole, end)), &a, e));
	return 0;
}

/* From `offset` on, until `size` bytes are there (0: until the end). `hint` is what the caller
 * believes is there: it sizes the first read, and being wrong costs reads, not bytes. */
static int read_on(struct fs *fs, int handle, uint64_t offset, uint64_t size, uint64_t hint,
                   struct buf *out, struct err *e)
{
	uint64_t left = size ? size : UINT64_MAX;
	size_t   first = (size_t)(hint < left ? hint : left), got = 0;
	char    *room = first ? buf_room(out, first) : NULL;
	char     step[READ_STEP];

	if (room != NULL) {
		TRY(fs_read(fs, handle, offset, room, first, &got, e));
		out->len += got;
	}
	offset += got;
	left -= got;
	while (left > 0 && got == first && !buf_over(out)) {
		first = left < sizeof(step) ? (size_t)left : sizeof(step);
		TRY(fs_read(fs, handle, offset, step, first, &got, e));
		buf_bytes(out, step, got);
		offset += got;
		left -= got;
	}
	return 0;
}

int fs_read_range(struct fs *fs, const char *path, uint64_t offset, uint64_t size, struct buf *out,
                  struct err *e)
{
	struct fs_stat st;
	int            handle = -1, rc;

	assert(!buf_over(out));
	TRY(fs_stat(fs, path, &st, e));
	if (st.kind != FS_FILE)
		return err_set(e, ERR_MISSING, "read %s: it is not a regular file", path);
	TRY(fs_open(fs, path, FS_READ, &handle, e));
	rc = read_on(fs, handle, offset, size, st.size > offset ? st.size - offset : 0, out, e);
	fs_close(fs, handle);
	if (rc < 0)
		return err_add(e, "%s", path);
	if (buf_over(out))
		return err_set(e, ERR_LIMIT, "read %s: larger than what there is room for", path);
	return 0;
}

int fs_read_all(struct fs *fs, const char *path, size_t ceiling, struct arena *a, str *out,
                struct err *e)
{
	AUTO(buf) b = BUF(ceiling);

	TRY(fs_read_range(fs, path, 0, 0, &b, e));
	*out = arena_str(a, buf_str(&b));
	return 0;
}

int fs_real_path(const char *path, struct arena *a, str *out, struct err *e)
{
	char        found[PATH_MAX];
	str         whole = without_slashes_at_end(path);
	str         last = str_from(whole, parent_len(whole));
	const char *parent;

	if (realpath(path, found) != NULL) {
		*out = arena_str(a, str_of(found));
		return 0;
	}
	while (last.len > 0 && last.ptr[0] == '/')
		last = str_from(last, 1);
	if (errno != ENOENT || last.len == 0 || str_eq(last, STR(".")) || str_eq(last, STR("..")))
		return err_sys(e, errno, "find %s", path);
	parent = parent_of(whole, a);
	if (realpath(parent, found) == NULL)
		return err_sys(e, errno, "find %s", parent);
	*out = arena_format(a, "%s/" STR_FMT, strcmp(found, "/") == 0 ? "" : found, STR_ARG(last));
	return 0;
}

int fs_keep_mode(const char *from, const char *to, struct err *e)
{
	struct stat st;

	if (stat(from, &st) != 0)
		return err_sys(e, errno, "look at %s", from);
	if (chmod(to, st.st_mode & 0777) != 0)
		return err_sys(e, errno, "set the mode of %s", to);
	return 0;
}

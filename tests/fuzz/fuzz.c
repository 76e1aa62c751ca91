#include "tests/fuzz/fuzz.h"

#include <stdarg.h>

#include "base/buf.h"
#include "codec/sha256.h"
#include "os/fs.h"

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	(void)fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fprintf(stderr, "\n");
	abort();
}

char *fuzz_copy(str bytes, size_t padding)
{
	char *copy = malloc(bytes.len + padding > 0 ? bytes.len + padding : 1);

	if (copy == NULL)
		abort();
	if (bytes.len > 0)
		memcpy(copy, bytes.ptr, bytes.len);
	memset(copy + bytes.len, 0, padding);
	return copy;
}

/* --- one file ------------------------------------------------------------------------------- */

struct one_file {
	struct fs base;
	str       bytes;
	size_t    shown;
};

static int one_open(struct fs *fs, const char *path, int flags, int *handle, struct err *e)
{
	(void)fs, (void)flags;
	if (strcmp(path, FUZZ_FILE) != 0)
		return err_set(e, ERR_MISSING, "%s is not there", path);
	*handle = 1;
	return 0;
}

static int one_read(struct fs *fs, int handle, uint64_t offset, void *into, size_t size, size_t *got, struct err *e)
{
	struct one_file *f = (struct one_file *)fs;
	str              rest = str_from(str_head(f->bytes, f->shown), (size_t)offset);

	(void)handle, (void)e;
	*got = rest.len < size ? rest.len : size;
	if (*got > 0)
		memcpy(into, rest.ptr, *got);
	return 0;
}

static void one_close(struct fs *fs, int handle)
{
	(void)fs, (void)handle;
}

static int one_stat(struct fs *fs, const char *path, struct fs_stat *out, struct err *e)
{
	struct one_file *f = (struct one_file *)fs;

	if (strcmp(path, FUZZ_FILE) != 0)
		return err_set(e, ERR_MISSING, "%s is not there", path);
	*out = (struct fs_stat){.size = f->shown, .mtime_us = (int64_t)f->shown, .inode = 1, .kind = FS_FILE};
	return 0;
}

static int one_list(struct fs *fs, const char *path, fs_list_fn *each, void *context, struct err *e)
{
	(void)fs, (void)each, (void)context;
	return err_set(e, ERR_MISSING, "%s is not there", path); /* the file's own folder is not one to look into */
}

struct fs *fuzz_fs(str bytes, size_t shown)
{
	static struct one_file file;

	file = (struct one_file){{.open = one_open, .read = one_read, .close = one_close, .stat = one_stat, .list = one_list}, bytes, shown};
	return &file.base;
}

void fuzz_sealed(str text, void (*check)(str text))
{
	AUTO(buf) sealed = BUF(0);
	str       line = str_head(text, str_find(text, '\n', 0));
	char      hash[65], *copy = fuzz_copy(text, 0);

	check(str_make(copy, text.len));
	free(copy);
	sha256_hex(line, hash);
	buf_add(&sealed, line);
	buf_print(&sealed, "\nsha256:%s\n", hash);
	copy = fuzz_copy(buf_str(&sealed), 0);
	check(str_make(copy, sealed.len));
	free(copy);
}

#include <sys/stat.h>
#include <unistd.h>

#include "os/fs.h"
#include "tests/lib/test.h"

static const char *in_folder(struct arena *a, const char *folder, const char *name)
{
	return arena_format(a, "%s/%s", folder, name).ptr;
}

static void file_write(const char *path, str body)
{
	struct err e = ERR_NONE;
	int        handle = -1;

	CHECK_OK(fs_open(fs_real(), path, FS_WRITE | FS_TRUNCATE, &handle, &e), &e);
	CHECK_OK(fs_write(fs_real(), handle, body.ptr, body.len, &e), &e);
	CHECK_OK(fs_sync(fs_real(), handle, &e), &e);
	fs_close(fs_real(), handle);
}

TEST(fs_writes_what_it_reads)
{
	struct err  e = ERR_NONE;
	AUTO(arena) a = ARENA_INIT;
	const char *path = in_folder(&a, test_folder(), "file");
	char        bytes[16];
	size_t      got = 0;
	int         handle = -1;
	str         all;

	file_write(path, STR("0123456789"));
	CHECK_OK(fs_open(fs_real(), path, FS_WRITE | FS_APPEND, &handle, &e), &e);
	CHECK_OK(fs_write(fs_real(), handle, "ab", 2, &e), &e);
	fs_close(fs_real(), handle);
	CHECK_OK(fs_read_all(fs_real(), path, 100, &a, &all, &e), &e);
	CHECK_STR(all, STR("0123456789ab"));

	CHECK_OK(fs_open(fs_real(), path, FS_READ, &handle, &e), &e);
	CHECK_OK(fs_read(fs_real(), handle, 8, bytes, sizeof(bytes), &got, &e), &e);
	CHECK_STR(str_make(bytes, got), STR("89ab"));
	CHECK_OK(fs_read(fs_real(), handle, 99, bytes, sizeof(bytes), &got, &e), &e);
	CHECK_INT(got, 0);
	fs_close(fs_real(), handle);
	fs_close(fs_real(), -1);
}

TEST(fs_keeps_to_the_umask)
{
	AUTO(arena) a = ARENA_INIT;
	const char *path = in_folder(&a, test_folder(), "file");
	mode_t      before = umask(027);
	struct stat st;

	file_write(path, STR("x"));
	(void)umask(before);
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0640);
}

TEST(fs_reads_ranges_and_stops_at_a_ceiling)
{
	struct err  e = ERR_NONE;
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf)   b = BUF(0);
	AUTO(buf)   large = BUF(0);
	const char *path = in_folder(&a, test_folder(), "file");
	str         all;

	for (unsigned i = 0; i < 20000; i++)
		buf_u32le(&large, i);
	file_write(path, buf_str(&large));
	CHECK_OK(fs_read_range(fs_real(), path, 40000, 39999, &b, &e), &e);
	CHECK_STR(buf_str(&b), str_head(str_from(buf_str(&large), 40000), 39999));
	buf_clear(&b);
	CHECK_OK(fs_read_range(fs_real(), path, 79996, 1000, &b, &e), &e);
	CHECK_INT(b.len, 4);
	CHECK_OK(fs_read_range(fs_real(), path, 80001, 0, &b, &e), &e);
	CHECK_INT(b.len, 4);
	CHECK_OK(fs_read_all(fs_real(), path, 80000, &a, &all, &e), &e);
	CHECK_INT(all.len, 80000);
	CHECK_ERR(fs_read_all(fs_real(), path, 79999, &a, &all, &e), ERR_LIMIT);
	CHECK_ERR(fs_read_all(fs_real(), test_folder(), 10, &a, &all, &e), ERR_MISSING);
}

TEST(fs_reads_files_that_hide_their_size)
{
	struct err  e = ERR_NONE;
	AUTO(arena) a = ARENA_INIT;
	str         all;

	CHECK_OK(fs_read_all(fs_real(), "/proc/self/status", 1 << 20, &a, &all, &e), &e);
	CHECK(str_starts(all, STR("Name:")));
	CHECK_ERR(fs_read_all(fs_real(), "/proc/self/status", 10, &a, &all, &e), ERR_LIMIT);
}

TEST(fs_says_what_failed_and_with_which_class)
{
	struct err     e = ERR_NONE;
	AUTO(arena)    a = ARENA_INIT;
	const char    *folder = test_folder();
	const char    *path = in_folder(&a, folder, "file");
	const char    *other = in_folder(&a, folder, "other");
	struct fs_stat st;
	int            handle = -1;

	CHECK_ERR(fs_open(fs_real(), path, FS_READ, &handle, &e), ERR_MISSING);
	CHECK_STR(str_of(e.text), arena_format(&a, "open %s: No such file or directory", path));
	CHECK_INT(handle, -1);
	CHECK_ERR(fs_stat(fs_real(), path, &st, &e), ERR_MISSING);
	CHECK_ERR(fs_unlink(fs_real(), path, &e), ERR_MISSING);
	file_write(path, STR("1"));
	file_write(other, STR("2"));
	CHECK_ERR(fs_open(fs_real(), path, FS_WRITE | FS_EXCLUSIVE, &handle, &e), ERR_CONFLICT);
	CHECK_ERR(fs_link(fs_real(), path, other, &e), ERR_CONFLICT);
	CHECK_ERR(fs_mkdir(fs_real(), folder, &e), ERR_CONFLICT);
	CHECK_OK(fs_rename(fs_real(), path, other, &e), &e);
	CHECK_ERR(fs_stat(fs_real(), path, &st, &e), ERR_MISSING);
	CHECK_OK(fs_stat(fs_real(), other, &st, &e), &e);
	CHECK_INT(st.size, 1);
	CHECK_INT(st.kind, FS_FILE);
	CHECK(st.mtime_us > 1700000000000000);
}

TEST(fs_makes_folders_with_their_parents)
{
	struct err     e = ERR_NONE;
	AUTO(arena)    a = ARENA_INIT;
	const char    *folder = test_folder();
	struct fs_stat st;

	CHECK_OK(fs_mkdirs(fs_real(), in_folder(&a, folder, "a//b/c/"), &e), &e);
	CHECK_OK(fs_mkdirs(fs_real(), in_folder(&a, folder, "a/b/c"), &e), &e);
	CHECK_OK(fs_stat(fs_real(), in_folder(&a, folder, "a/b/c"), &st, &e), &e);
	CHECK_INT(st.kind, FS_FOLDER);
	CHECK_OK(fs_sync_folder(fs_real(), folder, &e), &e);
	CHECK_OK(fs_mkdirs(fs_real(), "/", &e), &e);
	file_write(in_folder(&a, folder, "file"), STR(""));
	CHECK_ERR(fs_mkdirs(fs_real(), in_folder(&a, folder, "file/x"), &e), ERR_CONFLICT);
	CHECK_INT(e.class, ERR_CONFLICT);
}

static int stop_at_second(void *context, const char *name, struct err *e)
{
	int *seen = context;

	CHECK(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
	return ++*seen == 2 ? err_set(e, ERR_STOPPED, "enough") : 0;
}

TEST(fs_list_stops_when_told)
{
	struct err  e = ERR_NONE;
	AUTO(arena) a = ARENA_INIT;
	const char *folder = test_folder();
	int         seen = 0;

	for (char name[] = "a"; name[0] < 'e'; name[0]++)
		file_write(in_folder(&a, folder, name), STR(""));
	CHECK_ERR(fs_list(fs_real(), folder, stop_at_second, &seen, &e), ERR_STOPPED);
	CHECK_INT(seen, 2);
	CHECK_ERR(fs_list(fs_real(), in_folder(&a, folder, "none"), stop_at_second, &seen, &e),
	          ERR_MISSING);
}

TEST(fs_real_path_resolves_links_and_keeps_a_new_name)
{
	struct err  e = ERR_NONE;
	AUTO(arena) a = ARENA_INIT;
	const char *folder = test_folder();
	str         real, path;

	CHECK_OK(fs_real_path(folder, &a, &real, &e), &e);
	CHECK_OK(fs_mkdirs(fs_real(), in_folder(&a, folder, "to"), &e), &e);
	CHECK_INT(symlink("to", in_folder(&a, folder, "link")), 0);
	CHECK_OK(fs_real_path(in_folder(&a, folder, "link/../link/"), &a, &path, &e), &e);
	CHECK_STR(path, arena_format(&a, STR_FMT "/to", STR_ARG(real)));
	CHECK_OK(fs_real_path(in_folder(&a, folder, "link/new"), &a, &path, &e), &e);
	CHECK_STR(path, arena_format(&a, STR_FMT "/to/new", STR_ARG(real)));
	CHECK_OK(fs_real_path("/no-such-name", &a, &path, &e), &e);
	CHECK_STR(path, STR("/no-such-name"));
	CHECK_OK(fs_real_path("/", &a, &path, &e), &e);
	CHECK_STR(path, STR("/"));
	CHECK_OK(fs_real_path("no-such-name", &a, &path, &e), &e);
	CHECK(path.ptr[0] == '/' && str_ends(path, STR("/no-such-name")));
	CHECK_ERR(fs_real_path(in_folder(&a, folder, "none/new"), &a, &path, &e), ERR_MISSING);
}

TEST(fs_keep_mode_gives_what_another_has)
{
	struct err  e = ERR_NONE;
	AUTO(arena) a = ARENA_INIT;
	const char *folder = test_folder(), *from = in_folder(&a, folder, "from"), *to = in_folder(&a, folder, "to");
	struct stat st;

	file_write(from, STR("secret"));
	file_write(to, STR("copy"));
	CHECK_INT(chmod(from, 0600), 0);
	CHECK_INT(chmod(to, 0644), 0);
	CHECK_OK(fs_keep_mode(from, to, &e), &e);
	CHECK_INT(stat(to, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK_ERR(fs_keep_mode(in_folder(&a, folder, "none"), to, &e), ERR_MISSING);
	CHECK_ERR(fs_keep_mode(from, in_folder(&a, folder, "none"), &e), ERR_MISSING);
}

static int bad_sync(struct fs *fs, int handle, struct err *e)
{
	(void)fs;
	return err_set(e, ERR_IO, "sync file %d: broken", handle);
}

TEST(fs_never_says_that_a_failed_sync_may_be_tried_again)
{
	struct fs  broken = *fs_real();
	struct err e = ERR_NONE;

	broken.sync = bad_sync;
	CHECK(!err_is_retriable(fs_sync(&broken, 7, &e)));
	CHECK(!err_is_retriable(e.class));
}

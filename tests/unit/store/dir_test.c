/* What only the dir kind can get wrong: syncs, temporary files, folders. */
#include <unistd.h>

#include "os/fs.h"
#include "store/store.h"
#include "tests/lib/test.h"

/* The real files, with a say in what fails and a record of what was synced. */
static struct {
	struct fs    fs;
	const char  *sync_folder_fails; /* a part of the path */
	bool         write_fails, sync_fails, sync_all_fails;
	int          sync_all_passes; /* so many do not fail yet */
	int          links_lost; /* so many are done, and say that they were not */
	struct arena arena;
	str          log; /* calls that matter, in order, with paths below the store's root */
	size_t       root_len;
} spy;

static void spy_log(const char *verb, const char *path)
{
	const char *below = strlen(path) > spy.root_len ? path + spy.root_len + 1 : "";

	if (str_starts(str_of(below), STR(".tmp/")))
		below = "TEMP";
	spy.log = arena_format(&spy.arena, STR_FMT "%s%s %s", STR_ARG(spy.log),
	                       spy.log.len ? "; " : "", verb, below);
}

static int spy_write(struct fs *fs, int handle, const void *from, size_t size, struct err *e)
{
	(void)fs;
	if (spy.write_fails)
		return err_set(e, ERR_IO, "write file %d: no space", handle);
	return fs_real()->write(fs_real(), handle, from, size, e);
}

static int spy_sync(struct fs *fs, int handle, struct err *e)
{
	(void)fs;
	spy_log("sync", "");
	if (spy.sync_fails)
		return err_set(e, ERR_IO, "sync file %d: broken", handle);
	return fs_real()->sync(fs_real(), handle, e);
}

static int spy_link(struct fs *fs, const char *from, const char *to, struct err *e)
{
	(void)fs;
	spy_log("link", to);
	if (spy.links_lost-- > 0 && fs_real()->link(fs_real(), from, to, e) == 0)
		return err_set(e, ERR_IO, "link %s to %s: no answer", from, to);
	return fs_real()->link(fs_real(), from, to, e);
}

static int spy_rename(struct fs *fs, const char *from, const char *to, struct err *e)
{
	(void)fs;
	spy_log("rename", to);
	return fs_real()->rename(fs_real(), from, to, e);
}

static int spy_unlink(struct fs *fs, const char *path, struct err *e)
{
	(void)fs;
	spy_log("unlink", path);
	return fs_real()->unlink(fs_real(), path, e);
}

static int spy_mkdir(struct fs *fs, const char *path, struct err *e)
{
	(void)fs;
	spy_log("mkdir", path);
	return fs_real()->mkdir(fs_real(), path, e);
}

static int spy_sync_folder(struct fs *fs, const char *path, struct err *e)
{
	(void)fs;
	spy_log("sync_folder", path);
	if (spy.sync_folder_fails != NULL && strstr(path, spy.sync_folder_fails) != NULL)
		return err_set(e, ERR_IO, "sync folder %s: broken", path);
	return fs_real()->sync_folder(fs_real(), path, e);
}

static int spy_sync_all(struct fs *fs, const char *path, struct err *e)
{
	(void)fs;
	spy_log("sync_all", path);
	if (spy.sync_all_fails && spy.sync_all_passes-- <= 0)
		return err_set(e, ERR_IO, "sync the file system of %s: broken", path);
	return fs_real()->sync_all(fs_real(), path, e);
}

static struct store *spy_open(void)
{
	const char   *folder = test_folder();
	struct store *s = NULL;
	struct err    e = ERR_NONE;

	memset(&spy, 0, sizeof(spy));
	spy.fs = *fs_real();
	spy.fs.write = spy_write;
	spy.fs.sync = spy_sync;
	spy.fs.link = spy_link;
	spy.fs.rename = spy_rename;
	spy.fs.unlink = spy_unlink;
	spy.fs.mkdir = spy_mkdir;
	spy.fs.sync_folder = spy_sync_folder;
	spy.fs.sync_all = spy_sync_all;
	spy.root_len = strlen(folder);
	CHECK_OK(store_open_dir(&spy.fs, folder, &s, &e), &e);
	spy.log = STR("");
	return s;
}

static void log_is(const char *want)
{
	CHECK_STR(spy.log, str_of(want));
	spy.log = STR("");
}

static int count_name(void *context, const char *name, struct err *e)
{
	(void)name, (void)e;
	++*(int *)context;
	return 0;
}

static int temp_count(const struct store *s)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;
	int         count = 0;
	str         temp = arena_format(&a, STR_FMT "/.tmp", STR_ARG(s->root));

	CHECK_OK(fs_list(fs_real(), temp.ptr, count_name, &count, &e), &e);
	return count;
}

TEST(dir_syncs_bytes_before_the_name_and_the_name_before_yes)
{
	AUTO_PTR(store) s = spy_open();
	struct err      e = ERR_NONE;

	CHECK_OK(store_put_new(s, STR("a/b/c"), STR("1"), &e), &e);
	log_is("mkdir a; sync_folder ; mkdir a/b; sync_folder a; "
	       "sync ; link a/b/c; unlink TEMP; sync_folder a/b");
	CHECK_OK(store_put_new(s, STR("a/b/d"), STR("1"), &e), &e);
	log_is("sync ; link a/b/d; unlink TEMP; sync_folder a/b");
	CHECK_ERR(store_put_new(s, STR("a/b/d"), STR("1"), &e), ERR_CONFLICT);
	log_is("sync ; link a/b/d; unlink TEMP; sync_folder a/b");
	CHECK_OK(store_replace(s, STR("hint"), STR("1"), &e), &e);
	log_is("sync ; rename hint; sync_folder ");
	arena_done(&spy.arena);
}

TEST(dir_puts_soon_without_a_sync_and_settles_with_one)
{
	AUTO_PTR(store) s = spy_open();
	struct err      e = ERR_NONE;

	CHECK_OK(store_put_soon(s, STR("a/b/c"), STR("1"), &e), &e);
	log_is("mkdir a; mkdir a/b; link a/b/c; unlink TEMP");
	CHECK_OK(store_settle(s, &e), &e);
	log_is("sync_all ");
	CHECK_OK(store_put_new(s, STR("a/b/d"), STR("1"), &e), &e); /* its folder lasts since the settle */
	log_is("sync ; link a/b/d; unlink TEMP; sync_folder a/b");
	CHECK_OK(store_put_soon(s, STR("x/y"), STR("1"), &e), &e);
	log_is("mkdir x; link x/y; unlink TEMP");
	CHECK_OK(store_put_new(s, STR("x/z"), STR("1"), &e), &e); /* and this one does not yet */
	log_is("mkdir x; sync_folder ; sync ; link x/z; unlink TEMP; sync_folder x");
	arena_done(&spy.arena);
}

static void put_three(struct store *s, struct store_put puts[3])
{
	puts[0] = (struct store_put){.key = STR("a/1"), .body = STR("1")};
	puts[1] = (struct store_put){.key = STR("b/c/1"), .body = STR("1")};
	puts[2] = (struct store_put){.key = STR("a/2"), .body = STR("1")};
	store_put_many(s, puts, 3);
}

TEST(dir_syncs_the_bytes_of_many_before_their_names_and_all_names_before_yes)
{
	AUTO_PTR(store)  s = spy_open();
	struct err       e = ERR_NONE;
	struct store_put puts[3];

	CHECK_OK(store_put_soon(s, STR("soon"), STR("1"), &e), &e);
	put_three(s, puts);
	log_is("link soon; unlink TEMP; mkdir a; mkdir b; mkdir b/c; sync_all ; "
	       "link a/1; unlink TEMP; link b/c/1; unlink TEMP; link a/2; unlink TEMP; sync_all ");
	for (int i = 0; i < 3; i++)
		CHECK_INT(puts[i].e.class, 0);
	CHECK_OK(store_remove(s, STR("b/c/1"), &e), &e);
	spy.log = STR("");
	put_three(s, puts); /* that a name is taken is said once it lasts too */
	log_is("sync_all ; link a/1; unlink TEMP; link b/c/1; unlink TEMP; link a/2; unlink TEMP; sync_all ");
	CHECK_INT(puts[0].e.class, ERR_CONFLICT);
	CHECK_INT(puts[1].e.class, 0);
	CHECK_OK(store_remove(s, STR("a/1"), &e), &e);
	spy.log = STR("");
	store_put_many(s, puts, 1);
	log_is("sync_all ; link a/1; unlink TEMP; sync_folder a");
	CHECK_INT(puts[0].e.class, 0);
	arena_done(&spy.arena);
}

TEST(dir_syncs_the_bytes_of_hints_and_leaves_their_names_for_later)
{
	AUTO_PTR(store)  s = spy_open();
	struct store_put hints[] = {{.key = STR("a/hint"), .body = STR("1")}, {.key = STR("b/hint"), .body = STR("2")}};

	store_replace_many(s, hints, 2);
	log_is("mkdir a; mkdir b; sync_all ; rename a/hint; rename b/hint");
	store_replace_many(s, hints, 1);
	log_is("sync ; rename a/hint");
	CHECK_INT(hints[0].e.class, 0);
	arena_done(&spy.arena);
}

TEST(dir_leaves_nothing_behind_when_many_fail)
{
	AUTO_PTR(store)  s = spy_open();
	struct err       e = ERR_NONE;
	struct store_put puts[3];
	uint64_t         size;

	spy.write_fails = true;
	put_three(s, puts);
	for (int i = 0; i < 3; i++)
		CHECK_INT(puts[i].e.class, ERR_IO);
	store_replace_many(s, puts, 2);
	CHECK_INT(puts[0].e.class, ERR_IO);
	spy.write_fails = false;
	spy.sync_all_fails = true; /* of the bytes: no name is given */
	put_three(s, puts);
	spy.sync_all_fails = false;
	for (int i = 0; i < 3; i++) {
		CHECK_INT(puts[i].e.class, ERR_CORRUPT);
		CHECK_ERR(store_size(s, puts[i].key, &size, &e), ERR_MISSING);
	}
	put_three(s, puts); /* and nothing more is put */
	CHECK_INT(puts[0].e.class, ERR_CORRUPT);
	store_replace_many(s, puts, 2);
	CHECK_INT(puts[0].e.class, ERR_CORRUPT);
	CHECK_INT(temp_count(s), 0);
	arena_done(&spy.arena);
}

/* The names can be read back, but a crash may take them away: that must not become a yes. */
TEST(dir_never_says_yes_to_many_names_that_are_not_safe)
{
	for (int is_one = 0; is_one < 2; is_one++) {
		AUTO_PTR(store)  s = spy_open();
		struct err       e = ERR_NONE;
		struct store_put puts[2] = {{.key = STR("a/1"), .body = STR("1")}, {.key = STR("a/2"), .body = STR("1")}};

		CHECK_OK(store_put_new(s, STR("a/2"), STR("2"), &e), &e);
		spy.sync_all_passes = 1;
		spy.sync_all_fails = !is_one;
		spy.sync_folder_fails = is_one ? "/a" : NULL;
		store_put_many_sure(s, puts, is_one ? 1 : 2);
		CHECK_INT(puts[0].e.class, ERR_CORRUPT);
		if (!is_one)
			CHECK_INT(puts[1].e.class, ERR_CORRUPT); /* "taken" is built on as well */
		CHECK_INT(temp_count(s), 0);
		arena_done(&spy.arena);
	}
}

/* It is read back and believed, so its name must last; and what was put soon before must, too. */
TEST(dir_settles_one_of_many_whose_answer_was_lost)
{
	AUTO_PTR(store)  s = spy_open();
	struct store_put puts[2] = {{.key = STR("a/1"), .body = STR("1")}, {.key = STR("a/2"), .body = STR("1")}};

	spy.links_lost = 1;
	store_put_many_sure(s, puts, 2);
	CHECK_INT(puts[0].e.class, 0);
	CHECK_INT(puts[1].e.class, 0);
	log_is("mkdir a; sync_all ; link a/1; unlink TEMP; link a/2; unlink TEMP; sync_all ; "
	       "sync_all ; sync ; link a/1; unlink TEMP; sync_folder a");
	arena_done(&spy.arena);
}

TEST(dir_syncs_folders_that_another_has_made)
{
	AUTO_PTR(store) s = spy_open();
	AUTO(arena)     a = ARENA_INIT;
	struct err      e = ERR_NONE;

	CHECK_OK(fs_mkdir(fs_real(), arena_format(&a, STR_FMT "/a", STR_ARG(s->root)).ptr, &e), &e);
	CHECK_OK(store_put_new(s, STR("a/k"), STR("1"), &e), &e);
	log_is("mkdir a; sync_folder ; sync ; link a/k; unlink TEMP; sync_folder a");
	arena_done(&spy.arena);
}

TEST(dir_leaves_nothing_behind_when_a_put_fails)
{
	AUTO_PTR(store) s = spy_open();
	struct err      e = ERR_NONE;
	uint64_t        size;

	spy.write_fails = true;
	CHECK_ERR(store_put_new(s, STR("k"), STR("1"), &e), ERR_IO);
	CHECK_ERR(store_replace(s, STR("k"), STR("1"), &e), ERR_IO);
	spy.write_fails = false;
	spy.sync_fails = true;
	CHECK(!err_is_retriable(store_put_new(s, STR("k"), STR("1"), &e)));
	CHECK(!err_is_retriable(store_put_sure(s, STR("k"), STR("1"), &e)));
	spy.sync_fails = false;
	CHECK_ERR(store_size(s, STR("k"), &size, &e), ERR_MISSING);
	CHECK_INT(temp_count(s), 0);
	arena_done(&spy.arena);
}

/* The name can be read back, but a crash may take it away: that must not become a yes. */
TEST(dir_never_says_yes_to_a_name_that_is_not_safe)
{
	AUTO_PTR(store) s = spy_open();
	struct err      e = ERR_NONE;

	CHECK_OK(store_put_new(s, STR("a/k"), STR("1"), &e), &e);
	spy.sync_folder_fails = "/a";
	CHECK_ERR(store_put_sure(s, STR("a/l"), STR("1"), &e), ERR_CORRUPT);
	CHECK_ERR(store_put_sure(s, STR("a/k"), STR("1"), &e), ERR_CORRUPT);
	CHECK_ERR(store_replace(s, STR("a/k"), STR("1"), &e), ERR_CORRUPT);
	CHECK_INT(temp_count(s), 0);
	arena_done(&spy.arena);
}

/* It is read back and believed, so its name must last. */
TEST(dir_syncs_the_name_of_a_put_whose_answer_was_lost)
{
	AUTO_PTR(store) s = spy_open();
	struct err      e = ERR_NONE;

	CHECK_OK(store_put_new(s, STR("a/k"), STR("1"), &e), &e);
	spy.log = STR("");
	spy.links_lost = 1;
	CHECK_OK(store_put_sure(s, STR("a/l"), STR("1"), &e), &e);
	log_is("sync ; link a/l; unlink TEMP; sync_folder a");
	arena_done(&spy.arena);
}

static void nothing_is_put(struct store *s)
{
	struct err e = ERR_NONE;

	CHECK_ERR(store_put_new(s, STR("a/n"), STR("1"), &e), ERR_CORRUPT);
	CHECK_ERR(store_put_soon(s, STR("a/n"), STR("1"), &e), ERR_CORRUPT);
	CHECK_ERR(store_replace(s, STR("a/n"), STR("1"), &e), ERR_CORRUPT);
	CHECK_ERR(store_settle(s, &e), ERR_CORRUPT);
	log_is("");
}

/* Whoever asked for the sync that failed may not have minded; the next one asks for more than it can have. */
TEST(dir_puts_nothing_more_once_a_sync_has_failed)
{
	for (int which = 0; which < 3; which++) {
		AUTO_PTR(store) s = spy_open();
		struct err      e = ERR_NONE;

		CHECK_OK(store_put_new(s, STR("a/k"), STR("1"), &e), &e);
		spy.sync_fails = which == 0;
		spy.sync_folder_fails = which == 1 ? "/a" : NULL;
		spy.sync_all_fails = which == 2;
		CHECK_ERR(which < 2 ? store_replace(s, STR("a/hint"), STR("1"), &e) : store_settle(s, &e), ERR_CORRUPT);
		spy.sync_fails = spy.sync_all_fails = false;
		spy.sync_folder_fails = NULL;
		spy.log = STR("");
		nothing_is_put(s);
		arena_done(&spy.arena);
	}
}

TEST(dir_is_not_hurt_by_files_left_behind_or_folders_taken_away)
{
	AUTO_PTR(store) s = spy_open();
	AUTO(arena)     a = ARENA_INIT;
	struct err      e = ERR_NONE;
	const char     *folder = arena_format(&a, STR_FMT "/a", STR_ARG(s->root)).ptr;
	const char     *temp = arena_format(&a, STR_FMT "/.tmp", STR_ARG(s->root)).ptr;

	CHECK_INT(rmdir(temp), 0);
	CHECK_OK(store_put_new(s, STR("a/k"), STR("1"), &e), &e);
	CHECK_OK(store_remove(s, STR("a/k"), &e), &e);
	CHECK_INT(rmdir(folder), 0);
	CHECK_OK(store_put_new(s, STR("a/k"), STR("2"), &e), &e);
	CHECK_INT(temp_count(s), 0);
	arena_done(&spy.arena);
}

static int deny(struct fs *fs, const char *path, struct err *e)
{
	(void)fs;
	return err_set(e, ERR_DENIED, "%s: not now", path);
}

TEST(dir_steps_over_the_temporary_file_of_a_writer_that_died)
{
	AUTO_PTR(store) s = spy_open();
	AUTO(buf)       b = BUF(0);
	struct err      e = ERR_NONE;

	spy.fs.unlink = deny;
	CHECK_OK(store_put_new(s, STR("k"), STR("1"), &e), &e);
	CHECK_ERR(store_put_new(s, STR("k"), STR("22"), &e), ERR_CONFLICT);
	spy.fs.unlink = spy_unlink;
	CHECK_INT(temp_count(s), 2);
	CHECK_OK(store_replace(s, STR("k"), STR("333"), &e), &e);
	CHECK_INT(temp_count(s), 2);
	CHECK_OK(store_get(s, STR("k"), 0, 0, &b, &e), &e);
	CHECK_STR(buf_str(&b), STR("333"));
	arena_done(&spy.arena);
}

TEST(dir_that_may_only_be_read_is_read)
{
	AUTO_PTR(store) s = spy_open();
	AUTO_PTR(store) again = NULL;
	AUTO(arena)     a = ARENA_INIT;
	AUTO(buf)       b = BUF(0);
	struct err      e = ERR_NONE;

	CHECK_OK(store_put_new(s, STR("k"), STR("1"), &e), &e);
	CHECK_INT(rmdir(arena_format(&a, STR_FMT "/.tmp", STR_ARG(s->root)).ptr), 0);
	spy.fs.mkdir = deny;
	CHECK_OK(store_open_dir(&spy.fs, s->root.ptr, &again, &e), &e);
	CHECK_OK(store_get(again, STR("k"), 0, 0, &b, &e), &e);
	CHECK_ERR(store_put_new(again, STR("l"), STR("1"), &e), ERR_DENIED);
	arena_done(&spy.arena);
}

static int no_key(void *context, str key, uint64_t size, struct err *e)
{
	(void)context, (void)size;
	return err_set(e, ERR_CORRUPT, "listed " STR_FMT, STR_ARG(key));
}

TEST(dir_opens_where_it_is_told)
{
	AUTO_PTR(store) s = NULL;
	AUTO_PTR(store) again = NULL;
	AUTO(arena)     a = ARENA_INIT;
	struct err      e = ERR_NONE;
	const char     *folder = test_folder();
	int             handle = -1;
	str             root;

	CHECK_ERR(store_open_dir(fs_real(), "", &s, &e), ERR_INPUT);
	CHECK_ERR(store_open_dir(&spy.fs, "relative", &s, &e), ERR_INPUT);
	CHECK(s == NULL);
	CHECK_OK(store_open_dir(fs_real(), arena_format(&a, "%s/new/../new/lake/", folder).ptr, &s,
	                        &e), &e);
	CHECK_OK(fs_real_path(folder, &a, &root, &e), &e);
	CHECK_STR(s->root, arena_format(&a, STR_FMT "/new/lake", STR_ARG(root)));
	CHECK_OK(store_open_dir(fs_real(), s->root.ptr, &again, &e), &e);

	/* Names that are no keys are not ours to show. */
	CHECK_OK(fs_open(fs_real(), arena_format(&a, STR_FMT "/a b", STR_ARG(s->root)).ptr,
	                 FS_WRITE, &handle, &e), &e);
	fs_close(fs_real(), handle);
	CHECK_OK(fs_open(fs_real(), arena_format(&a, STR_FMT "/.tmp/x", STR_ARG(s->root)).ptr,
	                 FS_WRITE, &handle, &e), &e);
	fs_close(fs_real(), handle);
	CHECK_OK(store_list(s, STR(""), STR(""), no_key, NULL, &e), &e);
}

/* What cannot be read for the moment: the others go on, and it is tried again. The clock is the test's. */
#include <unistd.h>

#include "os/clock.h"
#include "os/fs.h"
#include "tests/lib/test.h"
#include "tests/unit/source/gather.h"

/* The real files, but what has "bad" in its path does not answer to some verbs. */
static struct {
	struct fs fs;
	int       class; /* 0: all is well */
	bool      open, read, stat, list;
	uint64_t  good_bytes; /* read: up to there */
	int       bad_handle, opened; /* the handle of a bad file; how often one was opened */
} rig;

static int64_t now_us;

static int64_t test_now(struct clock *c)
{
	(void)c;
	return now_us;
}

static struct clock test_clock = {.now_us = test_now, .mono_us = test_now};

static int refuse(bool is_asked, const char *verb, const char *path, struct err *e)
{
	if (rig.class == 0 || !is_asked || strstr(path, "bad") == NULL)
		return 0;
	return err_set(e, (enum err_class)rig.class, "%s %s: the cable is out", verb, path);
}

static int rig_open(struct fs *fs, const char *path, int flags, int *handle, struct err *e)
{
	(void)fs;
	rig.opened += strstr(path, "bad") != NULL;
	TRY(refuse(rig.open, "open", path, e));
	TRY(fs_open(fs_real(), path, flags, handle, e));
	if (strstr(path, "bad") != NULL)
		rig.bad_handle = *handle;
	return 0;
}

static int rig_read(struct fs *fs, int handle, uint64_t offset, void *into, size_t size, size_t *got, struct err *e)
{
	(void)fs;
	if (handle == rig.bad_handle && offset + size > rig.good_bytes)
		TRY(refuse(rig.read, "read", "bad", e));
	return fs_read(fs_real(), handle, offset, into, size, got, e);
}

static int rig_stat(struct fs *fs, const char *path, struct fs_stat *out, struct err *e)
{
	(void)fs;
	TRY(refuse(rig.stat, "stat", path, e));
	return fs_stat(fs_real(), path, out, e);
}

static int rig_list(struct fs *fs, const char *path, fs_list_fn *each, void *context, struct err *e)
{
	(void)fs;
	TRY(refuse(rig.list, "list", path, e));
	return fs_list(fs_real(), path, each, context, e);
}

/* Files a, bad and c, each with one line. */
static const char *rig_make(int class)
{
	const char *folder = test_folder();

	memset(&rig, 0, sizeof(rig));
	rig.fs = *fs_real();
	rig.fs.open = rig_open;
	rig.fs.read = rig_read;
	rig.fs.stat = rig_stat;
	rig.fs.list = rig_list;
	rig.class = class;
	rig.bad_handle = -1;
	file_put(path_of(folder, "a"), STR("1\n"));
	file_put(path_of(folder, "bad"), STR("2\n"));
	file_put(path_of(folder, "c"), STR("3\n"));
	return folder;
}

static int rig_source(struct gather *g, const char *pattern, bool is_following, struct source **out, struct err *e)
{
	static str         glob;
	struct source_conf conf = {.globs = &glob, .glob_count = 1, .is_following = is_following};

	glob = str_of(pattern);
	return source_open_file(&rig.fs, &test_clock, &conf, gather_state, g, out, e);
}

/* All there is now, as texts of all so far; and the notices that came with it, one a line. */
static void check_now(struct gather *g, struct source *s, const char *texts, size_t failures, size_t recoveries)
{
	size_t failed = 0, well = 0;
	int    got;

	do {
		got = gather_run(g, s);
		for (size_t i = 0; i < g->run.notices.count; i++) {
			CHECK(str_find(g->run.notices.at[i].text, '/', 0) < g->run.notices.at[i].text.len);
			failed += g->run.notices.at[i].is_failure;
			well += !g->run.notices.at[i].is_failure;
		}
	} while (got == 1);
	CHECK_INT(got, 0);
	CHECK_STR(gather_texts(g), str_of(texts));
	CHECK_INT(failed, failures);
	CHECK_INT(well, recoveries);
}

static void pass_ms(int64_t ms)
{
	now_us += ms * 1000;
}

TEST(trouble_with_one_file_leaves_it_and_takes_the_others)
{
	static const int classes[] = {ERR_IO, ERR_DENIED, ERR_BUSY, ERR_MISSING};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		const char      *folder = rig_make(classes[i]);
		AUTO(gather)     g = {0};
		AUTO_PTR(source) s = NULL;
		AUTO_PTR(source) again = NULL;
		struct err       e = ERR_NONE;

		rig.open = true;
		CHECK_OK(rig_source(&g, path_of(folder, "*"), false, &s, &e), &e);
		check_now(&g, s, "1\n3\n", 1, 0);
		pass_ms(3600000);
		check_now(&g, s, "1\n3\n", 0, 0); /* not following: it is left */
		CHECK_INT(rig.opened, 1);
		rig.class = 0;
		CHECK_OK(rig_source(&g, path_of(folder, "*"), false, &again, &e), &e);
		check_now(&g, again, "1\n3\n2\n", 0, 0);
	}
}

TEST(trouble_is_said_once_and_tried_again_later_and_later)
{
	const char      *folder = rig_make(ERR_IO);
	AUTO(gather)     g = {0};
	AUTO_PTR(source) s = NULL;
	struct err       e = ERR_NONE;

	rig.open = true;
	CHECK_OK(rig_source(&g, path_of(folder, "*"), true, &s, &e), &e);
	check_now(&g, s, "1\n3\n", 1, 0);
	CHECK_INT(rig.opened, 1);
	pass_ms(200);
	check_now(&g, s, "1\n3\n", 0, 0);
	CHECK_INT(rig.opened, 1);
	pass_ms(60);
	check_now(&g, s, "1\n3\n", 0, 0);
	CHECK_INT(rig.opened, 2);
	for (int i = 0; i < 36000; i++) { /* an hour */
		pass_ms(100);
		check_now(&g, s, "1\n3\n", 0, 0);
	}
	CHECK(rig.opened > 110 && rig.opened < 140); /* one in half a minute */
	file_add(path_of(folder, "a"), STR("4\n"));
	check_now(&g, s, "1\n3\n4\n", 0, 0);
	rig.class = 0;
	pass_ms(30000);
	check_now(&g, s, "1\n3\n4\n2\n", 0, 1);
	rig.class = ERR_IO;
	file_add(path_of(folder, "bad"), STR("5\n"));
	check_now(&g, s, "1\n3\n4\n2\n", 1, 0); /* and is said again when it comes back */
}

TEST(trouble_in_the_middle_leaves_what_was_read_whole)
{
	for (int is_following = 0; is_following < 2; is_following++) {
		const char      *folder = rig_make(ERR_IO);
		AUTO(gather)     g = {0};
		AUTO(buf)        lines = BUF(0), half = BUF(0);
		AUTO_PTR(source) s = NULL;
		AUTO_PTR(source) again = NULL;
		struct err       e = ERR_NONE;

		for (int i = 0; i < 200000; i++)
			buf_print(&lines, "%d\n", i);
		file_put(path_of(folder, "bad"), buf_str(&lines));
		rig.read = true;
		rig.good_bytes = 800000;
		CHECK_OK(rig_source(&g, path_of(folder, "b*"), is_following, &s, &e), &e);
		while (gather_run(&g, s) == 1)
			;
		CHECK(g.records.count > 100 && g.records.count < 200000);
		rig.class = 0;
		pass_ms(1000);
		if (is_following)
			gather_all(&g, s);
		CHECK_OK(rig_source(&g, path_of(folder, "b*"), false, &again, &e), &e);
		gather_all(&g, again);
		CHECK_INT(g.records.count, 200000);
		CHECK(str_eq(gather_texts(&g), buf_str(&lines)));
	}
}

TEST(trouble_of_a_look_at_a_file)
{
	const char      *folder = rig_make(0);
	AUTO(gather)     g = {0};
	AUTO_PTR(source) s = NULL;
	struct err       e = ERR_NONE;

	rig.stat = true;
	CHECK_OK(rig_source(&g, path_of(folder, "*"), true, &s, &e), &e);
	check_now(&g, s, "1\n2\n3\n", 0, 0);
	rig.class = ERR_IO;
	file_add(path_of(folder, "bad"), STR("4\n"));
	file_add(path_of(folder, "c"), STR("5\n"));
	check_now(&g, s, "1\n2\n3\n5\n", 1, 0);
	rig.class = 0;
	pass_ms(1000);
	check_now(&g, s, "1\n2\n3\n5\n4\n", 0, 1);
	rig.class = ERR_IO;
	pass_ms(1000);
	check_now(&g, s, "1\n2\n3\n5\n4\n", 1, 0);
	rig.class = 0;
	pass_ms(1000);
	check_now(&g, s, "1\n2\n3\n5\n4\n", 0, 1); /* well, though there is nothing new in it */
	rig.class = ERR_IO;
	check_now(&g, s, "1\n2\n3\n5\n4\n", 1, 0);
	(void)unlink(path_of(folder, "bad"));
	rig.class = 0;
	pass_ms(1000);
	check_now(&g, s, "1\n2\n3\n5\n4\n", 0, 1); /* gone is an end too */
}

TEST(trouble_from_the_first_look_on)
{
	for (int is_following = 0; is_following < 2; is_following++) {
		const char      *folder = rig_make(ERR_IO);
		AUTO(gather)     g = {0};
		AUTO_PTR(source) s = NULL;
		struct err       e = ERR_NONE;

		rig.stat = true;
		CHECK_OK(rig_source(&g, path_of(folder, "*"), is_following, &s, &e), &e);
		check_now(&g, s, "1\n3\n", 1, 0);
		rig.class = 0;
		pass_ms(1000);
		check_now(&g, s, is_following ? "1\n3\n2\n" : "1\n3\n", 0, is_following ? 1 : 0);
	}
}

TEST(trouble_of_a_folder)
{
	const char      *folder = rig_make(ERR_IO);
	AUTO(gather)     g = {0};
	AUTO_PTR(source) s = NULL;
	AUTO_PTR(source) once = NULL;
	struct err       e = ERR_NONE;

	CHECK_INT(rename(path_of(folder, "bad"), path_of(folder, "b")), 0);
	CHECK_OK(fs_mkdirs(fs_real(), path_of(folder, "bad/in"), &e), &e);
	file_put(path_of(folder, "bad/in/d"), STR("4\n"));
	rig.list = true;
	CHECK_ERR(rig_source(&g, path_of(folder, "**"), true, &s, &e), ERR_IO); /* at the start it is a mistake to be told */
	CHECK_OK(rig_source(&g, path_of(folder, "**"), false, &once, &e), &e);
	check_now(&g, once, "", 1, 0);
	rig.class = 0;
	CHECK_OK(rig_source(&g, path_of(folder, "**"), true, &s, &e), &e);
	check_now(&g, s, "1\n2\n4\n3\n", 0, 0);
	rig.class = ERR_DENIED;
	file_add(path_of(folder, "a"), STR("5\n"));
	pass_ms(1000);
	check_now(&g, s, "1\n2\n4\n3\n5\n", 1, 0);
	file_put(path_of(folder, "bad/in/e"), STR("6\n"));
	pass_ms(1000);
	check_now(&g, s, "1\n2\n4\n3\n5\n", 0, 0);
	rig.class = 0;
	pass_ms(1000);
	check_now(&g, s, "1\n2\n4\n3\n5\n6\n", 0, 1);
}

/* Of the process, or of a state that cannot be read, is no trouble of one file. */
TEST(trouble_is_not_every_failure)
{
	const char      *folder = rig_make(ERR_LIMIT);
	AUTO(gather)     g = {0};
	AUTO_PTR(source) s = NULL;
	struct err       e = ERR_NONE;

	rig.open = true;
	CHECK_OK(rig_source(&g, path_of(folder, "b*"), true, &s, &e), &e);
	CHECK_ERR(source_read(s, &g.run, &e), ERR_LIMIT);
}

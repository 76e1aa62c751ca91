/* Files that grow, come and go while they are followed. The clock is the test's. */
#include <unistd.h>

#include "os/clock.h"
#include "os/fs.h"
#include "tests/lib/test.h"
#include "tests/unit/source/gather.h"

static int64_t now_us;

static int64_t test_now(struct clock *c)
{
	(void)c;
	return now_us;
}

static struct clock test_clock = {.now_us = test_now, .mono_us = test_now};

static struct source *follow(struct gather *g, const char *pattern)
{
	static str         glob;
	struct source_conf conf = {.globs = &glob, .glob_count = 1, .is_following = true};
	struct source     *s = NULL;
	struct err         e = ERR_NONE;

	glob = str_of(pattern);
	CHECK_OK(source_open_file(fs_real(), &test_clock, &conf, gather_state, g, &s, &e), &e);
	return s;
}

static void seconds_pass(int count)
{
	now_us += count * 1000000LL;
}

/* What is there now, as texts of all so far. */
static void check_now(struct gather *g, struct source *s, str want)
{
	gather_all(g, s);
	CHECK_STR(gather_texts(g), want);
}

TEST(follow_takes_lines_when_they_are_whole)
{
	const char      *path = path_of(test_folder(), "a.json");
	AUTO(gather)     g = {0};
	AUTO_PTR(source) s = NULL;

	file_put(path, STR("1\n2"));
	s = follow(&g, path);
	check_now(&g, s, STR("1\n"));
	file_add(path, STR("2"));
	check_now(&g, s, STR("1\n"));
	file_add(path, STR("\n\n3\n"));
	check_now(&g, s, STR("1\n22\n3\n"));
	CHECK_INT(gather_run(&g, s), 0);
	CHECK_INT(g.blank_lines, 1);
}

TEST(follow_takes_a_quiet_line_that_is_an_object)
{
	const char      *path = path_of(test_folder(), "a.json");
	AUTO(gather)     g = {0};
	AUTO_PTR(source) s = NULL;

	file_put(path, STR("{}\n{\"a\":{\"b\":1}}"));
	s = follow(&g, path);
	check_now(&g, s, STR("{}\n"));
	seconds_pass(1);
	check_now(&g, s, STR("{}\n"));
	seconds_pass(1);
	check_now(&g, s, STR("{}\n{\"a\":{\"b\":1}}\n"));
	file_add(path, STR("\n{\"c\":"));
	check_now(&g, s, STR("{}\n{\"a\":{\"b\":1}}\n"));
	seconds_pass(9);
	check_now(&g, s, STR("{}\n{\"a\":{\"b\":1}}\n"));
	file_add(path, STR("0}\n"));
	check_now(&g, s, STR("{}\n{\"a\":{\"b\":1}}\n{\"c\":0}\n"));
}

TEST(follow_finds_new_files_and_forgets_those_that_go)
{
	const char      *folder = test_folder();
	AUTO(gather)     g = {0};
	AUTO_PTR(source) s = follow(&g, path_of(folder, "*.json"));

	check_now(&g, s, STR(""));
	file_put(path_of(folder, "b.json"), STR("1\n"));
	check_now(&g, s, STR("")); /* not looked for again so soon */
	seconds_pass(1);
	check_now(&g, s, STR("1\n"));
	file_put(path_of(folder, "a.json"), STR("2\n"));
	(void)unlink(path_of(folder, "b.json"));
	seconds_pass(1);
	check_now(&g, s, STR("1\n2\n"));
	file_put(path_of(folder, "b.json"), STR("3\n4\n")); /* another, from its start: it begins otherwise */
	seconds_pass(1);
	check_now(&g, s, STR("1\n2\n3\n4\n"));
}

TEST(follow_meets_a_rotated_file)
{
	const char      *folder = test_folder(), *path = path_of(folder, "a.log");
	AUTO(gather)     g = {0};
	AUTO_PTR(source) s = NULL;

	file_put(path, STR("{\"a\":1}\n{\"a\":2}\n"));
	s = follow(&g, path);
	check_now(&g, s, STR("{\"a\":1}\n{\"a\":2}\n"));
	CHECK_INT(rename(path, path_of(folder, "a.log.1")), 0);
	check_now(&g, s, STR("{\"a\":1}\n{\"a\":2}\n"));
	file_put(path, STR("{\"b\":1}\n{\"b\":2}\n"));
	seconds_pass(1);
	check_now(&g, s, STR("{\"a\":1}\n{\"a\":2}\n{\"b\":1}\n{\"b\":2}\n"));
	file_put(path, STR("{\"c\":1}\n")); /* cut and written anew in place */
	check_now(&g, s, STR("{\"a\":1}\n{\"a\":2}\n{\"b\":1}\n{\"b\":2}\n{\"c\":1}\n"));
}

TEST(follow_remembers_what_the_lake_does_not_know_yet)
{
	const char      *path = path_of(test_folder(), "a.log");
	AUTO(gather)     g = {.is_unsettled = true};
	AUTO_PTR(source) s = NULL;

	file_put(path, STR("1\n"));
	s = follow(&g, path);
	check_now(&g, s, STR("1\n"));
	(void)unlink(path);
	seconds_pass(1);
	check_now(&g, s, STR("1\n"));
	file_put(path, STR("1\n2\n"));
	seconds_pass(1);
	check_now(&g, s, STR("1\n2\n"));
}

TEST(follow_waits_for_the_rest_of_a_compressed_file)
{
	const char      *path = path_of(test_folder(), "a.gz");
	AUTO(gather)     g = {0};
	AUTO(buf)        gzip = BUF(0);
	AUTO_PTR(source) s = NULL;

	pack_gzip(STR("{\"a\":1}\n{\"a\":2}\n"), &gzip);
	file_put(path, str_head(buf_str(&gzip), gzip.len - 9));
	s = follow(&g, path);
	gather_all(&g, s);
	for (size_t i = 0; i < g.records.count; i++)
		CHECK_INT(g.records.at[i].fault, RECORD_OK);
	file_put(path, buf_str(&gzip));
	check_now(&g, s, STR("{\"a\":1}\n{\"a\":2}\n"));

	file_put(path, str_head(buf_str(&gzip), gzip.len - 1));
	gather_all(&g, s);
	seconds_pass(3);
	gather_all(&g, s);
	CHECK_INT(g.records.at[g.records.count - 1].fault, RECORD_COMPRESSION);
}

TEST(follow_keeps_framings_and_positions_as_files_grow)
{
	static const char *const parts[] = {"[{\"a", "\":1},{\"a\":2", "}\n", ",{\"a\":3}", "]"};
	const char              *path = path_of(test_folder(), "a.json");
	AUTO(gather)             g = {0};
	AUTO_PTR(source)         s = NULL;

	file_put(path, STR(""));
	s = follow(&g, path);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		file_add(path, str_of(parts[i]));
		seconds_pass(i % 2 ? 3 : 0);
		gather_all(&g, s);
	}
	CHECK_STR(gather_texts(&g), STR("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"));
}

TEST(follow_waits_for_a_header_row)
{
	const char      *path = path_of(test_folder(), "a.csv");
	AUTO(gather)     g = {0};
	AUTO_PTR(source) s = NULL;

	file_put(path, STR("id,na"));
	s = follow(&g, path);
	check_now(&g, s, STR(""));
	file_add(path, STR("me\n1,x\n2"));
	check_now(&g, s, STR("{\"id\":\"1\",\"name\":\"x\"}\n"));
	file_add(path, STR(",y\n"));
	check_now(&g, s, STR("{\"id\":\"1\",\"name\":\"x\"}\n{\"id\":\"2\",\"name\":\"y\"}\n"));
	CHECK(g.is_text_typed);
}

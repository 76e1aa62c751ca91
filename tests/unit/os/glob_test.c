#include <unistd.h>

#include "os/fs.h"
#include "os/glob_int.h"
#include "tests/lib/test.h"

TEST(glob_matches_one_part)
{
	static const struct {
		const char *pattern, *name;
		bool        is_match;
	} rows[] = {
		{"*.json", "a.json", true},        {"*.json", ".json", false},      {"*.json", "a.jsonl", false},
		{"a*b*c", "aXbYbZc", true},        {"a*b*c", "aXbYbZ", false},      {"?", "a", true},
		{"?", "ab", false},                {"*", ".hidden", false},         {".*", ".hidden", true},
		{"[a-c]x", "bx", true},            {"[a-c]x", "dx", false},         {"[!a-c]x", "dx", true},
		{"[^a-c]x", "ax", false},          {"[]a]", "]", true},             {"[[]", "[", true},
		{"[a-]", "-", true},               {"[ab", "[ab", true},            {"x**y", "x1y", true},
		{"[!a]*", ".b", false},            {"", "a", false},                {"a", "a", true},
		{"*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
		{"[z-a]", "b", false},             {"?", "\xFF", true},             {"[\x80-\xFF]", "\xC3", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (glob_match(str_of(rows[i].pattern), str_of(rows[i].name)) != rows[i].is_match)
			test_fail(__FILE__, __LINE__, "%s against %s", rows[i].pattern,
			          rows[i].name);
}

static str braces(struct arena *a, const char *pattern)
{
	struct glob_patterns ways = {0};
	struct err           e = ERR_NONE;
	str                  all = STR("");

	CHECK_OK(glob_braces(str_of(pattern), a, &ways, &e), &e);
	for (size_t i = 0; i < ways.count; i++)
		all = arena_format(a, STR_FMT "%s" STR_FMT, STR_ARG(all), i ? " " : "",
		                   STR_ARG(ways.at[i]));
	VEC_DONE(&ways);
	return all;
}

TEST(glob_opens_braces)
{
	AUTO(arena)          a = ARENA_INIT;
	struct err           e = ERR_NONE;
	struct glob_patterns ways = {0};

	CHECK_STR(braces(&a, "x"), STR("x"));
	CHECK_STR(braces(&a, "a{b,c{d,e}}f"), STR("abf acdf acef"));
	CHECK_STR(braces(&a, "{a,b}{1,}"), STR("a1 a b1 b"));
	CHECK_STR(braces(&a, "{x}{a,b}"), STR("{x}a {x}b"));
	CHECK_STR(braces(&a, "a{b,c"), STR("a{b,c"));
	CHECK_STR(braces(&a, "a}b,c{"), STR("a}b,c{"));
	CHECK_ERR(glob_braces(STR("{1,2,3,4,5,6,7,8}{1,2,3,4,5,6,7,8}{1,2,3,4,5,6,7,8}{1,2,3,4,5,6,7,8}"
	                          "{1,2}"), &a, &ways, &e), ERR_LIMIT);
	VEC_DONE(&ways);
}

static const char *const tree[] = {
	"top.json", "logs/a.json", "logs/b.csv", "logs/2024/c.json", "logs/2024/01/d.json",
	"logs/.hidden/e.json", "logs/.f.json", "logs/2025/g.json", "other/h.json",
};

static const char *tree_make(struct arena *a)
{
	const char *folder = test_folder();
	struct err  e = ERR_NONE;

	for (size_t i = 0; i < sizeof(tree) / sizeof(tree[0]); i++) {
		str    path = arena_format(a, "%s/%s", folder, tree[i]);
		size_t slash = (size_t)(strrchr(path.ptr, '/') - path.ptr);
		int    handle = -1;

		CHECK_OK(fs_mkdirs(fs_real(), arena_cstr(a, str_head(path, slash)), &e), &e);
		CHECK_OK(fs_open(fs_real(), path.ptr, FS_WRITE, &handle, &e), &e);
		fs_close(fs_real(), handle);
	}
	return folder;
}

/* The paths below the folder that a pattern finds there, with blanks between. */
static str found(struct arena *a, const char *folder, const char *pattern)
{
	struct err e = ERR_NONE;
	str       *paths = NULL, all = STR("");
	size_t     count = 0;

	CHECK_OK(fs_glob(fs_real(), arena_format(a, "%s/%s", folder, pattern).ptr, a, &paths,
	                 &count, &e), &e);
	for (size_t i = 0; i < count; i++) {
		CHECK(str_starts(paths[i], str_of(folder)) && paths[i].ptr[paths[i].len] == '\0');
		all = arena_format(a, STR_FMT "%s%s", STR_ARG(all), i ? " " : "",
		                   paths[i].ptr + strlen(folder) + 1);
	}
	return all;
}

TEST(fs_glob_finds_files)
{
	AUTO(arena) a = ARENA_INIT;
	const char *folder = tree_make(&a);

	CHECK_STR(found(&a, folder, "*.json"), STR("top.json"));
	CHECK_STR(found(&a, folder, "*/*.json"), STR("logs/a.json other/h.json"));
	CHECK_STR(found(&a, folder, "logs/*"), STR("logs/a.json logs/b.csv"));
	CHECK_STR(found(&a, folder, "logs/20*/?.json"), STR("logs/2024/c.json logs/2025/g.json"));
	CHECK_STR(found(&a, folder, "logs/{b.csv,2025/*,a.*,none}"),
	          STR("logs/2025/g.json logs/a.json logs/b.csv"));
	CHECK_STR(found(&a, folder, "logs/.*"), STR("logs/.f.json"));
	CHECK_STR(found(&a, folder, "logs/.h*/*"), STR("logs/.hidden/e.json"));
	CHECK_STR(found(&a, folder, "no*/*/x"), STR(""));
	CHECK_STR(found(&a, folder, "top.json/*"), STR(""));
	CHECK_STR(found(&a, folder, "other/h.json"), STR("other/h.json"));
}

TEST(fs_glob_goes_deep)
{
	AUTO(arena) a = ARENA_INIT;
	const char *folder = tree_make(&a);
	str         logs = STR("logs/2024/01/d.json logs/2024/c.json logs/2025/g.json logs/a.json");

	CHECK_STR(found(&a, folder, "logs/**/*.json"), logs);
	CHECK_STR(found(&a, folder, "logs/**/**/*.json"), logs);
	CHECK_STR(found(&a, folder, "{logs,lo*}/**/*.json"), logs);
	CHECK_STR(found(&a, folder, "logs/2024/**"), STR("logs/2024/01/d.json logs/2024/c.json"));
	CHECK_STR(found(&a, folder, "**/01/*"), STR("logs/2024/01/d.json"));
	CHECK_STR(found(&a, folder, "**/h.json"), STR("other/h.json"));
	CHECK_STR(found(&a, folder, "**/20*/**/d.json"), STR("logs/2024/01/d.json"));
}

TEST(fs_glob_names_each_file_once_where_a_link_leads_back)
{
	AUTO(arena) a = ARENA_INIT;
	const char *folder = tree_make(&a);

	CHECK_INT(symlink("..", arena_format(&a, "%s/logs/2024/up", folder).ptr), 0);
	CHECK_INT(symlink("nowhere", arena_format(&a, "%s/logs/2024/gone", folder).ptr), 0);
	CHECK_STR(found(&a, folder, "logs/**/c.json"), STR("logs/2024/c.json"));
	CHECK_STR(found(&a, folder, "logs/2024/**/a.json"), STR("logs/2024/up/a.json"));
}

TEST(fs_glob_expects_a_file_that_is_named)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;
	const char *folder = tree_make(&a);
	str        *paths;
	size_t      count;

	CHECK(!fs_is_glob(STR("a/b.json")) && fs_is_glob(STR("{a,b}")) && fs_is_glob(STR("a?")));
	CHECK_ERR(fs_glob(fs_real(), arena_format(&a, "%s/none", folder).ptr, &a, &paths, &count,
	                  &e), ERR_MISSING);
	CHECK_ERR(fs_glob(fs_real(), folder, &a, &paths, &count, &e), ERR_MISSING);
	CHECK(strstr(e.text, "/**") != NULL);
}

TEST(fs_glob_takes_relative_paths_as_they_are)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;
	char        before[4096];
	str        *paths = NULL;
	size_t      count = 0;

	CHECK(getcwd(before, sizeof(before)) != NULL && chdir(tree_make(&a)) == 0);
	CHECK_OK(fs_glob(fs_real(), "*.json", &a, &paths, &count, &e), &e);
	CHECK_INT(count, 1);
	CHECK_STR(paths[0], STR("top.json"));
	CHECK_OK(fs_glob(fs_real(), "./other/**", &a, &paths, &count, &e), &e);
	CHECK_INT(count, 1);
	CHECK_STR(paths[0], STR("./other/h.json"));
	CHECK_OK(fs_glob(fs_real(), "**/h.json", &a, &paths, &count, &e), &e);
	CHECK_INT(count, 1);
	CHECK_INT(chdir(before), 0);
}

static int blind_stat(struct fs *fs, const char *path, struct fs_stat *out, struct err *e)
{
	(void)fs;
	if (strstr(path, "top.json") != NULL)
		return err_set(e, ERR_IO, "stat %s: the cable is out", path);
	return fs_stat(fs_real(), path, out, e);
}

TEST(fs_glob_names_what_it_cannot_look_at)
{
	AUTO(arena) a = ARENA_INIT;
	struct fs   blind = *fs_real();
	struct err  e = ERR_NONE;
	str        *paths = NULL;
	size_t      count = 0;

	blind.stat = blind_stat;
	CHECK_OK(fs_glob(&blind, arena_format(&a, "%s/*.json", tree_make(&a)).ptr, &a, &paths, &count, &e), &e);
	CHECK_INT(count, 1);
	CHECK(str_ends(paths[0], STR("/top.json")));
}

#include "tests/unit/ingest/pipe.h"

static str pointer_of(const char *text)
{
	static struct arena a;
	struct path         path = {0};
	struct err          e = ERR_NONE;

	if (path_parse(str_of(text), &a, &path, &e) < 0)
		return STR("refused");
	return path.pointer;
}

TEST(path_is_written_with_dots_or_as_a_pointer)
{
	CHECK_STR(pointer_of("id"), STR("/id"));
	CHECK_STR(pointer_of("meta.created_at"), STR("/meta/created_at"));
	CHECK_STR(pointer_of("/meta/created.at"), STR("/meta/created.at"));
	CHECK_STR(pointer_of("/a~1b/~0c"), STR("/a~1b/~0c"));
	CHECK_STR(pointer_of("a/b.c"), STR("/a~1b/c"));
	CHECK_STR(pointer_of("a~1b.c"), STR("/a~01b/c")); /* with dots, '~' means nothing */
	CHECK_STR(pointer_of("1.2.3.4.5.6.7.8"), STR("/1/2/3/4/5/6/7/8"));
}

TEST(path_that_is_none_is_refused)
{
	const char *const bad[] = {"", "/", ".", "a.", ".a", "a..b", "/a/", "//a", "/a~", "/a~2b", "1.2.3.4.5.6.7.8.9"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_STR(pointer_of(bad[i]), STR("refused"));
}

/* What stands at the path, or "-". */
static str value_at(struct pipe *p, const char *json, const char *path_text)
{
	const char     *text;
	const uint64_t *words = pipe_scan(p, json, &text);
	struct path     path = pipe_path(p, path_text);
	uint32_t        at;

	path_seed(&path, PIPE_SECRET);
	at = path_find(&path, text, words);
	return at ? json_source(text, words, at) : STR("-");
}

TEST(path_finds_members_through_objects_only)
{
	AUTO(pipe) p;

	pipe_init(&p);
	CHECK_STR(value_at(&p, "{\"a\": {\"b\": {\"c\": [1]}}}", "a.b.c"), STR("[1]"));
	CHECK_STR(value_at(&p, "{\"x\": {\"a\": 1}, \"a\": {\"x\": 2}}", "a.x"), STR("2"));
	CHECK_STR(value_at(&p, "{\"a\": [{\"b\": 1}]}", "a.b"), STR("-"));
	CHECK_STR(value_at(&p, "{\"a\": 1}", "a.b"), STR("-"));
	CHECK_STR(value_at(&p, "{}", "a"), STR("-"));
	CHECK_STR(value_at(&p, "[1]", "a"), STR("-"));
	CHECK_STR(value_at(&p, "{\"a\": null}", "a"), STR("null"));
}

TEST(path_knows_names_by_their_value)
{
	AUTO(pipe) p;

	pipe_init(&p);
	CHECK_STR(value_at(&p, "{\"m\\u0065ta\": {\"a\\/b\": 7}}", "/meta/a~1b"), STR("7"));
	CHECK_STR(value_at(&p, "{\"Id\": 1}", "id"), STR("-"));
	/* names 0x20 apart have one hash */
	CHECK_STR(value_at(&p, "{\"a[b\": 1, \"a{b\": 2}", "a{b"), STR("2"));
	CHECK_STR(value_at(&p, "{\"a{b\": 2}", "a[b"), STR("-"));
}

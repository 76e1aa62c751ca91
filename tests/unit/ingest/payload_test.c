#include "ingest/payload.h"

#include "tests/unit/ingest/pipe.h"

static uint64_t hash_without(struct pipe *p, const char *json, const char *const *ignored)
{
	AUTO(buf)       scratch = BUF(0);
	struct path     paths[4];
	uint32_t        count = 0;
	const char     *text;
	const uint64_t *words;

	for (; ignored != NULL && ignored[count] != NULL; count++) {
		paths[count] = pipe_path(p, ignored[count]);
		path_seed(&paths[count], PIPE_SECRET);
	}
	words = pipe_scan(p, json, &text);
	return payload_hash(text, words, paths, count, PIPE_SECRET, &scratch);
}

static bool is_same(const char *a, const char *b)
{
	AUTO(pipe) p;

	pipe_init(&p);
	return hash_without(&p, a, NULL) == hash_without(&p, b, NULL);
}

TEST(payload_does_not_count_what_says_the_same)
{
	CHECK(is_same("{\"a\":1,\"b\":[2,3]}", " { \"b\" : [ 2 , 3 ] , \"a\" : 1 } "));
	CHECK(is_same("{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"y\":2,\"x\":1}}"));
	CHECK(is_same("{\"a\":\"\\u00e9\\/\"}", "{\"a\":\"\xC3\xA9/\"}"));
	CHECK(is_same("{\"\\u0061\":1}", "{\"a\":1}"));
	CHECK(is_same("{\"a\":1.5}", "{\"a\":15e-1}"));
	CHECK(is_same("{\"a\":\"a long value with an \\u0065scape in it\"}", "{\"a\":\"a long value with an escape in it\"}"));
}

TEST(payload_counts_all_else)
{
	static const char *const differing[] = {
		"{}", "{\"a\":1}", "{\"A\":1}", "{\"b\":1}", "{\"a\":2}", "{\"a\":1.0}", "{\"a\":-1}", "{\"a\":\"1\"}", "{\"a\":true}",
		"{\"a\":false}", "{\"a\":null}", "{\"a\":\"\"}", "{\"a\":\"\\u0000\"}", "{\"a\":[]}", "{\"a\":{}}", "{\"a\":[1]}",
		"{\"a\":[[1]]}", "{\"a\":[1,2]}", "{\"a\":[2,1]}", "{\"a\":[null]}", "{\"a\":{\"a\":1}}", "{\"a\":1,\"b\":2}",
		"{\"a\":2,\"b\":1}", "{\"a\":{\"b\":1},\"b\":2}", "{\"a\":{\"b\":2},\"b\":1}", "{\"a\":0}", "{\"a\":-0.0}",
		"{\"a\":0.0}", "{\"a[\":1}", "{\"a{\":1}", "{\"a\":\"0123456789abcdef\"}", "{\"a\":\"0123456789abcdeF\"}",
		"{\"a\":\"0123456789abcdef0\"}", "{\"a\":\"a\"}", "{\"a\":\"aa\"}", "{\"a\":\"aaaaaaaa\"}", "{\"a\":\"aaaaaaaaa\"}",
	};
	const size_t count = sizeof(differing) / sizeof(differing[0]);

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++)
			if (is_same(differing[i], differing[k]) != (i == k))
				test_fail(__FILE__, __LINE__, "%s and %s", differing[i], differing[k]);
}

TEST(payload_leaves_out_ignored_members)
{
	AUTO(pipe) p;

	pipe_init(&p);
	const char *const sent[] = {"sent_at", NULL};
	const char *const nested[] = {"meta.sent.at", "meta.x", NULL};

#define HASH(json, ignored) hash_without(&p, json, ignored)
	CHECK(HASH("{\"a\":1,\"sent_at\":1}", sent) == HASH("{\"sent_at\":[2,{}],\"a\":1}", sent));
	CHECK(HASH("{\"a\":1,\"sent_at\":1}", sent) == HASH("{\"a\":1}", sent));
	CHECK(HASH("{\"a\":1,\"s\\u0065nt_at\":1}", sent) == HASH("{\"a\":1}", sent));
	CHECK(HASH("{\"a\":1,\"Sent_at\":1}", sent) != HASH("{\"a\":1}", sent));
	CHECK(HASH("{\"a\":{\"sent_at\":1}}", sent) != HASH("{\"a\":{\"sent_at\":2}}", sent));
	CHECK(HASH("{\"meta\":{\"sent\":{\"at\":1,\"by\":2},\"x\":3}}", nested) ==
	      HASH("{\"meta\":{\"x\":4,\"sent\":{\"by\":2,\"at\":9}}}", nested));
	CHECK(HASH("{\"meta\":{\"sent\":{\"at\":1,\"by\":2}}}", nested) != HASH("{\"meta\":{\"sent\":{\"at\":1,\"by\":3}}}", nested));
	CHECK(HASH("{\"meta\":{\"sent\":1}}", nested) != HASH("{\"meta\":{\"sent\":2}}", nested));
	CHECK(HASH("{\"meta\":[{\"x\":1}]}", nested) != HASH("{\"meta\":[{\"x\":2}]}", nested));
	CHECK(HASH("{\"x\":1}", nested) != HASH("{\"x\":2}", nested));
#undef HASH
}

static str canonical(struct pipe *p, const char *json, struct buf *out)
{
	AUTO(buf)       scratch = BUF(0);
	const char     *text;
	const uint64_t *words = pipe_scan(p, json, &text);

	buf_clear(out);
	payload_canonical(text, words, 0, &scratch, out);
	return buf_str(out);
}

TEST(canonical_bytes_are_one_for_each_value)
{
	static const char *const values[] = {"1", "1.0", "\"1\"", "true", "false", "null", "\"\"", "[]", "{}", "[1]", "\"[1]\"", "12"};
	const size_t             count = sizeof(values) / sizeof(values[0]);
	AUTO(pipe)               p;

	pipe_init(&p);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < count; k++) {
			AUTO(buf) a = BUF(0);
			AUTO(buf) b = BUF(0);

			CHECK_INT(str_eq(canonical(&p, values[i], &a), canonical(&p, values[k], &b)), i == k);
		}
	}
}

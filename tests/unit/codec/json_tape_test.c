/* What stands on the tape, and how it is read. */
#include <math.h>

#include "base/hash.h"
#include "codec/json_block.h"
#include "tests/lib/test.h"
#include "tests/unit/codec/json_lib.h"

#define PADDING "                                                                "
_Static_assert(sizeof(PADDING) > JSON_PADDING, "literals may be read past their end");

TEST(json_tape_has_the_shape_the_header_draws)
{
	const str        text = STR(" {\"a\":[1,-2.5,\"x\\n\"], \"b\" : {} ,"
	                            "\"c\\u0000\":[true,false,null,1e-400,-0]}   " PADDING);
	const str        document = {text.ptr, text.len - JSON_PADDING};
	struct json_tape t = {0};
	struct json_fault fault;
	AUTO(buf)        scratch = BUF(0);
	const uint64_t  *w;
	double           v;

	CHECK(json_scan("[0]" PADDING, 3, SEED, &JSON_LIMITS, &t, &fault));
	CHECK_INT(t.count, 4);
	CHECK(json_scan(document.ptr, document.len, SEED, &JSON_LIMITS, &t, &fault));
	CHECK_INT(fault.kind, JSON_OK);
	w = t.words + 4;
	CHECK_INT(t.count - 4, 26);
	CHECK_INT(json_kind(w[0]), JSON_OBJECT);
	CHECK_INT(json_len(w[0]), 3);
	CHECK_INT(json_off(w[0]), 1);
	CHECK_INT(json_skip(w, 0), 26);
	CHECK_STR(json_source(document.ptr, w, 0), str_trim(document));
	CHECK_INT(json_kind(w[2]), JSON_KEY);
	CHECK_STR(json_source(document.ptr, w, 2), STR("\"a\""));
	CHECK(w[3] == hash_name(STR("a"), SEED));
	CHECK_INT(json_kind(w[4]), JSON_ARRAY);
	CHECK_INT(json_len(w[4]), 3);
	CHECK_STR(json_source(document.ptr, w, 4), STR("[1,-2.5,\"x\\n\"]"));
	CHECK_INT(json_skip(w, 4), 11);
	CHECK_INT(json_kind(w[6]), JSON_INT);
	CHECK_INT(w[7], 1);
	CHECK_INT(json_kind(w[8]), JSON_DOUBLE);
	memcpy(&v, &w[9], sizeof(v));
	CHECK(v == -2.5);
	CHECK_STR(json_source(document.ptr, w, 8), STR("-2.5"));
	CHECK_INT(json_kind(w[10]), JSON_STRING);
	CHECK_INT(json_flags(w[10]), JSON_ESCAPED);
	CHECK_STR(json_source(document.ptr, w, 10), STR("\"x\\n\""));
	CHECK_STR(json_unescape(document.ptr, w[10], &scratch), STR("x\n"));
	CHECK_INT(json_kind(w[13]), JSON_OBJECT);
	CHECK_INT(json_len(w[13]), 0);
	CHECK_INT(json_skip(w, 13), 15);
	CHECK_INT(json_flags(w[15]), JSON_ESCAPED | JSON_HAS_NUL);
	CHECK_STR(json_unescape(document.ptr, w[15], &scratch), STR("c\0"));
	CHECK(w[16] == hash_name(STR("c\0"), SEED));
	CHECK_INT(json_kind(w[19]), JSON_TRUE);
	CHECK_INT(json_kind(w[20]), JSON_FALSE);
	CHECK_INT(json_kind(w[21]), JSON_NULL);
	CHECK_STR(json_source(document.ptr, w, 21), STR("null"));
	CHECK_INT(json_flags(w[22]), JSON_LOSSY);
	CHECK_INT(w[23], 0);
	CHECK_INT(json_kind(w[24]), JSON_DOUBLE);
	memcpy(&v, &w[25], sizeof(v));
	CHECK(v == 0 && signbit(v));
	CHECK(!json_scan(document.ptr, document.len - 20, SEED, &JSON_LIMITS, &t, &fault));
	CHECK_INT(t.count, 30);
	json_tape_done(&t);
}

TEST(json_unescapes_every_escape)
{
	const str        text = STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t"
	                            "\\u0041\\u00e9\\u20AC\\ud83d\\uDE00z\\u0000\"");
	char             padded[256] = {0};
	struct json_tape t = {0};
	struct json_fault fault;
	AUTO(buf)        scratch = BUF(0);

	memcpy(padded, text.ptr, text.len);
	CHECK(json_scan(padded, text.len, SEED, &JSON_LIMITS, &t, &fault));
	CHECK_STR(json_unescape(padded, t.words[0], &scratch),
	          STR("\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z\0"));
	json_tape_done(&t);
}

TEST(json_reads_integers_of_every_length)
{
	char text[64 + JSON_PADDING] = {0};
	struct json_tape t = {0};
	struct json_fault fault;

	for (int i = 0; i < 20000; i++) {
		int64_t want = (int64_t)test_random() >> test_random() % 64;
		int     len = snprintf(text, sizeof(text), "[%lld]", (long long)want);

		t.count = 0;
		CHECK(json_scan(text, (size_t)len, SEED, &JSON_LIMITS, &t, &fault));
		CHECK_INT(json_kind(t.words[2]), JSON_INT);
		CHECK_INT(t.words[3], want);
	}
	json_tape_done(&t);
}

TEST(json_says_where)
{
	static const struct { str text; uint32_t offset; } cases[] = {
		{STR("{\"a\":1,\"a\":2}"), 7}, {STR("[1,x]"), 3}, {STR("[\"ab\xFF\"]"), 4}, {STR("[1"), 2},
		{STR("[0,1e999]"), 3},         {STR("{} x"), 3},  {STR("[\"a\\qb\"]"), 3},  {STR("[1.x]"), 3},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_tape t = {0};
		struct scanned   r = scan_padded(cases[i].text, STR(" "), &JSON_LIMITS, &t);

		CHECK_INT(r.fault.offset, cases[i].offset);
		json_tape_done(&t);
	}
}

/* A name expected from one document does not slip past the limits, or the seed, of the next. */
TEST(json_forgets_what_no_longer_holds)
{
	const char        text[] = "{\"name\":1}" PADDING;
	struct json_tape  t = {0};
	struct json_fault fault;
	struct json_limits tight = JSON_LIMITS;

	CHECK(json_scan(text, 10, SEED, &JSON_LIMITS, &t, &fault));
	CHECK(json_scan(text, 10, SEED, &JSON_LIMITS, &t, &fault));
	CHECK(t.words[9] == hash_name(STR("name"), SEED));
	CHECK(json_scan(text, 10, SEED + 1, &JSON_LIMITS, &t, &fault));
	CHECK(t.words[15] == hash_name(STR("name"), SEED + 1));
	tight.key_bytes = 3;
	CHECK(!json_scan(text, 10, SEED + 1, &tight, &t, &fault));
	CHECK_INT(fault.kind, JSON_KEY_LENGTH);
	tight = JSON_LIMITS;
	tight.keys = 0;
	CHECK(!json_scan(text, 10, SEED + 1, &tight, &t, &fault));
	CHECK_INT(fault.kind, JSON_TOO_MANY_KEYS);
	tight.depth = 0;
	CHECK(!json_scan(text, 10, SEED + 1, &tight, &t, &fault));
	CHECK_INT(fault.kind, JSON_DEPTH);
	json_tape_done(&t);
	json_tape_done(&t);
}

TEST(json_blocks_are_the_same_in_all_forms)
{
	static const char marks[] = "\"\\\x1F\x20\x21\x23[]\x01\x80\xA2\xDC\xFF"; /* and its NUL */
	char              bytes[JSON_BLOCK];

	for (int round = 0; round < 20000; round++) {
		struct json_block fast, plain, want = {0};

		for (unsigned i = 0; i < JSON_BLOCK; i++) {
			unsigned char c;

			bytes[i] = test_random() % 4 ? 'a' : marks[test_random() % sizeof(marks)];
			c = (unsigned char)bytes[i];
			want.special |= (uint32_t)(c == '"' || c == '\\' || c < 0x20) << i;
			want.high |= (uint32_t)(c >> 7) << i;
		}
		fast = json_block_at(bytes);
		plain = json_block_plain(bytes);
		CHECK_INT(fast.special, want.special);
		CHECK_INT(plain.special, want.special);
		CHECK_INT(fast.high, want.high);
		CHECK_INT(plain.high, want.high);
		CHECK_INT(json_block_same(bytes, bytes), UINT32_MAX);
	}
}

/* A name is guessed from the document before, which may have been spelt with other blanks. */
TEST(json_reads_the_same_names_with_any_blanks)
{
	static const char *const spellings[] = {
		"{\"id\":\"a\",\"n\":1}", "{\"id\": \"a\", \"n\": 1}", "{ \"id\" : \"a\" , \"n\" : 1 }",
		"{\"id\":\t\"a\",\n\"n\":  1}",  "{\"id\" :\"a\",\"n\" :1}",
	};
	enum { COUNT = sizeof(spellings) / sizeof(spellings[0]) };
	struct json_tape   t = {0};
	struct json_limits limits = JSON_LIMITS;
	struct json_fault  fault;

	for (size_t i = 0; i < COUNT * COUNT; i++) {
		char   text[128] = {0};
		size_t len = strlen(spellings[i % COUNT]);

		memcpy(text, spellings[i % COUNT], len);
		t.count = 0;
		CHECK(json_scan(text, len, 7, &limits, &t, &fault));
		memcpy(text, spellings[i / COUNT], len = strlen(spellings[i / COUNT]));
		memset(text + len, 0, sizeof(text) - len);
		CHECK(json_scan(text, len, 7, &limits, &t, &fault));
		CHECK_INT(json_len(t.words[0]), 2);
	}
	json_tape_done(&t);
}

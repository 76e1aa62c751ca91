/* The scanner by tables of cases: which text gets which code. */
#include "tests/unit/codec/json_lib.h"

#include "base/hash.h"
#include "tests/lib/test.h"

static void check_scan(const char *file, int line, str text, enum json_fault_kind want)
{
	struct json_tape t = {0};
	struct scanned   r = scan_every_pad(text, &JSON_LIMITS, &t);

	if (r.fault.kind != want || r.is_taken != (want == JSON_OK))
		test_fail(file, line, "\"" STR_FMT "\" is %s at %u, not %s", STR_ARG(str_head(text, 200)),
		          json_fault_code(r.fault.kind), r.fault.offset, json_fault_code(want));
	json_tape_done(&t);
}
#define CHECK_SCAN(text, want) check_scan(__FILE__, __LINE__, text, want)

TEST(json_gives_each_bad_input_its_code)
{
	static const struct { str text; enum json_fault_kind want; } cases[] = {
		{STR(""), JSON_SYNTAX},
		{STR(" \r\n\t"), JSON_SYNTAX},
		{STR("{}"), JSON_OK},
		{STR(" [ ] "), JSON_OK},
		{STR("null"), JSON_OK},
		{STR("\"\""), JSON_OK},
		{STR("-12"), JSON_OK},
		{STR(" 1.5 "), JSON_OK},
		{STR("{\"a\":1"), JSON_SYNTAX},
		{STR("{\"a\":"), JSON_SYNTAX},
		{STR("{\"a\""), JSON_SYNTAX},
		{STR("{\"a"), JSON_SYNTAX},
		{STR("{"), JSON_SYNTAX},
		{STR("[1,"), JSON_SYNTAX},
		{STR("[\"a"), JSON_SYNTAX},
		{STR("[\"a\\"), JSON_SYNTAX},
		{STR("[tru"), JSON_SYNTAX},
		{STR("[1e"), JSON_SYNTAX},
		{STR("[-"), JSON_SYNTAX},
		{STR("[\"\\ud8"), JSON_SYNTAX},
		{STR("{\"a\":1} x"), JSON_TRAILING},
		{STR("{\"a\":1}}"), JSON_TRAILING},
		{STR("{}{}"), JSON_TRAILING},
		{STR("[1],"), JSON_TRAILING},
		{STR("1,2"), JSON_TRAILING},
		{STR("1,"), JSON_TRAILING},
		{STR("\"a\"\"b\""), JSON_TRAILING},
		{STR("1 2"), JSON_TRAILING},
		{STR("{} \xC3\xA9"), JSON_TRAILING},
		{STR("{} \xC3"), JSON_UTF8},
		{STR("[1,]"), JSON_SYNTAX},
		{STR("{\"a\":1,}"), JSON_SYNTAX},
		{STR("[,1]"), JSON_SYNTAX},
		{STR("[1 2]"), JSON_SYNTAX},
		{STR("[1}"), JSON_SYNTAX},
		{STR("{\"a\":1]"), JSON_SYNTAX},
		{STR("{\"a\" 1}"), JSON_SYNTAX},
		{STR("{\"a\"}"), JSON_SYNTAX},
		{STR("{1:2}"), JSON_SYNTAX},
		{STR("{a:1}"), JSON_SYNTAX},
		{STR("{'a':1}"), JSON_SYNTAX},
		{STR("[1/* x */]"), JSON_SYNTAX},
		{STR("// x\n1"), JSON_SYNTAX},
		{STR("]"), JSON_SYNTAX},
		{STR("[NaN]"), JSON_SYNTAX},
		{STR("[Infinity]"), JSON_SYNTAX},
		{STR("[0x1F]"), JSON_SYNTAX},
		{STR("0x1F"), JSON_SYNTAX},
		{STR("nullx"), JSON_SYNTAX},
		{STR("[012]"), JSON_SYNTAX},
		{STR("012"), JSON_SYNTAX},
		{STR("[-01]"), JSON_SYNTAX},
		{STR("[+1]"), JSON_SYNTAX},
		{STR("[.5]"), JSON_SYNTAX},
		{STR("[1.]"), JSON_SYNTAX},
		{STR("1."), JSON_SYNTAX},
		{STR("[1.e5]"), JSON_SYNTAX},
		{STR("[1e+]"), JSON_SYNTAX},
		{STR("[1.2.3]"), JSON_SYNTAX},
		{STR("[--1]"), JSON_SYNTAX},
		{STR("[\"a\nb\"]"), JSON_SYNTAX},
		{STR("[\"a\0b\"]"), JSON_SYNTAX},
		{STR("[\"a\x1F\"]"), JSON_SYNTAX},
		{STR("[\"a\x7F\"]"), JSON_OK},
		{STR("[\"\\x\"]"), JSON_SYNTAX},
		{STR("[\"\\u12G4\"]"), JSON_SYNTAX},
		{STR("[\"\\U1234\"]"), JSON_SYNTAX},
		{STR("[\x0C]"), JSON_SYNTAX},
		{STR("[\xC3\xA9]"), JSON_SYNTAX},
		{STR("[\xC3]"), JSON_UTF8},
		{STR("\xEF\xBB\xBF{}"), JSON_SYNTAX},
		{STR("[\"\x80\"]"), JSON_UTF8},
		{STR("[\"\xC3\"]"), JSON_UTF8},
		{STR("[\"\xFF\"]"), JSON_UTF8},
		{STR("[\"caf\xE9\"]"), JSON_UTF8},
		{STR("{\"caf\xE9\":1}"), JSON_UTF8},
		{STR("[\"\xC0\xAF\"]"), JSON_UTF8},
		{STR("[\"\xC0\x80\"]"), JSON_UTF8},
		{STR("[\"\xFC\x83\xBF\xBF\xBF\xBF\"]"), JSON_UTF8},
		{STR("[\"\xED\xA0\x80\"]"), JSON_UTF8},
		{STR("[\"\xF4\x90\x80\x80\"]"), JSON_UTF8},
		{STR("[\"\xFF\\q\"]"), JSON_UTF8},
		{STR("[\"\xFF\n\"]"), JSON_UTF8},
		{STR("[\"01234567890123456789012345678901234567\xFF, more than a block\"]"), JSON_UTF8},
		{STR("[\"\\q\xFF\"]"), JSON_SYNTAX},
		{STR("[\"\\ud800\"]"), JSON_SURROGATE},
		{STR("[\"\\ud800x\"]"), JSON_SURROGATE},
		{STR("[\"\\udc00\"]"), JSON_SURROGATE},
		{STR("[\"\\udc00\\ud800\"]"), JSON_SURROGATE},
		{STR("[\"\\ud800\\ud800\"]"), JSON_SURROGATE},
		{STR("[\"\\ud800\\n\"]"), JSON_SURROGATE},
		{STR("{\"\\ud800\":1}"), JSON_SURROGATE},
		{STR("[\"\\ud83d\\ude00\"]"), JSON_OK},
		{STR("[\"\\uffff\xEF\xBF\xBF\xE2\x80\xA8\xE2\x80\xAE\"]"), JSON_OK},
		{STR("[\"\\u0000\"]"), JSON_OK},
		{STR("\xFE\xFF\0{\0}"), JSON_ENCODING},
		{STR("\xFF\xFE{\0}\0"), JSON_ENCODING},
		{STR("{\0}\0"), JSON_ENCODING},
		{STR("\0{\0}"), JSON_ENCODING},
		{STR("\0\0\0{"), JSON_ENCODING},
		{STR("{\0\0\0}\0\0\0"), JSON_ENCODING},
		{STR("1\0"), JSON_ENCODING},
		{STR("{\"a\":1,\"a\":1}"), JSON_DUPLICATE_KEY},
		{STR("{\"a\":1,\"b\":{\"a\":1},\"a\":2}"), JSON_DUPLICATE_KEY},
		{STR("{\"a\":1,\"\\u0061\":2}"), JSON_DUPLICATE_KEY},
		{STR("{\"\":1,\"\":2}"), JSON_DUPLICATE_KEY},
		{STR("{\"a\":{\"b\":1},\"c\":{\"b\":1}}"), JSON_OK},
		{STR("{\"\xC3\xA9\":1,\"e\xCC\x81\":2}"), JSON_OK},
		{STR("{\"userId\":1,\"userid\":2}"), JSON_NAME_CLASH},
		{STR("{\"userId\":1,\"\\u0055serId\":2}"), JSON_NAME_CLASH},
		{STR("{\"a@\":1,\"a`\":2,\"a[\":3,\"a{\":4}"), JSON_OK},
		{STR("{\"\":1,\"a.b\":2,\"q\\\"\":3,\"__proto__\":4}"), JSON_OK},
		{STR("[1e400]"), JSON_FLOAT_RANGE},
		{STR("-1e400"), JSON_FLOAT_RANGE},
		{STR("[1e-400]"), JSON_OK},
		{STR("[9223372036854775807,-9223372036854775808]"), JSON_OK},
		{STR("[9223372036854775808]"), JSON_INT_RANGE},
		{STR("[-9223372036854775809]"), JSON_INT_RANGE},
		{STR("18446744073709551615"), JSON_INT_RANGE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_SCAN(cases[i].text, cases[i].want);
}

static void check_repeated(str head, str piece, size_t times, str tail, enum json_fault_kind want)
{
	AUTO(buf) b = BUF(0);

	buf_add(&b, head);
	for (size_t i = 0; i < times; i++)
		buf_add(&b, piece);
	buf_add(&b, tail);
	CHECK_SCAN(buf_str(&b), want);
}

TEST(json_stops_at_its_limits)
{
	AUTO(buf) b = BUF(0);

	for (size_t depth = 63; depth <= 65; depth++) {
		buf_clear(&b);
		buf_fill(&b, '[', depth);
		buf_fill(&b, ']', depth);
		CHECK_SCAN(buf_str(&b), depth <= 64 ? JSON_OK : JSON_DEPTH);
	}
	check_repeated(STR(""), STR("["), 100000, STR(""), JSON_DEPTH);
	check_repeated(STR(""), STR("{\"a\":"), 100000, STR(""), JSON_DEPTH);
	check_repeated(STR("[0"), STR(",0"), 99999, STR("]"), JSON_OK);
	check_repeated(STR("[0"), STR(",0"), 100000, STR("]"), JSON_ARRAY_SIZE);
	check_repeated(STR("{\""), STR("k"), 4096, STR("\":0}"), JSON_OK);
	check_repeated(STR("{\""), STR("k"), 4097, STR("\":0}"), JSON_KEY_LENGTH);
	check_repeated(STR("{\""), STR("k"), 1 << 20, STR("\":0}"), JSON_KEY_LENGTH);
	check_repeated(STR("{\""), STR("\\u0061"), 4096, STR("\":0}"), JSON_OK);
	check_repeated(STR("{\""), STR("\\u0061"), 4097, STR("\":0}"), JSON_KEY_LENGTH);
	check_repeated(STR("[1"), STR("0"), 10000, STR("]"), JSON_INT_RANGE);
	check_repeated(STR("[1"), STR("0"), 10000, STR(".0]"), JSON_FLOAT_RANGE);
	check_repeated(STR("[0."), STR("3"), 10000, STR("]"), JSON_OK);
}

/* `count` names, the last of them like the first but for `change`. */
static void names_write(struct buf *b, size_t count, const char *last)
{
	buf_clear(b);
	buf_byte(b, '{');
	for (size_t i = 0; i < count; i++)
		buf_print(b, "%s\"Name%zu\":{\"Name%zu\":0}", i ? "," : "", i, i);
	if (last != NULL)
		buf_print(b, ",\"%s\":0", last);
	buf_byte(b, '}');
}

TEST(json_finds_repeated_names_in_objects_of_every_size)
{
	AUTO(buf) b = BUF(0);
	char      last[32];

	for (size_t count = 1; count < 300; count += count < 40 ? 1 : 37) {
		names_write(&b, count, NULL);
		CHECK_SCAN(buf_str(&b), JSON_OK);
		for (size_t i = 0; i < count; i += 1 + count / 7) {
			(void)snprintf(last, sizeof(last), "Name%zu", i);
			names_write(&b, count, last);
			CHECK_SCAN(buf_str(&b), JSON_DUPLICATE_KEY);
			(void)snprintf(last, sizeof(last), "nAme%zu", i);
			names_write(&b, count, last);
			CHECK_SCAN(buf_str(&b), JSON_NAME_CLASH);
			(void)snprintf(last, sizeof(last), "\\u004eame%zu", i);
			names_write(&b, count, last);
			CHECK_SCAN(buf_str(&b), JSON_DUPLICATE_KEY);
		}
	}
	names_write(&b, 4096, NULL);
	CHECK_SCAN(buf_str(&b), JSON_OK);
	names_write(&b, 4097, NULL);
	CHECK_SCAN(buf_str(&b), JSON_TOO_MANY_KEYS);
	names_write(&b, 100000, NULL);
	CHECK_SCAN(buf_str(&b), JSON_TOO_MANY_KEYS);
}

/* All names of one length made of '@' and '`' have one hash, whatever the seed. */
static void write_colliding(struct buf *b, unsigned count, bool has_repeat)
{
	buf_clear(b);
	buf_byte(b, '{');
	for (unsigned i = 0; i < count; i++) {
		buf_add(b, i ? STR(",\"") : STR("\""));
		for (unsigned bit = 0; bit < 12; bit++)
			buf_byte(b, (i >> bit & 1) != 0 ? '@' : '`');
		buf_add(b, STR("\":0"));
	}
	if (has_repeat)
		buf_add(b, STR(",\"\\u0060`@`````````\":0"));
	buf_byte(b, '}');
}

TEST(json_tells_names_apart_that_share_a_hash)
{
	AUTO(buf) b = BUF(0);

	CHECK(hash_key(STR("@`"), SEED) == hash_key(STR("`@"), SEED));
	for (unsigned count = 5; count <= 4095; count = count * 2 + 1) {
		write_colliding(&b, count, false);
		CHECK_SCAN(buf_str(&b), JSON_OK);
		write_colliding(&b, count, true);
		CHECK_SCAN(buf_str(&b), JSON_DUPLICATE_KEY);
	}
}

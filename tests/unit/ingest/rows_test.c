/* The checker of the round trip must be able to say no: each fault planted in a good record is found. */
#include "tests/unit/ingest/sheet.h"

static const char good[] = "{\"id\":\"e\",\"at\":1735689600000,\"n\":1.50,\"s\":{\"a\":null,\"b\":7},\"l\":[1,null,\"x\"],\"e\":[],\"o\":{}}";

/* What is said of a row made of `record` when it is held against `good`. */
static bool is_fault(const char *record)
{
	AUTO(pipe)  p;
	AUTO(sheet) t;
	AUTO(rows)  r;
	AUTO(buf)   faults = BUF(0);

	pipe_init(&p);
	sheet_open(&t, &p);
	sheet_add(&t, "{\"id\":\"e\",\"at\":1735689600000,\"s\":{\"a\":1},\"e\":[1]}"); /* columns for what has no type */
	sheet_add(&t, record);
	rows_open(&r, &t.columns);
	rows_compare(&r, 1, str_of(good), &faults);
	return faults.len > 0;
}

TEST(rows_that_hold_all_are_good)
{
	CHECK(!is_fault(good));
	CHECK(!is_fault("{\"o\":{},\"l\":[1,null,\"x\"],\"n\":15e-1,\"s\":{\"b\":7},\"e\":[],\"at\":1735689600000,\"id\":\"e\"}"));
}

TEST(rows_with_a_planted_fault_are_found)
{
	static const char *const parts[][2] = {
		{"\"n\":1.50", "\"n\":1.25"}, {"\"n\":1.50", "\"n\":\"1.50\""}, {"\"n\":1.50,", ""}, {"\"b\":7", "\"b\":true"},
		{"\"b\":7", "\"b\":null"}, {"\"a\":null", "\"a\":2"}, {"[1,null,\"x\"]", "[1,null]"}, {"[1,null,\"x\"]", "[1,\"x\"]"},
		{"[1,null,\"x\"]", "[1,2,\"x\"]"}, {"\"x\"]", "\"y\"]"}, {"\"x\"]", "\"x\",null]"}, {"\"e\":[]", "\"e\":null"},
		{"\"e\":[]", "\"e\":[2]"}, {"\"o\":{}", "\"o\":null"}, {"\"o\":{}", "\"o\":{\"p\":1}"}, {"\"o\":{}", "\"o\":{},\"q\":0"},
		{"\"o\":{}", "\"o\":{},\"q\":{}"}, {"{\"a\":null,\"b\":7}", "null"}, {"\"id\":\"e\"", "\"id\":\"f\""},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		AUTO(buf)   b = BUF(0);
		const char *at = strstr(good, parts[i][0]);

		buf_bytes(&b, good, (size_t)(at - good));
		buf_add(&b, str_of(parts[i][1]));
		buf_add(&b, str_of(at + strlen(parts[i][0])));
		buf_byte(&b, '\0');
		if (!is_fault(b.ptr))
			test_fail(__FILE__, __LINE__, "not found: %s for %s", parts[i][1], parts[i][0]);
	}
}

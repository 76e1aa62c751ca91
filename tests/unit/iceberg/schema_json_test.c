#include "tests/lib/test.h"
#include "tests/unit/iceberg/tables.h"

TEST(schema_goes_to_json_and_back)
{
	AUTO(schema) s = {0};
	AUTO(schema) back = {0};
	AUTO(buf) text = {0};
	struct err e = ERR_NONE;

	sample_schema(&s);
	ice_schema_write(&s, 7, &text);
	CHECK_OK(ice_schema_parse(buf_str(&text), &back, &e), &e);
	CHECK(schema_equal(&s, &back));
	CHECK_INT(back.last_id, 9);
	CHECK(field_in_list(schema_by_id(&back, 8)));
	CHECK_INT(schema_find(&back, STR("payload.commits.element.sha"))->id, 8);
}

TEST(schema_json_is_the_spec_s)
{
	AUTO(schema) s = {0};
	AUTO(buf) text = {0};
	struct field *list;

	schema_init(&s);
	schema_add(&s, s.root, STR("id"), TYPE_LONG, true, STR("the key"), 1);
	list = schema_add(&s, s.root, STR("tags"), TYPE_LIST, false, STR(""), 2);
	schema_add(&s, list, STR("element"), TYPE_STRING, true, STR(""), 3);
	ice_schema_write(&s, 0, &text);
	CHECK_STR(buf_str(&text),
	          STR("{\"type\":\"struct\",\"schema-id\":0,\"fields\":["
	              "{\"id\":1,\"name\":\"id\",\"required\":true,\"type\":\"long\",\"doc\":\"the key\"},"
	              "{\"id\":2,\"name\":\"tags\",\"required\":false,\"type\":"
	              "{\"type\":\"list\",\"element-id\":3,\"element\":\"string\",\"element-required\":true}}]}"));
}

TEST(schema_reads_what_java_numbers_level_by_level)
{
	AUTO(schema) s = {0};
	struct err e = ERR_NONE;

	CHECK_OK(ice_schema_parse(
			 STR("{\"type\":\"struct\",\"schema-id\":3,\"identifier-field-ids\":[2],\"fields\":["
	                     "{\"id\":1,\"name\":\"a\",\"required\":false,\"type\":{\"type\":\"struct\",\"fields\":["
	                     "{\"id\":3,\"name\":\"b\",\"required\":false,\"type\":\"int\"},"
	                     "{\"id\":4,\"name\":\"c\",\"required\":false,\"type\":\"uuid\"}]}},"
	                     "{\"id\":2,\"name\":\"k\",\"required\":true,\"type\":\"long\"}]}"),
			 &s, &e),
	         &e);
	CHECK_INT(s.last_id, 4);
	CHECK_INT(schema_find(&s, STR("a.c"))->type, TYPE_UUID);
	CHECK(schema_find(&s, STR("k"))->required);
}

static int parse(str text)
{
	AUTO(schema) s = {0};
	struct err e = ERR_NONE;
	int        status = ice_schema_parse(text, &s, &e);

	CHECK(status == 0 || e.text[0] != '\0');
	return status;
}

#define ONE(type) \
	STR("{\"type\":\"struct\",\"fields\":[{\"id\":1,\"name\":\"x\",\"required\":false,\"type\":" type "}]}")

TEST(schema_with_types_we_do_not_know_is_unsupported)
{
	CHECK_ERR(parse(ONE("\"decimal(9, 2)\"")), ERR_UNSUPPORTED);
	CHECK_ERR(parse(ONE("\"float\"")), ERR_UNSUPPORTED);
	CHECK_ERR(parse(ONE("{\"type\":\"map\",\"key-id\":2,\"key\":\"string\",\"value-id\":3,\"value\":\"int\"}")),
	          ERR_UNSUPPORTED);
	CHECK_INT(parse(ONE("\"binary\"")), 0);
}

TEST(schema_that_is_none_is_corrupt)
{
	CHECK_ERR(parse(STR("")), ERR_CORRUPT);
	CHECK_ERR(parse(STR("[]")), ERR_CORRUPT);
	CHECK_ERR(parse(STR("{\"type\":\"struct\"}")), ERR_CORRUPT);
	CHECK_ERR(parse(ONE("\"struct\"")), ERR_CORRUPT);
	CHECK_ERR(parse(ONE("{\"type\":\"long\"}")), ERR_CORRUPT);
	CHECK_ERR(parse(ONE("7")), ERR_CORRUPT);
	CHECK_ERR(parse(ONE("{\"type\":\"list\",\"element\":\"int\"}")), ERR_CORRUPT); /* no id */
	CHECK_ERR(parse(ONE("{\"type\":\"list\",\"element-id\":1,\"element\":\"int\"}")), ERR_CORRUPT); /* taken */
	CHECK_ERR(parse(STR("{\"fields\":[{\"id\":1,\"name\":\"x\",\"type\":\"int\"},"
	                    "{\"id\":2,\"name\":\"x\",\"type\":\"int\"}]}")),
	          ERR_CORRUPT);
	CHECK_ERR(parse(STR("{\"fields\":[{\"id\":1,\"name\":\"\",\"type\":\"int\"}]}")),
	          ERR_CORRUPT);
	CHECK_ERR(parse(STR("{\"fields\":[{\"id\":3000000000,\"name\":\"x\",\"type\":\"int\"}]}")),
	          ERR_CORRUPT);
}

TEST(schema_nested_too_deep_is_refused)
{
	AUTO(buf) text = {0};

	buf_add(&text, STR("{\"type\":\"struct\",\"fields\":[{\"id\":1,\"name\":\"x\",\"type\":"));
	for (int i = 2; i < 300; i++)
		buf_print(&text, "{\"type\":\"list\",\"element-id\":%d,\"element\":", i);
	buf_add(&text, STR("\"int\""));
	buf_fill(&text, '}', 298);
	buf_add(&text, STR("}]}"));
	CHECK_ERR(parse(buf_str(&text)), ERR_UNSUPPORTED);
}

TEST(schema_parse_survives_mutations)
{
	AUTO(schema) s = {0};
	AUTO(buf) text = {0};

	sample_schema(&s);
	ice_schema_write(&s, 7, &text);
	for (int round = 0; round < 20000; round++) {
		AUTO(buf) copy = {0};

		buf_add(&copy, buf_str(&text));
		for (uint64_t i = 0, n = 1 + test_random() % 4; i < n; i++)
			copy.ptr[test_random() % copy.len] =
				test_random() % 2 ? "0123456789\"{}[],:x"[test_random() % 18]
				        : text.ptr[test_random() % text.len];
		CHECK(parse(buf_str(&copy)) <= 0);
	}
}

/* Rows of the catalogue of bad input that the envelope decides: each record, what becomes of it and why. */
#include "tests/unit/ingest/pipe.h"

#define ID  "\"id\":\"e1\","
#define AT  "\"at\":1735689600000"

/* "ok", or "<reason code> <pointer>". */
static const char *outcome(struct pipe *p, str text)
{
	static char         said[256];
	const struct event *ev = pipe_open_bytes(p, text, STR(""));

	CHECK_INT(ev->verdict, ev->reason == REASON_NONE ? VERDICT_ROW : VERDICT_QUARANTINE);
	if (ev->reason == REASON_NONE)
		return "ok";
	CHECK(strlen(reason_words(ev->reason)) > 10);
	(void)snprintf(said, sizeof(said), "%s%s%.*s", reason_code(ev->reason), ev->pointer.len ? " " : "",
	               STR_ARG(ev->pointer));
	return said;
}

#define CHECK_OUTCOME(p, json, want)                                                                \
	do {                                                                                        \
		const char *got_ = outcome((p), STR(json));                                         \
		if (strcmp(got_, (want)) != 0)                                                      \
			test_fail(__FILE__, __LINE__, "%s: %s, not %s", json, got_, (want));        \
	} while (0)

TEST(envelope_wants_json_that_is_an_object)
{
	AUTO(pipe) p;

	pipe_init(&p);
	CHECK_OUTCOME(&p, "{" ID AT "}", "ok");
	CHECK_OUTCOME(&p, "{" ID AT, "json.syntax");
	CHECK_OUTCOME(&p, "{" ID AT "} x", "json.trailing");
	CHECK_OUTCOME(&p, "{" ID AT ",\"x\":\"\xFF\"}", "json.utf8");
	CHECK_OUTCOME(&p, "{" ID AT ",\"x\":\"\\ud800\"}", "json.surrogate");
	CHECK_OUTCOME(&p, "{" ID AT ",\"a\":1,\"\\u0061\":1}", "json.duplicate_key");
	CHECK_OUTCOME(&p, "{" ID AT ",\"userId\":1,\"userid\":1}", "schema.name_clash");
	CHECK_OUTCOME(&p, "{" ID AT ",\"x\":18446744073709551615}", "value.int_range");
	CHECK_OUTCOME(&p, "{" ID AT ",\"x\":1e400}", "value.float_range");
	CHECK_OUTCOME(&p, "[1]", "envelope.not_object");
	CHECK_OUTCOME(&p, "\"x\"", "envelope.not_object");
	CHECK_OUTCOME(&p, "17", "envelope.not_object");
	CHECK_OUTCOME(&p, "null", "envelope.not_object");
	CHECK_INT(pipe_open(&p, "{\"a\":x}")->offset, 5);
}

TEST(envelope_tells_no_event_from_a_broken_one)
{
	AUTO(pipe) p;

	pipe_init(&p);
	CHECK_OUTCOME(&p, "{}", "envelope.missing");
	CHECK_OUTCOME(&p, "{\"x\":1}", "envelope.missing");
	CHECK_OUTCOME(&p, "{\"id\":null,\"at\":null}", "envelope.missing");
	CHECK_OUTCOME(&p, "{" AT "}", "id.missing /id");
	CHECK_OUTCOME(&p, "{\"id\":\"e1\"}", "time.missing /at");
	p.conf.names[0] = (struct name_rule){.kind = NAME_PATH, .path_count = 1, .paths = {pipe_path(&p, "meta.type")}};
	pipeline_seed(&p.conf, PIPE_SECRET);
	CHECK_OUTCOME(&p, "{\"meta\":{\"type\":\"x\"}}", "id.missing /id");
	CHECK_OUTCOME(&p, "{\"meta\":{}}", "envelope.missing");
	CHECK_OUTCOME(&p, "{" ID AT "}", "type.missing /meta/type");
}

TEST(envelope_takes_an_id_of_1_to_128_bytes)
{
	AUTO(pipe) p;
	AUTO(buf)  b = BUF(0);

	pipe_init(&p);
	CHECK_OUTCOME(&p, "{\"id\":null," AT "}", "id.missing /id");
	CHECK_OUTCOME(&p, "{\"id\":\"\"," AT "}", "id.invalid /id");
	CHECK_OUTCOME(&p, "{\"id\":7," AT "}", "id.invalid /id");
	CHECK_OUTCOME(&p, "{\"id\":true," AT "}", "id.invalid /id");
	CHECK_OUTCOME(&p, "{\"id\":{}," AT "}", "id.invalid /id");
	CHECK_OUTCOME(&p, "{\"id\":[\"e\"]," AT "}", "id.invalid /id");
	CHECK_OUTCOME(&p, "{\"id\":\"a\\u0000\"," AT "}", "value.control /id");
	CHECK_OUTCOME(&p, "{\"id\":\"a\\nb\"," AT "}", "value.control /id");
	CHECK_OUTCOME(&p, "{\"id\":\"\x7F\"," AT "}", "value.control /id");
	CHECK_OUTCOME(&p, "{\"id\":\"<script>${jndi:x}\"," AT "}", "ok");
	CHECK_OUTCOME(&p, "{\"id\":\"a\",\"x\":\"\\u0000\"," AT "}", "ok");
	for (size_t len = 128; len <= 129; len++) {
		buf_clear(&b);
		buf_add(&b, STR("{\"id\":\""));
		buf_fill(&b, 'x', len);
		buf_add(&b, STR("\"," AT "}"));
		CHECK_STR(str_of(outcome(&p, buf_str(&b))), len == 128 ? STR("ok") : STR("id.invalid /id"));
	}
}

static bool is_same_key(struct pipe *p, const char *one, const char *other)
{
	struct hash128 a = pipe_open(p, one)->key, b = pipe_open(p, other)->key;

	CHECK((a.high == b.high) == (a.low == b.low));
	return a.high == b.high;
}

TEST(envelope_keys_tell_ids_apart)
{
	AUTO(pipe)     p;
	AUTO(pipe)     other;

	pipe_init(&p);
	pipe_init(&other);
#define OF_ID(id) "{\"id\":\"" id "\"," AT "}"
	CHECK(is_same_key(&p, OF_ID("e1"), OF_ID("e1")));
	CHECK(is_same_key(&p, OF_ID("e1"), OF_ID("\\u0065\\u0031")));
	CHECK(!is_same_key(&p, OF_ID("e1"), OF_ID("E1")));
	CHECK(!is_same_key(&p, OF_ID("e1"), OF_ID("e1 ")));
	CHECK(!is_same_key(&p, OF_ID("e["), OF_ID("e{")));
	other.conf.name = STR("another");
	CHECK(pipe_open(&p, OF_ID("e1"))->key.high != pipe_open(&other, OF_ID("e1"))->key.high);
#undef OF_ID
}

TEST(envelope_takes_a_uuid_where_one_is_declared)
{
	static const char lower[] = "{\"id\":\"0190d4d2-3b6f-7c55-8a06-0a1b2c3d4e5f\"," AT "}";
	static const char upper[] = "{\"id\":\"0190D4D2-3B6F-7C55-8A06-0A1B2C3D4E5F\"," AT "}";
	AUTO(pipe)        p;
	struct event      one, other;

	pipe_init(&p);
	p.conf.id.is_uuid = true;
	CHECK_OUTCOME(&p, "{\"id\":\"0190d4d2-3b6f-7c55-8a06-0a1b2c3d4e5\"," AT "}", "id.invalid /id");
	CHECK_OUTCOME(&p, "{\"id\":\"e1\"," AT "}", "id.invalid /id");
	one = *pipe_open(&p, lower);
	other = *pipe_open(&p, upper);
	CHECK(one.verdict == VERDICT_ROW && one.is_id_exact);
	CHECK(other.verdict == VERDICT_ROW && !other.is_id_exact);
	CHECK(memcmp(&one.id, "\x01\x90\xD4\xD2", 4) == 0);
	CHECK(one.key.high == other.key.high && one.key.low == other.key.low);
}

TEST(envelope_makes_an_id_from_members)
{
	AUTO(pipe)     p;
	struct hash128 key;

	pipe_init(&p);
	p.conf.id = (struct id_rule){.kind = ID_HASH, .path_count = 2, .paths = {pipe_path(&p, "u"), pipe_path(&p, "s.n")}};
#define OF(json) "{" AT "," json "}"
	CHECK(is_same_key(&p, OF("\"u\":1,\"s\":{\"n\":2}"), OF("\"s\":{\"n\":2},\"x\":7,\"u\":1")));
	CHECK(!is_same_key(&p, OF("\"u\":1,\"s\":{\"n\":2}"), OF("\"u\":2,\"s\":{\"n\":1}")));
	CHECK(!is_same_key(&p, OF("\"u\":1"), OF("\"s\":{\"n\":1}")));
	CHECK(is_same_key(&p, OF("\"u\":1"), OF("\"u\":1,\"s\":{\"n\":null}")));
	CHECK(!is_same_key(&p, OF("\"u\":1"), OF("\"u\":\"1\"")));
	CHECK(!is_same_key(&p, OF("\"u\":1"), OF("\"u\":1.0")));
	CHECK(!is_same_key(&p, OF("\"u\":\"ab\",\"s\":{\"n\":\"c\"}"), OF("\"u\":\"a\",\"s\":{\"n\":\"bc\"}")));
	CHECK_OUTCOME(&p, OF("\"x\":1"), "id.missing /u");
	CHECK_OUTCOME(&p, "{\"x\":1}", "envelope.missing");
	key = pipe_open(&p, OF("\"u\":1"))->key;
	p.conf.names[0].texts[0] = STR("other");
	CHECK(pipe_open(&p, OF("\"u\":1"))->key.high != key.high); /* the name is part of it */

	/* one id, another content: for dedupe to see */
	CHECK(is_same_key(&p, OF("\"u\":1,\"x\":1"), OF("\"u\":1,\"x\":2")));
	CHECK(pipe_open(&p, OF("\"u\":1,\"x\":1"))->payload != pipe_open(&p, OF("\"u\":1,\"x\":2"))->payload);

	p.conf.id = (struct id_rule){.kind = ID_RECORD};
	CHECK(is_same_key(&p, OF("\"u\":1"), OF("\"u\":1")));
	CHECK(!is_same_key(&p, OF("\"u\":1"), OF("\"u\":2")));
	CHECK_OUTCOME(&p, "{" AT "}", "ok");
#undef OF
}

static void name_by(struct pipe *p, enum name_kind kind, uint32_t count, const char *one, const char *other)
{
	p->conf.names[0] = (struct name_rule){.kind = kind, .path_count = count, .paths = {pipe_path(p, one)}};
	if (other != NULL)
		p->conf.names[0].paths[1] = pipe_path(p, other);
	pipeline_seed(&p->conf, PIPE_SECRET);
}

TEST(envelope_takes_names_as_real_systems_have_them)
{
	AUTO(pipe) p;
	AUTO(buf)  b = BUF(0);

	pipe_init(&p);
	name_by(&p, NAME_PATH, 1, "t", NULL);
#define CHECK_NAME(name, want) CHECK_OUTCOME(&p, "{" ID AT ",\"t\":" name "}", want)
	CHECK_NAME("\"payment:order:completed\"", "ok");
	CHECK_NAME("\"select\"", "ok");
	CHECK_NAME("\"a/b #1.x-y_z\"", "ok");
	CHECK_NAME("null", "type.missing /t");
	CHECK_NAME("7", "type.missing /t");
	CHECK_NAME("\"\"", "type.missing /t");
	CHECK_NAME("{}", "type.missing /t");
	CHECK_NAME("\"../../etc/passwd\"", "type.name /t");
	CHECK_NAME("\"..\"", "type.name /t");
	CHECK_NAME("\"a\\\\b\"", "type.name /t");
	CHECK_NAME("\"%2e%2e%2f\"", "type.name /t");
	CHECK_NAME("\"a*\"", "type.name /t");
	CHECK_NAME("\"a?\"", "type.name /t");
	CHECK_NAME("\"[a]\"", "type.name /t");
	CHECK_NAME("\"x\\\"; DROP TABLE y;--\"", "type.name /t");
	CHECK_NAME("\"`x`\"", "type.name /t");
	CHECK_NAME("\"a\\r\\nb\"", "type.name /t");
	CHECK_NAME("\"a\\u001b[2J\"", "type.name /t");
	CHECK_NAME("\"a\\u0000\"", "value.control /t");
	CHECK_NAME("\"p\xD0\xB0ge\"", "type.name /t");
	CHECK_NAME("\"\\u202epage\"", "type.name /t");
	CHECK_NAME("\"\xF0\x9F\x8E\x88\"", "type.name /t");
#undef CHECK_NAME
	for (size_t len = 128; len <= 129; len++) {
		buf_clear(&b);
		buf_add(&b, STR("{" ID AT ",\"t\":\""));
		buf_fill(&b, 'x', len);
		buf_add(&b, STR("\"}"));
		CHECK_STR(str_of(outcome(&p, buf_str(&b))), len == 128 ? STR("ok") : STR("type.name /t"));
	}
	CHECK_STR(pipe_open(&p, "{" ID AT ",\"t\":\"p\\u0061ge\",\"x\":\"\\u0062bbb\"}")->name, STR("page"));
	CHECK(p.event.name_at != 0);
}

TEST(envelope_joins_a_name_from_members)
{
	AUTO(pipe) p;
	AUTO(buf)  b = BUF(0);

	pipe_init(&p);
	name_by(&p, NAME_TEMPLATE, 2, "d", "t");
	p.conf.names[0].texts[1] = STR(":");
	p.conf.names[0].texts[2] = STR("!");
	CHECK_OUTCOME(&p, "{" ID AT ",\"d\":\"bank\",\"t\":\"open\"}", "type.name /d");
	p.conf.names[0].texts[2] = STR("");
	CHECK_STR(pipe_open(&p, "{" ID AT ",\"d\":\"b\\u0061nk\",\"t\":\"\\u006fpen\"}")->name, STR("bank:open"));
	CHECK_INT(p.event.name_at, 0);
	CHECK_OUTCOME(&p, "{" ID AT ",\"d\":\"bank\"}", "type.missing /d");
	buf_add(&b, STR("{" ID AT ",\"d\":\"bank\",\"t\":\""));
	buf_fill(&b, 'x', 5000);
	buf_add(&b, STR("\"}"));
	CHECK_STR(str_of(outcome(&p, buf_str(&b))), STR("type.name /d"));

	/* rules are tried in order */
	p.conf.names[1] = (struct name_rule){.kind = NAME_PART};
	p.conf.names[2] = (struct name_rule){.kind = NAME_CONST, .texts = {STR("other")}};
	p.conf.name_count = 3;
	CHECK_STR(pipe_open(&p, "{" ID AT ",\"d\":\"bank\"}")->name, STR("other"));
	CHECK_INT(p.event.name_rule, 2);
	CHECK_STR(pipe_open_bytes(&p, STR("{" ID AT "}"), STR("from_path"))->name, STR("from_path"));
	CHECK_INT(p.event.name_rule, 1);
	CHECK_OUTCOME(&p, "{" ID "\"x\":1}", "time.missing /at");
}

static str part_name(const char *expression, const char *key)
{
	static struct pipeline conf;
	static struct arena    a;
	str                    name;

	conf.name_count = 1;
	conf.names[0].kind = NAME_PART;
	CHECK_INT(regcomp(&conf.names[0].expression, expression, REG_EXTENDED), 0);
	name = envelope_part_name(&conf, str_of(key), &a);
	regfree(&conf.names[0].expression);
	return name;
}

TEST(part_names_come_from_the_last_match)
{
	CHECK_STR(part_name("([a-z_]+)_events", "/data/page_view_events.json"), STR("page_view"));
	CHECK_STR(part_name("([a-z_]+)_events", "/data/old_events/page_view_events.json"), STR("page_view"));
	CHECK_STR(part_name("[a-z]+", "/data/listen"), STR("listen"));
	CHECK_STR(part_name("^/([a-z]+)", "/data/listen"), STR("data"));
	CHECK_STR(part_name("nothing", "/data/listen"), STR(""));
	CHECK_STR(part_name("x*", "/data"), STR(""));
	CHECK_STR(part_name("(y)|listen", "/data/listen"), STR("listen"));
}

TEST(envelope_takes_times_that_are_plain)
{
	AUTO(pipe) p;

	pipe_init(&p);
#define CHECK_TIME(time, want) CHECK_OUTCOME(&p, "{" ID "\"at\":" time "}", want)
	CHECK_TIME("null", "time.missing /at");
	CHECK_TIME("0", "time.range /at");
	CHECK_TIME("-1", "time.range /at");
	CHECK_TIME("946684800000", "ok");
	CHECK_TIME("946684799999", "time.range /at");
	CHECK_TIME("9223372036854775807", "time.range /at");
	CHECK_TIME("1e300", "time.range /at");
	CHECK_TIME("1735689600", "time.unit /at"); /* seconds */
	CHECK_TIME("1735689600000000", "time.unit /at"); /* microseconds */
	CHECK_TIME("1735689600000000000", "time.unit /at");
	CHECK_TIME("1735689600000.5", "ok");
	CHECK_TIME("\"1735689600000\"", "ok");
	CHECK_TIME("true", "time.syntax /at");
	CHECK_TIME("{}", "time.syntax /at");
	CHECK_TIME("\"\"", "time.syntax /at");
	CHECK_TIME("1735689900000", "ok"); /* in five minutes */
	CHECK_TIME("1735776000000", "ok");
	CHECK_TIME("1735776000001", "time.future /at"); /* in a day and more */
	CHECK_TIME("1735599600000", "ok"); /* 25 hours late */
	p.conf.time.has_unit = false;
	CHECK_TIME("1735689600000", "time.unit /at");
	CHECK_TIME("\"2024-12-31T23:59:60Z\"", "ok");
	CHECK_TIME("\"2024-02-30T00:00:00Z\"", "time.syntax /at");
	CHECK_TIME("\"2024-13-01T00:00:00Z\"", "time.syntax /at");
	CHECK_TIME("\"2024-12-01T25:61:00Z\"", "time.syntax /at");
	CHECK_TIME("\"2024-12-01T24:00:00Z\"", "time.syntax /at");
	CHECK_TIME("\"1970-01-01T00:00:00Z\"", "time.range /at");
	CHECK_TIME("\"2024-12-01T00:00:00\"", "time.zone /at");
	CHECK_TIME("\"2024-12-01T00:00:00+14:00\"", "ok");
	CHECK_TIME("\"2024-12-01T00:00:00+25:00\"", "time.zone /at");
	CHECK_TIME("\"9999-12-31T23:59:59Z\"", "time.range /at");
	CHECK_TIME("\"9999-01-01\"", "time.zone /at");
	CHECK_TIME("\"9998-12-31T23:59:59Z\"", "time.future /at");
	CHECK_TIME("\"2024-12-01T09:59:59.9999999Z\"", "ok");
	CHECK_INT(time_hour(p.event.time_us) % 24, 9);
	CHECK_TIME("\"2024-12-01T09:00:00\\u005a\"", "ok");
	p.conf.time.has_zone = true;
	p.conf.time.zone_minutes = 120;
	CHECK_TIME("\"2024-12-01T02:00:00\"", "ok");
	CHECK_INT(p.event.time_us, INT64_C(1733011200000000));
#undef CHECK_TIME
}

TEST(envelope_folds_only_times_that_can_be_written_back)
{
	AUTO(pipe) p;

	pipe_init(&p);
#define IS_FOLDED(time) (pipe_open(&p, "{" ID "\"at\":" time "}")->time_at != 0)
	CHECK(IS_FOLDED("1735689600000"));
	CHECK(!IS_FOLDED("1735689600000.0"));
	CHECK(!IS_FOLDED("\"1735689600000\""));
	p.conf.time.unit = TIME_NS;
	CHECK(IS_FOLDED("1735689600000001000"));
	CHECK(!IS_FOLDED("1735689600000000001"));
	p.conf.time.is_kept = true;
	CHECK(!IS_FOLDED("1735689600000001000"));
#undef IS_FOLDED
}

TEST(envelope_wants_required_members_last)
{
	static const char *const words[] = {"any", "object", "string", "number"};
	AUTO(pipe)               p;

	pipe_init(&p);
	for (uint32_t i = 0; i < 4; i++)
		p.conf.require[i] = (struct require_rule){pipe_path(&p, words[i]), (enum require_kind)i};
	p.conf.require_count = 4;
#define ALL(any, object, string, number) \
	"{" ID AT ",\"any\":" any ",\"object\":" object ",\"string\":" string ",\"number\":" number "}"
	CHECK_OUTCOME(&p, ALL("false", "{}", "\"\"", "1"), "ok");
	CHECK_OUTCOME(&p, ALL("[]", "{}", "\"\"", "1.5"), "ok");
	CHECK_OUTCOME(&p, ALL("null", "{}", "\"\"", "1"), "schema.required /any");
	CHECK_OUTCOME(&p, ALL("1", "[]", "\"\"", "1"), "schema.required /object");
	CHECK_OUTCOME(&p, ALL("1", "{}", "1", "1"), "schema.required /string");
	CHECK_OUTCOME(&p, ALL("1", "{}", "\"\"", "\"1\""), "schema.required /number");
	CHECK_OUTCOME(&p, "{" ID AT "}", "schema.required /any");
	CHECK_OUTCOME(&p, "{" ID "\"at\":1}", "time.range /at");
#undef ALL
}

TEST(envelope_hands_on_what_the_source_saw)
{
	static const struct {
		enum record_fault fault;
		const char       *code;
	} faults[] = {{RECORD_TOO_LARGE, "size.record"}, {RECORD_COMPRESSION, "frame.compression"},
	              {RECORD_CSV_QUOTE, "csv.quote"}, {RECORD_CSV_FIELDS, "csv.fields"}, {RECORD_SHAPE, "frame.records"}};
	AUTO(pipe) p;

	pipe_init(&p);
	(void)pipe_open(&p, "{}");
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct event ev;

		p.run.records.at[0].fault = faults[i].fault;
		envelope_open(&p.envelope, &p.run, &p.run.records.at[0], STR(""), &ev);
		CHECK_INT(ev.verdict, VERDICT_QUARANTINE);
		CHECK_STR(str_of(reason_code(ev.reason)), str_of(faults[i].code));
	}
}

TEST(reasons_all_have_a_code_and_words_of_their_own)
{
	for (enum reason r = 1; r < REASON_COUNT; r++) {
		CHECK(strchr(reason_code(r), '.') != NULL);
		CHECK(strlen(reason_words(r)) > 10);
		for (enum reason other = 1; other < r; other++)
			CHECK(strcmp(reason_code(r), reason_code(other)) != 0);
	}
}

#include "tests/unit/codec/json_lib.h"

#include "base/hash.h"
#include "tests/lib/test.h"

struct scanned scan_padded(str text, str pad, const struct json_limits *limits, struct json_tape *t)
{
	char          *copy = malloc(text.len + JSON_PADDING);
	struct scanned r = {0};

	memcpy(copy, text.ptr, text.len);
	for (size_t i = 0; i < JSON_PADDING; i++)
		copy[text.len + i] = pad.ptr[i % pad.len];
	r.is_taken = json_scan(copy, text.len, SEED, limits, t, &r.fault);
	free(copy);
	return r;
}

struct scanned scan_every_pad(str text, const struct json_limits *limits, struct json_tape *t)
{
	static const str pads[] = {
		STR("\0"), STR(" "), STR("\""), STR("\":1}]"), STR("}"), STR("]"), STR("0"),
		STR(",1"), STR(",\"a\":1"), STR(".5"), STR("e5,"), STR("\\"), STR("00\""), STR("\xBF"),
		STR("\xBF\""), STR("n\""), STR("true"), STR("\\udc00\""), STR("[{"),
		STR(":"), STR("\xFF"), STR("\n"),
	};
	struct scanned first = {0}, r;
	bool           is_same;
	size_t         before = t->count, words = 0;

	for (size_t i = 0; i < sizeof(pads) / sizeof(pads[0]); i++) {
		t->count = before;
		r = scan_padded(text, pads[i], limits, t);
		if (i == 0) {
			first = r;
			words = t->count;
		}
		is_same = r.is_taken == first.is_taken && r.fault.kind == first.fault.kind &&
		          t->count == words;
		if (!is_same)
			test_fail(__FILE__, __LINE__, "\"" STR_FMT "\": %s with pad %zu, %s without",
			          STR_ARG(str_head(text, 200)), json_fault_code(r.fault.kind), i,
			          json_fault_code(first.fault.kind));
		CHECK(r.is_taken || t->count == before);
		CHECK(r.fault.offset <= text.len);
	}
	return first;
}

static bool render_value(const char *document, const uint64_t *words, uint32_t *at, struct buf *out);

static bool render_name(const char *document, const uint64_t *words, uint32_t at, struct buf *out)
{
	AUTO(buf) scratch = BUF(0);
	str       name;

	if (json_kind(words[at]) != JSON_KEY)
		return false;
	name = json_unescape(document, words[at], &scratch);
	buf_json(out, name);
	buf_byte(out, ':');
	return words[at + 1] == hash_name(name, SEED);
}

static bool render_container(const char *document, const uint64_t *words, uint32_t *at, struct buf *out)
{
	uint64_t head = words[*at];
	uint32_t end = json_skip(words, *at), count = 0;
	bool     is_object = json_kind(head) == JSON_OBJECT;
	char     opener = is_object ? '{' : '[', closer = is_object ? '}' : ']';
	str      source = json_source(document, words, *at);

	if (source.ptr[0] != opener || source.ptr[source.len - 1] != closer)
		return false;
	buf_byte(out, opener);
	for (*at += 2; *at < end; count++) {
		buf_add(out, count ? STR(",") : STR(""));
		if (is_object && !render_name(document, words, *at, out))
			return false;
		*at += is_object ? 2 : 0;
		if (!render_value(document, words, at, out))
			return false;
	}
	buf_byte(out, closer);
	return *at == end && count == json_len(head);
}

static void render_double(str source, uint64_t bits, struct buf *out)
{
	double v;

	memcpy(&v, &bits, sizeof(v));
	if (str_eq(source, STR("-0")))
		buf_byte(out, '0'); /* the peer has it as an integer */
	else
		buf_print(out, "%a", v);
}

static bool render_value(const char *document, const uint64_t *words, uint32_t *at, struct buf *out)
{
	AUTO(buf)      scratch = BUF(0);
	enum json_kind kind = json_kind(words[*at]);
	str            source = json_source(document, words, *at);
	uint32_t       next = json_skip(words, *at);

	switch (kind) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		return render_container(document, words, at, out);
	case JSON_STRING:
		buf_json(out, json_unescape(document, words[*at], &scratch));
		break;
	case JSON_INT:
		buf_print(out, "%lld", (long long)words[*at + 1]);
		break;
	case JSON_DOUBLE:
		render_double(source, words[*at + 1], out);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		buf_add(out, source);
		break;
	default:
		return false;
	}
	*at = next;
	return true;
}

bool tape_render(const char *document, const uint64_t *words, size_t count, struct buf *out)
{
	uint32_t at = 0;

	return render_value(document, words, &at, out) && at == count;
}

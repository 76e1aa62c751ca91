/* Framings fed by hand: in pieces of every size, stopped after every record, and with broken input. */
#include "source/frame_int.h"

#include "tests/lib/test.h"

struct framed {
	str               text;
	uint64_t          offset, taken, mark;
	enum record_fault fault;
};

struct frames {
	struct arena arena;
	struct { VEC_OF(struct framed); } at;
	uint64_t blank_lines;
};

static void frames_done(struct frames *f)
{
	arena_done(&f->arena);
	VEC_DONE(&f->at);
}

AUTO_DEFINE(frames, frames_done)

struct feeding {
	enum frame_kind    kind;
	struct source_conf conf;
	str                text;
	uint64_t           from, mark;
	size_t             piece; /* bytes a time */
	uint64_t           record_limit;
};

static void keep(struct frames *out, struct run *run, const struct feed *w)
{
	for (size_t i = 0; i < run->records.count; i++) {
		struct record *r = &run->records.at[i];

		*VEC_ADD(&out->at) = (struct framed){
			.text = arena_str(&out->arena, str_make(run->bytes.ptr + r->text, r->text_len)),
			.offset = r->offset,
			.taken = w->taken,
			.mark = w->mark,
			.fault = r->fault,
		};
	}
	out->blank_lines += run->blank_lines;
	run_clear(run);
	*VEC_ADD(&run->parts) = (struct run_part){0};
}

/* A run a record, so that each has the position after it. */
static void frame_all(const struct feeding *in, struct frames *out)
{
	AUTO(run)          run = {0};
	AUTO(buf)          carry = BUF(0);
	str                head = str_head(in->text, FRAME_HEAD);
	struct frame_setup setup = {&in->conf, head, in->text.len <= FRAME_HEAD, in->mark};
	struct frame      *frame = frame_new(in->kind, &setup);
	str                rest = str_from(in->text, in->from);
	struct feed        w = {
		.record_limit = in->record_limit,
		.hold = in->record_limit + 1,
		.offset = in->from,
		.taken = in->from,
		.mark = in->mark,
	};

	*VEC_ADD(&run.parts) = (struct run_part){0};
	for (;;) {
		feed_enter(&w, &run, &carry);
		frame_scan(frame, &w);
		if (feed_wants(&w) && w.end == FEED_MORE) {
			buf_add(&run.bytes, str_head(rest, in->piece));
			rest = str_from(rest, in->piece);
			if (rest.len == 0)
				w.end = FEED_END;
		} else if (feed_wants(&w)) {
			CHECK_INT(feed_held(&w).len, 0);
			break;
		}
		feed_leave(&w, &carry);
		keep(out, &run, &w);
	}
	keep(out, &run, &w);
	CHECK(w.taken <= in->text.len);
	CHECK_INT(w.offset, in->text.len);
	frame_free(frame);
}

static str texts_of(struct frames *f)
{
	AUTO(buf) b = BUF(0);

	for (size_t i = 0; i < f->at.count; i++) {
		buf_add(&b, f->at.at[i].text);
		buf_byte(&b, '|');
	}
	return arena_str(&f->arena, buf_str(&b));
}

static void check_frames(enum frame_kind kind, const char *records, str text, str want)
{
	for (size_t piece = 1; piece <= text.len + 1; piece++) {
		AUTO(frames)   got = {0};
		struct feeding in = {kind, {.records = str_of(records)}, text, 0, 0, piece, 1 << 20};

		frame_all(&in, &got);
		CHECK_STR(texts_of(&got), want);
	}
}

TEST(frame_lines)
{
	check_frames(FRAME_LINES, "", STR("{\"a\":1}\n{\"a\":2}\r\n\n  \r\n{\"a\":3} x\n[4]"),
	             STR("{\"a\":1}|{\"a\":2}|{\"a\":3} x|[4]|"));
	check_frames(FRAME_LINES, "", STR("\n\n"), STR(""));
}

TEST(frame_lines_count_what_is_blank)
{
	AUTO(frames)   got = {0};
	struct feeding in = {FRAME_LINES, {0}, STR("\n{}\n \t\r\n\n{}\n\n"), 0, 0, 3, 100};

	frame_all(&in, &got);
	CHECK_INT(got.at.count, 2);
	CHECK_INT(got.blank_lines, 4);
}

TEST(frame_values)
{
	check_frames(FRAME_VALUES, "", STR("{\"a\":\"}\\\"{\"}{\"b\":[1,{}]}\n{\n \"c\" : 1\n}\n\"s\" 12 true{}x"),
	             STR("{\"a\":\"}\\\"{\"}|{\"b\":[1,{}]}|{\n \"c\" : 1\n}|\"s\"|12|true|{}|x|"));
	check_frames(FRAME_VALUES, "", STR("{\"a\":1}{\"b\""), STR("{\"a\":1}|{\"b\"|"));
}

TEST(frame_array)
{
	check_frames(FRAME_ARRAY, "", STR(" [ {\"a\":1} ,\n{\"b\":\"],\"}, 3, [4,5], \"x\" ] \n"),
	             STR("{\"a\":1}|{\"b\":\"],\"}|3|[4,5]|\"x\"|"));
	check_frames(FRAME_ARRAY, "", STR("[]"), STR(""));
	check_frames(FRAME_ARRAY, "", STR("[{\"a\":1},\n{\"b\":2"), STR("{\"a\":1}|{\"b\":2|"));
	check_frames(FRAME_ARRAY, "", STR("[1] [2]{\"c\":3}"), STR("1|2|{\"c\":3}|"));
}

TEST(frame_nested)
{
	check_frames(FRAME_NESTED, "/Records",
	             STR("{\"x\":[1],\"y\":{\"Records\":[0]},\"Records\":[{\"a\":1},{\"b\":\"]\"}],\"z\":\"}\"}\n"
	                 "{\"Records\":[]}{\"Records\":[3]}"),
	             STR("{\"a\":1}|{\"b\":\"]\"}|3|"));
	check_frames(FRAME_NESTED, "/a/b~1c", STR("{\"a\":{\"n\":null,\"b/c\":[1,2]},\"a\":7}"), STR("1|2|"));
	check_frames(FRAME_NESTED, "/r/1/x", STR("{\"r\":[{\"x\":[1]},{\"x\":[2]},{\"x\":[3]}]}"), STR("2|"));
	check_frames(FRAME_NESTED, "/0", STR("[[1,2],[3]]"), STR("1|2|"));
	check_frames(FRAME_NESTED, "/Re", STR("{\"\\u0052e\":[1]}"), STR("1|"));
	check_frames(FRAME_NESTED, "/r", STR("{\"r\":[1],\"r\":[2]}"), STR("1|2|"));
}

TEST(frame_nested_reports_documents_without_the_array)
{
	AUTO(frames)   got = {0};
	str            text = STR("{\"q\":1}{\"r\":{}} 7 {\"r\":[1]}{\"r\":");
	struct feeding in = {FRAME_NESTED, {.records = STR("/r")}, text, 0, 0, 2, 99};

	frame_all(&in, &got);
	CHECK_STR(texts_of(&got), STR("{\"q\":1}|{\"r\":{}}|7|1|{\"r\":|"));
	for (size_t i = 0; i < got.at.count; i++)
		CHECK_INT(got.at.at[i].fault, i == 3 ? RECORD_OK : RECORD_SHAPE);
}

TEST(frame_fluentd)
{
	check_frames(FRAME_FLUENTD, "", STR("2024-01-01T00:00:00Z\tapp.log\t{\"a\":\"\t\"}\r\nbad\n\tx\t{}\n"),
	             STR("{\"a\":\"\t\"}|bad|\tx\t{}|"));
}

TEST(frame_csv)
{
	check_frames(FRAME_CSV, "", STR("a;b\r\n1;\"x;\"\"y\n\"\r\n\r\n;2\n3\n4;5\"\n6;7"),
	             STR("{\"a\":\"1\",\"b\":\"x;\\\"y\\u000a\"}|{\"b\":\"2\"}|3|4;5\"|{\"a\":\"6\",\"b\":\"7\"}|"));
	check_frames(FRAME_CSV, "", STR("a,b"), STR(""));
}

static void check_look(const char *head, enum frame_kind want)
{
	struct source_conf conf = {0};

	if (frame_look(str_of(head), true, STR("x.json"), &conf) != want)
		test_fail(__FILE__, __LINE__, "<%s> is not %s", head, frame_word(want));
}

TEST(frame_is_found_by_looking)
{
	struct source_conf json = {.format = FORMAT_JSON}, nested = {.records = STR("/r")};

	check_look("", FRAME_LINES);
	check_look(" \n", FRAME_LINES);
	check_look("{\"a\":1}\n{\"a\":2}\n", FRAME_LINES);
	check_look("\xEF\xBB\xBF\n{\"a\":1}", FRAME_LINES);
	check_look("{\"a\":1}{\"a\":2}", FRAME_VALUES);
	check_look("{\"a\":1} {\"a\":2}\n", FRAME_VALUES);
	check_look("{\"a\":1}{\"a\":2}\n{\"a\":3}\n", FRAME_LINES);
	check_look("{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n", FRAME_VALUES);
	check_look("{\"a\":\n{\"a\":2}\n{\"a\":3}\n", FRAME_LINES);
	check_look("{\"a\":1} x\n{\"b\":1}\n", FRAME_LINES);
	check_look("[{\"a\":1},{\"a\":2}]", FRAME_ARRAY);
	check_look("[\n{\"a\":1},\n{\"a\":2}\n]\n", FRAME_ARRAY);
	check_look("[1]\n[2]\n", FRAME_LINES);
	check_look("[1]\n{\"a\":1}\n", FRAME_LINES);
	check_look("1700000000\tapp\t{\"a\":1}\n", FRAME_FLUENTD);
	check_look("id,name\n1,x\n", FRAME_CSV);
	check_look("\"id\"\t\"user name\"\n1\tx\n", FRAME_CSV);
	check_look("id,name\n1,x,y\n", FRAME_LINES);
	check_look("hello, world\nfoo, bar\n", FRAME_LINES);
	check_look("nothing of the kind\n", FRAME_LINES);
	CHECK_INT(frame_look(STR("a\n1\n"), true, STR("/x/y.csv.gz"), &(struct source_conf){0}), FRAME_CSV);
	CHECK_INT(frame_look(STR("\xFF\xFE{\0\"\0"), true, STR("x.csv"), &(struct source_conf){0}), FRAME_LINES);
	CHECK_INT(frame_look(STR("{\0\"\0a\0"), true, STR("x"), &(struct source_conf){0}), FRAME_LINES);
	CHECK_INT(frame_look(STR("id,name\n1,x\n"), true, STR("x.csv"), &json), FRAME_LINES);
	CHECK_INT(frame_look(STR("[{}]"), true, STR("x"), &nested), FRAME_NESTED);
}

TEST(frame_pointer_must_be_one)
{
	struct err e = ERR_NONE;

	CHECK_OK(frame_pointer_check(STR("/a/0/b~1"), &e), &e);
	CHECK_ERR(frame_pointer_check(STR("Records"), &e), ERR_INPUT);
}

TEST(frame_cuts_what_is_too_large)
{
	static const enum frame_kind kinds[] = {FRAME_LINES, FRAME_VALUES, FRAME_ARRAY, FRAME_NESTED, FRAME_CSV};
	static const char *const     opens[] = {"", "", "[", "{\"r\":[", "a\n"};

	for (size_t k = 0; k < 5; k++) {
		AUTO(frames) got = {0};
		AUTO(buf)    text = BUF(0);

		buf_add(&text, str_of(opens[k]));
		buf_add(&text, STR("\""));
		buf_fill(&text, 'x', 30000);
		buf_print(&text, "\"%s\"ok\"\n", k == 2 || k == 3 ? "," : "\n");
		frame_all(&(struct feeding){kinds[k], {.records = k == 3 ? STR("/r") : STR("")}, buf_str(&text),
		                            0, 0, 1000, 9000},
		          &got);
		CHECK_INT(got.at.count, 2);
		CHECK_INT(got.at.at[0].fault, RECORD_TOO_LARGE);
		CHECK_INT(got.at.at[0].text.len, FEED_HEAD);
		CHECK_INT(got.at.at[0].offset, strlen(opens[k]));
		CHECK_INT(got.at.at[1].fault, RECORD_OK);
		CHECK_STR(got.at.at[1].text, k == 4 ? STR("{\"a\":\"ok\"}") : STR("\"ok\""));
	}
}

TEST(frame_limit_is_exact)
{
	for (size_t piece = 1; piece < 12; piece++) {
		AUTO(frames) got = {0};
		str          text = STR("12345678\r\n123456789\r\n12345678");

		frame_all(&(struct feeding){FRAME_LINES, {0}, text, 0, 0, piece, 8}, &got);
		CHECK_INT(got.at.count, 3);
		for (size_t i = 0; i < got.at.count; i++)
			CHECK_INT(got.at.at[i].fault, i == 1 ? RECORD_TOO_LARGE : RECORD_OK);
	}
}

/* --- broken input ---------------------------------------------------------------------------- */

static void check_same(const struct frames *got, const struct frames *want, size_t from)
{
	CHECK_INT(got->at.count, want->at.count - from);
	for (size_t i = 0; i < got->at.count && from + i < want->at.count; i++) {
		const struct framed *a = &got->at.at[i], *b = &want->at.at[from + i];

		CHECK_STR(a->text, b->text);
		CHECK_INT(a->offset, b->offset);
		CHECK_INT(a->fault, b->fault);
		CHECK_INT(a->taken, b->taken);
	}
}

static bool is_skeleton(enum frame_kind kind, char c)
{
	return feed_is_blank(c) || (kind == FRAME_ARRAY && strchr("[],", c) != NULL && c != '\0');
}

/* Records, and what may be passed over, are all there is. */
static void check_covered(const struct feeding *in, const struct frames *got)
{
	uint64_t at = 0;

	for (size_t i = 0; i <= got->at.count; i++) {
		uint64_t next = i < got->at.count ? got->at.at[i].offset : in->text.len;

		CHECK(at <= next);
		for (; at < next; at++)
			CHECK(is_skeleton(in->kind, in->text.ptr[at]));
		if (i < got->at.count) {
			CHECK_STR(got->at.at[i].text, str_head(str_from(in->text, at), got->at.at[i].text.len));
			at += got->at.at[i].text.len;
		}
	}
}

static void check_broken(struct feeding in)
{
	AUTO(frames) whole = {0}, pieces = {0};

	in.piece = in.text.len + 1;
	frame_all(&in, &whole);
	in.piece = 1 + test_random() % 7;
	frame_all(&in, &pieces);
	check_same(&pieces, &whole, 0);
	if (in.kind <= FRAME_ARRAY)
		check_covered(&in, &whole);
	for (size_t i = 0; i < whole.at.count; i++) {
		AUTO(frames) rest = {0};

		in.from = whole.at.at[i].taken;
		in.mark = whole.at.at[i].mark;
		frame_all(&in, &rest);
		check_same(&rest, &whole, i + 1);
	}
}

static const struct {
	enum frame_kind kind;
	const char     *records, *text;
} samples[] = {
	{FRAME_LINES, "", "{\"a\":1}\n\n{\"b\":\"x\"}\r\n[1,2]\n{\"a\":{\"c\":[]}}\n \nend"},
	{FRAME_VALUES, "", "{\"a\":1}{\"b\":\"}{\\\"\"} [1,[2]]\n{\n \"c\": {\"d\": 1}\n}\n12 \"s\"{}"},
	{FRAME_ARRAY, "", "[{\"a\":1},{\"b\":\"],\\\"\"}, 3,\n[4,[5]] ,\"x\"]\n[{}]"},
	{FRAME_NESTED, "/r/a",
	 "{\"q\":[1],\"r\":{\"z\":0,\"a\":[{\"a\":1},2,\"]\"]},\"t\":{}}\n{\"r\":{\"a\":[3,{}]}}{\"r\":1}"},
	{FRAME_NESTED, "/1/0", "[[9],[[1,{\"b\":[2]}],5]] [0,[[7]]]"},
	{FRAME_FLUENTD, "", "1\tt\t{\"a\":1}\n\n2\tt\t{\"b\":\"\\t\"}\r\nx\n3\tt\t{}"},
};

/* A few bytes changed, put in, or taken out. */
static void mutate(struct buf *b)
{
	static const char marks[] = "{}[]\",:\n\r\t \\x1";

	for (uint64_t n = 1 + test_random() % 4; n > 0 && b->len > 1; n--) {
		size_t at = test_random() % b->len;
		char   c = marks[test_random() % (sizeof(marks) - 1)];

		if (test_random() % 3 == 0) {
			memmove(b->ptr + at, b->ptr + at + 1, b->len - at - 1);
			b->len--;
		} else if (test_random() % 2 == 0) {
			b->ptr[at] = c;
		} else {
			buf_byte(b, c);
			memmove(b->ptr + at + 1, b->ptr + at, b->len - at - 1);
			b->ptr[at] = c;
		}
	}
}

TEST(frame_loses_nothing_of_broken_input)
{
	for (int round = 0; round < 1500; round++)
		for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
			AUTO(buf)      text = BUF(0);
			struct feeding in = {.kind = samples[i].kind, .record_limit = 1 << 20};

			buf_add(&text, str_of(samples[i].text));
			if (round > 0)
				mutate(&text);
			in.conf.records = str_of(samples[i].records);
			in.text = buf_str(&text);
			check_broken(in);
		}
}

TEST(frame_csv_goes_on_after_every_row)
{
	check_broken((struct feeding){
		.kind = FRAME_CSV,
		.text = STR("a,b\n1,2\n\n\"x\ny\",3\n4\n5,6\r\n7,8"),
		.record_limit = 1 << 20,
	});
}

#include "codec/csv.h"
#include "tests/lib/test.h"

/* The fields of one record, each as <text> or, where it was quoted, as [text]. */
static str shown(str record, char delimiter, struct buf *out)
{
	AUTO(csv_fields) row = {0};

	buf_clear(out);
	if (!csv_split(record, delimiter, &row)) {
		CHECK_INT(row.count, 0);
		buf_print(out, "%s at %zu", csv_fault_code(row.fault), row.fault_at);
		return buf_str(out);
	}
	for (size_t i = 0; i < row.count; i++) {
		buf_byte(out, row.at[i].was_quoted ? '[' : '<');
		buf_add(out, row.at[i].text);
		buf_byte(out, row.at[i].was_quoted ? ']' : '>');
	}
	return buf_str(out);
}

TEST(csv_splits_records)
{
	static const struct {
		const char *record, *want;
	} rows[] = {
		{"", "<>"},
		{"\r\n", "<>"},
		{"a", "<a>"},
		{"a,b,c", "<a><b><c>"},
		{"a,b,c\n", "<a><b><c>"},
		{"a,b,c\r\n", "<a><b><c>"},
		{",", "<><>"},
		{"a,,\n", "<a><><>"},
		{" a , b ", "< a >< b >"},
		{"\"\"", "[]"},
		{"\"\",", "[]<>"},
		{",\"\"\r\n", "<>[]"},
		{"\"a\",b,\"c\"", "[a]<b>[c]"},
		{"\"a,b\",c", "[a,b]<c>"},
		{"\"a\nb\r\nc\",d\r\n", "[a\nb\r\nc]<d>"},
		{"\"a \"\"b\"\"\",c", "[a \"b\"]<c>"},
		{"\"\"\"\"", "[\"]"},
		{"\"\"\"\"\"\",\"\"\"x\"", "[\"\"][\"x]"},
		{"\"a\"\"b\",\"c\"\"d\",e", "[a\"b][c\"d]<e>"},
		{"a\rb,c", "<a\rb><c>"},
		{"caf\xC3\xA9,\xFF", "<caf\xC3\xA9><\xFF>"},
		/* Quotes that are not around a whole field. */
		{"\"", "csv.quote at 0"},
		{"a,\"b", "csv.quote at 2"},
		{"a,\"b\"\"", "csv.quote at 2"},
		{"a\"b,c", "csv.quote at 1"},
		{"a, \"b\"", "csv.quote at 3"},
		{"\"a\"b,c", "csv.quote at 3"},
		{"\"a\" ,c", "csv.quote at 3"},
		{"5\" pipe", "csv.quote at 1"},
	};
	AUTO(buf) out = BUF(0);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_STR(shown(str_of(rows[i].record), ',', &out), str_of(rows[i].want));
	CHECK_STR(shown(STR("a,b;\"c;d\""), ';', &out), STR("<a,b>[c;d]"));
	CHECK_STR(shown(STR("a\t\tb"), '\t', &out), STR("<a><><b>"));
	CHECK_STR(shown(STR("a\0b,c"), ',', &out), STR("<a\0b><c>"));
}

TEST(csv_fields_can_be_used_again)
{
	AUTO(csv_fields) row = {0};

	CHECK(csv_split(STR("\"a\"\"b\",c"), ',', &row));
	CHECK(!csv_split(STR("\"a"), ',', &row));
	CHECK_INT(row.fault, CSV_QUOTE);
	CHECK(csv_split(STR("\"x\"\"y\""), ',', &row));
	CHECK_INT(row.fault, CSV_OK);
	CHECK_INT(row.count, 1);
	CHECK_STR(row.at[0].text, STR("x\"y"));
}

TEST(csv_has_a_ceiling_for_fields)
{
	AUTO(csv_fields) row = {0};
	AUTO(buf)        record = BUF(0);

	buf_fill(&record, ',', CSV_FIELDS_MAX - 1);
	CHECK(csv_split(buf_str(&record), ',', &row));
	CHECK_INT(row.count, CSV_FIELDS_MAX);
	buf_byte(&record, ',');
	CHECK(!csv_split(buf_str(&record), ',', &row));
	CHECK_INT(row.fault, CSV_FIELDS);
	CHECK_STR(str_of(csv_fault_code(row.fault)), STR("csv.fields"));
}

/* All records of a text, each ended by '|'. */
static str framed(str text, size_t piece, struct buf *out)
{
	struct csv_frame frame = {.delimiter = ','};

	buf_clear(out);
	for (size_t from = 0; from < text.len; from += piece) {
		str    part = str_head(str_from(text, from), piece);
		size_t at = 0;

		while (at < part.len) {
			bool   is_whole;
			size_t end = csv_record_end(&frame, part, at, &is_whole);

			buf_bytes(out, part.ptr + at, end - at);
			if (is_whole)
				buf_byte(out, '|');
			at = end;
		}
	}
	return buf_str(out);
}

TEST(csv_finds_record_ends)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"a,b\nc,d\n", "a,b\n|c,d\n|"},
		{"a,b\r\nc,d", "a,b\r\n|c,d"},
		{"\n\n", "\n|\n|"},
		{"\"a\nb\",c\nd\n", "\"a\nb\",c\n|d\n|"},
		{"a,\"b\"\"\n\"\n\"\"\n", "a,\"b\"\"\n\"\n|\"\"\n|"},
		{"a,\"b\"\r\nc\n", "a,\"b\"\r\n|c\n|"},
		/* A bad quote costs its own line and no other. */
		{"5\" pipe\nb\n", "5\" pipe\n|b\n|"},
		{"\"a\"b\"\nc\n", "\"a\"b\"\n|c\n|"},
		{"a, \"b\nc\n", "a, \"b\n|c\n|"},
		{"a;\"b\nc\n", "a;\"b\n|c\n|"},
		/* One that opens a field and never closes takes all. */
		{"a,\"b\nc\n", "a,\"b\nc\n"},
	};
	AUTO(buf) out = BUF(0);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t piece = 1; piece <= strlen(rows[i].text); piece++)
			CHECK_STR(framed(str_of(rows[i].text), piece, &out), str_of(rows[i].want));
}

TEST(csv_finds_ends_in_linear_time)
{
	enum { SIZE = 8 << 20 };
	AUTO(buf)        text = BUF(0);
	struct csv_frame frame = {.delimiter = ','};
	bool             is_whole;

	while (text.len < SIZE)
		buf_add(&text, STR("\"a\","));
	buf_byte(&text, '\n');
	CHECK_INT(csv_record_end(&frame, buf_str(&text), 0, &is_whole), text.len);
	CHECK(is_whole);
}

TEST(csv_sniffs_delimiters)
{
	static const struct {
		const char *head;
		char        want;
	} rows[] = {
		{"", ','},
		{"one\ntwo\n", ','},
		{"a,b\n1,2\n", ','},
		{"a;b\n1,5;2,5\n", ';'},
		{"a\tb\n1,0\t2,0\n3,1\t4,1\n", '\t'},
		{"a|b|c\n1|2|3\n", '|'},
		{"\"a,b,c\";d\n\"1,2,3\";4\n", ';'},
		{"a;b", ';'},
		{"name,note\nx,a;b;c\ny,d\n", ','},
		{"a,b,c\r\n\r\n1,2,3\r\n4,5,6\r\n7,", ','},
		{"a,b,c\n1,2\n3,4,5,6\n", ','},
		{"\"a\nb\"|c\n1|2\n", '|'},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (csv_sniff_delimiter(str_of(rows[i].head)) != rows[i].want)
			test_fail(__FILE__, __LINE__, "\"%s\": '%c'", rows[i].head,
			          csv_sniff_delimiter(str_of(rows[i].head)));
}

TEST(csv_writes_json)
{
	AUTO(csv_fields) header = {0};
	AUTO(csv_fields) row = {0};
	AUTO(buf)        out = BUF(0);

	CHECK(csv_split(STR("id,\"a \"\"name\"\"\",note"), ',', &header));
	CHECK(csv_split(STR("7,\"x\ty\\\",caf\xC3\xA9\r\n"), ',', &row));
	CHECK(csv_to_json(&header, &row, &out));
	CHECK_STR(buf_str(&out), STR("{\"id\":\"7\",\"a \\\"name\\\"\":\"x\\u0009y\\\\\","
	                             "\"note\":\"caf\xC3\xA9\"}"));

	buf_clear(&out);
	CHECK(csv_split(STR(",\"\","), ',', &row));
	CHECK(csv_to_json(&header, &row, &out));
	CHECK_STR(buf_str(&out), STR("{\"a \\\"name\\\"\":\"\"}"));

	buf_clear(&out);
	CHECK(csv_split(STR(",,"), ',', &row));
	CHECK(csv_to_json(&header, &row, &out));
	CHECK_STR(buf_str(&out), STR("{}"));

	buf_clear(&out);
	CHECK(csv_split(STR("1,2,\xFF\0"), ',', &row)); /* bytes are not mended on the way */
	CHECK(csv_to_json(&header, &row, &out));
	CHECK_STR(str_from(buf_str(&out), out.len - 17), STR("\"note\":\"\xFF\\u0000\"}"));

	buf_clear(&out);
	CHECK(csv_split(STR("1,2"), ',', &row));
	CHECK(!csv_to_json(&header, &row, &out));
	CHECK_INT(out.len, 0);
}

/* Random fields written as CSV come back as they were, through framing in random pieces and
 * splitting. */
TEST(csv_reads_what_was_written)
{
	static const char letters[] = "ab,\"\n\r \t;|";
	AUTO(buf)         text = BUF(0);
	AUTO(buf)         want = BUF(0);
	AUTO(buf)         got = BUF(0);
	AUTO(csv_fields)  row = {0};

	for (int round = 0; round < 20000; round++) {
		struct csv_frame frame = {.delimiter = ','};
		bool             is_whole = false;
		size_t           end = 0;
		uint64_t         fields = 1 + test_random() % 5;

		buf_clear(&text), buf_clear(&want), buf_clear(&got);
		for (uint64_t i = 0; i < fields; i++) {
			buf_add(&text, i > 0 ? STR(",\"") : STR("\""));
			for (uint64_t n = test_random() % 6; n > 0; n--) {
				char c = letters[test_random() % (sizeof(letters) - 1)];

				buf_fill(&text, c, c == '"' ? 2 : 1);
				buf_byte(&want, c);
			}
			buf_byte(&text, '"');
			buf_byte(&want, '\0');
		}
		buf_add(&text, test_random() % 2 ? STR("\r\n") : STR("\n"));
		while (end < text.len) {
			size_t seen = end + 1 + test_random() % (text.len - end);

			end = csv_record_end(&frame, str_head(buf_str(&text), seen), end, &is_whole);
			CHECK_INT(is_whole, end == text.len);
		}
		CHECK(csv_split(buf_str(&text), ',', &row));
		CHECK_INT(row.count, fields);
		for (size_t i = 0; i < row.count; i++) {
			buf_add(&got, row.at[i].text);
			buf_byte(&got, '\0');
		}
		CHECK_STR(buf_str(&got), buf_str(&want));
	}
}

static bool holds_line_end(str text)
{
	return str_find(text, '\n', 0) < text.len;
}

/* Whatever the bytes: no crash, pieces make no difference, every record is cut where splitting
 * agrees, nothing is lost. */
TEST(csv_stands_mutations)
{
	static const char letters[] = "a,\"\n\r\"\",";
	AUTO(buf)         in_one = BUF(0);
	AUTO(buf)         in_pieces = BUF(0);
	AUTO(csv_fields)  row = {0};

	for (int round = 0; round < 50000; round++) {
		struct csv_frame frame = {.delimiter = ','};
		char             text[40];
		size_t           len = test_random() % sizeof(text), at = 0;

		for (size_t i = 0; i < len; i++)
			text[i] = letters[test_random() % (sizeof(letters) - 1)];
		CHECK_STR(framed(str_make(text, len), 1 + test_random() % 7, &in_pieces),
		          framed(str_make(text, len), len + 1, &in_one));
		while (at < len) {
			bool   is_whole;
			size_t end = csv_record_end(&frame, str_make(text, len), at, &is_whole);
			str    record = {text + at, end - at};

			if (csv_split(record, ',', &row))
				for (size_t i = 0; i < row.count; i++)
					CHECK(row.at[i].was_quoted || !holds_line_end(row.at[i].text));
			else
				CHECK(row.fault == CSV_QUOTE && row.fault_at < record.len);
			(void)csv_sniff_delimiter(record);
			at = end;
		}
	}
}

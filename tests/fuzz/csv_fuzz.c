/* CSV: a text framed in pieces is framed as the whole is; every record splits, or says why; what becomes of it is
 * JSON that the scan takes, unless its bytes or its header are at fault. */
#include "codec/csv.h"
#include "codec/json.h"
#include "tests/fuzz/fuzz.h"

static void check_json(const struct csv_fields *header, const struct csv_fields *row)
{
	struct json_tape  t = {0};
	struct json_fault fault;
	AUTO(buf)         out = BUF(0);

	if (!csv_to_json(header, row, &out)) {
		CHECK(header->count != row->count && out.len == 0);
		return;
	}
	CHECK(buf_room(&out, JSON_PADDING) != NULL);
	memset(out.ptr + out.len, '}', JSON_PADDING);
	if (!json_scan(out.ptr, out.len, 1, &JSON_LIMITS, &t, &fault))
		CHECK(fault.kind == JSON_UTF8 || fault.kind == JSON_SURROGATE || fault.kind == JSON_DUPLICATE_KEY ||
		      fault.kind == JSON_NAME_CLASH || fault.kind == JSON_TOO_MANY_KEYS || fault.kind == JSON_KEY_LENGTH);
	else
		CHECK(json_kind(t.words[0]) == JSON_OBJECT && json_len(t.words[0]) <= row->count);
	json_tape_done(&t);
}

/* Framed again, a few bytes at a time, it ends where it ended. */
static void check_pieces(str text, char delimiter, size_t from, size_t end, bool is_whole)
{
	struct csv_frame frame = {.delimiter = delimiter};
	size_t           at = from, step = 1 + fuzz_choice(text, from, 7);
	bool             is_done = false;

	while (!is_done && at < text.len)
		at = csv_record_end(&frame, str_head(text, at + step < text.len ? at + step : text.len), at, &is_done);
	CHECK_INT(at, end);
	CHECK_INT(is_done, is_whole);
}

static void check_text(str text, char delimiter)
{
	struct csv_frame frame = {.delimiter = delimiter};
	AUTO(csv_fields) header = {0};
	AUTO(csv_fields) row = {0};
	bool             is_whole = true, has_header = false;

	for (size_t at = 0, end; at < text.len; at = end) {
		str record;

		end = csv_record_end(&frame, text, at, &is_whole);
		CHECK(end > at && end <= text.len && (is_whole || end == text.len));
		check_pieces(text, delimiter, at, end, is_whole);
		record = str_make(text.ptr + at, end - at);
		if (!has_header) {
			has_header = csv_split(record, delimiter, &header);
		} else if (csv_split(record, delimiter, &row)) {
			CHECK(row.count > 0 && row.count <= record.len + 1);
			check_json(&header, &row);
		} else {
			CHECK(row.fault != CSV_OK && row.fault_at <= record.len);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy;
	str   text;

	if (size > 1 << 14)
		return 0;
	copy = fuzz_copy(str_make(data, size), 0);
	text = str_make(copy, size);
	check_text(text, csv_sniff_delimiter(text));
	check_text(text, ';');
	free(copy);
	return 0;
}

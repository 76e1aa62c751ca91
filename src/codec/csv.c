/* csv.c - records, fields, and JSON from them.
 *
 * Invariant: csv_record_end and csv_split see the same quotes. A quote opens a field only as its
 * first byte; anywhere else it opens nothing, and is a fault when the record is split.
 */
#include "codec/csv.h"

#include <assert.h>

/* Where a scan is. AT_FIELD and AFTER_QUOTE take a quote alike: it opens the field, or was the
 * first of a doubled pair. */
enum state {
	AT_FIELD, /* nothing of the field yet; must be 0, so that a zeroed frame begins a record */
	IN_PLAIN,
	IN_QUOTES,
	AFTER_QUOTE, /* a quote inside quotes: the closing one, or half of a pair */
};

enum { SNIFF_RECORDS = 16 };

static inline enum state state_after(enum state state, char c, char delimiter)
{
	if (state == IN_QUOTES)
		return c == '"' ? AFTER_QUOTE : IN_QUOTES;
	if (c == delimiter)
		return AT_FIELD;
	if (c == '"' && state != IN_PLAIN)
		return IN_QUOTES;
	return IN_PLAIN;
}

/* Most records have no quote: their end is the first LF. Tried once a record, or a line with
 * many quotes is read many times. */
static bool is_line_without_quotes(str text, size_t from, size_t *out_end)
{
	size_t end = str_find(text, '\n', from);

	if (end >= text.len || memchr(text.ptr + from, '"', end - from) != NULL)
		return false;
	*out_end = end + 1;
	return true;
}

size_t csv_record_end(struct csv_frame *frame, str text, size_t from, bool *is_whole)
{
	enum state state = (enum state)frame->state;
	size_t     end = text.len;

	assert(from <= text.len);

	*is_whole = state == AT_FIELD && is_line_without_quotes(text, from, &end);
	for (size_t at = from; at < text.len && !*is_whole; at++) {
		if (text.ptr[at] == '\n' && state != IN_QUOTES) {
			*is_whole = true;
			end = at + 1;
		}
		state = state_after(state, text.ptr[at], frame->delimiter);
	}
	frame->state = *is_whole ? AT_FIELD : (uint8_t)state;
	return end;
}

void csv_fields_done(struct csv_fields *f)
{
	VEC_DONE(f);
	buf_done(&f->scratch);
}

/* false where there are too many. */
static bool add_field(struct csv_fields *out, str text, bool was_quoted)
{
	if (out->count == CSV_FIELDS_MAX)
		return false;
	*VEC_ADD(out) = (struct csv_field){.text = text, .was_quoted = was_quoted};
	return true;
}

static bool refuse(struct csv_fields *out, enum csv_fault fault, size_t at)
{
	out->count = 0;
	out->fault = fault;
	out->fault_at = at;
	return false;
}

/* The field from *at up to the next delimiter, where *at is left. */
static bool split_plain(str record, char delimiter, size_t *at, struct csv_fields *out)
{
	size_t from = *at, end = str_find(record, delimiter, from);
	str    text = {record.ptr + from, end - from};
	size_t quote = str_find(text, '"', 0);

	if (quote < text.len)
		return refuse(out, CSV_QUOTE, from + quote);
	if (!add_field(out, text, false))
		return refuse(out, CSV_FIELDS, from);
	*at = end;
	return true;
}

/* The same for a field that opens with a quote at *at. */
static bool split_quoted(str record, char delimiter, size_t *at, struct csv_fields *out)
{
	size_t open = *at, from = open + 1, quote = str_find(record, '"', from);
	size_t kept = out->scratch.len;
	str    text;

	while (quote + 1 < record.len && record.ptr[quote + 1] == '"') {
		/* With the first quote of the pair. */
		buf_bytes(&out->scratch, record.ptr + from, quote + 1 - from);
		from = quote + 2;
		quote = str_find(record, '"', from);
	}
	if (quote == record.len)
		return refuse(out, CSV_QUOTE, open);
	if (quote + 1 < record.len && record.ptr[quote + 1] != delimiter)
		return refuse(out, CSV_QUOTE, quote + 1);

	text = str_make(record.ptr + from, quote - from);
	if (from > open + 1) {
		buf_add(&out->scratch, text);
		text = str_from(buf_str(&out->scratch), kept);
	}
	if (!add_field(out, text, true))
		return refuse(out, CSV_FIELDS, open);
	*at = quote + 1;
	return true;
}

static str without_line_end(str record)
{
	if (record.len > 0 && record.ptr[record.len - 1] == '\n')
		record.len--;
	if (record.len > 0 && record.ptr[record.len - 1] == '\r')
		record.len--;
	return record;
}

bool csv_split(str record, char delimiter, struct csv_fields *out)
{
	bool  is_good;
	char *room;

	assert(delimiter != '"' && delimiter != '\r' && delimiter != '\n');
	assert(record.len < CSV_RECORD_MAX);

	out->count = 0;
	out->fault = CSV_OK;
	out->fault_at = 0;
	buf_clear(&out->scratch);
	record = without_line_end(record);
	/* Unquoting never makes text longer. The room is had at once: fields point into it and
	 * it must not move. */
	room = buf_room(&out->scratch, record.len + 1);
	assert(room != NULL);

	for (size_t at = 0;; at++) {
		if (at < record.len && record.ptr[at] == '"')
			is_good = split_quoted(record, delimiter, &at, out);
		else
			is_good = split_plain(record, delimiter, &at, out);
		if (!is_good || at == record.len)
			return is_good;
		assert(record.ptr[at] == delimiter);
	}
}

/* By the states alone: bad quotes do not matter to a guess. */
static size_t count_fields(str record, char delimiter)
{
	enum state state = AT_FIELD;
	size_t     count = 1;

	for (size_t at = 0; at < record.len; at++) {
		state = state_after(state, record.ptr[at], delimiter);
		count += state == AT_FIELD;
	}
	return count;
}

/* Fields that every one of the first `records` records has; 0 where they differ. The last, cut
 * off by the end of `head`, is looked at only where it is the first. */
static size_t steady_count(str head, char delimiter, int records)
{
	struct csv_frame frame = {.delimiter = delimiter};
	size_t           steady = 0, at = 0;

	while (at < head.len && records > 0) {
		bool   is_whole;
		size_t end = csv_record_end(&frame, head, at, &is_whole);
		str    record = without_line_end(str_make(head.ptr + at, end - at));
		size_t count = count_fields(record, delimiter);

		at = end;
		if (record.len == 0 || (!is_whole && steady > 0))
			continue;
		if (steady > 0 && count != steady)
			return 0;
		steady = count;
		records--;
	}
	return steady;
}

char csv_sniff_delimiter(str head)
{
	static const char candidates[] = {',', ';', '\t', '|'};
	static const int  reaches[] = {SNIFF_RECORDS, 1}; /* ragged records: the header decides */
	char              best = ',';
	size_t            best_count = 1;

	for (size_t reach = 0; reach < 2 && best_count < 2; reach++)
		for (size_t i = 0; i < sizeof(candidates); i++) {
			size_t count = steady_count(head, candidates[i], reaches[reach]);

			if (count > best_count) {
				best_count = count;
				best = candidates[i];
			}
		}
	return best;
}

static inline bool is_escaped(char c)
{
	return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

/* Not buf_json, which mends what is not UTF-8: a record is refused for that, not changed. */
static void json_string(struct buf *out, str s)
{
	size_t from = 0;

	buf_byte(out, '"');
	for (size_t at = 0; at < s.len; at++) {
		unsigned char c = (unsigned char)s.ptr[at];

		if (!is_escaped(s.ptr[at]))
			continue;
		buf_bytes(out, s.ptr + from, at - from);
		from = at + 1;
		if (c < 0x20)
			buf_print(out, "\\u%04x", c);
		else
			buf_bytes(out, (char[]){'\\', (char)c}, 2);
	}
	buf_add(out, str_from(s, from));
	buf_byte(out, '"');
}

bool csv_to_json(const struct csv_fields *header, const struct csv_fields *row, struct buf *out)
{
	char before = '{';

	if (header->count != row->count)
		return false;
	for (size_t i = 0; i < row->count; i++) {
		const struct csv_field *field = &row->at[i];

		if (field->text.len == 0 && !field->was_quoted)
			continue;
		buf_byte(out, before);
		json_string(out, header->at[i].text);
		buf_byte(out, ':');
		json_string(out, field->text);
		before = ',';
	}
	buf_add(out, before == '{' ? STR("{}") : STR("}"));
	return true;
}

const char *csv_fault_code(enum csv_fault fault)
{
	static const char *const codes[] = {
		[CSV_OK] = "",
		[CSV_QUOTE] = "csv.quote",
		[CSV_FIELDS] = "csv.fields",
	};

	assert(fault <= CSV_FIELDS);
	return codes[fault];
}

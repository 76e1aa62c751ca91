/* Which framing a part has: found by looking at its first bytes.
 *
 * Names lie (.json that is lines, .log that is JSON); bytes do not. Where two framings would do,
 * lines win: a bad line costs one record, where a bad bracket among values costs all that follow.
 * So two documents on one line of a file of lines stay one record, for the JSON scan to refuse.
 */
#include "source/frame_int.h"

#include <assert.h>

#include "codec/csv.h"
#include "source/value_int.h"

str frame_without_mark(str head)
{
	return str_starts(head, STR("\xEF\xBB\xBF")) ? str_from(head, 3) : head;
}

static size_t pass_blanks(str head, size_t at)
{
	while (at < head.len && feed_is_blank(head.ptr[at]))
		at++;
	return at;
}

static size_t pass_blanks_in_line(str head, size_t at)
{
	while (at < head.len && feed_is_blank(head.ptr[at]) && head.ptr[at] != '\n')
		at++;
	return at;
}

/* Its byte order mark, or NULs where ASCII has none. JSON begins with ASCII. */
static bool is_utf16_or_32(str head)
{
	return str_starts(head, STR("\xFF\xFE")) || str_starts(head, STR("\xFE\xFF")) ||
	       (head.len > 0 && memchr(head.ptr, '\0', str_head(head, 4).len) != NULL);
}

/* The next whole line of the head, without blanks around it; empty at its end. */
static str next_line(str head, bool is_whole, size_t *at)
{
	while (*at < head.len) {
		size_t end = str_find(head, '\n', *at);
		str    line = str_trim(str_make(head.ptr + *at, end - *at));

		*at = end + 1;
		if (line.len > 0 && (end < head.len || is_whole))
			return line;
	}
	return (str){0};
}

/* Whether more than half of the lines look like objects: then one that is broken is a broken line. */
static bool has_object_lines(str head, bool is_whole)
{
	size_t at = 0, lines = 0, objects = 0;
	str    line;

	while ((line = next_line(head, is_whole, &at)).len > 0) {
		lines++;
		objects += line.ptr[0] == '{' && line.ptr[line.len - 1] == '}';
	}
	return objects * 2 >= lines; /* a tie: one broken line and a good one */
}

/* A line end between two objects. */
static bool has_objects_apart(str head)
{
	size_t at = 0;
	str    before = {0}, line;

	while ((line = next_line(head, true, &at)).len > 0) {
		if (before.len > 0 && before.ptr[before.len - 1] == '}' && line.ptr[0] == '{')
			return true;
		before = line;
	}
	return false;
}

/* The head begins with '['. Lines that are arrays: the first ends at a line end, and the next
 * line begins a value too. */
static enum frame_kind look_at_array(str head)
{
	struct value v = {0};
	bool         is_ended;
	size_t       end = value_scan(&v, head, &is_ended);
	size_t       line_end = pass_blanks_in_line(head, end);
	size_t       next = pass_blanks(head, line_end);

	if (!is_ended || next == head.len || head.ptr[line_end] != '\n')
		return FRAME_ARRAY;
	return head.ptr[next] == '{' || head.ptr[next] == '[' ? FRAME_LINES : FRAME_ARRAY;
}

/* The head begins with '{'. */
static enum frame_kind look_at_object(str head, bool is_whole)
{
	struct value v = {0};
	bool         is_ended;
	size_t       end = value_scan(&v, head, &is_ended);
	size_t       next = pass_blanks_in_line(head, end);

	if (str_find(head, '\n', 0) < end)
		return has_object_lines(head, is_whole) ? FRAME_LINES : FRAME_VALUES;
	if (is_ended && next < head.len && head.ptr[next] == '{')
		return has_objects_apart(head) ? FRAME_LINES : FRAME_VALUES;
	return FRAME_LINES;
}

/* A name as columns have: letters, digits and a few signs, a letter or _ first. */
static bool is_column_name(str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool          is_ascii_letter = (c | 32) >= 'a' && (c | 32) <= 'z';
		bool          is_digit = c >= '0' && c <= '9';
		bool          is_sign = (c == ' ' || c == '-' || c == '.') && i < s.len - 1;

		if (!is_ascii_letter && c != '_' && c < 0x80 && (i == 0 || !(is_digit || is_sign)))
			return false;
	}
	return s.len > 0 && s.len <= 128;
}

/* A row of names, and below it a row of as many fields. */
static bool looks_like_csv(str head, bool is_whole)
{
	AUTO(csv_fields) names = {0}, row = {0};
	struct csv_frame frame = {.delimiter = csv_sniff_delimiter(head)};
	bool             is_ended;
	size_t           header_end = csv_record_end(&frame, head, 0, &is_ended);
	size_t           row_end = csv_record_end(&frame, head, header_end, &is_ended);
	str              second = str_make(head.ptr + header_end, row_end - header_end);

	if (second.len == 0 || (!is_ended && !is_whole))
		return false;
	if (!csv_split(str_head(head, header_end), frame.delimiter, &names) ||
	    !csv_split(second, frame.delimiter, &row))
		return false;
	for (size_t i = 0; i < names.count; i++)
		if (!is_column_name(names.at[i].text))
			return false;
	return names.count >= 2 && row.count == names.count;
}

static bool has_csv_name(str name)
{
	return str_ends(name, STR(".csv")) || str_ends(name, STR(".csv.gz")) ||
	       str_ends(name, STR(".csv.zst"));
}

enum frame_kind frame_look(str head, bool is_whole, str name, const struct source_conf *conf)
{
	size_t from;
	char   first;

	if (conf->records.len > 0)
		return FRAME_NESTED;
	if (conf->format == FORMAT_CSV || conf->format == FORMAT_FLUENTD)
		return conf->format == FORMAT_CSV ? FRAME_CSV : FRAME_FLUENTD;
	head = frame_without_mark(head);
	from = pass_blanks(head, 0);
	if (from == head.len || is_utf16_or_32(head))
		return FRAME_LINES;
	head = str_from(head, from);
	first = head.ptr[0];
	if (first == '[')
		return look_at_array(head);
	if (first == '{')
		return look_at_object(head, is_whole);
	if (conf->format == FORMAT_JSON)
		return FRAME_LINES;
	if (frame_fluentd_text(str_head(head, str_find(head, '\n', 0))).len > 0)
		return FRAME_FLUENTD;
	return has_csv_name(name) || looks_like_csv(head, is_whole) ? FRAME_CSV : FRAME_LINES;
}

bool frame_suits(enum frame_kind kind, const struct source_conf *conf)
{
	if (conf->records.len > 0 || kind == FRAME_NESTED)
		return conf->records.len > 0 && kind == FRAME_NESTED;
	switch (conf->format) {
	case FORMAT_CSV:
		return kind == FRAME_CSV;
	case FORMAT_FLUENTD:
		return kind == FRAME_FLUENTD;
	case FORMAT_JSON:
		return kind != FRAME_CSV && kind != FRAME_FLUENTD;
	case FORMAT_AUTO:
		break;
	}
	return true;
}

/* As frame_look would have it, had the record stood at the head of its file; there is but this one, so
 * a CSV file under another name is not known for one. */
bool source_text(const struct source_conf *conf, str part_key, str raw, str *out)
{
	size_t from = pass_blanks(raw, 0);
	bool   is_object = from < raw.len && raw.ptr[from] == '{';
	str    fluentd = frame_fluentd_text(raw);

	*out = raw;
	if (conf->records.len > 0 || conf->format == FORMAT_JSON || (conf->format == FORMAT_AUTO && is_object))
		return true;
	if (conf->format == FORMAT_CSV || (conf->format == FORMAT_AUTO && has_csv_name(part_key)))
		return false;
	if (fluentd.len > 0)
		*out = fluentd;
	return true;
}

struct frame *frame_new(enum frame_kind kind, const struct frame_setup *setup)
{
	assert(kind < FRAME_KINDS);
	switch (kind) {
	case FRAME_LINES:
		return frame_lines_new();
	case FRAME_VALUES:
	case FRAME_ARRAY:
		return frame_values_new(kind == FRAME_ARRAY, setup);
	case FRAME_NESTED:
		return frame_nested_new(setup);
	case FRAME_FLUENTD:
		return frame_fluentd_new();
	case FRAME_CSV:
		return frame_csv_new(setup);
	case FRAME_KINDS:
		break;
	}
	return NULL;
}

void frame_free(struct frame *f)
{
	if (f != NULL && f->ops->free != NULL)
		f->ops->free(f);
}

void frame_scan(struct frame *f, struct feed *w)
{
	f->ops->scan(f, w);
	feed_trim(w);
}

const char *frame_word(enum frame_kind kind)
{
	static const char *const words[] = {
		[FRAME_LINES] = "lines",   [FRAME_VALUES] = "values",   [FRAME_ARRAY] = "array",
		[FRAME_NESTED] = "nested", [FRAME_FLUENTD] = "fluentd", [FRAME_CSV] = "csv",
	};

	assert(kind < FRAME_KINDS);
	return words[kind];
}

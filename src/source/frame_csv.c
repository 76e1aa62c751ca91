/* CSV: the first row names the fields, every other row becomes a JSON object of texts; the row is
 * kept as raw text.
 *
 * The objects are written behind the rows they were made from, and what is held of the next row
 * moves behind them:
 *
 *     before   [ row row row | held )
 *     after    [ row row row | object object object | held )
 *
 * Where the run is full before its rows are through, the rows left move too.
 *
 * mark: 1 once the header row is passed over.
 */
#include "source/frame_int.h"

#include <assert.h>

#include "codec/csv.h"
#include "codec/json.h"

enum { JSON_SIZE_MAX = (1 << 28) - 1 };

struct frame_csv {
	struct frame      base;
	struct csv_frame  scan;
	bool              is_past_header;
	struct buf        names; /* the header row, which header borrows from */
	struct csv_fields header, row;
	struct buf        json, held;
	struct { VEC_OF(size_t); } rows; /* sizes of the whole rows of a scan, with their ends */
};

static str without_line_end(str row)
{
	while (row.len > 0 && (row.ptr[row.len - 1] == '\n' || row.ptr[row.len - 1] == '\r'))
		row.len--;
	return row;
}

/* Sizes of the rows that are whole, as many as the run wants. What follows them is seen. */
static size_t find_rows(struct frame_csv *f, const struct feed *w, size_t *seen)
{
	str    held = feed_held(w);
	size_t at = 0, scanned = w->seen;
	bool   is_whole;

	f->rows.count = 0;
	while (scanned < held.len) {
		size_t records = w->run->records.count + f->rows.count;

		if (records > 0 && (w->at + at >= w->run_bytes || records >= FEED_RECORDS))
			break;
		scanned = csv_record_end(&f->scan, held, scanned, &is_whole);
		if (!is_whole)
			break;
		*VEC_ADD(&f->rows) = scanned - at;
		at = scanned;
	}
	*seen = scanned - at;
	return at;
}

static enum record_fault row_fault(struct frame_csv *f, str row)
{
	if (!csv_split(row, f->scan.delimiter, &f->row))
		return f->row.fault == CSV_QUOTE ? RECORD_CSV_QUOTE : RECORD_CSV_FIELDS;
	buf_clear(&f->json);
	if (!csv_to_json(&f->header, &f->row, &f->json))
		return RECORD_CSV_FIELDS;
	return buf_over(&f->json) ? RECORD_TOO_LARGE : RECORD_OK;
}

static void hand_row(struct frame_csv *f, struct feed *w, str row)
{
	struct buf    *bytes = &w->run->bytes;
	struct record *record;

	if (w->dropped + row.len > w->record_limit) {
		(void)feed_record(w, row.len, RECORD_OK); /* which it finds to be too large */
		return;
	}
	record = feed_record(w, row.len, row_fault(f, row));
	if (record->fault == RECORD_OK) {
		record->text = (uint32_t)bytes->len;
		record->text_len = (uint32_t)f->json.len;
		buf_add(bytes, buf_str(&f->json));
		assert(!buf_over(bytes));
		w->kept = bytes->len;
	}
}

/* The first `len` bytes held are a row. */
static void pass_row(struct frame_csv *f, struct feed *w, size_t len)
{
	str row = without_line_end(str_head(feed_held(w), len));

	if (w->dropped == 0 && str_trim(row).len == 0)
		w->run->blank_lines++;
	else if (!f->is_past_header && f->header.count > 0)
		f->is_past_header = true;
	else
		hand_row(f, w, row);
	feed_pass(w, len);
	feed_taken(w, f->is_past_header);
}

/* The rows that were found, the first `end` bytes held, until the run is full: a short row may
 * have long names. */
static void pass_rows(struct frame_csv *f, struct feed *w, size_t end, size_t seen)
{
	struct buf *bytes = &w->run->bytes;
	size_t      left = end, row = 0;
	char       *room;

	buf_clear(&f->held);
	buf_add(&f->held, str_from(feed_held(w), end));
	bytes->len = w->at + end;
	while (left > 0 && (w->run->records.count == 0 || bytes->len < w->run_bytes)) {
		pass_row(f, w, f->rows.at[row]);
		left -= f->rows.at[row++];
	}
	room = buf_room(bytes, left + f->held.len);
	assert(room != NULL && !buf_over(&f->held));
	memcpy(room, bytes->ptr + w->at, left);
	w->at = bytes->len;
	bytes->len += left;
	buf_add(bytes, buf_str(&f->held));
	w->seen = seen;
	if (left > 0) {
		w->seen = 0;
		f->scan = (struct csv_frame){.delimiter = f->scan.delimiter};
	}
}

static void csv_scan(struct frame *base, struct feed *w)
{
	struct frame_csv *f = (struct frame_csv *)base;

	while (feed_wants(w) && feed_unseen(w).len > 0) {
		size_t seen, end = find_rows(f, w, &seen);

		if (end == 0)
			w->seen = seen;
		else
			pass_rows(f, w, end, seen);
	}
	if (feed_is_rest(w)) {
		f->rows.count = 0;
		*VEC_ADD(&f->rows) = w->seen;
		pass_rows(f, w, w->seen, 0);
	}
}

/* The first row that is not blank, if it is whole and well formed. Without one, no row has as
 * many fields as the header and all of them, the header row too, are records with a fault. */
static void read_header(struct frame_csv *f, str head, bool is_head_whole)
{
	struct csv_frame scan = f->scan;
	bool             is_whole = true;
	size_t           at = 0, end;

	for (; at < head.len; at = end) {
		end = csv_record_end(&scan, head, at, &is_whole);
		if (str_trim(str_make(head.ptr + at, end - at)).len == 0)
			continue;
		if (!is_whole && !is_head_whole)
			return; /* no header is as long as that */
		buf_add(&f->names, str_make(head.ptr + at, end - at));
		if (!csv_split(buf_str(&f->names), f->scan.delimiter, &f->header))
			f->header.count = 0;
		return;
	}
}

static void csv_free(struct frame *base)
{
	struct frame_csv *f = (struct frame_csv *)base;

	csv_fields_done(&f->header);
	csv_fields_done(&f->row);
	buf_done(&f->names);
	buf_done(&f->json);
	buf_done(&f->held);
	VEC_DONE(&f->rows);
	free(f);
}

struct frame *frame_csv_new(const struct frame_setup *setup)
{
	static const struct frame_ops ops = {csv_scan, csv_free};
	struct frame_csv             *f = xcalloc(1, sizeof(*f));

	f->base.ops = &ops;
	f->json = BUF(JSON_SIZE_MAX);
	f->scan.delimiter = csv_sniff_delimiter(setup->head);
	f->is_past_header = setup->mark == 1;
	read_header(f, setup->head, setup->is_whole);
	return &f->base;
}

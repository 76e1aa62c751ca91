/* csv.h - RFC 4180: where a record ends, its fields, and the record as a JSON object. No I/O, no types:
 * all fields are text.
 *
 *     struct csv_frame frame = {.delimiter = ','};
 *     end = csv_record_end(&frame, text, at, &is_whole);             not whole: more text is needed
 *     if (!csv_split(str_make(text.ptr + at, end - at), ',', &row))  refuse(csv_fault_code(row.fault));
 *     if (!csv_to_json(&header, &row, &json))                        refuse(csv_fault_code(CSV_FIELDS));
 *
 * The dialect, without options but the delimiter:
 *
 *   a record    ends with LF or CR LF, outside quotes; the last one of a text needs none
 *   a field     is all between two delimiters, blanks included
 *   "a ""b"""   a quoted field: may hold delimiters, line ends and, doubled, quotes
 *   a"b, "a"b   faults (csv.quote): a quote belongs around a whole field. Framing and splitting agree on
 *               these, so one bad line never swallows the good one after it, unless a field opens with a
 *               quote that nothing closes: then the record runs on, and the framing's record limit is what
 *               stops it.
 *
 * A blank line is a record of one empty field here; the framing skips such lines. A byte order mark is the
 * framing's, too.
 */
#ifndef CODEC_CSV_H
#define CODEC_CSV_H

#include "base/buf.h"
#include "base/str.h"
#include "base/vec.h"

enum {
	CSV_RECORD_MAX = 1 << 28, /* bytes of a record */
	CSV_FIELDS_MAX = 1 << 16, /* fields of a record */
};

enum csv_fault {
	CSV_OK,
	CSV_QUOTE,  /* csv.quote: a quote inside a plain field, text after a closing quote, or none to close */
	CSV_FIELDS, /* csv.fields: more than CSV_FIELDS_MAX, or not as many as the header has */
};

struct csv_field {
	str  text;       /* unquoted; borrowed from the record, or from the scratch of the csv_fields */
	bool was_quoted; /* "" is an empty text, and nothing at all is a missing value */
};

/* The fields of one record, good until the next csv_split into it and as long as the record's bytes stay.
 * Begin with {0}. */
struct csv_fields {
	VEC_OF(struct csv_field);
	struct buf     scratch;
	enum csv_fault fault;    /* of the last csv_split */
	size_t         fault_at; /* byte of the record where it was noticed */
};

/* How far into a record a scan is. At the start of a record only the delimiter is set; csv.c's own
 * otherwise. */
struct csv_frame {
	char    delimiter;
	uint8_t state;
};

void csv_fields_done(struct csv_fields *f);

/* The end of the record that goes on at text[from]: one past its LF, and *is_whole; the frame is then
 * ready for the next record. Without an end in sight: text.len, not whole, and the next call goes on with
 * what follows, be it more of the same text or another piece. The bytes already seen are not looked at
 * again and need not be kept. */
size_t csv_record_end(struct csv_frame *frame, str text, size_t from, bool *is_whole);

/* One whole record, with or without its line end, into fields. false: fault and fault_at say why, and
 * there are no fields. The delimiter is any byte but a quote, CR or LF. */
bool csv_split(str record, char delimiter, struct csv_fields *out);

/* One of , ; tab | from the first bytes of a text: the one that cuts its first records into the same
 * number of fields, two or more. ',' where none does. */
char csv_sniff_delimiter(str head);

/* Append {"name":"text",...}: names from the header, in its order, members of fields that are empty and
 * were not quoted left out. Bytes are passed on as they came, so text that is not UTF-8 is met, and
 * refused, by the scan of the JSON. false where the counts differ (csv.fields): nothing is appended. */
bool csv_to_json(const struct csv_fields *header, const struct csv_fields *row, struct buf *out);

const char *csv_fault_code(enum csv_fault fault); /* "csv.quote" */

AUTO_DEFINE(csv_fields, csv_fields_done)

#endif

/* record.h - a row put back into the record that it came from, as far as the table has it: spelling, order and null members
 * are gone, values are not.
 *
 *     record_select(&r, &sql)             the columns that it wants, in the order that it reads them
 *     record_write(&r, answer, row, &out, e)   the record as JSON
 */
#ifndef APP_RECORD_H
#define APP_RECORD_H

#include "app/place.h"
#include "base/vec.h"
#include "codec/json.h"
#include "codec/time.h"
#include "query/answer.h"

struct piece;

struct record_maker {
	const struct schema *schema;    /* borrowed */
	enum time_unit       time_unit; /* of the member that event_time holds */
	struct { VEC_OF(const struct field *); } columns; /* _extra, where it is, is the last */
	struct json_tape     tape;
	struct buf           text, scratch;
	struct arena         row;       /* of the row at hand */
	struct piece        *root;
};

void record_maker_init(struct record_maker *r, const struct schema *s, enum time_unit time_unit);
void record_maker_done(struct record_maker *r);

void record_select(const struct record_maker *r, struct buf *sql);
/* Appended. ERR_CORRUPT where _extra is no JSON object. */
int  record_write(struct record_maker *r, const struct answer *answer, size_t row, struct buf *out, struct err *e) MUST_USE;

AUTO_DEFINE(record_maker, record_maker_done)

#endif

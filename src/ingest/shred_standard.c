/* shred_standard.c - the columns that every row has. */
#include "codec/sha256.h"
#include "ingest/names.h"
#include "ingest/shred_int.h"

static void set_string(struct shred *s, enum standard which, str v)
{
	if (s->standard[which] != NULL)
		col_set_string(s->columns, columns_col(s->columns, s->standard[which]), s->row, v);
}

static void set_time(struct shred *s, enum standard which, int64_t us)
{
	if (s->standard[which] != NULL)
		col_set_long(s->columns, columns_col(s->columns, s->standard[which]), s->row, us);
}

static void set_id(struct shred *s)
{
	const struct event *ev = s->event;
	const struct field *f = s->standard[STANDARD_ID];
	char                hex[33];

	if (s->pipeline->id.is_uuid && f->type == TYPE_UUID) {
		col_set_uuid(s->columns, columns_col(s->columns, f), s->row, (const uint8_t *)&ev->id);
	} else if (s->pipeline->id.kind == ID_PATH) {
		uint64_t head = s->words[ev->id_at];

		set_string(s, STANDARD_ID, json_flags(head) & JSON_ESCAPED ? json_unescape(s->text, head, &s->scratch)
		                                                            : json_text(s->text, head));
	} else {
		hex_encode(&ev->id, sizeof(ev->id), hex);
		set_string(s, STANDARD_ID, str_of(hex));
	}
}

static void set_enrichment(struct shred *s)
{
	const struct event *ev = s->event;
	str                 subtype = name_part(ev->name, 1);
	char                text[TIME_TEXT];

	set_string(s, STANDARD_TYPE, name_part(ev->name, 0));
	if (subtype.len > 0)
		set_string(s, STANDARD_SUBTYPE, subtype);
	if (s->standard[STANDARD_CREATED] != NULL)
		set_string(s, STANDARD_CREATED, str_make(text, time_format(ev->time_us, text)));
}

static void set_position(struct shred *s, str part_label)
{
	buf_clear(&s->path);
	event_position(s->event, part_label, &s->path);
	set_string(s, STANDARD_POSITION, buf_str(&s->path));
}

void shred_standard(struct shred *s, str part_label, int64_t ingested_us)
{
	const struct event *ev = s->event;

	set_id(s);
	set_string(s, STANDARD_NAME, ev->name);
	set_time(s, STANDARD_TIME, ev->time_us);
	set_time(s, STANDARD_INGESTED, ingested_us);
	set_position(s, part_label);
	set_enrichment(s);
}

/* What no column holds. Where pointers would make that far more than the record, the record as it came stands for
 * all of it: the empty pointer means the whole. */
void shred_extra(struct shred *s)
{
	if (s->extra.len == 0)
		return;
	buf_byte(&s->extra, '}');
	if (buf_over(&s->extra)) {
		s->extra.ceiling = 0;
		buf_clear(&s->extra);
		buf_add(&s->extra, STR("{\"\":"));
		buf_add(&s->extra, json_source(s->text, s->words, 0));
		buf_byte(&s->extra, '}');
	}
	set_string(s, STANDARD_EXTRA, buf_str(&s->extra));
}

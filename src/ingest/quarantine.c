#include "ingest/quarantine.h"

#include <assert.h>

enum column { AT, PIPELINE, REASON, POINTER, MESSAGE, POSITION, OFFSET, BYTES, RECORD, SHA256, VERSION, COLUMN_COUNT };

static const struct {
	const char *name;
	enum type   type;
	bool        is_required;
	const char *doc;
} columns[COLUMN_COUNT] = {
	[AT] = {"quarantined_at", TYPE_TIMESTAMPTZ, true, "when the record was refused"},
	[PIPELINE] = {"pipeline", TYPE_STRING, true, "the pipeline that refused it"},
	[REASON] = {"reason", TYPE_STRING, true, "reason code, such as time.missing"},
	[POINTER] = {"pointer", TYPE_STRING, false, "JSON Pointer of the member at fault, where it is one"},
	[MESSAGE] = {"message", TYPE_STRING, true, "what is wrong, in words"},
	[POSITION] = {"source_position", TYPE_STRING, true, "where the record came from: part of the source, ':', byte offset"},
	[OFFSET] = {"byte_offset", TYPE_LONG, false, "byte in the record where the fault was noticed"},
	[BYTES] = {"record_bytes", TYPE_LONG, true, "length of the record as received"},
	[RECORD] = {"record", TYPE_BINARY, true, "the record as received"},
	[SHA256] = {"record_sha256", TYPE_STRING, false, "hash of the record as received, where only its head is kept"},
	[VERSION] = {"tarn_version", TYPE_STRING, true, "the version that refused it"},
};

void quarantine_schema(struct schema *out)
{
	schema_init(out);
	for (enum column i = 0; i < COLUMN_COUNT; i++)
		(void)schema_add(out, out->root, str_of(columns[i].name), columns[i].type, columns[i].is_required,
		                 str_of(columns[i].doc), 0);
}

static struct col *col_of(struct columns *c, enum column which)
{
	const struct field *f = schema_child(c->schema->root, str_of(columns[which].name));

	assert(f != NULL && f->type == columns[which].type);
	return columns_col(c, f);
}

static bool has_column(const struct columns *c, enum column which)
{
	return schema_child(c->schema->root, str_of(columns[which].name)) != NULL;
}

static void set_text(struct columns *c, enum column which, str v)
{
	col_set_string(c, col_of(c, which), c->row_count, v);
}

static void set_number(struct columns *c, enum column which, int64_t v)
{
	col_set_long(c, col_of(c, which), c->row_count, v);
}

/* Of CSV, the offset is in the JSON that was made of the row. */
static bool has_offset(const struct run *run, enum reason r)
{
	return !run->is_text_typed && (r <= REASON_JSON_LAST || (r >= REASON_CONTRACT_TYPE && r <= REASON_CONTRACT_LAST));
}

void quarantine_row(struct columns *c, const struct run *run, const struct event *ev, str pipeline, str part_label,
                    int64_t now_us)
{
	const struct record *r = ev->record;
	AUTO(buf)            position = BUF(0);

	assert(ev->verdict == VERDICT_QUARANTINE);
	event_position(ev, part_label, &position);
	set_number(c, AT, now_us);
	set_text(c, PIPELINE, pipeline);
	set_text(c, REASON, str_of(reason_code(ev->reason)));
	if (ev->pointer.len > 0)
		set_text(c, POINTER, ev->pointer);
	set_text(c, MESSAGE, str_of(reason_words(ev->reason)));
	set_text(c, POSITION, buf_str(&position));
	if (has_offset(run, ev->reason))
		set_number(c, OFFSET, ev->offset);
	set_number(c, BYTES, (int64_t)r->whole_len);
	set_text(c, RECORD, str_make(run->bytes.ptr + r->raw, r->raw_len));
	if (r->whole_sha256 != NULL && has_column(c, SHA256))
		set_text(c, SHA256, str_of(r->whole_sha256));
	set_text(c, VERSION, STR(TARN_VERSION));
	c->row_count++;
}

void quarantine_copy(struct columns *c, const struct refused *r)
{
	const struct { enum column which; str text; } texts[] = {
		{PIPELINE, r->pipeline}, {REASON, r->reason}, {POINTER, r->pointer},
		{MESSAGE, r->message}, {POSITION, r->position}, {RECORD, r->record},
		{SHA256, r->sha256}, {VERSION, r->version},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].text.ptr != NULL && has_column(c, texts[i].which))
			set_text(c, texts[i].which, texts[i].text);
	set_number(c, AT, r->at_us);
	if (r->has_offset)
		set_number(c, OFFSET, r->offset);
	set_number(c, BYTES, r->bytes);
	c->row_count++;
}

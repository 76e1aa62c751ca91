#include "ingest/quarantine_found.h"

#include <assert.h>
#include <stdlib.h>

/* "dir/file.json:123" -> the part's key, and the place in it. */
static str position_split(str base, str position, struct arena *a, uint64_t *offset)
{
	size_t      colon = position.len;
	const char *digits;
	str         label;

	while (colon > 0 && position.ptr[colon - 1] != ':')
		colon--;
	label = str_head(position, colon > 0 ? colon - 1 : 0);
	digits = arena_cstr(a, str_from(position, colon));
	*offset = strtoull(digits, NULL, 10);
	if (str_starts(label, STR("/")))
		return arena_str(a, label);
	return arena_format(a, STR_FMT STR_FMT, STR_ARG(base), STR_ARG(label));
}

/* It was JSON when it was refused, and does not look like it: something may have been made into it. */
static bool may_be_made(const struct pipeline *p, const struct refused *r, str text)
{
	return p->source.format == FORMAT_AUTO && reason_of(r->reason) > REASON_JSON_LAST && !str_starts(str_trim(text), STR("{"));
}

int found_open(const struct pipeline *p, str base, struct raw_find *raw, const struct refused *r, struct arena *a, struct found *out,
               enum cannot *why, struct err *e)
{
	const struct segment_record *kept = NULL;
	bool                         is_text;

	*out = (struct found){.raw = r->record};
	*why = CANNOT_CUT;
	if (r->record.len == 0 || (int64_t)r->record.len != r->bytes)
		return 0;
	*why = CANNOT_DOCUMENT;
	if (reason_of(r->reason) == REASON_FRAME_RECORDS && p->source.records.len > 0)
		return 0;
	out->key = position_split(base, r->position, a, &out->offset);
	is_text = source_text(&p->source, out->key, r->record, &out->text);
	if (raw != NULL && (!is_text || may_be_made(p, r, out->text)))
		TRY(raw_find(raw, r->at_us, r->position, r->record, &kept, e));
	if (kept != NULL) {
		out->is_made = true;
		out->text = kept->text;
		out->fault = (enum record_fault)kept->fault;
	}
	*why = is_text || kept != NULL ? CANNOT_COUNT : CANNOT_CSV;
	return 0;
}

/* The part that a record came from, in the run: neighbours tend to share it. */
static uint32_t part_of(struct run *run, str key)
{
	if (run->parts.count == 0 || !str_eq(run->parts.at[run->parts.count - 1].key, key))
		*VEC_ADD(&run->parts) = (struct run_part){.key = arena_str(&run->arena, key)};
	return (uint32_t)run->parts.count - 1;
}

void found_add(const struct found *f, const struct pipeline *p, struct run *run)
{
	size_t raw = run->bytes.len, text = raw + f->raw.len;

	assert(run->records.count == 0 || run->is_text_typed == f->is_made);
	run->is_text_typed = f->is_made;
	buf_add(&run->bytes, f->raw);
	if (f->is_made)
		buf_add(&run->bytes, f->text);
	else
		text = raw + (size_t)(f->text.ptr - f->raw.ptr);
	*VEC_ADD(&run->records) = (struct record){
		.offset = f->offset,
		.text = (uint32_t)text,
		.text_len = (uint32_t)f->text.len,
		.raw = (uint32_t)raw,
		.raw_len = (uint32_t)f->raw.len,
		.whole_len = f->raw.len,
		.part = part_of(run, f->key),
		.fault = f->raw.len > source_record_limit(&p->source) ? RECORD_TOO_LARGE : f->fault,
	};
}

/* Refused records with the id. tarn.quarantine has no column of ids, for what is in it never got as far as having one
 * that counts: all of it is read, and each record is looked at as when it came. */
#include "app/quarantine.h"
#include "app/tables.h"
#include "app/trace.h"

struct refusals {
	struct trace             *t;
	const struct trace_asked *asked;
	struct trace_reader      *reader;
	const struct scan        *scan;
};

static void refusals_done(struct refusals *r)
{
	trace_reader_free(r->reader);
}
AUTO_DEFINE(refusals, refusals_done)

/* The part as the pipeline names it, from "dir/file.json:123". */
static str part_key(const struct trace *t, str position, struct arena *a)
{
	size_t colon = position.len;
	str    label;

	while (colon > 0 && position.ptr[colon - 1] != ':')
		colon--;
	label = str_head(position, colon > 0 ? colon - 1 : 0);
	if (str_starts(label, STR("/")))
		return label;
	return arena_format(a, STR_FMT STR_FMT, STR_ARG(t->config->folder), STR_ARG(label));
}

static void refused_fill(struct refusals *q, const struct refused *r, enum record_match match)
{
	struct arena          *a = &q->t->arena;
	const struct ice_file *file = &q->scan->files[r->file];
	struct seen            seen = SEEN(match == MATCH_ID ? SEEN_QUARANTINED : SEEN_TEXT);

	seen.pipeline = q->asked->pipeline->name;
	seen.table = STR("tarn.quarantine");
	seen.position = arena_str(a, r->position);
	seen.has_taken = true;
	seen.taken_us = r->at_us;
	(void)lake_key(q->t->lake, arena_str(a, file->path), &seen.file);
	(void)lake_origin_seq(lake_name(seen.file), TRACE_LANE, &seen.entry);
	seen.row = r->row;
	seen.snapshot = file->snapshot_id;
	seen.reason = arena_str(a, r->reason);
	seen.pointer = arena_str(a, r->pointer);
	seen.message = arena_str(a, r->message);
	seen.record = arena_str(a, r->record);
	*VEC_ADD(&q->t->seen) = seen;
}

static int refused_take(void *context, const struct refused *r, struct err *e)
{
	struct refusals  *q = context;
	AUTO(arena)       a = ARENA_INIT;
	str               key = part_key(q->t, r->position, &a), text;
	int64_t           time_us;
	enum record_match match;

	(void)e;
	if (!source_text(&q->asked->pipeline->source, key, r->record, &text))
		text = r->record; /* a row of CSV: its text is all there is to go by */
	match = trace_record(q->reader, text, key, r->at_us, &time_us);
	if (match != MATCH_NONE)
		refused_fill(q, r, match);
	return 0;
}

static int read_all(struct refusals *q, struct err *e)
{
	const struct quarantine_asked which = {.pipeline = q->asked->pipeline->name};
	struct quarantine_rows        rows = {q->t->engine, &which};
	str                          *paths = ARENA_ARRAY(&q->t->arena, str, q->scan->file_count);

	for (size_t i = 0; i < q->scan->file_count; i++) {
		paths[i] = q->scan->files[i].path;
		q->t->engine_bytes += (uint64_t)q->scan->files[i].stats.bytes;
		q->t->files_looked_at++;
	}
	return quarantine_rows_read(&rows, &q->scan->schema, paths, q->scan->file_count, false, refused_take, q, e);
}

int trace_refused(struct trace *t, const struct trace_asked *asked, struct err *e)
{
	AUTO(refusals)            q = {.t = t, .asked = asked};
	AUTO(scan)                scan = {0};
	const struct state_table *table = map_ptr(&t->state.tables, STR("tarn.quarantine"));

	if (table == NULL || table->last_seq == 0)
		return 0;
	TRY(lake_scan(t->lake, table->space, table->name, NULL, &scan, e));
	if (scan.file_count == 0)
		return 0;
	TRY(trace_engine(t, e));
	q.scan = &scan;
	q.reader = trace_reader_new(t, asked);
	return read_all(&q, e);
}

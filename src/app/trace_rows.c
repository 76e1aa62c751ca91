/* From a table to the rows with an id: its files are pruned by partition, by bounds and by bloom filters, and DuckDB
 * reads what is left of them. */
#include "app/trace.h"
#include "ingest/standard.h"
#include "query/engine.h"
#include "query/prune.h"
#include "query/table_sql.h"

enum { COLUMN_FILE, COLUMN_ROW, COLUMN_POSITION, COLUMN_TIME, COLUMN_INGESTED };

#define HOUR_US INT64_C(3600000000)

struct candidate {
	const struct ice_file   *file;
	const struct trace_file *look;
};

struct search {
	struct trace             *t;
	const struct trace_asked *asked;
	str                       full; /* of the table */
	struct scan               scan;
	const struct field       *columns[STANDARD_COUNT];
	struct { VEC_OF(struct candidate); } candidates;
	int                       found;
};

static void search_done(struct search *s)
{
	scan_done(&s->scan);
	VEC_DONE(&s->candidates);
}
AUTO_DEFINE(search, search_done)

/* --- which files ---------------------------------------------------------------------------- */

/* UUIDs that came as text may stand in capitals. */
static bool is_any_case(const struct search *s)
{
	return s->asked->id.is_uuid && s->columns[STANDARD_ID]->type == TYPE_STRING;
}

static struct trace_value value_of(const struct search *s)
{
	const struct idkey *id = &s->asked->id;

	if (s->columns[STANDARD_ID]->type == TYPE_UUID)
		return (struct trace_value){.plain = str_make(id->bytes, sizeof(id->bytes))};
	return (struct trace_value){.plain = id->text, .is_any = is_any_case(s)};
}

/* What the row wanted is, as a statement of SQL would have it. */
static void plan_fill(const struct search *s, struct plan *p)
{
	const struct field *id = s->columns[STANDARD_ID], *time = s->columns[STANDARD_TIME];
	struct plan_use    *use = VEC_ADD(p);

	*use = (struct plan_use){0};
	if (id->type == TYPE_STRING && !is_any_case(s))
		*VEC_ADD(use) = (struct condition){.field = id, .compare = COMPARE_EQ, .text = s->asked->id.text};
	if (time != NULL && time->type == TYPE_TIMESTAMPTZ && s->asked->run.is_found) {
		int64_t from = s->asked->run.hour * HOUR_US;

		*VEC_ADD(use) = (struct condition){.field = time, .compare = COMPARE_GE, .whole = from};
		*VEC_ADD(use) = (struct condition){.field = time, .compare = COMPARE_LT, .whole = from + HOUR_US};
	}
}

static int candidates_find(struct search *s, struct err *e)
{
	AUTO(plan)         plan = {0};
	struct trace_value value = value_of(s);

	plan_fill(s, &plan);
	for (size_t i = 0; i < s->scan.file_count; i++) {
		const struct ice_file   *f = &s->scan.files[i];
		const struct trace_file *look;
		str                      key;

		if (!prune_keeps(&plan, f))
			continue;
		if (!lake_key(s->t->lake, f->path, &key))
			return err_set(e, ERR_CORRUPT, STR_FMT " does not lie in the lake: was it moved?", STR_ARG(f->path));
		TRY(trace_file_look(s->t, key, (uint64_t)f->stats.bytes, s->columns[STANDARD_ID]->id, value, &look, e));
		if (look->may_hold)
			*VEC_ADD(&s->candidates) = (struct candidate){f, look};
	}
	return 0;
}

/* --- which rows ----------------------------------------------------------------------------- */

static void snapshot_fill(const struct search *s, int64_t id, struct seen *seen)
{
	seen->snapshot = id;
	for (size_t i = 0; i < ice_snapshot_count(&s->scan.metadata); i++) {
		struct ice_snapshot snapshot;

		ice_snapshot_at(&s->scan.metadata, i, &snapshot);
		if (snapshot.id == id)
			seen->snapshot_us = snapshot.timestamp_ms * 1000;
	}
}

static void place_fill(const struct candidate *c, int64_t row, struct seen *seen)
{
	int64_t last = 0;

	seen->file = c->look->key;
	seen->row = row;
	for (uint32_t i = 0; i < c->look->group_count; i++) {
		last += c->look->groups[i];
		if (row < last) {
			seen->row_group = i;
			return;
		}
	}
}

static void row_take(struct search *s, const struct answer *answer, size_t row)
{
	struct seen             seen = SEEN(SEEN_ROW);
	const struct candidate *c;
	int64_t                 file = 0, place = 0;

	(void)answer_long(answer, COLUMN_FILE, row, &file);
	(void)answer_long(answer, COLUMN_ROW, row, &place);
	c = &s->candidates.at[file];
	seen.pipeline = s->asked->pipeline->name;
	seen.table = s->full;
	place_fill(c, place, &seen);
	snapshot_fill(s, c->file->snapshot_id, &seen);
	seen.position = arena_str(&s->t->arena, answer_bytes(answer, COLUMN_POSITION, row));
	seen.has_time = answer_long(answer, COLUMN_TIME, row, &seen.time_us);
	seen.has_taken = answer_long(answer, COLUMN_INGESTED, row, &seen.taken_us);
	(void)lake_origin_seq(lake_name(seen.file), TRACE_LANE, &seen.entry);
	*VEC_ADD(&s->t->seen) = seen;
	s->found++;
}

static void add_column(const struct field *f, const char *otherwise, struct buf *sql)
{
	buf_add(sql, STR(", "));
	if (f == NULL) {
		buf_add(sql, str_of(otherwise));
		return;
	}
	buf_add(sql, f->type == TYPE_TIMESTAMPTZ ? STR("epoch_us(") : STR("("));
	sql_name(f->name, sql);
	buf_byte(sql, ')');
}

static void rows_sql(const struct search *s, struct buf *sql)
{
	const struct field *const *columns = s->columns;
	str                       *paths = ARENA_ARRAY(&s->t->arena, str, s->candidates.count);

	for (size_t i = 0; i < s->candidates.count; i++)
		paths[i] = s->candidates.at[i].file->path;
	buf_add(sql, STR("SELECT file_index::BIGINT, file_row_number::BIGINT"));
	add_column(columns[STANDARD_POSITION], "NULL::VARCHAR", sql);
	add_column(columns[STANDARD_TIME], "NULL::BIGINT", sql);
	add_column(columns[STANDARD_INGESTED], "NULL::BIGINT", sql);
	buf_add(sql, STR(" FROM "));
	sql_files(&s->scan.schema, paths, s->candidates.count, sql);
	buf_add(sql, is_any_case(s) ? STR(" WHERE lower(event_id) = ") : STR(" WHERE event_id = "));
	sql_text(s->asked->id.text, sql);
	buf_add(sql, columns[STANDARD_ID]->type == TYPE_UUID ? STR("::UUID") : STR(""));
	buf_byte(sql, '\0');
}

static int rows_read(struct search *s, struct err *e)
{
	AUTO(buf)    sql = BUF(0);
	AUTO(answer) answer = {0};
	int          more;

	if (s->candidates.count == 0)
		return 0;
	TRY(trace_engine(s->t, e));
	rows_sql(s, &sql);
	for (size_t i = 0; i < s->candidates.count; i++)
		s->t->engine_bytes += (uint64_t)s->candidates.at[i].look->bytes;
	TRY(engine_query(s->t->engine, sql.ptr, &answer, e));
	while ((more = answer_next(&answer, e)) > 0)
		for (size_t row = 0; row < answer.row_count; row++)
			row_take(s, &answer, row);
	return more;
}

int trace_rows(struct trace *t, const struct trace_asked *asked, const struct table_name *table, struct err *e)
{
	struct scan_range range = {asked->run.hour * HOUR_US, (asked->run.hour + 1) * HOUR_US};
	AUTO(search)      s = {.t = t, .asked = asked, .full = table->full};

	TRY(lake_scan(t->lake, table->space, table->name, asked->run.is_found ? &range : NULL, &s.scan, e));
	standard_fields(&s.scan.schema, s.columns);
	if (s.columns[STANDARD_ID] == NULL ||
	    (s.columns[STANDARD_ID]->type != TYPE_STRING && s.columns[STANDARD_ID]->type != TYPE_UUID))
		return 0; /* not a table of events as tarn writes them */
	TRY(candidates_find(&s, e));
	TRY(rows_read(&s, e));
	return s.found;
}

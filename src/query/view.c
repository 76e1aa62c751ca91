/* view.c - one table: what it is now, which of its files are wanted, its view. */
#include "lake/table.h"
#include "query/table_sql.h"
#include "query/view_int.h"

void view_list_done(struct view_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		schema_done(&l->at[i].schema);
		plan_done(&l->at[i].plan);
	}
	VEC_DONE(l);
	arena_done(&l->arena);
}

static int view_load(const struct catalog_table *at, struct view *v, struct err *e)
{
	AUTO(ice_metadata) metadata = {.doc = NULL};
	struct ice_spec    spec;

	TRY(ice_metadata_parse(at->metadata, &metadata, e));
	TRY(ice_spec(&metadata, &spec, e));
	TRY(ice_read_schema(&metadata, -1, &v->schema, e));
	v->spec_id = spec.id;
	v->time_id = spec.source_id;
	return 0;
}

int view_find(struct lake *l, str space, str name, struct view_list *out, struct err *e)
{
	AUTO(arena)          scratch = ARENA_INIT;
	struct catalog_table at;
	struct view          view = {.spec_id = 0};
	int                  found = catalog_load(l->catalog, space, name, &scratch, &at, e);

	if (found == ERR_MISSING)
		return 0;
	if (found < 0 || view_load(&at, &view, e) < 0)
		return err_add(e, "table " STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(name));
	view.space = arena_str(&out->arena, space);
	view.name = arena_str(&out->arena, name);
	*VEC_ADD(out) = view;
	return 1;
}

int view_widen(struct view *v, struct err *e)
{
	AUTO(buf) text = BUF(0);

	if (v->held.since == 0 || v->held.schema->count <= v->schema.count)
		return 0;
	ice_schema_write(v->held.schema, 0, &text);
	schema_done(&v->schema);
	return ice_schema_parse(buf_str(&text), &v->schema, e);
}

/* Are its held rows still in no file? One lane writes, and a file takes all that a table holds. */
static int held_is_current(const struct view *v, const struct scan *s, struct lake *l, bool *out, struct err *e)
{
	uint64_t mark;

	*out = false;
	if (v->held.since == 0)
		return 0;
	TRY(table_mark(&s->metadata, l, STR("0"), &mark, e));
	*out = mark < v->held.since;
	return 0;
}

/* The range the plan asks for is of the spec it was made with. */
static int view_scan(struct lake *l, const struct view *v, struct scan *out, struct err *e)
{
	struct scan_range range = prune_range(&v->plan, v->time_id);

	TRY(lake_scan(l, v->space, v->name, &range, out, e));
	if (out->spec.id == v->spec_id)
		return 0;
	scan_done(out);
	return lake_scan(l, v->space, v->name, NULL, out, e);
}

/* A total from the snapshot's summary, which other engines may have left out. */
static int64_t summary_total(const struct scan *s, str key, int64_t otherwise)
{
	str     text;
	int64_t total;

	if (!s->has_snapshot || !ice_summary(&s->metadata, s->snapshot.id, key, &text) ||
	    !str_to_i64(text, &total))
		return otherwise;
	return total;
}

static void count_total(const struct scan *s, struct views_stats *stats)
{
	stats->tables++;
	stats->files_total += (size_t)summary_total(s, STR("total-data-files"), (int64_t)s->file_count);
	stats->bytes_total += summary_total(s, STR("total-files-size"), 0);
}

int view_make(struct engine *n, struct lake *l, const struct view *v, bool has_comments,
              struct views_stats *stats, struct err *e)
{
	AUTO(scan) scan = {.file_count = 0};
	AUTO(buf)  sql = BUF(STATEMENT_BYTES);
	str       *files;
	size_t     count = 0;
	bool       has_held;

	TRY(view_scan(l, v, &scan, e));
	TRY(held_is_current(v, &scan, l, &has_held, e));
	files = ARENA_ARRAY(&scan.arena, str, scan.file_count + 1);
	if (has_held)
		files[count++] = v->held.path;
	for (size_t i = 0; i < scan.file_count; i++) {
		if (!prune_keeps(&v->plan, &scan.files[i]))
			continue;
		files[count++] = scan.files[i].path;
		stats->bytes += scan.files[i].stats.bytes;
	}
	stats->files += count - has_held;
	count_total(&scan, stats);
	if (!sql_view(v->space, v->name, has_held ? &v->schema : &scan.schema, files, count, &sql))
		return 0;
	if (has_comments) {
		buf_add(&sql, STR(";\n"));
		sql_comments(v->space, v->name, has_held ? &v->schema : &scan.schema, &sql);
	}
	buf_byte(&sql, '\0');
	if (buf_over(&sql))
		return err_set(e, ERR_LIMIT,
		               "table " STR_FMT
		               " has too many files for one statement: ask for a shorter time",
		               STR_ARG(v->name));
	return engine_exec(n, sql.ptr, e);
}

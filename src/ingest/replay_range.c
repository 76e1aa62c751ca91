/* replay_range.c - a replay of the files that hold rows of a range of event_time.
 *
 * Three kinds of rows of a table are made again: those of its files that meet the range, as these were when the replay began; those that
 * waited for their file then; and all that came since. Which records the first came from stands in them, and is kept as a set; the others
 * are known by their entries alone, for no replay has touched them since. So what the switch takes out is what was built, and nothing of it
 * depends on how long the build took.
 *
 * Invariant: the head of lane 0 when it began is in the first entry of the replay's lane that names a file: whoever goes on plans the same.
 */
#include <inttypes.h>

#include "ingest/replay_int.h"
#include "ingest/standard.h"
#include "lake/scan.h"

enum { DEFAULT_MEMORY = 512 << 20 };

#define LANE STR("0")

void range_done(struct replay_range *r)
{
	for (size_t i = 0; i < r->tables.count; i++) {
		schema_done(&r->tables.at[i]->columns);
		map_done(&r->tables.at[i]->files);
	}
	VEC_DONE(&r->tables);
	map_done(&r->by_name);
	rowset_done(&r->rows);
	buf_done(&r->position);
}

struct range_table *range_table(const struct replay_range *r, str name)
{
	return map_ptr(&r->by_name, name);
}

/* --- which files --------------------------------------------------------------------------- */

enum meets { MEETS_NOT, MEETS, MEETS_MAYBE };

static bool read_us(str bound, int64_t *out)
{
	if (bound.ptr == NULL || bound.len != sizeof(*out))
		return false;
	memcpy(out, bound.ptr, sizeof(*out));
	return true;
}

/* A file of nothing but rows without a time is of no range; one that does not say what it holds may be of any. */
static enum meets meets(const struct replay_conf *c, const struct ice_file *f, int32_t time_id, int64_t *low, int64_t *high)
{
	for (uint32_t i = 0; i < f->stats.leaf_count; i++) {
		const struct leaf_stats *leaf = &f->stats.leaves[i];

		if (leaf->field_id != time_id)
			continue;
		if (read_us(leaf->lower, low) && read_us(leaf->upper, high))
			return (!c->has_to || *low < c->to_us) && (!c->has_from || *high >= c->from_us) ? MEETS : MEETS_NOT;
		return leaf->nulls >= f->stats.rows ? MEETS_NOT : MEETS_MAYBE;
	}
	return MEETS_MAYBE;
}

static bool is_since(const struct range_table *t, str key)
{
	uint64_t seq;

	return lake_origin_seq(lake_name(key), LANE, &seq) && seq > t->since;
}

static int take_file(struct replay *p, struct range_table *t, const struct ice_file *f, int32_t time_id, struct err *e)
{
	int64_t    low = INT64_MAX, high = INT64_MIN;
	enum meets how;
	str        key;

	if (!lake_key(p->lake, f->path, &key))
		return err_set(e, ERR_UNSUPPORTED, STR_FMT " does not lie in the lake", STR_ARG(str_head(f->path, 300)));
	if (is_since(t, key))
		return 0;
	how = meets(p->conf, f, time_id, &low, &high);
	if (how == MEETS_NOT) {
		t->staying++;
		t->rows_staying += f->stats.rows;
		return 0;
	}
	(void)map_put(&t->files, key);
	t->rows += f->stats.rows;
	if (how == MEETS && low < t->low_us)
		t->low_us = low;
	if (how == MEETS && high > t->high_us)
		t->high_us = high;
	return 0;
}

/* Columns that rows are known by, as far as the table has them as tarn makes them. */
static int take_columns(struct range_table *t, const struct schema *s, int32_t *time_id, struct err *e)
{
	static const enum standard wanted[] = {STANDARD_POSITION, STANDARD_INGESTED};
	const struct field        *fields[STANDARD_COUNT];

	standard_fields(s, fields);
	if (fields[STANDARD_TIME] == NULL || fields[STANDARD_TIME]->type != TYPE_TIMESTAMPTZ)
		return err_set(e, ERR_UNSUPPORTED, "it has no column event_time, of type timestamptz, to know a range by: replay the whole "
		               "table, without --from and --to, or other tables with --table");
	*time_id = fields[STANDARD_TIME]->id;
	schema_init(&t->columns);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct field *f = fields[wanted[i]];

		if (f == NULL)
			return err_set(e, ERR_UNSUPPORTED, "it has no columns source_position and ingested_at, which say what record a row "
			               "came from: replay the whole table, without --from and --to, or other tables with --table");
		(void)schema_add(&t->columns, t->columns.root, f->name, f->type, f->required, f->doc, f->id);
	}
	return 0;
}

static int take_files(struct replay *p, const struct state_table *known, struct range_table *t, struct err *e)
{
	AUTO(scan) s = {0};
	uint64_t   mark;
	int32_t    time_id = 0;

	TRY(lake_scan(p->lake, STR("events"), t->name, NULL, &s, e));
	TRY(table_mark(&s.metadata, p->lake, LANE, &mark, e));
	if (mark < known->last_seq && mark < t->since) /* a dry run leaves a table that is behind the journal as it is */
		t->since = mark;
	TRY(take_columns(t, &s.schema, &time_id, e));
	for (size_t i = 0; i < s.file_count; i++)
		TRY(take_file(p, t, &s.files[i], time_id, e));
	return 0;
}

static int take_table(struct replay *p, const struct state_table *known, struct err *e)
{
	struct range_table *t = ARENA_NEW(&p->arena, struct range_table);

	*t = (struct range_table){
		.name = arena_str(&p->arena, known->name), .since = p->range.since, .low_us = INT64_MAX, .high_us = INT64_MIN,
	};
	*VEC_ADD(&p->range.tables) = t;
	map_put(&p->range.by_name, t->name)->ptr = t;
	if (known->files > 0 && take_files(p, known, t, e) < 0)
		return err_add(e, "table events." STR_FMT, STR_ARG(t->name));
	return 0;
}

/* --- the plan ------------------------------------------------------------------------------ */

/* The head it began at: of this run, unless the lane has it. */
static int begin(struct replay *p, struct err *e)
{
	struct apply_counts applied;
	int64_t             since = 0;

	p->range.since = p->live.head;
	p->range.said = arena_str(&p->arena, state_position(&p->writer.state, REPLAY_PIPELINE, STR("since")));
	if (p->range.said.len > 0) {
		if (!str_to_i64(p->range.said, &since) || since < 0 || (uint64_t)since > p->live.head)
			return err_set(e, ERR_CORRUPT, "lane " STR_FMT " began at entry \"" STR_FMT "\", which is not there",
			               STR_ARG(p->lane), STR_ARG(str_head(p->range.said, 80)));
		p->range.since = (uint64_t)since;
	}
	return p->is_dry ? 0 : lake_apply(p->lake, p->workers, LANE, &applied, e);
}

int range_plan(struct replay *p, struct err *e)
{
	p->range.is_on = p->conf->has_from || p->conf->has_to;
	if (!p->range.is_on)
		return 0;
	if (p->conf->has_from && p->conf->has_to && p->conf->from_us >= p->conf->to_us)
		return err_set(e, ERR_INPUT, "the range ends before it begins: no event_time is in it");
	TRY(begin(p, e));
	p->range.is_read = ARENA_ARRAY(&p->arena, bool, p->range.since + 1);
	for (size_t i = 0; i < p->live.tables.count; i++) {
		const struct state_table *known = p->live.tables.items[i].ptr;

		if (str_eq(known->space, STR("events")) && replay_in_scope(p->conf, known->name))
			TRY(take_table(p, known, e));
	}
	return 0;
}

/* --- which records ------------------------------------------------------------------------- */

struct taking {
	struct replay *replay;
	uint32_t       group;
	int64_t        rows;
};

static int take_row(void *context, const struct replay_row *row, struct err *e)
{
	struct taking *t = context;

	if (replay_is_stopped(t->replay))
		return err_set(e, ERR_STOPPED, "stopped: nothing has been changed");
	if (++t->rows <= t->replay->range.tables.at[t->group]->rows)
		rowset_add(&t->replay->range.rows, row->position, row->taken_us, t->group);
	return 0;
}

static int read_rows(struct replay *p, uint32_t group, struct err *e)
{
	const struct replay_reader *reader = &p->conf->reader;
	struct range_table         *t = p->range.tables.at[group];
	struct taking               taking = {p, group, 0};
	AUTO(arena)                 a = ARENA_INIT;
	str                        *paths = ARENA_ARRAY(&a, str, t->files.count + 1);

	for (size_t i = 0; i < t->files.count; i++)
		paths[i] = lake_path(p->lake, &a, t->files.items[i].key);
	if (t->files.count > 0)
		TRY(reader->read(reader->context, &t->columns, paths, t->files.count, take_row, &taking, e));
	if (taking.rows == t->rows)
		return 0;
	return err_set(e, ERR_CORRUPT, "table events." STR_FMT ": %zu files of the range have %" PRId64 " rows, its manifests say %" PRId64,
	               STR_ARG(t->name), t->files.count, taking.rows, t->rows);
}

int range_read(struct replay *p, struct err *e)
{
	size_t   memory = p->conf->memory_bytes ? p->conf->memory_bytes : DEFAULT_MEMORY;
	uint64_t most = rowset_room(memory / 4), rows = 0;

	for (size_t i = 0; i < p->range.tables.count; i++)
		rows += (uint64_t)p->range.tables.at[i]->rows;
	if (rows > most || p->range.tables.count > ROWSET_GROUPS)
		return err_set(e, ERR_LIMIT, "the files of the range hold %" PRIu64 " rows of %zu tables, and there is room for %" PRIu64
		               " rows of %d tables: take a smaller range, or fewer tables with --table, or raise `memory` in the "
		               "configuration", rows, p->range.tables.count, most, ROWSET_GROUPS);
	rowset_init(&p->range.rows, rows);
	for (size_t i = 0; i < p->range.tables.count; i++)
		TRY(read_rows(p, (uint32_t)i, e));
	return 0;
}

/* --- which entries ------------------------------------------------------------------------- */

/* Files of a replay, and of an entry that took others out, may hold rows of any entry before it. */
static uint64_t oldest_of(const struct journal_entry *j, const struct entry_table *t, str key)
{
	uint64_t seq;

	if (!lake_origin_seq(lake_name(key), LANE, &seq) || t->removed_files > 0)
		return 1;
	return t->held_since > 0 ? (uint64_t)t->held_since : j->seq;
}

bool range_has(const struct replay_range *r, const struct journal_entry *j, const struct entry_table *t, uint64_t *oldest)
{
	const struct range_table *known = range_table(r, t->name);

	*oldest = j->seq;
	if (j->seq > (known != NULL ? known->since : r->since))
		return true;
	for (size_t i = 0; known != NULL && i < t->files.count; i++) {
		if (map_get(&known->files, t->files.at[i].key) == NULL)
			continue;
		*oldest = oldest_of(j, t, t->files.at[i].key);
		return true;
	}
	return false;
}

void range_note(struct replay *p, const struct journal_entry *j)
{
	struct replay_range *r = &p->range;

	for (size_t i = 0; j->seq <= r->since && i < j->tables.count; i++) {
		const struct entry_table *t = &j->tables.at[i];
		struct range_table       *known = str_eq(t->space, STR("events")) ? range_table(r, t->name) : NULL;
		uint64_t                  oldest;

		if (known == NULL || !range_has(r, j, t, &oldest))
			oldest = j->seq + 1;
		for (uint64_t seq = oldest; seq <= j->seq; seq++)
			r->is_read[seq] = true;
		if (known != NULL && j->seq <= known->since && (t->files.count > 0 || t->replaces_through > 0))
			known->held_since = 0;
	}
	for (size_t i = 0; i < j->held.count; i++) {
		struct range_table *known = str_eq(j->held.at[i].space, STR("events")) ? range_table(r, j->held.at[i].name) : NULL;

		if (known != NULL && j->seq <= known->since && known->held_since == 0)
			known->held_since = j->seq;
	}
}

bool range_reads(const struct replay_range *r, uint64_t seq)
{
	if (!r->is_on || seq > r->since || r->is_read[seq])
		return true;
	for (size_t i = 0; i < r->tables.count; i++)
		if (range_is_late(r, seq, r->tables.at[i]->name))
			return true;
	return false;
}

/* --- questions ----------------------------------------------------------------------------- */

bool range_takes(const struct replay_range *r, str table, str key)
{
	const struct range_table *t = range_table(r, table);

	return t == NULL || map_get(&t->files, key) != NULL || is_since(t, key);
}

bool range_is_late(const struct replay_range *r, uint64_t seq, str table)
{
	const struct range_table *t;

	if (!r->is_on || seq > r->since)
		return true;
	t = range_table(r, table);
	return t != NULL && (seq > t->since || (t->held_since != 0 && seq >= t->held_since));
}

bool range_finds(struct replay *p, const struct segment_record *r, str *table)
{
	struct buf *position = &p->range.position;
	uint32_t    group;

	if (!p->range.is_on)
		return false;
	buf_clear(position);
	buf_print(position, STR_FMT ":%" PRIu64, STR_ARG(p->block->parts[r->part].label), r->offset);
	if (!rowset_find(&p->range.rows, buf_str(position), p->block->taken_us, &group))
		return false;
	*table = p->range.tables.at[group]->name;
	return true;
}

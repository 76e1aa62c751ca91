#include "ingest/quarantine_edit.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lake/scan.h"

#define SPACE STR("tarn")
#define NAME  STR("quarantine")

/* --- which rows ---------------------------------------------------------------------------- */

static int table_exists(struct lake *l, bool *out, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	str        *names;
	size_t      count;

	TRY(lake_tables(l, SPACE, &a, &names, &count, e));
	*out = false;
	for (size_t i = 0; i < count; i++)
		*out = *out || str_eq(names[i], NAME);
	return 0;
}

/* When its first row was refused; files are sorted by that. */
static int64_t first_us(const struct ice_file *f, int32_t time_id)
{
	int64_t us = INT64_MIN;

	for (uint32_t i = 0; i < f->stats.leaf_count; i++)
		if (f->stats.leaves[i].field_id == time_id && f->stats.leaves[i].lower.len == sizeof(us))
			memcpy(&us, f->stats.leaves[i].lower.ptr, sizeof(us));
	return us;
}

static int by_first_row(const void *a, const void *b, void *context)
{
	const struct ice_file *x = a, *y = b;
	const int32_t         *time_id = context;
	int64_t                x_us = first_us(x, *time_id), y_us = first_us(y, *time_id);

	return x_us != y_us ? (x_us > y_us) - (x_us < y_us) : str_cmp(x->path, y->path);
}

static int take_files(struct quarantine_edit *q, const struct lake *l, const struct scan *s, struct err *e)
{
	int32_t time_id = s->spec.source_id;

	if (s->file_count > 1)
		qsort_r(s->files, s->file_count, sizeof(*s->files), by_first_row, &time_id);
	q->file_count = s->file_count;
	q->files = ARENA_ARRAY(&q->arena, struct quarantine_file, s->file_count + 1);
	q->paths = ARENA_ARRAY(&q->arena, str, s->file_count + 1);
	for (size_t i = 0; i < s->file_count; i++) {
		const struct ice_file *f = &s->files[i];
		str                    key;
		uint64_t               seq;

		if (!lake_key(l, f->path, &key))
			return err_set(e, ERR_UNSUPPORTED, "table tarn.quarantine: " STR_FMT " does not lie in the lake",
			               STR_ARG(str_head(f->path, 300)));
		q->paths[i] = arena_str(&q->arena, f->path);
		q->files[i] = (struct quarantine_file){
			.key = arena_str(&q->arena, key), .rows = f->stats.rows, .bytes = f->stats.bytes,
			.is_of_replay = !lake_origin_seq(lake_name(key), STR("0"), &seq),
		};
	}
	return 0;
}

/* What we do not know in it would be lost where a file is written again. */
static int check_columns(const struct schema *s, struct err *e)
{
	AUTO(schema) own = {0};

	quarantine_schema(&own);
	for (uint32_t i = 0; i < s->root->child_count; i++)
		if (schema_child(own.root, s->root->children[i]->name) == NULL)
			return err_set(e, ERR_UNSUPPORTED,
			               "table tarn.quarantine has a column " STR_FMT ", which is not of this tarn's making",
			               STR_ARG(str_head(s->root->children[i]->name, 128)));
	return 0;
}

int quarantine_edit_open(struct lake *l, struct quarantine_edit *out, struct err *e)
{
	AUTO(scan) s = {0};
	bool       is_there;

	*out = (struct quarantine_edit){0};
	TRY(table_exists(l, &is_there, e));
	if (!is_there)
		return 0;
	TRY(lake_scan(l, SPACE, NAME, NULL, &s, e));
	TRY(check_columns(&s.schema, e));
	schema_copy(&s.schema, &out->schema);
	out->uuid = arena_str(&out->arena, ice_uuid_text(&s.metadata));
	return take_files(out, l, &s, e);
}

void quarantine_edit_done(struct quarantine_edit *q)
{
	schema_done(&q->schema);
	VEC_DONE(&q->counts);
	arena_done(&q->arena);
}

static struct entry_counts *counts_of(struct quarantine_edit *q, str pipeline)
{
	for (size_t i = 0; i < q->counts.count; i++)
		if (str_eq(q->counts.at[i].pipeline, pipeline))
			return &q->counts.at[i];
	*VEC_ADD(&q->counts) = (struct entry_counts){.pipeline = arena_str(&q->arena, pipeline)};
	return &q->counts.at[q->counts.count - 1];
}

void quarantine_leave(struct quarantine_edit *q, str pipeline, size_t file, int64_t row, enum leave how)
{
	struct entry_counts    *c = counts_of(q, pipeline);
	struct quarantine_file *f = &q->files[file];
	uint8_t                 bit = (uint8_t)(1 << row % 8);

	assert(file < q->file_count && row >= 0 && row < f->rows);
	if (f->leaves == NULL)
		f->leaves = ARENA_ARRAY(&q->arena, uint8_t, f->rows / 8 + 1);
	assert((f->leaves[row / 8] & bit) == 0);
	f->leaves[row / 8] |= bit;
	f->leaving++;
	q->leaving++;
	c->quarantined--;
	c->rows += how == LEAVE_ROW;
	c->duplicates += how == LEAVE_DUPLICATE;
	c->conflicts += how == LEAVE_CONFLICT;
	c->dropped += how == LEAVE_DROPPED;
}

/* --- writing again ------------------------------------------------------------------------- */

int quarantine_spill(struct writer *w, struct err *e)
{
	AUTO(arena)       scratch = ARENA_INIT;
	struct origin     origin = {w->journal.lane, w->journal.epoch, w->journal.head + 1};
	struct flush_job *jobs = ARENA_ARRAY(&scratch, struct flush_job, w->targets.count + 1);
	size_t            count = 0;

	for (size_t i = 0; i < w->targets.count; i++)
		if (w->targets.at[i]->columns.row_count > 0)
			jobs[count++] = (struct flush_job){w->targets.at[i]->table, &w->targets.at[i]->columns};
	if (count == 0)
		return 0;
	TRY(lake_flush(w->lake, w->workers, &origin, jobs, count, &w->entry, e));
	for (size_t i = 0; i < count; i++) {
		columns_clear(jobs[i].columns);
		table_published(jobs[i].table); /* columns of files are not open to a change of type any more */
	}
	return 0;
}

int quarantine_spill_raw(struct writer *w, str pipeline, struct archive *a, size_t most, struct err *e)
{
	struct origin origin = {w->journal.lane, w->journal.epoch, w->journal.head + 1};

	if (archive_bytes(a) <= most)
		return 0;
	TRY(archive_write(a, w->lake, pipeline, &origin, (uint32_t)w->entry.raws.count, &w->entry, e));
	archive_committed(a); /* the entry names it, or it is garbage */
	return 0;
}

struct rewrite {
	struct quarantine_edit *edit;
	struct writer          *writer;
	struct target          *target;
	const size_t           *numbers; /* of the files read, in the edit */
	int64_t                 seen;
};

static int keep_row(void *context, const struct refused *r, struct err *e)
{
	struct rewrite               *rw = context;
	const struct quarantine_file *f = &rw->edit->files[rw->numbers[r->file]];

	rw->seen++;
	if (r->row < f->rows && f->leaves[r->row / 8] & 1 << r->row % 8)
		return 0;
	quarantine_copy(&rw->target->columns, r);
	return pool_over(rw->writer->pool) ? quarantine_spill(rw->writer, e) : 0;
}

static int open_target(struct writer *w, struct target **out, struct err *e)
{
	AUTO(schema)       schema = {0};
	struct table_fresh fresh = {.schema = &schema, .transform = ICE_DAY};
	uint32_t           index;

	quarantine_schema(&schema);
	fresh.time_id = schema.root->children[0]->id;
	TRY(writer_target(w, SPACE, NAME, &fresh, &index, e));
	*out = w->targets.at[index];
	return 0;
}

static int some_of_replay(const struct quarantine_file *f, struct err *e)
{
	return err_set(e, ERR_UNSUPPORTED,
	               "of %" PRId64 " records that a `tarn replay` refused at once %" PRId64 " would leave: they leave together or not at "
	               "all. Mend the rules and `tarn replay` again, which takes back what passes; or choose all of them", f->rows, f->leaving);
}

static int write_again(struct quarantine_edit *q, struct writer *w, const struct refused_reader *reader, struct err *e)
{
	AUTO(arena)    a = ARENA_INIT;
	size_t        *numbers = ARENA_ARRAY(&a, size_t, q->file_count + 1), count = 0;
	str           *paths = ARENA_ARRAY(&a, str, q->file_count + 1);
	struct rewrite rw = {.edit = q, .writer = w, .numbers = numbers};
	int64_t        rows = 0;

	for (size_t i = 0; i < q->file_count; i++) {
		if (q->files[i].leaving == 0 || q->files[i].leaving == q->files[i].rows)
			continue;
		if (q->files[i].is_of_replay)
			return some_of_replay(&q->files[i], e);
		numbers[count] = i;
		paths[count++] = q->paths[i];
		rows += q->files[i].rows;
	}
	if (count == 0)
		return 0;
	TRY(open_target(w, &rw.target, e));
	TRY(reader->read(reader->context, &q->schema, paths, count, true, keep_row, &rw, e));
	if (rw.seen != rows)
		return err_set(e, ERR_CORRUPT, "the files of tarn.quarantine have %" PRId64 " rows, not %" PRId64
		               ": `tarn audit` says which", rw.seen, rows);
	return quarantine_spill(w, e);
}

/* --- the entry ----------------------------------------------------------------------------- */

static void remove_files(struct quarantine_edit *q, struct journal_entry *entry)
{
	struct entry_table *t = entry_table(entry, SPACE, NAME, q->uuid);

	for (size_t i = 0; i < q->file_count; i++)
		if (q->files[i].leaving > 0)
			entry_remove(entry, t, &(struct entry_removed){q->files[i].key, q->files[i].rows, q->files[i].bytes});
}

int quarantine_commit(struct quarantine_edit *q, struct writer *w, const struct refused_reader *reader,
                      const struct writer_part *parts, size_t part_count, struct err *e)
{
	struct origin       origin = {w->journal.lane, w->journal.epoch, w->journal.head + 1};
	struct apply_counts applied;

	assert(q->leaving > 0);
	TRY(quarantine_spill(w, e));
	TRY(write_again(q, w, reader, e));
	remove_files(q, &w->entry);
	for (size_t i = 0; i < q->counts.count; i++)
		writer_add_counts(w, &q->counts.at[i]);
	for (size_t i = 0; i < part_count; i++) {
		names_write(parts[i].names, &w->entry);
		if (parts[i].archive != NULL)
			TRY(quarantine_spill_raw(w, parts[i].pipeline, parts[i].archive, 0, e));
		if (parts[i].dedupe != NULL)
			TRY(dedupe_write_runs(parts[i].dedupe, &origin, 2 * (uint32_t)i, &w->entry, e));
	}
	TRY(journal_commit(&w->journal, &w->entry, e));
	for (size_t i = 0; i < part_count; i++)
		if (parts[i].dedupe != NULL)
			TRY(dedupe_committed(parts[i].dedupe, &w->entry, e));
	return lake_apply_entry(w->lake, w->workers, w->journal.lane, &w->entry, &applied, e);
}

/* Order of a commit (reliability C5 to C9): data files and id runs are uploaded, the journal entry makes them true, then
 * dedupe takes the run as its own, and last the tables follow. A failure before the entry leaves garbage that no one
 * sees; one after it is made good at the next start. */
#include "ingest/writer.h"

#include <assert.h>
#include <stdlib.h>

#include "ingest/mutant.h"

static str pair_key(struct buf *key, str a, str b)
{
	buf_clear(key);
	buf_add(key, a);
	buf_byte(key, '\0');
	buf_add(key, b);
	return buf_str(key);
}

int writer_open(struct lake *l, struct workers *w, str lane, size_t memory_bytes, struct writer *out, struct err *e)
{
	struct apply_counts applied;

	*out = (struct writer){.lake = l, .workers = w};
	TRY(journal_open(l, lane, &out->journal, &out->state, e));
	TRY(lake_apply(l, w, lane, &applied, e));
#if MUTANT == 6
	TRY(mutant_sweep(out, e));
#endif
	out->pool = pool_new(memory_bytes);
	return 0;
}

void writer_done(struct writer *w)
{
	for (size_t i = 0; i < w->targets.count; i++) {
		columns_done(&w->targets.at[i]->columns);
		table_close(w->targets.at[i]->table);
		free(w->targets.at[i]);
	}
	VEC_DONE(&w->targets);
	map_done(&w->by_name);
	map_done(&w->moved);
	entry_done(&w->entry);
	state_done(&w->state);
	arena_done(&w->arena);
	pool_free(w->pool);
}

int writer_target(struct writer *w, str space, str name, const struct table_fresh *fresh, uint32_t *out, struct err *e)
{
	AUTO(arena)            scratch = ARENA_INIT;
	str                    full = arena_format(&scratch, STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(name));
	const struct map_item *known = map_get(&w->by_name, full);
	struct target         *target;

	if (known == NULL) {
		target = xcalloc(1, sizeof(*target));
		if (table_open(w->lake, w->journal.lane, space, name, fresh, &w->state, &target->table, e) < 0) {
			free(target);
			return e->class; /* it names the table */
		}
		target->space = arena_str(&w->arena, space);
		target->name = arena_str(&w->arena, name);
		columns_init(&target->columns, w->pool, &target->table->schema);
		*VEC_ADD(&w->targets) = target;
		map_put(&w->by_name, full)->num = w->targets.count;
		known = map_get(&w->by_name, full);
	}
	*out = (uint32_t)known->num - 1;
	return 0;
}

void writer_move(struct writer *w, str pipeline, const struct run *run)
{
	AUTO(buf) key = BUF(0);

	for (size_t i = 0; i < run->parts.count; i++) {
		const struct run_part *part = &run->parts.at[i];
		struct map_item       *moved = map_put(&w->moved, pair_key(&key, pipeline, part->key));
		str                    to = arena_str(&w->entry.arena, part->to);

		if (moved->num == 0) {
			*VEC_ADD(&w->entry.positions) = (struct entry_position){
				.pipeline = arena_str(&w->entry.arena, pipeline),
				.key = arena_str(&w->entry.arena, part->key),
				.from = arena_str(&w->entry.arena, part->from),
			};
			moved->num = w->entry.positions.count;
		}
		w->entry.positions.at[moved->num - 1].to = to;
	}
}

void writer_add_counts(struct writer *w, const struct entry_counts *counts)
{
	struct entry_counts *sum = NULL;

	for (size_t i = 0; i < w->entry.counts.count; i++)
		if (str_eq(w->entry.counts.at[i].pipeline, counts->pipeline))
			sum = &w->entry.counts.at[i];
	if (sum == NULL) {
		sum = VEC_ADD(&w->entry.counts);
		*sum = (struct entry_counts){.pipeline = arena_str(&w->entry.arena, counts->pipeline)};
	}
	sum->records += counts->records;
	sum->rows += counts->rows;
	sum->duplicates += counts->duplicates;
	sum->conflicts += counts->conflicts;
	sum->quarantined += counts->quarantined;
}

/* --- commit -------------------------------------------------------------------------------- */

static int flush(struct writer *w, const struct origin *o, struct err *e)
{
	AUTO(arena)       scratch = ARENA_INIT;
	struct flush_job *jobs = ARENA_ARRAY(&scratch, struct flush_job, w->targets.count);
	size_t            count = 0;

	for (size_t i = 0; i < w->targets.count; i++)
		if (w->targets.at[i]->columns.row_count > 0)
			jobs[count++] = (struct flush_job){w->targets.at[i]->table, &w->targets.at[i]->columns};
	return lake_flush(w->lake, w->workers, o, jobs, count, &w->entry, e);
}

/* The entry is true: columns are empty, schemas are public. */
static void settle(struct writer *w)
{
	for (size_t i = 0; i < w->entry.tables.count; i++) {
		w->counts.files += (int64_t)w->entry.tables.at[i].files.count;
		w->counts.rows += w->entry.tables.at[i].rows;
		w->counts.bytes += w->entry.tables.at[i].bytes;
	}
	for (size_t i = 0; i < w->targets.count; i++) {
		if (w->targets.at[i]->columns.row_count > 0) {
			columns_clear(&w->targets.at[i]->columns);
			table_published(w->targets.at[i]->table);
		}
	}
	w->counts.commits++;
}

#if MUTANT == 3
/* The rows are in files that the entry names: it stays open, and its ids are written again with those to come. */
static int put_again_later(struct writer *w)
{
	for (size_t i = 0; i < w->targets.count; i++)
		columns_clear(&w->targets.at[i]->columns);
	w->entry.ids.count = 0;
	return 1;
}
#endif

int writer_commit(struct writer *w, struct dedupe *const *dedupes, struct names *const *names, size_t count,
                  struct err *e)
{
	struct origin       origin = {w->journal.lane, w->journal.epoch, w->journal.head + 1};
	struct apply_counts applied;
	uint32_t            first_run = 0;

	if (w->entry.positions.count == 0 && w->entry.counts.count == 0)
		return 0;
	TRY(flush(w, &origin, e));
#if MUTANT == 3
	first_run = 8 * (uint32_t)w->entry.tables.count; /* the names of the last try are taken */
#endif
	for (size_t i = 0; i < count; i++) {
		names_write(names[i], &w->entry);
		if (dedupes[i] != NULL)
			TRY(dedupe_write_run(dedupes[i], &origin, first_run + (uint32_t)i, &w->entry, e));
	}
#if MUTANT == 3
	int put = journal_commit(&w->journal, &w->entry, e);
	if (put == ERR_IO || put == ERR_BUSY)
		return put_again_later(w);
	TRY(put);
#else
	TRY(journal_commit(&w->journal, &w->entry, e));
#endif

	settle(w);
	for (size_t i = 0; i < count; i++) {
		names_committed(names[i]);
		if (dedupes[i] != NULL)
			TRY(dedupe_committed(dedupes[i], &w->entry, e));
	}
	TRY(lake_apply_entry(w->lake, w->workers, w->journal.lane, &w->entry, &applied, e));
#if MUTANT == 6
	return mutant_sweep(w, e);
#elif MUTANT == 7
	return mutant_prune(w, e);
#endif
	return 0;
}

void writer_begin(struct writer *w)
{
	entry_done(&w->entry);
	map_done(&w->moved);
}

/* Order of a commit (reliability C5 to C9): data files and id runs are uploaded, the journal entry makes them true, then
 * dedupe takes the run as its own, and last the tables follow. A failure before the entry leaves garbage that no one
 * sees; one after it is made good at the next start. */
#include "ingest/writer.h"

#include <assert.h>
#include <stdlib.h>

#include "ingest/mutant.h"
#include "ingest/writer_int.h"
#include "lake/stage.h"
#include "os/clock.h"
#include "os/profile.h"

static str pair_key(struct buf *key, str a, str b)
{
	buf_clear(key);
	buf_add(key, a);
	buf_byte(key, '\0');
	buf_add(key, b);
	return buf_str(key);
}

int writer_open(struct lake *l, struct workers *w, const struct writer_conf *conf, struct writer *out, struct err *e)
{
	static const struct table_rules defaults = TABLE_RULES;

	*out = (struct writer){
		.lake = l,
		.workers = w,
		.rules = conf->rules != NULL ? conf->rules : &defaults,
		.is_holding = conf->is_holding,
		.stage = conf->stage,
		.memory_bytes = conf->memory_bytes,
	};
	TRY(journal_open_to_switch(l, conf->lane, conf->switches, &out->journal, &out->state, e));
	if (out->stage == NULL)
		TRY(lake_apply_state(l, w, conf->lane, &out->state, &out->behind, e));
#if MUTANT == 6
	TRY(mutant_sweep(out, e));
#endif
	out->pool = pool_new(conf->memory_bytes);
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

static int open_table(struct writer *w, str space, str name, const struct table_fresh *fresh, struct table **out, struct err *e)
{
	const struct writer_stage *s = w->stage;
	struct stage               stage;

	if (s == NULL)
		return table_open(w->lake, w->journal.lane, space, name, fresh, &w->state, out, e);
	stage = (struct stage){s->live, &w->state, s->attributes};
	return table_stage(w->lake, space, name, fresh, &stage, str_eq(space, STR("events")) && s->is_anew(s->context, name), out, e);
}

int writer_target(struct writer *w, str space, str name, const struct table_fresh *fresh, uint32_t *out, struct err *e)
{
	AUTO(arena)            scratch = ARENA_INIT;
	str                    full = arena_format(&scratch, STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(name));
	const struct map_item *known = map_get(&w->by_name, full);
	struct target         *target;

	if (known == NULL) {
		target = xcalloc(1, sizeof(*target));
		if (open_table(w, space, name, fresh, &target->table, e) < 0) {
			free(target);
			return e->class; /* it names the table */
		}
		target->space = arena_str(&w->arena, space);
		target->name = arena_str(&w->arena, name);
		target->rule = table_rule_of(w->rules, target->name);
		target->may_hold = w->is_holding;
		target->density = DENSITY;
		columns_init(&target->columns, w->pool, &target->table->schema);
		*VEC_ADD(&w->targets) = target;
		map_put(&w->by_name, full)->num = w->targets.count;
		known = map_get(&w->by_name, full);
	}
	*out = (uint32_t)known->num - 1;
	return 0;
}

void writer_make(struct writer *w, str space, const struct table_want *wants, size_t count)
{
	AUTO(arena)        scratch = ARENA_INIT;
	AUTO(map)          seen = {0};
	struct table_want *left = ARENA_ARRAY(&scratch, struct table_want, count);
	size_t             left_count = 0;

	for (size_t i = 0; i < count; i++) {
		str              full = arena_format(&scratch, STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(wants[i].name));
		struct map_item *item = map_put(&seen, full);

		if (item->num++ == 0 && map_get(&w->by_name, full) == NULL)
			left[left_count++] = wants[i];
	}
	if (w->stage == NULL && left_count > 1) /* one is made as it is opened */
		tables_make(w->lake, w->journal.lane, space, left, left_count, &w->state);
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
	sum->dropped += counts->dropped;
}

/* --- commit -------------------------------------------------------------------------------- */

static int flush(struct writer *w, const struct origin *o, const bool *is_due, struct err *e)
{
	AUTO(arena)       scratch = ARENA_INIT;
	struct flush_job *jobs = ARENA_ARRAY(&scratch, struct flush_job, w->targets.count);
	size_t            count = 0, first = w->entry.tables.count;

	for (size_t i = 0; i < w->targets.count; i++)
		if (is_due[i])
			jobs[count++] = (struct flush_job){w->targets.at[i]->table, &w->targets.at[i]->columns};
	TRY(lake_flush(w->lake, w->workers, o, jobs, count, &w->entry, e));
	for (size_t i = 0; i < w->targets.count; i++) {
		const struct target *t = w->targets.at[i];

		if (!is_due[i])
			continue;
		w->entry.tables.at[first].held_rows = t->held_rows;
		w->entry.tables.at[first++].held_since = (int64_t)t->held_since;
	}
	return 0;
}

/* Rows that came since the last commit and get no file in this one. */
static void hold(struct writer *w, const bool *is_due)
{
	for (size_t i = 0; i < w->targets.count; i++) {
		const struct target *t = w->targets.at[i];

		if (is_due[i] || t->columns.row_count == t->held_rows)
			continue;
		*VEC_ADD(&w->entry.held) = (struct entry_held){
			.space = arena_str(&w->entry.arena, t->space),
			.name = arena_str(&w->entry.arena, t->name),
			.uuid = arena_str(&w->entry.arena, t->table->uuid),
			.schema = table_held_schema(t->table, &w->entry.arena),
			.rows = t->columns.row_count - t->held_rows,
		};
	}
}

/* The entry is true: the columns of tables with files are empty, schemas are public. */
static void settle(struct writer *w, const bool *is_due)
{
	size_t next = 0;

	for (size_t i = 0; i < w->targets.count; i++) {
		struct target *t = w->targets.at[i];

		if (is_due[i]) {
			const struct entry_table *e = &w->entry.tables.at[next++];

			w->counts.files += (int64_t)e->files.count;
			w->counts.rows += e->rows;
			w->counts.bytes += e->bytes;
			t->density = (double)e->bytes / (double)t->columns.bytes;
			columns_clear(&t->columns);
			table_published(t->table);
			t->held_rows = 0;
			t->held_since = 0;
		} else if (t->columns.row_count > t->held_rows) {
			target_hold(t, w->entry.seq, w);
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

/* The oldest entry that holds rows; 0: none. Those that this commit gives files count still. */
static uint64_t held_since(const struct writer *w)
{
	uint64_t oldest = 0;

	for (size_t i = 0; i < w->targets.count; i++) {
		uint64_t since = w->targets.at[i]->held_since;

		if (since != 0 && (oldest == 0 || since < oldest))
			oldest = since;
	}
	return oldest;
}

/* Raw, new names and new ids of each pipeline. */
static int write_parts(struct writer *w, const struct origin *o, const struct writer_part *parts, size_t count,
                       struct err *e)
{
	uint32_t first = 0;
	PROFILE(PROFILE_IDS);

#if MUTANT == 3
	first = 8 * (uint32_t)w->entry.tables.count; /* the names of the last try are taken */
#endif
	for (size_t i = 0; i < count; i++) {
		names_write(parts[i].names, &w->entry);
		if (parts[i].archive != NULL)
			TRY(archive_write(parts[i].archive, w->lake, parts[i].pipeline, o, first + (uint32_t)i, &w->entry, e));
		if (parts[i].retention != NULL)
			TRY(retention_write(parts[i].retention, w->lake, w->journal.lane, w->journal.head, held_since(w),
			                    &w->entry, e));
		if (parts[i].dedupe != NULL)
			TRY(dedupe_write_runs(parts[i].dedupe, o, first + 2 * (uint32_t)i, &w->entry, e));
	}
	return 0;
}

static int parts_committed(struct writer *w, const struct writer_part *parts, size_t count, struct err *e)
{
	PROFILE(PROFILE_IDS);

	for (size_t i = 0; i < count; i++) {
		names_committed(parts[i].names);
		if (parts[i].archive != NULL)
			archive_committed(parts[i].archive);
		if (parts[i].retention != NULL)
			retention_committed(parts[i].retention, w->lake);
		if (parts[i].dedupe != NULL)
			TRY(dedupe_committed(parts[i].dedupe, &w->entry, e));
	}
	return 0;
}

int writer_commit(struct writer *w, const struct writer_part *parts, size_t count, bool is_last, struct err *e)
{
	struct origin       origin = {w->journal.lane, w->journal.epoch, w->journal.head + 1};
	AUTO(arena)         scratch = ARENA_INIT;
	bool               *is_due = ARENA_ARRAY(&scratch, bool, w->targets.count + 1);
	struct apply_counts applied;
	PROFILE(PROFILE_COMMIT);

	if (writer_choose(w, is_last, is_due) == 0 && w->entry.positions.count == 0 && w->entry.counts.count == 0)
		return 0;
	TRY(flush(w, &origin, is_due, e));
	hold(w, is_due);
	TRY(write_parts(w, &origin, parts, count, e));
#if MUTANT == 3
	int put = journal_commit(&w->journal, &w->entry, e);
	if (put == ERR_IO || put == ERR_BUSY)
		return put_again_later(w);
	TRY(put);
#else
	TRY(journal_commit(&w->journal, &w->entry, e));
#endif

	settle(w, is_due);
	TRY(parts_committed(w, parts, count, e));
	if (w->stage == NULL)
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

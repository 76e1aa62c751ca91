/* replay_scope.c - what a replay is to make again, and whether raw has it.
 *
 * A raw segment says of a record which table it went to when it was taken. After a replay that sent rows elsewhere, or refused some, that
 * is not where they are any more: then only all tables can be made again at once. A range of time can be all the same, for its files say
 * which records they hold.
 */
#include <assert.h>
#include <fnmatch.h>
#include <inttypes.h>

#include "base/hash.h"
#include "ingest/replay_int.h"

bool replay_in_scope(const struct replay_conf *c, str table)
{
	AUTO(arena) a = ARENA_INIT;
	const char *name = arena_cstr(&a, table);

	for (size_t i = 0; i < c->table_count; i++)
		if (fnmatch(arena_cstr(&a, c->tables[i]), name, 0) == 0)
			return true;
	return c->table_count == 0;
}

bool replay_replaces(const struct replay *p, const struct state_table *known)
{
	const struct range_table *t;

	if (!str_eq(known->space, STR("events")) || !replay_in_scope(p->conf, known->name) ||
	    (known->files == 0 && known->held_since == 0))
		return false;
	if (!p->range.is_on || known->held_since != 0)
		return true;
	t = range_table(&p->range, known->name);
	return t == NULL || t->files.count > 0 || known->last_seq > t->since;
}

size_t replay_count(const struct journal_state *live, bool *is_changed)
{
	size_t count = 0;

	*is_changed = false;
	for (size_t i = 0; i < live->positions.count; i++) {
		const struct map_item *item = &live->positions.items[i];

		if (item->key.ptr == NULL || !str_eq(str_head(item->key, str_find(item->key, '\0', 0)), REPLAY_PIPELINE))
			continue;
		count++;
		*is_changed = *is_changed || str_starts(*(const str *)item->ptr, STR("changed"));
	}
	return count;
}

str replay_lane(const struct replay_conf *c, size_t count, struct arena *a)
{
	AUTO(buf) b = BUF(0);

	buf_print(&b, "%016" PRIx64 " %zu", c->fingerprint, count);
	for (size_t i = 0; i < c->table_count; i++)
		buf_print(&b, " " STR_FMT, STR_ARG(c->tables[i]));
	if (c->has_from)
		buf_print(&b, " from %" PRId64, c->from_us);
	if (c->has_to)
		buf_print(&b, " to %" PRId64, c->to_us);
	return arena_format(a, "r%08" PRIx32, (uint32_t)hash_bytes(b.ptr, b.len, 0));
}

uint64_t replay_entry(const struct journal_state *live, str lane)
{
	str     said = state_position(live, REPLAY_PIPELINE, lane); /* "same.12" */
	int64_t entry = 0;

	(void)str_to_i64(str_from(said, str_find(said, '.', 0) + 1), &entry);
	assert(said.len == 0 || entry > 0); /* else what tables have would be taken for waste */
	return (uint64_t)entry;
}

bool replay_is_void(const struct journal_state *live, str lane)
{
	return str_starts(state_position(live, REPLAY_PIPELINE, lane), STR("void"));
}

/* --- is all of it in raw? ------------------------------------------------------------------ */

struct lacking {
	str      table, pipeline;
	int64_t  rows;
	uint64_t first, last;
};

struct check {
	struct replay *replay;
	bool           is_changed; /* names do not tell any more which pipeline filled a table */
	struct lacking worst;      /* the first one met; rows 0: none */
};

/* `oldest`: the first entry that has rows of it. */
static bool has_raw(const struct replay *p, const struct journal_entry *j, str pipeline, uint64_t oldest)
{
	for (size_t i = 0; i < j->raws.count; i++)
		if (str_eq(j->raws.at[i].pipeline, pipeline))
			return oldest > state_forgotten(&p->live, pipeline) && feed_of(p->feeds, p->feed_count, pipeline) != NULL;
	return false;
}

static bool feeds_table(const struct check *c, str pipeline, str table)
{
	const struct map *names = &c->replay->live.names;

	for (size_t i = 0; i < names->count && !c->is_changed; i++) {
		const struct map_item *item = &names->items[i];

		if (item->key.ptr != NULL && str_eq(*(const str *)item->ptr, table) &&
		    str_eq(str_head(item->key, str_find(item->key, '\0', 0)), pipeline))
			return true;
	}
	return c->is_changed;
}

static void note(struct check *c, uint64_t first, uint64_t last, str pipeline, str table, int64_t rows)
{
	struct lacking *w = &c->worst;

	if (rows <= 0 || !replay_in_scope(c->replay->conf, table) || !feeds_table(c, pipeline, table))
		return;
	if (w->rows == 0)
		*w = (struct lacking){
			arena_str(&c->replay->arena, table), arena_str(&c->replay->arena, pipeline), 0, first, last,
		};
	if (!str_eq(w->table, table) || !str_eq(w->pipeline, pipeline))
		return;
	w->rows += rows;
	w->last = last;
}

static void note_table(struct check *c, const struct journal_entry *j, const struct entry_table *t, str pipeline)
{
	const struct replay *p = c->replay;
	uint64_t             oldest = j->seq;

	if (!str_eq(t->space, STR("events")) || (p->range.is_on && !range_has(&p->range, j, t, &oldest)))
		return;
	if (!has_raw(p, j, pipeline, oldest))
		note(c, oldest, j->seq, pipeline, t->name, p->range.is_on ? t->rows : t->rows - t->held_rows);
}

static bool is_replay(const struct journal_entry *j)
{
	for (size_t i = 0; i < j->positions.count; i++)
		if (str_eq(j->positions.at[i].pipeline, REPLAY_PIPELINE))
			return true;
	return false;
}

/* Under a range they stay where they are. */
static void take_refused(struct replay *p, const struct journal_entry *j)
{
	for (size_t i = 0; !p->range.is_on && i < j->counts.count; i++)
		for (size_t k = 0; k < p->feed_count; k++)
			if (str_eq(p->feeds[k].pipeline->name, j->counts.at[i].pipeline))
				p->refused_before[k].quarantined += j->counts.at[i].quarantined;
}

static int check_entry(void *context, const struct journal_entry *j, struct err *e)
{
	struct check *c = context;

	(void)e;
	if (j->seq > c->replay->live.head)
		return 0;
	range_note(c->replay, j);
	if (is_replay(j)) {
		take_refused(c->replay, j);
		return 0;
	}
	for (size_t i = 0; i < j->counts.count; i++) {
		str pipeline = j->counts.at[i].pipeline;

		for (size_t k = 0; j->counts.at[i].rows > 0 && k < j->tables.count; k++)
			note_table(c, j, &j->tables.at[k], pipeline);
		if (j->counts.at[i].rows <= 0 || has_raw(c->replay, j, pipeline, j->seq))
			continue;
		for (size_t k = 0; k < j->held.count; k++)
			if (str_eq(j->held.at[k].space, STR("events")))
				note(c, j->seq, j->seq, pipeline, j->held.at[k].name, j->held.at[k].rows);
	}
	return 0;
}

static int lacks(const struct replay *p, const struct lacking *w, struct err *e)
{
	if (feed_of(p->feeds, p->feed_count, w->pipeline) == NULL)
		return err_set(e, ERR_INPUT,
		               "table events." STR_FMT " has rows of pipeline " STR_FMT ", which is not in the configuration: put it "
		               "back, or replay other tables with --table", STR_ARG(w->table), STR_ARG(w->pipeline));
	if (w->first <= state_forgotten(&p->live, w->pipeline))
		return err_set(e, ERR_UNSUPPORTED,
		               "table events." STR_FMT " has rows whose raw segments have been let go (entries up to %" PRIu64
		               "): they cannot be made again. Replay a range of time that raw has, with --from, or other tables with "
		               "--table",
		               STR_ARG(w->table), state_forgotten(&p->live, w->pipeline));
	return err_set(e, ERR_UNSUPPORTED,
	               "table events." STR_FMT " has about %" PRId64 " rows that are in no raw segment (entries %" PRIu64 " to %"
	               PRIu64 " of the journal): taken without raw, or out of quarantine. They cannot be made again. Files "
	               "given by hand are their own raw: ingest them into a new lake; or replay other tables with --table, "
	               "or a range of time without these rows with --from and --to",
	               STR_ARG(w->table), w->rows, w->first, w->last);
}

int replay_check(struct replay *p, struct err *e)
{
	struct check c = {.replay = p};

	(void)replay_count(&p->live, &c.is_changed);
	if (c.is_changed && p->conf->table_count > 0 && !p->range.is_on)
		return err_set(e, ERR_UNSUPPORTED,
		               "an earlier replay sent rows to other tables, or refused some: raw does not tell any more which rows "
		               "these tables have. Replay all of them, without --table");
	TRY(journal_walk(p->lake, STR("0"), 1, check_entry, &c, e));
	return c.worst.rows > 0 ? lacks(p, &c.worst, e) : 0;
}

int replay_balance(int64_t records, int64_t rows, struct err *e)
{
	if (records == rows)
		return 0;
	return err_set(e, ERR_UNSUPPORTED,
	               "raw gives %" PRId64 " of the %" PRId64 " rows that are to be made again: the others are in no raw segment, and "
	               "nothing has been changed. Files given by hand are their own raw: ingest them into a new lake", records, rows);
}

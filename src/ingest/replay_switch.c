/* replay_switch.c - one entry of lane 0 gives tables what was built for them.
 *
 * Tables in scope lose all that entries before it gave them, rows that wait for their file included, for these were built from raw too.
 * Tables that are not, and quarantine, only get files added; their waiting rows get theirs in the same entry, as the journal demands.
 * Under a range the files that go are named, and the others stay.
 *
 * Invariant: as many records were built as the tables in scope had rows, and earlier replays refused: else nothing is switched.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ingest/held.h"
#include "ingest/replay_int.h"
#include "lake/scan.h"

enum { DEFAULT_MEMORY = 512 << 20 };

struct change {
	struct replay       *replay;
	struct writer        writer;  /* of lane 0 */
	struct feed         *feeds;   /* over it: for rows that wait */
	size_t               feed_count;
	struct staged        staged;
	struct journal_state built;   /* of the replay's lane */
	int64_t              records; /* that were to be built */
	uint64_t             number;  /* of the next object of the entry */
};

static void change_done(struct change *c)
{
	for (size_t i = 0; i < c->feed_count; i++)
		feed_done(&c->feeds[i]);
	free(c->feeds);
	staged_done(&c->staged);
	state_done(&c->built);
	writer_done(&c->writer);
}
AUTO_DEFINE(change, change_done)

static struct origin origin_of(const struct change *c)
{
	return (struct origin){c->writer.journal.lane, c->writer.journal.epoch, c->writer.journal.head + 1};
}

static const struct staged_table *staged_of(const struct change *c, str space, str name)
{
	for (size_t i = 0; i < c->staged.tables.count; i++)
		if (str_eq(c->staged.tables.at[i].space, space) && str_eq(c->staged.tables.at[i].name, name))
			return &c->staged.tables.at[i];
	return NULL;
}

/* A table in scope that has no row now and gets some takes what was built whole, columns too. */
static bool is_replaced(const struct change *c, const struct state_table *t)
{
	const struct replay *p = c->replay;

	return replay_replaces(p, t) || (!p->range.is_on && str_eq(t->space, STR("events")) && replay_in_scope(p->conf, t->name) &&
	                                 staged_of(c, t->space, t->name) != NULL);
}

/* --- rows that wait, of tables that stay --------------------------------------------------- */

static void name_waiting(const struct change *c, struct map *out)
{
	for (size_t i = 0; i < c->staged.tables.count; i++) {
		const struct staged_table *s = &c->staged.tables.at[i];
		const struct state_table  *t = state_table(&c->writer.state, s->space, s->name);
		AUTO(arena)                a = ARENA_INIT;

		if (t != NULL && t->held_since != 0 && !is_replaced(c, t))
			(void)map_put(out, arena_format(&a, STR_FMT "." STR_FMT, STR_ARG(s->space), STR_ARG(s->name)));
	}
}

static int flush_waiting(struct change *c, struct err *e)
{
	struct writer    *w = &c->writer;
	struct origin     origin = origin_of(c);
	AUTO(arena)       a = ARENA_INIT;
	struct flush_job *jobs = ARENA_ARRAY(&a, struct flush_job, w->targets.count + 1);
	size_t            count = 0;

	for (size_t i = 0; i < w->targets.count; i++)
		if (w->targets.at[i]->columns.row_count > 0)
			jobs[count++] = (struct flush_job){w->targets.at[i]->table, &w->targets.at[i]->columns};
	TRY(lake_flush(w->lake, w->workers, &origin, jobs, count, &w->entry, e));
	for (size_t i = 0; i < count; i++) {
		struct entry_table       *t = &w->entry.tables.at[i];
		const struct state_table *known = state_table(&w->state, t->space, t->name);

		t->held_rows = known->held_rows;
		t->held_since = (int64_t)known->held_since;
		c->number += t->files.count + 1;
	}
	return 0;
}

static int give_files(struct change *c, struct err *e)
{
	const struct replay_conf *conf = c->replay->conf;
	AUTO(map)                 only = {0};

	name_waiting(c, &only);
	if (only.count == 0)
		return 0;
	c->feeds = xcalloc(conf->pipeline_count, sizeof(*c->feeds));
	for (; c->feed_count < conf->pipeline_count; c->feed_count++)
		feed_init(&c->writer, &conf->pipelines[c->feed_count], conf->base, true, &c->feeds[c->feed_count]);
	TRY(held_load(&c->writer, c->feeds, c->feed_count, &only, e));
	return flush_waiting(c, e);
}

/* --- tables -------------------------------------------------------------------------------- */

/* What an earlier replay wrote, its names do not say of which entry it is. */
static bool is_of_replay(str key)
{
	uint64_t seq;

	return !lake_origin_seq(lake_name(key), STR("0"), &seq);
}

static int key_of(const struct lake *l, const struct ice_file *f, str *out, struct err *e)
{
	if (!lake_key(l, f->path, out))
		return err_set(e, ERR_UNSUPPORTED, STR_FMT " does not lie in the lake", STR_ARG(str_head(f->path, 300)));
	return 0;
}

static void take_out(struct change *c, struct entry_table *t, str key, const struct ice_file *f)
{
	entry_remove(&c->writer.entry, t, &(struct entry_removed){key, f->stats.rows, f->stats.bytes});
}

static int take_all(struct change *c, struct entry_table *t, const struct scan *s, struct err *e)
{
	int64_t rows = 0, bytes = 0;
	str     key;

	for (size_t i = 0; i < s->file_count; i++) {
		TRY(key_of(c->writer.lake, &s->files[i], &key, e));
		if (is_of_replay(key))
			take_out(c, t, key, &s->files[i]);
		rows += s->files[i].stats.rows;
		bytes += s->files[i].stats.bytes;
	}
	t->replaces_through = c->writer.journal.head;
	t->removed_files = (int64_t)s->file_count;
	t->removed_rows = rows;
	t->removed_bytes = bytes;
	return 0;
}

/* Rows of a table that wait can only be let go with files of it, or with all that it has. */
static int check_waiting(const struct entry_table *t, const struct state_table *known, struct err *e)
{
	if (known->held_since == 0 || t->files.count > 0)
		return 0;
	return err_set(e, ERR_BUSY, "rows of table events." STR_FMT " are waiting for their file, and none of them would stay in the "
	               "table: let `tarn ingest` give them one, under the configuration that took them, and start the replay again",
	               STR_ARG(t->name));
}

static int take_range(struct change *c, struct entry_table *t, const struct state_table *known, const struct scan *s, struct err *e)
{
	const struct replay_range *r = &c->replay->range;
	const struct range_table  *planned = range_table(r, t->name);
	const struct staged_table *staged = staged_of(c, t->space, t->name);
	size_t                     found = 0;
	str                        key;

	for (size_t i = 0; i < s->file_count; i++) {
		TRY(key_of(c->writer.lake, &s->files[i], &key, e));
		if (!range_takes(r, t->name, key))
			continue;
		take_out(c, t, key, &s->files[i]);
		found += planned != NULL && map_get(&planned->files, key) != NULL;
	}
	if (planned != NULL && found != planned->files.count)
		return err_set(e, ERR_CONFLICT, "table events." STR_FMT " has lost files meanwhile that are to be replaced: start the replay "
		               "again", STR_ARG(t->name));
	if (staged != NULL && t->schema.len == 0) /* else it would be taken for the same rows in other files */
		t->schema = arena_str(&c->writer.entry.arena, staged->schema);
	return check_waiting(t, known, e);
}

static int check_scan(const struct scan *s, const struct state_table *known, struct err *e)
{
	int64_t rows = 0;

	for (size_t i = 0; i < s->file_count; i++)
		rows += s->files[i].stats.rows;
	if ((int64_t)s->file_count == known->files && rows == known->rows)
		return 0;
	return err_set(e, ERR_CORRUPT,
	               "table " STR_FMT "." STR_FMT " has %zu files with %" PRId64 " rows, in the journal %" PRId64 " with %" PRId64
	               ": another engine has rewritten it, `tarn audit` says more", STR_ARG(known->space), STR_ARG(known->name),
	               s->file_count, rows, known->files, known->rows);
}

static int replace(struct change *c, struct entry_table *t, const struct state_table *known, struct err *e)
{
	AUTO(scan) s = {0};

	TRY(lake_scan(c->writer.lake, known->space, known->name, NULL, &s, e));
	TRY(check_scan(&s, known, e));
	TRY(c->replay->range.is_on ? take_range(c, t, known, &s, e) : take_all(c, t, &s, e));
	t->held_rows = known->held_rows;
	t->held_since = (int64_t)known->held_since;
	c->records += t->removed_rows + known->held_rows;
	replay_report_taken(c->replay, known->name, t->removed_rows + known->held_rows);
	return 0;
}

static struct entry_table *add_bare(struct journal_entry *entry, const struct state_table *known)
{
	struct entry_table *t = VEC_ADD(&entry->tables);

	*t = (struct entry_table){
		.space = arena_str(&entry->arena, known->space),
		.name = arena_str(&entry->arena, known->name),
		.uuid = arena_str(&entry->arena, known->uuid),
	};
	return t;
}

static int add_staged(struct change *c, const struct staged_table *s, struct err *e)
{
	struct origin origin = origin_of(c);

	return staged_list(c->writer.lake, s, &origin, c->number++, &c->writer.entry, e);
}

static int replace_all(struct change *c, struct err *e)
{
	const struct map *tables = &c->writer.state.tables;

	for (size_t i = 0; i < tables->count; i++) {
		const struct state_table  *known = tables->items[i].ptr;
		const struct staged_table *s = staged_of(c, known->space, known->name);

		if (!is_replaced(c, known))
			continue;
		if (s != NULL)
			TRY(add_staged(c, s, e));
		else
			(void)add_bare(&c->writer.entry, known);
		TRY(replace(c, &c->writer.entry.tables.at[c->writer.entry.tables.count - 1], known, e));
	}
	return 0;
}

static int add_others(struct change *c, struct err *e)
{
	for (size_t i = 0; i < c->staged.tables.count; i++) {
		const struct staged_table *s = &c->staged.tables.at[i];
		const struct state_table  *known = state_table(&c->writer.state, s->space, s->name);

		if (known == NULL || !is_replaced(c, known))
			TRY(add_staged(c, s, e));
	}
	return 0;
}

/* --- what earlier replays refused ---------------------------------------------------------- */

static int64_t refused_before(const struct replay *p)
{
	int64_t sum = 0;

	for (size_t i = 0; i < p->feed_count; i++)
		sum += p->refused_before[i].quarantined;
	return sum;
}

/* Those records are built again: they leave quarantine, and come back where they are refused again. */
static int take_back(struct change *c, struct err *e)
{
	const struct state_table *known = state_table(&c->writer.state, STR("tarn"), STR("quarantine"));
	int64_t                   wanted = refused_before(c->replay);
	struct journal_entry     *entry = &c->writer.entry;
	AUTO(scan)                s = {0};
	struct entry_table       *t;

	if (wanted == 0)
		return 0;
	TRY(lake_scan(c->writer.lake, STR("tarn"), STR("quarantine"), NULL, &s, e));
	t = staged_of(c, STR("tarn"), STR("quarantine")) != NULL
	            ? entry_table(entry, known->space, known->name, known->uuid) : add_bare(entry, known);
	for (size_t i = 0; i < s.file_count; i++) {
		str key;

		TRY(key_of(c->writer.lake, &s.files[i], &key, e));
		if (is_of_replay(key))
			take_out(c, t, key, &s.files[i]);
	}
	c->records += wanted;
	if (t->removed_rows == wanted)
		return 0;
	return err_set(e, ERR_UNSUPPORTED,
	               "of %" PRId64 " records that an earlier replay refused some have been dropped or replayed out of quarantine "
	               "since: raw does not tell which, so these tables cannot be made again", wanted);
}

/* --- the entry ----------------------------------------------------------------------------- */

static int count(struct change *c, struct err *e)
{
	const struct replay *p = c->replay;
	int64_t              records = 0;

	for (size_t i = 0; i < c->built.counts.count; i++) {
		struct entry_counts more = {.pipeline = c->built.counts.at[i].pipeline};

		more.quarantined = c->built.counts.at[i].quarantined;
		records += c->built.counts.at[i].records;
		more.rows = -more.quarantined;
		if (more.rows != 0)
			writer_add_counts(&c->writer, &more);
	}
	for (size_t i = 0; i < p->feed_count; i++) {
		struct entry_counts less = {.pipeline = p->feeds[i].pipeline->name};

		less.rows = p->refused_before[i].quarantined;
		less.quarantined = -less.rows;
		if (less.rows != 0)
			writer_add_counts(&c->writer, &less);
	}
	return replay_balance(records, c->records, e);
}

static void mark(struct change *c, const char *how)
{
	struct journal_entry *entry = &c->writer.entry;

	*VEC_ADD(&entry->positions) = (struct entry_position){
		.pipeline = REPLAY_PIPELINE,
		.key = arena_str(&entry->arena, c->replay->lane),
		.to = arena_format(&entry->arena, "%s.%" PRIu64, how, c->writer.journal.head + 1),
	};
}

static void add_names(struct change *c)
{
	struct journal_entry *entry = &c->writer.entry;

	for (size_t i = 0; i < c->staged.names.count; i++) {
		const struct entry_name *n = &c->staged.names.at[i];

		*VEC_ADD(&entry->names) = (struct entry_name){
			arena_str(&entry->arena, n->pipeline), arena_str(&entry->arena, n->name), arena_str(&entry->arena, n->table),
		};
	}
}

static bool is_changed(const struct change *c)
{
	int64_t refused = 0;

	for (size_t i = 0; i < c->built.counts.count; i++)
		refused += c->built.counts.at[i].quarantined;
	return c->replay->moved > 0 || refused > 0;
}

static int commit(struct change *c, struct err *e)
{
	struct writer      *w = &c->writer;
	struct apply_counts applied;

	TRY(give_files(c, e));
	TRY(replace_all(c, e));
	TRY(add_others(c, e));
	if (w->entry.tables.count == 0)
		return 0;
	TRY(take_back(c, e));
	TRY(count(c, e));
	mark(c, is_changed(c) ? "changed" : "same");
	add_names(c);
	TRY(journal_commit(&w->journal, &w->entry, e));
	c->replay->report.entry = w->entry.seq;
	return lake_apply_entry(w->lake, w->workers, w->journal.lane, &w->entry, &applied, e);
}

/* Tables that keep files keep their columns too. */
static int check_columns(const struct change *c, struct err *e)
{
	for (size_t i = 0; i < c->staged.tables.count; i++) {
		const struct staged_table *s = &c->staged.tables.at[i];
		const struct state_table  *known = state_table(&c->writer.state, s->space, s->name);
		bool                       is_whole = !c->replay->range.is_on && known != NULL && is_replaced(c, known);

		if (str_eq(s->space, STR("events")) && !is_whole)
			TRY(replay_clash(c->replay, known, s, e));
	}
	return 0;
}

/* What was built is of no use: the lane's number is used up, so that the next replay begins anew. */
static int give_up(struct change *c, struct err *e)
{
	const struct err why = *e;

	mark(c, "void");
	TRY(journal_commit(&c->writer.journal, &c->writer.entry, e));
	TRY(replay_clear(c->replay, &c->writer.state, e));
	*e = why;
	return why.class;
}

/* --- taking over --------------------------------------------------------------------------- */

static int open_lane(struct change *c, struct err *e)
{
	struct replay           *p = c->replay;
	size_t                   memory = p->conf->memory_bytes ? p->conf->memory_bytes : DEFAULT_MEMORY;
	const struct writer_conf conf = {
		.lane = STR("0"), .memory_bytes = memory / 4, .rules = p->conf->rules, .switches = p->lane,
	};
	AUTO(arena)              a = ARENA_INIT;
	bool                     is_changed;

	TRY(writer_open(p->lake, p->workers, &conf, &c->writer, e));
	if (!str_eq(p->lane, replay_lane(p->conf, replay_count(&c->writer.state, &is_changed), &a)))
		return err_set(e, ERR_CONFLICT, "another replay has been switched meanwhile: start this one again");
	state_done(&p->live);
	return journal_load(p->lake, STR("0"), &p->live, e);
}

static int load_built(struct change *c, struct err *e)
{
	struct replay *p = c->replay;

	TRY(staged_load(p->lake, p->lane, &c->staged, e));
	if (c->staged.head != p->writer.journal.head)
		return err_set(e, ERR_CONFLICT, "lane " STR_FMT " was taken over by another replay: start this one again", STR_ARG(p->lane));
	return journal_load(p->lake, p->lane, &c->built, e);
}

int replay_switch(struct replay *p, struct err *e)
{
	AUTO(change) c = {.replay = p};
	int          fits;

	TRY(open_lane(&c, e));
	replay_learn(p);
	TRY(replay_build(p, e));
	TRY(load_built(&c, e));
	fits = check_columns(&c, e);
	if (fits == ERR_CONFLICT)
		return give_up(&c, e);
	TRY(fits);
	return commit(&c, e);
}

int replay_clear(struct replay *p, const struct journal_state *live, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	str        *lanes;
	size_t      count;
	bool        is_left = false;

	TRY(staged_lanes(p->lake, &a, &lanes, &count, e));
	for (size_t i = 0; i < count; i++)
		if (str_eq(lanes[i], p->lane))
			is_left = true;
		else
			TRY(staged_remove(p->lake, lanes[i], replay_entry(live, lanes[i]), e));
	return is_left ? staged_remove(p->lake, p->lane, p->report.entry, e) : 0;
}

/* state.c - what the entries of a lane add up to.
 *
 * Invariants: entries are folded in without a gap, each naming the hash of the
 * one before (I1); a part's position moves only from where it stood (I2); a table keeps its uuid.
 * Texts that change with each entry are held in places that are written over,
 * so that a journal of any length folds into memory of the size of what it says now.
 */
#include <inttypes.h>

#include "lake/lake_int.h"
#include "lake/sealed_int.h"

/* A text that is replaced now and then. The maps point at these; `text` stands first. */
struct held {
	str    text;
	char  *room;
	size_t cap;
};

static void held_set(struct held *h, struct arena *a, str text)
{
	if (text.len > h->cap) {
		h->cap = text.len * 2;
		h->room = arena_alloc(a, h->cap);
	}
	if (text.len > 0)
		memcpy(h->room, text.ptr, text.len);
	h->text = str_make(h->room, text.len);
}

/* What the map of tables points at: the public part stands first. */
struct table_held {
	struct state_table table;
	struct held        schema;
};

void state_done(struct journal_state *s)
{
	map_done(&s->positions);
	map_done(&s->names);
	map_done(&s->tables);
	VEC_DONE(&s->runs);
	VEC_DONE(&s->counts);
	VEC_DONE(&s->raws);
	VEC_DONE(&s->forgotten);
	arena_done(&s->arena);
	*s = (struct journal_state){0};
}

str state_key(struct buf *scratch, str one, str two)
{
	buf_clear(scratch);
	buf_add(scratch, one);
	buf_byte(scratch, '\0');
	buf_add(scratch, two);
	return buf_str(scratch);
}

static str held_get(const struct map *m, str one, str two)
{
	AUTO(buf)          scratch = BUF(0);
	const struct held *h = map_ptr(m, state_key(&scratch, one, two));

	return h ? h->text : (str){0};
}

static void held_put(struct journal_state *s, struct map *m, str key, str text)
{
	struct map_item *item = map_put(m, key);

	if (item->ptr == NULL)
		item->ptr = ARENA_NEW(&s->arena, struct held);
	held_set(item->ptr, &s->arena, text);
}

str state_position(const struct journal_state *s, str pipeline, str key)
{
	return held_get(&s->positions, pipeline, key);
}

str state_table_of(const struct journal_state *s, str pipeline, str name)
{
	return held_get(&s->names, pipeline, name);
}

static int check_chain(const struct journal_state *s, const struct journal_entry *j, struct err *e)
{
	char        zeros[65];
	const char *hash = s->head > 0 ? s->hash : zeros;

	memset(zeros, '0', 64);
	zeros[64] = '\0';
	if (j->seq != s->head + 1)
		return err_set(e, ERR_CORRUPT, "entry %" PRIu64 " does not follow entry %" PRIu64, j->seq, s->head);
	if (!str_eq(str_of(j->previous), str_of(hash)))
		return err_set(e, ERR_CORRUPT,
		               "entry %" PRIu64 " was not written on top of this entry %" PRIu64
		               ": one of them has been changed", j->seq, s->head);
	if (j->kind == ENTRY_COMMIT && j->epoch != s->epoch)
		return err_set(e, ERR_CORRUPT,
		               "entry %" PRIu64 " is of epoch %" PRIu64 " in the midst of epoch %" PRIu64,
		               j->seq, j->epoch, s->epoch);
	return 0;
}

/* Numbers are what a text says: false where a sum of them is more than a number holds. */
static bool sum_add(int64_t *sum, int64_t more)
{
	return !__builtin_add_overflow(*sum, more, sum);
}

static int sum_over(const struct journal_entry *j, str what, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "entry %" PRIu64 " takes the sums of " STR_FMT " beyond what there can be", j->seq,
	               STR_ARG(str_head(what, 80)));
}

static int add_positions(struct journal_state *s, const struct journal_entry *j, struct buf *scratch, struct err *e)
{
	for (size_t i = 0; i < j->positions.count; i++) {
		const struct entry_position *p = &j->positions.at[i];
		str                          key = state_key(scratch, p->pipeline, p->key);
		const struct held           *at = map_ptr(&s->positions, key);
		str                          stood = at ? at->text : (str){0};

		if (!str_eq(stood, p->from))
			return err_set(e, ERR_CORRUPT,
			               "entry %" PRIu64 " takes " STR_FMT " of pipeline " STR_FMT " from \"" STR_FMT
			               "\", but it stood at \"" STR_FMT "\"", j->seq, STR_ARG(str_head(p->key, 300)),
			               STR_ARG(str_head(p->pipeline, 80)), STR_ARG(str_head(p->from, 120)),
			               STR_ARG(str_head(stood, 120)));
		held_put(s, &s->positions, key, p->to);
	}
	return 0;
}

static struct table_held *table_held(struct journal_state *s, str space, str name, str uuid)
{
	AUTO(buf)          scratch = BUF(0);
	struct map_item   *item;
	struct table_held *held;

	buf_print(&scratch, STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(name));
	item = map_put(&s->tables, buf_str(&scratch));
	if (item->ptr != NULL)
		return item->ptr;
	held = ARENA_NEW(&s->arena, struct table_held);
	held->table.space = arena_str(&s->arena, space);
	held->table.name = arena_str(&s->arena, name);
	held->table.uuid = arena_str(&s->arena, uuid);
	item->ptr = held;
	return held;
}

static void schema_set(struct journal_state *s, struct table_held *held, str schema)
{
	held_set(&held->schema, &s->arena, schema);
	held->table.schema = held->schema.text;
}

void state_put_table(struct journal_state *s, const struct state_table *t)
{
	struct table_held *held = table_held(s, t->space, t->name, t->uuid);

	if (t->schema.len > 0)
		schema_set(s, held, t->schema);
	held->table.last_seq = t->last_seq;
	held->table.rows = t->rows;
	held->table.files = t->files;
	held->table.held_rows = t->held_rows;
	held->table.held_since = t->held_since;
}

/* The table as it stands, which must be the one that the entry means. */
static int table_known(struct journal_state *s, const struct journal_entry *j, str space, str name, str uuid,
                       struct table_held **out, struct err *e)
{
	*out = table_held(s, space, name, uuid);
	if (!str_eq((*out)->table.uuid, uuid))
		return err_set(e, ERR_CORRUPT,
		               "entry %" PRIu64 " holds table " STR_FMT "." STR_FMT " with uuid " STR_FMT
		               ", entries before it with " STR_FMT, j->seq, STR_ARG(space), STR_ARG(name), STR_ARG(uuid),
		               STR_ARG((*out)->table.uuid));
	return 0;
}

/* All rows that the table holds are in these files, and none else of older entries. */
static int release_held(struct state_table *t, const struct journal_entry *j, const struct entry_table *by, struct err *e)
{
	if (by->files.count == 0 && by->replaces_through == 0) /* it removes some, and the rows stay held */
		return 0;
	if (by->held_rows != t->held_rows || (uint64_t)by->held_since != t->held_since)
		return err_set(e, ERR_CORRUPT,
		               "entry %" PRIu64 " has %" PRId64 " rows of table " STR_FMT "." STR_FMT
		               " held since entry %" PRId64 " in files, but %" PRId64 " are held since entry %" PRIu64,
		               j->seq, by->held_rows, STR_ARG(by->space), STR_ARG(by->name), by->held_since, t->held_rows,
		               t->held_since);
	t->held_rows = 0;
	t->held_since = 0;
	return 0;
}

static int add_held(struct journal_state *s, const struct journal_entry *j, struct err *e)
{
	for (size_t i = 0; i < j->held.count; i++) {
		const struct entry_held *h = &j->held.at[i];
		struct table_held       *held;

		TRY(table_known(s, j, h->space, h->name, h->uuid, &held, e));
		if (h->schema.len > 0)
			schema_set(s, held, h->schema);
		if (!sum_add(&held->table.held_rows, h->rows))
			return sum_over(j, h->name, e);
		if (held->table.held_since == 0)
			held->table.held_since = j->seq;
	}
	return 0;
}

void state_put_raw(struct journal_state *s, const struct state_raw *r)
{
	struct state_raw *raw = VEC_ADD(&s->raws);

	*raw = *r;
	raw->pipeline = arena_str(&s->arena, r->pipeline);
	raw->key = arena_str(&s->arena, r->key);
	raw->checksum = arena_str(&s->arena, r->checksum);
}

const struct state_table *state_table(const struct journal_state *s, str space, str name)
{
	AUTO(arena) a = ARENA_INIT;

	if (s == NULL)
		return NULL;
	return map_ptr(&s->tables, arena_format(&a, STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(name)));
}

uint64_t state_held_since(const struct journal_state *s)
{
	uint64_t oldest = 0;

	for (size_t i = 0; i < s->tables.count; i++) {
		const struct state_table *t = s->tables.items[i].ptr;

		if (t->held_since != 0 && (oldest == 0 || t->held_since < oldest))
			oldest = t->held_since;
	}
	return oldest;
}

void state_put_forgotten(struct journal_state *s, const struct entry_forgotten *f)
{
	for (size_t i = 0; i < s->forgotten.count; i++) {
		if (str_eq(s->forgotten.at[i].pipeline, f->pipeline)) {
			s->forgotten.at[i].through = f->through;
			return;
		}
	}
	*VEC_ADD(&s->forgotten) = (struct entry_forgotten){arena_str(&s->arena, f->pipeline), f->through};
}

uint64_t state_forgotten(const struct journal_state *s, str pipeline)
{
	for (size_t i = 0; i < s->forgotten.count; i++)
		if (str_eq(s->forgotten.at[i].pipeline, pipeline))
			return s->forgotten.at[i].through;
	return 0;
}

static int add_forgotten(struct journal_state *s, const struct journal_entry *j, struct err *e)
{
	uint64_t since = state_held_since(s);

	for (size_t i = 0; i < j->forgotten.count; i++) {
		const struct entry_forgotten *f = &j->forgotten.at[i];

		if (f->through <= state_forgotten(s, f->pipeline) || f->through >= j->seq ||
		    (since != 0 && f->through >= since))
			return err_set(e, ERR_CORRUPT, "entry %" PRIu64 " lets raw segments up to entry %" PRIu64
			               " go, which may not go then", j->seq, f->through);
		state_put_forgotten(s, f);
	}
	return 0;
}

/* Only the segments that held rows lie in are kept. */
static void add_raws(struct journal_state *s, const struct journal_entry *j)
{
	uint64_t since = state_held_since(s);
	size_t   kept = 0;

	for (size_t i = 0; i < j->raws.count && since != 0; i++) {
		const struct entry_raw *r = &j->raws.at[i];

		state_put_raw(s, &(struct state_raw){r->pipeline, r->key, r->checksum, j->seq, r->bytes});
	}
	for (size_t i = 0; i < s->raws.count; i++)
		if (since != 0 && s->raws.at[i].seq >= since)
			s->raws.at[kept++] = s->raws.at[i];
	s->raws.count = kept;
}

/* The files that an entry removes are of entries before it. Which ones they were is not held here; how
 * many there can have been is. */
static int take_out(const struct journal_entry *j, const struct entry_table *t, struct state_table *from, struct err *e)
{
	bool is_all = t->replaces_through >= from->last_seq;

	if (t->removed_files == 0)
		return 0;
	if (t->removed_files > from->files || t->removed_rows > from->rows ||
	    (is_all && (t->removed_files != from->files || t->removed_rows != from->rows)))
		return err_set(e, ERR_CORRUPT,
		               "entry %" PRIu64 " removes %" PRId64 " files with %" PRId64 " rows from table " STR_FMT
		               "." STR_FMT ", which has %" PRId64 " with %" PRId64, j->seq, t->removed_files,
		               t->removed_rows, STR_ARG(t->space), STR_ARG(t->name), from->files, from->rows);
	from->files -= t->removed_files;
	from->rows -= t->removed_rows;
	return 0;
}

static int add_tables(struct journal_state *s, const struct journal_entry *j, struct err *e)
{
	for (size_t i = 0; i < j->tables.count; i++) {
		const struct entry_table *t = &j->tables.at[i];
		struct table_held        *held;

		TRY(table_known(s, j, t->space, t->name, t->uuid, &held, e));
		TRY(release_held(&held->table, j, t, e));
		TRY(take_out(j, t, &held->table, e));
		if (t->schema.len > 0)
			schema_set(s, held, t->schema);
		held->table.last_seq = j->seq;
		if (!sum_add(&held->table.rows, t->rows) || !sum_add(&held->table.files, (int64_t)t->files.count))
			return sum_over(j, t->name, e);
	}
	return 0;
}

void state_put_run(struct journal_state *s, const struct state_run *r)
{
	struct state_run *run = VEC_ADD(&s->runs);

	*run = *r;
	run->pipeline = arena_str(&s->arena, r->pipeline);
	run->key = arena_str(&s->arena, r->key);
	run->checksum = arena_str(&s->arena, r->checksum);
}

enum { REPLACED = -1 }; /* in place of a count */

static struct state_run *run_find(struct journal_state *s, str pipeline, str key)
{
	for (size_t i = s->runs.count; i-- > 0;) {
		struct state_run *r = &s->runs.at[i];

		if (r->count != REPLACED && str_eq(r->key, key) && str_eq(r->pipeline, pipeline))
			return r;
	}
	return NULL;
}

static void runs_compact(struct journal_state *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->runs.count; i++)
		if (s->runs.at[i].count != REPLACED)
			s->runs.at[kept++] = s->runs.at[i];
	s->runs.count = kept;
}

/* The run stands where the newest of those stood that it replaces, and holds exactly as many ids. */
static int replace_runs(struct journal_state *s, const struct journal_entry *j, const struct entry_ids *r,
                        struct err *e)
{
	struct state_run *newest = NULL;
	int64_t           count = 0;

	for (size_t i = 0; i < r->replaced_count; i++) {
		struct state_run *run = run_find(s, r->pipeline, r->replaced[i]);

		if (run == NULL)
			return err_set(e, ERR_CORRUPT,
			               "entry %" PRIu64 " replaces " STR_FMT ", which is no run of pipeline " STR_FMT,
			               j->seq, STR_ARG(r->replaced[i]), STR_ARG(str_head(r->pipeline, 80)));
		if (!sum_add(&count, run->count))
			return sum_over(j, r->key, e);
		run->count = REPLACED;
		newest = newest == NULL || run > newest ? run : newest;
	}
	if (count != r->count)
		return err_set(e, ERR_CORRUPT,
		               "entry %" PRIu64 " replaces runs of %" PRId64 " ids by " STR_FMT " of %" PRId64,
		               j->seq, count, STR_ARG(r->key), r->count);
	newest->key = arena_str(&s->arena, r->key);
	newest->checksum = arena_str(&s->arena, r->checksum);
	newest->count = r->count;
	newest->bytes = r->bytes;
	runs_compact(s);
	return 0;
}

static int add_runs(struct journal_state *s, const struct journal_entry *j, struct err *e)
{
	for (size_t i = 0; i < j->ids.count; i++) {
		const struct entry_ids *r = &j->ids.at[i];

		if (r->replaced_count > 0)
			TRY(replace_runs(s, j, r, e));
		else
			state_put_run(s, &(struct state_run){
				.pipeline = r->pipeline,
				.key = r->key,
				.checksum = r->checksum,
				.count = r->count,
				.bytes = r->bytes,
				.seq = j->seq,
				.time_us = j->time_us,
			});
	}
	return 0;
}

static struct entry_counts *counts_of(struct journal_state *s, str pipeline)
{
	struct entry_counts *c;

	for (size_t i = 0; i < s->counts.count; i++)
		if (str_eq(s->counts.at[i].pipeline, pipeline))
			return &s->counts.at[i];
	c = VEC_ADD(&s->counts);
	*c = (struct entry_counts){.pipeline = arena_str(&s->arena, pipeline)};
	return c;
}

bool state_put_counts(struct journal_state *s, const struct entry_counts *c)
{
	struct entry_counts *to = counts_of(s, c->pipeline);

	return sum_add(&to->records, c->records) && sum_add(&to->rows, c->rows) &&
	       sum_add(&to->duplicates, c->duplicates) && sum_add(&to->conflicts, c->conflicts) &&
	       sum_add(&to->quarantined, c->quarantined) && sum_add(&to->dropped, c->dropped);
}

static int add_counts(struct journal_state *s, const struct journal_entry *j, struct err *e)
{
	for (size_t i = 0; i < j->counts.count; i++) {
		str pipeline = j->counts.at[i].pipeline;

		if (!state_put_counts(s, &j->counts.at[i]))
			return sum_over(j, pipeline, e);
		if (counts_are_signed(counts_of(s, pipeline)))
			return err_set(e, ERR_CORRUPT,
			               "entry %" PRIu64 " takes back more of pipeline " STR_FMT " than was counted",
			               j->seq, STR_ARG(str_head(pipeline, 80)));
	}
	return 0;
}

void state_put_position(struct journal_state *s, str pipeline, str key, str at)
{
	AUTO(buf) scratch = BUF(0);

	held_put(s, &s->positions, state_key(&scratch, pipeline, key), at);
}

void state_put_name(struct journal_state *s, str pipeline, str name, str table)
{
	AUTO(buf) scratch = BUF(0);

	held_put(s, &s->names, state_key(&scratch, pipeline, name), table);
}

int state_add(struct journal_state *s, const struct journal_entry *j, struct err *e)
{
	AUTO(buf) scratch = BUF(0);

	TRY(check_chain(s, j, e));
	TRY(add_positions(s, j, &scratch, e));
	TRY(add_tables(s, j, e));
	TRY(add_held(s, j, e));
	add_raws(s, j);
	TRY(add_forgotten(s, j, e));
	TRY(add_runs(s, j, e));
	TRY(add_counts(s, j, e));
	for (size_t i = 0; i < j->names.count; i++)
		state_put_name(s, j->names.at[i].pipeline, j->names.at[i].name, j->names.at[i].table);
	s->tail_bytes += j->bytes;
	s->head = j->seq;
	s->epoch = j->epoch;
	memcpy(s->hash, j->hash, sizeof(s->hash));
	return 0;
}

/* apply.c - every table brought up to the journal: who is behind, by which entries, and the crew that does it.
 *
 * The journal is read from the lowest mark on; only the manifests' names of tables that are behind are kept in memory.
 */
#include <inttypes.h>

#include "lake/apply_int.h"
#include "os/workers.h"

struct apply {
	struct lake *lake;
	str          lane;
	uint64_t     head;
	struct map   index; /* "<space>.<name>" -> number in works + 1 */
	struct { VEC_OF(struct work); } works;
	struct { VEC_OF(uint64_t); } last; /* newest entry that touches it, by work */
};

static void apply_done(struct apply *p)
{
	for (size_t i = 0; i < p->works.count; i++)
		work_done(&p->works.at[i]);
	VEC_DONE(&p->works);
	VEC_DONE(&p->last);
	map_done(&p->index);
}

AUTO_DEFINE(apply, apply_done)

static struct work *work_of(struct apply *p, str space, str name, str uuid)
{
	AUTO(arena)      a = ARENA_INIT;
	str              full = arena_format(&a, STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(name));
	struct map_item *item = map_put(&p->index, full);

	if (item->num == 0) {
		*VEC_ADD(&p->works) = (struct work){.space = space, .name = name, .uuid = uuid};
		*VEC_ADD(&p->last) = 0;
		item->num = p->works.count;
	}
	return &p->works.at[item->num - 1];
}

static int apply_run(struct apply *p, struct workers *w, struct apply_counts *out, struct err *e)
{
	struct apply_counts sum = {0};

	TRY(works_apply(p->lake, w, p->lane, p->works.at, p->works.count, p->head, e));
	for (size_t i = 0; i < p->works.count; i++) {
		sum.tables += p->works.at[i].counts.tables;
		sum.files += p->works.at[i].counts.files;
		sum.rows += p->works.at[i].counts.rows;
	}
	*out = sum;
	return 0;
}

/* Older entries are applied by the caller's promise, so a mark below this entry may be moved over
 * all between. */
int lake_apply_entry(struct lake *l, struct workers *w, str lane, const struct journal_entry *entry,
                     struct apply_counts *out, struct err *e)
{
	AUTO(apply) p = {.lake = l, .lane = lane, .head = entry->seq};

	for (size_t i = 0; i < entry->tables.count; i++) {
		const struct entry_table *t = &entry->tables.at[i];

		work_add(work_of(&p, t->space, t->name, t->uuid), entry, t);
	}
	return apply_run(&p, w, out, e);
}

/* A mark above our head: the journal has grown since we read it, or the table was never of this journal. */
static int mark_check(const struct apply *p, uint64_t mark, struct err *e)
{
	AUTO(journal_entry) j = {0};
	int                 got = mark > p->head ? journal_read(p->lake, p->lane, mark, &j, e) : 0;

	if (got == ERR_MISSING)
		return err_set(e, ERR_CORRUPT,
		               "entries up to %" PRIu64 " are applied to it, and the journal of lane " STR_FMT
		               " ends at %" PRIu64, mark, STR_ARG(p->lane), p->head);
	return got;
}

static int mark_read(struct apply *p, struct work *w, struct err *e)
{
	AUTO(arena)          a = ARENA_INIT;
	AUTO(ice_metadata)   m = {0};
	struct catalog_table at;

	TRY(catalog_mend(p->lake->catalog, w->space, w->name, e)); /* readers that go by the hint alone must not wait for the next swap */
	TRY(metadata_load(p->lake, w->space, w->name, &a, &at, &m, e));
	TRY(uuid_check(&m, w->uuid, e));
	TRY(table_mark(&m, p->lake, p->lane, &w->mark, e));
	return mark_check(p, w->mark, e);
}

static int mark_step(void *context, size_t task, size_t worker, struct err *e)
{
	struct apply *p = context;
	struct work  *w = &p->works.at[task];

	(void)worker;
	if (mark_read(p, w, e) < 0)
		return err_add(e, "table " STR_FMT "." STR_FMT " of the journal", STR_ARG(w->space), STR_ARG(w->name));
	return 0;
}

static const struct entry_removed *removed_copy(const struct touch *t, struct arena *a)
{
	struct entry_removed *copy = ARENA_ARRAY(a, struct entry_removed, t->removed_count + 1);

	for (size_t i = 0; i < t->removed_count; i++) {
		copy[i] = t->removed[i];
		copy[i].key = arena_str(a, copy[i].key);
	}
	return copy;
}

/* Keep what this entry does to tables that are behind. The entry goes away; what is kept is copied. */
static int plan_entry(void *context, const struct journal_entry *j, struct err *e)
{
	struct apply *p = context;

	(void)e;
	for (size_t i = 0; j->seq <= p->head && i < j->tables.count; i++) {
		const struct entry_table *t = &j->tables.at[i];
		struct work              *w = work_of(p, t->space, t->name, t->uuid);
		struct touch             *touch;

		if (j->seq <= w->mark)
			continue;
		work_add(w, j, t);
		touch = &w->touches.at[w->touches.count - 1];
		touch->manifest = arena_str(&w->arena, touch->manifest);
		touch->checksum = arena_str(&w->arena, touch->checksum);
		touch->schema = arena_str(&w->arena, touch->schema);
		touch->partition = arena_str(&w->arena, touch->partition);
		touch->removed = removed_copy(touch, &w->arena);
	}
	return 0;
}

/* The lowest mark of a table that is behind; the head where none is. */
static uint64_t lowest_mark(const struct apply *p)
{
	uint64_t low = p->head;

	for (size_t i = 0; i < p->works.count; i++)
		if (p->works.at[i].mark < p->last.at[i] && p->works.at[i].mark < low)
			low = p->works.at[i].mark;
	return low;
}

int lake_apply_state(struct lake *l, struct workers *w, str lane, const struct journal_state *s,
                     struct apply_counts *out, struct err *e)
{
	AUTO(apply) p = {.lake = l, .lane = lane, .head = s->head};
	uint64_t    low;

	for (size_t i = 0; i < s->tables.count; i++) {
		const struct state_table *t = s->tables.items[i].ptr;

		(void)work_of(&p, t->space, t->name, t->uuid);
		p.last.at[i] = t->last_seq;
	}
	TRY(workers_run(w, mark_step, &p, p.works.count, e));
	low = lowest_mark(&p);
	if (low < p.head)
		TRY(journal_walk(l, lane, low + 1, plan_entry, &p, e));
	return apply_run(&p, w, out, e);
}

int lake_apply(struct lake *l, struct workers *w, str lane, struct apply_counts *out, struct err *e)
{
	AUTO(journal_state) s = {0};

	TRY(journal_load(l, lane, &s, e));
	return lake_apply_state(l, w, lane, &s, out, e);
}

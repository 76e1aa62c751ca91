/* replay_report.c - what a replay comes to, table by table: rows, columns, partitions. */
#include <stdlib.h>

#include "ingest/replay_int.h"
#include "lake/scan.h"

void replay_report_done(struct replay_report *r)
{
	for (size_t i = 0; i < r->tables.count; i++)
		VEC_DONE(&r->tables.at[i].columns);
	VEC_DONE(&r->tables);
	arena_done(&r->arena);
	*r = (struct replay_report){0};
}

/* Is it spoken of: of a range, before it is switched a file that goes, afterwards one that came in its place? */
static bool is_meant(const struct replay *p, str table, const struct ice_file *f, bool is_after)
{
	uint64_t seq;
	str      key;

	if (!p->range.is_on)
		return true;
	if (!lake_key(p->lake, f->path, &key))
		return false;
	return is_after ? lake_origin_seq(lake_name(key), p->lane, &seq) : range_takes(&p->range, table, key);
}

struct held_in {
	int64_t rows, extra; /* extra: whose _extra holds something, as far as manifests tell */
};

static struct held_in files_hold(const struct replay *p, str table, const struct scan *s, bool is_after)
{
	const struct field *f = schema_child(s->schema.root, STR("_extra"));
	struct held_in      sum = {0};

	for (size_t i = 0; i < s->file_count; i++) {
		const struct file_stats *stats = &s->files[i].stats;

		if (!is_meant(p, table, &s->files[i], is_after))
			continue;
		sum.rows += stats->rows;
		for (uint32_t k = 0; f != NULL && k < stats->leaf_count; k++) {
			const struct leaf_stats *leaf = &stats->leaves[k];

			if (leaf->field_id == f->id && leaf->nulls >= 0 && leaf->values >= leaf->nulls)
				sum.extra += leaf->values - leaf->nulls;
		}
	}
	return sum;
}

static struct replay_table *table_add(struct replay *p, str name, bool is_replaced)
{
	*VEC_ADD(&p->before) = (struct schema){0};
	*VEC_ADD(&p->report.tables) = (struct replay_table){
		.name = arena_str(&p->report.arena, name), .is_replaced = is_replaced, .low_us = INT64_MAX, .high_us = INT64_MIN,
	};
	return &p->report.tables.at[p->report.tables.count - 1];
}

static size_t place_of(struct replay *p, str name)
{
	size_t i = 0;

	while (i < p->report.tables.count && !str_eq(p->report.tables.at[i].name, name))
		i++;
	if (i == p->report.tables.count)
		(void)table_add(p, name, !p->range.is_on && replay_in_scope(p->conf, name));
	return i;
}

/* Of a range, the rows that are to be made again; those of files that the journal knows and the catalog does not yet, too. */
static void before_range(const struct replay *p, const struct state_table *known, struct replay_table *t)
{
	const struct range_table *planned = range_table(&p->range, known->name);

	t->rows_before = t->extra_before = 0;
	if (!t->is_replaced)
		return;
	t->rows_before = known->rows + known->held_rows;
	if (planned == NULL)
		return;
	t->rows_before -= planned->rows_staying;
	t->files = (int64_t)planned->files.count;
	t->files_staying = planned->staying;
	t->low_us = planned->low_us;
	t->high_us = planned->high_us;
}

static int before(struct replay *p, const struct state_table *known, struct err *e)
{
	AUTO(scan) s = {0};
	struct replay_table *t = table_add(p, known->name, replay_replaces(p, known));

	TRY(lake_scan(p->lake, known->space, known->name, NULL, &s, e));
	t->rows_before = known->rows + known->held_rows;
	t->extra_before = files_hold(p, t->name, &s, false).extra;
	if (p->range.is_on)
		before_range(p, known, t);
	t->partition_before = ice_transform_word(s.spec.transform);
	if (known->schema.len > 0) /* rows that wait may have brought columns that the catalog does not know yet */
		return ice_schema_parse(known->schema, &p->before.at[p->before.count - 1], e);
	schema_copy(&s.schema, &p->before.at[p->before.count - 1]);
	return 0;
}

int replay_report_before(struct replay *p, struct err *e)
{
	p->report.is_range = p->range.is_on;
	p->report.has_from = p->conf->has_from;
	p->report.has_to = p->conf->has_to;
	p->report.from_us = p->conf->from_us;
	p->report.to_us = p->conf->to_us;
	for (size_t i = 0; i < p->live.tables.count; i++) {
		const struct state_table *known = p->live.tables.items[i].ptr;

		if (str_eq(known->space, STR("events")) && known->rows + known->held_rows > 0)
			TRY(before(p, known, e));
	}
	return 0;
}

/* --- columns ------------------------------------------------------------------------------- */

static void column_add(struct replay *p, struct replay_table *t, str path, const struct field *is, const struct field *becomes)
{
	*VEC_ADD(&t->columns) = (struct replay_column){
		.path = arena_str(&p->report.arena, path),
		.before = is != NULL ? type_name(is->type) : NULL,
		.after = becomes != NULL ? type_name(becomes->type) : NULL,
	};
}

static void compare(struct replay *p, struct replay_table *t, const struct schema *is, const struct schema *becomes)
{
	AUTO(buf) path = BUF(0);

	for (uint32_t i = 1; i < becomes->count; i++) {
		const struct field *f = becomes->fields[i], *old;

		buf_clear(&path);
		replay_path(f, &path);
		old = is->root != NULL ? schema_find(is, buf_str(&path)) : NULL;
		if (old == NULL || old->type != f->type)
			column_add(p, t, buf_str(&path), old, f);
	}
	for (uint32_t i = 1; is->root != NULL && i < is->count; i++) {
		buf_clear(&path);
		replay_path(is->fields[i], &path);
		if (schema_find(becomes, buf_str(&path)) == NULL)
			column_add(p, t, buf_str(&path), is->fields[i], NULL);
	}
}

/* --- afterwards ---------------------------------------------------------------------------- */

/* What came while the build was at work is among it. */
void replay_report_taken(struct replay *p, str table, int64_t rows)
{
	struct replay_table *t = &p->report.tables.at[place_of(p, table)];

	if (!p->range.is_on)
		return;
	t->is_replaced = true;
	t->rows_before = rows;
}

static void after_target(struct replay *p, const struct target *target)
{
	size_t                  i = place_of(p, target->name);
	struct replay_table    *t = &p->report.tables.at[i];
	const struct replay_to *to = map_ptr(&p->to, target->name);

	t->rows_after = to != NULL ? to->rows : 0;
	t->extra_after = to != NULL ? to->extra : 0;
	if (!t->is_replaced && !p->range.is_on) {
		t->rows_after += t->rows_before;
		t->extra_after += t->extra_before;
	}
	t->partition_after = ice_transform_word(target->table->spec.transform);
	compare(p, t, &p->before.at[i], &target->table->schema);
}

static int after_switch(struct replay *p, const struct state_table *now, struct err *e)
{
	size_t               i = place_of(p, now->name);
	struct replay_table *t = &p->report.tables.at[i];
	AUTO(scan)           s = {0};
	struct held_in       hold;

	TRY(lake_scan(p->lake, now->space, now->name, NULL, &s, e));
	hold = files_hold(p, t->name, &s, true);
	t->rows_after = p->range.is_on ? hold.rows : now->rows + now->held_rows;
	t->extra_after = hold.extra;
	t->partition_after = ice_transform_word(s.spec.transform);
	compare(p, t, &p->before.at[i], &s.schema);
	return 0;
}

static void note_moves(struct replay *p)
{
	for (size_t i = 0; i < p->from.count; i++) {
		const struct replay_from *from = p->from.items[i].ptr;
		struct replay_table      *t = &p->report.tables.at[place_of(p, p->from.items[i].key)];

		t->left = from->left;
		t->refused = from->refused;
	}
	for (size_t i = 0; i < p->to.count; i++)
		p->report.tables.at[place_of(p, p->to.items[i].key)].came = ((struct replay_to *)p->to.items[i].ptr)->came;
	p->report.moved = p->moved;
	for (size_t i = 0; i < p->live.counts.count; i++) {
		p->report.duplicates += p->live.counts.at[i].duplicates;
		p->report.conflicts += p->live.counts.at[i].conflicts;
		p->report.quarantined += p->live.counts.at[i].quarantined;
	}
}

/* Tables that nothing was to be done to are not spoken of. */
static void drop_others(struct replay *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->report.tables.count; i++) {
		struct replay_table *t = &p->report.tables.at[i];

		if (t->is_replaced || t->came > 0)
			p->report.tables.at[kept++] = *t;
		else
			VEC_DONE(&t->columns);
	}
	p->report.tables.count = kept;
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct replay_table *)a)->name, ((const struct replay_table *)b)->name);
}

/* A dry run has built all of it: what a switch would hold against the rows there are can be held against them now. */
static int check_range(const struct replay *p, struct err *e)
{
	int64_t rows = 0;

	for (size_t i = 0; i < p->report.tables.count; i++)
		rows += p->report.tables.at[i].rows_before;
	return replay_balance(p->report.records, rows, e);
}

int replay_report_after(struct replay *p, struct err *e)
{
	AUTO(journal_state) now = {0};

	if (p->is_dry && p->range.is_on)
		TRY(check_range(p, e));

	for (size_t i = 0; p->is_dry && i < p->writer.targets.count; i++)
		if (str_eq(p->writer.targets.at[i]->space, STR("events")))
			after_target(p, p->writer.targets.at[i]);
	if (!p->is_dry)
		TRY(journal_load(p->lake, STR("0"), &now, e));
	for (size_t i = 0; i < now.tables.count; i++) {
		const struct state_table *known = now.tables.items[i].ptr;

		if (str_eq(known->space, STR("events")))
			TRY(after_switch(p, known, e));
	}
	note_moves(p);
	drop_others(p);
	if (p->report.tables.count > 1)
		qsort(p->report.tables.at, p->report.tables.count, sizeof(*p->report.tables.at), by_name);
	return 0;
}

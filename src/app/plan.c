/* What was seen of tables, gathered; and the spans and scales that make rates of it. */
#include "app/plan.h"

#include <stdlib.h>

static const int64_t HOUR_US = INT64_C(3600000000);

/* Columns in memory grow by doubling: on the average a third of what they have is still free. */
static const double GROWTH = 1.4;

void layout_plan_done(struct layout_plan *p)
{
	for (size_t i = 0; i < p->tables.count; i++)
		tally_done(&p->tables.at[i]->hours);
	VEC_DONE(&p->tables);
	tally_done(&p->seconds);
	map_done(&p->by_name);
	arena_done(&p->arena);
}

struct plan_table *plan_table(struct layout_plan *p, str name)
{
	struct map_item   *item = map_put(&p->by_name, name);
	struct plan_table *t = item->ptr;

	if (t == NULL) {
		t = item->ptr = ARENA_NEW(&p->arena, struct plan_table);
		t->name = arena_str(&p->arena, name);
		t->json_bytes = p->source == PLAN_SAMPLE ? 0 : -1;
		t->hours.step_us = HOUR_US;
		*VEC_ADD(&p->tables) = t;
	}
	return t;
}

/* --- files --------------------------------------------------------------------------------- */

/* What one value takes in memory, apart from the bytes of a text. */
static unsigned width_of(enum type t)
{
	switch (t) {
	case TYPE_BOOL:
		return 1;
	case TYPE_UUID:
		return 16;
	case TYPE_STRING:
	case TYPE_BINARY:
		return sizeof(uint32_t);
	default:
		return sizeof(int64_t);
	}
}

static double held_bytes(const struct schema *schema, const struct leaf_stats *leaf)
{
	const struct field *f = schema_by_id(schema, leaf->field_id);
	enum type           type = f != NULL ? f->type : TYPE_LONG;
	double              bytes = (double)leaf->values / 8; /* the bits that say which are there */

	if (leaf->values < 0)
		return 0;
	bytes += (double)(leaf->values - (leaf->nulls > 0 ? leaf->nulls : 0)) * width_of(type);
	if ((type == TYPE_STRING || type == TYPE_BINARY) && leaf->bytes > 0)
		bytes += 2 * (double)leaf->bytes; /* pages are compressed, dictionaries are not */
	return bytes * GROWTH;
}

static uint32_t leaves(const struct schema *s)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < s->count; i++)
		count += field_is_leaf(s->fields[i]);
	return count;
}

void plan_take_file(struct plan_table *t, const struct schema *schema, const struct ice_file *f)
{
	int64_t pages = 0;

	for (uint32_t i = 0; i < f->stats.leaf_count; i++) {
		pages += f->stats.leaves[i].bytes > 0 ? f->stats.leaves[i].bytes : 0;
		t->held_bytes += held_bytes(schema, &f->stats.leaves[i]);
	}
	t->column_count = leaves(schema);
	t->files++;
	t->rows += f->stats.rows;
	t->bytes += f->stats.bytes;
	t->rows_squared += (double)f->stats.rows * (double)f->stats.rows;
	t->rows_by_bytes += (double)f->stats.rows * (double)f->stats.bytes;
	/* Other writers may not say. */
	t->page_bytes += pages > 0 && pages <= f->stats.bytes ? pages : f->stats.bytes;
}

/* --- rates --------------------------------------------------------------------------------- */

static int by_rows(const void *a, const void *b)
{
	const struct plan_table *x = *(struct plan_table *const *)a, *y = *(struct plan_table *const *)b;

	if (x->rows == y->rows)
		return str_cmp(x->name, y->name);
	return x->rows < y->rows ? 1 : -1;
}

int plan_settle(struct layout_plan *p, struct err *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->tables.count; i++) {
		struct plan_table *t = p->tables.at[i];

		tally_settle(&t->hours);
		if (t->rows > 0)
			p->tables.at[kept++] = t;
		else
			tally_done(&t->hours);
	}
	p->tables.count = kept;
	if (p->seconds.rows == 0 && p->source == PLAN_HISTORY)
		return err_set(e, ERR_MISSING, "the lake has no rows to plan by: show a sample, tarn plan --from DIR");
	if (p->seconds.rows == 0)
		return err_set(e, ERR_MISSING, "no record of the sample became a row: `tarn ingest` says why");
	tally_settle(&p->seconds);
	qsort(p->tables.at, kept, sizeof(struct plan_table *), by_rows);
	tally_span(&p->seconds, &p->span);
	p->scale = p->scale > 1 ? p->scale : 1;
	/* Files not read are of other hours, or hold others' share of these: how much of the
	 * time was seen tells. */
	p->peak_scale = p->scale;
	if (p->covered > 0 && p->covered < p->span.hours)
		p->peak_scale *= p->covered / p->span.hours;
	p->peak_scale = p->peak_scale > 1 ? p->peak_scale : 1;
	return 0;
}

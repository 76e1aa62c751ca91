#include "app/tables.h"

#include "codec/name.h"
#include "lake/table.h"

enum { SPACES = 2, FAR = 4 }; /* names this many edits apart are not alike */

/* --- by name ------------------------------------------------------------------------------- */

int tables_all(struct lake *l, struct arena *a, struct table_name **out, size_t *count, struct err *e)
{
	static const str   spaces[SPACES] = {STR("events"), STR("tarn")};
	str               *names[SPACES];
	size_t             counts[SPACES], total = 0;
	struct table_name *all;

	for (unsigned i = 0; i < SPACES; i++)
		TRY(lake_tables(l, spaces[i], a, &names[i], &counts[i], e));
	all = ARENA_ARRAY(a, struct table_name, counts[0] + counts[1] + 1);
	for (unsigned i = 0; i < SPACES; i++)
		for (size_t k = 0; k < counts[i]; k++)
			all[total++] = (struct table_name){
				.space = spaces[i],
				.name = names[i][k],
				.full = arena_format(a, STR_FMT "." STR_FMT, STR_ARG(spaces[i]),
				                     STR_ARG(names[i][k])),
			};
	*out = all;
	*count = total;
	return 0;
}

/* An event's name was typed where its table's is wanted, or there is a slip in it. */
static const struct table_name *nearest(str typed, const struct table_name *all, size_t count)
{
	const struct table_name *best = NULL;
	unsigned                 distance = FAR;
	AUTO(buf)                snake = BUF(0);

	name_snake(typed, &snake);
	for (size_t i = 0; i < count && distance > 0; i++) {
		unsigned near = str_distance(typed, all[i].name, FAR), full = str_distance(typed, all[i].full, FAR);

		near = str_eq(buf_str(&snake), all[i].name) ? 0 : full < near ? full : near;
		if (near < distance) {
			distance = near;
			best = &all[i];
		}
	}
	return best;
}

int tables_find(struct lake *l, str typed, struct arena *a, struct table_name *out, struct err *e)
{
	const struct table_name *near;
	struct table_name       *all;
	size_t                   count;

	TRY(tables_all(l, a, &all, &count, e));
	for (size_t i = 0; i < count; i++) {
		if (str_eq(typed, all[i].name) || str_eq(typed, all[i].full)) {
			*out = all[i];
			return 0;
		}
	}
	near = nearest(typed, all, count);
	typed = str_head(typed, 128);
	if (near != NULL)
		return err_set(e, ERR_MISSING, "there is no table \"" STR_FMT "\"; did you mean " STR_FMT "?",
		               STR_ARG(typed), STR_ARG(near->full));
	return err_set(e, ERR_MISSING, "there is no table \"" STR_FMT "\"; %s", STR_ARG(typed),
	               count > 0 ? "`tarn table ls` lists those there are"
	                         : "the lake is empty: fill it with `tarn ingest`");
}

/* --- what is in them ----------------------------------------------------------------------- */

static bool is_by_time(enum ice_transform t)
{
	return t == ICE_HOUR || t == ICE_DAY || t == ICE_MONTH;
}

int32_t tables_time_field(const struct schema *s, const struct ice_spec *spec)
{
	const struct field *f = is_by_time(spec->transform) ? schema_by_id(s, spec->source_id)
	                                                    : schema_child(s->root, STR("event_time"));

	return f != NULL && f->type == TYPE_TIMESTAMPTZ ? f->id : 0;
}

static const struct leaf_stats *leaf_of(const struct ice_file *f, int32_t field)
{
	for (uint32_t i = 0; i < f->stats.leaf_count; i++)
		if (f->stats.leaves[i].field_id == field)
			return &f->stats.leaves[i];
	return NULL;
}

bool tables_file_times(const struct ice_file *f, int32_t time_field, int64_t *first_us, int64_t *last_us)
{
	const struct leaf_stats *leaf = time_field != 0 ? leaf_of(f, time_field) : NULL;

	if (leaf == NULL || leaf->lower.len != sizeof(*first_us) || leaf->upper.len != sizeof(*last_us))
		return false;
	memcpy(first_us, leaf->lower.ptr, sizeof(*first_us));
	memcpy(last_us, leaf->upper.ptr, sizeof(*last_us));
	return true;
}

static void take_times(struct table_facts *facts, const struct ice_file *f, int32_t time_field)
{
	int64_t first, last;

	if (!tables_file_times(f, time_field, &first, &last))
		return;
	facts->oldest_us = facts->has_times && facts->oldest_us < first ? facts->oldest_us : first;
	facts->newest_us = facts->has_times && facts->newest_us > last ? facts->newest_us : last;
	facts->has_times = true;
}

const char *tables_partition(const struct scan *s, const struct ice_file *f, struct arena *a)
{
	AUTO(buf) name = BUF(0);

	if (f == NULL || !f->has_partition || !is_by_time(s->spec.transform))
		return "-";
	ice_partition_name(s->spec.transform, f->partition, &name);
	return arena_cstr(a, buf_str(&name));
}

static void take_partitions(struct table_facts *facts, const struct scan *s, struct arena *a)
{
	const struct ice_file *low = NULL, *high = NULL;

	for (size_t i = 0; i < s->file_count; i++) {
		const struct ice_file *f = &s->files[i];

		if (!f->has_partition)
			continue;
		low = low == NULL || f->partition < low->partition ? f : low;
		high = high == NULL || f->partition > high->partition ? f : high;
	}
	facts->first = tables_partition(s, low, a);
	facts->last = tables_partition(s, high, a);
}

int tables_facts(struct lake *l, const struct scan *s, struct arena *a, struct table_facts *out, struct err *e)
{
	const struct field *extra = schema_child(s->schema.root, STR("_extra"));
	const int32_t       time_field = tables_time_field(&s->schema, &s->spec);
	struct table_facts  facts = {0};

	TRY(table_mark(&s->metadata, l, TABLES_LANE, &facts.mark, e));
	facts.snapshots = (int64_t)ice_snapshot_count(&s->metadata);
	facts.files = (int64_t)s->file_count;
	for (size_t i = 0; i < s->file_count; i++) {
		const struct ice_file   *f = &s->files[i];
		const struct leaf_stats *leaf = extra != NULL ? leaf_of(f, extra->id) : NULL;

		facts.rows += f->stats.rows;
		facts.bytes += f->stats.bytes;
		if (leaf != NULL && leaf->values >= 0 && leaf->nulls >= 0)
			facts.extra += leaf->values - leaf->nulls;
		take_times(&facts, f, time_field);
	}
	take_partitions(&facts, s, a);
	*out = facts;
	return 0;
}

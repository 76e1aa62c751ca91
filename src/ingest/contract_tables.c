#include "ingest/contract_tables.h"

#include "ingest/declare.h"
#include "lake/journal.h"
#include "lake/scan.h"

/* The newest schema is the journal's, where that has one: the catalog's may be behind. */
static int schema_of(struct lake *l, const struct state_table *t, struct schema *out, struct err *e)
{
	AUTO(scan) scan = {0};

	if (t->schema.len > 0)
		return ice_schema_parse(t->schema, out, e);
	TRY(lake_scan(l, t->space, t->name, NULL, &scan, e));
	schema_copy(&scan.schema, out);
	return 0;
}

static int check_name(struct lake *l, const struct journal_state *state, const struct pipeline *p, str name, str table,
                      struct err *e)
{
	const struct contract    *c = contracts_find(p->contracts, name);
	AUTO(arena)               a = ARENA_INIT;
	AUTO(schema)              schema = {0};
	const struct state_table *known;
	str                       full;

	if (c == NULL)
		return 0;
	full = arena_format(&a, "events." STR_FMT, STR_ARG(table));
	known = map_ptr(&state->tables, full);
	if (known == NULL)
		return 0; /* no rows yet */
	TRY(schema_of(l, known, &schema, e));
	return declare_check(p, c, &schema, full, e);
}

int contract_tables_check(struct lake *l, str lane, const struct pipeline *pipelines, size_t count, struct err *e)
{
	AUTO(journal_state) state = {0};

	if (count == 0 || pipelines[0].contracts == NULL || pipelines[0].contracts->count == 0)
		return 0;
	TRY(journal_load(l, lane, &state, e));
	for (size_t i = 0; i < state.names.count; i++) {
		const struct map_item *item = &state.names.items[i];
		size_t                 end = str_find(item->key, '\0', 0);

		for (size_t p = 0; item->key.ptr != NULL && p < count; p++)
			if (str_eq(pipelines[p].name, str_head(item->key, end)))
				TRY(check_name(l, &state, &pipelines[p], str_from(item->key, end + 1), *(const str *)item->ptr, e));
	}
	return 0;
}

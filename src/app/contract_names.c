#include "app/contract_names.h"

#include "lake/journal.h"

int contract_names_read(struct lake *l, struct contract_names *out, struct err *e)
{
	AUTO(journal_state) state = {0};

	*out = (struct contract_names){0};
	TRY(journal_load(l, TABLES_LANE, &state, e));
	for (size_t i = 0; i < state.names.count; i++) {
		const struct map_item *item = &state.names.items[i];
		size_t                 end = str_find(item->key, '\0', 0);
		str                    table = item->key.ptr != NULL ? *(const str *)item->ptr : STR("");
		struct arena          *a = &out->arena;

		if (item->key.ptr == NULL)
			continue;
		*VEC_ADD(out) = (struct named){
			.pipeline = arena_str(a, str_head(item->key, end)),
			.name = arena_str(a, str_from(item->key, end + 1)),
			.table = {STR("events"), arena_str(a, table), arena_format(a, "events." STR_FMT, STR_ARG(table))},
		};
	}
	return 0;
}

void contract_names_done(struct contract_names *n)
{
	VEC_DONE(n);
	arena_done(&n->arena);
}

int contract_names_find(const struct contract_names *n, struct lake *l, str typed, const struct named **out, struct err *e)
{
	AUTO(arena)         a = ARENA_INIT;
	struct table_name   table;
	const struct named *found = NULL;
	size_t              count = 0;

	for (size_t i = 0; i < n->count; i++) {
		if (str_eq(n->at[i].name, typed)) {
			*out = &n->at[i];
			return 0;
		}
	}
	TRY(tables_find(l, typed, &a, &table, e));
	for (size_t i = 0; i < n->count; i++) {
		if (!str_eq(n->at[i].table.full, table.full))
			continue;
		found = &n->at[i];
		count++;
	}
	if (count == 0)
		return err_set(e, ERR_MISSING, "table " STR_FMT " holds no events", STR_ARG(table.full));
	if (count > 1)
		return err_set(e, ERR_INPUT, "table " STR_FMT " holds %zu event names, such as \"" STR_FMT "\": name one of them",
		               STR_ARG(table.full), count, STR_ARG(found->name));
	*out = found;
	return 0;
}

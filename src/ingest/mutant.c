#include "ingest/mutant.h"

#if MUTANT == 6 || MUTANT == 7
struct garbage {
	struct map   named;
	struct arena arena;
	struct { VEC_OF(str); } keys;
};

static int note_named(void *context, const struct journal_entry *j, struct err *e)
{
	struct garbage *g = context;

	(void)e;
	for (size_t i = 0; i < j->tables.count; i++)
		for (size_t k = 0; k < j->tables.at[i].files.count; k++)
			(void)map_put(&g->named, j->tables.at[i].files.at[k].key);
	return 0;
}

static int note_key(void *context, str key, uint64_t size, struct err *e)
{
	struct garbage *g = context;

	(void)size, (void)e;
	if (str_ends(key, STR(".parquet")) && map_get(&g->named, key) == NULL)
		*VEC_ADD(&g->keys) = arena_str(&g->arena, key);
	return 0;
}

static void garbage_done(struct garbage *g)
{
	map_done(&g->named);
	arena_done(&g->arena);
	VEC_DONE(&g->keys);
}
AUTO_DEFINE(garbage, garbage_done)

int mutant_sweep(struct writer *w, struct err *e)
{
	AUTO(garbage) g = {0};

	TRY(journal_walk(w->lake, w->journal.lane, 1, note_named, &g, e));
	TRY(store_list(w->lake->store, STR("events/"), STR(""), note_key, &g, e));
	for (size_t i = 0; i < g.keys.count; i++)
		TRY(store_remove(w->lake->store, g.keys.at[i], e));
	return 0;
}

int mutant_prune(struct writer *w, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;

	return store_remove(w->lake->store, lake_journal_key(&a, w->journal.lane, w->journal.head - 1), e);
}
#endif

#include "ingest/idsweep.h"

enum { AT_ONCE = 1000 }; /* runs a start may wait for */

struct idsweep {
	str        lane;
	uint64_t   head;
	struct map named; /* keys */
	struct { VEC_OF(str); } garbage;
	struct arena arena;
};

static void idsweep_done(struct idsweep *s)
{
	map_done(&s->named);
	VEC_DONE(&s->garbage);
	arena_done(&s->arena);
}

AUTO_DEFINE(idsweep, idsweep_done)

static int note_garbage(void *context, str key, uint64_t size, struct err *e)
{
	struct idsweep *s = context;
	uint64_t        seq;

	(void)size, (void)e;
	if (lake_origin_seq(lake_name(key), s->lane, &seq) && seq <= s->head && map_get(&s->named, key) == NULL)
		*VEC_ADD(&s->garbage) = arena_str(&s->arena, key);
	return s->garbage.count == AT_ONCE;
}

static int sweep(struct idsweep *s, struct lake *l, struct err *e)
{
	str folder = lake_ids_key(&s->arena, s->lane, STR(""));

	folder.len -= lake_name(folder).len;
	TRY(store_list(l->store, folder, STR(""), note_garbage, s, e));
	for (size_t i = 0; i < s->garbage.count; i++)
		TRY(store_remove(l->store, s->garbage.at[i], e));
	return 0;
}

void ids_sweep(struct lake *l, str lane, const struct journal_state *state)
{
	AUTO(idsweep) s = {.lane = lane, .head = state->head};
	struct err    ignored = ERR_NONE;

	for (size_t i = 0; i < state->runs.count; i++)
		(void)map_put(&s.named, state->runs.at[i].key);
	if (sweep(&s, l, &ignored) < 0)
		ignored = ERR_NONE;
}

#include "ingest/retention.h"

#include "os/clock.h"

enum { LOOKS = 8 }; /* at entries, a commit */

void retention_init(struct retention *r, str pipeline, int64_t keep_us, const struct journal_state *s)
{
	*r = (struct retention){.pipeline = pipeline, .keep_us = keep_us, .through = state_forgotten(s, pipeline)};
	r->looked = r->through;
}

void retention_done(struct retention *r)
{
	VEC_DONE(&r->keys);
	arena_done(&r->arena);
}

static int note_replay(void *context, str key, uint64_t size, struct err *e)
{
	(void)key, (void)size, (void)e;
	*(bool *)context = true;
	return 1;
}

/* A replay has a lane of its own while it is under way. */
static int is_replaying(struct lake *l, bool *out, struct err *e)
{
	*out = false;
	return store_list(l->store, STR("_tarn/journal/r"), STR(""), note_replay, out, e);
}

/* The next entry: 1: it goes, and its segments are noted; 0: it stays, and so do all after it. */
static int look(struct retention *r, struct lake *l, str lane, int64_t before_us, struct err *e)
{
	AUTO(journal_entry) j = {0};

	TRY(journal_read(l, lane, r->looked + 1, &j, e));
	if (j.time_us >= before_us) {
		r->next_us = j.time_us;
		return 0;
	}
	for (size_t i = 0; i < j.raws.count; i++)
		if (str_eq(j.raws.at[i].pipeline, r->pipeline))
			*VEC_ADD(&r->keys) = arena_str(&r->arena, j.raws.at[i].key);
	r->looked++;
	return 1;
}

int retention_write(struct retention *r, struct lake *l, str lane, uint64_t head, uint64_t held_since,
                    struct journal_entry *entry, struct err *e)
{
	int64_t  before_us = clock_now_us(l->clock) - r->keep_us;
	uint64_t last = held_since != 0 ? held_since - 1 : head;
	bool     is_busy;
	int      went = 1;

	if (r->keep_us == 0 || (r->next_us != 0 && r->next_us >= before_us) || r->looked >= last)
		return 0;
	TRY(is_replaying(l, &is_busy, e));
	for (unsigned i = 0; i < LOOKS && went > 0 && r->looked < last && !is_busy; i++)
		TRY(went = look(r, l, lane, before_us, e));
	if (r->looked > r->through)
		*VEC_ADD(&entry->forgotten) = (struct entry_forgotten){arena_str(&entry->arena, r->pipeline), r->looked};
	return 0;
}

void retention_committed(struct retention *r, struct lake *l)
{
	struct err why = ERR_NONE;

	for (size_t i = 0; i < r->keys.count; i++)
		if (store_remove(l->store, r->keys.at[i], &why) < 0)
			why = ERR_NONE;
	r->keys.count = 0;
	arena_reset(&r->arena);
	r->through = r->looked;
}

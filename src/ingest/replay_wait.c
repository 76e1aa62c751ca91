/* Invariants: what is said to have switched, or to be never going to, is so by the journal's word: a clock only says when to ask, and when
 * to put the fence that decides it. */
#include "ingest/replay_wait.h"

#include "ingest/replay_int.h"
#include "os/clock.h"

enum { POLL_US = 200000 };

/* What stands in lane 0 above the writer's last entry, as far as it has been read. */
struct above {
	uint64_t     head;
	str          lane;   /* of the last replay; empty: none yet */
	bool         is_switched, is_other;
	uint64_t     staged; /* entries of that lane that were seen */
	struct arena arena;
};

static void above_done(struct above *a)
{
	arena_done(&a->arena);
}
AUTO_DEFINE(above, above_done)

static int take(void *context, const struct journal_entry *j, struct err *e)
{
	struct above *a = context;

	(void)e;
	a->head = j->seq;
	if (j->kind == ENTRY_FENCE) {
		a->is_other = a->is_other || j->switches.len == 0;
		a->is_switched = false;
		if (!str_eq(a->lane, j->switches))
			a->staged = 0;
		a->lane = arena_str(&a->arena, j->switches);
		return 0;
	}
	a->is_other = a->is_other || a->lane.len == 0;
	for (size_t i = 0; i < j->positions.count; i++)
		a->is_switched = a->is_switched ||
			(str_eq(j->positions.at[i].pipeline, REPLAY_PIPELINE) && str_eq(j->positions.at[i].key, a->lane));
	return 0;
}

static int look(struct lake *l, struct above *a, struct err *e)
{
	return journal_walk(l, STR("0"), a->head + 1, take, a, e);
}

int replay_has_lane(struct lake *l, uint64_t head, bool *out, struct err *e)
{
	AUTO(above) a = {.head = head};

	*out = false;
	if (head == 0)
		return 0; /* it never had the lane */
	TRY(look(l, &a, e));
	*out = a.lane.len > 0 && !a.is_other;
	return 0;
}

static int is_there(struct lake *l, str lane, uint64_t seq, bool *out, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	uint64_t    size;
	int         got = store_size(l->store, lake_journal_key(&a, lane, seq), &size, e);

	*out = got == 0;
	if (got != ERR_MISSING)
		return got;
	*e = ERR_NONE;
	return 0;
}

/* What has come to the replay's lane; is_gone: it has been cleared up, and its first entry goes last. */
static int look_staged(struct lake *l, struct above *a, bool *is_gone, struct err *e)
{
	bool is_next = true;

	*is_gone = false;
	if (a->lane.len == 0)
		return 0;
	TRY(is_there(l, a->lane, 1, &is_next, e));
	*is_gone = !is_next;
	while (is_next) {
		TRY(is_there(l, a->lane, a->staged + 1, &is_next, e));
		a->staged += is_next;
	}
	return 0;
}

/* From here on the replay can switch no more; whether it has is in the journal. */
static int take_lane(struct lake *l, const struct above *a, enum replay_end *out, struct err *e)
{
	AUTO(journal_state) state = {0};
	struct journal      journal;

	TRY(journal_open(l, STR("0"), &journal, &state, e));
	*out = replay_entry(&state, a->lane) > 0 ? REPLAY_SWITCHED : REPLAY_STALLED;
	return 0;
}

int replay_wait(struct lake *l, uint64_t head, int64_t patience_us, const volatile sig_atomic_t *stop, enum replay_end *out,
                struct err *e)
{
	AUTO(above) a = {.head = head};
	uint64_t    seen = 0, staged = 0;
	int64_t     heard_us = clock_mono_us(l->clock);

	while (stop == NULL || !*stop) {
		bool is_gone;

		TRY(look_staged(l, &a, &is_gone, e));
		TRY(look(l, &a, e)); /* after: who is gone had switched before */
		if (a.is_other || a.is_switched || is_gone) {
			*out = a.is_other ? REPLAY_REPLACED : a.is_switched ? REPLAY_SWITCHED : REPLAY_LEFT;
			return 0;
		}
		if (a.head != seen || a.staged != staged)
			heard_us = clock_mono_us(l->clock);
		else if (clock_mono_us(l->clock) - heard_us >= patience_us)
			return take_lane(l, &a, out, e);
		seen = a.head;
		staged = a.staged;
		clock_sleep_us(l->clock, POLL_US);
	}
	*out = REPLAY_STOPPED;
	return 0;
}

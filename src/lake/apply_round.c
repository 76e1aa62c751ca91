/* apply_round.c - many tables brought up side by side, in rounds: the crew makes their next documents, one change of the
 * catalog swaps all of them in, and those that lost a race or had no answer are looked at again in the next round.
 *
 * So what a commit waits for does not grow with its tables. A round is of so many tables, and documents of so many bytes, that
 * memory is bounded whatever their number.
 *
 * Invariants: a work has touches until it is done; only those of this round have a document. What a work holds, but for
 * the counts, is let go in its last round.
 */
#include <inttypes.h>
#include <stdatomic.h>

#include "lake/apply_int.h"
#include "os/clock.h"
#include "os/profile.h"
#include "os/workers.h"

enum { ROUND_TABLES = 256, ROUND_BYTES = 64 << 20, SWAP_TRIES = 20, WAIT_US = 5000, WAIT_DOUBLINGS = 8 };

struct round {
	struct lake           *lake;
	str                    lane;
	uint64_t               head;
	struct work           *works[ROUND_TABLES];
	size_t                 count;
	struct catalog_change *changes; /* of those that have a document */
	struct work           *ready[ROUND_TABLES];
	size_t                 ready_count;
	atomic_size_t          bytes; /* of documents */
	struct arena           arena;
};

static void round_done(struct round *r)
{
	arena_done(&r->arena);
}

AUTO_DEFINE(round, round_done)

static int add_words(const struct round *r, const struct work *w, struct err *e)
{
	return err_add(e, "apply entries up to %" PRIu64 " to table " STR_FMT "." STR_FMT, r->head, STR_ARG(w->space),
	               STR_ARG(w->name));
}

static bool is_worth_another_look(int class)
{
	return class == ERR_CONFLICT || class == ERR_IO || class == ERR_BUSY;
}

/* 0: in the next round again. */
static int try_again(const struct round *r, struct work *w, struct err *e)
{
	if (!is_worth_another_look(e->class) || ++w->tries == SWAP_TRIES)
		return add_words(r, w, e);
	*e = ERR_NONE;
	return 0;
}

/* --- one round ----------------------------------------------------------------------------- */

/* Of the works from `at` on, those that are left, as many as a round takes. */
static void round_fill(struct round *r, struct work *works, size_t count)
{
	r->count = r->ready_count = 0;
	r->bytes = 0;
	for (size_t i = 0; i < count && r->count < ROUND_TABLES; i++)
		if (works[i].touches.count > 0)
			r->works[r->count++] = &works[i];
}

static int prepare_step(void *context, size_t task, size_t worker, struct err *e)
{
	struct round *r = context;
	struct work  *w = r->works[task];
	int           prepared;
	PROFILE(PROFILE_APPLY);

	(void)worker;
	if (r->bytes >= ROUND_BYTES)
		return 0; /* in the next round */
	prepared = work_prepare(r->lake, r->lane, w, r->head, e);
	if (prepared < 0)
		return try_again(r, w, e);
	if (prepared == 1)
		work_done(w);
	r->bytes += w->attempt.text.len;
	return 0;
}

static void round_swap(struct round *r)
{
	PROFILE(PROFILE_APPLY);

	for (size_t i = 0; i < r->count; i++) {
		struct work *w = r->works[i];

		if (w->attempt.text.len == 0)
			continue;
		r->changes[r->ready_count] = (struct catalog_change){
			.space = w->space, .table = w->name, .version = w->attempt.version, .metadata = buf_str(&w->attempt.text),
		};
		r->ready[r->ready_count++] = w;
	}
	catalog_change_many(r->lake->catalog, r->changes, r->ready_count);
}

/* What became of one that was to be swapped in. */
static int answer_step(void *context, size_t task, size_t worker, struct err *e)
{
	struct round *r = context;
	struct work  *w = r->ready[task];
	PROFILE(PROFILE_APPLY);

	(void)worker;
	buf_done(&w->attempt.text);
	if (r->changes[task].e.class < 0) {
		*e = r->changes[task].e;
		return try_again(r, w, e);
	}
	work_count(w);
	work_follow_up(r->lake, r->lane, w);
	work_done(w);
	return 0;
}

/* Those that are ready are swapped in though another could not be made. */
static int round_run(struct round *r, struct workers *crew, struct err *e)
{
	struct err why = ERR_NONE;
	int        prepared = workers_run(crew, prepare_step, r, r->count, e);
	int        answered;

	round_swap(r);
	answered = workers_run(crew, answer_step, r, r->ready_count, prepared < 0 ? &why : e);
	return prepared < 0 ? prepared : answered;
}

/* --- all ----------------------------------------------------------------------------------- */

/* Those that are tried again have met others: a while, longer each time, and not the same for both. */
static void wait_a_while(struct round *r)
{
	unsigned tries = 0;
	int64_t  wait_us;

	for (size_t i = 0; i < r->count; i++)
		tries = r->works[i]->tries > tries ? r->works[i]->tries : tries;
	if (tries == 0)
		return;
	tries = tries - 1 < WAIT_DOUBLINGS ? tries - 1 : WAIT_DOUBLINGS;
	wait_us = (int64_t)WAIT_US << tries;
	clock_sleep_us(r->lake->clock, wait_us + (int64_t)(clock_random_u64(r->lake->clock) % (uint64_t)wait_us));
}

int works_apply(struct lake *l, struct workers *crew, str lane, struct work *works, size_t count, uint64_t head, struct err *e)
{
	AUTO(round) r = {.lake = l, .lane = lane, .head = head};

	r.changes = ARENA_ARRAY(&r.arena, struct catalog_change, count < ROUND_TABLES ? count : ROUND_TABLES);
	for (round_fill(&r, works, count); r.count > 0; round_fill(&r, works, count)) {
		wait_a_while(&r);
		TRY(round_run(&r, crew, e));
	}
	return 0;
}

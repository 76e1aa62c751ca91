#include "tests/sim/world.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "tests/sim/depot.h"
#include "tests/sim/disk.h"
#include "tests/sim/ghost.h"

enum { STALL_LOG2 = 12 };

#define YEAR_US (INT64_C(31557600) * 1000000)

struct world *world_now;
bool          world_talks;

uint64_t world_draw(const struct world *w, uint64_t a, uint64_t b, uint64_t c)
{
	return hash_mix(hash_mix(hash_mix(w->seed, a), b), c ^ 0xA5A5A5A5A5A5A5A5u);
}

void world_violate(struct world *w, const char *format, ...)
{
	va_list args;

	w->is_over = true;
	if (w->violation[0] != '\0')
		return;
	va_start(args, format);
	(void)vsnprintf(w->violation, sizeof(w->violation), format, args);
	va_end(args);
}

const char *world_name(const struct world *w)
{
	return w->kind == WORLD_STORE ? "object store" : "file system";
}

struct world *quiet_begin(void)
{
	if (world_now != NULL)
		world_now->quiet++;
	return world_now;
}

void quiet_end(struct world **w)
{
	if (*w != NULL)
		(*w)->quiet--;
}

/* --- what becomes of a call ------------------------------------------------------------------- */

static bool fits_world(const struct world *w, enum act act)
{
	bool is_of_machine = act == ACT_POWER_BEFORE || act == ACT_POWER_AFTER || act == ACT_TORN ||
	                     act == ACT_FULL || act == ACT_DROPPED;

	return w->kind == WORLD_FILES || !is_of_machine;
}

static enum act choose_listed(const struct plan *p, const struct task *t)
{
	for (size_t i = 0; i < p->fault_count; i++) {
		const struct fault *f = &p->faults[i];

		if (f->task != t->number)
			continue;
		if (p->is_by_total ? f->call == t->calls : f->life == t->life && f->call == t->life_calls)
			return f->act;
	}
	return ACT_NONE;
}

static enum act choose_drawn(const struct world *w, const struct task *t, enum verb verb)
{
	for (enum act act = ACT_DEAD + 1; act < ACT_COUNT; act++) {
		uint64_t who = (uint64_t)t->number << 32 | t->life;

		if (w->plan.rates[act] == 0 || !act_fits(act, verb) || !fits_world(w, act))
			continue;
		if ((uint32_t)world_draw(w, who, t->life_calls, act) < w->plan.rates[act])
			return act;
	}
	return ACT_NONE;
}

static enum act choose(struct world *w, const struct task *t, enum verb verb)
{
	enum act act = ACT_NONE;

	if (w->is_calm)
		return ACT_NONE;
	act = w->plan.is_list ? choose_listed(&w->plan, t) : choose_drawn(w, t, verb);
	if (act != ACT_NONE || (w->plan.is_counting && verb != VERB_NOW))
		*VEC_ADD(&w->log) = (struct fault){
			t->number, t->life, w->plan.is_by_total ? (uint32_t)t->calls : t->life_calls, act, verb,
		};
	return act;
}

static void turn_end(struct task *t)
{
	struct world *w = t->world;

	if (w->landings.count > 0 || w->is_over ||
	    world_draw(w, w->step, t->number, 0x7EA) % w->switch_in == 0)
		coro_yield(&t->coro);
}

void task_pause(struct task *t, uint64_t steps)
{
	t->resume_step = t->world->step + steps;
	coro_yield(&t->coro);
}

static void note(struct world *w, uint64_t a, uint64_t b)
{
	w->trace = hash_mix(w->trace ^ a, b);
}

enum act task_call(struct task *t, enum verb verb, str what)
{
	struct world *w;
	enum act      act;

	if (t == NULL)
		return ACT_NONE;
	w = t->world;
	if (!t->is_dead)
		turn_end(t);
	if (t->is_dead)
		return ACT_DEAD;
	t->life_calls++;
	t->calls++;
	w->step++;
	w->now_us += 100 + (int64_t)(world_draw(w, w->step, 0, 0x71) % 2000);
	act = choose(w, t, verb);
	note(w, (uint64_t)t->number << 16 | (uint64_t)verb << 8 | act, hash_bytes(what.ptr, what.len, w->step));
	if (act == ACT_CRASH_BEFORE)
		t->is_dead = true;
	else if (act == ACT_POWER_BEFORE)
		world_power_off(w);
	else if (act == ACT_STALL)
		task_pause(t, (uint64_t)1 << world_draw(w, t->number, t->life, t->life_calls) % STALL_LOG2);
	if (t->is_dead)
		return ACT_DEAD;
	return act == ACT_STALL ? ACT_NONE : act;
}

int task_refuse(struct task *t, enum act act, enum verb verb, str what, struct err *e)
{
	(void)t;
	switch (act) {
	case ACT_DEAD:
		return err_set(e, ERR_STOPPED, "this process has crashed");
	case ACT_BUSY:
		return err_set(e, ERR_BUSY, "%s " STR_FMT ": slow down", verb_words[verb], STR_ARG(what));
	default:
		return err_set(e, ERR_IO, "%s " STR_FMT ": %s", verb_words[verb], STR_ARG(what), act_words[act]);
	}
}

int task_answer(struct task *t, enum act act, enum verb verb, str what, int rc, struct err *e)
{
	if (t != NULL)
		note(t->world, (uint64_t)(int64_t)rc, act);
	switch (act) {
	case ACT_CRASH_AFTER:
		t->is_dead = true;
		return task_refuse(t, ACT_DEAD, verb, what, e);
	case ACT_POWER_AFTER:
	case ACT_TORN:
		world_power_off(t->world);
		return task_refuse(t, ACT_DEAD, verb, what, e);
	case ACT_REPLY:
		return task_refuse(t, act, verb, what, e);
	default:
		return rc;
	}
}

void task_new_life(struct task *t)
{
	t->life++;
	t->life_calls = 0;
	t->draws = 0;
	t->is_dead = t->world->is_over;
	t->stop = 0;
	t->stop_step = UINT64_MAX;
}

/* --- the clock of a task ---------------------------------------------------------------------- */

static int64_t sim_now_us(struct clock *c)
{
	struct task  *t = (struct task *)c;
	struct world *w = t->world;
	enum act      act;

	if (!t->is_dead) {
		t->life_calls++;
		act = choose(w, t, VERB_NOW);
		if (act == ACT_STEP)
			t->skew_us = (int64_t)(world_draw(w, t->number, t->life, t->life_calls) %
			                       (uint64_t)(20 * YEAR_US)) - 10 * YEAR_US;
		if (act == ACT_FREEZE)
			t->frozen_us = t->frozen_us == 0 ? w->now_us + t->skew_us : 0;
	}
	return t->frozen_us != 0 ? t->frozen_us : w->now_us + t->skew_us;
}

static int64_t sim_mono_us(struct clock *c)
{
	return ((struct task *)c)->world->now_us;
}

static void sim_sleep_us(struct clock *c, int64_t us)
{
	struct task *t = (struct task *)c;
	int64_t      until = t->world->now_us + us;

	if (t->is_dead)
		return;
	task_pause(t, (uint64_t)(us / 1000 < 300 ? us / 1000 : 300) + 1);
	if (t->world->now_us < until)
		t->world->now_us = until;
}

static void sim_random(struct clock *c, void *into, size_t size)
{
	struct task *t = (struct task *)c;
	char        *at = into;

	for (size_t i = 0; i < size; i += 8) {
		uint64_t word = world_draw(t->world, (uint64_t)t->number << 32 | t->life, t->draws++, 0xD1CE);

		memcpy(at + i, &word, size - i < 8 ? size - i : 8);
	}
}

void world_clock_init(struct task *t)
{
	t->clock = (struct clock){sim_now_us, sim_mono_us, sim_sleep_us, sim_random};
}

/* --- the run ---------------------------------------------------------------------------------- */

void world_landed(struct world *w, str key)
{
	*VEC_ADD(&w->landings) = (struct landing){arena_str(&w->arena, key), 0};
}

void world_acked(struct world *w, uint64_t seq)
{
	*VEC_ADD(&w->landings) = (struct landing){{0}, seq};
}

void world_power_off(struct world *w)
{
	for (unsigned i = 0; i < w->task_count; i++)
		w->tasks[i].is_dead = true;
	disk_power_off(w->disk, world_draw(w, w->step, 0, 0x0FF));
	w->landings.count = 0; /* what was about to be looked at may be gone; all is looked at instead */
	ghost_look_at_all(w, true);
}

void world_look(struct world *w)
{
	for (size_t i = 0; i < w->landings.count && !w->is_over; i++) {
		if (w->landings.at[i].acked > 0)
			ghost_acked(w, w->landings.at[i].acked);
		else
			ghost_landed(w, w->landings.at[i].key);
	}
	w->landings.count = 0;
}

static void stop_all(struct world *w)
{
	for (unsigned i = 0; i < w->task_count; i++) {
		w->tasks[i].is_dead = true;
		w->tasks[i].resume_step = 0;
	}
}

static void tick(struct world *w)
{
	world_look(w);
	if (!w->is_calm && w->step >= w->fault_steps) {
		w->is_calm = true;
		w->calm_since = w->step;
	}
	ghost_tick(w);
	if (w->depot != NULL)
		depot_tick(w->depot, w, false);
	for (unsigned i = 0; i < w->task_count; i++)
		if (w->is_calm || w->step >= w->tasks[i].stop_step)
			w->tasks[i].stop = 1;
	if (w->step > STEPS_MAX || (w->is_calm && w->step > w->calm_since + CALM_STEPS))
		world_violate(w, "I10: not done %d calls after faults have stopped", CALM_STEPS);
	if (w->is_over)
		stop_all(w);
}

/* One of those that may go on; where all stand still, time passes until the first may. NULL: all are done. */
static struct task *next_task(struct world *w)
{
	struct task *ready[TASKS_MAX], *first = NULL;
	unsigned     count = 0;

	for (unsigned i = 0; i < w->task_count; i++) {
		struct task *t = &w->tasks[i];

		if (t->is_done)
			continue;
		if (first == NULL || t->resume_step < first->resume_step)
			first = t;
		if (t->resume_step <= w->step)
			ready[count++] = t;
	}
	if (count > 0)
		return ready[world_draw(w, w->step, count, 0x5C4ED) % count];
	if (first != NULL)
		w->step = first->resume_step;
	return first;
}

void world_run(struct world *w)
{
	for (;;) {
		struct task *t;

		tick(w);
		t = next_task(w);
		if (t == NULL)
			break;
		w->quiet--;
		coro_resume(&t->coro);
		w->quiet++;
		if (t->is_abandoned) {
			t->is_abandoned = false;
			w->quiet = 1;
			task_new_life(t);
			coro_init(&t->coro, t->coro.body, t);
		} else if (t->coro.is_over) {
			t->is_done = true;
			coro_done(&t->coro);
		}
	}
	world_look(w);
}

/* A writer: the real pump over a simulated lake, as `tarn ingest` and `tarn run` start it. */
#include <assert.h>
#include <stdio.h>

#include "ingest/pump.h"
#include "tests/sim/actors.h"
#include "tests/sim/depot.h"
#include "tests/sim/disk.h"
#include "tests/sim/ghost.h"

enum { REST_STEPS = 400, FOLLOW_STEPS = 1500, LIVES_MAX = 12, SMALL_STEPS = 250 };

/* What one life holds; let go in reverse order. */
struct life {
	struct fs      *disk, *inbox;
	struct lake    *lake;
	struct workers *workers;
};

static void life_done(struct life *l)
{
	workers_free(l->workers);
	lake_close(l->lake);
	if (l->disk != NULL)
		disk_client_free(l->disk);
	disk_client_free(l->inbox);
}
AUTO_DEFINE(life, life_done)

static int lake_here(struct task *t, struct life *l, struct err *e)
{
	struct store *s;

	if (t->world->kind == WORLD_FILES) {
		l->disk = disk_client(t->world->disk, t, "/lake/");
		return lake_open_dir(l->disk, &t->clock, "/lake", true, &l->lake, e);
	}
	s = depot_client(t->world->depot, t);
	return lake_open(s, catalog_new_dir(s), &t->clock, true, &l->lake, e);
}

static int live(struct task *t, bool is_following, bool is_last, struct err *e)
{
	static const size_t   budgets[] = {4, 40000, 400000};
	static const uint64_t targets[] = {1, 4000, 1 << 20};
	static const int64_t  delays[] = {50000, 1000000, INT64_C(600000000)};
	struct world       *w = t->world;
	uint64_t            chance = world_draw(w, t->number, t->life, 0x11FE);
	AUTO(life)          l = {.inbox = disk_client(w->inbox, t, NULL)};
	AUTO(pump_report)   report = {0};
	struct table_rules  rules = {.common = {
		.target_bytes = targets[(chance >> 56) % 3], .max_delay_us = delays[(chance >> 60) % 3],
	}};
	struct pump_conf    conf = {
		.base = STR("/in/"),
		.rules = &rules,
		.is_following = is_following,
		.stop = is_last ? NULL : &t->stop,
		.commit_us = 1000 + (int64_t)(chance % 200000),
		.memory_bytes = budgets[(chance >> 32) % 3],
	};

	if (w->is_small) { /* while it follows, each run of the source is an entry that holds its rows */
		conf.commit_us = 1;
		conf.memory_bytes = is_following ? 400000 : 4;
		rules.common = (struct table_rule){.target_bytes = 1 << 20, .max_delay_us = INT64_C(600000000)};
	}
	conf.pipelines = ghost_pipelines(w, &conf.pipeline_count);
	for (size_t i = 0; i < conf.pipeline_count; i++) {
		conf.pipelines[i].source.is_following = is_following;
		conf.pipelines[i].merge_runs = w->is_small ? 2 : 2 + (uint32_t)(chance >> 52) % 3;
	}
	TRY(lake_here(t, &l, e));
	l.lake->checkpoint_every = 1 + (chance >> 40) % 8;
	l.lake->sweep_every = 1 + (chance >> 48) % 4;
	l.lake->discard_after_us = (int64_t)(chance >> 20) % 3 * 300000;
	l.workers = workers_new(1);
	if (!w->is_small && !is_last && world_draw(w, t->number, t->life, 0xD209) % 4 == 0)
		return drop_all(l.lake, l.workers, e);
	return pump_run(l.lake, l.inbox, l.workers, &conf, NULL, NULL, &report, e);
}

void writer_main(struct task *t)
{
	struct world *w = t->world;

	while (!w->is_calm && !w->is_over) {
		struct err e = ERR_NONE;
		uint64_t   chance = world_draw(w, t->number, t->life, 0x4E57);
		int        rc;

		t->stop_step = w->step + chance % FOLLOW_STEPS;
		rc = live(t, chance >> 32 & 1, false, &e);
		if (world_talks)
			(void)fprintf(stderr, "  step %llu writer %u life %u: %s\n", (unsigned long long)w->step,
			              t->number, t->life, rc < 0 ? e.text : "done");
		if (w->is_calm || w->is_over)
			break;
		task_pause(t, world_draw(w, t->number, t->life, 0x4E58) % REST_STEPS);
		task_new_life(t);
	}
}

/* The first life follows for a while. It knows nothing of the lives before: a life may end anywhere, and this one begins
 * where the world stands. */
void small_writer_main(struct task *t)
{
	struct world *w = t->world;

	while (t->life < LIVES_MAX && !w->is_over) {
		struct err e = ERR_NONE;
		bool       is_first = t->life == 0;
		int        rc;

		t->stop_step = is_first ? w->step + SMALL_STEPS : UINT64_MAX;
		rc = live(t, is_first, !is_first, &e);
		if (rc == 0 && !ghost_show_rest(w))
			return;
		if (t->life + 1 == LIVES_MAX && !w->is_over)
			world_violate(w, "I10: %d lives, and the last fails still: %s", LIVES_MAX, e.text);
		task_new_life(t);
	}
}

void last_writer_main(struct task *t)
{
	struct err e = ERR_NONE;

	if (live(t, false, true, &e) < 0 && !t->world->is_over)
		world_violate(t->world, "I10: a writer without faults fails: %s", e.text);
}

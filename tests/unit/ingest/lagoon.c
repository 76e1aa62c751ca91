#include "tests/unit/ingest/lagoon.h"

#include "lake/scan.h"
#include "os/clock.h"
#include "os/fs.h"

void lagoon_open(struct lagoon *g)
{
	*g = (struct lagoon){.inner = store_new_mem(), .folder = test_folder()};
	pipe_init(&g->pipe);
	g->glob = arena_format(&g->pipe.arena, "%s/*.json", g->folder);
	g->pipe.conf.source = (struct source_conf){.globs = &g->glob, .glob_count = 1, .run_bytes = 2000};
}

void lagoon_close(struct lagoon *g)
{
	pump_report_done(&g->report);
	replay_report_done(&g->replay);
	store_close(g->inner);
	pipe_done(&g->pipe);
}

void lagoon_file(struct lagoon *g, const char *name, str text)
{
	AUTO(arena) a = ARENA_INIT;
	FILE       *f = fopen(arena_format(&a, "%s/%s", g->folder, name).ptr, "w");

	CHECK(f != NULL && fwrite(text.ptr, 1, text.len, f) == text.len && fclose(f) == 0);
}

/* The store is taken, whatever comes of it. */
static int try_lake(struct lagoon *g, struct store *s, struct lake **out)
{
	g->e = ERR_NONE;
	return lake_open(s, catalog_new_dir(s), clock_real(), true, out, &g->e);
}

static struct lake *open_lake(struct lagoon *g)
{
	struct lake *l = NULL;

	CHECK_OK(try_lake(g, store_new_fault(g->inner, NULL), &l), &g->e);
	return l;
}

/* Looked at while the next run is being read. */
static void look(void *context, const struct pump_report *so_far)
{
	struct lagoon *g = context;

	CHECK(so_far->records >= g->looked_at);
	g->looked_at = so_far->records;
	g->stop = so_far->records >= g->stop_at;
}

static int ingest(struct lagoon *g, struct lake *l, struct workers *w)
{
	struct pipeline  pipelines[2] = {g->pipe.conf, g->second};
	struct pump_conf conf = {
		.pipelines = pipelines,
		.pipeline_count = g->second.name.len > 0 ? 2 : 1,
		.base = str_of(g->folder),
		.memory_bytes = g->memory_bytes,
		.is_following = g->stop_at > 0,
		.stop = g->stop_at > 0 ? &g->stop : NULL,
		.commit_us = 1,
	};

	pipelines[0].source.is_following = g->stop_at > 0;
	g->looked_at = g->stop = 0;
	return pump_run(l, fs_real(), w, &conf, look, g, &g->report, &g->e);
}

static int replay(struct lagoon *g, struct lake *l, struct workers *w, bool is_dry)
{
	struct pipeline          pipeline = g->pipe.conf;
	const struct replay_conf conf = {
		.pipelines = &pipeline, .pipeline_count = 1, .base = str_of(g->folder), .memory_bytes = g->memory_bytes,
	};

	replay_report_done(&g->replay);
	return replay_run(l, w, &conf, is_dry, &g->replay, &g->e);
}

typedef int work_fn(struct lagoon *g, struct lake *l, struct workers *w, bool is_dry);

static int ingest_once(struct lagoon *g, struct lake *l, struct workers *w, bool is_dry)
{
	(void)is_dry;
	return ingest(g, l, w);
}

static int with_faults(struct lagoon *g, size_t workers, work_fn *work, bool is_dry)
{
	AUTO_PTR(workers) w = workers_new(workers);
	struct lake      *l = NULL;
	struct store     *s;
	int               status;

	lake_close(open_lake(g)); /* its identity is there before anything fails */
	s = store_new_fault(g->inner, &g->plan);
	TRY(try_lake(g, s, &l));
	if (g->fault_nth > 0)
		store_fault_at(s, STORE_ANY_VERB, g->fault_nth, g->fault_kind);
	g->calls = store_fault_calls(s, STORE_ANY_VERB);
	status = work(g, l, w, is_dry);
	g->calls = store_fault_calls(s, STORE_ANY_VERB) - g->calls;
	lake_close(l);
	return status;
}

int lagoon_ingest(struct lagoon *g, size_t workers)
{
	return with_faults(g, workers, ingest_once, false);
}

int lagoon_replay(struct lagoon *g, bool is_dry)
{
	return with_faults(g, 1, replay, is_dry);
}

int64_t lagoon_rows(struct lagoon *g, const char *space, const char *table)
{
	struct lake *l = open_lake(g);
	AUTO(scan)   scan = {0};
	struct err   e = ERR_NONE;
	int64_t      rows = 0;

	if (lake_scan(l, str_of(space), str_of(table), NULL, &scan, &e) == 0)
		for (size_t i = 0; i < scan.file_count; i++)
			rows += scan.files[i].stats.rows;
	else
		rows = -1;
	lake_close(l);
	return rows;
}

static int add_counts(void *context, const struct journal_entry *j, struct err *e)
{
	struct entry_counts *sum = context;

	(void)e;
	for (size_t i = 0; i < j->counts.count; i++) {
		const struct entry_counts *c = &j->counts.at[i];

		CHECK_INT(c->records, c->rows + c->duplicates + c->conflicts + c->quarantined + c->dropped);
		sum->records += c->records;
		sum->rows += c->rows;
		sum->duplicates += c->duplicates;
		sum->conflicts += c->conflicts;
		sum->quarantined += c->quarantined;
		sum->dropped += c->dropped;
	}
	return 0;
}

struct entry_counts lagoon_counts(struct lagoon *g)
{
	struct lake        *l = open_lake(g);
	AUTO(journal_state) state = {0};
	struct entry_counts sum = {0};
	struct err          e = ERR_NONE;

	CHECK_OK(journal_load(l, STR("0"), &state, &e), &e); /* proves the chain and the positions */
	CHECK_OK(journal_walk(l, STR("0"), 1, add_counts, &sum, &e), &e);
	lake_close(l);
	return sum;
}

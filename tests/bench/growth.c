/* growth.c - does anything get dearer as a lake grows older? Many small commits to a lake in a folder;
 * what one costs around the hundredth is printed beside what it costs at the end, with the ratio.
 *
 *     bench_growth <commits> <folder>      the folder must be new, or empty
 *
 * Wall time is what one waits for, much of it for the disk; processor time and requests to the store
 * are what the code asks for, and do not depend on the disk. Two lakes:
 *
 *   grown    three tables; the clock goes five seconds a commit, so that all ids are in the window. A start
 *            is journal_open, lake_apply and the tables opened; and, counted apart ("ids"), the ids: a start
 *            reads all that are in the window, which are a hundred times as many after a hundred times the commits.
 *   window   no tables; clock and event time go a hundredth of the window a commit, so that it holds the ids of
 *            a hundred commits from then on. What a start asks for of ids ("window") must stay, however old the lake;
 *            older ids are few runs of which it reads the heads, 16 bytes an event hour.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "catalog/catalog.h"
#include "ingest/dedupe.h"
#include "lake/scan.h"
#include "lake/table.h"
#include "os/clock.h"
#include "os/fs.h"
#include "os/workers.h"
#include "store/trace.h"

enum { TABLES = 3, ROWS = 20, EARLY = 100, SPAN = 50, LATE_SPAN = 256, STARTS = 8 };

#define FIRST_US  INT64_C(1420070400000000)
#define COMMIT_US INT64_C(5000000)
#define WINDOW_US (INT64_C(7) * 86400 * 1000000)

struct cost {
	double   wall_ms, cpu_ms, requests;
	uint64_t count;
};

/* A writer of the lake, as it is from one start to the next. */
struct life {
	struct lake         *lake;
	struct journal       journal;
	struct journal_state state;
	struct table        *tables[TABLES];
	struct columns       columns[TABLES];
	struct dedupe       *dedupe;
};

/* Its wall clock goes with the commits. */
struct slow_clock {
	struct clock base;
	int64_t      now_us;
};

struct bench {
	uint32_t          table_count; /* TABLES, or none: then commits are of ids alone */
	int64_t           commit_us;   /* by which the clock goes on with each */
	struct store     *inner, *trace;
	struct workers   *workers;
	struct pool      *pool;
	struct slow_clock clock;
	struct life       life;
	uint64_t          rows, commits;
};

static void must(int rc, const struct err *e)
{
	if (rc >= 0)
		return;
	(void)fprintf(stderr, "growth: %s\n", e->text);
	exit(1);
}

static int64_t slow_now(struct clock *c)
{
	return ((struct slow_clock *)c)->now_us;
}

static int64_t real_mono(struct clock *c)
{
	(void)c;
	return clock_mono_us(clock_real());
}

static void real_sleep(struct clock *c, int64_t us)
{
	(void)c;
	clock_sleep_us(clock_real(), us);
}

static void real_random(struct clock *c, void *into, size_t size)
{
	(void)c;
	clock_real()->random(clock_real(), into, size);
}

static double cpu_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double requests(const struct bench *b)
{
	struct store_trace trace;
	double             sum = 0;

	store_trace_read(b->trace, &trace);
	for (int i = 0; i < STORE_VERB_COUNT; i++)
		sum += (double)trace.verbs[i].calls;
	return sum;
}

static struct cost cost_now(const struct bench *b)
{
	return (struct cost){(double)clock_mono_us(clock_real()) / 1e3, cpu_ms(), requests(b), 0};
}

static void cost_add(struct cost *sum, const struct bench *b, const struct cost *since)
{
	struct cost now = cost_now(b);

	sum->wall_ms += now.wall_ms - since->wall_ms;
	sum->cpu_ms += now.cpu_ms - since->cpu_ms;
	sum->requests += now.requests - since->requests;
	sum->count++;
}

static void schema_make(struct schema *out)
{
	char name[24];

	schema_init(out);
	schema_add(out, out->root, STR("event_id"), TYPE_STRING, true, STR(""), 1);
	schema_add(out, out->root, STR("event_time"), TYPE_TIMESTAMPTZ, false, STR(""), 2);
	for (int i = 0; i < 12; i++) {
		int len = snprintf(name, sizeof(name), "number_%d", i);

		schema_add(out, out->root, str_make(name, (size_t)len), TYPE_LONG, false, STR(""), 3 + i);
	}
}

/* Open the lake and its tables, as a writer does when it starts. */
static void life_begin(struct bench *b)
{
	static const char *const names[TABLES] = {"click", "order", "view"};
	AUTO(schema)        schema = {0};
	struct life        *life = &b->life;
	struct apply_counts applied;
	struct err          e = ERR_NONE;

	schema_make(&schema);
	*life = (struct life){0};
	must(lake_open(b->trace, catalog_new_dir(b->trace), &b->clock.base, true, &life->lake, &e), &e);
	must(journal_open(life->lake, STR("0"), &life->journal, &life->state, &e), &e);
	must(lake_apply(life->lake, b->workers, STR("0"), &applied, &e), &e);
	for (uint32_t i = 0; i < b->table_count; i++) {
		must(table_open(life->lake, STR("0"), STR("events"), str_of(names[i]),
		                &(struct table_fresh){&schema, ICE_DAY, 2}, &life->state, &life->tables[i], &e), &e);
		columns_init(&life->columns[i], b->pool, &life->tables[i]->schema);
	}
}

static void ids_load(struct bench *b)
{
	struct dedupe_conf conf = {.pipeline = STR("p"), .window_us = WINDOW_US};
	struct err         e = ERR_NONE;

	must(dedupe_open(b->life.lake, &conf, &b->life.state, &b->life.dedupe, &e), &e);
}

/* The trace belongs to the lake, which closes it. */
static void life_end(struct bench *b)
{
	for (uint32_t i = 0; i < b->table_count; i++) {
		columns_done(&b->life.columns[i]);
		table_close(b->life.tables[i]);
	}
	dedupe_close(b->life.dedupe);
	state_done(&b->life.state);
	lake_close(b->life.lake);
	b->trace = store_new_trace(b->inner);
}

static void judge(struct bench *b, str id, int64_t time_us)
{
	enum dedupe_verdict verdict;
	struct err          e = ERR_NONE;

	must(dedupe_take(b->life.dedupe, hash_bytes128(id.ptr, id.len, 1), b->rows, time_us, &verdict, &e), &e);
	assert(verdict == DEDUPE_NEW);
}

/* Of a commit without tables. */
static void fill_ids(struct bench *b)
{
	char id[24];

	for (int i = 0; i < TABLES * ROWS; i++) {
		int len = snprintf(id, sizeof(id), "e%" PRIu64, b->rows++);

		judge(b, str_make(id, (size_t)len), b->clock.now_us + i * INT64_C(1000000));
	}
}

static void fill(struct bench *b, uint32_t table)
{
	struct columns     *c = &b->life.columns[table];
	const struct field *root = b->life.tables[table]->schema.root;
	char                id[24];

	for (int i = 0; i < ROWS; i++) {
		uint32_t row = c->row_count++;
		uint64_t n = b->rows++;
		int      len = snprintf(id, sizeof(id), "e%" PRIu64, n);

		judge(b, str_make(id, (size_t)len), FIRST_US + (int64_t)n * 1000000);
		col_set_string(c, columns_col(c, root->children[0]), row, str_make(id, (size_t)len));
		col_set_long(c, columns_col(c, root->children[1]), row, FIRST_US + (int64_t)n * 1000000);
		for (uint32_t k = 2; k < root->child_count; k++)
			col_set_long(c, columns_col(c, root->children[k]), row, (int64_t)(n * k));
	}
}

static void entry_fill(struct bench *b, struct journal_entry *j)
{
	struct arena *a = &j->arena;

	*VEC_ADD(&j->positions) = (struct entry_position){
		.pipeline = STR("p"), .key = STR("/in/a.json"),
		.from = b->commits == 0 ? STR("") : arena_format(a, "{\"at\":%" PRIu64 "}", b->commits),
		.to = arena_format(a, "{\"at\":%" PRIu64 "}", b->commits + 1),
	};
	*VEC_ADD(&j->counts) = (struct entry_counts){STR("p"), TABLES * ROWS, TABLES * ROWS, 0, 0, 0, 0};
}

/* One small batch to each table, committed, then applied. */
static void batch(struct bench *b, struct cost *commit, struct cost *apply)
{
	AUTO(journal_entry)  j = {0};
	struct life         *life = &b->life;
	struct origin        o = {STR("0"), life->journal.epoch, life->journal.head + 1};
	struct flush_job     jobs[TABLES];
	struct apply_counts  counts;
	struct cost          since;
	struct err           e = ERR_NONE;

	for (uint32_t i = 0; i < b->table_count; i++) {
		fill(b, i);
		jobs[i] = (struct flush_job){life->tables[i], &life->columns[i]};
	}
	if (b->table_count == 0)
		fill_ids(b);
	entry_fill(b, &j);
	since = cost_now(b);
	must(lake_flush(life->lake, b->workers, &o, jobs, b->table_count, &j, &e), &e);
	must(dedupe_write_runs(life->dedupe, &o, 0, &j, &e), &e);
	must(journal_commit(&life->journal, &j, &e), &e);
	must(dedupe_committed(life->dedupe, &j, &e), &e);
	cost_add(commit, b, &since);
	since = cost_now(b);
	must(lake_apply_entry(life->lake, b->workers, STR("0"), &j, &counts, &e), &e);
	cost_add(apply, b, &since);
	b->commits++;
	b->clock.now_us += b->commit_us;
	for (uint32_t i = 0; i < b->table_count; i++) {
		columns_clear(&life->columns[i]);
		table_published(life->tables[i]);
	}
}

static void starts(struct bench *b, struct cost *start, struct cost *ids)
{
	for (int i = 0; i < STARTS; i++) {
		struct cost since;

		life_end(b);
		since = cost_now(b);
		life_begin(b);
		cost_add(start, b, &since);
		since = cost_now(b);
		ids_load(b);
		cost_add(ids, b, &since);
	}
}

/* What a table's metadata/ holds. */
struct folder {
	uint64_t objects, bytes;
};

static int folder_add(void *context, str key, uint64_t size, struct err *e)
{
	struct folder *f = context;

	(void)key, (void)e;
	f->objects++;
	f->bytes += size;
	return 0;
}

static void print_ids(struct bench *b, const char *when)
{
	struct dedupe_counts counts;
	struct folder        f = {0};
	struct err           e = ERR_NONE;

	dedupe_count(b->life.dedupe, &counts);
	must(store_list(b->inner, STR("_tarn/ids/"), STR(""), folder_add, &f, &e), &e);
	printf("%-10s ids %" PRIu64 " in the table, %" PRIu64 " runs; _tarn/ids/ %" PRIu64 " objects, %" PRIu64 " bytes\n",
	       when, counts.keys, counts.runs, f.objects, f.bytes);
}

static void print_metadata(struct bench *b, const char *when)
{
	AUTO(scan)    scan = {0};
	AUTO(buf)     text = BUF(0);
	struct folder f = {0};
	struct err    e = ERR_NONE;

	must(lake_scan(b->life.lake, STR("events"), STR("click"), NULL, &scan, &e), &e);
	ice_metadata_write(&scan.metadata, &text);
	must(store_list(b->inner, STR("events/click/metadata/"), STR(""), folder_add, &f, &e), &e);
	printf("%-10s metadata %zu bytes, %zu snapshots, %zu manifests for %zu files; metadata/ %" PRIu64
	       " objects, %" PRIu64 " bytes\n", when, text.len, ice_snapshot_count(&scan.metadata),
	       scan.manifest_count, scan.file_count, f.objects, f.bytes);
}

static struct cost mean(const struct cost *sum)
{
	double n = (double)sum->count;

	return (struct cost){sum->wall_ms / n, sum->cpu_ms / n, sum->requests / n, 1};
}

static void print_cost(const char *what, const struct cost *early, const struct cost *late, uint64_t commits)
{
	const struct cost e = mean(early), l = mean(late);

	printf("%-8s after %d: %.2f ms, %.2f ms cpu, %.1f requests; after %" PRIu64
	       ": %.2f ms, %.2f ms cpu, %.1f requests; ratio %.2f, cpu %.2f, requests %.2f\n",
	       what, EARLY, e.wall_ms, e.cpu_ms, e.requests, commits, l.wall_ms, l.cpu_ms, l.requests,
	       l.wall_ms / e.wall_ms, l.cpu_ms / e.cpu_ms, l.requests / e.requests);
}

static void print_lake(struct bench *b, const char *when)
{
	if (b->table_count > 0)
		print_metadata(b, when);
	print_ids(b, when);
}

struct costs {
	struct cost commit, apply, start, ids;
};

static void run(struct bench *b, uint64_t commits, struct costs *early, struct costs *late)
{
	struct cost unused[2] = {0};

	while (b->commits < EARLY - SPAN)
		batch(b, &unused[0], &unused[1]);
	while (b->commits < EARLY)
		batch(b, &early->commit, &early->apply);
	starts(b, &early->start, &early->ids);
	print_lake(b, "early:");
	while (b->commits < EARLY + SPAN)
		batch(b, &early->commit, &early->apply);
	while (b->commits + LATE_SPAN < commits)
		batch(b, &unused[0], &unused[1]);
	while (b->commits < commits)
		batch(b, &late->commit, &late->apply);
	starts(b, &late->start, &late->ids);
	print_lake(b, "late:");
}

static void bench_run(struct bench *b, const char *folder, uint64_t commits, struct costs *early, struct costs *late)
{
	struct err e = ERR_NONE;

	b->clock = (struct slow_clock){{slow_now, real_mono, real_sleep, real_random}, FIRST_US};
	must(store_open_dir(fs_real(), folder, &b->inner, &e), &e);
	b->trace = store_new_trace(b->inner);
	b->workers = workers_new(0);
	b->pool = pool_new(64 << 20);
	life_begin(b);
	ids_load(b);
	if (b->life.journal.head != 1) {
		(void)fprintf(stderr, "growth: %s holds a lake already: give a new folder\n", folder);
		exit(65);
	}
	run(b, commits, early, late);
	life_end(b);
	store_close(b->trace);
	pool_free(b->pool);
	workers_free(b->workers);
	store_close(b->inner);
}

int main(int argc, char **argv)
{
	struct bench grown = {.table_count = TABLES, .commit_us = COMMIT_US}, window = {.commit_us = WINDOW_US / EARLY};
	struct costs early[2] = {0}, late[2] = {0};
	int64_t      commits;
	char         folder[4096];

	if (argc != 3 || !str_to_i64(str_of(argv[1]), &commits) || commits < EARLY + SPAN + LATE_SPAN) {
		(void)fprintf(stderr, "usage: bench_growth <commits, %d or more> <new folder>\n",
		              EARLY + SPAN + LATE_SPAN);
		return 64;
	}
	(void)snprintf(folder, sizeof(folder), "%s/grown", argv[2]);
	bench_run(&grown, folder, (uint64_t)commits, &early[0], &late[0]);
	(void)snprintf(folder, sizeof(folder), "%s/window", argv[2]);
	bench_run(&window, folder, (uint64_t)commits, &early[1], &late[1]);
	print_cost("commit", &early[0].commit, &late[0].commit, (uint64_t)commits);
	print_cost("apply", &early[0].apply, &late[0].apply, (uint64_t)commits);
	print_cost("start", &early[0].start, &late[0].start, (uint64_t)commits);
	print_cost("ids", &early[0].ids, &late[0].ids, (uint64_t)commits);
	print_cost("window", &early[1].ids, &late[1].ids, (uint64_t)commits);
	return 0;
}

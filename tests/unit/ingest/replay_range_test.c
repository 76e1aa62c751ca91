/* A replay of one hour over a store in memory, with every failure that a store can give: files of other hours are not touched. */
#include "tests/unit/ingest/lagoon.h"

#include "ingest/replay_int.h"
#include "lake/scan.h"
#include "os/clock.h"

enum { HOURS = 3, EVENTS = 24, PER_HOUR = EVENTS / HOURS, WITHOUT = 3 }; /* of an hour, so many lack what will be asked for */
enum { CLEARING = 60 }; /* calls at the end of a replay, and more: clearing up is among them */

#define START_MS INT64_C(1735603200000) /* 2024-12-31T00 */
#define HOUR_US  INT64_C(3600000000)

static int64_t hour_us(int hour)
{
	return START_MS * 1000 + hour * HOUR_US;
}

static void add_event(struct buf *b, int i, const char *more)
{
	buf_print(b, "{\"id\":\"e%d\",\"n\":\"t%d\",\"at\":%lld,\"v\":%d%s%s}\n", i, i % 2,
	          (long long)(START_MS + i / PER_HOUR * 3600000 + i), i, i % PER_HOUR < WITHOUT ? "" : ",\"w\":1", more);
}

static void lake_of_hours(struct lagoon *g)
{
	AUTO(buf) b = BUF(0);

	lagoon_open(g);
	g->pipe.conf.names[0] = (struct name_rule){.kind = NAME_PATH, .path_count = 1, .paths = {pipe_path(&g->pipe, "n")}};
	g->pipe.conf.raw = RAW_ON;
	g->pipe.conf.partition = ICE_HOUR;
	for (int i = 0; i < EVENTS; i++)
		add_event(&b, i, "");
	buf_add(&b, STR("[\n"));
	lagoon_file(g, "a.json", buf_str(&b));
	CHECK_OK(lagoon_ingest(g, 1), &g->e);
}

/* Rows go to another table, and some are refused. */
static void change_rules(struct lagoon *g)
{
	g->pipe.conf.table = STR("all");
	g->pipe.conf.require[0] = (struct require_rule){.path = pipe_path(&g->pipe, "w")};
	g->pipe.conf.require_count = 1;
	g->memory_bytes = 64 << 10; /* a commit a block */
}

/* --- who reads Parquet: of a lake like this raw knows as much ------------------------------- */

struct rows_of {
	struct lake   *lake; /* not over the store that fails: these calls are not the replay's */
	struct lagoon *g;
	int            left; /* tables until it is stopped, with all of them read and none built; 0: never */
};

struct reading {
	struct lake   *lake;
	str            path;
	replay_row_fn *each;
	void          *context;
};

/* ".../events/t1/data/event_time_hour=2024-12-31-01/...", and "all" in place of "t1" once rules have been changed: it has those with "w". */
static bool is_of(str path, str text)
{
	AUTO(buf) folder = BUF(0);
	AUTO(buf) all = BUF(0);
	int64_t   at_ms = 0, name = 0;
	bool      is_with = false;

	for (size_t i = 0; i < text.len; i++) {
		if (str_starts(str_from(text, i), STR("\"n\":\"t")))
			name = text.ptr[i + 6] - '0';
		if (str_starts(str_from(text, i), STR("\"at\":")))
			(void)str_to_i64(str_head(str_from(text, i + 5), 13), &at_ms);
		is_with = is_with || str_starts(str_from(text, i), STR("\"w\":"));
	}
	buf_print(&folder, "/events/t%lld/data/event_time_hour=", (long long)name);
	ice_partition_name(ICE_HOUR, ice_transform_us(ICE_HOUR, at_ms * 1000), &folder);
	buf_add(&all, STR("/events/all"));
	buf_add(&all, str_from(buf_str(&folder), STR("/events/t1").len));
	for (size_t i = 0; folder.len > 0 && i < path.len; i++)
		if (str_starts(str_from(path, i), buf_str(&folder)) || (is_with && str_starts(str_from(path, i), buf_str(&all))))
			return true;
	return false;
}

static int read_block(const struct reading *r, const struct segment_block *b, struct err *e)
{
	for (size_t i = 0; i < b->records.count; i++) {
		const struct segment_record *record = &b->records.at[i];
		AUTO(buf)                    position = BUF(0);

		if (record->verdict != VERDICT_ROW || !is_of(r->path, record->text))
			continue;
		buf_print(&position, STR_FMT ":%llu", STR_ARG(b->parts[record->part].label), (unsigned long long)record->offset);
		TRY(r->each(r->context, &(struct replay_row){buf_str(&position), b->taken_us}, e));
	}
	return 0;
}

static int read_entry(void *context, const struct journal_entry *j, struct err *e)
{
	const struct reading *r = context;
	uint64_t              seq;

	if (lake_origin_seq(lake_name(r->path), STR("0"), &seq) && seq != j->seq)
		return 0; /* nothing waits here: a file has the rows of its entry */
	for (size_t i = 0; i < j->raws.count; i++) {
		AUTO(segment)       s = {0};
		AUTO(segment_block) b = {0};

		TRY(segment_open(r->lake, j->raws.at[i].key, (uint64_t)j->raws.at[i].bytes, &s, e));
		for (size_t k = 0; k < s.blocks.count; k++) {
			TRY(segment_read(&s, k, &b, e));
			TRY(read_block(r, &b, e));
		}
	}
	return 0;
}

static int read_rows(void *context, const struct schema *schema, const str *paths, size_t count, replay_row_fn *each,
                     void *each_context, struct err *e)
{
	struct rows_of *rows = context;

	CHECK(schema_child(schema->root, STR("source_position")) != NULL && schema_child(schema->root, STR("ingested_at")) != NULL);
	for (size_t i = 0; i < count; i++) {
		struct reading r = {rows->lake, paths[i], each, each_context};

		TRY(journal_walk(rows->lake, STR("0"), 1, read_entry, &r, e));
	}
	rows->g->stop = rows->left > 0 && --rows->left == 0;
	return 0;
}

/* --- one replay ------------------------------------------------------------------------------ */

struct asked {
	bool is_dry, is_stopped; /* after the first block that was built */
	int  from, to;           /* hours */
};

static int replay_hours(struct lagoon *g, const struct asked *asked)
{
	AUTO_PTR(workers)  w = workers_new(1);
	AUTO_PTR(lake)     l = NULL;
	AUTO_PTR(lake)     reading = NULL;
	struct rows_of     rows = {.g = g, .left = asked->is_stopped ? 2 : 0};
	struct store      *s = store_new_fault(g->inner, NULL), *other = store_new_fault(g->inner, NULL);
	const struct replay_conf conf = {
		.pipelines = &g->pipe.conf, .pipeline_count = 1, .base = str_of(g->folder), .memory_bytes = g->memory_bytes,
		.has_from = true, .has_to = true, .from_us = hour_us(asked->from), .to_us = hour_us(asked->to), .stop = &g->stop,
		.reader = {read_rows, &rows},
	};
	int status;

	g->e = ERR_NONE;
	g->stop = 0;
	replay_report_done(&g->replay);
	TRY(lake_open(s, catalog_new_dir(s), clock_real(), false, &l, &g->e));
	TRY(lake_open(other, catalog_new_dir(other), clock_real(), false, &reading, &g->e));
	rows.lake = reading;
	if (g->fault_nth > 0)
		store_fault_at(s, STORE_ANY_VERB, g->fault_nth, g->fault_kind);
	g->calls = store_fault_calls(s, STORE_ANY_VERB);
	status = replay_run(l, w, &conf, asked->is_dry, &g->replay, &g->e);
	g->calls = store_fault_calls(s, STORE_ANY_VERB) - g->calls;
	return status;
}

static const struct asked one_hour = {.from = 1, .to = 2};

/* --- what became of it ------------------------------------------------------------------------ */

static void check_before(struct lagoon *g)
{
	CHECK_INT(lagoon_rows(g, "events", "t0") + lagoon_rows(g, "events", "t1"), EVENTS);
	CHECK_INT(lagoon_rows(g, "tarn", "quarantine"), 1);
	CHECK_INT(lagoon_counts(g).rows, EVENTS);
}

static void check_after(struct lagoon *g)
{
	struct entry_counts c = lagoon_counts(g);

	CHECK_INT(lagoon_rows(g, "events", "t0") + lagoon_rows(g, "events", "t1"), EVENTS - PER_HOUR);
	CHECK_INT(lagoon_rows(g, "events", "all"), PER_HOUR - WITHOUT);
	CHECK_INT(lagoon_rows(g, "tarn", "quarantine"), WITHOUT + 1);
	CHECK_INT(c.records, EVENTS + 1);
	CHECK_INT(c.rows, EVENTS - WITHOUT);
	CHECK_INT(c.quarantined, WITHOUT + 1);
}

static int count_switch(void *context, const struct journal_entry *j, struct err *e)
{
	(void)e;
	for (size_t i = 0; i < j->positions.count; i++)
		*(int *)context += str_eq(j->positions.at[i].pipeline, REPLAY_PIPELINE);
	return 0;
}

static int count_key(void *context, str key, uint64_t size, struct err *e)
{
	(void)key, (void)size, (void)e;
	++*(int *)context;
	return 0;
}

/* How many replays lane 0 knows; what is left of their own lanes goes to *left. */
static int switches(struct lagoon *g, int *left)
{
	AUTO_PTR(lake) l = NULL;
	struct store  *s = store_new_fault(g->inner, NULL);
	struct err     e = ERR_NONE;
	int            count = 0;

	*left = 0;
	CHECK_OK(lake_open(s, catalog_new_dir(s), clock_real(), false, &l, &e), &e);
	CHECK_OK(journal_walk(l, STR("0"), 1, count_switch, &count, &e), &e);
	CHECK_OK(store_list(s, STR("_tarn/journal/r"), STR(""), count_key, left, &e), &e);
	return count;
}

/* --- tests ----------------------------------------------------------------------------------- */

TEST(replay_range_makes_one_hour_again)
{
	struct lagoon g;
	int           left;

	lake_of_hours(&g);
	check_before(&g);
	change_rules(&g);
	CHECK_OK(replay_hours(&g, &(struct asked){.is_dry = true, .from = 1, .to = 2}), &g.e);
	CHECK_INT(g.replay.records, PER_HOUR);
	CHECK_INT(g.replay.refused, WITHOUT);
	check_before(&g);
	CHECK_OK(replay_hours(&g, &one_hour), &g.e);
	CHECK(g.replay.is_range);
	CHECK_INT(g.replay.tables.count, 3);
	for (size_t i = 1; i < g.replay.tables.count; i++) { /* "all" is the first */
		CHECK_INT(g.replay.tables.at[i].files, 1);
		CHECK_INT(g.replay.tables.at[i].files_staying, HOURS - 1);
		CHECK_INT(g.replay.tables.at[i].rows_before, PER_HOUR / 2);
		CHECK_INT(g.replay.tables.at[i].rows_after, 0);
		CHECK(g.replay.tables.at[i].low_us >= hour_us(1) && g.replay.tables.at[i].high_us < hour_us(2));
	}
	check_after(&g);
	CHECK_INT(switches(&g, &left), 1);
	CHECK_INT(left, 0);
	CHECK_OK(lagoon_ingest(&g, 1), &g.e);
	check_after(&g);
	CHECK_OK(lagoon_replay(&g, false), &g.e); /* and all of it, from raw alone */
	CHECK_INT(lagoon_rows(&g, "events", "all"), EVENTS - HOURS * WITHOUT);
	CHECK_INT(lagoon_rows(&g, "tarn", "quarantine"), HOURS * WITHOUT + 1);
	lagoon_close(&g);
}

/* Another replay was stopped: its lane is cleared up too, and comes after the own one by name. */
static void stop_another(struct lagoon *g)
{
	CHECK_INT(replay_hours(g, &(struct asked){.from = 1, .to = 2, .is_stopped = true}), ERR_STOPPED);
}

static const struct asked first_hour = {.from = 0, .to = 1};

/* Started again it ends, and says whether it was switched; a dry run in between says so too. */
static void start_again(struct lagoon *g, bool is_switched)
{
	CHECK_INT(strstr(g->e.text, "has switched the tables") != NULL, is_switched);
	if (is_switched) {
		CHECK_OK(replay_hours(g, &(struct asked){.is_dry = true, .from = first_hour.from, .to = first_hour.to}), &g->e);
		CHECK(g->replay.was_switched);
	}
	CHECK_OK(replay_hours(g, &first_hour), &g->e);
	CHECK_INT(g->replay.was_switched, is_switched);
}

/* The store fails once, at a call of the replay; nothing is lost or doubled. */
static void fail_at(uint64_t nth, enum fault_kind kind, bool is_beside)
{
	struct lagoon g;
	int           left, status, before;

	lake_of_hours(&g);
	change_rules(&g);
	if (is_beside)
		stop_another(&g);
	g.fault_nth = nth;
	g.fault_kind = kind;
	status = replay_hours(&g, &first_hour);
	g.fault_nth = 0;
	before = switches(&g, &left);
	CHECK(before <= 1 && (status < 0 || before == 1));
	if (status < 0)
		start_again(&g, before == 1);
	CHECK_INT(switches(&g, &left), 1);
	CHECK_INT(left, 0);
	CHECK_OK(lagoon_ingest(&g, 1), &g.e);
	check_after(&g);
	lagoon_close(&g);
}

/* Of the last `most` calls, each: once done with its answer lost, once not done at all. */
static void fail_at_each(uint64_t most, bool is_beside)
{
	struct lagoon g;
	uint64_t      calls;

	lake_of_hours(&g);
	change_rules(&g);
	if (is_beside)
		stop_another(&g);
	CHECK_OK(replay_hours(&g, &first_hour), &g.e);
	calls = g.calls;
	lagoon_close(&g);
	for (uint64_t nth = calls > most ? calls - most : 1; nth <= calls; nth++) {
		fail_at(nth, FAULT_AFTER, is_beside);
		fail_at(nth, nth % 2 ? FAULT_BEFORE : FAULT_BUSY, is_beside);
	}
}

TEST(replay_range_survives_a_failure_of_any_call)
{
	fail_at_each(UINT64_MAX, false);
}

TEST(replay_range_clears_its_own_lane_last)
{
	fail_at_each(CLEARING, true);
}

TEST(replay_range_takes_what_came_meanwhile_along)
{
	struct lagoon g;
	AUTO(buf)     b = BUF(0);

	lake_of_hours(&g);
	g.memory_bytes = 64 << 10;
	CHECK_INT(replay_hours(&g, &(struct asked){.from = 1, .to = 2, .is_stopped = true}), ERR_STOPPED);
	add_event(&b, EVENTS, "");
	buf_print(&b, "{\"id\":\"late\",\"n\":\"t1\",\"at\":%lld,\"v\":1}\n", (long long)(hour_us(1) / 1000)); /* of the range */
	lagoon_file(&g, "b.json", buf_str(&b));
	CHECK_OK(lagoon_ingest(&g, 1), &g.e);
	CHECK_OK(replay_hours(&g, &one_hour), &g.e);
	CHECK(g.replay.is_partial);
	CHECK_INT(lagoon_rows(&g, "events", "t0") + lagoon_rows(&g, "events", "t1"), EVENTS + 2);
	lagoon_close(&g);
}

/* Ingest was killed at some call: what the journal knows and a table does not show yet is looked for in raw all the same. */
static void look_after_failure(uint64_t nth, uint64_t *calls)
{
	struct lagoon g;
	AUTO(buf)     b = BUF(0);
	int64_t       rows;

	lake_of_hours(&g);
	buf_print(&b, "{\"id\":\"late\",\"n\":\"t1\",\"at\":%lld,\"v\":1}\n", (long long)(hour_us(1) / 1000));
	lagoon_file(&g, "b.json", buf_str(&b));
	g.fault_nth = nth;
	g.fault_kind = FAULT_AFTER;
	(void)lagoon_ingest(&g, 1);
	*calls = g.calls;
	g.fault_nth = 0;
	rows = lagoon_counts(&g).rows;
	CHECK_OK(replay_hours(&g, &(struct asked){.is_dry = true, .from = 1, .to = 2}), &g.e);
	CHECK_INT(g.replay.records, rows - (EVENTS - PER_HOUR));
	CHECK_OK(replay_hours(&g, &one_hour), &g.e);
	CHECK_INT(lagoon_rows(&g, "events", "t0") + lagoon_rows(&g, "events", "t1"), rows);
	lagoon_close(&g);
}

TEST(replay_range_sees_what_tables_do_not_show_yet)
{
	uint64_t calls;

	look_after_failure(0, &calls);
	for (uint64_t nth = 1, most = calls; nth <= most; nth++)
		look_after_failure(nth, &calls);
}

/* Both give a column an id while neither knows of the other's: what was built is thrown away, and the next one ends. */
TEST(replay_range_whose_columns_clash_begins_anew)
{
	struct lagoon g;
	AUTO(buf)     b = BUF(0);
	int           left;

	lake_of_hours(&g);
	g.memory_bytes = 64 << 10;
	g.pipe.conf.has_created_datetime = true; /* a column that only the replay gives */
	CHECK_INT(replay_hours(&g, &(struct asked){.from = 1, .to = 2, .is_stopped = true}), ERR_STOPPED);
	g.pipe.conf.has_created_datetime = false;
	add_event(&b, EVENTS, ",\"fresh\":1");
	lagoon_file(&g, "b.json", buf_str(&b));
	CHECK_OK(lagoon_ingest(&g, 1), &g.e);
	g.pipe.conf.has_created_datetime = true;
	CHECK_INT(replay_hours(&g, &one_hour), ERR_CONFLICT);
	CHECK_INT(switches(&g, &left), 1);
	CHECK_INT(left, 0);
	CHECK_INT(lagoon_rows(&g, "events", "t0") + lagoon_rows(&g, "events", "t1"), EVENTS + 1);
	CHECK_OK(replay_hours(&g, &one_hour), &g.e);
	CHECK(!g.replay.was_switched && !g.replay.is_partial);
	CHECK_INT(switches(&g, &left), 2);
	CHECK_INT(left, 0);
	CHECK_INT(lagoon_rows(&g, "events", "t0") + lagoon_rows(&g, "events", "t1"), EVENTS + 1);
	CHECK_OK(lagoon_ingest(&g, 1), &g.e);
	lagoon_close(&g);
}

TEST(replay_range_is_bounded_by_memory)
{
	struct lagoon g;

	lake_of_hours(&g);
	g.memory_bytes = 512;
	CHECK_INT(replay_hours(&g, &one_hour), ERR_LIMIT);
	g.memory_bytes = 0;
	CHECK_INT(replay_hours(&g, &(struct asked){.from = 2, .to = 2}), ERR_INPUT);
	CHECK_OK(replay_hours(&g, &(struct asked){.from = 7, .to = 9}), &g.e); /* no file */
	CHECK_INT(g.replay.tables.count, 0);
	CHECK_INT(g.replay.entry, 0);
	check_before(&g);
	lagoon_close(&g);
}

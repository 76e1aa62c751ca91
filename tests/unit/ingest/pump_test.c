/* The way from a file to the tables, whole: over a store in memory, with every failure that a store can give. */
#include "tests/unit/ingest/lagoon.h"

enum { EVENTS = 100 };

/* Of every ten events one is a repeat of the one before, one has no id, and one is the same id with another content. */
static void events(struct buf *out, int from, int to, const char *more)
{
	for (int i = from; i < to; i++) {
		int id = i % 10 == 3 || i % 10 == 6 ? i - 1 : i;

		if (i % 10 == 8)
			buf_print(out, "{\"n\":\"t%d\",\"at\":%lld}\n", i % 3, 1735603200000LL + i);
		else
			buf_print(out, "{\"id\":\"e%d\",\"n\":\"t%d\",\"at\":%lld,\"v\":%d%s}\n", id, id % 3, 1735603200000LL + id,
			          i % 10 == 6 ? -1 : id, more);
	}
}

static void lagoon_of_events(struct lagoon *g)
{
	AUTO(buf) b = BUF(0);

	lagoon_open(g);
	g->pipe.conf.names[0] = (struct name_rule){.kind = NAME_PATH, .path_count = 1, .paths = {pipe_path(&g->pipe, "n")}};
	events(&b, 0, EVENTS, "");
	lagoon_file(g, "a.json", buf_str(&b));
}

static int64_t all_rows(struct lagoon *g)
{
	int64_t rows = 0;

	for (int i = 0; i < 3; i++) {
		static const char *const tables[] = {"t0", "t1", "t2"};
		int64_t                  of_table = lagoon_rows(g, "events", tables[i]);

		rows += of_table > 0 ? of_table : 0;
	}
	return rows;
}

static void check_whole(struct lagoon *g, int64_t records)
{
	struct entry_counts c = lagoon_counts(g);

	CHECK_INT(c.records, records);
	CHECK_INT(c.rows, records / 10 * 7);
	CHECK_INT(c.duplicates, records / 10);
	CHECK_INT(c.quarantined, records / 10 * 2);
	CHECK_INT(all_rows(g), c.rows);
	CHECK_INT(lagoon_rows(g, "tarn", "quarantine"), c.quarantined);
}

TEST(pump_brings_a_file_into_its_tables_once)
{
	for (size_t workers = 1; workers <= 3; workers++) {
		struct lagoon g;
		AUTO(buf)     b = BUF(0);

		lagoon_of_events(&g);
		CHECK_OK(lagoon_ingest(&g, workers), &g.e);
		CHECK_INT(g.report.records, EVENTS);
		CHECK_INT(g.report.files_taken, 1);
		CHECK_INT(g.report.commits, 1);
		CHECK_INT(g.report.tables.count, 3);
		CHECK_STR(g.report.tables.at[0].name, STR("t0"));
		CHECK_INT(g.report.reasons.count, 2);
		CHECK_STR(str_of(g.report.reasons.at[0].code), STR("id.missing"));
		CHECK_INT(g.report.reasons.at[0].count, EVENTS / 10);
		CHECK_STR(str_of(g.report.reasons.at[1].code), STR("id.conflict"));
		check_whole(&g, EVENTS);

		CHECK_OK(lagoon_ingest(&g, workers), &g.e); /* again: nothing */
		CHECK_INT(g.report.records, 0);
		CHECK_INT(g.report.files_skipped, 1);
		check_whole(&g, EVENTS);

		events(&b, 0, EVENTS, "");
		lagoon_file(&g, "copy.json", buf_str(&b)); /* the same events from elsewhere */
		CHECK_OK(lagoon_ingest(&g, workers), &g.e);
		CHECK_INT(g.report.rows, 0);
		CHECK_INT(all_rows(&g), EVENTS / 10 * 7);

		events(&b, EVENTS, EVENTS * 2, ",\"late\":{\"x\":[1.5]}"); /* it has grown */
		lagoon_file(&g, "copy.json", buf_str(&b));
		CHECK_OK(lagoon_ingest(&g, workers), &g.e);
		CHECK_INT(g.report.records, EVENTS);
		CHECK_INT(all_rows(&g), EVENTS * 2 / 10 * 7);
		lagoon_close(&g);
	}
}

TEST(pump_takes_a_file_without_any_event)
{
	struct lagoon g;

	lagoon_open(&g);
	lagoon_file(&g, "a.json", STR("\n\n{}\nnonsense {\n"));
	lagoon_file(&g, "b.json", STR("\n"));
	CHECK_OK(lagoon_ingest(&g, 2), &g.e);
	CHECK_INT(g.report.records, 2);
	CHECK_INT(g.report.quarantined, 2);
	CHECK_INT(g.report.blank_lines, 3);
	CHECK_INT(lagoon_rows(&g, "tarn", "quarantine"), 2);
	CHECK_OK(lagoon_ingest(&g, 2), &g.e);
	CHECK_INT(g.report.records, 0);
	lagoon_close(&g);
}

TEST(pump_commits_as_often_as_memory_says)
{
	struct lagoon g;

	lagoon_of_events(&g);
	g.memory_bytes = 1;
	CHECK_OK(lagoon_ingest(&g, 2), &g.e);
	CHECK(g.report.commits > 2);
	check_whole(&g, EVENTS);
	lagoon_close(&g);
}

TEST(pump_follows_until_it_is_stopped)
{
	struct lagoon g;

	lagoon_of_events(&g);
	g.stop_at = EVENTS / 2;
	CHECK_OK(lagoon_ingest(&g, 2), &g.e);
	CHECK(g.report.records >= EVENTS / 2 && g.report.records < EVENTS);
	CHECK(g.report.commits > 1); /* as often as time says */
	CHECK_INT(all_rows(&g), g.report.rows);
	g.stop_at = EVENTS - g.report.records;
	CHECK_OK(lagoon_ingest(&g, 2), &g.e);
	check_whole(&g, EVENTS);
	lagoon_close(&g);
}

TEST(pump_keeps_the_first_of_a_conflict_where_told)
{
	struct lagoon g;

	lagoon_of_events(&g);
	g.pipe.conf.on_conflict = CONFLICT_KEEP_FIRST;
	CHECK_OK(lagoon_ingest(&g, 2), &g.e);
	CHECK_INT(g.report.conflicts, EVENTS / 10);
	CHECK_INT(g.report.quarantined, EVENTS / 10);
	lagoon_close(&g);
	lagoon_of_events(&g);
	g.pipe.conf.window_us = 0; /* no dedupe at all */
	CHECK_OK(lagoon_ingest(&g, 2), &g.e);
	CHECK_INT(g.report.rows, EVENTS / 10 * 9);
	lagoon_close(&g);
}

/* Two pipelines into the same tables: one column for one member, whoever saw it first. */
TEST(pump_lets_two_pipelines_share_a_table)
{
	struct lagoon g;
	str           glob;

	lagoon_open(&g);
	g.pipe.conf.table = STR("all");
	g.second = g.pipe.conf;
	g.second.name = STR("second");
	glob = arena_format(&g.pipe.arena, "%s/*.ndjson", g.folder);
	g.second.source = (struct source_conf){.globs = &glob, .glob_count = 1};
	lagoon_file(&g, "a.json", STR("{\"id\":\"e1\",\"at\":1735603200000,\"x\":1,\"y\":{\"z\":1}}\n"));
	lagoon_file(&g, "b.ndjson", STR("{\"id\":\"e1\",\"at\":1735603200000,\"x\":2,\"y\":{\"w\":1}}\n"));
	CHECK_OK(lagoon_ingest(&g, 2), &g.e);
	CHECK_INT(g.report.rows, 2);
	CHECK_INT(g.report.tables.count, 1);
	CHECK_INT(lagoon_rows(&g, "events", "all"), 2);
	g.second.id.is_uuid = true; /* fits a text column, and the records do not fit it */
	lagoon_file(&g, "c.ndjson", STR("{\"id\":\"e2\",\"at\":1735603200000}\n"));
	CHECK_OK(lagoon_ingest(&g, 2), &g.e);
	CHECK_INT(g.report.quarantined, 1);
	lagoon_close(&g);
}

TEST(pump_refuses_a_table_that_another_kind_of_pipeline_made)
{
	struct lagoon g;

	lagoon_open(&g);
	g.pipe.conf.id.is_uuid = true;
	lagoon_file(&g, "a.json", STR("{\"id\":\"0190d4d2-3b6f-7c55-8a06-0a1b2c3d4e5f\",\"at\":1735603200000}\n"));
	CHECK_OK(lagoon_ingest(&g, 1), &g.e);
	g.pipe.conf.id.is_uuid = false;
	lagoon_file(&g, "b.json", STR("{\"id\":\"e1\",\"at\":1735603200000}\n"));
	CHECK_ERR(lagoon_ingest(&g, 1), ERR_UNSUPPORTED);
	CHECK(strstr(g.e.text, "events.thing") != NULL && strstr(g.e.text, "event_id is of type uuid") != NULL);
	CHECK_INT(lagoon_rows(&g, "events", "thing"), 1);
	lagoon_close(&g);
}

/* --- failures ------------------------------------------------------------------------------ */

/* Each call of the store fails once, in each way; whatever becomes of that run, the next one makes it whole. */
TEST(pump_is_exactly_once_wherever_the_store_fails)
{
	struct lagoon g;
	uint64_t      calls;
	int           failed = 0;

	lagoon_of_events(&g);
	CHECK_OK(lagoon_ingest(&g, 1), &g.e);
	calls = g.calls;
	lagoon_close(&g);
	CHECK(calls > 20);
	for (enum fault_kind kind = FAULT_BEFORE; kind < FAULT_KIND_COUNT; kind++) {
		for (uint64_t nth = 1; nth <= calls; nth++) {
			AUTO(buf) b = BUF(0);

			if (kind == FAULT_BUSY && nth % 4 != 0)
				continue; /* to the caller it is FAULT_BEFORE by another name */
			lagoon_of_events(&g);
			g.fault_nth = nth;
			g.fault_kind = kind;
			failed += lagoon_ingest(&g, 1) < 0;
			g.fault_nth = 0;
			CHECK_OK(lagoon_ingest(&g, 1), &g.e);
			check_whole(&g, EVENTS);
			if (nth % 5 == 0) { /* and it goes on */
				events(&b, 0, EVENTS * 2, "");
				lagoon_file(&g, "a.json", buf_str(&b));
				CHECK_OK(lagoon_ingest(&g, 1), &g.e);
				check_whole(&g, EVENTS * 2);
			}
			lagoon_close(&g);
		}
	}
	CHECK(failed > 20);
}

/* Faults all the way, start after start. */
TEST(pump_is_exactly_once_under_a_rain_of_faults)
{
	for (int round = 0; round < 20; round++) {
		struct lagoon g;
		int           starts = 0;

		lagoon_of_events(&g);
		g.plan = (struct fault_plan){.seed = test_random(), .one_in = 100};
		g.memory_bytes = round % 2 ? 1 : 0;
		while (lagoon_ingest(&g, 1 + test_random() % 2) < 0 && ++starts < 200)
			g.plan.seed = test_random();
		CHECK(starts < 200);
		g.plan = (struct fault_plan){0};
		CHECK_OK(lagoon_ingest(&g, 1), &g.e);
		check_whole(&g, EVENTS);
		lagoon_close(&g);
	}
}

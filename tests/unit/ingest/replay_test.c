/* A replay over a store in memory, with every failure that a store can give: what is switched is switched once, and whole. */
#include "tests/unit/ingest/lagoon.h"

#include "os/clock.h"

enum { EVENTS = 24, WITHOUT = 8 };

/* Every third event lacks what will be asked for. */
static void lake_of_events(struct lagoon *g)
{
	AUTO(buf) b = BUF(0);

	lagoon_open(g);
	g->pipe.conf.names[0] = (struct name_rule){.kind = NAME_PATH, .path_count = 1, .paths = {pipe_path(&g->pipe, "n")}};
	g->pipe.conf.raw = RAW_ON;
	for (int i = 0; i < EVENTS; i++)
		buf_print(&b, "{\"id\":\"e%d\",\"n\":\"t%d\",\"at\":%lld,\"v\":%d%s}\n", i, i % 2, 1735603200000LL + i, i,
		          i % 3 == 0 ? "" : ",\"w\":1");
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

static void check_before(struct lagoon *g)
{
	CHECK_INT(lagoon_rows(g, "events", "t0") + lagoon_rows(g, "events", "t1"), EVENTS);
	CHECK_INT(lagoon_rows(g, "tarn", "quarantine"), 1);
	CHECK_INT(lagoon_counts(g).rows, EVENTS);
}

static void check_after(struct lagoon *g)
{
	struct entry_counts c = lagoon_counts(g);

	CHECK_INT(lagoon_rows(g, "events", "t0") + lagoon_rows(g, "events", "t1"), 0);
	CHECK_INT(lagoon_rows(g, "events", "all"), EVENTS - WITHOUT);
	CHECK_INT(lagoon_rows(g, "tarn", "quarantine"), WITHOUT + 1);
	CHECK_INT(c.records, EVENTS + 1);
	CHECK_INT(c.rows, EVENTS - WITHOUT);
	CHECK_INT(c.quarantined, WITHOUT + 1);
}

struct seen {
	int switches;
};

static int note_switch(void *context, const struct journal_entry *j, struct err *e)
{
	struct seen *seen = context;

	(void)e;
	for (size_t i = 0; i < j->positions.count; i++)
		seen->switches += str_eq(j->positions.at[i].pipeline, STR("tarn:replay"));
	return 0;
}

static int lane_of_replay(void *context, str key, uint64_t size, struct err *e)
{
	(void)size, (void)e;
	*(int *)context += str_starts(key, STR("_tarn/journal/r"));
	return 0;
}

/* How often lane 0 was switched; what is left of other lanes goes to *left. */
static int switches(struct lagoon *g, int *left)
{
	struct seen  seen = {0};
	struct lake *l = NULL;
	struct err   e = ERR_NONE;
	struct store *s = store_new_fault(g->inner, NULL);

	*left = 0;
	CHECK_OK(lake_open(s, catalog_new_dir(s), clock_real(), false, &l, &e), &e);
	CHECK_OK(journal_walk(l, STR("0"), 1, note_switch, &seen, &e), &e);
	CHECK_OK(store_list(s, STR("_tarn/journal/"), STR(""), lane_of_replay, left, &e), &e);
	lake_close(l);
	return seen.switches;
}

TEST(replay_makes_tables_again_under_other_rules)
{
	struct lagoon g;
	int           left;

	lake_of_events(&g);
	check_before(&g);
	change_rules(&g);
	CHECK_OK(lagoon_replay(&g, true), &g.e);
	CHECK_INT(g.replay.refused, WITHOUT);
	CHECK_INT(g.replay.moved, EVENTS - WITHOUT);
	CHECK_INT(g.replay.tables.count, 3);
	check_before(&g);
	CHECK_INT(switches(&g, &left), 0);
	CHECK_INT(left, 0);
	CHECK_OK(lagoon_replay(&g, false), &g.e);
	check_after(&g);
	CHECK_INT(switches(&g, &left), 1);
	CHECK_INT(left, 0);
	CHECK_OK(lagoon_ingest(&g, 1), &g.e);
	check_after(&g);
	lagoon_close(&g);
}

TEST(replay_of_what_was_refused_takes_it_back)
{
	struct lagoon g;
	int           left;

	lake_of_events(&g);
	change_rules(&g);
	CHECK_OK(lagoon_replay(&g, false), &g.e);
	CHECK_OK(lagoon_replay(&g, false), &g.e); /* refused again */
	check_after(&g);
	g.pipe.conf.require_count = 0;
	CHECK_OK(lagoon_replay(&g, false), &g.e);
	CHECK_INT(lagoon_rows(&g, "events", "all"), EVENTS);
	CHECK_INT(lagoon_rows(&g, "tarn", "quarantine"), 1);
	CHECK_INT(lagoon_counts(&g).rows, EVENTS);
	CHECK_INT(switches(&g, &left), 3);
	CHECK_INT(left, 0);
	lagoon_close(&g);
}

static void start_again(struct lagoon *g, bool is_switched)
{
	CHECK_INT(strstr(g->e.text, "has switched the tables") != NULL, is_switched);
	if (is_switched) {
		CHECK_OK(lagoon_replay(g, true), &g->e);
		CHECK(g->replay.was_switched);
	}
	CHECK_OK(lagoon_replay(g, false), &g->e);
	CHECK_INT(g->replay.was_switched, is_switched);
}

/* The store fails once, at a call of the replay; nobody else sees anything of it but whole; started again it ends, and
 * says whether it was switched. */
static void fail_at(uint64_t nth, enum fault_kind kind)
{
	struct lagoon g;
	int           left, status, before;

	lake_of_events(&g);
	change_rules(&g);
	g.fault_nth = nth;
	g.fault_kind = kind;
	status = lagoon_replay(&g, false);
	g.fault_nth = 0;
	before = switches(&g, &left);
	CHECK(before <= 1 && (status < 0 || before == 1));
	if (status < 0)
		start_again(&g, before == 1);
	CHECK_INT(switches(&g, &left), 1);
	CHECK_INT(left, 0);
	CHECK_OK(lagoon_ingest(&g, 1), &g.e); /* brings tables up, whatever the replay left undone */
	check_after(&g);
	lagoon_close(&g);
}

TEST(replay_survives_a_failure_of_any_call)
{
	struct lagoon g;
	uint64_t      calls;

	lake_of_events(&g);
	change_rules(&g);
	CHECK_OK(lagoon_replay(&g, false), &g.e);
	calls = g.calls;
	lagoon_close(&g);
	for (uint64_t nth = 1; nth <= calls; nth++) { /* done with its answer lost, and not done at all */
		fail_at(nth, FAULT_AFTER);
		fail_at(nth, nth % 2 ? FAULT_BEFORE : FAULT_BUSY);
	}
}

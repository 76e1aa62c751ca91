/* Refused records judged anew, and dropped: all of it or nothing, whatever call of the store fails. */
#include "ingest/quarantine_replay.h"

#include "lake/scan.h"
#include "os/clock.h"
#include "tests/unit/ingest/lagoon.h"

enum { LINES = 12, BROKEN = 3, REPEATS = 1 };

/* What was refused, as it lies in the table: in one file, in order of arrival; or in as many files as
 * rows, where no row had room for another. */
struct pond {
	struct lagoon g;
	struct { str line, position, reason; bool is_gone; } rows[LINES];
};

/* A requirement that no event meets; one event comes twice, and every fourth line is broken. */
static void pond_open(struct pond *p, enum raw_rule raw)
{
	AUTO(buf) b = BUF(0);
	size_t    at = 0;

	*p = (struct pond){0};
	lagoon_open(&p->g);
	p->g.pipe.conf.require[0] = (struct require_rule){.path = pipe_path(&p->g.pipe, "who"), .kind = REQUIRE_ANY};
	p->g.pipe.conf.require_count = 1;
	p->g.pipe.conf.raw = raw;
	for (int i = 0; i < LINES; i++) {
		struct arena *a = &p->g.pipe.arena;
		int           id = i == 6 ? 5 : i;

		p->rows[i].line = i % 4 == 3 ? arena_format(a, "broken %d", i)
		                             : arena_format(a, "{\"id\":\"e%d\",\"at\":%lld,\"v\":%d}", id, 1735603200000LL + id, id);
		p->rows[i].position = arena_format(a, "a.json:%zu", at);
		p->rows[i].reason = i % 4 == 3 ? STR("json.syntax") : STR("schema.required");
		buf_add(&b, p->rows[i].line);
		buf_byte(&b, '\n');
		at += p->rows[i].line.len + 1;
	}
	lagoon_file(&p->g, "a.json", buf_str(&b));
	CHECK_OK(lagoon_ingest(&p->g, 1), &p->g.e);
	CHECK_INT(lagoon_rows(&p->g, "tarn", "quarantine"), LINES);
	p->g.pipe.conf.require_count = 0;
}

static int pond_read(void *context, const struct schema *schema, const str *paths, size_t count, bool is_all,
                     refused_fn *each, void *each_context, struct err *e)
{
	struct pond *p = context;
	size_t       row = 0;

	(void)schema, (void)is_all, (void)paths;
	for (size_t i = 0; i < LINES; i++) {
		if (p->rows[i].is_gone)
			continue;
		TRY(each(each_context, &(struct refused){
			.file = count > 1 ? row : 0, .row = count > 1 ? 0 : (int64_t)row,
			.at_us = 1735603200000000, .bytes = (int64_t)p->rows[i].line.len,
			.pipeline = p->g.pipe.conf.name, .reason = p->rows[i].reason, .message = STR("m"),
			.position = p->rows[i].position, .record = p->rows[i].line, .version = STR("0"),
		}, e));
		row++;
	}
	return 0;
}

static int move(struct pond *p, bool is_drop, bool is_dry, struct quarantine_report *out)
{
	AUTO_PTR(workers)      w = workers_new(1);
	AUTO_PTR(lake)         l = NULL;
	struct store          *s = store_new_fault(p->g.inner, NULL);
	struct quarantine_conf conf = {
		.pipelines = &p->g.pipe.conf, .pipeline_count = 1, .base = STR("/in/"), .memory_bytes = p->g.memory_bytes,
		.reader = {pond_read, p},
	};
	int status;

	p->g.e = ERR_NONE;
	TRY(lake_open(s, catalog_new_dir(s), clock_real(), false, &l, &p->g.e));
	if (p->g.fault_nth > 0)
		store_fault_at(s, STORE_ANY_VERB, store_fault_calls(s, STORE_ANY_VERB) + p->g.fault_nth, p->g.fault_kind);
	p->g.calls = store_fault_calls(s, STORE_ANY_VERB);
	status = (is_drop ? quarantine_drop : quarantine_replay)(l, w, &conf, is_dry, out, &p->g.e);
	p->g.calls = store_fault_calls(s, STORE_ANY_VERB) - p->g.calls;
	return status;
}

static void left_are(struct pond *p, bool is_drop)
{
	for (size_t i = 0; i < LINES; i++)
		p->rows[i].is_gone = is_drop || !str_eq(p->rows[i].reason, STR("json.syntax"));
}

static void check_counts(struct pond *p, int64_t rows, int64_t duplicates, int64_t quarantined, int64_t dropped)
{
	struct entry_counts c = lagoon_counts(&p->g);

	CHECK_INT(c.records, LINES);
	CHECK_INT(c.rows, rows);
	CHECK_INT(c.duplicates, duplicates);
	CHECK_INT(c.quarantined, quarantined);
	CHECK_INT(c.dropped, dropped);
	CHECK_INT(lagoon_rows(&p->g, "events", "thing"), rows > 0 ? rows : -1);
	CHECK_INT(lagoon_rows(&p->g, "tarn", "quarantine"), quarantined);
}

struct kept {
	struct lake *lake;
	int64_t      segments, verdicts[VERDICT_QUARANTINE + 1];
};

static int keep_entry(void *context, const struct journal_entry *j, struct err *e)
{
	struct kept *k = context;

	for (size_t i = 0; i < j->raws.count; i++) {
		AUTO(segment)       s = {0};
		AUTO(segment_block) b = {0};

		k->segments++;
		TRY(segment_open(k->lake, j->raws.at[i].key, (uint64_t)j->raws.at[i].bytes, &s, e));
		for (size_t at = 0; at < s.blocks.count; at++) {
			TRY(segment_read(&s, at, &b, e));
			for (size_t r = 0; r < b.records.count; r++)
				k->verdicts[b.records.at[r].verdict]++;
		}
	}
	return 0;
}

/* In all raw there is: each row once, and what was refused as that. */
static void check_raw(struct pond *p, int64_t segments, int64_t rows, int64_t quarantined)
{
	struct kept   k = {0};
	struct store *s = store_new_fault(p->g.inner, NULL);

	CHECK_OK(lake_open(s, catalog_new_dir(s), clock_real(), false, &k.lake, &p->g.e), &p->g.e);
	CHECK_OK(journal_walk(k.lake, STR("0"), 1, keep_entry, &k, &p->g.e), &p->g.e);
	CHECK_INT(k.segments, segments);
	CHECK_INT(k.verdicts[VERDICT_ROW], rows);
	CHECK_INT(k.verdicts[VERDICT_QUARANTINE], quarantined);
	CHECK_INT(k.verdicts[VERDICT_DUPLICATE] + k.verdicts[VERDICT_CONFLICT], 0);
	lake_close(k.lake);
}

static void check_report(const struct quarantine_report *r)
{
	const struct quarantine_group *g = &r->groups.at[0];

	CHECK_INT(r->groups.count, 2);
	CHECK_STR(g->reason, STR("schema.required"));
	CHECK_INT(g->records, LINES - BROKEN);
	CHECK_INT(g->rows, LINES - BROKEN - REPEATS);
	CHECK_INT(g->duplicates, REPEATS);
	CHECK_INT(r->groups.at[1].refused, BROKEN);
	CHECK_INT(r->leaving, LINES - BROKEN);
}

TEST(replay_dry_changes_nothing)
{
	AUTO(quarantine_report) r = {0};
	struct pond             p;

	pond_open(&p, RAW_ON);
	CHECK_OK(move(&p, false, true, &r), &p.g.e);
	check_raw(&p, 1, 0, LINES);
	check_report(&r);
	CHECK_INT(r.entry, 0);
	check_counts(&p, 0, 0, LINES, 0);
	lagoon_close(&p.g);
}

TEST(replay_moves_what_passes_and_a_second_one_nothing)
{
	for (size_t memory = 4; memory <= 4 << 20; memory <<= 20) { /* with so little, every batch is spilled */
		AUTO(quarantine_report) r = {0};
		AUTO(quarantine_report) again = {0};
		struct pond             p;

		pond_open(&p, RAW_ON);
		p.g.memory_bytes = memory;
		CHECK_OK(move(&p, false, false, &r), &p.g.e);
		check_report(&r);
		CHECK(r.entry > 0);
		check_counts(&p, LINES - BROKEN - REPEATS, REPEATS, BROKEN, 0);
		check_raw(&p, 2, LINES - BROKEN - REPEATS, LINES);
		left_are(&p, false);
		CHECK_OK(move(&p, false, false, &again), &p.g.e);
		CHECK_INT(again.leaving, 0);
		CHECK_INT(again.entry, 0);
		check_counts(&p, LINES - BROKEN - REPEATS, REPEATS, BROKEN, 0);
		lagoon_close(&p.g);
	}
}

TEST(replay_writes_no_raw_where_there_was_none)
{
	AUTO(quarantine_report) r = {0};
	struct pond             p;

	pond_open(&p, RAW_DEFAULT);
	CHECK_OK(move(&p, false, false, &r), &p.g.e);
	check_counts(&p, LINES - BROKEN - REPEATS, REPEATS, BROKEN, 0);
	check_raw(&p, 0, 0, 0);
	lagoon_close(&p.g);
}

TEST(drop_empties_the_table)
{
	AUTO(quarantine_report) r = {0};
	struct pond             p;

	pond_open(&p, RAW_ON);
	CHECK_OK(move(&p, true, false, &r), &p.g.e);
	CHECK_INT(r.leaving, LINES);
	check_counts(&p, 0, 0, 0, LINES);
	lagoon_close(&p.g);
}

/* Each call fails in each way: what the next one finds is the whole of it, or nothing. */
static void cut_short(bool is_drop)
{
	uint64_t calls = 1;

	for (uint64_t n = 1; n <= calls; n++) {
		for (int kind = FAULT_BEFORE; kind < FAULT_KIND_COUNT; kind++) {
			AUTO(quarantine_report) first = {0};
			AUTO(quarantine_report) second = {0};
			struct pond             p;
			int64_t                 left;

			pond_open(&p, RAW_ON);
			p.g.fault_nth = n;
			p.g.fault_kind = (enum fault_kind)kind;
			(void)!move(&p, is_drop, false, &first);
			if (n == 1 && kind == FAULT_BEFORE)
				calls = 200;
			if (n > p.g.calls)
				calls = n; /* nothing failed any more */
			p.g.fault_nth = 0;
			left = lagoon_counts(&p.g).quarantined;
			CHECK(left == LINES || left == (is_drop ? 0 : BROKEN));
			if (left != LINES)
				left_are(&p, is_drop);
			CHECK_OK(move(&p, is_drop, false, &second), &p.g.e); /* brings the tables up, if nothing else */
			if (is_drop)
				check_counts(&p, 0, 0, 0, LINES);
			else
				check_counts(&p, LINES - BROKEN - REPEATS, REPEATS, BROKEN, 0);
			check_raw(&p, is_drop ? 1 : 2, is_drop ? 0 : LINES - BROKEN - REPEATS, LINES);
			lagoon_close(&p.g);
		}
	}
}

TEST(replay_cut_short_anywhere_did_nothing_or_all)
{
	cut_short(false);
}

TEST(drop_cut_short_anywhere_did_nothing_or_all)
{
	cut_short(true);
}

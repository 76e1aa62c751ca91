#include "tests/lib/small_lake.h"

static int apply(struct small *s, struct apply_counts *out, struct err *e)
{
	*out = (struct apply_counts){0};
	return lake_apply(s->lake, s->workers, STR("0"), out, e);
}

static void check_apply(struct small *s, int64_t tables, int64_t files, int64_t rows)
{
	struct apply_counts counts;
	struct err          e = ERR_NONE;

	CHECK_OK(apply(s, &counts, &e), &e);
	CHECK_INT(counts.tables, tables);
	CHECK_INT(counts.files, files);
	CHECK_INT(counts.rows, rows);
}

static size_t snapshots(struct small *s)
{
	AUTO(scan) scan = {0};
	struct err e = ERR_NONE;

	CHECK_OK(lake_scan(s->lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	return ice_snapshot_count(&scan.metadata);
}

/* Change the table's metadata behind the lake's back. */
typedef void tamper_fn(struct ice_metadata *m);

static void tamper(struct small *s, tamper_fn *change)
{
	AUTO(arena)          a = ARENA_INIT;
	AUTO(ice_metadata)   m = {0};
	AUTO(buf)            text = BUF(0);
	struct catalog_table at;
	struct err           e = ERR_NONE;

	CHECK_OK(catalog_load(s->lake->catalog, STR("events"), SMALL_TABLE, &a, &at, &e), &e);
	CHECK_OK(ice_metadata_parse(at.metadata, &m, &e), &e);
	change(&m);
	ice_metadata_write(&m, &text);
	CHECK_OK(catalog_swap(s->lake->catalog, STR("events"), SMALL_TABLE, at.version, buf_str(&text), &e), &e);
}

TEST(apply_twice_changes_nothing)
{
	struct small s;

	small_open(&s, store_new_mem());
	small_commit(&s, 30, small_time(0), 60000000);
	small_apply(&s);
	small_apply(&s);
	check_apply(&s, 0, 0, 0);
	CHECK_LAKE(&s, 30, 1);
	CHECK_INT(snapshots(&s), 1);
	small_close(&s);
}

TEST(apply_folds_entries_into_one_snapshot)
{
	AUTO(scan)   scan = {0};
	struct small s;
	struct err   e = ERR_NONE;
	str          value = {0};

	small_open(&s, store_new_mem());
	for (unsigned i = 0; i < 4; i++)
		small_commit(&s, 90, small_time(i), 60000000); /* two hours each, overlapping */
	check_apply(&s, 1, 8, 360);
	CHECK_LAKE(&s, 360, 8);
	CHECK_INT(snapshots(&s), 1);
	CHECK_OK(lake_scan(s.lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	CHECK(ice_summary(&scan.metadata, scan.snapshot.id, STR("tarn.entries"), &value));
	CHECK_STR(value, STR("1..5"));
	CHECK(ice_summary(&scan.metadata, scan.snapshot.id, STR("changed-partition-count"), &value));
	CHECK_STR(value, STR("5"));
	CHECK(ice_summary(&scan.metadata, scan.snapshot.id, STR("total-records"), &value));
	CHECK_STR(value, STR("360"));
	CHECK(ice_property(&scan.metadata, STR("tarn.applied.0"), &value));
	CHECK_STR(value, STR("5"));
	small_close(&s);
}

TEST(apply_after_a_crash_brings_the_table_up)
{
	struct store *inner = store_new_mem();
	struct small  before, after;

	small_open(&before, inner);
	small_commit(&before, 30, small_time(0), 60000000);
	small_apply(&before);
	small_commit(&before, 40, small_time(1), 60000000);
	small_stop(&before); /* died between commit and apply */
	small_open(&after, inner);
	CHECK_LAKE(&after, 30, 1);
	CHECK_INT(after.table->mark, 2);
	check_apply(&after, 1, 1, 40);
	CHECK_LAKE(&after, 70, 2);
	small_commit(&after, 10, small_time(3), 60000000);
	small_apply(&after);
	CHECK_LAKE(&after, 80, 3);
	small_close(&after);
}

TEST(apply_of_uncommitted_files_never_happens)
{
	struct store *inner = store_new_mem();
	struct small  before, after;
	struct err    e = ERR_NONE;

	small_open(&before, inner);
	small_fill(&before, 30, small_time(0), 60000000);
	CHECK_OK(small_flush(&before, &e), &e);
	small_stop(&before); /* died between the files and the commit */
	small_open(&after, inner);
	check_apply(&after, 0, 0, 0);
	CHECK_LAKE(&after, 0, 0);
	small_close(&after);
}

/* The swap is the second object an apply puts: the manifest list comes before it. */
static void swap_with_fault(enum fault_kind kind)
{
	struct small s;

	small_open(&s, store_new_mem());
	small_commit(&s, 30, small_time(0), 60000000);
	store_fault_at(s.fault, STORE_PUT_NEW, 2, kind);
	check_apply(&s, 1, 1, 30);
	CHECK_LAKE(&s, 30, 1);
	CHECK_INT(snapshots(&s), 1);
	small_close(&s);
}

TEST(apply_whose_swap_has_an_unknown_outcome_applies_once)
{
	swap_with_fault(FAULT_BEFORE);
	swap_with_fault(FAULT_AFTER);
	swap_with_fault(FAULT_BUSY);
}

/* A catalog whose swaps fail at first: unlike the store's, its answers are not read back by anyone below. */
struct moody {
	struct catalog  base;
	struct catalog *inner;
	unsigned        failures;
	bool            is_done_first; /* the swap lands, and its answer is lost */
	int             class;
	struct small   *racer; /* on the first failing swap: what another applier does just before */
	void          (*race)(struct small *s);
};

static struct catalog *inner_of(struct catalog *c)
{
	return ((struct moody *)c)->inner;
}

static int moody_load(struct catalog *c, str space, str table, struct arena *a, struct catalog_table *out, struct err *e)
{
	return catalog_load(inner_of(c), space, table, a, out, e);
}

static int moody_create(struct catalog *c, str space, str table, str metadata, struct err *e)
{
	TRY(catalog_create(inner_of(c), space, table, metadata, e));
	return err_set(e, ERR_IO, "create: the answer was lost");
}

static int moody_swap(struct catalog *c, str space, str table, str version, str metadata, struct err *e)
{
	struct moody *m = (struct moody *)c;

	if (m->failures == 0)
		return catalog_swap(m->inner, space, table, version, metadata, e);
	m->failures--;
	if (m->race != NULL)
		m->race(m->racer);
	m->race = NULL;
	if (m->is_done_first)
		TRY(catalog_swap(m->inner, space, table, version, metadata, e));
	return err_set(e, m->class, "swap: the answer was lost");
}

static int moody_list(struct catalog *c, str space, catalog_list_fn *each, void *context, struct err *e)
{
	return catalog_list(inner_of(c), space, each, context, e);
}

static int moody_drop(struct catalog *c, str space, str table, struct err *e)
{
	return catalog_drop(inner_of(c), space, table, e);
}

static void moody_close(struct catalog *c)
{
	catalog_close(inner_of(c));
	free(c);
}

static struct moody *moody_new(void)
{
	static const struct catalog_ops ops = {
		.kind = "moody", .load = moody_load, .create = moody_create, .swap = moody_swap, .list = moody_list,
		.drop = moody_drop, .close = moody_close,
	};
	struct moody *m = xcalloc(1, sizeof(*m));

	m->base.ops = &ops;
	m->inner = catalog_new_mem();
	return m;
}

/* A small lake over it. */
static struct moody *moody_open(struct small *s)
{
	struct moody *m = moody_new();

	small_open(s, store_new_mem());
	catalog_close(s->lake->catalog);
	s->lake->catalog = &m->base;
	columns_done(&s->columns);
	table_close(s->table);
	small_table(s); /* the create's answer is lost too */
	return m;
}

static void apply_entry_2(struct small *s)
{
	AUTO(journal_entry) j = {0};
	AUTO_PTR(workers)   alone = workers_new(1);
	struct apply_counts counts;
	struct err          e = ERR_NONE;

	CHECK_OK(journal_read(s->lake, STR("0"), 2, &j, &e), &e);
	CHECK_OK(lake_apply_entry(s->lake, alone, STR("0"), &j, &counts, &e), &e);
}

TEST(apply_leaves_out_what_another_has_applied_meanwhile)
{
	struct small  s;
	struct moody *m = moody_open(&s);

	small_commit(&s, 30, small_time(0), 60000000);
	small_commit(&s, 20, small_time(1), 60000000);
	m->failures = 1;
	m->class = ERR_CONFLICT;
	m->racer = &s;
	m->race = apply_entry_2;
	check_apply(&s, 1, 1, 20);
	CHECK_LAKE(&s, 50, 2);
	CHECK_INT(snapshots(&s), 2);
	small_close(&s);
}

static void mark_back(struct ice_metadata *m)
{
	ice_set_property(m, STR("tarn.applied.0"), STR("0"));
}

static void mark_to_0(struct small *s)
{
	tamper(s, mark_back);
}

static void mark_to_2(struct ice_metadata *m)
{
	ice_set_property(m, STR("tarn.applied.0"), STR("2"));
}

TEST(apply_stops_at_a_mark_that_falls)
{
	struct apply_counts counts;
	struct err          e = ERR_NONE;
	struct small        s;
	struct moody       *m = moody_open(&s);

	small_commit(&s, 30, small_time(0), 60000000);
	small_commit(&s, 20, small_time(1), 60000000);
	tamper(&s, mark_to_2); /* as if entry 2 had been applied and its snapshot expired */
	m->failures = 1;
	m->class = ERR_CONFLICT;
	m->racer = &s;
	m->race = mark_to_0;
	CHECK_ERR(apply(&s, &counts, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "fell") != NULL);
	small_close(&s);
}

TEST(apply_looks_again_after_a_swap_without_an_answer)
{
	struct small  s;
	struct moody *m = moody_open(&s);

	small_commit(&s, 30, small_time(0), 60000000);
	m->failures = 1;
	m->is_done_first = true;
	m->class = ERR_IO;
	check_apply(&s, 1, 1, 30);
	CHECK_LAKE(&s, 30, 1);
	CHECK_INT(snapshots(&s), 1);
	small_commit(&s, 20, small_time(5), 60000000);
	m->failures = 3;
	m->is_done_first = false;
	check_apply(&s, 1, 1, 20);
	small_commit(&s, 10, small_time(6), 60000000);
	m->failures = 2;
	m->class = ERR_CONFLICT;
	check_apply(&s, 1, 1, 10);
	CHECK_LAKE(&s, 60, 3);
	CHECK_INT(snapshots(&s), 3);
	small_close(&s);
}

static int apply_also(void *context, size_t task, size_t worker, struct err *e)
{
	struct small        *s = context;
	AUTO_PTR(workers)    alone = workers_new(1);
	struct apply_counts  counts;

	(void)task, (void)worker;
	return lake_apply(s->lake, alone, STR("0"), &counts, e);
}

TEST(apply_by_many_at_once_adds_each_file_once)
{
	AUTO_PTR(workers) crew = workers_new(4);
	struct small      s;
	struct err        e = ERR_NONE;

	small_open(&s, store_new_mem());
	for (unsigned i = 0; i < 3; i++)
		small_commit(&s, 30, small_time(i), 60000000);
	CHECK_OK(workers_run(crew, apply_also, &s, 8, &e), &e);
	CHECK_LAKE(&s, 90, 3);
	CHECK_INT(snapshots(&s), 1);
	small_close(&s);
}

/* An append of another engine: it keeps our property, and says nothing in its summary. */
static void foreign_append(struct ice_metadata *m)
{
	struct ice_snapshot now;

	CHECK(ice_current_snapshot(m, &now));
	ice_add_snapshot(m, &(struct ice_commit){.snapshot_id = 4711, .manifest_list = now.manifest_list});
}

TEST(apply_finds_its_mark_under_snapshots_of_others)
{
	struct small s;

	small_open(&s, store_new_mem());
	small_commit(&s, 30, small_time(0), 60000000);
	small_apply(&s);
	tamper(&s, foreign_append);
	small_commit(&s, 20, small_time(1), 60000000);
	check_apply(&s, 1, 1, 20);
	CHECK_LAKE(&s, 50, 2);
	small_close(&s);
}

static void mark_ahead(struct ice_metadata *m)
{
	ice_set_property(m, STR("tarn.applied.0"), STR("9"));
}

static void mark_nonsense(struct ice_metadata *m)
{
	ice_set_property(m, STR("tarn.applied.0"), STR("-1"));
}

TEST(apply_stops_where_marks_disagree)
{
	static tamper_fn *const changes[] = {mark_back, mark_ahead, mark_nonsense};

	for (size_t i = 0; i < 3; i++) {
		struct small        s;
		struct apply_counts counts;
		struct err          e = ERR_NONE;

		small_open(&s, store_new_mem());
		small_commit(&s, 30, small_time(0), 60000000);
		small_apply(&s);
		tamper(&s, changes[i]);
		CHECK_ERR(apply(&s, &counts, &e), ERR_CORRUPT);
		CHECK(strstr(e.text, "events.push") != NULL);
		small_close(&s);
	}
}

TEST(apply_stops_at_a_mark_that_no_entry_has)
{
	struct small        s;
	struct apply_counts counts;
	struct err          e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_commit(&s, 30, small_time(0), 60000000);
	tamper(&s, mark_ahead); /* no snapshot of ours contradicts it */
	CHECK_ERR(apply(&s, &counts, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "ends at 2") != NULL);
	small_close(&s);
}

TEST(apply_stops_at_a_missing_or_exchanged_table)
{
	AUTO(schema)        schema = {0};
	struct table       *other = NULL;
	struct small        s;
	struct apply_counts counts;
	struct err          e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_commit(&s, 30, small_time(0), 60000000);
	CHECK_OK(catalog_drop(s.lake->catalog, STR("events"), SMALL_TABLE, &e), &e);
	CHECK_ERR(apply(&s, &counts, &e), ERR_MISSING);
	CHECK(strstr(e.text, "events.push") != NULL);
	small_schema(&schema);
	CHECK_OK(journal_load(s.lake, STR("0"), &s.state, &e), &e);
	CHECK_ERR(table_open(s.lake, STR("0"), STR("events"), SMALL_TABLE, &(struct table_fresh){&schema, ICE_HOUR, 2},
	                     &s.state, &other, &e), ERR_CORRUPT); /* never made anew behind the journal's back */
	CHECK_ERR(apply(&s, &counts, &e), ERR_MISSING);
	CHECK_OK(table_open(s.lake, STR("0"), STR("events"), SMALL_TABLE, &(struct table_fresh){&schema, ICE_HOUR, 2},
	                    NULL, &other, &e), &e);
	table_close(other);
	other = NULL;
	CHECK_ERR(apply(&s, &counts, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "uuid") != NULL);
	CHECK_ERR(table_open(s.lake, STR("0"), STR("events"), SMALL_TABLE, NULL, &s.state, &other, &e), ERR_CORRUPT);
	small_close(&s);
}

TEST(apply_stops_at_a_manifest_that_was_changed)
{
	AUTO(arena)          a = ARENA_INIT;
	struct journal_entry first;
	struct small         s;
	struct apply_counts  counts;
	str                  text = {0};
	struct err           e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_commit(&s, 30, small_time(0), 60000000);
	first = s.entry;
	s.entry = (struct journal_entry){0};
	small_commit(&s, 30, small_time(0), 60000000); /* as many files and rows: only the checksum tells them apart */
	CHECK_OK(store_get_all(s.inner, first.tables.at[0].manifest, 0, &a, &text, &e), &e);
	CHECK_OK(store_replace(s.inner, s.entry.tables.at[0].manifest, text, &e), &e);
	CHECK_ERR(apply(&s, &counts, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "is not what entry 3 committed") != NULL);
	CHECK_LAKE(&s, 0, 0);
	entry_done(&first);
	small_close(&s);
}

static void foreign_field(struct ice_metadata *m)
{
	AUTO(schema) schema = {0};
	struct err   e = ERR_NONE;

	CHECK_OK(ice_read_schema(m, -1, &schema, &e), &e);
	schema_add(&schema, schema.root, STR("note"), TYPE_STRING, false, STR(""), 40);
	(void)ice_set_schema(m, &schema);
}

TEST(apply_keeps_fields_that_another_engine_added)
{
	AUTO(scan)   scan = {0};
	struct small s;
	struct err   e = ERR_NONE;

	small_open(&s, store_new_mem());
	schema_add(&s.table->schema, s.table->schema.root, STR("city"), TYPE_STRING, false, STR("/city"), 0);
	small_commit(&s, 30, small_time(0), 60000000);
	tamper(&s, foreign_field);
	check_apply(&s, 1, 1, 30);
	CHECK_OK(lake_scan(s.lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	CHECK(schema_find(&scan.schema, STR("city")) != NULL && schema_find(&scan.schema, STR("note")) != NULL);
	small_close(&s);
}

TEST(table_takes_the_journals_schema_where_the_catalog_is_behind)
{
	struct store *inner = store_new_mem();
	struct small  before, after;

	small_open(&before, inner);
	schema_add(&before.table->schema, before.table->schema.root, STR("city"), TYPE_STRING, false, STR("/city"), 0);
	small_commit(&before, 30, small_time(0), 60000000);
	small_stop(&before); /* not applied */
	small_open(&after, inner);
	CHECK(schema_find(&after.table->schema, STR("city")) != NULL);
	CHECK_INT(after.table->schema_published, after.table->schema.count);
	CHECK_INT(after.table->bloom_ids[0], 1);
	small_close(&after);
}

/* "No table" would send a person looking for a table; what is wrong is that none can be made. */
TEST(table_that_cannot_be_made_says_why)
{
	AUTO(schema)       schema = {0};
	struct table_fresh fresh = {.schema = &schema, .transform = ICE_HOUR, .time_id = 2};
	struct table      *table = NULL;
	struct err         e = ERR_NONE;
	struct small       s;

	small_open(&s, store_new_mem());
	small_schema(&schema);
	for (uint64_t n = 1; n <= 16; n++)
		store_fault_at(s.fault, STORE_PUT_NEW, n, FAULT_BEFORE);
	CHECK_ERR(table_open(s.lake, STR("0"), STR("events"), STR("visit"), &fresh, &s.state, &table, &e), ERR_IO);
	CHECK(strstr(e.text, "no table") == NULL);
	small_close(&s);
}

/* Every call of commit and apply fails once in each way; afterwards a new writer finds every row once. */
TEST(any_single_fault_loses_and_doubles_nothing)
{
	uint64_t     calls;
	struct small s;

	small_open(&s, store_new_mem());
	calls = store_fault_calls(s.fault, STORE_ANY_VERB);
	small_commit(&s, 90, small_time(0), 60000000);
	small_apply(&s);
	calls = store_fault_calls(s.fault, STORE_ANY_VERB) - calls;
	small_close(&s);
	for (uint64_t n = 1; n <= calls; n++) {
		for (int kind = FAULT_BEFORE; kind < FAULT_KIND_COUNT; kind++) {
			struct store       *inner = store_new_mem();
			struct small        faulty, next;
			struct apply_counts counts;
			struct err          e = ERR_NONE;
			bool                is_true;

			small_open(&faulty, inner);
			small_fill(&faulty, 90, small_time(0), 60000000);
			store_fault_at(faulty.fault, STORE_ANY_VERB, n, (enum fault_kind)kind);
			if (small_flush(&faulty, &e) == 0 && small_put(&faulty, &e) == 0)
				(void)!lake_apply_entry(faulty.lake, faulty.workers, STR("0"), &faulty.entry, &counts, &e);
			small_stop(&faulty);
			small_open(&next, inner);
			is_true = state_position(&next.state, STR("p"), STR("f")).len > 0;
			CHECK_OK(apply(&next, &counts, &e), &e);
			CHECK_LAKE(&next, is_true ? 90 : 0, is_true ? 2 : 0);
			small_close(&next);
		}
	}
}

/* Many tables brought up at once: in rounds, each once, and with no more waits for the disk than a few take. */
#include <stdatomic.h>

#include "os/fs.h"
#include "tests/lib/small_lake.h"

enum { TABLES_MAX = 300 };

/* The real files, with a count of what is waited for. */
static struct {
	struct fs     fs;
	atomic_uint   waits;
} spy;

static int spy_sync(struct fs *fs, int handle, struct err *e)
{
	(void)fs;
	spy.waits++;
	return fs_real()->sync(fs_real(), handle, e);
}

static int spy_sync_folder(struct fs *fs, const char *path, struct err *e)
{
	(void)fs;
	spy.waits++;
	return fs_real()->sync_folder(fs_real(), path, e);
}

static int spy_sync_all(struct fs *fs, const char *path, struct err *e)
{
	(void)fs;
	spy.waits++;
	return fs_real()->sync_all(fs_real(), path, e);
}

static struct store *spy_store(void)
{
	struct store *s = NULL;
	struct err    e = ERR_NONE;

	spy.fs = *fs_real();
	spy.fs.sync = spy_sync;
	spy.fs.sync_folder = spy_sync_folder;
	spy.fs.sync_all = spy_sync_all;
	CHECK_OK(store_open_dir(&spy.fs, test_folder(), &s, &e), &e);
	return s;
}

/* A writer with so many tables t0, t1, ... of one row an entry. */
struct many {
	struct lake         *lake;
	struct workers      *workers;
	struct pool         *pool;
	struct journal       journal;
	struct journal_state state;
	struct journal_entry entry;
	size_t               count;
	str                  names[TABLES_MAX];
	struct table        *tables[TABLES_MAX];
	struct columns       columns[TABLES_MAX];
	struct arena         arena;
};

static void many_tables(struct many *m)
{
	AUTO(schema)       schema = {0};
	struct table_fresh fresh = {&schema, ICE_HOUR, 2};
	struct table_want *wants = ARENA_ARRAY(&m->arena, struct table_want, m->count);
	struct err         e = ERR_NONE;

	small_schema(&schema);
	for (size_t i = 0; i < m->count; i++) {
		m->names[i] = arena_format(&m->arena, "t%zu", i);
		wants[i] = (struct table_want){m->names[i], &fresh};
	}
	tables_make(m->lake, STR("0"), STR("events"), wants, m->count, &m->state);
	for (size_t i = 0; i < m->count; i++) {
		CHECK_OK(table_open(m->lake, STR("0"), STR("events"), m->names[i], NULL, &m->state, &m->tables[i], &e), &e);
		columns_init(&m->columns[i], m->pool, &m->tables[i]->schema);
	}
}

/* The store goes with it. */
static void many_open(struct many *m, struct store *s, size_t count, size_t workers)
{
	struct err e = ERR_NONE;

	*m = (struct many){.count = count, .workers = workers_new(workers), .pool = pool_new(64 << 20)};
	CHECK_OK(lake_open(s, catalog_new_dir(s), clock_real(), true, &m->lake, &e), &e);
	CHECK_OK(journal_open(m->lake, STR("0"), &m->journal, &m->state, &e), &e);
	many_tables(m);
}

static void many_close(struct many *m)
{
	for (size_t i = 0; i < m->count; i++) {
		columns_done(&m->columns[i]);
		table_close(m->tables[i]);
	}
	state_done(&m->state);
	entry_done(&m->entry);
	pool_free(m->pool);
	workers_free(m->workers);
	lake_close(m->lake);
	arena_done(&m->arena);
}

/* One row in each table. */
static void many_commit(struct many *m)
{
	struct origin     o = {STR("0"), m->journal.epoch, m->journal.head + 1};
	struct flush_job *jobs = ARENA_ARRAY(&m->arena, struct flush_job, m->count);
	struct err        e = ERR_NONE;
	int64_t           rows = (int64_t)m->count;

	for (size_t i = 0; i < m->count; i++) {
		const struct field *root = m->tables[i]->schema.root;
		uint32_t            row = m->columns[i].row_count++;

		col_set_string(&m->columns[i], columns_col(&m->columns[i], root->children[0]), row, STR("e"));
		col_set_long(&m->columns[i], columns_col(&m->columns[i], root->children[1]), row, small_time(0));
		jobs[i] = (struct flush_job){m->tables[i], &m->columns[i]};
	}
	entry_done(&m->entry);
	CHECK_OK(lake_flush(m->lake, m->workers, &o, jobs, m->count, &m->entry, &e), &e);
	*VEC_ADD(&m->entry.counts) = (struct entry_counts){.pipeline = STR("p"), .records = rows, .rows = rows};
	CHECK_OK(journal_commit(&m->journal, &m->entry, &e), &e);
	for (size_t i = 0; i < m->count; i++) {
		columns_clear(&m->columns[i]);
		table_published(m->tables[i]);
	}
}

static int many_apply(struct many *m, struct apply_counts *out, struct err *e)
{
	*out = (struct apply_counts){0};
	return lake_apply_entry(m->lake, m->workers, STR("0"), &m->entry, out, e);
}

/* How many rows a reader sees in the table; each file has one. */
static int64_t rows_of(struct many *m, size_t table)
{
	AUTO(scan) scan = {0};
	struct err e = ERR_NONE;
	int64_t    rows = 0;

	CHECK_OK(lake_scan(m->lake, STR("events"), m->names[table], NULL, &scan, &e), &e);
	for (size_t i = 0; i < scan.file_count; i++)
		rows += scan.files[i].stats.rows;
	CHECK_INT((int64_t)scan.file_count, rows);
	return rows;
}

static void check_all(struct many *m, int64_t rows)
{
	for (size_t i = 0; i < m->count; i++)
		CHECK_INT(rows_of(m, i), rows);
}

TEST(many_tables_wait_no_longer_than_a_few)
{
	static const size_t counts[] = {2, 60};

	for (int i = 0; i < 2; i++) {
		struct store       *s = spy_store();
		struct many         m;
		struct apply_counts counted;
		struct err          e = ERR_NONE;
		unsigned            before;

		many_open(&m, s, counts[i], 2);
		spy.waits = 0;
		many_commit(&m);
		CHECK_INT(spy.waits, 3); /* the files; the entry and its name */
		before = spy.waits;
		CHECK_OK(many_apply(&m, &counted, &e), &e);
		CHECK_INT(spy.waits - before, 3); /* documents with what they name, their names, hints */
		CHECK_INT(counted.tables, (int64_t)counts[i]);
		check_all(&m, 1);
		many_close(&m);
	}
}

TEST(many_tables_are_made_together)
{
	struct store      *s = spy_store();
	AUTO(schema)       schema = {0};
	struct table_fresh fresh = {&schema, ICE_HOUR, 2};
	struct table_want  wants[] = {{STR("t1"), &fresh}, {STR("new_1"), &fresh}, {STR("new_2"), &fresh}};
	AUTO(arena)        a = ARENA_INIT;
	struct many        m;
	struct err         e = ERR_NONE;

	many_open(&m, s, 2, 1);
	small_schema(&schema);
	spy.waits = 0;
	tables_make(m.lake, STR("0"), STR("events"), wants, 3, &m.state);
	CHECK_INT(spy.waits, 3);
	for (int i = 0; i < 3; i++) {
		struct catalog_table at;

		CHECK_OK(catalog_load(m.lake->catalog, STR("events"), wants[i].name, &a, &at, &e), &e);
		CHECK_STR(at.version, STR("1"));
	}
	many_commit(&m);
	state_done(&m.state);
	m.state = (struct journal_state){0};
	CHECK_OK(journal_load(m.lake, STR("0"), &m.state, &e), &e);
	CHECK_OK(catalog_drop(m.lake->catalog, STR("events"), STR("t1"), &e), &e);
	tables_make(m.lake, STR("0"), STR("events"), wants, 3, &m.state); /* the journal has rows of t1: it is not made anew */
	CHECK_ERR(catalog_load(m.lake->catalog, STR("events"), STR("t1"), &a, &(struct catalog_table){0}, &e), ERR_MISSING);
	many_close(&m);
}

TEST(apply_takes_many_tables_in_rounds)
{
	struct store       *s = store_new_mem();
	struct many         m;
	struct apply_counts counted;
	struct err          e = ERR_NONE;

	many_open(&m, s, TABLES_MAX, 2);
	many_commit(&m);
	CHECK_OK(many_apply(&m, &counted, &e), &e);
	CHECK_INT(counted.tables, TABLES_MAX);
	CHECK_INT(counted.files, TABLES_MAX);
	CHECK_INT(counted.rows, TABLES_MAX);
	check_all(&m, 1);
	many_commit(&m);
	CHECK_OK(lake_apply(m.lake, m.workers, STR("0"), &counted, &e), &e);
	CHECK_INT(counted.tables, TABLES_MAX);
	CHECK_OK(many_apply(&m, &counted, &e), &e);
	CHECK_INT(counted.tables, 0);
	check_all(&m, 2);
	many_close(&m);
}

/* What stands before it is brought up, and nothing of it is lost or doubled when it is tried again. */
TEST(apply_of_many_names_the_table_that_fails)
{
	struct store       *s = store_new_mem();
	struct many         m;
	struct apply_counts counted;
	struct err          e = ERR_NONE;

	many_open(&m, s, 6, 1);
	many_commit(&m);
	CHECK_OK(catalog_drop(m.lake->catalog, STR("events"), m.names[4], &e), &e);
	CHECK_ERR(many_apply(&m, &counted, &e), ERR_MISSING);
	CHECK(strstr(e.text, "events.t4") != NULL);
	for (size_t i = 0; i < 4; i++)
		CHECK_INT(rows_of(&m, i), 1);
	CHECK_INT(rows_of(&m, 5), 0);
	CHECK_ERR(many_apply(&m, &counted, &e), ERR_MISSING);
	CHECK_INT(rows_of(&m, 0), 1);
	many_close(&m);
}

/* A catalog in which another applier of the same entry is faster, for some of the tables; and that refuses one at first. */
struct contested {
	struct catalog  base;
	struct catalog *inner; /* owned */
	struct many    *many;
	int             refusals; /* of t5 */
	int             answer;
	bool            has_raced;
};

static int contested_load(struct catalog *c, str space, str table, struct arena *a, struct catalog_table *out, struct err *e)
{
	return catalog_load(((struct contested *)c)->inner, space, table, a, out, e);
}

/* Of the entry the tables up to t3 alone. */
static int race(struct contested *c, struct err *e)
{
	AUTO(journal_entry) j = {0};
	AUTO_PTR(workers)   alone = workers_new(1);
	struct apply_counts counted;
	size_t              all;
	int                 rc;

	if (c->has_raced)
		return 0;
	c->has_raced = true;
	TRY(journal_read(c->many->lake, STR("0"), c->many->entry.seq, &j, e));
	all = j.tables.count;
	j.tables.count = 4;
	c->many->lake->catalog = c->inner;
	rc = lake_apply_entry(c->many->lake, alone, STR("0"), &j, &counted, e);
	c->many->lake->catalog = &c->base;
	j.tables.count = all;
	return rc;
}

static int contested_swap(struct catalog *catalog, str space, str table, str version, str metadata, struct err *e)
{
	struct contested *c = (struct contested *)catalog;

	TRY(race(c, e));
	if (str_eq(table, STR("t5")) && c->refusals > 0) {
		c->refusals--;
		return err_set(e, c->answer, "swap: refused by plan");
	}
	return catalog_swap(c->inner, space, table, version, metadata, e);
}

static void contested_close(struct catalog *c)
{
	catalog_close(((struct contested *)c)->inner);
}

static void contest(int refusals, int answer, int want, int64_t want_tables)
{
	static const struct catalog_ops ops = {
		.kind = "contested", .load = contested_load, .swap = contested_swap, .close = contested_close,
	};
	struct store       *s = store_new_mem();
	struct contested    c = {.base = {&ops}, .refusals = refusals, .answer = answer};
	struct many         m;
	struct apply_counts counted;
	struct err          e = ERR_NONE;

	many_open(&m, s, 8, 2);
	many_commit(&m);
	c.inner = m.lake->catalog;
	c.many = &m;
	m.lake->catalog = &c.base;
	CHECK_INT(many_apply(&m, &counted, &e), want);
	CHECK_INT(counted.tables, want_tables);
	for (size_t i = 0; i < m.count; i++)
		CHECK_INT(rows_of(&m, i), i == 5 && want < 0 ? 0 : 1);
	many_close(&m);
}

TEST(apply_of_many_looks_again_at_those_that_lost)
{
	contest(0, 0, 0, 4); /* four were another's */
	contest(1, ERR_CONFLICT, 0, 4);
	contest(3, ERR_IO, 0, 4);
	contest(1, ERR_DENIED, ERR_DENIED, 0);
}

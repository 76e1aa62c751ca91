#include "ingest/writer.h"

#include "ingest/standard.h"
#include "os/clock.h"
#include "store/fault.h"
#include "tests/unit/ingest/pipe.h"

struct bench {
	struct pipe     pipe;
	struct store   *inner;
	struct lake    *lake;
	struct workers *workers;
	struct writer   writer;
	struct err      e;
};

/* A writer of its own on the lake in `inner`. */
static void bench_open(struct bench *b, struct store *inner)
{
	struct store *s = store_new_fault(inner, NULL);

	*b = (struct bench){.inner = inner};
	pipe_init(&b->pipe);
	b->workers = workers_new(1);
	CHECK_OK(lake_open(s, catalog_new_dir(s), clock_real(), true, &b->lake, &b->e), &b->e);
	CHECK_OK(writer_open(b->lake, b->workers, &(struct writer_conf){.lane = STR("0"), .memory_bytes = 1 << 20}, &b->writer, &b->e), &b->e);
}

static void bench_close(struct bench *b)
{
	writer_done(&b->writer);
	lake_close(b->lake);
	workers_free(b->workers);
	pipe_done(&b->pipe);
}

static int target(struct bench *b, const char *name, uint32_t *out)
{
	AUTO(schema)       schema = {0};
	struct table_fresh fresh = {.schema = &schema, .transform = ICE_DAY};

	standard_schema(&b->pipe.conf, &b->pipe.conf.names[0], &schema);
	fresh.time_id = schema_child(schema.root, STR("event_time"))->id;
	return writer_target(&b->writer, STR("events"), str_of(name), &fresh, out, &b->e);
}

static void row(struct bench *b, uint32_t index, const char *id)
{
	struct columns     *c = &b->writer.targets.at[index]->columns;
	const struct field *fields[STANDARD_COUNT];

	standard_fields(c->schema, fields);
	col_set_string(c, columns_col(c, fields[STANDARD_ID]), c->row_count, str_of(id));
	col_set_string(c, columns_col(c, fields[STANDARD_NAME]), c->row_count, STR("n"));
	col_set_string(c, columns_col(c, fields[STANDARD_POSITION]), c->row_count, STR("p:0"));
	col_set_long(c, columns_col(c, fields[STANDARD_TIME]), c->row_count, PIPE_NOW);
	col_set_long(c, columns_col(c, fields[STANDARD_INGESTED]), c->row_count, PIPE_NOW);
	c->row_count++;
	writer_add_counts(&b->writer, &(struct entry_counts){.pipeline = STR("test"), .records = 1, .rows = 1});
}

static void move(struct bench *b, const char *key, const char *from, const char *to)
{
	struct run run = {0};

	*VEC_ADD(&run.parts) = (struct run_part){.key = str_of(key), .from = str_of(from), .to = str_of(to)};
	writer_move(&b->writer, STR("test"), &run);
	run_done(&run);
}

static int commit(struct bench *b)
{
	return writer_commit(&b->writer, NULL, 0, true, &b->e);
}

TEST(writer_gathers_an_entry_from_many_runs)
{
	struct bench b;
	uint32_t     one, other, again;

	bench_open(&b, store_new_mem());
	CHECK_OK(commit(&b), &b.e); /* nothing gathered */
	CHECK_INT(b.writer.counts.commits, 0);
	CHECK_OK(target(&b, "one", &one), &b.e);
	CHECK_OK(target(&b, "other", &other), &b.e);
	CHECK_OK(target(&b, "one", &again), &b.e);
	CHECK(one == again && one != other);
	row(&b, one, "e1");
	row(&b, one, "e2");
	move(&b, "f", "", "1");
	move(&b, "f", "1", "2");
	move(&b, "g", "", "7");
	CHECK_OK(commit(&b), &b.e);
	CHECK_INT(b.writer.entry.positions.count, 2);
	CHECK_STR(b.writer.entry.positions.at[0].from, STR(""));
	CHECK_STR(b.writer.entry.positions.at[0].to, STR("2"));
	CHECK_INT(b.writer.entry.counts.count, 1);
	CHECK_INT(b.writer.entry.counts.at[0].rows, 2);
	CHECK_INT(b.writer.entry.tables.count, 1);
	CHECK_INT(b.writer.counts.rows, 2);
	CHECK_INT(b.writer.targets.at[one]->columns.row_count, 0);
	writer_begin(&b.writer);
	CHECK_INT(b.writer.entry.positions.count, 0);
	move(&b, "f", "2", "3"); /* no row: a position all the same */
	CHECK_OK(commit(&b), &b.e);
	CHECK_INT(b.writer.entry.positions.count, 1);
	CHECK_INT(b.writer.counts.commits, 2);
	bench_close(&b);

	bench_open(&b, b.inner);
	CHECK_STR(state_position(&b.writer.state, STR("test"), STR("f")), STR("3"));
	CHECK_STR(state_position(&b.writer.state, STR("test"), STR("g")), STR("7"));
	CHECK_STR(state_position(&b.writer.state, STR("other"), STR("f")), STR(""));
	bench_close(&b);
	store_close(b.inner);
}

TEST(writer_stops_when_another_has_taken_over)
{
	struct bench old, young;
	uint32_t     t;

	bench_open(&old, store_new_mem());
	CHECK_OK(target(&old, "one", &t), &old.e);
	row(&old, t, "e1");
	move(&old, "f", "", "1");
	bench_open(&young, old.inner);
	CHECK_ERR(commit(&old), ERR_CONFLICT);
	CHECK_ERR(commit(&old), ERR_CONFLICT);
	CHECK_STR(state_position(&young.writer.state, STR("test"), STR("f")), STR(""));
	CHECK_OK(target(&young, "one", &t), &young.e);
	row(&young, t, "e1");
	move(&young, "f", "", "1");
	CHECK_OK(commit(&young), &young.e);
	bench_close(&old);
	bench_close(&young);
	store_close(young.inner);
}

TEST(writer_says_which_table_cannot_be_opened)
{
	struct bench b;
	uint32_t     t;

	bench_open(&b, store_new_mem());
	CHECK_OK(target(&b, "one", &t), &b.e);
	bench_close(&b);
	bench_open(&b, b.inner);
	CHECK_ERR(target(&b, "Not A Table", &t), ERR_INPUT);
	CHECK(strstr(b.e.text, "Not A Table") != NULL);
	CHECK_INT(b.writer.targets.count, 0);
	bench_close(&b);
	store_close(b.inner);
}

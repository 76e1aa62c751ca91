/* small_lake.h - a lake of a few rows, for tests that need one: one lane, one table, one writer.
 *
 *     struct small s;
 *     small_open(&s, store_new_mem());                  faults may be planned on s.fault
 *     small_commit(&s, 100, small_time(0), 60000000);   100 rows, a minute apart; then small_apply(&s)
 *     small_close(&s);
 *
 * Row i of the lake's life is event "e<i>" with amount i; every seventh has no amount, and every one has the list
 * tags = ["t0", .. i % 3 of them]. All is inline so that the test of any folder above lake may use it.
 */
#ifndef TESTS_SMALL_LAKE_H
#define TESTS_SMALL_LAKE_H

#include <stdio.h>

#include "catalog/catalog.h"
#include "lake/scan.h"
#include "lake/table.h"
#include "os/clock.h"
#include "os/workers.h"
#include "store/fault.h"
#include "tests/lib/test.h"

struct small {
	struct store        *inner, *fault; /* the lake stands on `fault` */
	struct lake         *lake;
	struct workers      *workers;
	struct pool         *pool;
	struct table        *table;
	struct columns       columns;
	struct journal       journal;
	struct journal_state state;
	struct journal_entry entry; /* the last one committed */
	uint64_t             rows;  /* made so far */
	char                 position[24];
};

#define SMALL_TABLE STR("push")

/* Hours after 2015-01-01T00:00:00Z. */
static inline int64_t small_time(int64_t hours)
{
	return (1420070400 + hours * 3600) * INT64_C(1000000);
}

static inline void small_schema(struct schema *out)
{
	struct field *tags;

	schema_init(out);
	schema_add(out, out->root, STR("event_id"), TYPE_STRING, true, STR(""), 1);
	schema_add(out, out->root, STR("event_time"), TYPE_TIMESTAMPTZ, false, STR(""), 2);
	schema_add(out, out->root, STR("amount"), TYPE_LONG, false, STR("/amount"), 3);
	tags = schema_add(out, out->root, STR("tags"), TYPE_LIST, false, STR("/tags"), 4);
	schema_add(out, tags, STR("element"), TYPE_STRING, false, STR(""), 5);
}

static inline void small_table(struct small *s)
{
	AUTO(schema) schema = {0};
	struct err   e = ERR_NONE;

	small_schema(&schema);
	CHECK_OK(table_open(s->lake, STR("0"), STR("events"), SMALL_TABLE,
	                    &(struct table_fresh){&schema, ICE_HOUR, 2}, &s->state, &s->table, &e), &e);
	columns_init(&s->columns, s->pool, &s->table->schema);
}

/* A writer, the first or another one, on the lake in `inner`, which stays the caller's with small_stop and goes with small_close. */
static inline void small_open(struct small *s, struct store *inner)
{
	struct err e = ERR_NONE;

	*s = (struct small){.inner = inner, .fault = store_new_fault(inner, NULL)};
	s->workers = workers_new(2);
	s->pool = pool_new(64 << 20);
	CHECK_OK(lake_open(s->fault, catalog_new_dir(s->fault), clock_real(), true, &s->lake, &e), &e);
	CHECK_OK(journal_open(s->lake, STR("0"), &s->journal, &s->state, &e), &e);
	(void)snprintf(s->position, sizeof(s->position), "%.*s", STR_ARG(state_position(&s->state, STR("p"), STR("f"))));
	small_table(s);
}

/* Leave, as a crash would: nothing is written. */
static inline void small_stop(struct small *s)
{
	columns_done(&s->columns);
	table_close(s->table);
	state_done(&s->state);
	entry_done(&s->entry);
	pool_free(s->pool);
	workers_free(s->workers);
	lake_close(s->lake);
}

static inline void small_close(struct small *s)
{
	small_stop(s);
	store_close(s->inner);
}

static inline void small_row(struct small *s, int64_t us, bool has_time)
{
	const struct field *root = s->table->schema.root;
	uint32_t            row = s->columns.row_count++;
	uint64_t            i = s->rows++;
	uint32_t            first;
	char                id[24];
	int                 len = snprintf(id, sizeof(id), "e%llu", (unsigned long long)i);

	col_set_string(&s->columns, columns_col(&s->columns, root->children[0]), row, str_make(id, (size_t)len));
	if (has_time)
		col_set_long(&s->columns, columns_col(&s->columns, root->children[1]), row, us);
	if (i % 7 != 0)
		col_set_long(&s->columns, columns_col(&s->columns, root->children[2]), row, (int64_t)i);
	first = col_set_list(&s->columns, columns_col(&s->columns, root->children[3]), row, (uint32_t)(i % 3));
	for (uint32_t k = 0; k < i % 3; k++)
		col_set_string(&s->columns, columns_col(&s->columns, root->children[3]->children[0]), first + k,
		               k == 0 ? STR("t0") : STR("t1"));
}

static inline void small_fill(struct small *s, uint32_t rows, int64_t first_us, int64_t step_us)
{
	for (uint32_t i = 0; i < rows; i++)
		small_row(s, first_us + (int64_t)i * step_us, true);
}

/* Flush what is gathered into a new s->entry, with a position, an id run and counts that balance. */
static inline int small_flush(struct small *s, struct err *e)
{
	struct origin  o = {STR("0"), s->journal.epoch, s->journal.head + 1};
	struct arena  *a;
	struct entry_ids ids;
	char           checksum[33];
	int64_t        rows = s->columns.row_count;

	entry_done(&s->entry);
	TRY(lake_flush(s->lake, s->workers, &o, &(struct flush_job){s->table, &s->columns}, 1, &s->entry, e));
	columns_clear(&s->columns);
	a = &s->entry.arena;
	lake_checksum(STR("ids"), checksum);
	ids = (struct entry_ids){.pipeline = STR("p"), .key = lake_ids_key(a, o.lane, lake_origin(a, &o, 99)),
	                         .checksum = arena_str(a, str_of(checksum)), .count = rows, .bytes = 3};
	TRY(store_put_sure(s->lake->store, ids.key, STR("ids"), e));
	*VEC_ADD(&s->entry.ids) = ids;
	*VEC_ADD(&s->entry.positions) = (struct entry_position){
		.pipeline = STR("p"), .key = STR("f"), .from = arena_str(a, str_of(s->position)),
		.to = arena_format(a, "at-%llu", (unsigned long long)s->rows),
	};
	*VEC_ADD(&s->entry.counts) = (struct entry_counts){STR("p"), rows + 2, rows, 1, 1, 0, 0};
	return 0;
}

static inline int small_put(struct small *s, struct err *e)
{
	TRY(journal_commit(&s->journal, &s->entry, e));
	table_published(s->table);
	(void)snprintf(s->position, sizeof(s->position), "at-%llu", (unsigned long long)s->rows);
	return 0;
}

static inline void small_commit(struct small *s, uint32_t rows, int64_t first_us, int64_t step_us)
{
	struct err e = ERR_NONE;

	small_fill(s, rows, first_us, step_us);
	CHECK_OK(small_flush(s, &e), &e);
	CHECK_OK(small_put(s, &e), &e);
}

static inline void small_apply(struct small *s)
{
	struct err          e = ERR_NONE;
	struct apply_counts counts;

	CHECK_OK(lake_apply_entry(s->lake, s->workers, STR("0"), &s->entry, &counts, &e), &e);
}

/* Set a property of the table, as an operator would. */
static inline void small_property(struct small *s, str name, str value)
{
	AUTO(arena)          a = ARENA_INIT;
	AUTO(ice_metadata)   m = {0};
	AUTO(buf)            text = BUF(0);
	struct catalog_table at;
	struct err           e = ERR_NONE;

	CHECK_OK(catalog_load(s->lake->catalog, STR("events"), SMALL_TABLE, &a, &at, &e), &e);
	CHECK_OK(ice_metadata_parse(at.metadata, &m, &e), &e);
	ice_set_property(&m, name, value);
	ice_metadata_write(&m, &text);
	CHECK_OK(catalog_swap(s->lake->catalog, STR("events"), SMALL_TABLE, at.version, buf_str(&text), &e), &e);
}

/* So many commits of one file each, applied one by one. */
static inline void small_grow(struct small *s, uint32_t commits)
{
	for (uint32_t i = 0; i < commits; i++) {
		small_commit(s, 2, small_time(0), 60000000);
		small_apply(s);
	}
}

/* Objects whose key begins so. */
static inline int small_count_key(void *context, str key, uint64_t size, struct err *e)
{
	(void)key, (void)size, (void)e;
	++*(int64_t *)context;
	return 0;
}

static inline int64_t small_objects(struct small *s, str prefix)
{
	struct err e = ERR_NONE;
	int64_t    count = 0;

	CHECK_OK(store_list(s->inner, prefix, STR(""), small_count_key, &count, &e), &e);
	return count;
}

/* Rows and files of the table as a reader sees it. */
static inline void small_count(struct small *s, int64_t *rows, size_t *files)
{
	AUTO(scan) scan = {0};
	struct err e = ERR_NONE;

	*rows = 0;
	CHECK_OK(lake_scan(s->lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	*files = scan.file_count;
	for (size_t i = 0; i < scan.file_count; i++)
		*rows += scan.files[i].stats.rows;
}

#define CHECK_LAKE(s, want_rows, want_files)               \
	do {                                               \
		int64_t rows_;                             \
		size_t  files_;                            \
		small_count((s), &rows_, &files_);         \
		CHECK_INT(rows_, (want_rows));             \
		CHECK_INT(files_, (want_files));           \
	} while (0)

#endif

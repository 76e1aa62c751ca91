#include "lake/flush_int.h"
#include "os/fs.h"
#include "parquet/footer.h"
#include "tests/lib/small_lake.h"

TEST(rows_come_out_by_time_and_then_by_number)
{
	struct pool     *pool = pool_new(1 << 20);
	struct schema    schema;
	struct columns   c;
	struct col      *time;
	struct timed_row out[3000];
	uint32_t         without[3000], count, empty = 0;

	small_schema(&schema);
	columns_init(&c, pool, &schema);
	time = columns_col(&c, schema.root->children[1]);
	for (uint32_t row = 0; row < 3000; row++, c.row_count++) {
		if (test_random() % 10 == 0)
			empty++;
		else /* both sides of 1970, many alike, and both ends of the range */
			col_set_long(&c, time, row, row == 5 ? INT64_MIN : row == 6 ? INT64_MAX
			                              : (int64_t)(test_random() % 1000) * 77777777 - 38888888500);
	}
	count = rows_by_time(time, c.row_count, out, without);
	CHECK_INT(count, 3000 - empty);
	for (uint32_t i = 1; i < count; i++)
		CHECK(out[i - 1].us < out[i].us || (out[i - 1].us == out[i].us && out[i - 1].row < out[i].row));
	for (uint32_t i = 1; i < empty; i++)
		CHECK(without[i - 1] < without[i]);
	CHECK_INT(rows_by_time(NULL, 3000, out, without), 0);
	columns_done(&c);
	schema_done(&schema);
	pool_free(pool);
}

/* What the journal entry says is what the store holds. */
static void check_entry(struct small *s)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;

	for (size_t i = 0; i < s->entry.tables.at[0].files.count; i++) {
		const struct entry_file *f = &s->entry.tables.at[0].files.at[i];
		struct parquet_footer    footer = {0};
		uint32_t                 size = 0;
		char                     checksum[33];
		str                      bytes = {0};

		CHECK_OK(store_get_all(s->lake->store, f->key, 0, &a, &bytes, &e), &e);
		CHECK_INT(bytes.len, f->bytes);
		lake_checksum(bytes, checksum);
		CHECK_STR(str_of(checksum), f->checksum);
		CHECK_OK(parquet_footer_size((const uint8_t *)bytes.ptr + bytes.len - 8, bytes.len, &size, &e), &e);
		CHECK_OK(parquet_footer_read(str_make(bytes.ptr + bytes.len - 8 - size, size), bytes.len, &a, &footer, &e),
		         &e);
		CHECK_INT(footer.row_count, f->rows);
		CHECK(str_starts(footer.origin, STR("L0-E1-S2-")));
	}
}

TEST(flush_splits_by_hour_also_before_1970)
{
	struct small s;
	struct err   e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_row(&s, -1, true);                        /* 1969-12-31T23 */
	small_row(&s, 0, true);                         /* 1970-01-01T00 */
	small_row(&s, 0, false);                        /* no time */
	small_row(&s, INT64_C(3600000000) - 1, true);   /* still hour 0 */
	small_row(&s, -INT64_C(3600000000), true);      /* 1969-12-31T23, its first instant */
	small_row(&s, -INT64_C(3600000000) - 1, true);  /* 22 */
	CHECK_OK(small_flush(&s, &e), &e);
	CHECK_INT(s.entry.tables.at[0].rows, 6);
	CHECK_INT(s.entry.tables.at[0].files.count, 4);
	if (s.entry.tables.at[0].files.count == 4) {
		static const struct {
			const char *key;
			int64_t     rows;
		} want[] = {
			{"events/push/data/event_time_hour=null/L0-E1-S2-0.parquet", 1},
			{"events/push/data/event_time_hour=1969-12-31-22/L0-E1-S2-1.parquet", 1},
			{"events/push/data/event_time_hour=1969-12-31-23/L0-E1-S2-2.parquet", 2},
			{"events/push/data/event_time_hour=1970-01-01-00/L0-E1-S2-3.parquet", 2},
		};
		for (size_t i = 0; i < 4; i++) {
			CHECK_STR(s.entry.tables.at[0].files.at[i].key, str_of(want[i].key));
			CHECK_INT(s.entry.tables.at[0].files.at[i].rows, want[i].rows);
		}
	}
	check_entry(&s);
	small_close(&s);
}

TEST(flush_then_commit_then_apply_is_what_a_scan_gives)
{
	struct small s;

	small_open(&s, store_new_mem());
	CHECK_LAKE(&s, 0, 0);
	small_commit(&s, 150, small_time(0) + 30000000, 60000000); /* hours 0, 1 and 2 */
	check_entry(&s);
	CHECK_LAKE(&s, 0, 0); /* true, and not yet shown */
	small_apply(&s);
	CHECK_LAKE(&s, 150, 3);
	small_close(&s);
}

TEST(flush_gives_the_same_bytes_for_the_same_rows)
{
	struct small one, two;

	small_open(&one, store_new_mem());
	small_open(&two, store_new_mem());
	small_commit(&one, 500, small_time(9), -60000000); /* backwards: sorting has work to do */
	small_commit(&two, 500, small_time(9), -60000000);
	CHECK_INT(one.entry.tables.at[0].files.count, two.entry.tables.at[0].files.count);
	for (size_t i = 0; i < one.entry.tables.at[0].files.count; i++)
		CHECK_STR(one.entry.tables.at[0].files.at[i].checksum, two.entry.tables.at[0].files.at[i].checksum);
	small_close(&one);
	small_close(&two);
}

TEST(flush_into_one_entry_twice_keeps_both)
{
	AUTO(journal_entry) entry = {0};
	struct small        s;
	struct origin       o;
	struct apply_counts counts = {0};
	struct err          e = ERR_NONE;

	small_open(&s, store_new_mem());
	o = (struct origin){STR("0"), s.journal.epoch, s.journal.head + 1};
	for (unsigned i = 0; i < 2; i++) {
		small_fill(&s, 10, small_time(0), 60000000);
		CHECK_OK(lake_flush(s.lake, s.workers, &o, &(struct flush_job){s.table, &s.columns}, 1, &entry, &e), &e);
		columns_clear(&s.columns);
	}
	CHECK_OK(journal_commit(&s.journal, &entry, &e), &e);
	CHECK_OK(lake_apply(s.lake, s.workers, STR("0"), &counts, &e), &e);
	CHECK_INT(counts.files, 2);
	CHECK_INT(counts.tables, 1);
	CHECK_LAKE(&s, 20, 2);
	small_close(&s);
}

TEST(flush_carries_a_grown_schema_to_the_catalog)
{
	AUTO(scan)   scan = {0};
	struct small s;
	struct field *added;
	struct err   e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_commit(&s, 10, small_time(0), 60000000);
	CHECK_INT(s.entry.tables.at[0].schema.len, 0);
	small_apply(&s);
	added = schema_add(&s.table->schema, s.table->schema.root, STR("city"), TYPE_STRING, false, STR("/city"), 0);
	small_row(&s, small_time(1), true);
	col_set_string(&s.columns, columns_col(&s.columns, added), 0, STR("Pisa"));
	CHECK_OK(small_flush(&s, &e), &e);
	CHECK(s.entry.tables.at[0].schema.len > 0);
	CHECK_OK(small_put(&s, &e), &e);
	CHECK_INT(s.table->schema_published, s.table->schema.count);
	small_apply(&s);
	CHECK_OK(lake_scan(s.lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	CHECK(schema_find(&scan.schema, STR("city")) != NULL);
	CHECK_INT(scan.snapshot.schema_id, 1);
	small_commit(&s, 5, small_time(2), 60000000);
	CHECK_INT(s.entry.tables.at[0].schema.len, 0); /* said once */
	small_close(&s);
}

TEST(flush_of_a_table_without_partitions_is_one_sorted_file)
{
	AUTO(schema)        schema = {0};
	AUTO(journal_entry) entry = {0};
	AUTO(scan)          scan = {0};
	struct small        s;
	struct table       *t = NULL;
	struct columns      c;
	struct apply_counts counts;
	struct origin       o;
	struct err          e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_schema(&schema);
	for (unsigned i = 0; i < 2; i++) { /* made, and then opened: its time column is found again by name */
		table_close(t);
		CHECK_OK(table_open(s.lake, STR("0"), STR("tarn"), STR("whole"), &(struct table_fresh){&schema, ICE_NONE, 2},
		                    &s.state, &t, &e), &e);
		CHECK_INT(t->time_id, 2);
		CHECK_INT(t->sort_order_id, 1);
	}
	columns_init(&c, s.pool, &t->schema);
	for (uint32_t row = 0; row < 100; row++, c.row_count++) {
		col_set_string(&c, columns_col(&c, t->schema.root->children[0]), row, STR("x"));
		col_set_long(&c, columns_col(&c, t->schema.root->children[1]), row, small_time(-(int64_t)row));
	}
	o = (struct origin){STR("0"), s.journal.epoch, s.journal.head + 1};
	CHECK_OK(lake_flush(s.lake, s.workers, &o, &(struct flush_job){t, &c}, 1, &entry, &e), &e);
	CHECK_OK(journal_commit(&s.journal, &entry, &e), &e);
	CHECK_OK(lake_apply_entry(s.lake, s.workers, STR("0"), &entry, &counts, &e), &e);
	CHECK_OK(lake_scan(s.lake, STR("tarn"), STR("whole"), &(struct scan_range){1, 2}, &scan, &e), &e);
	CHECK_INT(scan.file_count, 1); /* no partitions: nothing can be left out */
	CHECK(!scan.files[0].has_partition);
	CHECK_INT(scan.files[0].sort_order_id, 1);
	columns_done(&c);
	table_close(t);
	small_close(&s);
}

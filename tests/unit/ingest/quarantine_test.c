#include "ingest/quarantine.h"

#include "tests/unit/ingest/pipe.h"

static const struct col *col_of(const struct columns *c, const char *name)
{
	return columns_peek(c, schema_child(c->schema->root, str_of(name)));
}

TEST(quarantine_keeps_the_record_and_says_why)
{
	static const char   bad[] = "{\"id\":\"e1\",\"at\":\"\xFF\"}";
	AUTO(pipe)          p;
	AUTO(schema)        s = {0};
	struct pool        *pool = pool_new(1 << 20);
	struct columns      c;
	const struct event *ev;

	pipe_init(&p);
	quarantine_schema(&s);
	columns_init(&c, pool, &s);
	ev = pipe_open(&p, bad);
	quarantine_row(&c, &p.run, ev, STR("test"), STR("dir/file"), 77);
	ev = pipe_open(&p, "{\"id\":\"e1\",\"at\":null}");
	quarantine_row(&c, &p.run, ev, STR("test"), STR("dir/file"), 78);
	p.run.records.at[0].offset = UINT64_MAX;
	quarantine_row(&c, &p.run, ev, STR("test"), STR(""), 79);

	CHECK_INT(c.row_count, 3);
	CHECK_INT(col_of(&c, "quarantined_at")->longs[0], 77);
	CHECK_STR(col_string(col_of(&c, "pipeline"), 0), STR("test"));
	CHECK_STR(col_string(col_of(&c, "reason"), 0), STR("json.utf8"));
	CHECK_STR(col_string(col_of(&c, "reason"), 1), STR("time.missing"));
	CHECK_STR(col_string(col_of(&c, "message"), 1), STR("the event time is missing or null"));
	CHECK(!col_is_set(col_of(&c, "pointer"), 0) && col_is_set(col_of(&c, "pointer"), 1));
	CHECK_STR(col_string(col_of(&c, "pointer"), 0), STR("/at"));
	CHECK(col_is_set(col_of(&c, "byte_offset"), 0) && !col_is_set(col_of(&c, "byte_offset"), 1));
	CHECK_INT(col_of(&c, "byte_offset")->longs[0], 17);
	CHECK_STR(col_string(col_of(&c, "source_position"), 0), STR("dir/file:1000"));
	CHECK_STR(col_string(col_of(&c, "source_position"), 2), STR(":18446744073709551615"));
	CHECK_STR(col_string(col_of(&c, "record"), 0), str_of(bad));
	CHECK_INT(col_of(&c, "record_bytes")->longs[0], sizeof(bad) - 1);
	CHECK_STR(col_string(col_of(&c, "tarn_version"), 0), STR(TARN_VERSION));
	columns_done(&c);
	pool_free(pool);
}

#include "codec/avro.h"

#include "tests/lib/test.h"

#define SCHEMA                                                                                  \
	"{\"type\":\"record\",\"name\":\"event\",\"fields\":["                                  \
	"{\"name\":\"number\",\"type\":\"long\",\"field-id\":1},"                               \
	"{\"name\":\"text\",\"type\":[\"null\",\"string\"],\"field-id\":2},"                    \
	"{\"name\":\"flag\",\"type\":\"boolean\",\"field-id\":3},"                              \
	"{\"name\":\"list\",\"type\":{\"type\":\"array\",\"items\":\"int\"},\"field-id\":4}]}"

static const int64_t edges[] = {0, -1, 1, 63, 64, -64, -65, 8191, 8192, INT64_MAX, INT64_MIN};

enum { EDGES = sizeof(edges) / sizeof(edges[0]) };

static void write_events(enum avro_codec codec, size_t count, struct buf *out)
{
	AUTO(avro_writer) w = {0};
	struct err e = ERR_NONE;

	avro_begin(&w,
	           (struct avro_pair[]){{STR("avro.schema"), STR(SCHEMA)}, {STR("empty"), STR("")}}, 2,
	           codec, out);
	for (size_t i = 0; i < count; i++) {
		struct buf *b = avro_object(&w);

		avro_put_long(b, edges[i % EDGES]);
		avro_put_long(b, i % 2);
		if (i % 2)
			avro_put_str(b, STR("a text of some length"));
		avro_put_bool(b, i % 3 == 0);
		for (size_t k = 0; k < i % 4; k++) {
			avro_put_long(b, 1);
			avro_put_long(b, (int64_t)k);
		}
		avro_put_long(b, 0);
	}
	CHECK_OK(avro_end(&w, &e), &e);
}

struct seen {
	size_t count;
};

static int check_event(void *context, struct avro_cursor *c, const struct avro_type *t,
                       struct err *e)
{
	struct seen      *seen = context;
	size_t            i = seen->count++;
	struct avro_items it;
	int64_t           k = 0;

	(void)e;
	CHECK_INT(t->field_count, 4);
	CHECK_INT(t->fields[3].id, 4);
	CHECK_INT(avro_long(c, t->fields[0].type, 7), edges[i % EDGES]);
	CHECK_STR(avro_str(c, t->fields[1].type), i % 2 ? STR("a text of some length") : STR(""));
	CHECK_INT(avro_bool(c, t->fields[2].type, false), i % 3 == 0);
	for (it = avro_items(c, t->fields[3].type); avro_next(c, &it); k++)
		CHECK_INT(avro_long(c, it.type, 0), k);
	CHECK_INT(k, i % 4);
	return 0;
}

static int skip_event(void *context, struct avro_cursor *c, const struct avro_type *t,
                      struct err *e)
{
	struct seen *seen = context;

	(void)e;
	seen->count++;
	avro_skip(c, t);
	return 0;
}

/* Open, walk with `each`, and give the class. */
static int walk(str bytes, avro_each_fn *each, struct seen *seen)
{
	AUTO(arena) a = ARENA_INIT;
	struct avro_file f;
	struct err       e = ERR_NONE;

	TRY(avro_open(bytes, &a, &f, &e));
	return avro_each(&f, 64 << 20, each, seen, &e);
}

TEST(avro_gives_back_what_was_put)
{
	for (enum avro_codec codec = AVRO_PLAIN; codec <= AVRO_DEFLATE; codec++) {
		AUTO(buf) out = {0};
		struct seen seen = {0}, skipped = {0};

		write_events(codec, 20000, &out); /* several blocks */
		CHECK_INT(walk(buf_str(&out), check_event, &seen), 0);
		CHECK_INT(seen.count, 20000);
		CHECK_INT(walk(buf_str(&out), skip_event, &skipped), 0);
		CHECK_INT(skipped.count, 20000);
	}
}

TEST(avro_files_without_objects_have_a_header)
{
	AUTO(buf) out = {0};
	AUTO(arena) a = ARENA_INIT;
	struct seen      seen = {0};
	struct avro_file f;
	struct err       e = ERR_NONE;
	str              value = STR("not seen");

	write_events(AVRO_DEFLATE, 0, &out);
	CHECK_INT(walk(buf_str(&out), check_event, &seen), 0);
	CHECK_INT(seen.count, 0);
	CHECK_OK(avro_open(buf_str(&out), &a, &f, &e), &e);
	CHECK(avro_pair(&f, STR("avro.codec"), &value));
	CHECK_STR(value, STR("deflate"));
	CHECK(avro_pair(&f, STR("empty"), &value));
	CHECK_INT(value.len, 0);
	CHECK(!avro_pair(&f, STR("absent"), &value));
}

TEST(avro_longs_are_zigzag_varints)
{
	AUTO(buf) b = {0};

	avro_put_long(&b, 0);
	avro_put_long(&b, -1);
	avro_put_long(&b, 1);
	avro_put_long(&b, -64);
	avro_put_long(&b, 64);
	CHECK_STR(buf_str(&b), STR("\x00\x01\x02\x7F\x80\x01"));
}

TEST(avro_same_objects_make_the_same_file)
{
	AUTO(buf) one = {0};
	AUTO(buf) two = {0};

	write_events(AVRO_DEFLATE, 100, &one);
	write_events(AVRO_DEFLATE, 100, &two);
	CHECK(str_eq(buf_str(&one), buf_str(&two)));
}

/* A file with a schema of our choice and one plain block. */
static int walk_made(str schema, int64_t count, str block, struct seen *seen)
{
	AUTO(buf) out = {0};
	AUTO(avro_writer) w = {0};

	avro_begin(&w, (struct avro_pair[]){{STR("avro.schema"), schema}}, 1, AVRO_PLAIN, &out);
	avro_put_long(&out, count);
	avro_put_str(&out, block);
	buf_bytes(&out, w.sync, sizeof(w.sync));
	return walk(buf_str(&out), skip_event, seen);
}

TEST(avro_skips_every_kind)
{
	static const char schema[] =
		"{\"type\":\"record\",\"name\":\"all\",\"fields\":["
		"{\"name\":\"a\",\"type\":\"null\"},{\"name\":\"b\",\"type\":\"float\"},"
		"{\"name\":\"c\",\"type\":\"double\"},{\"name\":\"d\",\"type\":\"bytes\"},"
		"{\"name\":\"e\",\"type\":{\"type\":\"fixed\",\"name\":\"ns.four\",\"size\":4}},"
		"{\"name\":\"f\",\"type\":\"four\"},"
		"{\"name\":\"g\",\"type\":{\"type\":\"enum\",\"name\":\"colour\",\"symbols\":[\"R\"]}},"
		"{\"name\":\"h\",\"type\":{\"type\":\"map\",\"values\":\"int\"}},"
		"{\"name\":\"i\",\"type\":{\"type\":\"int\",\"logicalType\":\"date\"}},"
		"{\"name\":\"j\",\"type\":{\"type\":\"array\",\"items\":[\"null\",\"ns.four\"]}}]}";
	/* the array's run is told with its size: count -2, 6 bytes */
	static const char bytes[] = "ffff" "dddddddd" "\x06xyz" "1234" "5678" "\x00" "\x02\x02k\x0E\x00" "\x09"
				    "\x03\x0C\x00\x02" "9abc" "\x00";
	struct seen seen = {0};

	CHECK_INT(walk_made(str_of(schema), 1, str_make(bytes, sizeof(bytes) - 1), &seen), 0);
	CHECK_INT(seen.count, 1);
}

TEST(avro_refuses_schemas_without_end)
{
	struct seen seen = {0};

	/* a record in itself */
	CHECK_ERR(walk_made(STR("{\"type\":\"record\",\"name\":\"r\",\"fields\":["
	                        "{\"name\":\"next\",\"type\":[\"null\",\"r\"]}]}"),
	                    1, STR("\x00"), &seen),
	          ERR_CORRUPT);
	CHECK_ERR(walk_made(STR("[\"null\",[\"null\"]]"), 1, STR("\x00"), &seen), ERR_CORRUPT);
	CHECK_ERR(walk_made(STR("\"unheard\""), 1, STR("\x00"), &seen), ERR_CORRUPT);
	CHECK_ERR(walk_made(STR("7"), 1, STR("\x00"), &seen), ERR_CORRUPT);
	CHECK_INT(seen.count, 0);
}

/* Each record holds the one before it twice: 2^n values of no bytes. */
TEST(avro_work_is_bounded_where_values_cost_no_bytes)
{
	AUTO(buf) schema = {0};
	struct seen seen = {0};

	buf_add(&schema, STR("[{\"type\":\"record\",\"name\":\"r0\",\"fields\":[]}"));
	for (int i = 1; i < 30; i++)
		buf_print(&schema,
		          ",{\"type\":\"record\",\"name\":\"r%d\",\"fields\":[{\"name\":\"a\",\"type\":\"r%d\"},"
		          "{\"name\":\"b\",\"type\":\"r%d\"}]}",
		          i, i - 1, i - 1);
	buf_byte(&schema, ']');
	CHECK_ERR(walk_made(buf_str(&schema), 1, STR("\x3A"), &seen), ERR_CORRUPT);
	/* and so many nulls that nobody lives to count them */
	CHECK_ERR(walk_made(STR("\"null\""), INT64_MAX, STR(""), &seen), ERR_CORRUPT);
	CHECK_ERR(walk_made(STR("{\"type\":\"array\",\"items\":\"null\"}"), 1,
	                    STR("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\x00"), &seen),
	          ERR_CORRUPT);
	CHECK(seen.count < 10000);
}

TEST(avro_towers_of_shared_types_are_refused)
{
	AUTO(buf) schema = {0};
	struct seen seen = {0};

	buf_add(&schema, STR("[{\"type\":\"record\",\"name\":\"r0\",\"fields\":[]}"));
	for (int i = 1; i < 1000; i++)
		buf_print(&schema,
		          ",{\"type\":\"record\",\"name\":\"r%d\",\"fields\":[{\"name\":\"a\",\"type\":\"r%d\"}]}", i,
		          i - 1);
	buf_byte(&schema, ']');
	CHECK_ERR(walk_made(buf_str(&schema), 1, STR("\x00"), &seen), ERR_CORRUPT);
}

TEST(avro_ceiling_stops_a_bomb)
{
	AUTO(buf) out = {0};
	AUTO(buf) zeroes = {0};
	AUTO(avro_writer) w = {0};
	AUTO(arena) a = ARENA_INIT;
	struct avro_file f;
	struct err       e = ERR_NONE;
	struct seen      seen = {0};

	buf_fill(&zeroes, 0, 8 << 20);
	avro_begin(&w, (struct avro_pair[]){{STR("avro.schema"), STR("\"bytes\"")}}, 1,
	           AVRO_DEFLATE, &out);
	avro_put_str(avro_object(&w), buf_str(&zeroes));
	CHECK_OK(avro_end(&w, &e), &e);
	CHECK(out.len < 64 << 10);
	CHECK_OK(avro_open(buf_str(&out), &a, &f, &e), &e);
	CHECK_ERR(avro_each(&f, 1 << 20, skip_event, &seen, &e), ERR_LIMIT);
	CHECK(a.used < 2 << 20);
}

TEST(avro_every_cut_is_noticed)
{
	AUTO(buf) out = {0};

	write_events(AVRO_PLAIN, 30, &out);
	for (size_t len = 0; len < out.len; len++) {
		struct seen seen = {0};
		char       *copy = malloc(len + 1); /* its own allocation, so that reading past the cut is seen */
		int         status;

		memcpy(copy, out.ptr, len);
		status = walk(str_make(copy, len), skip_event, &seen);
		CHECK(status == ERR_CORRUPT || (status == 0 && seen.count == 0));
		free(copy);
	}
}

TEST(avro_survives_mutations)
{
	for (int round = 0; round < 4000; round++) {
		AUTO(buf) out = {0};
		struct seen seen = {0};
		int         status;

		write_events(round % 2 ? AVRO_DEFLATE : AVRO_PLAIN, 50, &out);
		for (uint64_t i = 0, n = 1 + test_random() % 4; i < n; i++)
			out.ptr[test_random() % out.len] = (char)test_random();
		status = walk(buf_str(&out), skip_event, &seen);
		CHECK(status <= 0 && status >= ERR_STOPPED);
		CHECK(seen.count < 100000);
	}
}

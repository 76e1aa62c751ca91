#include "base/arena.h"
#include "codec/thrift.h"
#include "tests/lib/test.h"

static void check_bytes(const struct buf *b, str want)
{
	CHECK_INT(b->len, want.len);
	CHECK(str_eq(buf_str(b), want));
}

TEST(thrift_writes_a_schema_element)
{
	AUTO(buf) b = BUF(0);
	struct thrift_out t = THRIFT_OUT(&b);

	thrift_i32(&t, 1, 2); /* INT64 */
	thrift_i32(&t, 3, 1); /* OPTIONAL */
	thrift_binary(&t, 4, STR("a"));
	thrift_i32(&t, 9, 1);
	thrift_end(&t);
	check_bytes(&b, STR("\x15\x04\x25\x02\x18\x01\x61\x55\x02\x00"));
}

TEST(thrift_writes_nested_structs_and_bools)
{
	AUTO(buf) b = BUF(0);
	struct thrift_out t = THRIFT_OUT(&b);

	thrift_i32(&t, 9, 0);
	buf_clear(&b);
	thrift_struct(&t, 10);
	thrift_struct(&t, 8);
	thrift_bool(&t, 1, true);
	thrift_struct(&t, 2);
	thrift_struct(&t, 2);
	for (int i = 0; i < 4; i++)
		thrift_end(&t);
	check_bytes(&b, STR("\x1C\x8C\x11\x1C\x2C\x00\x00\x00\x00"));
}

TEST(thrift_writes_long_steps_and_long_lists)
{
	AUTO(buf) b = BUF(0);
	struct thrift_out t = THRIFT_OUT(&b);

	thrift_i64(&t, 100, -1);
	thrift_list(&t, 101, THRIFT_TRUE, 2);
	thrift_item_bool(&t, true);
	thrift_item_bool(&t, false);
	thrift_list(&t, 102, THRIFT_I64, 15);
	check_bytes(&b, STR("\x06\xC8\x01\x01\x19\x21\x01\x02\x19\xF6\x0F"));
}

/* One of everything, with a field of each type to be skipped. */
static void write_all(struct buf *b)
{
	struct thrift_out t = THRIFT_OUT(b);

	thrift_bool(&t, 1, false);
	thrift_i16(&t, 2, -300);
	thrift_i32(&t, 3, INT32_MIN);
	thrift_i64(&t, 4, INT64_MIN);
	thrift_binary(&t, 5, STR("bytes\0here"));
	thrift_list(&t, 6, THRIFT_STRUCT, 20);
	for (int i = 0; i < 20; i++) {
		thrift_item_struct(&t);
		thrift_i32(&t, 1, i);
		thrift_list(&t, 2, THRIFT_BINARY, 1);
		thrift_item_binary(&t, STR("x"));
		thrift_end(&t);
	}
	thrift_struct(&t, 30);
	thrift_end(&t);
	thrift_i64(&t, 1000, 77);
	thrift_end(&t);
}

TEST(thrift_reads_back_and_skips)
{
	AUTO(buf) b = BUF(0);
	struct thrift_in t;
	enum thrift_type type, items;
	int64_t          sum = 0, last = 0;
	int              id;

	write_all(&b);
	t = thrift_in_open(buf_str(&b));
	while (thrift_next(&t, &id, &type)) {
		if (id == 1)
			CHECK_INT(type, THRIFT_FALSE);
		else if (id == 2)
			CHECK_INT(thrift_read_int(&t, type), -300);
		else if (id == 4)
			CHECK_INT(thrift_read_int(&t, type), INT64_MIN);
		else if (id == 5)
			CHECK_STR(thrift_read_binary(&t, type), STR("bytes\0here"));
		else if (id == 6)
			for (size_t n = thrift_read_list(&t, type, &items); n > 0; n--) {
				CHECK(thrift_read_struct(&t, items));
				while (thrift_next(&t, &id, &type))
					sum += thrift_read_int(&t, type); /* the list in it is not an integer: skipped */
			}
		else if (id == 1000)
			last = thrift_read_int(&t, type);
		else
			thrift_skip(&t, type);
	}
	CHECK(thrift_in_ok(&t));
	CHECK(t.at == t.end);
	CHECK_INT(sum, 190);
	CHECK_INT(last, 77);
}

static void read_any(str bytes)
{
	struct thrift_in t = thrift_in_open(bytes);
	enum thrift_type type;
	int              id;

	while (thrift_next(&t, &id, &type))
		thrift_skip(&t, type);
	CHECK(t.at <= t.end);
}

TEST(thrift_reader_stays_within_its_bytes)
{
	AUTO(buf) b = BUF(0);

	write_all(&b);
	/* Each in a piece of its own, for the sanitizer to see a step past its end. */
	for (size_t len = 0; len <= b.len; len++) {
		char *cut = xmalloc(len + 1);

		memcpy(cut, b.ptr, len);
		cut = xrealloc(cut, len ? len : 1);
		read_any(str_make(cut, len));
		for (unsigned i = 0; i < 20 && len > 0; i++) {
			cut[test_random() % len] = (char)test_random();
			read_any(str_make(cut, len));
		}
		free(cut);
	}
}

TEST(thrift_reader_refuses_depth_and_false_counts)
{
	AUTO(buf) deep = BUF(0);
	struct thrift_in t;
	enum thrift_type type;
	int              id;

	buf_fill(&deep, 0x1C, 100000); /* a struct in a struct in ... */
	t = thrift_in_open(buf_str(&deep));
	CHECK(thrift_next(&t, &id, &type));
	thrift_skip(&t, type);
	CHECK(!thrift_in_ok(&t));
	t = thrift_in_open(STR("\x19\xF6\xFF\xFF\xFF\xFF\x0F"));
	CHECK(thrift_next(&t, &id, &type));
	CHECK_INT(thrift_read_list(&t, type, &type), 0);
	CHECK(!thrift_in_ok(&t));
}

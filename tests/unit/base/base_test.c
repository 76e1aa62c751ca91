#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/pool.h"
#include "base/vec.h"
#include "tests/lib/test.h"

TEST(str_reads_integers_at_both_edges)
{
	int64_t v = 0;

	CHECK(str_to_i64(STR("-9223372036854775808"), &v));
	CHECK_INT(v, INT64_MIN);
	CHECK(str_to_i64(STR("9223372036854775807"), &v));
	CHECK_INT(v, INT64_MAX);
	CHECK(!str_to_i64(STR("9223372036854775808"), &v));
	CHECK(!str_to_i64(STR("-"), &v));
	CHECK(!str_to_i64(STR("1x"), &v));
}

TEST(str_distance_counts_edits)
{
	CHECK_INT(str_distance(STR("partiton"), STR("partition"), 9), 1);
	CHECK_INT(str_distance(STR("kitten"), STR("sitting"), 9), 3);
	CHECK_INT(str_distance(STR(""), STR("abc"), 2), 2);
}

TEST(err_keeps_its_class_and_gains_context)
{
	struct err e = ERR_NONE;

	CHECK_INT(err_sys(&e, ENOENT, "open %s", "x"), ERR_MISSING);
	CHECK_INT(err_add(&e, "read config"), ERR_MISSING);
	CHECK_STR(str_of(e.text), STR("read config: open x: No such file or directory"));
}

TEST(buf_stops_at_its_ceiling)
{
	AUTO(buf) b = BUF(10);

	buf_add(&b, STR("12345678"));
	CHECK(!buf_over(&b));
	buf_add(&b, STR("90x"));
	CHECK(buf_over(&b));
	CHECK_STR(buf_str(&b), STR("12345678"));
}

TEST(buf_writes_json_strings)
{
	AUTO(buf) b = BUF(0);

	buf_json(&b, STR("a\"\\\n\x01\xC3\xA9\xFF\xED\xA0\x80"));
	CHECK_STR(buf_str(&b), STR("\"a\\\"\\\\\\n\\u0001\xC3\xA9\\ufffd\\ufffd\\ufffd\\ufffd\""));
	buf_clear(&b);
	buf_u32le(&b, 0x04030201);
	CHECK_STR(buf_str(&b), STR("\1\2\3\4"));
}

TEST(map_keeps_order_and_forgets_what_was_removed)
{
	AUTO(map) m = {0};
	char      key[32];

	for (unsigned i = 0; i < 1000; i++) {
		int len = snprintf(key, sizeof(key), "key-%u", i);
		map_put(&m, str_make(key, (size_t)len))->num = i;
	}
	map_remove(&m, STR("key-7"));
	CHECK(map_get(&m, STR("key-7")) == NULL);
	CHECK_INT(map_get(&m, STR("key-999"))->num, 999);
	CHECK_INT(m.live, 999);
	CHECK_STR(m.items[3].key, STR("key-3"));
	map_put(&m, STR("key-7"))->num = 70;
	CHECK_INT(map_get(&m, STR("key-7"))->num, 70);
}

TEST(arena_gives_zeroed_aligned_pieces)
{
	AUTO(arena) a = ARENA_INIT;

	for (size_t size = 1; size < 10000; size = size * 2 + 1) {
		char *piece = arena_alloc(&a, size);

		CHECK_INT((uintptr_t)piece % 16, 0);
		CHECK_INT(piece[0] | piece[size - 1], 0);
		memset(piece, 1, size);
	}
	arena_reset(&a);
	CHECK_INT(((char *)arena_alloc(&a, 4096))[4095], 0);
}

TEST(pool_gives_pieces_back_and_says_when_it_is_over)
{
	struct pool *p = pool_new(1 << 20);
	size_t       cap;
	char        *piece = pool_get(p, 300, &cap);

	CHECK_INT(cap, 512);
	memcpy(piece, "kept", 4);
	piece = pool_grow(p, piece, &cap, 4, 2 << 20);
	CHECK(memcmp(piece, "kept", 4) == 0);
	CHECK(pool_over(p));
	pool_put(p, piece, cap);
	CHECK(!pool_over(p));
	CHECK_INT(pool_used(p), 0);
	pool_free(p);
}

TEST(hash_key_is_blind_to_case_and_to_nothing_else)
{
	CHECK(hash_key(STR("userId"), 1) == hash_key(STR("userid"), 1));
	CHECK(hash_key(STR("userId"), 1) != hash_key(STR("userIe"), 1));
	CHECK(hash_key(STR("a_long_member_name"), 1) != hash_key(STR("a_long_member_namf"), 1));
	CHECK(hash_key(STR("ab"), 1) != hash_key(STR("ab "), 1));
	CHECK(hash_name(STR("userId"), 1) != hash_name(STR("userid"), 1));
	CHECK(hash_name(STR("a_long_member_name"), 1) == hash_name(STR("a_long_member_name"), 1));
}

#include <pthread.h>
#include <zstd.h>

#include "codec/inflate.h"
#include "tests/lib/test.h"

static void add_bytes(struct buf *out, size_t size)
{
	buf_clear(out);
	for (size_t i = 0; i < size; i++)
		buf_byte(out, (char)(test_random() % 8 ? 'a' : test_random()));
}

TEST(pack_comes_back_as_it_went)
{
	static const size_t sizes[] = {0, 1, 2, 1000, 131072, 131073, 1000000};
	AUTO(buf)           want = BUF(0);
	AUTO(buf)           packed = BUF(0);
	AUTO(buf)           out = BUF(0);
	struct err          e = ERR_NONE;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		add_bytes(&want, sizes[i]);
		for (int level = 1; level <= 9; level += 4) {
			buf_clear(&packed), buf_clear(&out);
			CHECK_OK(zstd_pack(buf_str(&want), level, &packed, &e), &e);
			CHECK_OK(zstd_unpack(buf_str(&packed), sizes[i], &out, &e), &e);
			CHECK(str_eq(buf_str(&out), buf_str(&want)));
		}
		buf_clear(&packed), buf_clear(&out);
		CHECK_OK(deflate_pack(buf_str(&want), &packed, &e), &e);
		CHECK_OK(deflate_unpack(buf_str(&packed), sizes[i], &out, &e), &e);
		CHECK(str_eq(buf_str(&out), buf_str(&want)));
	}
}

TEST(pack_appends)
{
	AUTO(buf)  packed = BUF(0);
	AUTO(buf)  out = BUF(0);
	struct err e = ERR_NONE;

	buf_add(&out, STR("before "));
	CHECK_OK(zstd_pack(STR("one "), 3, &packed, &e), &e);
	CHECK_OK(zstd_pack(STR("two "), 3, &packed, &e), &e); /* frames join */
	CHECK_OK(zstd_unpack(buf_str(&packed), 100, &out, &e), &e);
	buf_clear(&packed);
	CHECK_OK(deflate_pack(STR("three"), &packed, &e), &e);
	buf_add(&packed, STR("\1\2\3")); /* as some writers of Avro leave it */
	CHECK_OK(deflate_unpack(buf_str(&packed), 100, &out, &e), &e);
	CHECK_STR(buf_str(&out), STR("before one two three"));
}

TEST(pack_reads_frames_that_hide_their_size)
{
	AUTO(buf)      want = BUF(0);
	AUTO(buf)      out = BUF(1000000);
	static char    packed[1100000];
	ZSTD_CCtx     *z = ZSTD_createCCtx();
	ZSTD_outBuffer to = {packed, sizeof(packed), 0};
	ZSTD_inBuffer  from;
	struct err     e = ERR_NONE;

	add_bytes(&want, 1000000);
	from = (ZSTD_inBuffer){want.ptr, want.len, 0};
	CHECK(!ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_contentSizeFlag, 0)));
	CHECK_INT(ZSTD_compressStream2(z, &to, &from, ZSTD_e_end), 0);
	(void)ZSTD_freeCCtx(z);

	CHECK_OK(zstd_unpack(str_make(packed, to.pos), SIZE_MAX, &out, &e), &e); /* out's own ceiling just fits */
	CHECK(str_eq(buf_str(&out), buf_str(&want)));
	buf_clear(&out);
	CHECK_ERR(zstd_unpack(str_make(packed, to.pos), 999999, &out, &e), ERR_LIMIT);
	CHECK_ERR(zstd_unpack(str_make(packed, to.pos - 1), 1000000, &out, &e), ERR_CORRUPT);
	CHECK_INT(out.len, 0);
}

TEST(pack_keeps_to_ceilings_and_touches_nothing_on_failure)
{
	AUTO(buf)  want = BUF(0);
	AUTO(buf)  packed = BUF(0);
	AUTO(buf)  out = BUF(0);
	AUTO(buf)  small = BUF(50);
	struct err e = ERR_NONE;

	buf_add(&out, STR("kept"));
	buf_fill(&want, 'x', 100000);
	CHECK_OK(zstd_pack(buf_str(&want), 3, &packed, &e), &e);
	CHECK_ERR(zstd_unpack(buf_str(&packed), 99999, &out, &e), ERR_LIMIT);
	CHECK_ERR(zstd_unpack(str_head(buf_str(&packed), packed.len - 1), 100000, &out, &e), ERR_CORRUPT);
	CHECK_ERR(zstd_unpack(STR(""), 100, &out, &e), ERR_CORRUPT);
	CHECK_ERR(zstd_unpack(STR("no frame"), 100, &out, &e), ERR_CORRUPT);
	CHECK_ERR(zstd_pack(buf_str(&want), 3, &small, &e), ERR_LIMIT);
	CHECK_ERR(zstd_unpack(buf_str(&packed), 100000, &small, &e), ERR_LIMIT);

	buf_clear(&packed);
	CHECK_OK(deflate_pack(buf_str(&want), &packed, &e), &e);
	CHECK_ERR(deflate_unpack(buf_str(&packed), 99999, &out, &e), ERR_LIMIT);
	CHECK_ERR(deflate_unpack(str_head(buf_str(&packed), packed.len - 1), 200000, &out, &e), ERR_CORRUPT);
	CHECK_ERR(deflate_unpack(STR(""), 100, &out, &e), ERR_CORRUPT);
	CHECK_ERR(deflate_unpack(buf_str(&packed), 100000, &small, &e), ERR_LIMIT);
	CHECK_ERR(deflate_pack(buf_str(&want), &small, &e), ERR_LIMIT);
	CHECK_STR(buf_str(&out), STR("kept"));
}

TEST(pack_stands_garbage)
{
	AUTO(buf)  want = BUF(0);
	AUTO(buf)  packed = BUF(0);
	AUTO(buf)  bad = BUF(0);
	AUTO(buf)  out = BUF(0);
	struct err e = ERR_NONE;

	add_bytes(&want, 500);
	for (int round = 0; round < 10000; round++) {
		int result;

		buf_clear(&packed), buf_clear(&out);
		if (round % 2)
			CHECK_OK(zstd_pack(buf_str(&want), 3, &packed, &e), &e);
		else
			CHECK_OK(deflate_pack(buf_str(&want), &packed, &e), &e);
		packed.ptr[test_random() % packed.len] = (char)test_random();
		/* A piece of memory of its own size, so that reading past it is seen. */
		bad = BUF(0);
		bad.ptr = memcpy(malloc(packed.len), packed.ptr, packed.len);
		bad.len = bad.cap = packed.len;
		if (round % 2)
			result = zstd_unpack(buf_str(&bad), 1000, &out, &e);
		else
			result = deflate_unpack(buf_str(&bad), 1000, &out, &e);
		CHECK(result == 0 || result == ERR_CORRUPT || result == ERR_LIMIT);
		CHECK(out.len <= 1000);
		buf_done(&bad);
	}
}

static void *pack_in_thread(void *unused)
{
	AUTO(buf)  packed = BUF(0);
	AUTO(buf)  out = BUF(0);
	struct err e = ERR_NONE;

	CHECK_OK(zstd_pack(STR("text"), 3, &packed, &e), &e);
	CHECK_OK(zstd_unpack(buf_str(&packed), 4, &out, &e), &e);
	CHECK_STR(buf_str(&out), STR("text"));
	return unused;
}

TEST(pack_gives_its_states_back_when_a_thread_ends) /* the leak checker looks */
{
	for (int i = 0; i < 8; i++) {
		pthread_t thread;

		CHECK_INT(pthread_create(&thread, NULL, pack_in_thread, NULL), 0);
		CHECK_INT(pthread_join(thread, NULL), 0);
	}
}

#include <sys/resource.h>
#include <zlib.h>
#include <zstd.h>

#include "codec/inflate.h"
#include "tests/lib/test.h"

/* Lines that compress, but not to nothing. */
static void add_lines(struct buf *out, size_t size)
{
	while (out->len < size)
		buf_print(out, "{\"id\":%llu,\"name\":\"event:%d\"}\n", (unsigned long long)test_random(),
		          (int)(test_random() % 10));
}

static void gzip_member(struct buf *out, str bytes)
{
	z_stream z = {0};
	uLong    bound;

	CHECK_INT(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	bound = deflateBound(&z, bytes.len);
	z.next_in = (Bytef *)(uintptr_t)bytes.ptr;
	z.avail_in = (uInt)bytes.len;
	z.next_out = (Bytef *)buf_room(out, bound);
	z.avail_out = (uInt)bound;
	CHECK_INT(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->len += z.total_out;
	CHECK_INT(deflateEnd(&z), Z_OK);
}

/* One frame with a checksum and, as streams are written, without the size of what is in it. */
static void zstd_frame(struct buf *out, str bytes)
{
	ZSTD_CCtx     *z = ZSTD_createCCtx();
	size_t         bound = ZSTD_compressBound(bytes.len);
	ZSTD_inBuffer  from = {bytes.ptr, bytes.len, 0};
	ZSTD_outBuffer to = {buf_room(out, bound), bound, 0};

	CHECK(!ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1)));
	CHECK(!ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_contentSizeFlag, 0)));
	CHECK_INT(ZSTD_compressStream2(z, &to, &from, ZSTD_e_end), 0);
	out->len += to.pos;
	(void)ZSTD_freeCCtx(z);
}

/* All of a stream, `piece` bytes in and at most `room` bytes out at a time. Sniffs the kind. */
static int inflate_all(str in, size_t piece, size_t room, struct buf *out, struct err *e)
{
	AUTO_PTR(inflate) z = inflate_new(inflate_sniff(in));
	static char space[1 << 16];

	buf_clear(out);
	while (in.len > 0) {
		str    part = str_head(in, piece);
		size_t made = 1;

		in = str_from(in, part.len);
		while (made > 0 || part.len > 0) {
			size_t had = part.len;

			TRY(inflate_step(z, &part, space, room, &made, e));
			CHECK(made <= room);
			CHECK(made > 0 || part.len < had || had == 0);
			buf_bytes(out, space, made);
		}
	}
	return inflate_finish(z, e);
}

static void check_stream(str packed, str want)
{
	static const size_t pieces[] = {1, 2, 3, 7, 100, 4096, SIZE_MAX};
	AUTO(buf)           out = BUF(0);
	struct err          e = ERR_NONE;

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		for (size_t room = 1; room <= 65536; room *= 16) {
			if (room * pieces[i] < 100 && want.len > 10000)
				continue;
			CHECK_OK(inflate_all(packed, pieces[i], room, &out, &e), &e);
			CHECK(str_eq(buf_str(&out), want));
		}
}

TEST(inflate_sniffs_by_the_first_bytes)
{
	CHECK_INT(inflate_sniff(STR("\x1F\x8B\x08\x00")), INFLATE_GZIP);
	CHECK_INT(inflate_sniff(STR("\x28\xB5\x2F\xFD")), INFLATE_ZSTD);
	CHECK_INT(inflate_sniff(STR("\x5A\x2A\x4D\x18")), INFLATE_ZSTD);
	CHECK_INT(inflate_sniff(STR("{\"a\":1}")), INFLATE_PLAIN);
	CHECK_INT(inflate_sniff(STR("")), INFLATE_PLAIN);
	CHECK_INT(inflate_sniff(STR("\x1F")), INFLATE_PLAIN);
}

TEST(inflate_passes_plain_bytes_on)
{
	check_stream(STR("{\"a\":1}\n{\"a\":2}\n"), STR("{\"a\":1}\n{\"a\":2}\n"));
	check_stream(STR(""), STR(""));
}

TEST(inflate_joins_gzip_members)
{
	AUTO(buf) want = BUF(0);
	AUTO(buf) packed = BUF(0);

	add_lines(&want, 30000);
	gzip_member(&packed, str_head(buf_str(&want), 10000));
	gzip_member(&packed, STR(""));
	gzip_member(&packed, STR(""));
	gzip_member(&packed, str_from(buf_str(&want), 10000));
	check_stream(buf_str(&packed), buf_str(&want));

	buf_fill(&packed, '\0', 600);
	check_stream(buf_str(&packed), buf_str(&want));
	gzip_member(&packed, STR("more"));
	buf_add(&want, STR("more"));
	check_stream(buf_str(&packed), buf_str(&want));
}

TEST(inflate_takes_one_layer_only)
{
	AUTO(buf) inner = BUF(0);
	AUTO(buf) outer = BUF(0);

	gzip_member(&inner, STR("hello"));
	gzip_member(&outer, buf_str(&inner));
	check_stream(buf_str(&outer), buf_str(&inner));
}

TEST(inflate_joins_zstd_frames)
{
	AUTO(buf)  want = BUF(0);
	AUTO(buf)  packed = BUF(0);
	struct err e = ERR_NONE;

	add_lines(&want, 300000);
	buf_add(&packed, STR("\x50\x2A\x4D\x18\x03\0\0\0abc")); /* skippable */
	zstd_frame(&packed, str_head(buf_str(&want), 10000));
	zstd_frame(&packed, STR(""));
	CHECK_OK(zstd_pack(str_from(buf_str(&want), 10000), 3, &packed, &e), &e);
	check_stream(buf_str(&packed), buf_str(&want));
}

TEST(inflate_names_every_cut)
{
	AUTO(buf)  want = BUF(0);
	AUTO(buf)  gzip = BUF(0);
	AUTO(buf)  zstd = BUF(0);
	AUTO(buf)  out = BUF(0);
	struct err e;
	size_t     first;

	add_lines(&want, 2000);
	gzip_member(&gzip, buf_str(&want));
	first = gzip.len;
	gzip_member(&gzip, buf_str(&want));
	for (size_t len = 2; len < gzip.len; len++)
		if (len != first) {
			CHECK_ERR(inflate_all(str_head(buf_str(&gzip), len), 64, 512, &out, &e), ERR_CORRUPT);
			CHECK(strstr(e.text, "gzip: cut short at byte") != NULL);
			CHECK(str_starts(buf_str(&want), str_head(buf_str(&out), want.len)));
		}
	CHECK_OK(inflate_all(str_head(buf_str(&gzip), first), 64, 512, &out, &e), &e);

	zstd_frame(&zstd, buf_str(&want));
	for (size_t len = 4; len < zstd.len; len++) {
		CHECK_ERR(inflate_all(str_head(buf_str(&zstd), len), 64, 512, &out, &e), ERR_CORRUPT);
		CHECK(strstr(e.text, "zstd: cut short at byte") != NULL);
	}
}

static void check_fault(str packed, const char *words)
{
	static const size_t pieces[] = {1, 5, SIZE_MAX};
	AUTO(buf)           out = BUF(0);

	for (size_t i = 0; i < 3; i++) {
		struct err e = ERR_NONE;

		CHECK_ERR(inflate_all(packed, pieces[i], 100, &out, &e), ERR_CORRUPT);
		if (strstr(e.text, words) == NULL)
			test_fail(__FILE__, __LINE__, "\"%s\" has no \"%s\"", e.text, words);
	}
}

TEST(inflate_names_what_is_broken)
{
	AUTO(buf) want = BUF(0);
	AUTO(buf) packed = BUF(0);

	add_lines(&want, 2000);
	gzip_member(&packed, buf_str(&want));
	packed.ptr[packed.len - 8] ^= 1;
	check_fault(buf_str(&packed), "gzip: bad checksum at byte");
	packed.ptr[packed.len - 8] ^= 1;
	packed.ptr[packed.len - 1] ^= 1;
	check_fault(buf_str(&packed), "gzip: incorrect length check");
	packed.ptr[packed.len - 1] ^= 1;
	buf_add(&packed, STR("\0\0garbage"));
	check_fault(buf_str(&packed), "gzip: bytes after the last member at byte");
	check_fault(STR("\x1F\x8B\x07\0\0\0\0\0\0\0"), "gzip: unknown compression method");

	buf_clear(&packed);
	zstd_frame(&packed, buf_str(&want));
	packed.ptr[packed.len - 1] ^= 1;
	check_fault(buf_str(&packed), "zstd: bad checksum at byte");
	packed.ptr[packed.len - 1] ^= 1;
	buf_add(&packed, STR("garbage"));
	check_fault(buf_str(&packed), "zstd: no frame begins at byte");
}

/* A frame, then one of version 0.5, whose decoder says of bad bytes that it made as much as there was room for. */
TEST(inflate_reads_no_zstd_from_before_its_first_stable_format)
{
	static const char old[] = "\x25\xB5\x2F\xFD\x20[\0\1\0\0\x1F";
	AUTO(buf)         packed = BUF(0);
	AUTO(buf)         out = BUF(0);
	struct err        e = ERR_NONE;
	char              want[64];

	zstd_frame(&packed, STR("hello"));
	(void)snprintf(want, sizeof(want), "zstd: no frame begins at byte %zu", packed.len);
	buf_bytes(&packed, old, sizeof(old) - 1);
	for (size_t piece = 1; piece <= packed.len; piece++) {
		CHECK_ERR(inflate_all(buf_str(&packed), piece, 1000, &out, &e), ERR_CORRUPT);
		CHECK_STR(buf_str(&out), STR("hello"));
		CHECK(strstr(e.text, want) != NULL);
	}
}

/* Frames by hand: magic, descriptor, window, then one raw block of "x". */
TEST(inflate_bounds_the_window_and_knows_no_dictionary)
{
	AUTO(buf)  out = BUF(0);
	struct err e = ERR_NONE;

	check_fault(STR("\x28\xB5\x2F\xFD\x00\xA8\x09\0\0x"), "zstd: a window over 128 MiB"); /* 2 GiB */
	check_fault(STR("\x28\xB5\x2F\xFD\x00\x89\x09\0\0x"), "zstd: a window over 128 MiB"); /* 144 MiB */
	check_fault(STR("\x28\xB5\x2F\xFD\x01\x00\x07\x09\0\0x"), "zstd: an unknown dictionary");
	CHECK_OK(inflate_all(STR("\x28\xB5\x2F\xFD\x00\x88\x09\0\0x"), 1, 10, &out, &e), &e); /* 128 MiB */
	CHECK_STR(buf_str(&out), STR("x"));
}

TEST(inflate_keeps_to_its_fault)
{
	AUTO_PTR(inflate) z = inflate_new(INFLATE_GZIP);
	AUTO(buf)  packed = BUF(0);
	char       out[100];
	size_t     made = 0;
	struct err e = ERR_NONE;
	str        in;

	gzip_member(&packed, STR("hello"));
	packed.ptr[packed.len - 8] ^= 1;
	in = buf_str(&packed);
	CHECK_OK(inflate_step(z, &in, out, sizeof(out), &made, &e), &e); /* what was made comes first */
	CHECK_STR(str_make(out, made), STR("hello"));
	CHECK_ERR(inflate_step(z, &in, out, sizeof(out), &made, &e), ERR_CORRUPT);
	CHECK_ERR(inflate_step(z, &in, out, sizeof(out), &made, &e), ERR_CORRUPT);
	CHECK_ERR(inflate_finish(z, &e), ERR_CORRUPT);
}

TEST(inflate_waits_for_input_as_long_as_it_takes)
{
	AUTO(buf)  zstd = BUF(0);
	AUTO(buf)  gzip = BUF(0);
	struct err e = ERR_NONE;

	zstd_frame(&zstd, STR("hello"));
	gzip_member(&gzip, STR("hello"));
	for (int kind = INFLATE_PLAIN; kind <= INFLATE_ZSTD; kind++) {
		AUTO_PTR(inflate) z = inflate_new((enum inflate_kind)kind);
		str    in = str_head(buf_str(kind == INFLATE_ZSTD ? &zstd : &gzip), 7);
		char   out[100];
		size_t made = 0;

		for (int i = 0; i < 100; i++) {
			CHECK_OK(inflate_step(z, &in, out, sizeof(out), &made, &e), &e);
			CHECK_INT(in.len, 0);
			CHECK(made == 0 || kind == INFLATE_PLAIN);
		}
		CHECK_INT(inflate_finish(z, &e), kind == INFLATE_PLAIN ? 0 : ERR_CORRUPT);
	}
}

static long peak_kib(void)
{
	struct rusage usage;

	CHECK_INT(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_maxrss;
}

/* 128 MiB of zeros out of a few KiB, through 64 KiB of room. */
static void check_bomb(str packed, enum inflate_kind kind)
{
	AUTO_PTR(inflate) z = inflate_new(kind);
	static char space[1 << 16];
	long        before = peak_kib();
	uint64_t    total = 0;
	size_t      made = 1;
	struct err  e = ERR_NONE;

	CHECK(packed.len < (128 << 20) / 1000);
	while (made > 0) {
		CHECK_OK(inflate_step(z, &packed, space, sizeof(space), &made, &e), &e);
		total += made;
	}
	CHECK_INT(total, 128 << 20);
	CHECK_OK(inflate_finish(z, &e), &e);
	CHECK(peak_kib() - before < 16 << 10);
}

TEST(inflate_opens_bombs_in_bounded_memory)
{
	AUTO(buf)  zeros = BUF(0);
	AUTO(buf)  packed = BUF(0);
	AUTO(buf)  twice = BUF(0);
	struct err e = ERR_NONE;

	buf_fill(&zeros, '\0', 128 << 20);
	CHECK_OK(zstd_pack(buf_str(&zeros), 1, &packed, &e), &e);
	check_bomb(buf_str(&packed), INFLATE_ZSTD);
	CHECK_ERR(zstd_unpack(buf_str(&packed), 1 << 20, &twice, &e), ERR_LIMIT);
	CHECK_INT(twice.len, 0);

	buf_clear(&packed);
	buf_clear(&zeros);
	buf_fill(&zeros, '\0', 16 << 20);
	gzip_member(&packed, buf_str(&zeros)); /* 1029:1, about the most that deflate can do */
	for (int i = 0; i < 8; i++)
		buf_add(&twice, buf_str(&packed));
	check_bomb(buf_str(&twice), INFLATE_GZIP);
}

static void mutate(struct buf *b, size_t keep)
{
	for (uint64_t n = 1 + test_random() % 4; n > 0; n--)
		b->ptr[keep + test_random() % (b->len - keep)] = (char)test_random();
	if (test_random() % 4 == 0)
		b->len = keep + test_random() % (b->len - keep + 1);
}

/* Any bytes after the magic: an answer, the same however the stream is cut for gzip, and never a
 * hang. */
TEST(inflate_stands_garbage)
{
	AUTO(buf) want = BUF(0);
	AUTO(buf) gzip = BUF(0);
	AUTO(buf) zstd = BUF(0);
	AUTO(buf) packed = BUF(0);
	AUTO(buf) out = BUF(1 << 20);
	AUTO(buf) again = BUF(1 << 20);
	int       broken = 0;

	add_lines(&want, 3000);
	gzip_member(&gzip, buf_str(&want));
	gzip_member(&gzip, buf_str(&want));
	zstd_frame(&zstd, buf_str(&want));
	zstd_frame(&zstd, buf_str(&want));
	for (int round = 0; round < 4000; round++) {
		struct err e = ERR_NONE;
		bool       is_gzip = round % 2 == 0;
		int        result;
		size_t     piece, room;

		buf_clear(&packed);
		buf_add(&packed, buf_str(is_gzip ? &gzip : &zstd));
		mutate(&packed, 4);
		result = inflate_all(buf_str(&packed), SIZE_MAX, 4096, &out, &e);
		broken += result < 0;
		CHECK(result == 0 || result == ERR_CORRUPT);
		piece = 1 + test_random() % 50;
		room = 1 + test_random() % 500;
		CHECK_INT(inflate_all(buf_str(&packed), piece, room, &again, &e), result);
		if (is_gzip)
			CHECK(str_eq(buf_str(&out), buf_str(&again)));
	}
	CHECK(broken > 3500);
}

/* Compressed input: a stream read in large pieces gives what it gives in small ones, the verdict included; what
 * unpacks stays under its ceiling, and what is packed unpacks. */
#include "codec/inflate.h"
#include "tests/fuzz/fuzz.h"

enum { MADE_MAX = 1 << 17 }; /* of a bomb, so much is looked at */

/* The class at the end of it all, with what was made in `out`. */
static int inflate_all(str bytes, size_t in_size, size_t out_size, struct buf *out)
{
	AUTO_PTR(inflate) z = inflate_new(inflate_sniff(bytes));
	struct err        e = ERR_NONE;
	size_t            at = 0;

	while (out->len < MADE_MAX) {
		str    piece = str_head(str_from(bytes, at), in_size), rest = piece;
		char  *room = buf_room(out, out_size);
		size_t made = 0;
		int    rc = inflate_step(z, &rest, room, out_size, &made, &e);

		CHECK(made <= out_size && rest.len <= piece.len);
		out->len += made;
		at += piece.len - rest.len;
		if (rc < 0) {
			CHECK_INT(inflate_step(z, &rest, room, out_size, &made, &e), rc);
			return rc;
		}
		if (made == 0 && rest.len == piece.len) {
			if (at + piece.len >= bytes.len && in_size >= bytes.len - at)
				return inflate_finish(z, &e);
			in_size *= 2; /* it wants more than that */
		}
	}
	return 1;
}

static void check_stream(str bytes)
{
	AUTO(buf) large = BUF(0);
	AUTO(buf) small = BUF(0);
	int       at_once = inflate_all(bytes, bytes.len + 1, 1 << 16, &large);
	int       in_bits = inflate_all(bytes, 1 + fuzz_choice(bytes, 1, 20), 1 + fuzz_choice(bytes, 2, 300), &small);
	size_t    common = large.len < small.len ? large.len : small.len;

	CHECK(str_eq(str_head(buf_str(&large), common), str_head(buf_str(&small), common)));
	if (large.len >= MADE_MAX || small.len >= MADE_MAX)
		return;
	if (inflate_sniff(bytes) != INFLATE_ZSTD) /* libzstd looks less closely at a frame's size where it comes in pieces */
		CHECK_INT(at_once, in_bits);
	CHECK(at_once < 0 || in_bits < 0 || large.len == small.len);
}

static void check_one_shot(str bytes)
{
	AUTO(buf)  packed = BUF(0);
	AUTO(buf)  out = BUF(0);
	struct err e = ERR_NONE;

	if (zstd_unpack(bytes, 1 << 16, &out, &e) == 0)
		CHECK(out.len <= 1 << 16);
	else
		CHECK_INT(out.len, 0);
	buf_clear(&out);
	if (deflate_unpack(bytes, 1 << 16, &out, &e) == 0)
		CHECK(out.len <= 1 << 16);
	else
		CHECK_INT(out.len, 0);
	buf_clear(&out);
	CHECK_OK(zstd_pack(bytes, 1, &packed, &e), &e);
	CHECK_OK(zstd_unpack(buf_str(&packed), bytes.len, &out, &e), &e);
	CHECK(str_eq(buf_str(&out), bytes));
	buf_clear(&packed);
	buf_clear(&out);
	CHECK_OK(deflate_pack(bytes, &packed, &e), &e);
	CHECK_OK(deflate_unpack(buf_str(&packed), bytes.len, &out, &e), &e);
	CHECK(str_eq(buf_str(&out), bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(str_make(data, size), 0);

	check_stream(str_make(copy, size));
	check_one_shot(str_make(copy, size));
	free(copy);
	return 0;
}

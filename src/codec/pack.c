/* pack.c - whole buffers packed and unpacked in one go: zstd for files and segments, raw deflate
 * for Avro blocks.
 *
 * The libraries' states are large and slow to make, and cost nothing to use again: each thread
 * keeps its own until it ends. What fails leaves `out` with the bytes it had.
 */
#include "codec/inflate.h"

#include <assert.h>
#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/arena.h"

enum {
	DEFLATE_LEVEL = 6,
	GROWTH        = 128 << 10, /* room to try where the size is not known: a block of zstd */
};

struct packer {
	ZSTD_CCtx                      *zstd_in;
	ZSTD_DCtx                      *zstd_out;
	struct libdeflate_compressor   *deflate_in;
	struct libdeflate_decompressor *deflate_out;
};

static _Thread_local struct packer *mine;
static pthread_key_t                at_exit_key; /* only to be told when a thread ends */
static pthread_once_t               at_exit_once = PTHREAD_ONCE_INIT;

static void packer_free(void *given)
{
	struct packer *p = given;

	(void)ZSTD_freeCCtx(p->zstd_in);
	(void)ZSTD_freeDCtx(p->zstd_out);
	libdeflate_free_compressor(p->deflate_in);
	libdeflate_free_decompressor(p->deflate_out);
	free(p);
}

static void make_key(void)
{
	int failed = pthread_key_create(&at_exit_key, packer_free);

	assert(failed == 0);
}

/* The states of this thread. */
static struct packer *packer(void)
{
	struct packer *p = mine;

	if (p != NULL)
		return p;
	(void)pthread_once(&at_exit_once, make_key);
	p = xcalloc(1, sizeof(*p));
	p->zstd_in = ZSTD_createCCtx();
	p->zstd_out = ZSTD_createDCtx();
	p->deflate_in = libdeflate_alloc_compressor(DEFLATE_LEVEL);
	p->deflate_out = libdeflate_alloc_decompressor();
	assert(p->zstd_in != NULL && p->zstd_out != NULL);
	assert(p->deflate_in != NULL && p->deflate_out != NULL);
	/* Fails only without memory; the states then outlive the thread. */
	(void)pthread_setspecific(at_exit_key, p);
	mine = p;
	return p;
}

static int over_ceiling(const char *format, size_t bytes, struct err *e)
{
	return err_set(e, ERR_LIMIT, "%s: needs over %zu bytes", format, bytes);
}

int zstd_pack(str bytes, int level, struct buf *out, struct err *e)
{
	size_t bound = ZSTD_compressBound(bytes.len);
	char  *room = buf_room(out, bound);
	size_t size;

	if (room == NULL)
		return over_ceiling("zstd", bound - 1, e);
	size = ZSTD_compressCCtx(packer()->zstd_in, room, bound, bytes.ptr, bytes.len, level);
	if (ZSTD_isError(size))
		return err_set(e, ERR_LIMIT, "zstd: cannot pack %zu bytes: %s", bytes.len,
		               ZSTD_getErrorName(size));
	out->len += size;
	return 0;
}

/* As much as may still be appended: the caller's ceiling, or the buffer's own where that is
 * lower. */
static size_t room_left(const struct buf *out, size_t ceiling)
{
	size_t left = (out->ceiling > 0 ? out->ceiling : SIZE_MAX) - out->len;

	return left < ceiling ? left : ceiling;
}

/* Room to offer for what comes at `in`: all of the frame that begins there, where it says how
 * much that is. A frame that lies only costs address space, and no more of it than the ceiling. */
static size_t frame_room(const ZSTD_inBuffer *in, bool is_between)
{
	unsigned long long size = ZSTD_CONTENTSIZE_UNKNOWN;

	if (is_between)
		size = ZSTD_getFrameContentSize((const char *)in->src + in->pos,
		                                in->size - in->pos);
	if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR)
		return GROWTH;
	return size < SIZE_MAX ? (size_t)size : SIZE_MAX;
}

/* One call of the library: some output, or some input taken, or a failure. *left is 0 at the end
 * of a frame. */
static int frame_step(ZSTD_inBuffer *in, size_t room, struct buf *out, size_t *left, struct err *e)
{
	ZSTD_outBuffer to = {.size = room};
	size_t         taken = in->pos;

	to.dst = buf_room(out, room);
	if (to.dst == NULL && room > 0)
		return over_ceiling("zstd", out->len, e);
	*left = ZSTD_decompressStream(packer()->zstd_out, &to, in);
	if (ZSTD_isError(*left))
		return err_set(e, ERR_CORRUPT, "zstd: %s", ZSTD_getErrorName(*left));
	out->len += to.pos;
	if (*left == 0 || to.pos > 0 || in->pos > taken)
		return 0;
	if (room == 0)
		return over_ceiling("zstd", out->len, e);
	return err_set(e, ERR_CORRUPT, "zstd: cut short after %zu bytes", in->size);
}

/* Frames one after the other, as packing into one buffer again and again leaves them. */
static int unpack_frames(str bytes, size_t ceiling, struct buf *out, struct err *e)
{
	ZSTD_inBuffer in = {bytes.ptr, bytes.len, 0};
	size_t        end = out->len + ceiling, left = 0;

	(void)ZSTD_DCtx_reset(packer()->zstd_out, ZSTD_reset_session_only);
	do {
		size_t room = frame_room(&in, left == 0);

		if (room > end - out->len)
			room = end - out->len;
		TRY(frame_step(&in, room, out, &left, e));
	} while (in.pos < in.size || left != 0);
	return 0;
}

int zstd_unpack(str bytes, size_t ceiling, struct buf *out, struct err *e)
{
	size_t start = out->len;
	int    result = unpack_frames(bytes, room_left(out, ceiling), out, e);

	if (result < 0)
		out->len = start;
	return result;
}

int deflate_pack(str bytes, struct buf *out, struct err *e)
{
	size_t bound = libdeflate_deflate_compress_bound(packer()->deflate_in, bytes.len);
	char  *room = buf_room(out, bound);
	size_t size;

	if (room == NULL)
		return over_ceiling("deflate", bound - 1, e);
	size = libdeflate_deflate_compress(packer()->deflate_in, bytes.ptr, bytes.len, room, bound);
	assert(size > 0); /* 0: did not fit, in the bound the library gave */
	out->len += size;
	return 0;
}

/* Nothing says how much will come out: tried in more and more room. Bytes behind the end of the
 * stream are left alone, because common writers of Avro leave part of a zlib checksum there. */
int deflate_unpack(str bytes, size_t ceiling, struct buf *out, struct err *e)
{
	size_t most = room_left(out, ceiling);
	size_t room = bytes.len < most / 4 ? bytes.len * 4 : most;

	for (;;) {
		char                  *to = buf_room(out, room);
		size_t                 size = 0;
		enum libdeflate_result result;

		if (to == NULL && room > 0)
			return over_ceiling("deflate", room - 1, e);
		result = libdeflate_deflate_decompress(packer()->deflate_out, bytes.ptr, bytes.len, to, room,
		                                       &size);
		if (result == LIBDEFLATE_SUCCESS) {
			out->len += size;
			return 0;
		}
		if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
			return err_set(e, ERR_CORRUPT, "deflate: %zu bytes that are not a whole stream",
			               bytes.len);
		if (room == most)
			return over_ceiling("deflate", most, e);
		room = room < most / 4 ? room * 4 : most;
	}
}

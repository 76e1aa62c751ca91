/* inflate.c - streams of others, taken apart a piece at a time.
 *
 * What comes in is never trusted: output is bounded by the room given, memory by the window of
 * the format, and nothing is allocated from a claimed length. Checksums are verified.
 *
 * Invariants:
 *   1. is_between holds exactly when all that was taken so far is whole members or frames (and, in
 *      gzip, zeros after them).
 *   2. A fault is for good. Bytes made before it in the same step are handed out first, so that what
 *      a reader gets from a broken stream hangs less on how the stream was cut into pieces.
 */
#include "codec/inflate.h"

#include <assert.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/arena.h"

enum {
	GZIP_WINDOW = 15 + 16,  /* largest window; the gzip wrapper and no other */
	ZSTD_WINDOW = 27,       /* 128 MiB */
	MAGIC       = 4,         /* bytes that say which format a frame of zstd has */
	PIECE       = 128 << 10, /* given to a library at once: a fault in zstd is placed as exactly */
};

struct inflate {
	enum inflate_kind kind;
	bool              is_between;
	bool              is_holding; /* zstd: the last step filled its room, more may wait inside */
	size_t            magic_len;  /* zstd: bytes of the frame's magic number seen; MAGIC inside a frame */
	char              magic[MAGIC];
	uint64_t          taken;      /* compressed bytes, over all steps */
	const char       *fault;      /* static text; NULL while all is well */
	enum err_class    fault_class;
	union {
		z_stream   gzip;
		ZSTD_DCtx *zstd;
	};
};

static const char *const kind_words[] = {
	[INFLATE_PLAIN] = "plain",
	[INFLATE_GZIP] = "gzip",
	[INFLATE_ZSTD] = "zstd",
};

enum inflate_kind inflate_sniff(str head)
{
	if (str_starts(head, STR("\x1F\x8B")))
		return INFLATE_GZIP;
	if (str_starts(head, STR("\x28\xB5\x2F\xFD")))
		return INFLATE_ZSTD;
	/* A skippable frame, 184D2A50 to 184D2A5F: zstd files may begin with one. */
	if (str_starts(str_from(head, 1), STR("\x2A\x4D\x18")) && (head.ptr[0] & 0xF0) == 0x50)
		return INFLATE_ZSTD;
	return INFLATE_PLAIN;
}

static void *zlib_alloc(void *unused, unsigned count, unsigned size)
{
	(void)unused;
	return xcalloc(count, size);
}

static void zlib_free(void *unused, void *piece)
{
	(void)unused;
	free(piece);
}

static void open_gzip(struct inflate *z)
{
	int result;

	z->gzip = (z_stream){.zalloc = zlib_alloc, .zfree = zlib_free};
	result = inflateInit2(&z->gzip, GZIP_WINDOW);
	assert(result == Z_OK);
}

static void open_zstd(struct inflate *z)
{
	size_t result;

	z->zstd = ZSTD_createDCtx();
	assert(z->zstd != NULL);
	result = ZSTD_DCtx_setParameter(z->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW);
	assert(!ZSTD_isError(result));
}

struct inflate *inflate_new(enum inflate_kind kind)
{
	struct inflate *z = xcalloc(1, sizeof(*z));

	z->kind = kind;
	z->is_between = kind == INFLATE_PLAIN;
	if (kind == INFLATE_GZIP)
		open_gzip(z);
	else if (kind == INFLATE_ZSTD)
		open_zstd(z);
	return z;
}

void inflate_free(struct inflate *z)
{
	if (z == NULL)
		return;
	if (z->kind == INFLATE_GZIP)
		(void)inflateEnd(&z->gzip);
	else if (z->kind == INFLATE_ZSTD)
		(void)ZSTD_freeDCtx(z->zstd);
	free(z);
}

static void take(struct inflate *z, str *in, size_t size)
{
	*in = str_from(*in, size);
	z->taken += size;
}

static void set_fault(struct inflate *z, enum err_class class, const char *words)
{
	z->fault = words;
	z->fault_class = class;
}

static size_t step_plain(struct inflate *z, str *in, char *out, size_t room)
{
	size_t size = str_head(*in, room).len;

	if (size > 0)
		memcpy(out, in->ptr, size);
	take(z, in, size);
	return size;
}

/* Between members: skip the zeros that tapes and block devices pad with, and begin the next
 * member where there is one. */
static bool begin_member(struct inflate *z, str *in)
{
	int result;

	while (in->len > 0 && in->ptr[0] == '\0')
		take(z, in, 1);
	if (in->len == 0)
		return false;
	if (in->ptr[0] != '\x1F') {
		set_fault(z, ERR_CORRUPT, "bytes after the last member");
		return false;
	}
	result = inflateReset(&z->gzip);
	assert(result == Z_OK);
	z->is_between = false;
	return true;
}

static const char *gzip_words(const z_stream *gzip)
{
	if (gzip->msg == NULL)
		return "broken";
	return strcmp(gzip->msg, "incorrect data check") == 0 ? "bad checksum" : gzip->msg;
}

static size_t step_gzip(struct inflate *z, str *in, char *out, size_t room)
{
	z_stream *gzip = &z->gzip;
	size_t    made = 0;

	while (made < room && (!z->is_between || begin_member(z, in))) {
		unsigned offered = (unsigned)str_head(*in, PIECE).len;
		unsigned space = (unsigned)(room - made < PIECE ? room - made : PIECE);
		int      result;

		gzip->next_in = (const Bytef *)in->ptr;
		gzip->avail_in = offered;
		gzip->next_out = (Bytef *)out + made;
		gzip->avail_out = space;
		result = inflate(gzip, Z_NO_FLUSH);
		assert(result != Z_STREAM_ERROR);
		take(z, in, offered - gzip->avail_in);
		made += space - gzip->avail_out;

		z->is_between = result == Z_STREAM_END;
		if (result == Z_BUF_ERROR) /* nothing made, nothing taken: out of input */
			break;
		if (result != Z_OK && result != Z_STREAM_END) {
			set_fault(z, ERR_CORRUPT, gzip_words(gzip));
			break;
		}
	}
	return made;
}

static void set_zstd_fault(struct inflate *z, size_t result)
{
	switch (ZSTD_getErrorCode(result)) {
	case ZSTD_error_memory_allocation: /* says nothing about the stream */
		set_fault(z, ERR_LIMIT, "no memory for the window");
		break;
	case ZSTD_error_frameParameter_windowTooLarge:
		set_fault(z, ERR_CORRUPT, "a window over 128 MiB");
		break;
	case ZSTD_error_dictionary_wrong:
		set_fault(z, ERR_CORRUPT, "an unknown dictionary");
		break;
	case ZSTD_error_checksum_wrong:
		set_fault(z, ERR_CORRUPT, "bad checksum");
		break;
	case ZSTD_error_prefix_unknown:
		set_fault(z, ERR_CORRUPT, "no frame begins");
		break;
	default:
		set_fault(z, ERR_CORRUPT, ZSTD_getErrorName(result));
	}
}

/* No byte of a frame reaches the library before its magic number is known to be of the one format that
 * is written today: builds of it still read those of its youth, which on bad bytes claim to have made
 * as much as there is room for. False: there is nothing to hand on now. */
static bool begin_frame(struct inflate *z, str *in)
{
	ZSTD_outBuffer nothing = {NULL, 0, 0};
	size_t         result;

	if (z->magic_len == 0 && in->len >= MAGIC) { /* the library sees it where it lies */
		if (inflate_sniff(*in) == INFLATE_ZSTD)
			z->magic_len = MAGIC;
		else
			set_fault(z, ERR_CORRUPT, "no frame begins");
		return z->fault == NULL;
	}
	for (; z->magic_len < MAGIC && in->len > 0; take(z, in, 1))
		z->magic[z->magic_len++] = in->ptr[0];
	z->is_between = false;
	if (z->magic_len < MAGIC)
		return false;
	if (inflate_sniff(str_make(z->magic, MAGIC)) != INFLATE_ZSTD) {
		set_fault(z, ERR_CORRUPT, "no frame begins");
		z->taken -= MAGIC;
		return false;
	}
	result = ZSTD_decompressStream(z->zstd, &nothing, &(ZSTD_inBuffer){z->magic, MAGIC, 0});
	assert(!ZSTD_isError(result) && result > 0);
	return in->len > 0;
}

static size_t step_zstd(struct inflate *z, str *in, char *out, size_t room)
{
	ZSTD_outBuffer to = {out, room, 0};

	/* Only with bytes to take or to hand out: between frames an empty call would begin a
	 * frame that never comes. */
	while (to.pos < room && (in->len > 0 || z->is_holding)) {
		ZSTD_inBuffer from;
		size_t        left, made = to.pos;

		if (z->magic_len < MAGIC && !begin_frame(z, in))
			break;
		from = (ZSTD_inBuffer){in->ptr, str_head(*in, PIECE).len, 0};
		left = ZSTD_decompressStream(z->zstd, &to, &from);
		if (ZSTD_isError(left)) {
			set_zstd_fault(z, left);
			return made; /* what it says of a call that failed is not to be believed */
		}
		take(z, in, from.pos);
		z->is_between = left == 0;
		z->magic_len = left == 0 ? 0 : MAGIC;
		z->is_holding = left != 0 && to.pos == room;
	}
	return to.pos;
}

static int fail(const struct inflate *z, struct err *e)
{
	return err_set(e, z->fault_class, "%s: %s at byte %llu of the compressed stream",
	               kind_words[z->kind], z->fault, (unsigned long long)z->taken);
}

int inflate_step(struct inflate *z, str *in, char *out, size_t room, size_t *made, struct err *e)
{
	static size_t (*const steps[])(struct inflate *, str *, char *, size_t) = {
		[INFLATE_PLAIN] = step_plain,
		[INFLATE_GZIP] = step_gzip,
		[INFLATE_ZSTD] = step_zstd,
	};
	size_t size = 0;

	assert(room > 0);

	if (z->fault == NULL)
		size = steps[z->kind](z, in, out, room);
	assert(size <= room);
	if (z->fault != NULL && size == 0)
		return fail(z, e);
	*made = size;
	return 0;
}

int inflate_finish(struct inflate *z, struct err *e)
{
	if (z->fault == NULL && !z->is_between)
		set_fault(z, ERR_CORRUPT, "cut short");
	return z->fault == NULL ? 0 : fail(z, e);
}

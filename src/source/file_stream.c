/* From the bytes of a file, as they lie there, to decoded bytes, with flat memory.
 *
 * Plain bytes are read straight into where they are wanted; compressed ones through one buffer.
 * What kind they are is found by their first bytes. Stdin is read in order and cannot be gone back
 * in: its first bytes wait in the buffer.
 */
#include "source/file_int.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/hash.h"
#include "codec/inflate.h"

enum { RAW_STEP = 256 << 10, FIRST_STEP = 64 << 10 };

/* One read of stdin, which may be a pipe: as much as is there now. */
static int stdin_read(void *into, size_t size, size_t *got, struct err *e)
{
	ssize_t step;

	do
		step = read(STDIN_FILENO, into, size);
	while (step < 0 && errno == EINTR);
	if (step < 0)
		return err_sys(e, errno, "read standard input");
	*got = (size_t)step;
	return 0;
}

static int raw_read(struct file_stream *s, void *into, size_t size, size_t *got, struct err *e)
{
	if (s->handle < 0) {
		TRY(stdin_read(into, size, got, e));
		s->is_raw_end = *got == 0;
	} else {
		if (fs_read(s->fs, s->handle, s->raw_at, into, size, got, e) < 0)
			return err_add(e, "%s", s->path);
		s->is_raw_end = *got < size;
	}
	s->raw_at += *got;
	s->raw_read += *got;
	return 0;
}

/* Into the buffer, whose used bytes make room. */
static int raw_refill(struct file_stream *s, size_t size, struct err *e)
{
	char  *room;
	size_t got, left = s->raw.len - s->used;

	memmove(s->raw.ptr, s->raw.ptr + s->used, left);
	s->raw.len = left;
	s->used = 0;
	room = buf_room(&s->raw, size);
	assert(room != NULL);
	TRY(raw_read(s, room, size, &got, e));
	s->raw.len += got;
	return 0;
}

static str raw_left(const struct file_stream *s)
{
	return str_from(buf_str(&s->raw), s->used);
}

/* The first bytes: as many as say what this is. A pipe may give them one by one. */
static int read_first(struct file_stream *s, struct err *e)
{
	enum inflate_kind kind;

	(void)buf_room(&s->raw, FIRST_STEP);
	do
		TRY(raw_refill(s, FIRST_STEP, e));
	while (s->raw.len < 4 && !s->is_raw_end);
	s->first_len = str_head(buf_str(&s->raw), PRINT_SIZE).len;
	memcpy(s->first, s->raw.ptr, s->first_len);
	kind = inflate_sniff(buf_str(&s->raw));
	if (kind != INFLATE_PLAIN)
		s->inflate = inflate_new(kind);
	return 0;
}

int file_stream_open(struct file_stream *s, struct fs *fs, const char *path, bool is_stdin,
                     struct err *e)
{
	struct buf raw = s->raw; /* its memory serves the next file too */
	int        rc;

	buf_clear(&raw);
	*s = (struct file_stream){.fs = fs, .path = path, .handle = -1, .raw = raw};
	if (!is_stdin)
		TRY(fs_open(fs, path, FS_READ, &s->handle, e));
	rc = read_first(s, e);
	if (rc < 0)
		file_stream_close(s);
	return rc;
}

void file_stream_close(struct file_stream *s)
{
	fs_close(s->fs, s->handle);
	s->handle = -1;
	inflate_free(TAKE(s->inflate));
}

static int fill_plain(struct file_stream *s, struct buf *into, size_t want, size_t *got,
                      struct err *e)
{
	str    left = str_head(raw_left(s), want);
	char  *room = buf_room(into, want);
	size_t count = left.len;

	assert(room != NULL);
	if (count > 0) {
		memcpy(room, left.ptr, count);
		s->used += count;
	} else if (!s->is_raw_end) {
		TRY(raw_read(s, room, want, &count, e));
	}
	into->len += count;
	*got = count;
	return 0;
}

static int fill_inflated(struct file_stream *s, struct buf *into, size_t want, size_t *got,
                         struct err *e)
{
	char *room = buf_room(into, want);

	assert(room != NULL);
	for (;;) {
		str    left = raw_left(s), in = left;
		size_t made = 0;

		TRY(inflate_step(s->inflate, &in, room, want, &made, e));
		s->used += left.len - in.len;
		into->len += made;
		*got = made;
		if (made > 0)
			return 0;
		if (in.len < left.len)
			continue;
		if (s->is_raw_end) {
			s->is_cut = inflate_finish(s->inflate, e) < 0;
			return s->is_cut ? e->class : 0;
		}
		TRY(raw_refill(s, RAW_STEP, e));
	}
}

int file_stream_fill(struct file_stream *s, struct buf *into, size_t want, size_t *got, struct err *e)
{
	int rc;

	assert(want > 0);
	if (s->inflate == NULL)
		return fill_plain(s, into, want, got, e);
	rc = fill_inflated(s, into, want, got, e);
	return rc < 0 ? err_add(e, "%s", s->path) : 0;
}

int file_stream_skip(struct file_stream *s, uint64_t past, uint64_t offset, struct err *e)
{
	AUTO(buf) scratch = BUF(RAW_STEP);

	assert(s->handle >= 0 && past <= offset);
	if (s->inflate == NULL) {
		buf_clear(&s->raw);
		s->used = 0;
		s->raw_at = offset;
		s->is_raw_end = false;
		return 0;
	}
	while (past < offset) {
		uint64_t want = offset - past < RAW_STEP ? offset - past : RAW_STEP;
		size_t   got;

		buf_clear(&scratch);
		TRY(file_stream_fill(s, &scratch, (size_t)want, &got, e));
		if (got == 0)
			return 0;
		past += got;
	}
	return 0;
}

bool file_stdin_waits(void)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&fd, 1, 0) == 0;
}

bool file_stream_waits(const struct file_stream *s)
{
	return s->handle < 0 && !s->is_raw_end && raw_left(s).len == 0 && file_stdin_waits();
}

uint64_t file_stream_print(const struct file_stream *s, size_t len)
{
	assert(len <= s->first_len);
	return hash_bytes(s->first, len, 0);
}

/* writer.c - lines pending in one large buffer; a line is never split between two flushes. */
#include "simulate/writer.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "os/fs.h"

enum { PENDING_SIZE = 512 << 10 };

int writer_open(struct writer *w, struct fs *fs, const char *path, struct err *e)
{
	int handle;

	assert(!writer_is_open(w));
	TRY(fs_open(fs, path, FS_WRITE | FS_EXCLUSIVE, &handle, e));
	*w = (struct writer){.fs = fs, .pending = xmalloc(PENDING_SIZE), .handle = handle};
	return 0;
}

bool writer_is_open(const struct writer *w)
{
	return w->pending != NULL;
}

int writer_line(struct writer *w, str line, struct err *e)
{
	assert(writer_is_open(w));
	assert(line.len < PENDING_SIZE);
	if (w->used + line.len + 1 > PENDING_SIZE)
		TRY(writer_flush(w, e));
	memcpy(w->pending + w->used, line.ptr, line.len);
	w->used += line.len;
	w->pending[w->used++] = '\n';
	return 0;
}

int writer_flush(struct writer *w, struct err *e)
{
	if (w->used > 0)
		TRY(fs_write(w->fs, w->handle, w->pending, w->used, e));
	w->used = 0;
	return 0;
}

int writer_finish(struct writer *w, struct err *e)
{
	TRY(writer_flush(w, e));
	writer_done(w);
	return 0;
}

void writer_done(struct writer *w)
{
	if (!writer_is_open(w))
		return;
	fs_close(w->fs, w->handle);
	free(w->pending);
	*w = (struct writer){0};
}

/* spool.c - lines pending in one large buffer; a line is never split between two flushes. */
#include "simulate/spool.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "os/fs.h"

enum { PENDING_SIZE = 512 << 10 };

int spool_open(struct spool *w, struct fs *fs, const char *path, struct err *e)
{
	int handle;

	assert(!spool_is_open(w));
	TRY(fs_open(fs, path, FS_WRITE | FS_EXCLUSIVE, &handle, e));
	*w = (struct spool){.fs = fs, .pending = xmalloc(PENDING_SIZE), .handle = handle};
	return 0;
}

bool spool_is_open(const struct spool *w)
{
	return w->pending != NULL;
}

int spool_line(struct spool *w, str line, struct err *e)
{
	assert(spool_is_open(w));
	assert(line.len < PENDING_SIZE);
	if (w->used + line.len + 1 > PENDING_SIZE)
		TRY(spool_flush(w, e));
	memcpy(w->pending + w->used, line.ptr, line.len);
	w->used += line.len;
	w->pending[w->used++] = '\n';
	return 0;
}

int spool_flush(struct spool *w, struct err *e)
{
	if (w->used > 0)
		TRY(fs_write(w->fs, w->handle, w->pending, w->used, e));
	w->used = 0;
	return 0;
}

int spool_finish(struct spool *w, struct err *e)
{
	TRY(spool_flush(w, e));
	spool_done(w);
	return 0;
}

void spool_done(struct spool *w)
{
	if (!spool_is_open(w))
		return;
	fs_close(w->fs, w->handle);
	free(w->pending);
	*w = (struct spool){0};
}

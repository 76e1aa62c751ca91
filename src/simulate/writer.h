/* writer.h - one growing file of lines, written in large pieces. */
#ifndef SIMULATE_WRITER_H
#define SIMULATE_WRITER_H

#include "base/auto.h"
#include "base/err.h"

struct fs;

struct writer {
	struct fs *fs;
	char      *pending; /* NULL while no file is open */
	size_t     used;
	int        handle;
};

/* A new file: ERR_CONFLICT where it exists. */
int  writer_open(struct writer *w, struct fs *fs, const char *path, struct err *e) MUST_USE;
bool writer_is_open(const struct writer *w);

int  writer_line(struct writer *w, str line, struct err *e) MUST_USE;  /* adds the newline */
int  writer_flush(struct writer *w, struct err *e) MUST_USE;           /* whole lines reach the file */
int  writer_finish(struct writer *w, struct err *e) MUST_USE;          /* flush and close, if one is open */
void writer_done(struct writer *w);                                    /* close without a flush */

AUTO_DEFINE(writer, writer_done)

#endif

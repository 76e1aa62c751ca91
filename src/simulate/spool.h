/* spool.h - one growing file of lines, written in large pieces. */
#ifndef SIMULATE_SPOOL_H
#define SIMULATE_SPOOL_H

#include "base/auto.h"
#include "base/err.h"

struct fs;

struct spool {
	struct fs *fs;
	char      *pending; /* NULL while no file is open */
	size_t     used;
	int        handle;
};

/* A new file: ERR_CONFLICT where it exists. */
int  spool_open(struct spool *w, struct fs *fs, const char *path, struct err *e) MUST_USE;
bool spool_is_open(const struct spool *w);

int  spool_line(struct spool *w, str line, struct err *e) MUST_USE;  /* adds the newline */
int  spool_flush(struct spool *w, struct err *e) MUST_USE;           /* whole lines reach the file */
int  spool_finish(struct spool *w, struct err *e) MUST_USE;          /* flush and close, if one is open */
void spool_done(struct spool *w);                                    /* close without a flush */

AUTO_DEFINE(spool, spool_done)

#endif

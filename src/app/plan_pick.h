/* plan_pick.h - which files of many a sample is taken from. */
#ifndef APP_PLAN_PICK_H
#define APP_PLAN_PICK_H

#include "base/arena.h"
#include "base/err.h"

struct fs;

/* A file that was chosen; what the sample found in it is told later. */
struct plan_file {
	str      path;         /* real */
	uint64_t bytes;        /* its size */
	uint64_t bytes_before; /* of all files before it, chosen or not */
	int64_t  rows;
	int64_t  from_us, to_us; /* of nearly all of its events */
};

struct plan_pick {
	str     *globs;   /* paths, ending with NUL, escaped where they look like a pattern */
	struct plan_file *files; /* the same; in the order of all files */
	size_t   count, count_total;
	uint64_t bytes_total;
	bool     is_open; /* stdin: its size is not known */
};

/* Of the files that `from` names (folders with all in them, patterns, paths, "-"), as many as hold about
 * so much text: the first and the last, so that all of the time is covered, then evenly between, for files
 * stand in order of time, or of what is in them. Owned by `a`. */
int plan_pick(struct fs *fs, const char *const *from, size_t from_count, uint64_t text_bytes, struct arena *a,
              struct plan_pick *out, struct err *e) MUST_USE;

/* How many rows there are for each that was seen. Where files follow each other in time, the part between
 * the first and the last of those read stands for itself, however much is on either side; where they lie
 * side by side, each holds a share of the same hours. `bytes` were read of the files, the last of them
 * perhaps not to its end. */
double plan_scale(const struct plan_pick *pick, uint64_t bytes);
/* Hours that the events of files read are of. */
double plan_covered(const struct plan_pick *pick);

#endif

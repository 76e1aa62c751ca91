/* gather.h - all that a source hands out, kept, with the states a lake would have. */
#ifndef TESTS_GATHER_H
#define TESTS_GATHER_H

#include "base/map.h"
#include "source/source.h"

struct gathered {
	str               text, raw, key;
	uint64_t          offset;
	enum record_fault fault;
};

struct gather {
	struct arena arena;
	struct map   states; /* part key -> str *: as the last run told */
	bool         is_unsettled; /* no run is ever durable: gather_state has nothing */
	struct { VEC_OF(struct gathered); } records;
	size_t       runs, empty_runs, done_parts;
	uint64_t     blank_lines, raw_bytes;
	size_t       bytes_peak; /* of run.bytes */
	bool         is_text_typed;
	str          fault;
	struct run   run;
};

void gather_done(struct gather *g);
str  gather_state(void *gather, str key); /* a source_state_fn */

/* One run: what source_read returns. Checks that its parts begin where the states are. */
int gather_run(struct gather *g, struct source *s);
/* Runs until there is nothing more; a failure fails the test. */
void gather_all(struct gather *g, struct source *s);
/* The texts, one a line. */
str gather_texts(struct gather *g);

/* Open files, read all, close. Counts may be NULL. */
void gather_files(struct gather *g, const struct source_conf *conf, struct source_counts *counts);

/* Files below the test's folder, which test_folder() made before. Paths are good until the end of the program. */
const char *path_of(const char *folder, const char *name);
void        file_put(const char *path, str bytes);
void        file_add(const char *path, str bytes);

void pack_gzip(str bytes, struct buf *out);

AUTO_DEFINE(gather, gather_done)

#endif

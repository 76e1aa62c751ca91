/* writer.h - the one writer of a lane: its journal, its open tables, and the entry being made.
 *
 * Pipelines share it. Rows gather in the columns of targets; writer_commit makes them true and visible:
 * files, id runs and positions go into one journal entry, and the tables follow.
 */
#ifndef INGEST_WRITER_H
#define INGEST_WRITER_H

#include "base/pool.h"
#include "ingest/dedupe.h"
#include "ingest/names.h"
#include "lake/table.h"
#include "os/workers.h"

struct target {
	str            space, name;
	struct table  *table;
	struct columns columns;
};

struct writer_counts {
	int64_t commits, files, rows, bytes;
};

struct writer {
	struct lake         *lake;    /* borrowed */
	struct workers      *workers; /* borrowed */
	struct journal       journal;
	struct journal_state state;   /* as it was at the start: positions, names, runs */
	struct pool         *pool;
	struct { VEC_OF(struct target *); } targets;
	struct map           by_name; /* "<space>.<name>" -> target number + 1 */
	struct journal_entry entry;
	struct map           moved;   /* "<pipeline>\0<part>" -> position in the entry + 1 */
	struct writer_counts counts;
	struct arena         arena;
};

/* Fence the lane, bring the tables up to the journal, and be ready. */
int  writer_open(struct lake *l, struct workers *w, str lane, size_t memory_bytes, struct writer *out, struct err *e) MUST_USE;
void writer_done(struct writer *w);

/* The number of an open table, opened (or made) where it is not: `fresh` says how. */
int writer_target(struct writer *w, str space, str name, const struct table_fresh *fresh, uint32_t *out, struct err *e) MUST_USE;

/* The records of a run are in the columns: remember how far it takes its parts. */
void writer_move(struct writer *w, str pipeline, const struct run *run);
void writer_add_counts(struct writer *w, const struct entry_counts *counts);

/* Everything since writer_begin becomes one entry, which is in w->entry until the next writer_begin. `dedupes` and `names` are those of all pipelines. ERR_CONFLICT: fenced, stop.
 * Nothing gathered: nothing done. */
int writer_commit(struct writer *w, struct dedupe *const *dedupes, struct names *const *names, size_t count,
                  struct err *e) MUST_USE;
void writer_begin(struct writer *w); /* a new entry, empty */

AUTO_DEFINE(writer, writer_done)

#endif

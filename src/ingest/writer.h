/* writer.h - the one writer of a lane: its journal, its open tables, and the entry being made.
 *
 * Pipelines share it. Rows gather in the columns of targets; writer_commit makes them true:
 * files, raw segments, id runs and positions go into one journal entry, and the tables follow. A row of a table whose
 * raw is kept need not have a file by then: it is held (journal.h), in the columns and in its raw segment, until the
 * table's rows are worth a file.
 */
#ifndef INGEST_WRITER_H
#define INGEST_WRITER_H

#include "base/pool.h"
#include "ingest/archive.h"
#include "ingest/dedupe.h"
#include "ingest/names.h"
#include "ingest/pipeline.h"
#include "ingest/retention.h"
#include "lake/table.h"
#include "os/workers.h"

#define WRITER_GRACE_US INT64_C(10000000) /* for rows that are on their way when a partition ends */

struct target {
	str                      space, name;
	struct table            *table;
	struct columns           columns;
	const struct table_rule *rule;
	bool     may_hold;   /* all that feeds it keeps raw: its rows may wait for their file */
	uint32_t held_rows;  /* of the columns, the first ones: true already, by entries from held_since on */
	uint64_t held_since; /* 0: none */
	int64_t  oldest_us;  /* clock_mono of the first commit that held one of them */
	int64_t  oldest_at_us; /* and the time of day */
	double   density;    /* bytes of file for a byte of columns, as last seen */
};

struct writer_counts {
	int64_t commits, files, rows, bytes;
};

/* Tables are staged (stage.h) beside the live ones. */
struct writer_stage {
	const struct journal_state *live;       /* of lane 0 */
	const str                  *attributes; /* as in stage.h */
	names_anew_fn              *is_anew;    /* is this table of `events` built anew, or are rows only added to it? */
	void                       *context;
};

struct writer_conf {
	str                       lane;
	size_t                    memory_bytes; /* for columns */
	const struct table_rules *rules;        /* borrowed; NULL: the defaults */
	bool                      is_holding;   /* rows may be held over an entry; else every commit has all rows in files */
	const struct writer_stage *stage;       /* borrowed; NULL: tables are written to as they are */
	str                       switches;     /* the staged lane that this writer is here to switch to; empty: none (journal.h) */
};

struct writer {
	struct lake         *lake;    /* borrowed */
	struct workers      *workers; /* borrowed */
	const struct table_rules *rules;
	bool                 is_holding;
	const struct writer_stage *stage; /* borrowed; not NULL: nothing is applied to tables */
	size_t               memory_bytes;
	struct journal       journal;
	struct journal_state state;   /* as it was at the start: positions, names, runs */
	struct pool         *pool;
	struct { VEC_OF(struct target *); } targets;
	struct map           by_name; /* "<space>.<name>" -> target number + 1 */
	struct journal_entry entry;
	struct map           moved;   /* "<pipeline>\0<part>" -> position in the entry + 1 */
	struct writer_counts counts;
	struct apply_counts  behind;  /* what the tables lacked of the journal at the start */
	struct arena         arena;
};

/* Fence the lane, bring the tables up to the journal, and be ready. What w->state says is held is not in the columns
 * yet: held.h. */
int  writer_open(struct lake *l, struct workers *w, const struct writer_conf *conf, struct writer *out, struct err *e) MUST_USE;
void writer_done(struct writer *w);

/* The number of an open table, opened (or made) where it is not: `fresh` says how. */
int writer_target(struct writer *w, str space, str name, const struct table_fresh *fresh, uint32_t *out, struct err *e) MUST_USE;

/* Those of the tables that are not open, made together where they are not there (tables_make); they are still to be opened. */
void writer_make(struct writer *w, str space, const struct table_want *wants, size_t count);

/* The records of a run are in the columns: remember how far it takes its parts. */
void writer_move(struct writer *w, str pipeline, const struct run *run);
void writer_add_counts(struct writer *w, const struct entry_counts *counts);

/* What a pipeline adds to an entry. */
struct writer_part {
	str             pipeline;
	struct dedupe  *dedupe;  /* NULL: none */
	struct names   *names;
	struct archive *archive; /* NULL: none */
	struct retention *retention; /* NULL: all raw is kept */
};

/* Everything since writer_begin becomes one entry, which is in w->entry until the next writer_begin. `parts` are those of
 * all pipelines. Tables whose rows are worth a file, and with is_last all, get files; rows of the others are held.
 * ERR_CONFLICT: fenced, stop. Nothing gathered and nothing due: nothing done. */
int writer_commit(struct writer *w, const struct writer_part *parts, size_t count, bool is_last, struct err *e) MUST_USE;
void writer_begin(struct writer *w); /* a new entry, empty */

AUTO_DEFINE(writer, writer_done)

#endif

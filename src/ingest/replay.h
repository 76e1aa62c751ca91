/* replay.h - tables made again from raw, under the rules as they are now: other types, columns, partitions, tables.
 *
 * What dedupe decided stands: only records whose verdict was "row" are taken, each becomes a row once more, or is refused now and goes to
 * quarantine. The way:
 *
 *   build    an ingest of the raw segments into a lane of its own (stage.h): nothing that readers see changes, ingest may go on, and a
 *            replay that is killed goes on where it was
 *   switch   lane 0 is taken over (a `tarn run` waits: replay_wait.h), what it took meanwhile is built too, and then one entry gives the
 *            tables what was built in place of what they had
 *
 * The lane is named by what is asked for, the configuration, and how many replays there have been: so each is switched once.
 *
 * Of a range of event_time, [from, to), the files are replaced that hold a row of it, whole, and the others stay: so the range is in effect
 * widened to whole files. Which records these rows came from is read from them (struct replay_reader), so it does not matter what earlier
 * replays did with their tables. Rows that wait for their file, and what is taken while the replay is at work, are made again with them.
 * Files that stay must be readable afterwards: columns may come, and none may go or be of another type.
 */
#ifndef INGEST_REPLAY_H
#define INGEST_REPLAY_H

#include <signal.h>

#include "ingest/event.h"
#include "ingest/pipeline.h"
#include "lake/journal.h"
#include "os/workers.h"

struct replay_progress {
	uint64_t entries, entries_total;
	int64_t  records;
};

/* Which record a row came from. */
struct replay_row {
	str     position; /* source_position */
	int64_t taken_us; /* ingested_at */
};
typedef int replay_row_fn(void *context, const struct replay_row *row, struct err *e);

/* Who reads Parquet for us: every row of these files. `schema` has the two columns, `paths` are full ones. */
struct replay_reader {
	int (*read)(void *context, const struct schema *schema, const str *paths, size_t count, replay_row_fn *each,
	            void *each_context, struct err *e);
	void *context;
};

struct replay_conf {
	struct pipeline             *pipelines;
	size_t                       pipeline_count;
	str                          base;         /* as in pump_conf */
	const struct table_rules    *rules;
	size_t                       memory_bytes; /* of the whole process; 0: 512 MiB */
	uint64_t                     fingerprint;  /* of the configuration: rows of another one are never mixed in */
	const str                   *tables;       /* globs over names in `events`; none: all */
	size_t                       table_count;
	bool                         has_from, has_to; /* neither: whole tables */
	int64_t                      from_us, to_us;   /* of event_time */
	struct replay_reader         reader;           /* needed for a range alone */
	const volatile sig_atomic_t *stop;
	void (*progress)(void *context, const struct replay_progress *so_far); /* NULL: none */
	void                        *progress_context;
};

/* A column whose path, type or presence differs. */
struct replay_column {
	str         path;           /* "payload.commits.element.sha" */
	const char *before, *after; /* types; NULL: not there */
};

/* Of a range, rows are those of the files that are replaced, and of those that take their place. */
struct replay_table {
	str     name;
	bool    is_replaced;           /* else rows are only added to it */
	int64_t files, files_staying;  /* of a range: that are replaced, and that are not, as it began */
	int64_t low_us, high_us;       /* of a range: the first and last event_time in files that are replaced; low above high: none */
	int64_t rows_before, rows_after; /* held ones too */
	int64_t came, left;            /* rows that another table had before; that another has after */
	int64_t refused;
	int64_t extra_before, extra_after; /* rows with something in _extra; before: of those in files */
	const char *partition_before, *partition_after; /* "hour"; before NULL: a new table */
	struct { VEC_OF(struct replay_column); } columns;
};

struct replay_report {
	struct { VEC_OF(struct replay_table); } tables; /* by name */
	bool     is_range;
	bool     has_from, has_to;      /* of the range asked for */
	int64_t  from_us, to_us;
	int64_t  records;               /* taken: the rows of the tables in scope */
	int64_t  rows, refused, moved;
	int64_t  refused_for[REASON_COUNT];
	int64_t  duplicates, conflicts, quarantined; /* what stays what it was: of the whole lake */
	uint64_t entry;                 /* that switched; 0: none, this is a dry run, or there was nothing to do */
	bool     was_switched;          /* by a replay that was killed right afterwards: this one, dry too, had only to clear up */
	bool     is_partial;            /* a resumed build: refused_for and extra tell of this run alone */
	struct arena arena;
};
void replay_report_done(struct replay_report *r);

/* is_dry: what it would come to; nothing is written. ERR_STOPPED: it goes on when it is called again. ERR_UNSUPPORTED names a table that
 * has rows which are in no raw segment, or, of a range, a column that files which stay could not be read by. ERR_LIMIT: a range has more
 * rows than memory holds. ERR_CONFLICT: someone else took over the lake, or replayed it. */
int replay_run(struct lake *l, struct workers *w, const struct replay_conf *conf, bool is_dry, struct replay_report *out,
               struct err *e) MUST_USE;

AUTO_DEFINE(replay_report, replay_report_done)

#endif

/* pump.h - the way of the records: read, envelope, dedupe, route, shred, commit; and the only one in ingest that speaks.
 *
 * A batch is one run of a source. Its steps, those marked || spread over the workers:
 *
 *   envelope ||   by slices of records: parse, id, name, time, or the reason why not
 *   judge         in order: name -> table, repeats
 *   shred    ||   by table, its rows in order
 *   commit        when memory, count or time say so: flush ||, journal, apply ||
 */
#ifndef INGEST_PUMP_H
#define INGEST_PUMP_H

#include <signal.h>

#include "ingest/pipeline.h"
#include "ingest/writer.h"

struct watch;

struct pump_conf {
	struct pipeline *pipelines;
	size_t           pipeline_count;
	str              base;          /* folder that part labels are relative to, with '/' at the end */
	bool             is_following;  /* run for ever, until *stop */
	const volatile sig_atomic_t *stop;       /* set to 1 by a signal; NULL: never */
	struct watch    *watch;         /* told of each step; NULL is fine */
	int64_t          commit_us;     /* following: at most this long between commits; 0: 1 s */
	size_t           memory_bytes;  /* of the whole process; 0: 512 MiB */
	const struct table_rules *rules; /* NULL: the defaults */
	bool             is_by_hand;    /* the files were named by a person: raw is off unless it is asked for */
};

struct pump_table {
	str     name;
	int64_t rows, drifted, over_budget, lossy;
};

struct pump_reason {
	const char *code;
	int64_t     count;
};

struct pump_report {
	int64_t  records, rows, duplicates, conflicts, quarantined, blank_lines;
	uint64_t files_taken, files_skipped, files_passed_over, bytes_read, bytes_total;
	int64_t  commits, files_written, bytes_written;
	uint64_t head;         /* ERR_CONFLICT: the journal's last entry that this writer knew, 0: none; what stands above was put by others */
	uint64_t files_unread; /* files and folders that could not be read: all else is committed, and pump_run fails */
	struct { VEC_OF(struct pump_table); } tables;    /* sorted by name */
	struct { VEC_OF(struct pump_reason); } reasons;
	struct arena arena;
};

typedef void pump_progress(void *context, const struct pump_report *so_far);

struct fs;

/* ERR_IO with out->files_unread: *out is filled all the same. ERR_CONFLICT: another has the lane, and of *out only `head` is set. */
int  pump_run(struct lake *l, struct fs *fs, struct workers *w, const struct pump_conf *conf, pump_progress *progress,
              void *context, struct pump_report *out, struct err *e) MUST_USE;
void pump_report_done(struct pump_report *r);

AUTO_DEFINE(pump_report, pump_report_done)

#endif

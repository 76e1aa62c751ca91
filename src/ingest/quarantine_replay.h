/* quarantine_replay.h - refused records taken through their pipeline once more, or dropped.
 *
 * A replay is for when the configuration was at fault: the same envelope, names, dedupe and columns as
 * for records that come from a source, as they are configured now. A record that passes becomes a row
 * with its old position, one that turns out to be a repeat is counted, and one that still fails stays
 * where it is, as it is. All of it is one entry (quarantine_edit.h): a replay that dies has done
 * nothing, and a second one finds nothing left to do.
 *
 * Not every record can be judged anew: of one over the limit only the head was kept, and the names of a
 * CSV row's fields stand in raw alone (raw_find.h), which may be off, or let go. What a
 * `tarn replay` refused was a row before, so its id would be found a repeat of itself: the next `tarn replay` takes it
 * back. Those stay, and are counted apart.
 */
#ifndef INGEST_QUARANTINE_REPLAY_H
#define INGEST_QUARANTINE_REPLAY_H

#include <signal.h>

#include "ingest/pipeline.h"
#include "ingest/quarantine_edit.h"

struct quarantine_conf {
	struct pipeline             *pipelines;
	size_t                       pipeline_count;
	str                          base;         /* as in pump_conf */
	const struct table_rules    *rules;
	size_t                       memory_bytes; /* of the whole process; 0: 512 MiB */
	const volatile sig_atomic_t *stop;
	struct refused_reader        reader;       /* which rows is its to know */
};

/* Why a record cannot be judged anew. */
enum cannot { CANNOT_CUT, CANNOT_CSV, CANNOT_DOCUMENT, CANNOT_PIPELINE, CANNOT_REPLAY, CANNOT_COUNT };
const char *cannot_code(enum cannot c);  /* "cut" */
const char *cannot_words(enum cannot c); /* "only the head of it was kept" */

/* What becomes of the records of one pipeline that were refused for one reason. */
struct quarantine_group {
	str     pipeline, reason;
	int64_t records, rows, duplicates, conflicts, refused, cannot, dropped;
	int64_t refused_for[REASON_COUNT];
	int64_t cannot_for[CANNOT_COUNT];
};

struct quarantine_report {
	struct { VEC_OF(struct quarantine_group); } groups; /* by pipeline, the largest first */
	int64_t  leaving;   /* records that leave quarantine */
	uint64_t entry;     /* that says so; 0: none was needed, or it was a dry run */
	bool     is_held;   /* rows wait for their file: nothing can be done now (dry run; else it is an error) */
	struct arena arena;
};
void quarantine_report_done(struct quarantine_report *r);

#define QUARANTINE_HELD \
	"rows are waiting for their file: a `tarn run` is at work, or was killed. Stop it with Ctrl-C, or let `tarn ingest` " \
	"finish what it left; then try again"

/* is_dry: what it would come to, changing nothing. Else the lane is taken over, as by any writer.
 * ERR_BUSY where rows wait for their file. */
int quarantine_replay(struct lake *l, struct workers *w, const struct quarantine_conf *conf, bool is_dry,
                      struct quarantine_report *out, struct err *e) MUST_USE;
/* The records asked for leave for good, and are counted as dropped. */
int quarantine_drop(struct lake *l, struct workers *w, const struct quarantine_conf *conf, bool is_dry,
                    struct quarantine_report *out, struct err *e) MUST_USE;

AUTO_DEFINE(quarantine_report, quarantine_report_done)

#endif

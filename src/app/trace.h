/* trace.h - where an event is: what the files behind `tarn trace` share.
 *
 *   id --idkey--> key --runs of ids--> taken or not, and the event's hour --partitions, bounds, bloom filters--> a file
 *      --DuckDB--> the row
 *
 * Rows that have no file yet are in raw segments; refused records in tarn.quarantine, where nothing leads to them but reading.
 */
#ifndef APP_TRACE_H
#define APP_TRACE_H

#include "app/command.h"
#include "app/tables.h"
#include "ingest/idkey.h"
#include "lake/journal.h"
#include "lake/segment.h"

struct engine;

/* The nearest to an answer first. */
enum seen_as {
	SEEN_ROW,
	SEEN_HELD,        /* a row that no file has yet */
	SEEN_GONE,        /* taken, and in no file that its table shows */
	SEEN_CONFLICT,    /* these two: copies of one that was taken */
	SEEN_DUPLICATE,
	SEEN_QUARANTINED,
	SEEN_TEXT,        /* a refused record that holds the id's text, and cannot be parsed as far as its id */
	SEEN_AS_COUNT,
};

/* One copy of the event, and what became of it. What is not known is empty, 0, or below 0 where 0 would be something. */
struct seen {
	enum seen_as as;
	str          pipeline, table; /* "events.push" */
	str          position;        /* in the source */
	uint64_t     entry;           /* of a row, the one that its file is named after; of others, the one that took it */
	bool         has_time, has_taken;
	int64_t      time_us;         /* event_time */
	int64_t      taken_us;        /* ingested_at; of a refused one quarantined_at */
	str          file;            /* its key in the store */
	int64_t      row_group, row;  /* row: within the file */
	int64_t      snapshot;        /* that added the file; snapshot_us 0: it has expired */
	int64_t      snapshot_us;
	str          reason, pointer, message; /* of a refused one */
	str          record;          /* as received, where raw or quarantine has it */
};
#define SEEN(what) ((struct seen){.as = (what), .row_group = -1, .row = -1})

/* What the runs of ids of a pipeline say. */
struct trace_run {
	bool     is_found;
	bool     is_absent;   /* every run that lay in the store was asked, and none has it */
	bool     is_complete; /* they cover all rows: what is not found is not there */
	int64_t  hour;        /* of the event */
	uint64_t seq;         /* the entry that took it, or (not is_exact) one not older */
	bool     is_exact;
	str      key;         /* of the run that has it */
};

/* One pipeline, asked for the id. */
struct trace_asked {
	struct pipeline *pipeline;
	bool             has_key; /* else no event of it can have this id */
	struct idkey     id;
	struct trace_run run;
	bool             is_settled; /* its row is found */
};

struct trace {
	const struct app    *app;
	const struct config *config;
	struct lake         *lake;    /* over a store that counts */
	bool                 has_state;
	struct journal_state state;   /* read where no row is found without */
	struct engine       *engine;  /* opened when it is first needed */
	str                  typed;
	bool                 is_deep;
	struct { VEC_OF(struct seen); } seen;
	struct map           files;   /* key -> ptr to struct trace_file */
	uint64_t             files_looked_at, engine_bytes;
	uint64_t             segments_read, segments_gone;
	struct arena         arena;   /* owns all texts */
};

#define TRACE_LANE TABLES_LANE

int trace_engine(struct trace *t, struct err *e) MUST_USE;
int trace_state(struct trace *t, struct err *e) MUST_USE;

/* By the runs that the journal names; and, without the journal, by those that lie in the store: a hint. */
int trace_runs(struct trace *t, const struct trace_asked *asked, struct trace_run *out, struct err *e) MUST_USE;
int trace_runs_stored(struct trace *t, const struct trace_asked *asked, struct trace_run *out, struct err *e) MUST_USE;

/* --- files ---------------------------------------------------------------------------------- */

/* A data file, by its footer and the bloom filter of one column. */
struct trace_file {
	str      key;
	int64_t *groups;      /* rows of each row group */
	uint32_t group_count;
	bool     may_hold;
	int64_t  bytes;       /* what a reader of the row reads at most: the columns of row groups that may hold it, and the footer */
};

struct trace_value {
	str  plain;  /* as a column's values are hashed */
	bool is_any; /* nothing can be told from it */
};

/* `field_id` is the column of ids. Each file is looked at once. */
int trace_file_look(struct trace *t, str key, uint64_t size, int32_t field_id, struct trace_value value,
                    const struct trace_file **out, struct err *e) MUST_USE;

/* The tables that this pipeline has rows of in files. Owned by t->arena. */
void trace_tables(struct trace *t, str pipeline, struct table_name **out, size_t *count);
/* Move those to the front that seem to have it, by their files of the event's hour, and say how many. */
int trace_likely(struct trace *t, const struct trace_asked *asked, struct table_name *tables, size_t count, size_t *out,
                 struct err *e) MUST_USE;
/* Rows of this table with the id, to t->seen; returns how many. */
int trace_rows(struct trace *t, const struct trace_asked *asked, const struct table_name *table, struct err *e) MUST_USE;

/* --- records -------------------------------------------------------------------------------- */

/* Does this record have the id? `text` is its JSON. */
enum record_match { MATCH_NONE, MATCH_ID, MATCH_TEXT };
struct trace_reader;
struct trace_reader *trace_reader_new(const struct trace *t, const struct trace_asked *asked);
void                 trace_reader_free(struct trace_reader *r);
enum record_match    trace_record(struct trace_reader *r, str text, str part_key, int64_t now_us, int64_t *time_us);
AUTO_PTR_DEFINE(trace_reader, trace_reader_free)

/* All of these add to t->seen. Rows that wait for their file, or refused records that do; returns how many. */
int trace_held(struct trace *t, const struct trace_asked *asked, enum verdict verdict, struct err *e) MUST_USE;
/* Copies that are not there yet, from all raw segments of the event's entry and later ones. */
int trace_deep(struct trace *t, const struct trace_asked *asked, struct err *e) MUST_USE;
/* Refused records in files of tarn.quarantine. */
int trace_refused(struct trace *t, const struct trace_asked *asked, struct err *e) MUST_USE;

/* --- the answer ----------------------------------------------------------------------------- */

struct trace_cost {
	uint64_t bytes_read, files_looked_at;
	uint64_t lake_files, lake_bytes; /* Parquet */
};
int trace_show(const struct trace *t, const struct trace_cost *cost, struct err *e) MUST_USE;

#endif

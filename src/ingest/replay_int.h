/* replay_int.h - what the files of a replay share. */
#ifndef INGEST_REPLAY_INT_H
#define INGEST_REPLAY_INT_H

#include "ingest/replay.h"
#include "ingest/rerun.h"
#include "ingest/rowset.h"
#include "lake/stage.h"

/* What a replay says of itself in positions, under a pipeline that no configuration can name:
 *   in its own lane    "raw": the block to read next, "<entry>.<segment>.<block>"; "moved": rows so far that changed tables;
 *                      "since", of a range: the head of lane 0 when it began
 *   in lane 0          "<its lane>": "same.<entry>", or "changed.<entry>" where a row changed tables or was refused; "void.<entry>" where
 *                      what it had built could not be taken any more, and is thrown away */
#define REPLAY_PIPELINE STR("tarn:replay")

/* The block to read next. */
struct replay_cursor {
	uint64_t seq;
	size_t   segment, block;
};

/* What became of the records that a table had. */
struct replay_from {
	int64_t records, left, refused;
};

/* What a table got. */
struct replay_to {
	int64_t rows, came, extra;
};

/* A table in scope of a range, as it was when the replay began. */
struct range_table {
	str           name;
	uint64_t      since;      /* what entries above it gave the table is made again whole */
	uint64_t      held_since; /* then: rows of entries from this one on waited; 0: none */
	struct schema columns;    /* the two of struct replay_row */
	struct map    files;      /* keys of those that hold a row of the range */
	int64_t       rows, staying, rows_staying; /* of these files; files and rows of the others */
	int64_t       low_us, high_us;
};

struct replay_range {
	bool          is_on;
	uint64_t      since;    /* the head of lane 0 when the replay began */
	str           said;     /* as the lane has it; empty: not yet */
	struct map    by_name;  /* -> struct range_table */
	struct { VEC_OF(struct range_table *); } tables; /* by their groups in `rows` */
	struct rowset rows;     /* of the files */
	bool         *is_read;  /* entries up to `since`: is there a row wanted in their raw segments? */
	struct buf    position; /* of the record at hand */
};

struct replay {
	const struct replay_conf *conf;
	bool                  is_dry;
	struct lake          *lake;
	struct workers       *workers;
	str                   lane;    /* its own */
	struct journal_state  live;    /* of lane 0, up to which is built */
	struct writer_stage   stage;
	struct writer         writer;  /* of its own lane; dry: only what is needed to look */
	struct feed          *feeds;   /* one a pipeline */
	size_t                feed_count;
	struct rerun          rerun;
	struct replay_cursor  cursor;
	str                   cursor_from, moved_from; /* as the lane has them */
	int64_t               moved;
	struct replay_range   range;
	const struct segment_block *block; /* at hand */
	struct { VEC_OF(str); } tables_of; /* one a record wanted of it: the table that has its row now */
	size_t                fitting; /* targets of the writer that replay_fit has seen */
	str                   last;    /* the table last asked for, and what was said; `ptr` NULL: none */
	bool                  is_last_wanted;
	struct map            from;    /* table -> struct replay_from, of this run */
	struct map            to;      /* table -> struct replay_to, of this run */
	struct entry_counts  *refused_before; /* one a feed: what earlier replays put into quarantine and is still counted there */
	struct { VEC_OF(struct schema); } before; /* of the report's tables */
	struct replay_report  report;
	struct arena          arena;
};

bool replay_in_scope(const struct replay_conf *c, str table);
/* Does the switch take files, or waiting rows, out of the table? `known`: as lane 0 has it. */
bool replay_replaces(const struct replay *p, const struct state_table *known);
bool replay_is_stopped(const struct replay *p);

/* How many replays lane 0 has seen, and whether one of them changed which table has which record. */
size_t replay_count(const struct journal_state *live, bool *is_changed);
/* The lane of the replay that would be number `count`. */
str    replay_lane(const struct replay_conf *c, size_t count, struct arena *a);
/* The entry of lane 0 that switched a lane; 0: none did. */
uint64_t replay_entry(const struct journal_state *live, str lane);
/* Was what it had built thrown away? */
bool   replay_is_void(const struct journal_state *live, str lane);
/* Can what is asked for be made from raw? */
int    replay_check(struct replay *p, struct err *e) MUST_USE;
/* As many records as there were rows: else rows would be lost, or doubled. */
int    replay_balance(int64_t records, int64_t rows, struct err *e) MUST_USE;

/* --- a range (replay_range.c) --- */

/* Which files hold rows of it; and then, where these came from. Nothing where whole tables are asked for. */
int    range_plan(struct replay *p, struct err *e) MUST_USE;
int    range_read(struct replay *p, struct err *e) MUST_USE;
void   range_done(struct replay_range *r);
struct range_table *range_table(const struct replay_range *r, str name); /* NULL where it had no file then */
/* An entry of lane 0, all of them in order: what of it is to be read. */
void   range_note(struct replay *p, const struct journal_entry *j);
bool   range_reads(const struct replay_range *r, uint64_t seq);
/* Is a file of the table, by its key, one that is made again? */
bool   range_takes(const struct replay_range *r, str table, str key);
/* Rows of an entry that went to the table: are all of them made again, for no file of then has them? True without a range. */
bool   range_is_late(const struct replay_range *r, uint64_t seq, str table);
/* Is its row in a file that is made again? *table: whose. False without a range. */
bool   range_finds(struct replay *p, const struct segment_record *r, str *table);
/* Does the entry give the table rows that are made again? *oldest: the first entry that they may be of. */
bool   range_has(const struct replay_range *r, const struct journal_entry *j, const struct entry_table *t, uint64_t *oldest);

/* --- columns of files that stay (replay_fit.c) --- */

/* Of the writer's tables that are new since the last call. ERR_UNSUPPORTED names the column. */
int    replay_fit(struct replay *p, struct err *e) MUST_USE;
/* Has a table got columns meanwhile that contradict the staged ones? ERR_CONFLICT names the first. */
int    replay_clash(const struct replay *p, const struct state_table *known, const struct staged_table *s, struct err *e) MUST_USE;
void   replay_path(const struct field *f, struct buf *out); /* "payload.commits.element.sha" */

/* Names that lane 0 has come to know: those of tables that stay keep them. */
void   replay_learn(struct replay *p);
/* Everything of lane 0 up to p->live.head, into the lane. */
int    replay_build(struct replay *p, struct err *e) MUST_USE;
int    replay_commit(struct replay *p, struct err *e) MUST_USE;
/* Take lane 0 over, build the rest, and make it true. */
int    replay_switch(struct replay *p, struct err *e) MUST_USE;
/* Lanes that are over go, our own last: as long as it is there a replay that is started again finds that it was switched. */
int    replay_clear(struct replay *p, const struct journal_state *live, struct err *e) MUST_USE;

/* How the tables in scope are before, and what they become. */
int    replay_report_before(struct replay *p, struct err *e) MUST_USE;
/* So many rows of a table were taken out. */
void   replay_report_taken(struct replay *p, str table, int64_t rows);
int    replay_report_after(struct replay *p, struct err *e) MUST_USE;

#endif

/* replay_int.h - what the files of a replay share. */
#ifndef INGEST_REPLAY_INT_H
#define INGEST_REPLAY_INT_H

#include "ingest/replay.h"
#include "ingest/rerun.h"
#include "lake/stage.h"

/* What a replay says of itself in positions, under a pipeline that no configuration can name:
 *   in its own lane    "raw": the block to read next, "<entry>.<segment>.<block>"; "moved": rows so far that changed tables
 *   in lane 0          "<its lane>": "same.<entry>", or "changed.<entry>" where a row changed tables or was refused */
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
	str                   last;    /* the table last asked for, and what was said; `ptr` NULL: none */
	bool                  is_last_in_scope;
	struct map            from;    /* table -> struct replay_from, of this run */
	struct map            to;      /* table -> struct replay_to, of this run */
	struct entry_counts  *refused_before; /* one a feed: what earlier replays put into quarantine and is still counted there */
	struct { VEC_OF(struct schema); } before; /* of the report's tables */
	struct replay_report  report;
	struct arena          arena;
};

bool replay_in_scope(const struct replay_conf *c, str table);
bool replay_is_stopped(const struct replay *p);

/* How many replays lane 0 has seen, and whether one of them changed which table has which record. */
size_t replay_count(const struct journal_state *live, bool *is_changed);
/* The lane of the replay that would be number `count`. */
str    replay_lane(const struct replay_conf *c, size_t count, struct arena *a);
/* The entry of lane 0 that switched a lane; 0: none did. */
uint64_t replay_entry(const struct journal_state *live, str lane);
/* Can what is asked for be made from raw? */
int    replay_check(struct replay *p, struct err *e) MUST_USE;

/* Names that lane 0 has come to know: those of tables that stay keep them. */
void   replay_learn(struct replay *p);
/* Everything of lane 0 up to p->live.head, into the lane. */
int    replay_build(struct replay *p, struct err *e) MUST_USE;
int    replay_commit(struct replay *p, struct err *e) MUST_USE;
/* Take lane 0 over, build the rest, and make it true. */
int    replay_switch(struct replay *p, struct err *e) MUST_USE;
/* Lanes that are over go, our own too. */
int    replay_clear(struct replay *p, const struct journal_state *live, struct err *e) MUST_USE;

/* How the tables in scope are before, and what they become. */
int    replay_report_before(struct replay *p, struct err *e) MUST_USE;
int    replay_report_after(struct replay *p, struct err *e) MUST_USE;

#endif

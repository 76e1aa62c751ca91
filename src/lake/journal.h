/* journal.h - the log of commits: the one point where anything becomes true.
 *
 * An entry is one object, put with put_new under the next sequence number; that
 * put is the commit. Its text is one line of JSON and a line with the SHA-256 of the first, so that an entry proves itself;
 * and it holds the hash of the entry before it, so that the chain proves that none was lost or changed.
 *
 *   {"kind":"commit","lake":..,"epoch":1,"seq":2,"writer":"<16 hex>",
 *    "previous":"<sha256 of entry 1>","time":"..","positions":[..],"tables":[..],"ids":[..],"names":[..],"counts":[..]}
 *   sha256:<hex>
 *
 * Invariants (reliability section 2): I1 one chain, epochs never fall, an epoch is the seq of its FENCE entry. I2 each
 * position's `from` is the last `to` of that part. Never another body for the same seq; never s + 1 while s is undecided.
 *
 * Unknown outcomes are read back (store_put_sure). A commit that finds its place taken by another answers
 * ERR_CONFLICT: this writer has been fenced and must stop.
 */
#ifndef LAKE_JOURNAL_H
#define LAKE_JOURNAL_H

#include "base/map.h"
#include "base/vec.h"
#include "lake/lake.h"

enum entry_kind { ENTRY_FENCE, ENTRY_COMMIT };

struct entry_position {
	str pipeline, key; /* the part of the source */
	str from, to;      /* its states; from empty: first time */
	str before;        /* not stored: set by readers, the state the journal had */
};

struct entry_file {
	str      key;      /* in the store */
	int64_t  bytes, rows;
	str      checksum; /* XXH3-128 of the bytes, 32 hex digits */
};

/* A file of an earlier entry that leaves the table: rows and bytes as they were counted when it came. */
struct entry_removed {
	str     key;
	int64_t rows, bytes;
};

/* What an entry does to a table: it takes files of earlier entries out, by name or all of those up to
 * some entry, and puts new ones in.
 *
 *   "removes":[{"key":..,"rows":..,"bytes":..},..]
 *   "replaces_through":7,"removed_files":..,"removed_rows":..,"removed_bytes":..     all that entries up to 7 added and none removed
 *
 * Either stands in the text only where it is used. Beside replaces_through, `removes` names those of
 * these files whose names do not tell their entry: a replay's, which it wrote in a lane of its own. An
 * entry that removes by name as many rows as it adds, under the same schema, is taken to hold the same
 * rows in other files. One that replaces all brings its schema as it is: columns may be gone, or be
 * others under old names. */
struct entry_table {
	str     space, name;
	str     uuid;       /* as text */
	int64_t schema_id;  /* not stored when 0 */
	str     schema;     /* Iceberg schema JSON in force for these files; empty: the one before */
	str     partition;  /* "hour", "day", "month", "void": how these files and all to come are partitioned; empty: as before */
	str     manifest;   /* key of the manifest that lists `files` with their bounds; empty where there are none */
	int64_t manifest_bytes;
	str     manifest_checksum;
	struct { VEC_OF(struct entry_file); } files;
	int64_t rows, bytes; /* sums over files */
	int64_t held_rows;   /* of `rows`, those that entries from held_since on held: not stored where there are none */
	int64_t held_since;
	struct { VEC_OF(struct entry_removed); } removed;
	uint64_t replaces_through; /* below the entry's seq; 0: `removed` are all. Rows held until then are replaced with the files */
	int64_t removed_files, removed_rows, removed_bytes; /* sums over what is removed, either way */
};

/* Held rows. A commit and a table's file are two clocks: an entry may make rows of a table true without a file for them.
 * They are in its raw segments, by the verdicts there. The next entry with files of that table has all of them in its files,
 * and says so (held_rows, held_since); so a table holds rows of the entries held_since..head, or none. */
struct entry_held {
	str     space, name, uuid;
	str     schema; /* as in entry_table */
	int64_t rows;
};

/* A raw segment (segment.h): the records that this entry took of a pipeline; or those that it took out of quarantine, as rows. */
struct entry_raw {
	str     pipeline, key, checksum;
	int64_t bytes, records;
};

/* A run of ids. It may take the place of runs of earlier entries, all whose ids it holds: those are not asked for
 * any more, and may be removed once this entry is committed. */
struct entry_ids {
	str      pipeline, key, checksum;
	int64_t  count, bytes;
	str     *replaced; /* keys; in the text "replaces":[{"key":..},..], and only where there are any */
	size_t   replaced_count;
};

struct entry_name {
	str pipeline, name, table; /* raw event name -> table */
};

/* What became of a pipeline's records: records = rows + duplicates + conflicts + quarantined + dropped.
 * The event tables have as many rows more as are counted as rows, tarn.quarantine as many as are
 * counted as quarantined: files added less files removed. So where files are removed, and only there,
 * these numbers may be below zero: of n refused records that are rows now, records 0, rows n,
 * quarantined -n; of n that were dropped from quarantine for good, quarantined -n, dropped n. No sum of
 * a pipeline over all entries is below zero. */
struct entry_counts {
	str     pipeline;
	int64_t records, rows, duplicates, conflicts, quarantined;
	int64_t dropped; /* in the text where it is not 0 */
};

/* Raw segments of a pipeline that may be gone from this entry on: those of entries up to `through`. It rises, and stays below
 * what holds rows. */
struct entry_forgotten {
	str      pipeline;
	uint64_t through;
};

struct journal_entry {
	enum entry_kind kind;
	uint64_t epoch, seq;
	uint64_t writer;       /* drawn at random when a journal is opened: no two writers put the same bytes */
	int64_t  time_us;
	char     previous[65]; /* hex; 64 zeros for the first */
	char     hash[65];     /* of this entry; set when read or committed */
	int64_t  bytes;        /* of its text; the same */
	struct { VEC_OF(struct entry_position); } positions;
	struct { VEC_OF(struct entry_table); } tables;
	struct { VEC_OF(struct entry_ids); } ids;
	struct { VEC_OF(struct entry_name); } names;
	struct { VEC_OF(struct entry_counts); } counts;
	struct { VEC_OF(struct entry_raw); } raws;   /* "raw", and only where there are any */
	struct { VEC_OF(struct entry_held); } held;  /* the same */
	struct { VEC_OF(struct entry_forgotten); } forgotten; /* the same */
	str switches; /* of a FENCE: the lane (stage.h) whose writer is here only to make true what it staged; empty, and not stored: any other */
	struct arena arena; /* owns the strs */
};

void entry_done(struct journal_entry *j);
void entry_write(const struct journal_entry *j, const struct lake *l, struct buf *out);
int  entry_parse(str text, const struct lake *l, struct journal_entry *out, struct err *e) MUST_USE; /* ERR_CORRUPT says what */
AUTO_DEFINE(journal_entry, entry_done)

/* What the entry does to this table, so far nothing where it was not there. Borrowed until the next one
 * is asked for. */
struct entry_table *entry_table(struct journal_entry *j, str space, str name, str uuid);
void entry_remove(struct journal_entry *j, struct entry_table *t, const struct entry_removed *file); /* copied */

/* What the entries add up to. */
struct state_run {
	str      pipeline, key, checksum;
	int64_t  count;
	uint64_t seq;
	int64_t  time_us; /* of its entry; where it replaced others, seq and time are those of the newest of them */
	int64_t  bytes;
};

struct state_table {
	str      space, name, uuid;
	str      schema;        /* the newest one */
	uint64_t last_seq;      /* newest entry with files of it; 0: none */
	int64_t  rows, files;
	int64_t  held_rows;     /* not in `rows` */
	uint64_t held_since;    /* the entry with the oldest of them; 0: none */
};

/* A raw segment that holds rows which no file has: from the oldest held_since on. */
struct state_raw {
	str      pipeline, key;
	str      checksum; /* empty where it is known from a checkpoint that did not say it: the entry has it */
	uint64_t seq;
	int64_t  bytes;
};

struct journal_state {
	uint64_t   head;            /* 0: no entry yet */
	uint64_t   epoch;
	char       hash[65];
	struct map positions;       /* "<pipeline>\0<key>" -> ptr to str, the state */
	struct map names;           /* "<pipeline>\0<name>" -> ptr to str, the table */
	struct { VEC_OF(struct state_run); } runs;     /* in order of seq */
	struct map tables;          /* "<space>.<name>" -> ptr to struct state_table */
	struct { VEC_OF(struct entry_counts); } counts; /* one a pipeline, summed */
	struct { VEC_OF(struct state_raw); } raws;      /* in order of seq */
	struct { VEC_OF(struct entry_forgotten); } forgotten; /* one a pipeline */
	struct arena arena;
	/* Where it began: the entry of the checkpoint it was read from (0: none), that one's size, and that of the
	 * entries folded in since. */
	uint64_t   checkpoint;
	int64_t    checkpoint_bytes, tail_bytes;
};

void state_done(struct journal_state *s);
/* Fold one entry in; ERR_CORRUPT where it breaks the chain or I2, naming the entry and the part: the state is of no more use then. */
int  state_add(struct journal_state *s, const struct journal_entry *j, struct err *e) MUST_USE;
str  state_position(const struct journal_state *s, str pipeline, str key); /* empty where there is none */
str  state_table_of(const struct journal_state *s, str pipeline, str name); /* empty where there is none */
/* NULL where the journal knows no such table, or where s is NULL. */
const struct state_table *state_table(const struct journal_state *s, str space, str name);
/* The entry with the oldest row that no file has; 0 where all are in files. */
uint64_t state_held_since(const struct journal_state *s);
/* Raw segments of entries up to this one may be gone; 0: none. */
uint64_t state_forgotten(const struct journal_state *s, str pipeline);
AUTO_DEFINE(journal_state, state_done)

/* Checkpoints: what the entries up to one add up to, sealed like an entry, so that a start need not read them
 * all. The journal stays the truth: a checkpoint is believed only where it names the hash of the entry at its
 * seq, one that is missing or damaged is passed over, and all of them may be removed at any time.
 *
 *   {"kind":"checkpoint","lake":..,"epoch":1,"seq":256,"entry":"<sha256 of entry 256>",
 *    "positions":[..],"names":[..],"runs":[..],"tables":[..],"counts":[..]}
 *   sha256:<hex>
 *
 * States that are equal give the same text, however they were come by. */
void checkpoint_write(const struct journal_state *s, const struct lake *l, struct buf *out);
int  checkpoint_parse(str text, const struct lake *l, struct journal_state *out, struct err *e) MUST_USE;
/* The newest one that can be believed; *out stays untouched where there is none. */
int  checkpoint_load(struct lake *l, str lane, struct journal_state *out, struct err *e) MUST_USE;
/* Put one, and remove all but the one before it. s->checkpoint and the sizes are set as if it had been loaded. */
int  checkpoint_put(struct lake *l, str lane, struct journal_state *s, struct err *e) MUST_USE;

/* One entry. ERR_MISSING; ERR_CORRUPT where its text does not prove itself, or it is not entry `seq`. */
int journal_read(struct lake *l, str lane, uint64_t seq, struct journal_entry *out, struct err *e) MUST_USE;

/* Read entries from..head in order. The callback's entry is borrowed. Stops at the first missing seq; a hole (an entry
 * above it exists) is ERR_CORRUPT. */
typedef int journal_walk_fn(void *context, const struct journal_entry *j, struct err *e);
int journal_walk(struct lake *l, str lane, uint64_t from, journal_walk_fn *each, void *context, struct err *e) MUST_USE;
/* The state at the head: from the newest checkpoint on. */
int journal_load(struct lake *l, str lane, struct journal_state *out, struct err *e) MUST_USE;

/* The writer of a lane. */
struct journal {
	struct lake *lake; /* borrowed */
	str          lane;
	uint64_t     epoch, head; /* epoch 0: this writer has been fenced, or an outcome stayed unknown: it must stop */
	char         hash[65];
	uint64_t     writer;
	uint64_t     checkpoint; /* these three as in the state */
	int64_t      checkpoint_bytes, tail_bytes;
};

/* Load the state, put a FENCE on top, retry while others are first (bounded). */
int journal_open(struct lake *l, str lane, struct journal *out, struct journal_state *state, struct err *e) MUST_USE;
/* The same, and the FENCE says for which staged lane: whoever loses the lane to it may wait for the switch. Empty: none. */
int journal_open_to_switch(struct lake *l, str lane, str staged, struct journal *out, struct journal_state *state,
                           struct err *e) MUST_USE;
/* Commit as seq head + 1: kind, epoch, seq, writer, previous, time are filled in here. On success the head is this
 * entry. Once in checkpoint_every entries, where they outweigh the last checkpoint, a new one is put. */
int journal_commit(struct journal *j, struct journal_entry *entry, struct err *e) MUST_USE;
/* What a writer's failure is to be called. Who has taken the lane over may have removed what this one was still reading: then it is
 * ERR_CONFLICT, whatever it looked like. Returns e's class. */
int journal_failed(struct journal *j, struct err *e) MUST_USE;

#endif

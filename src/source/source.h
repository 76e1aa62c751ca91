/* source.h - the seam to sources: where records come from.
 *
 * A source hands out runs of records with their positions. It frames: it finds where a record begins
 * and ends, and turns CSV rows into JSON objects; it does not parse, dedupe, retry or log.
 *
 * Promise, tested for every kind by tests/seam/source_test.c: opened again at the positions that the lake has
 * taken, nothing is lost and nothing before them comes again.
 *
 * One part that cannot be read keeps no other waiting: it is said in the run's notices, once, and the others go on. A
 * source that follows tries it again, later and later, and says when it can be read; one that does not leaves it, from
 * where its last whole record ended.
 *
 * Positions. What is read from splits into parts (a file, a shard), each with a key and a state that is opaque
 * to everyone else. A run says how far it takes each part: from one state to another; the next run's `from` is this run's `to`.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "base/arena.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

/* Why a record is not fit to be parsed; the source has already seen it. */
enum record_fault {
	RECORD_OK,
	RECORD_TOO_LARGE,   /* size.record: `text` is its head */
	RECORD_COMPRESSION, /* frame.compression: the rest of the part cannot be read; `text` is empty */
	RECORD_CSV_QUOTE,   /* csv.quote */
	RECORD_CSV_FIELDS,  /* csv.fields */
	RECORD_SHAPE,       /* frame.records: the document has no array where `records` says */
};

struct record {
	uint64_t offset;      /* of its first byte in the decoded part */
	uint32_t text;        /* JSON, at run.bytes.ptr + text; JSON_PADDING readable bytes follow the last record */
	uint32_t text_len;
	uint32_t raw;         /* as received, when that differs from the JSON (CSV); else equal to text */
	uint32_t raw_len;
	uint64_t whole_len;   /* as received: more than raw_len where only the head is kept */
	const char *whole_sha256; /* hex, of a record over the limit; in run.arena, NULL of all others */
	uint32_t part;        /* index in run.parts */
	enum record_fault fault;
};

struct run_part {
	str      key;         /* "/abs/path/of/file.json.gz": owned by run.arena, as are the others */
	str      from, to;    /* states; from empty: never taken before */
	bool     is_done;     /* taken whole, as far as there is now */
	str      fault;       /* a sentence: why the rest cannot be read (RECORD_COMPRESSION); else empty */
};

/* Words for the user: what of the source could not be read, or can be again. */
struct run_notice {
	str  text;
	bool is_failure;
};

/* Filled by source_read, owned and recycled by the caller. */
struct run {
	struct buf   bytes;
	struct arena arena;
	struct { VEC_OF(struct record); } records;
	struct { VEC_OF(struct run_part); } parts;
	struct { VEC_OF(struct run_notice); } notices; /* texts in `arena`; set whether there are records or not */
	uint64_t     raw_bytes;    /* read from the outside, as it lies there (compressed) */
	uint64_t     blank_lines;  /* skipped and counted (B1) */
	bool         is_text_typed; /* CSV: all values are text, and types may be read from it */
};

void run_clear(struct run *r);
void run_done(struct run *r);

/* The state the lake has for a part; empty where it has none. */
typedef str source_state_fn(void *context, str part_key);

enum source_format { FORMAT_AUTO, FORMAT_JSON, FORMAT_CSV, FORMAT_FLUENTD };

struct source_conf {
	const str         *globs;      /* patterns or paths; "-" is stdin */
	size_t             glob_count;
	enum source_format format;
	str                records;    /* JSON Pointer of the array inside each document; empty: none */
	bool               is_following; /* run: new files and growth are awaited; an unfinished last line is left until it is whole */
	uint64_t           record_limit; /* bytes; 0: 8 MiB */
	uint64_t           run_bytes;    /* a run ends after about this much decoded text; 0: 16 MiB */
};

struct source;
struct fs;
struct clock;

struct source_ops {
	const char *kind;
	/* 1: `run` is filled (cleared first); 0: nothing more now. */
	int (*read)(struct source *s, struct run *run, struct err *e);
	/* All up to these positions is durable; the far end may forget it. May be empty. */
	int (*settle)(struct source *s, const struct run_part *parts, size_t count, struct err *e);
	void (*close)(struct source *s);
};

struct source_counts {
	uint64_t parts_taken, parts_skipped; /* files read at all; files already taken whole */
	uint64_t parts_passed_over; /* found by a wildcard and never opened: still being written (.part), outside the pattern's folder,
	                             * or with a name that is not text */
	uint64_t bytes_total, bytes_read;    /* for progress: known size of what is to be read; 0 where unknown */
};

struct source {
	const struct source_ops *ops;
	struct source_counts     counts;
};

/* Kinds. What `conf` points at is borrowed until close. */
int source_open_file(struct fs *fs, struct clock *clock, const struct source_conf *conf, source_state_fn *state,
                     void *state_context, struct source **out, struct err *e) MUST_USE;
/* In memory, the reference: records are the lines of `text`, the part is named `key`. */
struct source *source_new_mem(str key, str text, source_state_fn *state, void *state_context);

/* For records that are kept and judged anew: a longer one is RECORD_TOO_LARGE. */
uint64_t source_record_limit(const struct source_conf *conf);
/* The JSON of a record, from its bytes as received and the key of its part: what a source had handed out
 * as its text. false where they do not tell: the names of a CSV row stand in another row. */
bool source_text(const struct source_conf *conf, str part_key, str raw, str *out);

int  source_read(struct source *s, struct run *run, struct err *e) MUST_USE;
int  source_settle(struct source *s, const struct run_part *parts, size_t count, struct err *e) MUST_USE;
void source_close(struct source *s); /* NULL is fine */

AUTO_PTR_DEFINE(source, source_close)
AUTO_DEFINE(run, run_done)

#endif

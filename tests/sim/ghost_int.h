/* ghost_int.h - the parts of the ghost: the records (records.c), the journal (ghost.c, ids.c), the
 * tables (tables.c). */
#ifndef SIM_GHOST_INT_H
#define SIM_GHOST_INT_H

#include "ingest/pipeline.h"
#include "lake/journal.h"
#include "lake/segment.h"
#include "tests/sim/ghost.h"

enum record_kind { RECORD_FRESH, RECORD_REPEAT, RECORD_OTHER_PAYLOAD, RECORD_BAD };

enum { FILES_MAX = 6 };

struct ghost_record {
	enum record_kind kind;
	uint32_t         id;  /* number in the pipeline's ids; RECORD_BAD: none */
	uint64_t         end; /* offset behind its line */
};

struct ghost_file {
	unsigned    pipeline;
	const char *path;
	struct buf  text;
	struct { VEC_OF(struct ghost_record); } records;
	size_t      shown;        /* records that are there to be read */
	uint64_t    show_step;    /* when more of them come */
	size_t      taken;        /* by the journal */
	str         position;     /* as the journal has it */
};

struct ghost_id {
	uint8_t  table; /* which name its event has */
	uint8_t  file;
	uint64_t entry; /* that accepted it; 0: none yet */
	str      line;
};

struct ghost_pipeline {
	struct pipeline conf;
	str             glob;
	struct { VEC_OF(struct ghost_id); } ids;
	int64_t         quarantined; /* of its records, now */
};

struct ghost_table {
	uint64_t mark;
	int64_t  held;       /* rows that no file has, by the entries so far */
	uint64_t held_since; /* the entry with the oldest of them; 0: none */
};

struct keys {
	VEC_OF(struct hash128);
};

/* A run of ids, which an entry named. */
struct ghost_run {
	str         key;
	struct keys keys;
	uint64_t    replaced_by; /* entry; 0: it counts */
};

/* An entry as it was seen first, and what of it the checks of tables ask for. */
struct ghost_entry {
	char     hash[65];
	int64_t  rows[GHOST_TABLES];
	struct { VEC_OF(str); } files[GHOST_TABLES]; /* keys */
	struct { VEC_OF(str); } removed; /* keys of files that it takes out of quarantine */
};

struct ghost {
	struct world         *world;
	struct store         *eye;
	struct lake          *lake;    /* seen through the eye; NULL until there is one */
	struct ghost_pipeline pipelines[PIPELINES_MAX];
	size_t                pipeline_count;
	struct ghost_file     files[FILES_MAX];
	size_t                file_count;
	struct { VEC_OF(struct ghost_entry); } entries; /* entry i + 1 */
	struct { VEC_OF(struct ghost_run); } runs;
	struct { VEC_OF(struct ghost_run); } gone; /* replaced and then removed: never forgotten */
	uint64_t              epoch;
	bool                  is_again; /* entries are looked at once more, from the first on */
	uint64_t              acked;   /* newest entry that a writer was told of */
	char                  acked_hash[65];
	struct map            objects; /* named by an entry: key -> seq */
	struct map            discarded; /* keys of data files that were removed, as they might */
	struct ghost_table    tables[GHOST_TABLES];
	struct fs            *eye_fs;
	struct arena          arena;
};

/* What must become of a record that an entry covers. */
struct outcome {
	const struct ghost_file *file;
	uint64_t                 offset;
	enum verdict             verdict;
	uint8_t                  table; /* of a row */
};

/* What the records of one entry must come to. */
struct sums {
	struct { VEC_OF(struct outcome); } outcomes;
	struct entry_counts counts[PIPELINES_MAX];
	int64_t             rows[GHOST_TABLES];
	struct keys         keys[PIPELINES_MAX]; /* of accepted ids */
};

void sums_done(struct sums *s);
AUTO_DEFINE(sums, sums_done)

/* ghost.c */
void ghost_object_add(struct ghost *g, const struct journal_entry *j, str key); /* named by it, and by none before */
/* removed.c */
void ghost_take_removed(struct ghost *g, const struct journal_entry *j, struct sums *s, struct ghost_entry *out);
bool ghost_may_discard(struct ghost *g, str key); /* nothing leads to the data file any more */
/* raw.c */
void ghost_check_raw(struct ghost *g, const struct journal_entry *j, const struct sums *s);
/* ids.c */
void ghost_check_ids(struct ghost *g, const struct journal_entry *j, struct sums *s);
void ghost_run_removed(struct ghost *g, const struct ghost_run *r);
void ghost_check_gone(struct ghost *g);
/* records.c */
void records_make(struct ghost *g);
void records_show(struct ghost *g, bool is_all);
void records_done(struct ghost *g);
/* tables.c */
bool ghost_see_lake(struct ghost *g); /* false: there is none yet */
void ghost_check_table(struct ghost *g, unsigned table);
int  ghost_table_of(str space, str name); /* -1: none of ours */
/* The object as it lies there; its bytes are what the journal says. */
bool ghost_check_object(struct ghost *g, uint64_t seq, str key, int64_t bytes, str checksum);

#endif

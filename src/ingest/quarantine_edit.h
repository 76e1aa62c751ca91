/* quarantine_edit.h - rows leave tarn.quarantine: for the tables of events, or for good.
 *
 * A row is named by its file and its place in it. Files that lose no row stay as they are, those that
 * lose all go, and the others are written again without them. That, and whatever else was gathered in
 * the writer's columns, is one entry of the journal: all of it becomes true, or none.
 *
 * A file that `tarn replay` wrote is never written again: by its name the next replay knows what to take back.
 */
#ifndef INGEST_QUARANTINE_EDIT_H
#define INGEST_QUARANTINE_EDIT_H

#include "ingest/quarantine.h"
#include "ingest/writer.h"

typedef int refused_fn(void *context, const struct refused *r, struct err *e);

/* Who reads Parquet for us. `schema` is the table's; `paths` are full ones, and refused.file is a place
 * among them. */
struct refused_reader {
	/* Those rows that are asked for; is_all: every one. File by file, as they stand there. */
	int (*read)(void *context, const struct schema *schema, const str *paths, size_t count, bool is_all, refused_fn *each,
	            void *each_context, struct err *e);
	void *context;
};

/* What becomes of a record that leaves. */
enum leave { LEAVE_ROW, LEAVE_DUPLICATE, LEAVE_CONFLICT, LEAVE_DROPPED };

struct quarantine_file {
	str      key;
	int64_t  rows, bytes, leaving;
	uint8_t *leaves; /* a bit a row; NULL: none leaves */
	bool     is_of_replay; /* `tarn replay` refused its rows: their ids are known, and raw has them as rows */
};

struct quarantine_edit {
	struct schema           schema;
	str                     uuid;
	struct quarantine_file *files;
	str                    *paths;
	size_t                  file_count; /* in order of their first rows: as the records arrived */
	int64_t                 leaving;
	struct { VEC_OF(struct entry_counts); } counts; /* one a pipeline, signed */
	struct arena            arena;
};

/* The table as it is now; no files where there is none. */
int  quarantine_edit_open(struct lake *l, struct quarantine_edit *out, struct err *e) MUST_USE;
void quarantine_edit_done(struct quarantine_edit *q);

void quarantine_leave(struct quarantine_edit *q, str pipeline, size_t file, int64_t row, enum leave how);

/* Rows in the writer's columns go to files that the entry to come will name: for when there are too many. */
int quarantine_spill(struct writer *w, struct err *e) MUST_USE;
/* The same of raw, where it is more than `most` bytes. */
int quarantine_spill_raw(struct writer *w, str pipeline, struct archive *a, size_t most, struct err *e) MUST_USE;
/* The entry, with raw, new names and ids of the parts, and the tables brought up to it. Some row leaves. */
int quarantine_commit(struct quarantine_edit *q, struct writer *w, const struct refused_reader *reader,
                      const struct writer_part *parts, size_t part_count, struct err *e) MUST_USE;

AUTO_DEFINE(quarantine_edit, quarantine_edit_done)

#endif

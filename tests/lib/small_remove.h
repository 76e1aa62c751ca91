/* small_remove.h - entries of a small lake that take files out of its table.
 *
 *     small_commit(&s, 3, ...);
 *     small_keep(&s, &files);              the files of that entry, to be removed later
 *     small_begin(&s, 2, small_time(0));   an entry that adds two rows; 0: none
 *     small_remove(&s, &files.at[0]);
 *     CHECK_OK(small_put(&s, &e), &e);
 *
 * What leaves the table is counted as dropped, so that the entry balances.
 */
#ifndef TESTS_SMALL_REMOVE_H
#define TESTS_SMALL_REMOVE_H

#include "tests/lib/small_lake.h"

struct small_files {
	VEC_OF(struct entry_removed);
	struct arena arena;
};

static inline void small_files_done(struct small_files *f)
{
	VEC_DONE(f);
	arena_done(&f->arena);
}

AUTO_DEFINE(small_files, small_files_done)

/* The files that s->entry added, to the end of these. */
static inline void small_keep(struct small *s, struct small_files *out)
{
	const struct entry_table *t = &s->entry.tables.at[0];

	for (size_t i = 0; i < t->files.count; i++)
		*VEC_ADD(out) = (struct entry_removed){
			arena_str(&out->arena, t->files.at[i].key), t->files.at[i].rows, t->files.at[i].bytes,
		};
}

static inline void small_begin(struct small *s, uint32_t rows, int64_t first_us)
{
	struct err e = ERR_NONE;

	if (rows > 0) {
		small_fill(s, rows, first_us, 60000000);
		CHECK_OK(small_flush(s, &e), &e);
		return;
	}
	entry_done(&s->entry);
	*VEC_ADD(&s->entry.counts) = (struct entry_counts){.pipeline = STR("p")};
}

static inline void small_dropped(struct small *s, int64_t rows)
{
	s->entry.counts.at[0].rows -= rows;
	s->entry.counts.at[0].dropped += rows;
}

static inline struct entry_table *small_entry_table(struct small *s)
{
	return entry_table(&s->entry, s->table->space, s->table->name, s->table->uuid);
}

static inline void small_remove(struct small *s, const struct entry_removed *file)
{
	entry_remove(&s->entry, small_entry_table(s), file);
	small_dropped(s, file->rows);
}

/* All these, which must be all there are of entries up to `through`. */
static inline void small_replace(struct small *s, uint64_t through, const struct small_files *files)
{
	struct entry_table *t = small_entry_table(s);

	t->replaces_through = through;
	for (size_t i = 0; i < files->count; i++) {
		t->removed_files++;
		t->removed_rows += files->at[i].rows;
		t->removed_bytes += files->at[i].bytes;
		small_dropped(s, files->at[i].rows);
	}
}

static inline void small_done(struct small *s, bool is_applied)
{
	struct err e = ERR_NONE;

	CHECK_OK(small_put(s, &e), &e);
	if (is_applied)
		small_apply(s);
}

static inline bool small_is_there(struct small *s, str key)
{
	struct err e = ERR_NONE;
	uint64_t   size;

	return store_size(s->inner, key, &size, &e) == 0;
}

#endif

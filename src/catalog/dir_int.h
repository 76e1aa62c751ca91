/* dir_int.h - inside the dir kind: its names, and the boundary below which versions are gone. */
#ifndef CATALOG_DIR_INT_H
#define CATALOG_DIR_INT_H

#include "catalog/catalog.h"
#include "store/store.h"

struct catalog_dir {
	struct catalog base;
	struct store  *store; /* borrowed */
};

static inline struct store *dir_store_of(struct catalog *c)
{
	return ((struct catalog_dir *)c)->store;
}

/* "<space>/<table>/metadata/" */
str     dir_folder(struct arena *a, str space, str table);
str     dir_version_key(struct arena *a, str space, str table, int64_t version);
/* The number in ".../v<N>.metadata.json"; 0 where the key is something else. */
int64_t dir_version_of_key(str key, str folder);
str     dir_hint_key(struct arena *a, str space, str table);
/* What the hint says; 0 where it says nothing that can be used. */
int64_t dir_hint(struct store *s, str space, str table);
/* The highest version by listing; 0: no such table. */
int     dir_highest(struct store *s, str space, str table, int64_t *out, struct err *e) MUST_USE;

/* 1 where the version is there, 0 where it is not. */
int     dir_exists(struct store *s, str space, str table, int64_t version, struct err *e) MUST_USE;
/* The present version: from the hint, or where that does not lead to one, from a listing. ERR_MISSING: no such table. */
int     dir_find(struct store *s, str space, str table, int64_t *out, struct err *e) MUST_USE;

/* The verbs that change tables (catalog_dir_change.c). */
int  dir_create(struct catalog *c, str space, str table, str metadata, struct err *e);
int  dir_swap(struct catalog *c, str space, str table, str version, str metadata, struct err *e);
void dir_change_many(struct catalog *c, struct catalog_change *items, size_t count);

/* Remove the versions older than the `keep` before `present`. */
int dir_trim(struct store *s, str space, str table, int64_t present, int64_t keep, struct err *e) MUST_USE;
/* A version below the boundary is not to be believed, though it may be there for a moment: the highest
 * one in its place. */
int dir_above_boundary(struct store *s, str space, str table, int64_t *version, struct err *e) MUST_USE;
/* A version has just been put as a new name. 1: it was the first ever of that number. 0: it had been
 * trimmed, or may have been, and is gone again. */
int dir_is_first(struct store *s, str space, str table, int64_t version, struct err *e) MUST_USE;
/* No table is there: nothing of one that was may stand in the way of the next. */
int dir_forget(struct store *s, str space, str table, struct err *e) MUST_USE;

#endif

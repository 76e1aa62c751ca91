/* catalog.h - the seam to catalogs: which metadata file is a table's present.
 *
 * Promise, tested for every kind by tests/seam/catalog_test.c: of two swaps from one
 * version exactly one wins; load sees the last win; a swap that answers ERR_IO or
 * ERR_BUSY is an unknown outcome: load again and look.
 *
 * The `dir` kind keeps `<namespace>/<table>/metadata/v<N>.metadata.json` in a store, as Spark's file-system
 * catalog knows it: version N + 1 is put with put_new, which is the swap; `version-hint.text` follows and
 * is only a hint, readers look further up from it. Old versions can be trimmed; `_tarn/catalog/` remembers how far.
 */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H

#include "base/arena.h"
#include "base/auto.h"
#include "base/err.h"

struct catalog;
struct store;

struct catalog_table {
	str metadata;      /* the JSON text */
	str metadata_path; /* where it lies, as metadata-log wants it */
	str version;       /* opaque, for swap */
};

/* One of many tables to be changed at once. */
struct catalog_change {
	str        space, table;
	str        version;  /* to swap from; empty: the table is created */
	str        metadata;
	struct err e; /* the answer, as swap or create would give it: class 0 is a yes */
};

typedef int catalog_list_fn(void *context, str table, struct err *e);

struct catalog_ops {
	const char *kind;
	int (*load)(struct catalog *c, str space, str table, struct arena *a, struct catalog_table *out, struct err *e);
	int (*create)(struct catalog *c, str space, str table, str metadata, struct err *e); /* ERR_CONFLICT where it is */
	int (*swap)(struct catalog *c, str space, str table, str version, str metadata, struct err *e);
	int (*list)(struct catalog *c, str space, catalog_list_fn *each, void *context, struct err *e); /* sorted */
	int (*drop)(struct catalog *c, str space, str table, struct err *e); /* the entry, not the data */
	void (*close)(struct catalog *c);

	/* Remove metadata older than the `keep` before the present. Empty: no old metadata is kept. */
	int (*trim)(struct catalog *c, str space, str table, int64_t keep, struct err *e);
	/* Make what others go by as new as what is: a writer that died may have left a hint behind. Empty: there is none. */
	int (*mend)(struct catalog *c, str space, str table, struct err *e);
	/* Each change by itself, but all in one go. Items that have a class are passed over. Empty: one after the other. */
	void (*change_many)(struct catalog *c, struct catalog_change *items, size_t count);
};

struct catalog {
	const struct catalog_ops *ops;
};

struct catalog *catalog_new_mem(void);
struct catalog *catalog_new_dir(struct store *store); /* the store is borrowed */

/* Callers use these, never the table. Names of spaces and tables are [a-z0-9_]+. */
int  catalog_load(struct catalog *c, str space, str table, struct arena *a, struct catalog_table *out, struct err *e) MUST_USE;
int  catalog_create(struct catalog *c, str space, str table, str metadata, struct err *e) MUST_USE;
int  catalog_swap(struct catalog *c, str space, str table, str version, str metadata, struct err *e) MUST_USE;
/* Each item gets its own answer; what stands in `e` before does not matter. */
void catalog_change_many(struct catalog *c, struct catalog_change *items, size_t count);
int  catalog_list(struct catalog *c, str space, catalog_list_fn *each, void *context, struct err *e) MUST_USE;
int  catalog_drop(struct catalog *c, str space, str table, struct err *e) MUST_USE;
/* Never the present, nor what a hint leads to. A swap from a version that has been trimmed: ERR_CONFLICT. */
int  catalog_trim(struct catalog *c, str space, str table, int64_t keep, struct err *e) MUST_USE;
int  catalog_mend(struct catalog *c, str space, str table, struct err *e) MUST_USE;
void catalog_close(struct catalog *c); /* NULL is fine */

AUTO_PTR_DEFINE(catalog, catalog_close)

#endif

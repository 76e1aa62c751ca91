/* lake.h - one lake: its store, its catalog, its identity, and the names of its objects.
 *
 *   <lake>/_tarn/lake.json                      id and secret, written once
 *   <lake>/_tarn/journal/<lane>/<seq, 20 digits> the commits
 *   <lake>/_tarn/checkpoints/<lane>/<seq>        what the entries up to <seq> add up to; never needed
 *   <lake>/_tarn/ids/<lane>/<origin>.ids         runs of event ids
 *   <lake>/_tarn/raw/<lane>/<origin>.raw         raw segments (segment.h)
 *   <lake>/<space>/<table>/{metadata,data}/      Iceberg tables; spaces are "events" and "tarn"
 *
 * Every object carries its origin, L<lane>-E<epoch>-S<seq>-<n>, and none is ever
 * overwritten. A file is garbage exactly when the journal's entry <seq> is decided and does not name it.
 */
#ifndef LAKE_LAKE_H
#define LAKE_LAKE_H

#include "base/arena.h"
#include "base/auto.h"
#include "base/err.h"
#include "catalog/catalog.h"
#include "store/store.h"

struct clock;
struct fs;

struct lake {
	struct store   *store;
	struct catalog *catalog;
	struct clock   *clock;
	uint8_t         id[16];
	uint64_t        secret; /* seed of id and payload hashes; the same for the lake's whole life */

	/* How often what would pile up is seen to; set when opened, and smaller in tests. */
	uint64_t        checkpoint_every; /* entries of a journal: 128 */
	uint64_t        sweep_every;      /* snapshots of a table: 32 */
	int64_t         discard_after_us; /* files taken out of a table stay so long at least, for who still reads them: 1 h */
};

/* The lake in a folder. is_new_fine: made where absent (and the store probed); else ERR_MISSING with what to do. */
int  lake_open_dir(struct fs *fs, struct clock *clock, const char *path, bool is_new_fine, struct lake **out,
                   struct err *e) MUST_USE;
/* Over a given store and catalog, both taken: for tests and other kinds. */
int  lake_open(struct store *store, struct catalog *catalog, struct clock *clock, bool is_new_fine,
               struct lake **out, struct err *e) MUST_USE;
void lake_close(struct lake *l); /* NULL is fine */

struct origin {
	str      lane;
	uint64_t epoch, seq;
};

/* "L0-E1-S2-7" */
str lake_origin(struct arena *a, const struct origin *o, uint64_t number);
/* "events/push_event/data/event_time_hour=2015-01-01-15/<origin>.parquet"; partition empty: right under data/ */
str lake_data_key(struct arena *a, str space, str table, str partition, str origin);
str lake_data_prefix(struct arena *a, str space, str table); /* "events/push_event/data/" */
str lake_metadata_key(struct arena *a, str space, str table, str name);
str lake_ids_key(struct arena *a, str lane, str origin);
str lake_raw_key(struct arena *a, str lane, str origin);
str lake_journal_key(struct arena *a, str lane, uint64_t seq);
str lake_checkpoint_key(struct arena *a, str lane, uint64_t seq);
/* What stands behind the last '/' of a key or a path. */
str  lake_name(str key);
/* The seq in a name that begins with an origin of this lane; false where it does not. */
bool lake_origin_seq(str name, str lane, uint64_t *out);
/* Of a file's bytes, as entries hold it: XXH3-128, 32 hex digits and a NUL. */
void lake_checksum(str bytes, char out[33]);
/* A key as a full path for metadata (root + "/" + key), and back (false where it is not under this lake's root). */
str  lake_path(const struct lake *l, struct arena *a, str key);
bool lake_key(const struct lake *l, str path, str *out);

AUTO_PTR_DEFINE(lake, lake_close)

#endif

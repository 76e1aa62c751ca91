/* dedupe.h - was this event here before? Exact, in bounded memory, restored from the lake.
 *
 * Keys are 128-bit keyed hashes of pipeline and id. Two reaches:
 *
 *   within the window W, by arrival: any repeat is found, whatever time it claims;
 *   beyond W, by event hour: a repeat that comes back with its old event time is found in that hour's section.
 *
 * The truth is the runs that journal entries name; everything here is built from them. Events of the entry being
 * made are in the overlay, which becomes a run with the commit and is forgotten when the commit is abandoned. With
 * it older runs may become one (idmerge.h), whose ids stay in the window until the newest of them leave it.
 *
 *     runs (store)     sections of sorted keys and payloads, by event hour      exact; read by range
 *     table (memory)   tag 40 | section 24, open addressing by the key          says where to look; never decides
 *     overlay (memory) key, payload, hour of each event since the last commit   exact
 *
 * "Duplicate" needs the exact key and the same payload; the same key with another payload is a conflict.
 * Used by one thread.
 */
#ifndef INGEST_DEDUPE_H
#define INGEST_DEDUPE_H

#include "base/hash.h"
#include "lake/journal.h"

struct dedupe;

enum dedupe_verdict { DEDUPE_NEW, DEDUPE_DUPLICATE, DEDUPE_CONFLICT };

struct dedupe_conf {
	str      pipeline;
	int64_t  window_us;
	size_t   memory_bytes; /* of the table: ids beyond what it holds are found through filters, slower, never less exactly. 0: 256 MiB */
	uint32_t merge_runs;   /* neighbouring runs that become one; 2 or more, 0: 16 */
};

/* The runs of this pipeline that the journal knows are read. The lake is borrowed. */
int  dedupe_open(struct lake *l, const struct dedupe_conf *conf, const struct journal_state *state,
                 struct dedupe **out, struct err *e) MUST_USE;
void dedupe_close(struct dedupe *d); /* NULL is fine */

/* Ask the processor for the key's place in the table: some tens of events ahead of dedupe_take. */
void dedupe_prefetch(const struct dedupe *d, struct hash128 key);

/* Judge one event and, when it is new, remember it in the overlay. */
int dedupe_take(struct dedupe *d, struct hash128 key, uint64_t payload, int64_t time_us, enum dedupe_verdict *out,
                struct err *e) MUST_USE;

size_t dedupe_overlay_count(const struct dedupe *d);

/* Write what the entry is to name and add it: the overlay as a run, where it is not empty; older runs as one, where
 * that is worth it. `number` and the next are theirs. */
int dedupe_write_runs(struct dedupe *d, const struct origin *o, uint32_t number, struct journal_entry *entry,
                      struct err *e) MUST_USE;
/* The entry is committed: the overlay is now that run, and the runs that became one are removed from the lake. */
int dedupe_committed(struct dedupe *d, const struct journal_entry *entry, struct err *e) MUST_USE;

struct dedupe_counts { uint64_t keys, table_bytes, runs, reads; };
void dedupe_count(const struct dedupe *d, struct dedupe_counts *out);

AUTO_PTR_DEFINE(dedupe, dedupe_close)

#endif

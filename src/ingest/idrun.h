/* idrun.h - the bytes of a run of ids.
 *
 *   "TARNIDS1" | u32 section count | u32 0 | sections | keys of section 0, 1, ... | payloads of section 0, 1, ...
 *   section:  i64 event hour | u64 count
 *   key:      u64 high | u64 low, rising by (high, low) within a section          payload: u64, in the keys' order
 *
 * All little-endian. Sections rise by hour. 24 bytes an id: hashes do not compress.
 */
#ifndef INGEST_IDRUN_H
#define INGEST_IDRUN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/vec.h"

struct id_item {
	struct hash128 key;
	uint64_t       payload;
	int64_t        hour;
};

struct id_section {
	int64_t  hour;
	uint64_t count;
	uint64_t keys_at;     /* byte offsets in the run */
	uint64_t payloads_at;
};

enum { ID_HEAD_BYTES = 16, ID_SECTION_BYTES = 16, ID_KEY_BYTES = 16 };

int id_item_order(const void *a, const void *b); /* by hour, then key: for qsort */

/* Items in that order. */
void idrun_write(const struct id_item *items, size_t count, struct buf *out);
/* The sections, from the head of a run: at least ID_HEAD_BYTES, and then as many as idrun_head_size says. `run_bytes` is the size of the whole. */
int idrun_head_size(str head, uint64_t run_bytes, uint64_t *out, struct err *e) MUST_USE;
int idrun_sections(str head, uint64_t run_bytes, struct arena *a, struct id_section **out, uint32_t *count,
                   struct err *e) MUST_USE;
struct hash128 idrun_key(const char *at); /* the key at these 16 bytes */

static inline int hash128_cmp(struct hash128 a, struct hash128 b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return a.low < b.low ? -1 : a.low > b.low;
}

#endif

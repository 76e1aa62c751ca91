/* idrun.h - the bytes of a run of ids. Whatever part of one is read proves itself: its head, or any of its blocks.
 *
 *   head:     "TARNIDS2" | u32 section count | u32 0 | sections | u64 checksum of all before it
 *   section:  i64 event hour | u64 count of ids, not 0
 *   behind the head the blocks of section 0, 1, ...: of ID_BLOCK_IDS ids each, the last of a section of what is left
 *   block:    ids | u64 checksum of them
 *   id:       u64 high | u64 low | u64 payload
 *
 * All little-endian. Sections rise by hour, ids by (high, low) within one. A checksum is XXH3-64 with the number of
 * the block in the run as its seed: bytes of another place do not prove either. 24 bytes an id, for hashes do not compress.
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
	uint64_t first_block; /* its number in the run */
	uint64_t at;          /* where that begins, in bytes */
};

enum {
	ID_BYTES = 24,
	ID_CHECKSUM_BYTES = 8,
	ID_BLOCK_IDS = 170,
	ID_BLOCK_BYTES = ID_BLOCK_IDS * ID_BYTES + ID_CHECKSUM_BYTES, /* at most: 4,088 */
	ID_HEAD_BYTES = 16, /* of the head, before its sections */
	ID_SECTION_BYTES = 16,
};

int id_item_order(const void *a, const void *b); /* by hour, then key: for qsort */

/* --- writing ---------------------------------------------------------------------------------- */

/* Sections, rising by hour with their counts, get their places; returns the size of the whole run. */
uint64_t idrun_lay(struct id_section *sections, uint32_t count);

/* One id after the other, in order; nothing but `out` grows. */
struct id_writer {
	struct buf              *out;
	const struct id_section *section, *end; /* borrowed */
	uint64_t                 left;          /* ids of the section yet to come */
	uint64_t                 block;
	uint32_t                 in_block;
	struct hash128           last;
};

void id_writer_begin(struct id_writer *w, const struct id_section *sections, uint32_t count, struct buf *out);
void id_writer_put(struct id_writer *w, const struct id_item *item); /* of the section whose turn it is */
void id_writer_end(struct id_writer *w);                             /* all that the sections say has been put */

/* Items in that order. */
void idrun_write(const struct id_item *items, size_t count, struct buf *out);

/* --- reading ---------------------------------------------------------------------------------- */

/* The sections, from the head of a run: at least ID_HEAD_BYTES, and then as many as idrun_head_size says. `run_bytes` is
 * the size of the whole. ERR_CORRUPT where they do not prove, or lie otherwise than the whole's size allows. */
int idrun_head_size(str head, uint64_t run_bytes, uint64_t *out, struct err *e) MUST_USE;
int idrun_sections(str head, uint64_t run_bytes, struct arena *a, struct id_section **out, uint32_t *count,
                   struct err *e) MUST_USE;

static inline uint64_t id_blocks(uint64_t ids)
{
	return ids / ID_BLOCK_IDS + (ids % ID_BLOCK_IDS > 0);
}

/* How many ids stand before a block of the section; before the one behind its last: all. */
static inline uint64_t id_block_ids(const struct id_section *s, uint64_t block)
{
	return block * ID_BLOCK_IDS < s->count ? block * ID_BLOCK_IDS : s->count;
}

/* Where a block of the section begins in the run; of the one behind its last: where the section ends. */
static inline uint64_t id_block_at(const struct id_section *s, uint64_t block)
{
	return s->at + id_block_ids(s, block) * ID_BYTES + block * ID_CHECKSUM_BYTES;
}

/* Are these the bytes of blocks [from, to) of the section? */
bool idrun_proves(const struct id_section *s, uint64_t from, uint64_t to, str bytes);

/* The id so many ids behind the beginning of a block. */
static inline const char *id_at(str blocks, uint64_t index)
{
	return blocks.ptr + index * ID_BYTES + index / ID_BLOCK_IDS * ID_CHECKSUM_BYTES;
}

static inline struct hash128 id_key(const char *at)
{
	return (struct hash128){.high = hash_load(at, 8), .low = hash_load(at + 8, 8)};
}

static inline uint64_t id_payload(const char *at)
{
	return hash_load(at + 16, 8);
}

static inline int hash128_cmp(struct hash128 a, struct hash128 b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return a.low < b.low ? -1 : a.low > b.low;
}

#endif

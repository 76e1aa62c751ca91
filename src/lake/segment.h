/* segment.h - raw segments: records as received, and what became of each.
 *
 * One object a pipeline and entry, named by the entry (several where very many records left quarantine). It is all that is needed to
 * make the entry's rows once more: while rows are held (journal.h), when the lake is rebuilt under other rules, and for anyone who asks
 * what came in.
 *
 *   "TARNRAW1" | blocks | index | u64 place of the index | u64 XXH3-64 of the index | "TARNRAW1"
 *   index, one row a block:  u64 at | u32 packed | u32 plain | u32 records | u32 rows | u64 XXH3-64 of the packed bytes
 *   block, as zstd:          i64 taken at, us | u8 1: values are text | parts | words | records
 *     parts:    varint count, then (varint length, key)(varint length, label) of each
 *     words:    varint count, then (varint length, word) of each: names of tables and reason codes
 *     records:  varint count, then of each
 *       u8      verdict (2 bits, low) | fault (3 bits) | 0x20: as received differs | 0x40: only its head is kept
 *       varint  word (table of a row, reason of a refused one; 0 of all others)
 *       varint  part | varint offset | varint length, JSON text
 *       0x20:   varint length, as received            0x40: varint whole length | varint 0 or 64, SHA-256 in hex
 *
 * All little-endian. A block stands for itself and is proved before it is read; it holds records of one run of a source.
 */
#ifndef LAKE_SEGMENT_H
#define LAKE_SEGMENT_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/vec.h"
#include "lake/lake.h"

enum verdict { VERDICT_ROW, VERDICT_DUPLICATE, VERDICT_CONFLICT, VERDICT_QUARANTINE };

enum {
	SEGMENT_BLOCK_BYTES = 1 << 20,   /* about as many, plain, are good for one block */
	SEGMENT_BLOCK_MOST = 128 << 20,  /* none is larger: one record is held by the source's own limit */
};

struct segment_part {
	str key, label; /* as the source names it; as rows name it */
};

struct segment_record {
	uint64_t     offset;
	uint64_t     whole_len; /* as received: more than raw.len where only the head is kept */
	str          text;      /* JSON */
	str          raw;       /* as received; the same str where that is the JSON */
	str          sha256;    /* hex, of one whose head is kept, where it is known */
	str          word;      /* the table's name, the reason's code; else empty */
	uint32_t     part;
	uint8_t      fault;     /* what the source knew of it (source.h) */
	enum verdict verdict;
};

/* --- writing: a block is packed by itself, by any thread; then they are put one after the other ------------- */

struct segment_packer {
	struct buf plain, records;
	struct { VEC_OF(str); } words; /* borrowed from the records */
	uint32_t   record_count, row_count;
};

void segment_packer_begin(struct segment_packer *p); /* a new block */
void segment_packer_done(struct segment_packer *p);
void segment_packer_add(struct segment_packer *p, const struct segment_record *r);

struct segment_piece { /* a block, packed */
	struct buf packed;
	uint32_t   plain, records, rows;
};

/* ERR_LIMIT where a block is too large to be read back. */
int  segment_pack(struct segment_packer *p, int64_t taken_us, bool is_text_typed, const struct segment_part *parts,
                  size_t part_count, struct segment_piece *out, struct err *e) MUST_USE;
void segment_piece_done(struct segment_piece *p);

struct segment_writer {
	struct buf bytes, index; /* of the object */
	uint64_t   records;
};

void segment_writer_done(struct segment_writer *w);
void segment_put(struct segment_writer *w, const struct segment_piece *piece);
/* The whole object, in w->bytes. ERR_LIMIT where it has become too large. */
int  segment_close(struct segment_writer *w, str *out, struct err *e) MUST_USE;
void segment_clear(struct segment_writer *w);

/* --- reading ------------------------------------------------------------------------------------------------ */

struct segment_place {
	uint64_t at, hash;
	uint32_t packed, plain, records, rows;
};

struct segment {
	struct lake *lake; /* borrowed */
	str          key;
	struct buf   whole; /* of segment_load: its bytes */
	struct { VEC_OF(struct segment_place); } blocks;
	struct arena arena;
};

struct segment_block {
	int64_t              taken_us;
	bool                 is_text_typed;
	struct segment_part *parts;
	size_t               part_count;
	struct { VEC_OF(struct segment_record); } records; /* their strs point into `plain` */
	struct buf           packed, plain;
	struct arena         arena;
};

/* Its index. ERR_MISSING; ERR_CORRUPT, naming it, where it does not prove itself. */
int  segment_open(struct lake *l, str key, uint64_t bytes, struct segment *out, struct err *e) MUST_USE;
/* All of it, at once: the very bytes that the journal means. Another segment would prove itself as well, so the whole is
 * held against the entry's checksum, and blocks come from memory. ERR_CORRUPT where it is not what was put there. */
int  segment_load(struct lake *l, str key, uint64_t bytes, str checksum, struct segment *out, struct err *e) MUST_USE;
void segment_done(struct segment *s);
/* Block `index`, into memory that is used again: all of `out` is good until the next call. */
int  segment_read(const struct segment *s, size_t index, struct segment_block *out, struct err *e) MUST_USE;
void segment_block_done(struct segment_block *b);

AUTO_DEFINE(segment_packer, segment_packer_done)
AUTO_DEFINE(segment_writer, segment_writer_done)
AUTO_DEFINE(segment, segment_done)
AUTO_DEFINE(segment_block, segment_block_done)

#endif

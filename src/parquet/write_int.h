/* write_int.h - one file being written: what its parts hand to one another.
 *
 *   write.c        rows into row groups, the end of the file
 *   strip.c        fields into chunks, one after the other or side by side
 *   levels.c       which entries and values a leaf has
 *   chunk.c        one column chunk: dictionary or not, pages, indexes, filter
 *   dict.c         whether a dictionary pays, and its codes
 *   plain.c, rle.c the two encodings
 *   bounds.c       least and greatest; bound_bytes.c: what is said of them
 *   bloom.c        the filter
 *   page.c         one page: compressed, headed, appended
 *   meta.c         page heads and indexes in Thrift; meta_schema.c, meta_footer.c: the footer
 */
#ifndef PARQUET_WRITE_INT_H
#define PARQUET_WRITE_INT_H

#include <zstd.h>

#include "base/vec.h"
#include "parquet/bounds_int.h"
#include "parquet/dict_int.h"
#include "parquet/levels_int.h"
#include "parquet/write.h"

enum parquet_codec { CODEC_NONE = 0, CODEC_ZSTD = 6 };
enum parquet_encoding { ENCODING_PLAIN = 0, ENCODING_RLE = 3, ENCODING_RLE_DICTIONARY = 8 };
enum parquet_page_type { PAGE_DATA = 0, PAGE_DICTIONARY = 2 };

/* Text bounds in footer and indexes; Iceberg's are cut to 16 code points. */
enum { BOUND_BYTES = 64, ICEBERG_POINTS = 16 };

struct page_head {
	enum parquet_page_type type;
	enum parquet_encoding  encoding;
	uint32_t               count;     /* entries, or entries of the dictionary */
	size_t                 raw_bytes; /* body before and after compression */
	size_t                 bytes;
	uint32_t               crc;
};

/* A data page, for the indexes. */
struct page {
	uint64_t      offset;
	uint32_t      bytes; /* head and body */
	uint32_t      first_row;
	uint32_t      nulls;
	struct bounds bounds;
};

/* A part of a buffer that is appended to the file when its turn comes. */
struct part {
	size_t from, size;
};

struct chunk_meta {
	const struct field *field;
	enum parquet_codec  codec;
	bool                has_dict;
	uint32_t            data_pages;
	int64_t             entries, nulls;
	int64_t             raw_bytes, bytes; /* with heads and dictionary */
	int64_t             start, data_start;
	struct bounds       bounds;
	size_t              first_page; /* of scratch.all_pages */
	struct part         bloom, column_index, offset_index; /* size 0: none */
};

struct group_meta {
	uint32_t first_chunk;
	int64_t  rows, start, raw_bytes, bytes;
};

/* The chunks of one field at the top, as a worker has made them: bytes [from, to) of its `strip`. */
struct strip {
	struct parquet_scratch *by;
	size_t                  from, to, first_chunk, chunk_end;
};

struct parquet_scratch {
	ZSTD_CCtx       *zstd;
	struct buf       body, packed;  /* a page before and after compression */
	struct buf       blooms, column_indexes, offset_indexes;
	struct buf       bound, other_bound;
	struct dict_room dict;
	struct spread_room leaf;
	struct { VEC_OF(struct spread_room); } depths; /* of the containers being walked */
	struct { VEC_OF(const struct field *); } leaves;
	struct { VEC_OF(struct page); } pages;       /* of the chunk */
	struct { VEC_OF(struct page); } all_pages;   /* of the row group's chunks */
	struct buf       strip;                      /* chunks on their way to another scratch's file (strip.c) */
	struct { VEC_OF(struct strip); } strips;     /* of the row group, by field at the top */
	struct { VEC_OF(struct chunk_meta); } chunks; /* of the file, group by group, leaf by leaf */
	struct { VEC_OF(struct group_meta); } groups;
	struct { VEC_OF(uint32_t); } stamps, distinct; /* codes met in a page */
	struct { VEC_OF(uint32_t); } entries; /* of the row group's slots */
};

struct parquet_file {
	const struct columns         *c;
	const struct parquet_options *o;
	struct parquet_scratch       *s;
	struct buf                   *out;
	size_t                        base; /* where the file begins in out */
};

static inline uint64_t file_offset(const struct parquet_file *w)
{
	return w->out->len - w->base;
}

/* All leaves of the schema for rows `all` of a row group: their chunks to out and to scratch.chunks, in leaf order. */
int fields_write(struct parquet_file *w, const struct spread *all, struct err *e) MUST_USE;

bool field_has_leaf(const struct field *f); /* one without is left out: Parquet has no empty groups */

/* The chunk of a leaf in the open row group: its bytes to out, its meta to scratch. */
int chunk_write(struct parquet_file *w, const struct field *f, const struct spread *up, struct err *e) MUST_USE;

/* scratch.body as the body of a page: compressed into scratch.packed where the codec says so. *out is borrowed from
 * one of them. */
int page_pack(struct parquet_file *w, enum parquet_codec codec, str *out, struct err *e) MUST_USE;
/* Head and body appended; meta's sizes counted. Returns the bytes of both. */
uint32_t page_append(struct parquet_file *w, enum parquet_page_type type, enum parquet_encoding encoding,
                     uint32_t count, str stored, struct chunk_meta *m);

#endif

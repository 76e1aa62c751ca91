/* meta_int.h - Parquet's Thrift structs, as this writer fills them. */
#ifndef PARQUET_META_INT_H
#define PARQUET_META_INT_H

#include "codec/thrift.h"
#include "parquet/write_int.h"

void meta_page_head(const struct page_head *head, struct buf *out);

/* False, and nothing written, where the pages may have no column index: one of them is all NaN. */
bool meta_column_index(enum type t, const struct page *pages, size_t count, struct parquet_scratch *s,
                       struct buf *out);
void meta_offset_index(const struct page *pages, size_t count, struct buf *out);

/* Where the three kinds of parts begin in the file. */
struct meta_bases {
	uint64_t blooms, column_indexes, offset_indexes;
};

/* FileMetaData from scratch's leaves, groups and chunks. */
void meta_footer(const struct parquet_file *w, int64_t rows, struct meta_bases bases, struct buf *out);
/* The tree, flattened, as field `id`; and one SchemaElement of it: its fields and its end. */
void meta_schema(const struct schema *schema, struct thrift_out *t, int id);
void meta_schema_element(const struct field *f, struct thrift_out *t);

int32_t meta_physical(enum type t);          /* Parquet's Type of a leaf */
str     meta_name(const struct field *f);    /* borrowed */

#endif

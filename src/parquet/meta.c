/* Page heads and indexes. Field numbers are Parquet's (parquet.thrift). */
#include "parquet/meta_int.h"

#include <assert.h>

enum { ORDER_NONE = 0, ORDER_ASCENDING = 1, ORDER_DESCENDING = 2 };

static void dictionary_head(struct thrift_out *t, const struct page_head *head)
{
	thrift_struct(t, 7);
	thrift_i32(t, 1, (int32_t)head->count);
	thrift_i32(t, 2, (int32_t)head->encoding);
	thrift_end(t);
}

static void data_head(struct thrift_out *t, const struct page_head *head)
{
	thrift_struct(t, 5);
	thrift_i32(t, 1, (int32_t)head->count);
	thrift_i32(t, 2, (int32_t)head->encoding);
	thrift_i32(t, 3, ENCODING_RLE); /* of definition levels */
	thrift_i32(t, 4, ENCODING_RLE); /* of repetition levels */
	thrift_end(t);
}

void meta_page_head(const struct page_head *head, struct buf *out)
{
	struct thrift_out t = THRIFT_OUT(out);

	assert(head->raw_bytes < INT32_MAX && head->bytes < INT32_MAX && head->count < INT32_MAX);
	thrift_i32(&t, 1, (int32_t)head->type);
	thrift_i32(&t, 2, (int32_t)head->raw_bytes);
	thrift_i32(&t, 3, (int32_t)head->bytes);
	thrift_i32(&t, 4, (int32_t)head->crc);
	if (head->type == PAGE_DICTIONARY)
		dictionary_head(&t, head);
	else
		data_head(&t, head);
	thrift_end(&t);
}

/* How the bounds of pages follow one another, pages of nulls left out. */
static int32_t order_of(enum type t, const struct page *pages, size_t count)
{
	const struct page *last = NULL;
	bool               rises = true, falls = true;

	for (size_t i = 0; i < count; i++) {
		const struct bounds *b = &pages[i].bounds;

		if (!b->has)
			continue;
		if (last != NULL) {
			int low = bound_cmp(t, &last->bounds.low, &b->low);
			int high = bound_cmp(t, &last->bounds.high, &b->high);

			rises = rises && low <= 0 && high <= 0;
			falls = falls && low >= 0 && high >= 0;
		}
		last = &pages[i];
	}
	return rises ? ORDER_ASCENDING : falls ? ORDER_DESCENDING : ORDER_NONE;
}

static void index_bounds(struct thrift_out *t, int id, enum type type, const struct page *pages, size_t count,
                         bool is_upper, struct buf *room)
{
	struct cut cut = {.bytes = BOUND_BYTES};

	thrift_list(t, id, THRIFT_BINARY, count);
	for (size_t i = 0; i < count; i++) {
		const struct bounds *b = &pages[i].bounds;
		const union bound   *side = is_upper ? &b->high : &b->low;
		bool                 is_exact;
		str                  bytes = {0};

		/* A page must have both bounds, so one that cannot be raised is told whole. */
		if (b->has && !bound_bytes(type, side, is_upper, cut, room, &bytes, &is_exact))
			(void)bound_bytes(type, side, is_upper, (struct cut){0}, room, &bytes, &is_exact);
		thrift_item_binary(t, bytes);
	}
}

bool meta_column_index(enum type type, const struct page *pages, size_t count, struct parquet_scratch *s,
                       struct buf *out)
{
	struct thrift_out t = THRIFT_OUT(out);

	for (size_t i = 0; i < count; i++)
		if (!pages[i].bounds.has && pages[i].bounds.nans > 0)
			return false;
	thrift_list(&t, 1, THRIFT_TRUE, count);
	for (size_t i = 0; i < count; i++)
		thrift_item_bool(&t, !pages[i].bounds.has);
	index_bounds(&t, 2, type, pages, count, false, &s->bound);
	index_bounds(&t, 3, type, pages, count, true, &s->bound);
	thrift_i32(&t, 4, order_of(type, pages, count));
	thrift_list(&t, 5, THRIFT_I64, count);
	for (size_t i = 0; i < count; i++)
		thrift_item_int(&t, pages[i].nulls);
	thrift_end(&t);
	return true;
}

void meta_offset_index(const struct page *pages, size_t count, struct buf *out)
{
	struct thrift_out t = THRIFT_OUT(out);

	thrift_list(&t, 1, THRIFT_STRUCT, count);
	for (size_t i = 0; i < count; i++) {
		thrift_item_struct(&t);
		thrift_i64(&t, 1, (int64_t)pages[i].offset);
		thrift_i32(&t, 2, (int32_t)pages[i].bytes);
		thrift_i64(&t, 3, pages[i].first_row);
		thrift_end(&t);
	}
	thrift_end(&t);
}

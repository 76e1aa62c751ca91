/* The footer: FileMetaData. Field numbers are Parquet's (parquet.thrift). */
#include "parquet/meta_int.h"

static void path_add(struct thrift_out *t, const struct field *f)
{
	if (f->parent->parent != NULL)
		path_add(t, f->parent);
	thrift_item_binary(t, meta_name(f));
	if (f->type == TYPE_LIST)
		thrift_item_binary(t, STR("list"));
}

static void path(struct thrift_out *t, int id, const struct field *leaf)
{
	size_t count = 0;

	for (const struct field *f = leaf; f->parent != NULL; f = f->parent)
		count += f->type == TYPE_LIST ? 2 : 1;
	thrift_list(t, id, THRIFT_BINARY, count);
	path_add(t, leaf);
}

static void encodings(struct thrift_out *t, const struct chunk_meta *m)
{
	bool has_levels = field_max_def(m->field) > 0;

	thrift_list(t, 2, THRIFT_I32, 1 + (size_t)has_levels + m->has_dict);
	thrift_item_int(t, ENCODING_PLAIN);
	if (has_levels)
		thrift_item_int(t, ENCODING_RLE);
	if (m->has_dict)
		thrift_item_int(t, ENCODING_RLE_DICTIONARY);
}

static void encoding_count(struct thrift_out *t, enum parquet_page_type type, enum parquet_encoding encoding,
                           uint32_t count)
{
	thrift_item_struct(t);
	thrift_i32(t, 1, (int32_t)type);
	thrift_i32(t, 2, (int32_t)encoding);
	thrift_i32(t, 3, (int32_t)count);
	thrift_end(t);
}

static void encoding_stats(struct thrift_out *t, const struct chunk_meta *m)
{
	thrift_list(t, 13, THRIFT_STRUCT, 1 + (size_t)m->has_dict);
	if (m->has_dict)
		encoding_count(t, PAGE_DICTIONARY, ENCODING_PLAIN, 1);
	encoding_count(t, PAGE_DATA, m->has_dict ? ENCODING_RLE_DICTIONARY : ENCODING_PLAIN, m->data_pages);
}

static void statistics(struct thrift_out *t, const struct chunk_meta *m, struct parquet_scratch *s)
{
	const struct bounds *b = &m->bounds;
	enum type            type = m->field->type;
	struct cut           cut = {.bytes = BOUND_BYTES};
	bool                 high_exact = false, low_exact = false;
	bool                 has_high, has_low;
	str                  high, low;

	has_high = b->has && bound_bytes(type, &b->high, true, cut, &s->bound, &high, &high_exact);
	has_low = b->has && bound_bytes(type, &b->low, false, cut, &s->other_bound, &low, &low_exact);
	thrift_struct(t, 12);
	thrift_i64(t, 3, m->nulls);
	if (has_high)
		thrift_binary(t, 5, high);
	if (has_low)
		thrift_binary(t, 6, low);
	if (has_high)
		thrift_bool(t, 7, high_exact);
	if (has_low)
		thrift_bool(t, 8, low_exact);
	if (type == TYPE_DOUBLE)
		thrift_i64(t, 9, b->nans);
	thrift_end(t);
}

static void column_meta(struct thrift_out *t, const struct chunk_meta *m, struct parquet_scratch *s,
                        struct meta_bases bases)
{
	thrift_struct(t, 3);
	thrift_i32(t, 1, meta_physical(m->field->type));
	encodings(t, m);
	path(t, 3, m->field);
	thrift_i32(t, 4, (int32_t)m->codec);
	thrift_i64(t, 5, m->entries);
	thrift_i64(t, 6, m->raw_bytes);
	thrift_i64(t, 7, m->bytes);
	thrift_i64(t, 9, m->data_start);
	if (m->has_dict)
		thrift_i64(t, 11, m->start);
	statistics(t, m, s);
	encoding_stats(t, m);
	if (m->bloom.size > 0) {
		thrift_i64(t, 14, (int64_t)(bases.blooms + m->bloom.from));
		thrift_i32(t, 15, (int32_t)m->bloom.size);
	}
	thrift_end(t);
}

static void column_chunk(struct thrift_out *t, const struct chunk_meta *m, struct parquet_scratch *s,
                         struct meta_bases bases)
{
	thrift_item_struct(t);
	thrift_i64(t, 2, 0); /* file_offset: 0 by the format's word */
	column_meta(t, m, s, bases);
	thrift_i64(t, 4, (int64_t)(bases.offset_indexes + m->offset_index.from));
	thrift_i32(t, 5, (int32_t)m->offset_index.size);
	if (m->column_index.size > 0) {
		thrift_i64(t, 6, (int64_t)(bases.column_indexes + m->column_index.from));
		thrift_i32(t, 7, (int32_t)m->column_index.size);
	}
	thrift_end(t);
}

/* Ascending by one leaf, nulls first, as Iceberg's ascending orders are. */
static void sorting_columns(struct thrift_out *t, const struct parquet_file *w)
{
	for (size_t leaf = 0; w->o->sorted_by != 0 && leaf < w->s->leaves.count; leaf++) {
		if (w->s->leaves.at[leaf]->id != w->o->sorted_by)
			continue;
		thrift_list(t, 4, THRIFT_STRUCT, 1);
		thrift_item_struct(t);
		thrift_i32(t, 1, (int32_t)leaf);
		thrift_bool(t, 2, false); /* descending */
		thrift_bool(t, 3, true);  /* nulls first */
		thrift_end(t);
		return;
	}
}

static void row_group(struct thrift_out *t, const struct parquet_file *w, size_t number,
                      struct meta_bases bases)
{
	const struct group_meta *g = &w->s->groups.at[number];

	thrift_item_struct(t);
	thrift_list(t, 1, THRIFT_STRUCT, w->s->leaves.count);
	for (size_t leaf = 0; leaf < w->s->leaves.count; leaf++)
		column_chunk(t, &w->s->chunks.at[g->first_chunk + leaf], w->s, bases);
	thrift_i64(t, 2, g->raw_bytes);
	thrift_i64(t, 3, g->rows);
	sorting_columns(t, w);
	thrift_i64(t, 5, g->start);
	thrift_i64(t, 6, g->bytes);
	thrift_i16(t, 7, (int16_t)number);
	thrift_end(t);
}

static void key_values(struct thrift_out *t, int id, str origin)
{
	if (origin.len == 0)
		return;
	thrift_list(t, id, THRIFT_STRUCT, 1);
	thrift_item_struct(t);
	thrift_binary(t, 1, STR("tarn.origin"));
	thrift_binary(t, 2, origin);
	thrift_end(t);
}

/* Every leaf orders as its type does; without this readers take no bound for granted. */
static void column_orders(struct thrift_out *t, int id, size_t leaves)
{
	thrift_list(t, id, THRIFT_STRUCT, leaves);
	for (size_t leaf = 0; leaf < leaves; leaf++) {
		thrift_item_struct(t);
		thrift_struct(t, 1);
		thrift_end(t);
		thrift_end(t);
	}
}

void meta_footer(const struct parquet_file *w, int64_t rows, struct meta_bases bases, struct buf *out)
{
	struct thrift_out t = THRIFT_OUT(out);

	thrift_i32(&t, 1, 1); /* version */
	meta_schema(w->c->schema, &t, 2);
	thrift_i64(&t, 3, rows);
	thrift_list(&t, 4, THRIFT_STRUCT, w->s->groups.count);
	for (size_t number = 0; number < w->s->groups.count; number++)
		row_group(&t, w, number, bases);
	key_values(&t, 5, w->o->origin);
	thrift_binary(&t, 6, STR("tarn version " TARN_VERSION " (build 0)"));
	column_orders(&t, 7, w->s->leaves.count);
	thrift_end(&t);
}

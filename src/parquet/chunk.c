/* One column chunk.
 *
 * Invariants: pages begin where rows begin; entries, values and rows of the
 * pages add up to those of the selection; one codec for all pages. */
#include <assert.h>

#include "os/profile.h"
#include "parquet/bloom_int.h"
#include "parquet/meta_int.h"
#include "parquet/plain_int.h"
#include "parquet/rle_int.h"
#include "parquet/write_int.h"

enum {
	PAGE_BYTES = 1 << 20,
	PAGE_ROWS = 20000,
	PROBE_BYTES = 4096, /* a first page of at least this speaks for the rest: does it compress? */
};

struct chunk {
	const struct field *field;
	const struct col   *col; /* NULL: never set */
	struct selection    what;
	bool                has_dict;
	struct dict         dict;
	enum parquet_codec  codec;
	uint32_t            row, entry, value; /* the first ones not yet in a page */
	struct chunk_meta   meta;
};

/* What the next page takes: [from the chunk's place to these). */
struct cut_page {
	uint32_t row, entry, value;
};

static uint32_t page_bytes(const struct parquet_options *o)
{
	return o->page_bytes ? o->page_bytes : PAGE_BYTES;
}

static uint32_t page_rows(const struct parquet_options *o)
{
	return o->page_rows ? o->page_rows : PAGE_ROWS;
}

/* Rows are entries and values take the same room: counted in one step. */
static struct cut_page cut_by_rows(const struct chunk *k, uint64_t rows)
{
	uint32_t left = k->what.count - k->entry;
	uint32_t count = rows < left ? (uint32_t)rows : left;
	uint32_t values;

	if (k->what.defs == NULL)
		values = k->what.values.count ? count : 0;
	else
		values = levels_count(k->what.defs + k->entry, count, k->what.max_def);
	return (struct cut_page){k->row + count, k->entry + count, k->value + values};
}

static size_t value_bytes(const struct chunk *k, uint32_t value)
{
	if (k->has_dict)
		return (k->dict.width + 7) / 8;
	if (type_is_text(k->field->type))
		return 4 + strings_value(&k->col->strings, pick(k->what.values, value)).len;
	return (plain_bits(k->field->type) + 7) / 8;
}

/* Entry by entry, each row whole. */
static struct cut_page cut_by_walk(const struct chunk *k, uint32_t rows_max, uint32_t bytes_max)
{
	const struct selection *what = &k->what;
	struct cut_page         at = {k->row, k->entry, k->value};
	size_t                  bytes = 0;

	for (; at.entry < what->count; at.entry++) {
		uint8_t def = what->defs ? what->defs[at.entry] : what->def;

		if (what->reps == NULL || what->reps[at.entry] == 0) {
			if (at.row - k->row == rows_max || (at.row > k->row && bytes >= bytes_max))
				break;
			at.row++;
		}
		if (def == what->max_def)
			bytes += value_bytes(k, at.value++);
	}
	return at;
}

static struct cut_page page_cut(const struct chunk *k, const struct parquet_options *o)
{
	bool     is_flat = k->what.reps == NULL;
	unsigned bits = k->has_dict ? k->dict.width : plain_bits(k->field->type);
	uint64_t rows_max = page_rows(o), rows;

	if (k->what.values.count == 0)
		rows_max = UINT32_MAX; /* nulls are one run, however long */
	if (k->what.values.count == 0 && is_flat)
		return cut_by_rows(k, rows_max);
	if (!is_flat || bits == 0)
		return cut_by_walk(k, (uint32_t)rows_max, page_bytes(o));
	rows = (uint64_t)page_bytes(o) * 8 / bits;
	if (rows > rows_max)
		rows = rows_max;
	return cut_by_rows(k, rows ? rows : 1);
}

static void page_body(const struct chunk *k, struct cut_page to, struct buf *body)
{
	const struct selection *what = &k->what;
	uint32_t                entries = to.entry - k->entry, values = to.value - k->value;
	const uint8_t          *defs = what->defs ? what->defs + k->entry : NULL;

	buf_clear(body);
	levels_write(what->reps ? what->reps + k->entry : NULL, 0, entries, what->max_rep, body);
	if (defs != NULL && values == entries)
		levels_write(NULL, what->max_def, entries, what->max_def, body);
	else
		levels_write(defs, what->def, entries, what->max_def, body);
	if (k->has_dict) {
		buf_byte(body, (char)k->dict.width);
		if (values > 0)
			rle_encode(k->dict.codes + k->value, values, k->dict.width, body);
	} else if (values > 0) {
		plain_write(k->col, picks_part(what->values, k->value, to.value), body);
	}
}

/* The values whose codes stand in a page, each once. */
static struct picks page_entries(const struct chunk *k, struct cut_page to, struct parquet_scratch *s)
{
	uint32_t stamp = (uint32_t)s->pages.count + 1, count = 0;

	VEC_ROOM(&s->distinct, k->dict.entries.count);
	for (uint32_t i = k->value; i < to.value; i++) {
		uint32_t code = k->dict.codes[i];

		if (s->stamps.at[code] != stamp) {
			s->stamps.at[code] = stamp;
			s->distinct.at[count++] = k->dict.entries.at[code];
		}
	}
	return (struct picks){s->distinct.at, 0, count};
}

static struct bounds page_bounds(const struct chunk *k, struct cut_page to, struct parquet_scratch *s)
{
	if (to.value == k->value)
		return (struct bounds){0};
	if (k->has_dict)
		return bounds_of(k->col, page_entries(k, to, s));
	return bounds_of(k->col, picks_part(k->what.values, k->value, to.value));
}

/* Random bytes and a few bytes come out of the codec no smaller: then the chunk goes without. */
static bool codec_is_idle(size_t raw, size_t packed)
{
	return packed * 20 > raw * 19;
}

static int data_page(struct parquet_file *w, struct chunk *k, struct err *e)
{
	struct parquet_scratch *s = w->s;
	struct cut_page         to = page_cut(k, w->o);
	uint32_t                entries = to.entry - k->entry;
	enum parquet_encoding   encoding = k->has_dict ? ENCODING_RLE_DICTIONARY : ENCODING_PLAIN;
	struct page             page = {.offset = file_offset(w), .first_row = k->row};
	str                     stored;

	assert(to.entry > k->entry && to.row > k->row);
	page_body(k, to, &s->body);
	TRY(page_pack(w, k->codec, &stored, e));
	if (s->pages.count == 0 && !k->has_dict && codec_is_idle(s->body.len, stored.len) &&
	    (to.entry == k->what.count || s->body.len >= PROBE_BYTES)) {
		k->codec = CODEC_NONE;
		stored = buf_str(&s->body);
	}
	page.bytes = page_append(w, PAGE_DATA, encoding, entries, stored, &k->meta);
	page.nulls = entries - (to.value - k->value);
	page.bounds = page_bounds(k, to, s);
	bounds_merge(k->field->type, &k->meta.bounds, &page.bounds);
	k->meta.nulls += page.nulls;
	*VEC_ADD(&s->pages) = page;
	k->row = to.row;
	k->entry = to.entry;
	k->value = to.value;
	return 0;
}

static int dictionary_page(struct parquet_file *w, struct chunk *k, struct err *e)
{
	struct parquet_scratch *s = w->s;
	str                     stored;

	VEC_ROOM(&s->stamps, k->dict.entries.count);
	memset(s->stamps.at, 0, k->dict.entries.count * sizeof(*s->stamps.at));
	buf_clear(&s->body);
	plain_write(k->col, k->dict.entries, &s->body);
	TRY(page_pack(w, k->codec, &stored, e));
	(void)page_append(w, PAGE_DICTIONARY, ENCODING_PLAIN, k->dict.entries.count, stored, &k->meta);
	return 0;
}

static bool wants_bloom(const struct parquet_options *o, const struct chunk *k)
{
	if (k->has_dict || k->what.values.count == 0 || k->field->type == TYPE_BOOL)
		return false;
	for (uint32_t i = 0; i < o->bloom_count; i++)
		if (o->bloom_ids[i] == k->field->id)
			return true;
	return false;
}

static struct part part_since(const struct buf *b, size_t from)
{
	return (struct part){from, b->len - from};
}

/* Where its pages stand is said when it is known where the chunk does. */
static void chunk_indexes(struct parquet_file *w, struct chunk *k)
{
	struct parquet_scratch *s = w->s;
	size_t                  column = s->column_indexes.len, bloom = s->blooms.len;

	(void)meta_column_index(k->field->type, s->pages.at, s->pages.count, s, &s->column_indexes);
	if (wants_bloom(w->o, k)) {
		PROFILE(PROFILE_BLOOM);

		bloom_write(k->col, k->what.values, &s->blooms);
	}
	k->meta.column_index = part_since(&s->column_indexes, column);
	k->meta.bloom = part_since(&s->blooms, bloom);
	k->meta.first_page = s->all_pages.count;
	for (size_t i = 0; i < s->pages.count; i++)
		*VEC_ADD(&s->all_pages) = s->pages.at[i];
}

int chunk_write(struct parquet_file *w, const struct field *f, const struct spread *up, struct err *e)
{
	struct chunk k = {.field = f, .col = columns_peek(w->c, f), .codec = CODEC_ZSTD};

	assert(k.col == NULL || k.col->type == f->type);
	k.what = spread_leaf(up, f, k.col, &w->s->leaf);
	k.has_dict = k.col != NULL && dict_make(k.col, k.what.values, &w->s->dict, &k.dict);
	k.meta = (struct chunk_meta){
		.field = f,
		.has_dict = k.has_dict,
		.entries = k.what.count,
		.start = (int64_t)file_offset(w),
	};
	w->s->pages.count = 0;
	if (k.has_dict)
		TRY(dictionary_page(w, &k, e));
	k.meta.data_start = (int64_t)file_offset(w);
	while (k.entry < k.what.count)
		TRY(data_page(w, &k, e));
	assert(k.value == k.what.values.count);
	k.meta.codec = k.codec;
	k.meta.data_pages = (uint32_t)w->s->pages.count;
	chunk_indexes(w, &k);
	*VEC_ADD(&w->s->chunks) = k.meta;
	return 0;
}

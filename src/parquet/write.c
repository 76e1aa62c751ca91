/* The file as a whole.
 *
 *   "PAR1" | row groups: chunks in leaf order
 *   | bloom filters | column indexes | offset indexes | footer | u32 its length | "PAR1"
 *
 * Invariants: every row group has one chunk for every leaf, in the order of
 * scratch.leaves; what stands after the row groups is gathered in scratch and
 * appended at the end, so offsets into it are known only then. */
#include "parquet/write.h"

#include <assert.h>

#include "os/workers.h"
#include "parquet/meta_int.h"
#include "parquet/plain_int.h"
#include "parquet/rle_int.h"
#include "parquet/write_int.h"

#define GROUP_BYTES ((uint64_t)128 << 20)

enum {
	ZSTD_LEVEL = 2,
	GROUPS_MAX = INT16_MAX,
	MANY_LEAVES = 64, /* of which most may be null in most rows */
};

struct parquet_scratch *parquet_scratch_new(void)
{
	struct parquet_scratch *s = xcalloc(1, sizeof(*s));

	s->zstd = ZSTD_createCCtx();
	assert(s->zstd != NULL);
	return s;
}

void parquet_scratch_free(struct parquet_scratch *s)
{
	if (s == NULL)
		return;
	(void)ZSTD_freeCCtx(s->zstd);
	buf_done(&s->body);
	buf_done(&s->packed);
	buf_done(&s->strip);
	buf_done(&s->blooms);
	buf_done(&s->column_indexes);
	buf_done(&s->offset_indexes);
	buf_done(&s->bound);
	buf_done(&s->other_bound);
	dict_room_done(&s->dict);
	spread_room_done(&s->leaf);
	for (size_t i = 0; i < s->depths.count; i++)
		spread_room_done(&s->depths.at[i]);
	VEC_DONE(&s->depths);
	VEC_DONE(&s->leaves);
	VEC_DONE(&s->pages);
	VEC_DONE(&s->all_pages);
	VEC_DONE(&s->strips);
	VEC_DONE(&s->chunks);
	VEC_DONE(&s->groups);
	VEC_DONE(&s->stamps);
	VEC_DONE(&s->distinct);
	VEC_DONE(&s->entries);
	free(s);
}

/* Gathers the leaves below `f`, depth first. */
static void leaves_add(struct parquet_scratch *s, const struct field *f)
{
	if (field_is_leaf(f)) {
		*VEC_ADD(&s->leaves) = f;
		return;
	}
	for (uint32_t i = 0; i < f->child_count; i++)
		leaves_add(s, f->children[i]);
}

static void scratch_clear(struct parquet_scratch *s)
{
	buf_clear(&s->blooms);
	buf_clear(&s->column_indexes);
	buf_clear(&s->offset_indexes);
	s->leaves.count = 0;
	s->chunks.count = 0;
	s->groups.count = 0;
}

/* --- row groups ------------------------------------------------------------ */

/* About what a column takes encoded, with all its values. */
static uint64_t col_bytes(const struct col *col)
{
	const struct strings *s = &col->strings;

	if (!type_is_text(col->type))
		return (uint64_t)col->value_count * plain_bits(col->type) / 8;
	if (s->is_plain)
		return s->byte_count + 4 * (uint64_t)col->value_count;
	return s->byte_count + 4 * (uint64_t)s->entry_count +
	       (uint64_t)col->value_count * rle_width(s->entry_count) / 8;
}

/* Rows a group: the groups of a file are as even as rows allow. */
static uint32_t group_rows(const struct parquet_file *w, uint32_t row_count)
{
	uint64_t most = w->o->row_group_bytes ? w->o->row_group_bytes : GROUP_BYTES;
	uint64_t bytes = 0, groups;

	for (size_t i = 0; i < w->s->leaves.count; i++) {
		const struct col *col = columns_peek(w->c, w->s->leaves.at[i]);

		bytes += col ? col_bytes(col) : 0;
	}
	bytes = (uint64_t)((double)bytes * row_count / w->c->row_count);
	groups = bytes / most + 1;
	if (groups > GROUPS_MAX)
		groups = GROUPS_MAX;
	if (groups > row_count)
		groups = row_count;
	return (uint32_t)((row_count + groups - 1) / groups);
}

/* Where the pages of the group's chunks stand. */
static void offset_indexes_write(struct parquet_scratch *s, size_t first_chunk)
{
	for (size_t i = first_chunk; i < s->chunks.count; i++) {
		struct chunk_meta *m = &s->chunks.at[i];
		size_t             from = s->offset_indexes.len;

		meta_offset_index(s->all_pages.at + m->first_page, m->data_pages, &s->offset_indexes);
		m->offset_index = (struct part){from, s->offset_indexes.len - from};
	}
}

static int group_write(struct parquet_file *w, const uint32_t *rows, uint32_t count, struct err *e)
{
	struct group_meta g = {
		.first_chunk = (uint32_t)w->s->chunks.count,
		.rows = count,
		.start = (int64_t)file_offset(w),
	};
	struct spread all = spread_rows(rows, count, w->c->row_count);

	if (all.slots != NULL && w->s->leaves.count >= MANY_LEAVES) {
		VEC_ROOM(&w->s->entries, w->c->row_count);
		spread_index(&all, w->s->entries.at);
	}
	w->s->all_pages.count = 0;
	TRY(fields_write(w, &all, e));
	offset_indexes_write(w->s, g.first_chunk);
	assert(w->s->chunks.count - g.first_chunk == w->s->leaves.count);
	for (size_t i = g.first_chunk; i < w->s->chunks.count; i++) {
		g.raw_bytes += w->s->chunks.at[i].raw_bytes;
		g.bytes += w->s->chunks.at[i].bytes;
	}
	*VEC_ADD(&w->s->groups) = g;
	return 0;
}

/* --- the end of the file ---------------------------------------------------- */

static uint64_t part_append(struct parquet_file *w, const struct buf *part)
{
	uint64_t base = file_offset(w);

	buf_add(w->out, buf_str(part));
	return base;
}

static void file_end(struct parquet_file *w, uint32_t row_count)
{
	struct parquet_scratch *s = w->s;
	struct meta_bases       bases;
	uint64_t                footer;

	bases.blooms = part_append(w, &s->blooms);
	bases.column_indexes = part_append(w, &s->column_indexes);
	bases.offset_indexes = part_append(w, &s->offset_indexes);
	footer = file_offset(w);
	meta_footer(w, row_count, bases, w->out);
	buf_u32le(w->out, (uint32_t)(file_offset(w) - footer));
	buf_add(w->out, STR("PAR1"));
}

static str bound_for_iceberg(const struct bounds *b, const struct field *f, bool is_upper,
                             struct parquet_scratch *s, struct arena *a)
{
	struct cut cut = {.points = ICEBERG_POINTS};
	bool       is_exact;
	str        bytes;

	if (!b->has || field_in_list(f) ||
	    !bound_bytes(f->type, is_upper ? &b->high : &b->low, is_upper, cut, &s->bound, &bytes, &is_exact))
		return (str){0};
	return arena_str(a, bytes);
}

static void leaf_stats_make(const struct parquet_scratch *s, size_t leaf, struct bounds *bounds,
                            struct leaf_stats *out)
{
	const struct field *f = s->leaves.at[leaf];

	*out = (struct leaf_stats){.field_id = f->id};
	*bounds = (struct bounds){0};
	for (size_t g = 0; g < s->groups.count; g++) {
		const struct chunk_meta *m = &s->chunks.at[s->groups.at[g].first_chunk + leaf];

		out->bytes += m->bytes;
		out->values += m->entries;
		out->nulls += m->nulls;
		bounds_merge(f->type, bounds, &m->bounds);
	}
	out->nans = f->type == TYPE_DOUBLE ? bounds->nans : -1;
}

static void stats_make(const struct parquet_file *w, uint32_t row_count, struct arena *a,
                       struct file_stats *out)
{
	struct parquet_scratch *s = w->s;

	*out = (struct file_stats){
		.rows = row_count,
		.bytes = (int64_t)file_offset(w),
		.leaves = ARENA_ARRAY(a, struct leaf_stats, s->leaves.count),
		.leaf_count = (uint32_t)s->leaves.count,
		.splits = ARENA_ARRAY(a, int64_t, s->groups.count),
		.split_count = (uint32_t)s->groups.count,
	};
	for (size_t leaf = 0; leaf < s->leaves.count; leaf++) {
		const struct field *f = s->leaves.at[leaf];
		struct bounds       bounds;

		leaf_stats_make(s, leaf, &bounds, &out->leaves[leaf]);
		out->leaves[leaf].lower = bound_for_iceberg(&bounds, f, false, s, a);
		out->leaves[leaf].upper = bound_for_iceberg(&bounds, f, true, s, a);
	}
	for (size_t g = 0; g < s->groups.count; g++)
		out->splits[g] = s->groups.at[g].start;
}

static int file_write(struct parquet_file *w, const uint32_t *rows, uint32_t row_count, struct err *e)
{
	struct parquet_scratch *s = w->s;
	uint32_t                step = group_rows(w, row_count);

	buf_add(w->out, STR("PAR1"));
	for (uint32_t at = 0; at < row_count; at += step)
		TRY(group_write(w, rows + at, row_count - at < step ? row_count - at : step, e));
	file_end(w, row_count);
	if (buf_over(w->out) || buf_over(&s->blooms) || buf_over(&s->column_indexes) ||
	    buf_over(&s->offset_indexes))
		return err_set(e, ERR_LIMIT, "parquet: %u rows pass the room for a file: write fewer in one",
		               row_count);
	return 0;
}

static void level_set(struct parquet_scratch *s, const struct parquet_options *o)
{
	(void)ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_compressionLevel, o->zstd_level ? o->zstd_level : ZSTD_LEVEL);
}

int parquet_write(const struct columns *c, const uint32_t *rows, uint32_t row_count, const struct parquet_options *o,
                  struct parquet_scratch *s, struct buf *out, struct arena *a, struct file_stats *stats,
                  struct err *e)
{
	struct parquet_file w = {.c = c, .o = o, .s = s, .out = out, .base = out->len};
	int                 failed;

	assert(row_count > 0 && row_count < INT32_MAX);
	scratch_clear(s);
	leaves_add(s, c->schema->root);
	assert(s->leaves.count > 0);
	level_set(s, o);
	for (size_t i = 0; o->crew != NULL && i < workers_count(o->crew->workers); i++)
		level_set(o->crew->scratches[i], o);
	failed = file_write(&w, rows, row_count, e);
	if (failed) {
		out->len = w.base;
		return failed;
	}
	stats_make(&w, row_count, a, stats);
	return 0;
}

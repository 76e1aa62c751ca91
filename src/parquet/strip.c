/* strip.c - the fields of a row group into chunks: one after the other, or side by side over a crew.
 *
 * A worker writes the chunks of one field at the top to its own strip, with offsets from the strip's beginning; then they are laid
 * one after the other in the order of the schema. So the bytes do not depend on who wrote them.
 *
 * Invariant: what a strip's chunks point at (pages, filters, indexes) lies in the scratch of the worker until it is taken.
 */
#include <assert.h>

#include "os/profile.h"
#include "os/workers.h"
#include "parquet/write_int.h"

static int field_write(struct parquet_file *w, const struct field *f, const struct spread *up, size_t depth, struct err *e)
{
	const struct col *col = columns_peek(w->c, f);
	struct spread     inner;

	if (field_is_leaf(f))
		return chunk_write(w, f, up, e);
	if (!field_has_leaf(f))
		return 0;
	assert(col == NULL || col->type == f->type);
	while (w->s->depths.count <= depth)
		*VEC_ADD(&w->s->depths) = (struct spread_room){0};
	if (f->type == TYPE_STRUCT)
		inner = spread_struct(up, f, col, &w->s->depths.at[depth]);
	else
		inner = spread_list(up, f, col, &w->s->depths.at[depth]);
	for (uint32_t i = 0; i < f->child_count; i++)
		TRY(field_write(w, f->children[i], &inner, depth + 1, e));
	return 0;
}

struct crew_task {
	struct parquet_file *file;
	const struct spread *all;
};

static int strip_write(void *context, size_t number, size_t worker, struct err *e)
{
	const struct crew_task *t = context;
	struct parquet_scratch *s = t->file->o->crew->scratches[worker];
	struct parquet_file     mine = {.c = t->file->c, .o = t->file->o, .s = s, .out = &s->strip};
	struct strip            strip = {.by = s, .from = s->strip.len, .first_chunk = s->chunks.count};
	PROFILE(PROFILE_ENCODE);

	TRY(field_write(&mine, t->file->c->schema->root->children[number], t->all, 0, e));
	strip.to = s->strip.len;
	strip.chunk_end = s->chunks.count;
	t->file->s->strips.at[number] = strip;
	return 0;
}

/* Of a buffer that is over nothing is of use any more: the file as a whole is given up. */
static struct part part_take(const struct buf *from, struct part part, struct buf *to)
{
	struct part taken = {to->len, part.size};

	if (buf_over(from))
		to->is_over = true;
	else if (part.size > 0)
		buf_bytes(to, from->ptr + part.from, part.size);
	return taken;
}

static void strip_take(struct parquet_file *w, const struct strip *strip)
{
	const struct parquet_scratch *by = strip->by;
	uint64_t                      shift = file_offset(w) - strip->from; /* what is before goes to what is behind; it may wrap */

	(void)part_take(&by->strip, (struct part){strip->from, strip->to - strip->from}, w->out);
	for (size_t i = strip->first_chunk; i < strip->chunk_end; i++) {
		struct chunk_meta m = by->chunks.at[i];
		const struct page *pages = by->all_pages.at + m.first_page;

		m.start += (int64_t)shift;
		m.data_start += (int64_t)shift;
		m.bloom = part_take(&by->blooms, m.bloom, &w->s->blooms);
		m.column_index = part_take(&by->column_indexes, m.column_index, &w->s->column_indexes);
		m.first_page = w->s->all_pages.count;
		for (uint32_t k = 0; k < m.data_pages; k++) {
			struct page *page = VEC_ADD(&w->s->all_pages);

			*page = pages[k];
			page->offset += shift;
		}
		*VEC_ADD(&w->s->chunks) = m;
	}
}

static int fields_by_crew(struct parquet_file *w, const struct spread *all, struct err *e)
{
	const struct parquet_crew *crew = w->o->crew;
	size_t                     count = w->c->schema->root->child_count;
	struct crew_task           task = {w, all};

	for (size_t i = 0; i < workers_count(crew->workers); i++) {
		struct parquet_scratch *s = crew->scratches[i];

		assert(s != w->s);
		buf_clear(&s->strip);
		buf_clear(&s->blooms);
		buf_clear(&s->column_indexes);
		s->chunks.count = 0;
		s->all_pages.count = 0;
	}
	VEC_ROOM(&w->s->strips, count);
	TRY(workers_run(crew->workers, strip_write, &task, count, e));
	for (size_t i = 0; i < count; i++)
		strip_take(w, &w->s->strips.at[i]);
	return 0;
}

int fields_write(struct parquet_file *w, const struct spread *all, struct err *e)
{
	const struct field *root = w->c->schema->root;

	if (w->o->crew != NULL && workers_count(w->o->crew->workers) > 1)
		return fields_by_crew(w, all, e);
	for (uint32_t i = 0; i < root->child_count; i++)
		TRY(field_write(w, root->children[i], all, 0, e));
	return 0;
}

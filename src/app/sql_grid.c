/* sql_grid.c - columns of text, numbers to the right.
 *
 * Until the widths are known the rows are held, a bounded number of them; from then on each row
 * is printed as it comes, so that an answer of any length can be printed, and begins to be soon.
 */
#include <stdlib.h>

#include "app/plain.h"
#include "app/sql_print_int.h"

void grid_start(struct sql_grid *g, const struct answer *a)
{
	*g = (struct sql_grid){.answer = a};
	g->widths = xcalloc(a->column_count + 1, sizeof(*g->widths));
	for (size_t i = 0; i < a->column_count; i++)
		*VEC_ADD(&g->cells) = str_of(plain_text(&g->arena, a->columns[i].name));
}

/* Columns on the screen: code points, which is right for all but wide scripts. */
static size_t width_of(str s)
{
	size_t width = 0;

	for (size_t i = 0; i < s.len; i++)
		width += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
	return width;
}

static void print_cell(const struct sql_grid *g, size_t column, str cell, struct buf *out)
{
	size_t width = width_of(cell),
	       pad = g->widths[column] > width ? g->widths[column] - width : 0;
	bool   is_last = column + 1 == g->answer->column_count;

	if (g->answer->columns[column].is_number)
		buf_fill(out, ' ', pad);
	buf_add(out, cell);
	if (!g->answer->columns[column].is_number && !is_last)
		buf_fill(out, ' ', pad);
	buf_add(out, is_last ? STR("\n") : STR("  "));
}

static void grid_open(struct sql_grid *g, struct buf *out)
{
	size_t columns = g->answer->column_count;

	for (size_t i = 0; i < g->cells.count; i++) {
		size_t width = width_of(g->cells.at[i]), *widest = &g->widths[i % columns];

		if (width > *widest && (width <= SQL_GRID_WIDTH || i < columns))
			*widest = width;
	}
	for (size_t i = 0; i < g->cells.count; i++)
		print_cell(g, i % columns, g->cells.at[i], out);
	g->cells.count = 0;
	arena_reset(&g->arena);
	g->is_open = true;
}

static str cell_text(struct sql_grid *g, size_t column, size_t row)
{
	AUTO(buf) text = BUF(0);

	(void)answer_text(g->answer, column, row, &text); /* NULL is empty */
	return str_of(plain_text(&g->arena, buf_str(&text)));
}

void grid_row(struct sql_grid *g, size_t row, struct buf *out)
{
	size_t columns = g->answer->column_count;

	for (size_t i = 0; i < columns; i++) {
		str cell = cell_text(g, i, row);

		if (g->is_open)
			print_cell(g, i, cell, out);
		else
			*VEC_ADD(&g->cells) = cell;
	}
	if (g->is_open)
		arena_reset(&g->arena);
	else if (g->cells.count > SQL_GRID_ROWS * columns || g->arena.used > SQL_GRID_BYTES)
		grid_open(g, out);
}

void grid_end(struct sql_grid *g, struct buf *out)
{
	if (!g->is_open)
		grid_open(g, out);
}

void grid_done(struct sql_grid *g)
{
	free(g->widths);
	VEC_DONE(&g->cells);
	arena_done(&g->arena);
}

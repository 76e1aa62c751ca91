/* sql_print_int.h - rows as a table for people, for sql_print.c. */
#ifndef APP_SQL_PRINT_INT_H
#define APP_SQL_PRINT_INT_H

#include "app/sql_print.h"
#include "base/vec.h"

/* Widths follow from the first rows; a later cell that is wider stands out. Held: SQL_GRID_ROWS
 * rows at most, or SQL_GRID_BYTES of text. */
enum { SQL_GRID_ROWS = 1000, SQL_GRID_BYTES = 4 << 20, SQL_GRID_WIDTH = 80 };

struct sql_grid {
	const struct answer *answer;
	size_t              *widths;  /* a column each */
	struct arena         arena;
	struct { VEC_OF(str); } cells; /* held until the widths are known */
	bool                 is_open; /* the widths are known: rows are printed as they come */
};

void grid_start(struct sql_grid *g, const struct answer *a);
void grid_row(struct sql_grid *g, size_t row, struct buf *out);
void grid_end(struct sql_grid *g, struct buf *out); /* prints what is held */
void grid_done(struct sql_grid *g);

#endif

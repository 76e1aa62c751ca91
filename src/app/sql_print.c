/* sql_print.c - the four formats. Rows are gathered in a buffer that goes to stdout a piece at a
 * time. */
#include <errno.h>
#include <stdio.h>

#include "app/sql_print_int.h"
#include "base/map.h"

enum { PIECE_BYTES = 64 << 10 };

struct printer {
	struct answer  *answer;
	enum sql_format format;
	struct buf      out;
	struct sql_grid grid;
	str            *names; /* of the columns, each of them once: for objects */
	struct arena    arena;
	int64_t         rows;
};

static void printer_done(struct printer *p)
{
	buf_done(&p->out);
	if (p->format == SQL_TABLE)
		grid_done(&p->grid);
	arena_done(&p->arena);
}

AUTO_DEFINE(printer, printer_done)

/* Two columns may have one name; an object must not: "id", "id_1". */
static void names_make(struct printer *p)
{
	AUTO(map) seen = {.count = 0};

	p->names = ARENA_ARRAY(&p->arena, str, p->answer->column_count);
	for (size_t i = 0; i < p->answer->column_count; i++) {
		str name = p->answer->columns[i].name;

		for (unsigned n = 1; map_get(&seen, name) != NULL; n++)
			name = arena_format(&p->arena, STR_FMT "_%u",
			                    STR_ARG(p->answer->columns[i].name), n);
		(void)map_put(&seen, name);
		p->names[i] = name;
	}
}

static void print_object(struct printer *p, size_t row)
{
	buf_byte(&p->out, '{');
	for (size_t i = 0; i < p->answer->column_count; i++) {
		buf_add(&p->out, i ? STR(", ") : STR(""));
		buf_json(&p->out, p->names[i]);
		buf_add(&p->out, STR(": "));
		answer_json(p->answer, i, row, &p->out);
	}
	buf_byte(&p->out, '}');
}

static void print_csv_text(str text, struct buf *out)
{
	bool is_bare = text.len > 0;

	for (size_t i = 0; i < text.len && is_bare; i++)
		is_bare = strchr("\",\r\n", text.ptr[i]) == NULL || text.ptr[i] == '\0';
	if (is_bare) {
		buf_add(out, text);
		return;
	}
	buf_byte(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			buf_byte(out, '"');
		buf_byte(out, text.ptr[i]);
	}
	buf_byte(out, '"');
}

static void print_csv_head(struct printer *p)
{
	for (size_t i = 0; i < p->answer->column_count; i++) {
		buf_add(&p->out, i ? STR(",") : STR(""));
		print_csv_text(p->answer->columns[i].name, &p->out);
	}
	buf_add(&p->out, STR("\r\n"));
}

static void print_csv_row(struct printer *p, size_t row)
{
	AUTO(buf) text = BUF(0);

	for (size_t i = 0; i < p->answer->column_count; i++) {
		buf_add(&p->out, i ? STR(",") : STR(""));
		buf_clear(&text);
		if (answer_text(p->answer, i, row, &text))
			print_csv_text(buf_str(&text), &p->out);
	}
	buf_add(&p->out, STR("\r\n"));
}

static void print_head(struct printer *p)
{
	if (p->format == SQL_TABLE)
		grid_start(&p->grid, p->answer);
	else if (p->format == SQL_CSV)
		print_csv_head(p);
	else
		names_make(p);
	if (p->format == SQL_JSON)
		buf_byte(&p->out, '[');
}

static void print_row(struct printer *p, size_t row)
{
	switch (p->format) {
	case SQL_TABLE:
		grid_row(&p->grid, row, &p->out);
		break;
	case SQL_JSON:
		buf_add(&p->out, p->rows > 0 ? STR(",\n") : STR("\n"));
		print_object(p, row);
		break;
	case SQL_JSONL:
		print_object(p, row);
		buf_byte(&p->out, '\n');
		break;
	case SQL_CSV:
		print_csv_row(p, row);
		break;
	}
	p->rows++;
}

static void print_foot(struct printer *p)
{
	if (p->format == SQL_TABLE)
		grid_end(&p->grid, &p->out);
	else if (p->format == SQL_JSON)
		buf_add(&p->out, p->rows > 0 ? STR("\n]\n") : STR("]\n"));
}

static int write_out(struct printer *p, size_t at_least, struct err *e)
{
	if (buf_over(&p->out))
		return err_set(e, ERR_LIMIT, "a row is larger than 1 GiB as text");
	if (p->out.len < at_least || p->out.len == 0)
		return 0;
	if (fwrite(p->out.ptr, 1, p->out.len, stdout) != p->out.len ||
	    (at_least == 0 && fflush(stdout) != 0))
		return errno == EPIPE ? SQL_READER_GONE : err_sys(e, errno, "write to stdout");
	buf_clear(&p->out);
	return 0;
}

int sql_print(struct answer *a, enum sql_format format, int64_t *rows, struct err *e)
{
	AUTO(printer) p = {.answer = a, .format = format};
	int           more, status = 0;

	print_head(&p);
	while ((more = answer_next(a, e)) > 0) {
		for (size_t row = 0; row < a->row_count && status == 0; row++) {
			print_row(&p, row);
			status = write_out(&p, PIECE_BYTES, e);
		}
		if (status != 0)
			return status;
	}
	TRY(more);
	print_foot(&p);
	*rows = p.rows;
	return write_out(&p, 0, e);
}

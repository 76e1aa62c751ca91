#include "tests/unit/ingest/sheet.h"

#include "iceberg/metadata.h"

static void begin(struct sheet *t)
{
	columns_init(&t->columns, t->pool, &t->table.schema);
	shred_init(&t->shred, &t->pipe->conf, PIPE_SECRET, &t->table, &t->columns);
}

void sheet_open(struct sheet *t, struct pipe *p)
{
	*t = (struct sheet){.pipe = p, .pool = pool_new(64 << 20)};
	standard_schema(&p->conf, &p->conf.names[0], &t->table.schema);
	t->table.schema_published = t->table.schema.count;
	begin(t);
}

void sheet_done(struct sheet *t)
{
	shred_done(&t->shred);
	columns_done(&t->columns);
	schema_done(&t->table.schema);
	pool_free(t->pool);
	VEC_DONE(&t->records);
	arena_done(&t->arena);
	arena_done(&t->said);
}

void sheet_add_bytes(struct sheet *t, str json)
{
	const struct event *ev = pipe_open_bytes(t->pipe, json, STR(""));

	if (ev->verdict != VERDICT_ROW) {
		test_fail(__FILE__, __LINE__, "%s: " STR_FMT, reason_code(ev->reason), STR_ARG(str_head(json, 300)));
		return;
	}
	shred_row(&t->shred, &t->pipe->run, ev, STR("part"), PIPE_NOW);
	*VEC_ADD(&t->records) = arena_str(&t->arena, json);
}

void sheet_add(struct sheet *t, const char *json)
{
	sheet_add_bytes(t, str_of(json));
}

bool sheet_check(struct sheet *t)
{
	AUTO(rows) r;
	AUTO(buf)  faults = BUF(4096);

	rows_open(&r, &t->columns);
	r.is_text_typed = t->pipe->run.is_text_typed;
	CHECK_INT(t->columns.row_count, t->records.count);
	for (uint32_t row = 0; row < t->records.count && faults.len == 0; row++) {
		rows_compare(&r, row, t->records.at[row], &faults);
		if (faults.len > 0)
			test_fail(__FILE__, __LINE__, "row %u: " STR_FMT "\n" STR_FMT, row, STR_ARG(buf_str(&faults)),
			          STR_ARG(str_head(t->records.at[row], 2000)));
	}
	return faults.len == 0;
}

void sheet_flush(struct sheet *t)
{
	columns_clear(&t->columns);
	t->table.schema_published = t->table.schema.count;
	t->records.count = 0;
	arena_reset(&t->arena);
}

void sheet_restart(struct sheet *t)
{
	AUTO(buf)     text = BUF(0);
	struct schema again;
	struct err    e = ERR_NONE;

	sheet_flush(t);
	ice_schema_write(&t->table.schema, 1, &text);
	CHECK_OK(ice_schema_parse(buf_str(&text), &again, &e), &e);
	shred_done(&t->shred);
	columns_done(&t->columns);
	schema_done(&t->table.schema);
	t->table.schema = again;
	t->table.schema_published = again.count;
	begin(t);
}

str sheet_at(struct sheet *t, const char *pointer)
{
	AUTO(rows) r;

	arena_reset(&t->said);
	rows_open(&r, &t->columns);
	return rows_column(&r, t->columns.row_count - 1, pointer, &t->said);
}

str sheet_extra(struct sheet *t)
{
	AUTO(rows) r;

	rows_open(&r, &t->columns);
	return rows_extra(&r, t->columns.row_count - 1); /* the columns own it */
}

static void print_field(const struct field *f, struct buf *out)
{
	buf_add(out, f->type == TYPE_LIST && f->child_count ? STR("[") : f->type == TYPE_STRUCT ? STR("{") : STR(""));
	if (f->child_count == 0)
		buf_add(out, str_of(type_name(f->type)));
	for (uint32_t i = 0; i < f->child_count; i++) {
		if (f->type == TYPE_STRUCT) {
			buf_add(out, i ? STR(" ") : STR(""));
			buf_add(out, f->children[i]->name);
			buf_byte(out, ':');
		}
		print_field(f->children[i], out);
	}
	buf_add(out, f->type == TYPE_LIST && f->child_count ? STR("]") : f->type == TYPE_STRUCT ? STR("}") : STR(""));
}

str sheet_columns(struct sheet *t)
{
	AUTO(buf)           b = BUF(0);
	const struct field *root = t->table.schema.root;

	for (uint32_t i = 0; i < root->child_count; i++) {
		if (standard_is_field(&t->table.schema, root->children[i]))
			continue;
		buf_add(&b, b.len ? STR(" ") : STR(""));
		buf_add(&b, root->children[i]->name);
		buf_byte(&b, ':');
		print_field(root->children[i], &b);
	}
	arena_reset(&t->said);
	return arena_str(&t->said, buf_str(&b));
}

#include "query/table_sql.h"

static const char *const type_words[] = {
	[TYPE_BOOL] = "BOOLEAN",
	[TYPE_LONG] = "BIGINT",
	[TYPE_DOUBLE] = "DOUBLE",
	[TYPE_STRING] = "VARCHAR",
	[TYPE_BINARY] = "BLOB",
	[TYPE_TIMESTAMPTZ] = "TIMESTAMP WITH TIME ZONE",
	[TYPE_UUID] = "UUID",
	[TYPE_INT] = "INTEGER",
	[TYPE_DATE] = "DATE",
};

static void quoted(str s, char quote, struct buf *out)
{
	buf_byte(out, quote);
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == quote)
			buf_byte(out, quote);
		buf_byte(out, s.ptr[i]);
	}
	buf_byte(out, quote);
}

void sql_name(str name, struct buf *out)
{
	quoted(name, '"', out);
}

void sql_text(str text, struct buf *out)
{
	quoted(text, '\'', out);
}

void sql_table(str space, str table, struct buf *out)
{
	buf_add(out, STR("memory."));
	sql_name(space, out);
	buf_byte(out, '.');
	sql_name(table, out);
}

/* DuckDB has no struct without members: a column with one in it cannot be shown. */
static bool can_show(const struct field *f)
{
	if (!field_is_leaf(f) && f->child_count == 0)
		return false;
	for (uint32_t i = 0; i < f->child_count; i++)
		if (!can_show(f->children[i]))
			return false;
	return true;
}

void sql_type(const struct field *f, struct buf *out)
{
	if (f->type == TYPE_LIST) {
		sql_type(f->children[0], out);
		buf_add(out, STR("[]"));
		return;
	}
	if (f->type != TYPE_STRUCT) {
		buf_add(out, str_of(type_words[f->type]));
		return;
	}
	buf_add(out, STR("STRUCT("));
	for (uint32_t i = 0; i < f->child_count; i++) {
		buf_add(out, i ? STR(", ") : STR(""));
		sql_name(f->children[i]->name, out);
		buf_byte(out, ' ');
		sql_type(f->children[i], out);
	}
	buf_byte(out, ')');
}

/* Calls `print` for each column that can be shown, with commas between. */
static size_t each_column(const struct schema *s,
                          void (*print)(const struct field *f, struct buf *out), struct buf *out)
{
	size_t count = 0;

	for (uint32_t i = 0; i < s->root->child_count; i++) {
		if (!can_show(s->root->children[i]))
			continue;
		buf_add(out, count++ ? STR(", ") : STR(""));
		print(s->root->children[i], out);
	}
	return count;
}

static void print_name(const struct field *f, struct buf *out)
{
	sql_name(f->name, out);
}

static void print_definition(const struct field *f, struct buf *out)
{
	sql_name(f->name, out);
	buf_byte(out, ' ');
	sql_type(f, out);
}

static void print_null(const struct field *f, struct buf *out)
{
	buf_add(out, STR("NULL::"));
	sql_type(f, out);
	buf_add(out, STR(" AS "));
	sql_name(f->name, out);
}

static void print_mapping(const struct field *f, struct buf *out)
{
	AUTO(buf) type = BUF(0);

	sql_type(f, &type);
	buf_print(out, "%d: {name: ", f->id);
	sql_text(f->name, out);
	buf_add(out, STR(", type: "));
	sql_text(buf_str(&type), out);
	buf_add(out, STR(", default_value: NULL}"));
}

/* read_parquet takes patterns: what is special in one stands in brackets. */
static void print_path(str path, struct buf *out)
{
	AUTO(buf) pattern = BUF(0);

	for (size_t i = 0; i < path.len; i++) {
		bool is_special = path.ptr[i] == '*' || path.ptr[i] == '?' || path.ptr[i] == '[' ||
				  path.ptr[i] == '\\';

		buf_add(&pattern, is_special ? STR("[") : STR(""));
		buf_byte(&pattern, path.ptr[i]);
		buf_add(&pattern, is_special ? STR("]") : STR(""));
	}
	sql_text(buf_str(&pattern), out);
}

void sql_files(const struct schema *s, const str *files, size_t file_count, struct buf *out)
{
	buf_add(out, STR("read_parquet(["));
	for (size_t i = 0; i < file_count; i++) {
		buf_add(out, i ? STR(", ") : STR(""));
		print_path(files[i], out);
	}
	buf_add(out, STR("], schema = MAP {"));
	(void)each_column(s, print_mapping, out);
	/* Folders are named after partitions: DuckDB would make columns of them. */
	buf_add(out, STR("}, hive_partitioning = false)"));
}

bool sql_view(str space, str table, const struct schema *s, const str *files, size_t file_count,
              struct buf *out)
{
	buf_add(out, STR("CREATE OR REPLACE VIEW "));
	sql_table(space, table, out);
	buf_add(out, STR(" AS SELECT "));
	if (file_count == 0) {
		bool has_columns = each_column(s, print_null, out) > 0;

		buf_add(out, STR(" WHERE false"));
		return has_columns;
	}
	if (each_column(s, print_name, out) == 0)
		return false;
	buf_add(out, STR(" FROM "));
	sql_files(s, files, file_count, out);
	return true;
}

bool sql_shape(str space, str table, const struct schema *s, struct buf *out)
{
	bool has_columns;

	buf_add(out, STR("CREATE TABLE "));
	sql_table(space, table, out);
	buf_add(out, STR(" ("));
	has_columns = each_column(s, print_definition, out) > 0;
	buf_byte(out, ')');
	return has_columns;
}

void sql_comments(str space, str table, const struct schema *s, struct buf *out)
{
	for (uint32_t i = 0; i < s->root->child_count; i++) {
		const struct field *f = s->root->children[i];

		if (f->doc.len == 0 || !can_show(f))
			continue;
		buf_add(out, STR("COMMENT ON COLUMN "));
		sql_table(space, table, out);
		buf_byte(out, '.');
		sql_name(f->name, out);
		buf_add(out, STR(" IS "));
		sql_text(f->doc, out);
		buf_add(out, STR(";\n"));
	}
}

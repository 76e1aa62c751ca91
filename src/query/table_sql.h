/* table_sql.h - an Iceberg table in DuckDB's words: its types, a view of its files, an empty
 * table of its shape. */
#ifndef QUERY_TABLE_SQL_H
#define QUERY_TABLE_SQL_H

#include "base/buf.h"
#include "column/schema.h"

/* "TIMESTAMP WITH TIME ZONE", "STRUCT("sha" VARCHAR)[]" */
void sql_type(const struct field *f, struct buf *out);
void sql_name(str name, struct buf *out); /* "name", its quotes doubled */
void sql_text(str text, struct buf *out); /* 'text', its quotes doubled */
/* memory."events"."push_event" */
void sql_table(str space, str table, struct buf *out);

/* "read_parquet(...)" of some of its files: the columns of the schema, as below, and DuckDB's own
 * file_index (place among these files) and file_row_number. */
void sql_files(const struct schema *s, const str *files, size_t file_count, struct buf *out);

/* "CREATE OR REPLACE VIEW ...": the columns of the schema, found in the files by field id
 * whatever they are called there; null in a file that is older than the column. No files: a view
 * without rows. false where no column can be shown. */
bool sql_view(str space, str table, const struct schema *s, const str *files, size_t file_count,
              struct buf *out);
/* "CREATE TABLE ...": the same columns, no rows. */
bool sql_shape(str space, str table, const struct schema *s, struct buf *out);
/* "COMMENT ON COLUMN ...;" for each column of the view that has a doc. */
void sql_comments(str space, str table, const struct schema *s, struct buf *out);

#endif

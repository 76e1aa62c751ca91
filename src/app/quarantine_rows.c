/* Rows of tarn.quarantine by file and place, read by DuckDB, which gives them in the order of the files
 * and of the rows in them: nothing is sorted, so the largest records need no more memory than the
 * smallest. */
#include "app/quarantine.h"
#include "query/engine.h"
#include "query/table_sql.h"

enum column {
	FILE_INDEX, ROW, AT, BYTES, OFFSET, PIPELINE, REASON, POINTER, MESSAGE, POSITION, RECORD, SHA256, VERSION,
};

#define NUMBERS                                                                            \
	"SELECT file_index::BIGINT, file_row_number::BIGINT, epoch_us(quarantined_at), "   \
	"record_bytes, byte_offset, pipeline, reason, pointer, message, source_position, record, "

void quarantine_where(const struct quarantine_asked *asked, struct buf *sql)
{
	buf_add(sql, STR(" WHERE true"));
	if (asked->reason.len > 0) {
		buf_add(sql, STR(" AND reason GLOB "));
		sql_text(asked->reason, sql);
	}
	if (asked->pipeline.len > 0) {
		buf_add(sql, STR(" AND pipeline = "));
		sql_text(asked->pipeline, sql);
	}
	if (asked->has_since)
		buf_print(sql, " AND epoch_us(quarantined_at) >= %lld", (long long)asked->since_us);
	if (asked->has_until)
		buf_print(sql, " AND epoch_us(quarantined_at) < %lld", (long long)asked->until_us);
}

static void refused_fill(const struct answer *a, size_t row, struct refused *out)
{
	int64_t file = 0;

	*out = (struct refused){
		.pipeline = answer_bytes(a, PIPELINE, row),
		.reason = answer_bytes(a, REASON, row),
		.pointer = answer_bytes(a, POINTER, row),
		.message = answer_bytes(a, MESSAGE, row),
		.position = answer_bytes(a, POSITION, row),
		.record = answer_bytes(a, RECORD, row),
		.sha256 = answer_bytes(a, SHA256, row),
		.version = answer_bytes(a, VERSION, row),
	};
	(void)answer_long(a, FILE_INDEX, row, &file);
	(void)answer_long(a, ROW, row, &out->row);
	(void)answer_long(a, AT, row, &out->at_us);
	(void)answer_long(a, BYTES, row, &out->bytes);
	out->has_offset = answer_long(a, OFFSET, row, &out->offset);
	out->file = (size_t)file;
}

static int each_row(struct answer *a, refused_fn *each, void *context, struct err *e)
{
	int more;

	while ((more = answer_next(a, e)) > 0) {
		for (size_t row = 0; row < a->row_count; row++) {
			struct refused r;

			refused_fill(a, row, &r);
			TRY(each(context, &r, e));
		}
	}
	return more;
}

int quarantine_rows_read(void *context, const struct schema *schema, const str *paths, size_t count, bool is_all,
                         refused_fn *each, void *each_context, struct err *e)
{
	const struct quarantine_rows *rows = context;
	bool                          has_hash = schema_child(schema->root, STR("record_sha256")) != NULL;
	AUTO(answer)                  answer = {0};
	AUTO(buf)                     sql = BUF(0);

	buf_add(&sql, STR(NUMBERS));
	buf_add(&sql, has_hash ? STR("record_sha256, tarn_version FROM ") : STR("NULL::VARCHAR, tarn_version FROM "));
	sql_files(schema, paths, count, &sql);
	if (!is_all)
		quarantine_where(rows->asked, &sql);
	buf_byte(&sql, '\0');
	TRY(engine_query(rows->engine, sql.ptr, &answer, e));
	return each_row(&answer, each, each_context, e);
}

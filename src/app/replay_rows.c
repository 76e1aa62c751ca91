#include "app/replay_rows.h"

#include "query/engine.h"
#include "query/table_sql.h"

enum column { POSITION, TAKEN };

void replay_rows_done(struct replay_rows *r)
{
	engine_close(r->engine);
}

static int each_row(struct answer *a, replay_row_fn *each, void *context, struct err *e)
{
	int more;

	while ((more = answer_next(a, e)) > 0) {
		for (size_t row = 0; row < a->row_count; row++) {
			struct replay_row r = {.position = answer_bytes(a, POSITION, row)};

			(void)answer_long(a, TAKEN, row, &r.taken_us);
			TRY(each(context, &r, e));
		}
	}
	return more;
}

int replay_rows_read(void *context, const struct schema *schema, const str *paths, size_t count, replay_row_fn *each,
                     void *each_context, struct err *e)
{
	struct replay_rows      *rows = context;
	const struct engine_conf conf = {rows->app->clock, rows->memory_bytes, 0, rows->app->stop};
	AUTO(answer)             answer = {0};
	AUTO(buf)                sql = BUF(0);

	if (rows->engine == NULL)
		TRY(engine_open(&conf, &rows->engine, e));
	buf_add(&sql, STR("SELECT source_position, epoch_us(ingested_at) FROM "));
	sql_files(schema, paths, count, &sql);
	buf_byte(&sql, '\0');
	TRY(engine_query(rows->engine, sql.ptr, &answer, e));
	return each_row(&answer, each, each_context, e);
}

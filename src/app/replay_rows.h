/* replay_rows.h - for struct replay_reader: which records rows came from, read by DuckDB. Its context is one of these.
 *
 *     AUTO(replay_rows) rows = {.app = app, .memory_bytes = n};
 */
#ifndef APP_REPLAY_ROWS_H
#define APP_REPLAY_ROWS_H

#include "app/command.h"
#include "ingest/replay.h"

struct engine;

struct replay_rows {
	const struct app *app;
	uint64_t          memory_bytes; /* of DuckDB; 0: its own choice */
	struct engine    *engine;       /* NULL until something is read */
};
void replay_rows_done(struct replay_rows *r);
int replay_rows_read(void *context, const struct schema *schema, const str *paths, size_t count, replay_row_fn *each,
                     void *each_context, struct err *e) MUST_USE;

AUTO_DEFINE(replay_rows, replay_rows_done)

#endif

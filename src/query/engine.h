/* engine.h - DuckDB in process: a database in memory, one connection, statements and their
 * answers.
 *
 * The library is loaded when the first engine is opened, so everything else runs without it. It
 * is looked for in this order: the file that TARN_DUCKDB names; libduckdb.so beside the program;
 * lib/libduckdb.so beside the program; and wherever the system's loader looks. A file that
 * TARN_DUCKDB names is the only one tried.
 *
 * An engine installs and loads no extensions by itself, keeps to its memory (what does not fit
 * goes to a folder of its own in the system's temporary one), and speaks UTC. While `stop` is 1,
 * what runs is interrupted and nothing starts. One thread uses an engine, and one answer is open
 * at a time.
 */
#ifndef QUERY_ENGINE_H
#define QUERY_ENGINE_H

#include "base/arena.h"
#include "base/auto.h"
#include "base/err.h"
#include "query/answer.h"

struct clock;
struct engine;

struct engine_conf {
	struct clock       *clock;
	uint64_t            memory_bytes; /* 0: DuckDB's own choice */
	unsigned            threads;      /* 0: one a core */
	const volatile int *stop;         /* NULL: never */
};

int  engine_open(const struct engine_conf *conf, struct engine **out, struct err *e) MUST_USE;
void engine_close(struct engine *n); /* NULL is fine; no answer is open */

/* Run what the text holds, one statement after another; rows are dropped. */
int engine_exec(struct engine *n, const char *sql, struct err *e) MUST_USE;
/* Run one statement and open its answer. ERR_INPUT with the engine's own sentence where the SQL
 * is wrong. */
int engine_query(struct engine *n, const char *sql, struct answer *out, struct err *e) MUST_USE;
/* A statement's first row, its cells as text, owned by `a`: ERR_MISSING where there is no row.
 * NULL cells have ptr NULL. */
int engine_row(struct engine *n, const char *sql, struct arena *a, str *cells, size_t cell_count,
               struct err *e) MUST_USE;

AUTO_PTR_DEFINE(engine, engine_close)

#endif

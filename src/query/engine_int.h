/* engine_int.h - what an engine is made of, for engine.c and answer.c. */
#ifndef QUERY_ENGINE_INT_H
#define QUERY_ENGINE_INT_H

#include <pthread.h>

#include "query/engine.h"

struct engine {
	const struct duck_api  *api;
	struct duck_database   *database;
	struct duck_connection *connection;
	const volatile int     *stop;
	/* The watcher looks at `stop` while a statement runs. */
	pthread_t               watcher;
	bool                    has_watcher;
	pthread_mutex_t         lock;
	pthread_cond_t          wake;
	bool                    is_running, is_closing; /* under the lock */
};

/* The library, loaded once for the life of the process. */
int library_load(const struct duck_api **out, struct err *e) MUST_USE;

/* DuckDB's message as an error: one line, its class from the message's first words. */
int engine_fail(const char *message, struct err *e);

/* Between these two the watcher may interrupt. */
void engine_busy(struct engine *n);
void engine_idle(struct engine *n);

/* Columns of a result just opened. ERR_UNSUPPORTED names a column whose type cannot be printed. */
int answer_describe(struct answer *a, struct err *e) MUST_USE;

#endif

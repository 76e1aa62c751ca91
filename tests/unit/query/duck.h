/* duck.h - an engine for tests, where DuckDB's library is to be had: TARN_DUCKDB, or
 * build/libduckdb.so (`make duckdb`).
 *
 *     DUCK_ENGINE(n);      opens one, or leaves the test, saying so; stands first, so that answers are done before it
 */
#ifndef TESTS_DUCK_H
#define TESTS_DUCK_H

#include <stdlib.h>
#include <unistd.h>

#include "os/clock.h"
#include "query/engine.h"
#include "tests/lib/test.h"

static inline struct engine *duck_open(const volatile int *stop)
{
	struct engine_conf conf = {
		.clock = clock_real(), .memory_bytes = 256 << 20, .threads = 2, .stop = stop};
	struct engine     *n = NULL;
	struct err         e = ERR_NONE;

	if (getenv("TARN_DUCKDB") == NULL && access("build/libduckdb.so", R_OK) == 0)
		(void)setenv("TARN_DUCKDB", "build/libduckdb.so", 1);
	if (getenv("TARN_DUCKDB") == NULL) {
		(void)fprintf(stderr, "skipped: no build/libduckdb.so (make duckdb)\n");
		return NULL;
	}
	CHECK_OK(engine_open(&conf, &n, &e), &e);
	return n;
}

#define DUCK_ENGINE(n)                                \
	AUTO_PTR(engine) n = duck_open(NULL);         \
	do {                                          \
		if ((n) == NULL)                      \
			return;                       \
	} while (0)

#endif

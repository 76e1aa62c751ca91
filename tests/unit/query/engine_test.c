#include <pthread.h>

#include "tests/unit/query/duck.h"

#ifdef __SANITIZE_THREAD__
/* The library is not built for the thread sanitizer: what it does inside cannot be judged. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "called_from_lib:libduckdb.so\ncalled_from_lib:libstdc++.so\nrace:libduckdb.so\n"
	       "race:libstdc++.so\nmutex:libduckdb.so\ndeadlock:libduckdb.so\n";
}
#endif

static int64_t count_rows(struct answer *a, struct err *e)
{
	int64_t rows = 0;
	int     more;

	while ((more = answer_next(a, e)) > 0)
		rows += (int64_t)a->row_count;
	return more < 0 ? more : rows;
}

TEST(engine_streams_an_answer_in_chunks)
{
	DUCK_ENGINE(n);
	AUTO(answer) a = {.engine = NULL};
	struct err   e = ERR_NONE;

	CHECK_OK(engine_query(n, "SELECT i, repeat('x', 1000) FROM range(2000000) t(i)", &a, &e),
	         &e);
	CHECK_INT(a.column_count, 2);
	CHECK_STR(a.columns[0].name, STR("i"));
	CHECK(a.columns[0].is_number && !a.columns[1].is_number);
	CHECK_INT(count_rows(&a, &e), 2000000); /* 2 GB of text through 256 MiB */
}

TEST(engine_says_what_is_wrong_in_one_line)
{
	DUCK_ENGINE(n);
	static const struct {
		const char *sql, *words;
		int         class;
	} cases[] = {
		{"SELEC 1", "syntax error", ERR_INPUT},
		{"SELECT * FROM nowhere", "nowhere", ERR_INPUT},
		{"SELECT error('told ' || 'you')", "told you", ERR_INPUT},
		{"SELECT 'x'::int FROM range(3)", "Could not convert", ERR_INPUT},
		{"", "no statement", ERR_INPUT},
		{"SELECT $1", "parameter", ERR_INPUT},
		{"SELECT * FROM read_parquet('/nowhere/at/all.parquet')", "No files found", ERR_IO},
		{"LOAD httpfs", "httpfs", ERR_IO},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(answer) a = {.engine = NULL};
		struct err   e = ERR_NONE;
		int64_t      status = engine_query(n, cases[i].sql, &a, &e);

		if (status == 0)
			status = count_rows(&a, &e);
		CHECK_INT(status, cases[i].class);
		if (strstr(e.text, cases[i].words) == NULL || strchr(e.text, '\n') != NULL)
			test_fail(__FILE__, __LINE__, "%s: %s", cases[i].sql, e.text);
	}
}

TEST(engine_tells_what_a_statement_did)
{
	DUCK_ENGINE(n);
	AUTO(answer) a = {.engine = NULL};
	struct err   e = ERR_NONE;

	CHECK_OK(engine_query(n, "CREATE TABLE t (i bigint)", &a, &e), &e);
	CHECK_INT(a.kind, ANSWER_NOTHING);
	answer_done(&a);
	CHECK_OK(engine_query(n, "INSERT INTO t SELECT * FROM range(7)", &a, &e), &e);
	CHECK_INT(a.kind, ANSWER_CHANGED);
	CHECK_INT(a.changed, 7);
	answer_done(&a);
	CHECK_OK(engine_query(n, "PIVOT t ON i % 2 USING count(*)", &a, &e), &e);
	CHECK_INT(a.column_count, 2);
	CHECK_INT(count_rows(&a, &e), 1);
}

static void *stop_soon(void *context)
{
	volatile int *stop = context;

	clock_sleep_us(clock_real(), 200000);
	__atomic_store_n(stop, 1, __ATOMIC_RELAXED);
	return NULL;
}

TEST(engine_stops_in_the_middle_when_asked)
{
	static volatile int stop;
	AUTO_PTR(engine)    n = duck_open(&stop);
	AUTO(answer)        a = {.engine = NULL};
	struct err          e = ERR_NONE;
	pthread_t           thread;

	if (n == NULL)
		return;
	if (pthread_create(&thread, NULL, stop_soon, (void *)&stop) != 0)
		abort();
	CHECK_ERR(engine_query(
	                  n, "SELECT count(*) FROM range(100000000000) t(i) WHERE sqrt(i) % 3 = 1",
	                  &a, &e),
	          ERR_STOPPED);
	(void)pthread_join(thread, NULL);
	CHECK_ERR(engine_query(n, "SELECT 1", &a, &e), ERR_STOPPED);
	__atomic_store_n(&stop, 0, __ATOMIC_RELAXED);
	CHECK_OK(engine_query(n, "SELECT 1", &a, &e), &e);
	CHECK_INT(count_rows(&a, &e), 1);
}

TEST(engine_row_gives_cells_as_text)
{
	DUCK_ENGINE(n);
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;
	str         cells[2];

	CHECK_OK(engine_row(n, "SELECT current_setting('TimeZone'), NULL", &a, cells, 2, &e), &e);
	CHECK_STR(cells[0], STR("UTC"));
	CHECK(cells[1].ptr == NULL);
	CHECK_ERR(engine_row(n, "SELECT 1 WHERE false", &a, cells, 1, &e), ERR_MISSING);
}

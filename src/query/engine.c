/* engine.c - open the database, run statements, and interrupt them when the program is asked to
 * stop.
 *
 * Invariants: is_running is true from engine_busy to engine_idle, which is while a statement
 * runs or its answer is open.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "os/clock.h"
#include "query/engine_int.h"

enum { WATCH_NS = 50 * 1000 * 1000 };

/* --- errors -------------------------------------------------------------------------------- */

static enum err_class class_of_message(str message)
{
	static const struct {
		const char    *start;
		enum err_class class;
	} classes[] = {
		{"INTERRUPT", ERR_STOPPED},
		{"IO Error", ERR_IO},
		{"Out of Memory", ERR_LIMIT},
		{"Permission Error", ERR_DENIED},
		{"INTERNAL", ERR_CORRUPT},
		{"FATAL", ERR_CORRUPT},
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (str_starts(message, str_of(classes[i].start)))
			return classes[i].class;
	return ERR_INPUT;
}

/* A line of blanks and a caret, under a line that does not stand above it any more. */
static bool is_caret_line(str line)
{
	line = str_trim(line);
	return line.len == 0 || str_eq(line, STR("^"));
}

int engine_fail(const char *message, struct err *e)
{
	str    left = str_trim(str_of(message ? message : "no words"));
	char   text[900];
	size_t len = 0;
	int    class = class_of_message(left);

	while (left.len > 0 && len < sizeof(text)) {
		str line = str_head(left, str_find(left, '\n', 0));

		left = str_from(left, line.len + 1);
		if (is_caret_line(line))
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s" STR_FMT,
		                        len ? " | " : "", STR_ARG(str_head(line, sizeof(text))));
	}
	if (class == ERR_STOPPED)
		return err_set(e, ERR_STOPPED, "interrupted");
	return err_set(e, class, "%s", text);
}

/* --- interruption -------------------------------------------------------------------------- */

/* The flag is set by a signal's handler, or by another thread. */
static bool is_stopped(const struct engine *n)
{
	return n->stop != NULL && __atomic_load_n(n->stop, __ATOMIC_RELAXED) != 0;
}

static void *watch(void *context)
{
	struct engine  *n = context;
	struct timespec until;

	(void)pthread_mutex_lock(&n->lock);
	while (!n->is_closing) {
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += WATCH_NS;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		if (n->is_running)
			(void)pthread_cond_timedwait(&n->wake, &n->lock, &until);
		else
			(void)pthread_cond_wait(&n->wake, &n->lock);
		if (n->is_running && is_stopped(n))
			n->api->interrupt(n->connection);
	}
	(void)pthread_mutex_unlock(&n->lock);
	return NULL;
}

static void watch_tell(struct engine *n, bool *what, bool value)
{
	(void)pthread_mutex_lock(&n->lock);
	*what = value;
	(void)pthread_cond_signal(&n->wake);
	(void)pthread_mutex_unlock(&n->lock);
}

void engine_busy(struct engine *n)
{
	assert(!n->is_running);
	watch_tell(n, &n->is_running, true);
}

void engine_idle(struct engine *n)
{
	assert(n->is_running);
	watch_tell(n, &n->is_running, false);
}

/* --- open and close ------------------------------------------------------------------------ */

struct setting {
	const char *name;
	char        value[4200];
};

static int database_open(struct engine *n, const struct setting *settings, size_t count,
                         struct err *e)
{
	struct duck_config *config = NULL;
	char               *error = NULL;
	int                 status;

	if (n->api->create_config(&config) != DUCK_OK)
		return err_set(e, ERR_LIMIT, "DuckDB does not start: out of memory");
	for (size_t i = 0; i < count; i++) {
		status = n->api->set_config(config, settings[i].name, settings[i].value);
		if (status == DUCK_OK)
			continue;
		n->api->destroy_config(&config);
		return err_set(e, ERR_UNSUPPORTED, "DuckDB has no setting %s = %s",
		               settings[i].name, settings[i].value);
	}
	status = n->api->open_ext(NULL, &n->database, config, &error);
	n->api->destroy_config(&config);
	if (status != DUCK_OK) {
		status = engine_fail(error, e);
		n->api->free(error);
		return status;
	}
	if (n->api->connect(n->database, &n->connection) != DUCK_OK)
		return err_set(e, ERR_LIMIT, "DuckDB gives no connection");
	return 0;
}

/* DuckDB makes the folder when it first spills, and removes it at the end. */
static void spill_folder(struct clock *clock, char *out, size_t size)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(out, size, "%s/tarn-sql-%016llx", base && base[0] ? base : "/tmp",
	               (unsigned long long)clock_random_u64(clock));
}

static int engine_start(struct engine *n, const struct engine_conf *conf, struct err *e)
{
	struct setting settings[6] = {
		{"autoinstall_known_extensions", "false"},
		{"autoload_known_extensions", "false"},
		{"temp_directory", ""},
	};
	size_t         count = 3;

	spill_folder(conf->clock, settings[2].value, sizeof(settings[2].value));
	if (conf->memory_bytes > 0) {
		settings[count].name = "memory_limit";
		(void)snprintf(settings[count++].value, sizeof(settings[0].value), "%lluB",
		               (unsigned long long)conf->memory_bytes);
	}
	if (conf->threads > 0) {
		settings[count].name = "threads";
		(void)snprintf(settings[count++].value, sizeof(settings[0].value), "%u",
		               conf->threads);
	}
	TRY(library_load(&n->api, e));
	TRY(database_open(n, settings, count, e));
	n->stop = conf->stop;
	n->has_watcher = n->stop != NULL && pthread_create(&n->watcher, NULL, watch, n) == 0;
	return engine_exec(n, "SET TimeZone = 'UTC'", e);
}

int engine_open(const struct engine_conf *conf, struct engine **out, struct err *e)
{
	AUTO_PTR(engine) n = xcalloc(1, sizeof(*n));

	(void)pthread_mutex_init(&n->lock, NULL);
	(void)pthread_cond_init(&n->wake, NULL);
	TRY(engine_start(n, conf, e));
	*out = TAKE(n);
	return 0;
}

void engine_close(struct engine *n)
{
	if (n == NULL)
		return;
	if (n->has_watcher) {
		watch_tell(n, &n->is_closing, true);
		(void)pthread_join(n->watcher, NULL);
	}
	if (n->connection != NULL)
		n->api->disconnect(&n->connection);
	if (n->database != NULL)
		n->api->close(&n->database);
	(void)pthread_cond_destroy(&n->wake);
	(void)pthread_mutex_destroy(&n->lock);
	free(n);
}

/* --- statements ---------------------------------------------------------------------------- */

static int check_stop(const struct engine *n, struct err *e)
{
	return is_stopped(n) ? err_set(e, ERR_STOPPED, "interrupted") : 0;
}

int engine_exec(struct engine *n, const char *sql, struct err *e)
{
	struct duck_result result = {{0}};
	int                status = 0;

	/* Not stopped before it starts: what puts things back in order must run then too. */
	if (n->api->query(n->connection, sql, &result) != DUCK_OK)
		status = engine_fail(n->api->result_error(&result), e);
	n->api->destroy_result(&result);
	return status;
}

static int answer_execute(struct engine *n, struct duck_extracted *extracted, uint64_t index,
                          struct answer *out, struct err *e)
{
	engine_busy(n);
	out->engine = n;
	if (n->api->prepare_extracted_statement(n->connection, extracted, index, &out->prepared) !=
	    DUCK_OK)
		return engine_fail(n->api->prepare_error(out->prepared), e);
	if (n->api->execute_prepared_streaming(out->prepared, &out->result) != DUCK_OK)
		return engine_fail(n->api->result_error(&out->result), e);
	return answer_describe(out, e);
}

/* PIVOT is written as one statement and run as several: only the last one answers. */
static int extracted_run(struct engine *n, struct duck_extracted *extracted, uint64_t count,
                         struct answer *out, struct err *e)
{
	for (uint64_t i = 0; i < count; i++) {
		AUTO(answer) answer = {.engine = NULL};
		int          more = 1;

		TRY(check_stop(n, e));
		TRY(answer_execute(n, extracted, i, &answer, e));
		if (i + 1 == count) {
			*out = answer;
			answer = (struct answer){.engine = NULL};
			return 0;
		}
		while (more > 0)
			more = answer_next(&answer, e);
		TRY(more);
	}
	return err_set(e, ERR_INPUT, "there is no statement in it");
}

int engine_query(struct engine *n, const char *sql, struct answer *out, struct err *e)
{
	struct duck_extracted *extracted = NULL;
	uint64_t               count = n->api->extract_statements(n->connection, sql, &extracted);
	const char            *error = count ? NULL : n->api->extract_statements_error(extracted);
	int                    status;

	status = error ? engine_fail(error, e) : extracted_run(n, extracted, count, out, e);
	n->api->destroy_extracted(&extracted);
	return status;
}

int engine_row(struct engine *n, const char *sql, struct arena *a, str *cells, size_t cell_count,
               struct err *e)
{
	AUTO(answer) answer = {.engine = NULL};
	int          more;

	TRY(engine_query(n, sql, &answer, e));
	more = answer_next(&answer, e);
	TRY(more);
	if (more == 0 || answer.column_count < cell_count)
		return err_set(e, ERR_MISSING, "no row in the answer to: %s", sql);
	for (size_t i = 0; i < cell_count; i++) {
		AUTO(buf) text = BUF(0);

		cells[i] = answer_text(&answer, i, 0, &text) ? arena_str(a, buf_str(&text))
							     : str_of(NULL);
	}
	return 0;
}

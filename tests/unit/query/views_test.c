/* A lake of four commits in a folder, one of them with an older schema, asked the same with
 * pruning and without. */
#include <stdarg.h>

#include "os/fs.h"
#include "query/views.h"
#include "tests/lib/small_lake.h"
#include "tests/unit/query/duck.h"

enum { COMMITS = 8, ROWS_A_COMMIT = 60 };

struct lake_of_events {
	struct small   small;
	struct engine *engine;
	struct views  *views;
};

/* Rows of commit k lie in the hours 6k to 6k + 5. The column "name" is there from commit 2 on. */
static void lake_fill(struct small *s)
{
	const struct field *name = NULL;

	for (unsigned commit = 0; commit < COMMITS; commit++) {
		struct err e = ERR_NONE;

		if (commit == 2)
			name = schema_add(&s->table->schema, s->table->schema.root, STR("name"),
			                  TYPE_STRING, false, STR("/name"), 0);
		for (unsigned i = 0; i < ROWS_A_COMMIT; i++) {
			small_row(s, small_time(6 * commit) + (int64_t)i * 360000000, i % 20 != 7);
			if (name != NULL && i % 3 != 0) {
				char text[40];
				int  len = snprintf(text, sizeof(text), "song number %u of %u",
				                    i % 10, commit);

				col_set_string(&s->columns, columns_col(&s->columns, name),
				               s->columns.row_count - 1,
				               str_make(text, (size_t)len));
			}
		}
		CHECK_OK(small_flush(s, &e), &e);
		CHECK_OK(small_put(s, &e), &e);
		small_apply(s);
	}
}

static bool events_open(struct lake_of_events *l)
{
	struct store *store = NULL;
	struct err    e = ERR_NONE;

	l->engine = duck_open(NULL);
	if (l->engine == NULL)
		return false;
	CHECK_OK(store_open_dir(fs_real(), test_folder(), &store, &e), &e);
	small_open(&l->small, store);
	lake_fill(&l->small);
	CHECK_OK(views_new(l->engine, l->small.lake, &l->views, &e), &e);
	return true;
}

static void events_close(struct lake_of_events *l)
{
	views_free(l->views);
	engine_close(l->engine);
	small_close(&l->small);
}

/* All rows as lines of JSON; 0 or a class. */
static int rows_of(struct lake_of_events *l, const char *sql, struct buf *out,
                   struct views_stats *stats, struct err *e)
{
	AUTO(answer) a = {.engine = NULL};
	int          more = views_query(l->views, str_of(sql), &a, stats, e);

	while (more >= 0 && (more = answer_next(&a, e)) > 0) {
		for (size_t row = 0; row < a.row_count; row++) {
			for (size_t column = 0; column < a.column_count; column++) {
				buf_add(out, column ? STR(" ") : STR(""));
				answer_json(&a, column, row, out);
			}
			buf_byte(out, '\n');
		}
	}
	if (a.engine != NULL || more < 0)
		views_end(l->views, &a);
	return more;
}

static void check_rows(struct lake_of_events *l, const char *sql, const char *want)
{
	AUTO(buf)  got = BUF(0);
	struct err e = ERR_NONE;

	CHECK_OK(rows_of(l, sql, &got, NULL, &e), &e);
	if (!str_eq(buf_str(&got), str_of(want)))
		test_fail(__FILE__, __LINE__, "%s gives \"" STR_FMT "\", not \"%s\"", sql,
		          STR_ARG(buf_str(&got)), want);
}

/* The same with pruning and without; returns the files looked at with it. */
static size_t check_same(struct lake_of_events *l, const char *sql)
{
	AUTO(buf)          pruned = BUF(0), whole = BUF(0);
	struct views_stats stats = {0};
	struct err         e = ERR_NONE, other = ERR_NONE;
	int                status, status_whole;

	status = rows_of(l, sql, &pruned, &stats, &e);
	views_set_pruning(l->views, false);
	status_whole = rows_of(l, sql, &whole, NULL, &other);
	views_set_pruning(l->views, true);
	if (status != status_whole || !str_eq(buf_str(&pruned), buf_str(&whole)))
		test_fail(__FILE__, __LINE__,
		          "%s: pruned %d (%s) \"" STR_FMT "\", whole %d (%s) \"" STR_FMT "\"", sql,
		          status, e.text, STR_ARG(buf_str(&pruned)), status_whole, other.text,
		          STR_ARG(buf_str(&whole)));
	return stats.files;
}

TEST(views_hold_the_rows_of_the_lake)
{
	struct lake_of_events l = {.engine = NULL};

	if (!events_open(&l))
		return;
	check_rows(
	        &l,
	        "select count(*), min(event_time), max(event_time), count(name), sum(amount) from push",
	        "480 \"2015-01-01T00:00:00Z\" \"2015-01-02T23:54:00Z\" 240 98538\n");
	check_rows(&l, "select * from events.push where event_id = 'e4'",
	           "\"e4\" \"2015-01-01T00:24:00Z\" 4 [\"t0\"] null\n");
	check_rows(&l, "select * from \"PUSH\" where event_id = 'e121'",
	           "\"e121\" \"2015-01-01T12:06:00Z\" 121 [\"t0\"] \"song number 1 of 2\"\n");
	check_rows(&l, "select count(*) from push p, unnest(p.tags) where amount < 30", "26\n");
	events_close(&l);
}

TEST(views_leave_out_files_that_cannot_hold_a_wanted_row)
{
	static const struct {
		const char *sql;
		size_t      files;
	} cases[] = {
		{"select count(*) from push", 56}, /* 6 hours and no time, a commit */
		{"select count(*) from push where event_time >= '2015-01-01 03:00' and event_time < '2015-01-01 05:00'", 2},
		{"select count(*) from push where event_time::date = '2015-01-01' and event_time > '2015-01-01 22:30'", 26},
		{"select count(*) from push where date_trunc('day', event_time) = '2015-01-01'", 24},
		{"select count(*) from events.push p where p.event_time between '2015-01-01 01:00' and '2015-01-01 02:00'", 2},
		{"with c as (select * from push) select count(*) from c where event_time > '2015-01-02 22:00'", 2},
		{"select count(*) from push a join push b using (event_time) where a.event_time = '2015-01-01 00:06'", 1},
		{"select count(*) from push where event_time < '2015-01-01 01:00' union all "
		 "select count(*) from push where event_time > '2015-01-02 23:00'", 2},
		{"select count(*) from push where amount >= 470", 1},
		{"select count(*) from push where name = 'a song'", 14},
		{"select count(*) from push where event_time < '2014-01-01'", 0},
		{"select count(*) from push where event_time > now()", 0},
		{"select count(*) from push where event_time < '2015-01-01 01:00' or amount = 470", 56},
		{"select count(*) from push a left join push b on a.amount = b.amount + 1 and b.event_time < '2015-01-01 01:00'", 56},
		{"select count(*) from push where 1 = 0", 56},
	};
	struct lake_of_events l = {.engine = NULL};

	if (!events_open(&l))
		return;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t files = check_same(&l, cases[i].sql);

		if (files != cases[i].files)
			test_fail(__FILE__, __LINE__, "%zu files, not %zu: %s", files,
			          cases[i].files, cases[i].sql);
	}
	events_close(&l);
}

/* --- random statements --------------------------------------------------------------------- */

static unsigned below(unsigned n)
{
	return (unsigned)(test_random() % n);
}

static const char *pick(const char *const *of, unsigned count)
{
	return of[below(count)];
}

static void add_comparison(const char *alias, struct buf *out)
{
	static const char *const compares[] = {"=", "<", "<=", ">", ">=", "!=", "is distinct from"};
	const char              *compare = pick(compares, 7);

	switch (below(8)) {
	case 0:
	case 1:
		buf_print(out, "%sevent_time %s '2015-01-0%u %02u:%02u'", alias, compare,
		          1 + below(3), below(24), below(10) * 6);
		break;
	case 2:
		buf_print(out, "%samount %s %u", alias, compare, below(500));
		break;
	case 3:
		buf_print(out, "%sname %s 'song number %u of %u'", alias, compare, below(10),
		          below(8));
		break;
	case 4:
		buf_print(out,
		          "date_trunc('hour', %sevent_time) %s timestamptz '2015-01-01 %02u:00'",
		          alias, compare, below(24));
		break;
	case 5:
		buf_print(out, "%sname like 'song number %u%%'", alias, below(10));
		break;
	case 6:
		buf_print(out, "%samount in (%u, %u, %u)", alias, below(500), below(500),
		          below(500));
		break;
	default:
		buf_print(out, "%sevent_time is %snull", alias, below(2) ? "not " : "");
	}
}

static void add_predicate(const char *alias, unsigned depth, struct buf *out)
{
	if (depth == 0 || below(3) == 0) {
		add_comparison(alias, out);
		return;
	}
	buf_add(out, below(6) == 0 ? STR("not (") : STR("("));
	add_predicate(alias, depth - 1, out);
	buf_add(out, below(3) ? STR(" and ") : STR(" or "));
	add_predicate(alias, depth - 1, out);
	buf_byte(out, ')');
}

/* Where $ stands for a predicate over p, % for one over q. */
static void add_statement(struct buf *out)
{
	static const char *const shapes[] = {
		"select count(*), sum(amount), min(event_id), max(event_time) from push p where $",
		"select event_id, name from push p where $ order by event_id",
		"select p.event_id, q.event_id from push p join events.push q on p.amount = q.amount where $ and % order by all",
		"select p.event_id, q.event_id from push p left join push q on p.amount = q.amount + 60 and % where $ order by all",
		"select count(*) from push p full join push q on p.event_time = q.event_time where $ and %",
		"with c as (select * from push) select count(*) from c p, c q where p.amount = q.amount and $ and %",
		"with c as materialized (select * from push p where $) select count(*) from c q where %",
		"select count(*) from push p where $ and exists (select 1 from push q where q.amount = p.amount + 7 and %)",
		"select count(*) from push p where $ and event_id not in (select event_id from push q where %)",
		"select event_id from push p where $ union select event_id from push q where % order by all",
		"select event_id from push p where $ except select event_id from push q where % order by all",
		"select event_id, rank() over (order by event_time, event_id) r from push p qualify $ order by all",
		"select date_trunc('hour', event_time) h, count(*) from push p where $ group by h having count(*) > 1 order by all",
		"select count(*) filter ($) from push p",
		"select (select max(q.amount) from push q where q.amount < p.amount and %) m from push p where $ order by all",
		"from (select *, amount + 1 as event_id_next from push) p select count(*) where $",
		"select case when $ then 1 else 0 end c, count(*) from push p group by c order by all",
		"select * from (select event_id, event_time, amount, name from push order by event_id limit 50) p where $ order by all",
		"select count(distinct p.event_id) from push p semi join push q on p.event_time < q.event_time and % where $",
		"with recursive r as (select amount a from push p where $ union select a + 60 from r join push q on q.amount = r.a "
		"where %) select count(*), sum(a) from r",
	};
	const char *shape = pick(shapes, sizeof(shapes) / sizeof(shapes[0]));

	for (; *shape != '\0'; shape++) {
		if (*shape == '$' || *shape == '%')
			add_predicate(*shape == '$' ? "p." : "q.", 3, out);
		else
			buf_byte(out, *shape);
	}
	buf_byte(out, '\0');
}

TEST(views_answer_random_statements_alike_with_pruning_and_without)
{
	const char           *given = getenv("TARN_TEST_ROUNDS");
	long                  rounds = given ? atol(given) : 60;
	size_t                pruned = 0;
	struct lake_of_events l = {.engine = NULL};

	if (!events_open(&l))
		return;
	for (long i = 0; i < rounds; i++) {
		AUTO(buf) sql = BUF(0);

		add_statement(&sql);
		pruned += check_same(&l, sql.ptr) < 56;
	}
	CHECK(pruned > (size_t)rounds / 10);
	events_close(&l);
}

/* --- what stays, and what does not --------------------------------------------------------- */

TEST(views_of_the_user_are_never_misled_by_pruning)
{
	struct lake_of_events l = {.engine = NULL};

	if (!events_open(&l))
		return;
	check_rows(&l, "create view late as select * from push where event_time >= '2015-01-02'",
	           "");
	check_rows(&l, "create macro hours(n) as table select * from push where amount < n", "");
	check_rows(&l, "select count(*) from push where event_time < '2015-01-01 01:00'", "9\n");
	check_rows(&l, "select count(*) from late", "228\n");
	check_rows(&l, "select count(*) from push a where event_time < '2015-01-01 01:00' and "
	               "(select count(*) from late) = 228", "9\n");
	check_rows(&l, "select count(*) from hours(10) where event_time < '2015-01-02'", "8\n");
	check_rows(&l,
	           "create table kept as select * from push where event_time < '2015-01-01 01:00'",
	           "");
	check_rows(&l, "select count(*), (select count(*) from push) from kept", "9 480\n");
	check_rows(&l, "prepare p as select count(*) from push where event_time < $1", "");
	check_rows(&l, "select count(*) from push where event_time > '2015-01-02 23:00'", "9\n");
	check_rows(&l, "execute p('2015-01-01 01:00'::timestamptz)", "9\n");
	events_close(&l);
}

TEST(views_show_new_snapshots_to_later_statements)
{
	struct lake_of_events l = {.engine = NULL};

	if (!events_open(&l))
		return;
	check_rows(&l, "create view all_of_it as select count(*) n from push", "");
	check_rows(&l, "select n from all_of_it", "480\n");
	small_commit(&l.small, 10, small_time(100), 60000000);
	small_apply(&l.small);
	check_rows(&l, "select n from all_of_it", "490\n");
	check_rows(&l, "select count(*) from push", "490\n");
	events_close(&l);
}

TEST(views_leave_the_users_transactions_alone)
{
	struct lake_of_events l = {.engine = NULL};

	if (!events_open(&l))
		return;
	check_rows(&l, "begin", "");
	check_rows(&l, "create table mine as select 1 as one", "");
	check_rows(&l, "select count(*) from push where event_time < '2015-01-01 01:00'", "9\n");
	check_rows(&l, "rollback", "");
	check_rows(&l, "select count(*) from push", "480\n");
	check_rows(&l, "create table mine as select 1 as one", "");
	check_rows(&l, "select one from mine", "1\n");
	events_close(&l);
}

TEST(views_come_through_statements_that_fail)
{
	static const char *const bad[] = {
		"select nothing from push where event_time > '2015-01-02'",
		"select error('x') from push where event_time > '2015-01-02'",
		"select $1 from push",
		"select * from push where",
		"select name::int from push",
		"create view push as select 1 from nowhere",
	};
	struct lake_of_events l = {.engine = NULL};

	if (!events_open(&l))
		return;
	check_rows(&l, "set disabled_optimizers = 'top_n'", "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO(buf)  out = BUF(0);
		struct err e = ERR_NONE;

		CHECK_ERR(rows_of(&l, bad[i], &out, NULL, &e), ERR_INPUT);
		check_rows(&l, "select current_setting('disabled_optimizers'), count(*) from push",
		           "\"top_n\" 480\n");
	}
	events_close(&l);
}

TEST(views_name_the_nearest_table)
{
	struct lake_of_events l = {.engine = NULL};
	AUTO(buf)             out = BUF(0);
	struct err            e = ERR_NONE;

	if (!events_open(&l))
		return;
	CHECK_ERR(rows_of(&l, "select * from pusj", &out, NULL, &e), ERR_INPUT);
	CHECK_STR(str_of(e.text), STR("there is no table \"pusj\"; did you mean \"push\"?"));
	CHECK_ERR(rows_of(&l, "select * from events.nothing_like_it", &out, NULL, &e), ERR_INPUT);
	CHECK(strstr(e.text, "tarn table ls") != NULL);
	events_close(&l);
}

TEST(views_show_the_catalog_where_it_is_asked_for)
{
	struct lake_of_events l = {.engine = NULL};

	if (!events_open(&l))
		return;
	check_rows(&l, "show tables", "\"push\"\n");
	check_rows(
	        &l,
	        "select column_name, data_type, comment from duckdb_columns() where table_name = 'push' order by column_index",
	        "\"event_id\" \"VARCHAR\" null\n\"event_time\" \"TIMESTAMP WITH TIME ZONE\" null\n"
	        "\"amount\" \"BIGINT\" \"/amount\"\n\"tags\" \"VARCHAR[]\" \"/tags\"\n\"name\" \"VARCHAR\" \"/name\"\n");
	check_rows(&l, "select column_name from (describe push) limit 1", "\"event_id\"\n");
	events_close(&l);
}

TEST(views_of_a_table_without_files_have_its_columns)
{
	struct small       s;
	struct store      *store = NULL;
	AUTO(buf)          out = BUF(0);
	struct err         e = ERR_NONE;
	struct lake_of_events l = {.engine = duck_open(NULL)};

	if (l.engine == NULL)
		return;
	CHECK_OK(store_open_dir(fs_real(), test_folder(), &store, &e), &e);
	small_open(&s, store);
	CHECK_OK(views_new(l.engine, s.lake, &l.views, &e), &e);
	check_rows(&l, "select count(*), max(event_time) from push", "0 null\n");
	check_rows(&l, "select typeof(tags), * from push", "");
	check_rows(&l, "select column_type from (describe push)",
	           "\"VARCHAR\"\n\"TIMESTAMP WITH TIME ZONE\"\n\"BIGINT\"\n\"VARCHAR[]\"\n");
	views_free(l.views);
	engine_close(l.engine);
	small_close(&s);
}

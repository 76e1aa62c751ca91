/* views.c - a statement's way: the tables it mentions, what it wants of them, their views, its
 * answer.
 *
 * Invariants: is_reading is true while a transaction of ours is open, which views_end ends; a
 * name in `kept` has a view of the whole table, outside of our transactions.
 */
#include "query/views.h"

#include <assert.h>
#include <stdlib.h>

#include "base/map.h"
#include "query/mention.h"
#include "query/view_int.h"

static const str spaces[] = VIEW_SPACES;
enum { SPACE_COUNT = sizeof(spaces) / sizeof(spaces[0]) };

struct views {
	struct engine *engine;
	struct lake   *lake;
	struct map     kept; /* names that statements which do more than read have mentioned */
	bool           is_pruning;
	bool           is_reading;
	bool           is_in_transaction; /* one that the user began */
	views_held_fn *held;              /* NULL: nobody knows of any */
	void          *held_context;
};

int views_new(struct engine *n, struct lake *l, struct views **out, struct err *e)
{
	struct views *v;

	TRY(engine_exec(n, "CREATE SCHEMA IF NOT EXISTS events; CREATE SCHEMA IF NOT EXISTS tarn; "
	                   "SET search_path = 'memory.main,memory.events'", e));
	v = xcalloc(1, sizeof(*v));
	v->engine = n;
	v->lake = l;
	v->is_pruning = true;
	*out = v;
	return 0;
}

void views_free(struct views *v)
{
	if (v == NULL)
		return;
	assert(!v->is_reading);
	map_done(&v->kept);
	free(v);
}

void views_set_pruning(struct views *v, bool is_on)
{
	v->is_pruning = is_on;
}

void views_set_held(struct views *v, views_held_fn *held, void *context)
{
	v->held = held;
	v->held_context = context;
}

/* --- which tables -------------------------------------------------------------------------- */

static int find_all(struct lake *l, struct view_list *out, struct err *e)
{
	for (size_t i = 0; i < SPACE_COUNT; i++) {
		str   *names;
		size_t count;

		TRY(lake_tables(l, spaces[i], &out->arena, &names, &count, e));
		for (size_t k = 0; k < count; k++)
			TRY(view_find(l, spaces[i], names[k], out, e));
	}
	return 0;
}

static int find_tables(struct views *v, const struct mention *m, struct view_list *out,
                       struct err *e)
{
	AUTO(map) names = {.count = 0};

	if (m->lists_tables)
		return find_all(v->lake, out, e);
	for (size_t i = 0; i < v->kept.count; i++)
		(void)map_put(&names, v->kept.items[i].key);
	for (size_t i = 0; i < m->names.count; i++)
		(void)map_put(&names, m->names.items[i].key);
	for (size_t i = 0; i < names.count; i++)
		for (size_t k = 0; k < SPACE_COUNT; k++)
			TRY(view_find(v->lake, spaces[k], names.items[i].key, out, e));
	return 0;
}

/* What no file shows yet, before any file is looked for. */
static int find_held(struct views *v, struct view_list *list, struct err *e)
{
	struct view_held *held = ARENA_ARRAY(&list->arena, struct view_held, list->count + 1);

	if (v->held == NULL || list->count == 0)
		return 0;
	for (size_t i = 0; i < list->count; i++)
		held[i] = (struct view_held){.space = list->at[i].space, .name = list->at[i].name};
	TRY(v->held(v->held_context, held, list->count, e));
	for (size_t i = 0; i < list->count; i++) {
		list->at[i].held = held[i];
		TRY(view_widen(&list->at[i], e));
	}
	return 0;
}

static int make_views(struct views *v, const struct mention *m, const struct view_list *list,
                      struct views_stats *stats, struct err *e)
{
	*stats = (struct views_stats){0};
	for (size_t i = 0; i < list->count; i++)
		TRY(view_make(v->engine, v->lake, &list->at[i], m->lists_tables, stats, e));
	return 0;
}

/* --- a table that is not there ------------------------------------------------------------- */

/* The name nearest to `name` in one space, and nearer than *distance. */
static str nearest_in(struct lake *l, str space, str name, unsigned *distance, struct arena *a)
{
	str       *names, best = str_of(NULL);
	size_t     count;
	struct err ignored = ERR_NONE;

	if (lake_tables(l, space, a, &names, &count, &ignored) < 0)
		return best;
	for (size_t i = 0; i < count; i++) {
		unsigned d = str_distance(name, names[i], *distance);

		if (d < *distance) {
			*distance = d;
			best = names[i];
		}
	}
	return best;
}

/* As it would have to be typed. */
static str nearest_table(struct lake *l, str name, struct arena *a)
{
	unsigned distance = 4;
	str      best = str_of(NULL);

	for (size_t i = 0; i < SPACE_COUNT; i++) {
		str found = nearest_in(l, spaces[i], name, &distance, a);

		if (found.ptr != NULL && i == 0)
			best = found;
		else if (found.ptr != NULL)
			best = arena_format(a, STR_FMT "." STR_FMT, STR_ARG(spaces[i]), STR_ARG(found));
	}
	return best;
}

/* DuckDB knows only the views made so far: the lake has the nearest name. */
static int explain_missing(struct views *v, struct err *e)
{
	static const str start = STR("Catalog Error: Table with name ");
	AUTO(arena)      a = ARENA_INIT;
	str              name, best;

	if (!str_starts(str_of(e->text), start))
		return e->class;
	name = str_from(str_of(e->text), start.len);
	name = arena_str(&a, str_head(name, str_find(name, ' ', 0)));
	best = nearest_table(v->lake, name, &a);
	if (best.ptr != NULL)
		return err_set(e, ERR_INPUT,
		               "there is no table \"" STR_FMT "\"; did you mean \"" STR_FMT "\"?",
		               STR_ARG(name), STR_ARG(best));
	return err_set(e, ERR_INPUT,
	               "there is no table \"" STR_FMT "\" in the lake; `tarn table ls` lists them",
	               STR_ARG(name));
}

/* --- the three ways ------------------------------------------------------------------------ */

static int transaction_end(struct views *v, struct err *e)
{
	assert(v->is_reading);
	v->is_reading = false;
	return engine_exec(v->engine, "ROLLBACK", e);
}

static int transaction_begin(struct views *v, struct err *e)
{
	assert(!v->is_reading);
	TRY(engine_exec(v->engine, "BEGIN TRANSACTION", e));
	v->is_reading = true;
	return 0;
}

static int query_reading(struct views *v, const char *sql, const struct mention *m,
                         struct view_list *list, struct answer *out, struct views_stats *stats,
                         struct err *e)
{
	TRY(transaction_begin(v, e));
	/* In the transaction that the statement will run in, so that now() is the same for both. */
	if (v->is_pruning && m->can_explain && list->count > 0)
		TRY(views_explain(v->engine, sql, list, e));
	TRY(make_views(v, m, list, stats, e));
	return engine_query(v->engine, sql, out, e);
}

static int query_writing(struct views *v, const char *sql, const struct mention *m,
                         const struct view_list *list, struct answer *out,
                         struct views_stats *stats, struct err *e)
{
	TRY(make_views(v, m, list, stats, e));
	for (size_t i = 0; i < list->count; i++)
		(void)map_put(&v->kept, list->at[i].name);
	return engine_query(v->engine, sql, out, e);
}

static int query_transaction(struct views *v, const char *sql, bool is_begin, struct answer *out,
                             struct err *e)
{
	TRY(engine_query(v->engine, sql, out, e));
	v->is_in_transaction = is_begin;
	return 0;
}

static int query(struct views *v, const char *sql, const struct mention *m, struct answer *out,
                 struct views_stats *stats, struct err *e)
{
	AUTO(view_list) list = {.at = NULL};

	if (m->is_transaction)
		return query_transaction(v, sql, m->is_begin, out, e);
	TRY(find_tables(v, m, &list, e));
	TRY(find_held(v, &list, e));
	if (m->is_reading && !v->is_in_transaction)
		return query_reading(v, sql, m, &list, out, stats, e);
	return query_writing(v, sql, m, &list, out, stats, e);
}

int views_query(struct views *v, str sql, struct answer *out, struct views_stats *stats,
                struct err *e)
{
	AUTO(arena)        scratch = ARENA_INIT;
	AUTO(mention)      m = {.is_reading = false};
	struct views_stats counted = {0};
	struct err         ignored = ERR_NONE;

	if (memchr(sql.ptr, '\0', sql.len) != NULL) /* DuckDB would run what stands before it */
		return err_set(e, ERR_INPUT, "there is a NUL byte in the SQL");
	mention_read(sql, &m);
	if (query(v, arena_cstr(&scratch, sql), &m, out, &counted, e) < 0) {
		if (v->is_reading)
			(void)transaction_end(v,
			                      &ignored); /* the first failure is the one to tell */
		return explain_missing(v, e);
	}
	if (stats != NULL)
		*stats = counted;
	return 0;
}

void views_end(struct views *v, struct answer *a)
{
	struct err ignored = ERR_NONE;

	answer_done(a);
	if (v->is_reading)
		(void)transaction_end(v, &ignored);
}

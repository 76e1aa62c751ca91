/* What the runs of ids say: was it taken, by which entry, and in which hour did it happen?
 *
 * Which runs count is the journal's to say. But the journal names every file of the lake, and may weigh more than all that leads
 * to a row; so the runs that lie in the store are asked first. One among them that no entry names does no harm: what it says is
 * only believed where a table shows the row.
 */
#include <stdlib.h>

#include "app/trace.h"
#include "ingest/idrun_set.h"

struct run_ref {
	str      key;
	uint64_t bytes, seq;
	int64_t  time_us;
};

struct run_list {
	struct arena arena;
	VEC_OF(struct run_ref);
};

static void run_list_done(struct run_list *l)
{
	VEC_DONE(l);
	arena_done(&l->arena);
}
AUTO_DEFINE(run_list, run_list_done)
AUTO_DEFINE(idrun_set, idrun_set_done)

static void found_fill(struct trace *t, const struct run_ref *r, int64_t hour, struct trace_run *out)
{
	uint64_t origin;

	out->is_found = true;
	out->hour = hour;
	out->seq = r->seq;
	out->is_exact = lake_origin_seq(lake_name(r->key), TRACE_LANE, &origin) && origin == r->seq;
	out->key = arena_str(&t->arena, r->key);
}

/* 1: the run holds the key. It is added to the set, as its newest. */
static int run_find(struct trace *t, struct idrun_set *set, const struct run_ref *r, struct hash128 key,
                    struct trace_run *out, struct err *e)
{
	uint32_t first = (uint32_t)set->places.count;
	uint64_t payload;
	int      found = 0;

	TRY(idrun_set_load(set, r->key, r->bytes, r->time_us, false, e));
	for (uint32_t i = (uint32_t)set->places.count; i > first && found == 0; i--) {
		found = idrun_set_find(set, i - 1, key, &payload, e);
		if (found > 0)
			found_fill(t, r, set->places.at[i - 1].section.hour, out);
	}
	return found;
}

/* The newest first. is_hint: what cannot be read is passed over. */
static int runs_find(struct trace *t, const struct trace_asked *asked, const struct run_list *runs, bool is_hint,
                     struct trace_run *out, struct err *e)
{
	AUTO(idrun_set) set;
	int             found = 0;

	idrun_set_init(&set, t->lake, 0);
	out->is_absent = true;
	for (size_t i = runs->count; i-- > 0 && found <= 0;) {
		found = run_find(t, &set, &runs->at[i], asked->id.key, out, e);
		if (found < 0 && !is_hint)
			return found;
		if (found < 0)
			*e = ERR_NONE;
		out->is_absent &= found == 0;
	}
	return 0;
}

/* --- as the store has them ------------------------------------------------------------------ */

static int run_add(void *context, str key, uint64_t size, struct err *e)
{
	struct run_list *l = context;
	uint64_t         seq;

	(void)e;
	if (lake_origin_seq(lake_name(key), TRACE_LANE, &seq))
		*VEC_ADD(l) = (struct run_ref){.key = arena_str(&l->arena, key), .bytes = size, .seq = seq};
	return 0;
}

static int by_seq(const void *a, const void *b)
{
	const struct run_ref *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

int trace_runs_stored(struct trace *t, const struct trace_asked *asked, struct trace_run *out, struct err *e)
{
	AUTO(run_list)   runs = {0};
	struct trace_run run = {0};
	str              prefix = lake_ids_key(&runs.arena, TRACE_LANE, STR(""));

	prefix.len -= lake_name(prefix).len;
	TRY(store_list(t->lake->store, prefix, STR(""), run_add, &runs, e));
	if (runs.count > 1)
		qsort(runs.at, runs.count, sizeof(*runs.at), by_seq);
	TRY(runs_find(t, asked, &runs, true, &run, e));
	run.is_exact = false; /* it may have been merged from others */
	*out = run;
	return 0;
}

/* --- as the journal has them ---------------------------------------------------------------- */

/* Every row that a pipeline with dedupe took has its id in a run. There are fewer ids than rows where dedupe was off for a
 * while. */
static bool covers_rows(const struct journal_state *s, str pipeline)
{
	int64_t ids = 0, rows = 0;

	for (size_t i = 0; i < s->runs.count; i++)
		ids += str_eq(s->runs.at[i].pipeline, pipeline) ? s->runs.at[i].count : 0;
	for (size_t i = 0; i < s->counts.count; i++)
		rows += str_eq(s->counts.at[i].pipeline, pipeline) ? s->counts.at[i].rows : 0;
	return ids >= rows;
}

/* The store was asked before: only what the journal knows of that run is left to tell. */
static bool is_known(struct trace *t, const struct trace_asked *asked, const struct run_list *runs, struct trace_run *out)
{
	if (asked->run.is_absent)
		return true;
	for (size_t i = 0; asked->run.is_found && i < runs->count; i++) {
		if (str_eq(runs->at[i].key, asked->run.key)) {
			found_fill(t, &runs->at[i], asked->run.hour, out);
			return true;
		}
	}
	return false;
}

int trace_runs(struct trace *t, const struct trace_asked *asked, struct trace_run *out, struct err *e)
{
	AUTO(run_list)   runs = {0};
	struct trace_run run = {.is_complete = covers_rows(&t->state, asked->pipeline->name)};

	for (size_t i = 0; i < t->state.runs.count; i++) {
		const struct state_run *r = &t->state.runs.at[i];

		if (str_eq(r->pipeline, asked->pipeline->name))
			*VEC_ADD(&runs) = (struct run_ref){r->key, (uint64_t)r->bytes, r->seq, r->time_us};
	}
	if (!is_known(t, asked, &runs, &run))
		TRY(runs_find(t, asked, &runs, false, &run, e));
	*out = run;
	return 0;
}

/* tarn trace: where is this event? From the runs of ids, partitions, bounds and bloom filters, not by reading the lake. */
#include <stdlib.h>

#include "app/trace.h"
#include "base/log.h"
#include "query/engine.h"
#include "store/trace.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_trace = {
	"trace", "where an event is, by its id: row, held, or refused and why",
	"  tarn trace 7f3c1e0a-6a0f-4f57-9d6b-1f0f0a5f1d11     table, file, row group, snapshot, position\n"
	"  tarn trace e600 --pipeline web --deep               and every copy of it that came\n\n"
	"usage: tarn trace ID [--pipeline NAME] [--deep] [--json]\n\n"
	"ID is as the column event_id has it; a UUID in any case where the pipeline declares it one. Exit code 0 where it was\n"
	"seen, 1 where it never was. A row is found by reading a small part of the lake; for an id that is no row, all of\n"
	"tarn.quarantine is read, and a record in it that cannot be parsed as far as its id is shown where it holds the text.\n"
	"  --pipeline NAME   only this pipeline\n"
	"  --deep            copies too: reads tarn.quarantine and all raw segments since; repeats are found where raw is kept\n"
	"  --json            one JSON object: the outcome (row, held, gone, quarantined, never), its copies, what was read\n",
	run,
};

enum { DEFAULT_MEMORY = 512 << 20 };

struct options {
	const char *pipeline;
	bool        is_deep;
};

static void trace_done(struct trace *t)
{
	engine_close(t->engine);
	state_done(&t->state);
	VEC_DONE(&t->seen);
	map_done(&t->files);
	lake_close(t->lake);
	arena_done(&t->arena);
}
AUTO_DEFINE(trace, trace_done)

int trace_engine(struct trace *t, struct err *e)
{
	const struct engine_conf conf = {
		.clock = t->app->clock,
		.memory_bytes = t->config->memory_bytes ? t->config->memory_bytes : DEFAULT_MEMORY,
		.stop = t->app->stop,
	};

	return t->engine != NULL ? 0 : engine_open(&conf, &t->engine, e);
}

int trace_state(struct trace *t, struct err *e)
{
	if (!t->has_state)
		TRY(journal_load(t->lake, TRACE_LANE, &t->state, e));
	t->has_state = true;
	return 0;
}

/* --- one pipeline ---------------------------------------------------------------------------- */

/* From table to table. Where dedupe sees to it that there is one row at most, the first is the last. */
static int tables_search(struct trace *t, const struct trace_asked *asked, const struct table_name *tables, size_t count,
                         struct err *e)
{
	int found = 0;

	for (size_t i = 0; i < count && (found == 0 || !asked->run.is_found); i++) {
		int rows = trace_rows(t, asked, &tables[i], e);

		TRY(rows);
		found += rows;
	}
	return found;
}

/* Without the journal: a run in the store has the id, and a file of that hour seems to. */
static int ask_store(struct trace *t, struct trace_asked *asked, struct err *e)
{
	struct table_name *tables;
	size_t             count, likely;

	TRY(trace_runs_stored(t, asked, &asked->run, e));
	if (!asked->run.is_found)
		return 0;
	TRY(tables_all(t->lake, &t->arena, &tables, &count, e));
	TRY(trace_likely(t, asked, tables, count, &likely, e));
	return tables_search(t, asked, tables, likely, e);
}

static int held_and_others(struct trace *t, const struct trace_asked *asked, const struct table_name *tables, size_t count,
                           struct err *e)
{
	int held = trace_held(t, asked, VERDICT_ROW, e), others;

	TRY(held);
	if (held > 0 && asked->run.is_found)
		return held;
	others = tables_search(t, asked, tables, count, e);
	TRY(others);
	return held + others;
}

/* The whole truth: files that are likely, what is held, all other files. */
static int ask_journal(struct trace *t, struct trace_asked *asked, struct err *e)
{
	struct table_name *tables;
	size_t             count, likely = 0;
	int                found, more;

	TRY(trace_state(t, e));
	TRY(trace_runs(t, asked, &asked->run, e));
	if (!asked->run.is_found && asked->run.is_complete)
		return 0;
	trace_tables(t, asked->pipeline->name, &tables, &count);
	if (asked->run.is_found)
		TRY(trace_likely(t, asked, tables, count, &likely, e));
	found = tables_search(t, asked, tables, likely, e);
	TRY(found);
	if (found > 0 && asked->run.is_found)
		return found;
	more = held_and_others(t, asked, tables + likely, count - likely, e);
	TRY(more);
	if (found + more == 0 && asked->run.is_found) {
		struct seen *gone = VEC_ADD(&t->seen);

		*gone = SEEN(SEEN_GONE);
		gone->pipeline = asked->pipeline->name;
		gone->entry = asked->run.is_exact ? asked->run.seq : 0;
	}
	return 0;
}

/* What no index leads to. */
static int ask_more(struct trace *t, const struct trace_asked *asked, struct err *e)
{
	int held;

	TRY(trace_state(t, e));
	TRY(trace_refused(t, asked, e));
	held = trace_held(t, asked, VERDICT_QUARANTINE, e);
	TRY(held);
	return t->is_deep ? trace_deep(t, asked, e) : 0;
}

/* --- the search ------------------------------------------------------------------------------ */

static int by_weight(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->as != y->as)
		return x->as < y->as ? -1 : 1;
	if (x->has_taken && y->has_taken && x->taken_us != y->taken_us)
		return x->taken_us < y->taken_us ? -1 : 1;
	return str_cmp(x->position, y->position);
}

/* Copies are looked for from the entry on that took the event, which is the journal's to know. */
static int search_taken(struct trace *t, struct trace_asked *asked, size_t count, struct err *e)
{
	bool is_any = false;

	for (size_t i = 0; i < count && !t->is_deep; i++) {
		int found = asked[i].has_key && asked[i].pipeline->window_us > 0 ? ask_store(t, &asked[i], e) : 0;

		TRY(found);
		asked[i].is_settled = found > 0;
		is_any |= found > 0;
	}
	for (size_t i = 0; i < count; i++) {
		bool may_have = asked[i].run.is_found || asked[i].pipeline->window_us == 0 || !is_any;

		if (asked[i].has_key && !asked[i].is_settled && may_have)
			TRY(ask_journal(t, &asked[i], e));
	}
	return 0;
}

static int search(struct trace *t, struct trace_asked *asked, size_t count, struct err *e)
{
	bool is_taken;

	TRY(search_taken(t, asked, count, e));
	is_taken = t->seen.count > 0;
	for (size_t i = 0; i < count && (t->is_deep || !is_taken); i++)
		TRY(ask_more(t, &asked[i], e));
	if (t->seen.count > 1)
		qsort(t->seen.at, t->seen.count, sizeof(*t->seen.at), by_weight);
	return 0;
}

/* --- all of them: the configuration's, or the one that is named ------------------------------- */

static void asked_add(struct trace *t, struct pipeline *p, struct trace_asked *out, size_t *count)
{
	struct trace_asked asked = {.pipeline = p};

	pipeline_seed(p, t->lake->secret);
	asked.has_key = idkey_make(p, t->lake->secret, t->typed, &t->arena, &asked.id);
	out[(*count)++] = asked;
}

static int pipelines_of(struct trace *t, const struct options *o, struct trace_asked *out, size_t *count, struct err *e)
{
	const struct config *c = t->config;

	*count = 0;
	for (size_t i = 0; i < c->pipeline_count; i++)
		if (o->pipeline == NULL || str_eq(c->pipelines[i].name, str_of(o->pipeline)))
			asked_add(t, &c->pipelines[i], out, count);
	if (o->pipeline != NULL && *count == 0)
		return err_set(e, ERR_INPUT, "%s has no pipeline \"%s\"", c->file, o->pipeline);
	return 0;
}

/* Of an id that is nowhere it is well to know where nobody looked. */
static void warn_of_others(const struct trace *t)
{
	for (size_t i = 0; i < t->state.counts.count; i++) {
		str  name = t->state.counts.at[i].pipeline;
		bool is_there = false;

		for (size_t k = 0; k < t->config->pipeline_count; k++)
			is_there |= str_eq(t->config->pipelines[k].name, name);
		if (!is_there)
			log_warn("the lake has events of pipeline " STR_FMT ", which %s does not have: they were not looked for",
			         STR_ARG(name), t->config->file);
	}
}

/* --- what it cost ---------------------------------------------------------------------------- */

static int add_file(void *context, str key, uint64_t size, struct err *e)
{
	struct trace_cost *cost = context;

	(void)e;
	if (str_ends(key, STR(".parquet"))) {
		cost->lake_files++;
		cost->lake_bytes += size;
	}
	return 0;
}

static int cost_of(const struct trace *t, struct trace_cost *out, struct err *e)
{
	struct store_trace counts;

	store_trace_read(t->lake->store, &counts);
	*out = (struct trace_cost){
		.bytes_read = counts.verbs[STORE_GET].bytes + t->engine_bytes,
		.files_looked_at = t->files_looked_at,
	};
	TRY(store_list(t->lake->store, STR("events/"), STR(""), add_file, out, e));
	return store_list(t->lake->store, STR("tarn/"), STR(""), add_file, out, e);
}

/* --- the command ----------------------------------------------------------------------------- */

static int trace_id(struct trace *t, const struct options *o, struct err *e)
{
	AUTO(arena)         a = ARENA_INIT;
	struct trace_asked *asked = ARENA_ARRAY(&a, struct trace_asked, t->config->pipeline_count + 1);
	struct trace_cost   cost;
	size_t              count;

	TRY(pipelines_of(t, o, asked, &count, e));
	TRY(search(t, asked, count, e));
	if (t->seen.count == 0 && o->pipeline == NULL)
		warn_of_others(t);
	TRY(cost_of(t, &cost, e));
	TRY(trace_show(t, &cost, e));
	return t->seen.count == 0;
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	struct options         o = {0};
	const struct option_of options[] = {{"--pipeline", &o.pipeline, NULL}, {"--deep", NULL, &o.is_deep}};
	AUTO(arena)            scratch = ARENA_INIT;
	AUTO(config)           config = {0};
	AUTO_PTR(lake)         lake = NULL;
	AUTO(trace)            t = {.app = app, .config = &config};
	const char           **words = ARENA_ARRAY(&scratch, const char *, argc);
	struct store          *counting;
	size_t                 count;

	TRY(options_parse(app, &command_trace, argc, argv, options, sizeof(options) / sizeof(options[0]), words, &count, e));
	if (count != 1 || words[0][0] == '\0')
		return err_set(e, ERR_INPUT, "tarn trace wants the id of one event; `tarn trace --help` shows how");
	t.typed = str_of(words[0]);
	t.is_deep = o.is_deep;
	TRY(app_lake(app, false, &config, &lake, e));
	counting = store_new_trace(lake->store);
	TRY(lake_open(counting, catalog_new_dir(counting), app->clock, false, &t.lake, e));
	return trace_id(&t, &o, e);
}

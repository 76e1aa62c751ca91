/* tarn table: what the tables of the lake are, from their metadata alone. */
#include <stdio.h>

#include "app/reply.h"
#include "app/command.h"
#include "app/plain.h"
#include "app/table_show.h"
#include "base/log.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_table = {
	"table", "the tables: ls, describe, files, history",
	"  tarn table ls                          all tables, their rows, files and newest partition\n"
	"  tarn table describe push_event         columns with their place in the record, partitions, properties\n\n"
	"usage: tarn table ls\n"
	"       tarn table describe|files|history NAME\n\n"
	"NAME may be push_event, events.push_event or tarn.quarantine. Reads metadata only, no data file.\n"
	"`ls` ends with exit code 1 where a table cannot be read.\n"
	"  --json    one JSON object\n",
	run,
};

/* --- ls ------------------------------------------------------------------------------------ */

struct listed {
	struct table_facts facts;
	struct err         e; /* class 0: the facts are there */
};

static void list_text(const struct table_name *tables, const struct listed *of, size_t count)
{
	static const char *const heads[] = {"table", "rows",      "files",   "bytes", "first partition",
	                                    "last partition", "snapshots", "applied"};
	struct text_table       *t = TEXT_TABLE(heads);

	for (size_t i = 0; i < count; i++) {
		const struct table_facts *f = &of[i].facts;

		text_table_cell(t, STR_FMT, STR_ARG(tables[i].full));
		if (of[i].e.class != 0) {
			for (size_t k = 1; k < sizeof(heads) / sizeof(heads[0]); k++)
				text_table_cell(t, "?");
			continue;
		}
		text_table_cell(t, "%s", text_count(f->rows));
		text_table_cell(t, "%s", text_count(f->files));
		text_table_cell(t, "%s", text_bytes(f->bytes));
		text_table_cell(t, "%s", f->first);
		text_table_cell(t, "%s", f->last);
		text_table_cell(t, "%s", text_count(f->snapshots));
		text_table_cell(t, "%llu", (unsigned long long)f->mark);
	}
	text_table_print(t);
}

static int list_json(const struct table_name *tables, const struct listed *of, size_t count, struct err *e)
{
	AUTO(reply) r = {0};

	reply_open(&r, NULL, '{');
	reply_open(&r, "tables", '[');
	for (size_t i = 0; i < count; i++) {
		reply_open(&r, NULL, '{');
		reply_text(&r, "table", tables[i].full);
		if (of[i].e.class != 0)
			reply_text(&r, "error", str_of(of[i].e.text));
		else
			show_facts(&r, &of[i].facts);
		reply_close(&r, '}');
	}
	reply_close(&r, ']');
	reply_close(&r, '}');
	return reply_print(&r, e);
}

static int list(struct app *app, struct lake *l, struct err *e)
{
	AUTO(arena)        a = ARENA_INIT;
	struct table_name *tables;
	struct listed     *of;
	size_t             count, bad = 0;

	TRY(tables_all(l, &a, &tables, &count, e));
	of = ARENA_ARRAY(&a, struct listed, count + 1);
	for (size_t i = 0; i < count; i++) {
		AUTO(scan) s = {0};
		int        got = lake_scan(l, tables[i].space, tables[i].name, NULL, &s, &of[i].e);

		if (got == 0)
			got = tables_facts(l, &s, &a, &of[i].facts, &of[i].e);
		if (got < 0)
			log_warn("%s", of[i].e.text);
		bad += got < 0;
	}
	if (app->is_json)
		TRY(list_json(tables, of, count, e));
	else if (count > 0)
		list_text(tables, of, count);
	else if (!app->is_quiet)
		log_info("the lake has no tables yet: fill it with `tarn ingest`");
	return bad > 0;
}

/* --- the command --------------------------------------------------------------------------- */

static const struct verb {
	const char *word;
	show_fn    *show; /* of one table; NULL: of all */
} verbs[] = {{"ls", NULL}, {"describe", show_description}, {"files", show_files}, {"history", show_history}};

static int verb_parse(const char **words, size_t count, const struct verb **out, struct err *e)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (count == 0 || strcmp(words[0], verbs[i].word) != 0)
			continue;
		if (verbs[i].show == NULL && count > 1)
			return err_set(e, ERR_INPUT, "tarn table %s takes no name", words[0]);
		if (verbs[i].show != NULL && count != 2)
			return err_set(e, ERR_INPUT,
			               "tarn table %s wants the name of one table; `tarn table ls` lists them", words[0]);
		*out = &verbs[i];
		return 0;
	}
	return err_set(e, ERR_INPUT, "tarn table wants one of ls, describe, files, history; see `tarn help table`");
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	AUTO(config)       config = {0};
	AUTO_PTR(lake)     lake = NULL;
	AUTO(arena)        scratch = ARENA_INIT;
	AUTO(scan)         scan = {0};
	const char       **words = ARENA_ARRAY(&scratch, const char *, argc);
	const struct verb *verb = NULL;
	struct table_name  table;
	size_t             count;

	TRY(options_parse(app, &command_table, argc, argv, NULL, 0, words, &count, e));
	TRY(verb_parse(words, count, &verb, e));
	TRY(app_lake(app, false, &config, &lake, e));
	if (verb->show == NULL)
		return list(app, lake, e);
	TRY(tables_find(lake, str_of(words[1]), &scratch, &table, e));
	TRY(lake_scan(lake, table.space, table.name, NULL, &scan, e));
	return verb->show(app, lake, &table, &scan, e);
}

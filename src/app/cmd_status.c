/* tarn status: how the lake stands, and what a person should look at. Reads the journal and the tables' metadata;
 * takes no part in writing, so it may be asked while a writer lives. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "app/reply.h"
#include "app/command.h"
#include "app/plain.h"
#include "app/tables.h"
#include "codec/sha256.h"
#include "lake/journal.h"
#include "lake/table.h"
#include "os/clock.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_status = {
	"status", "how the lake stands: journal, pipelines, tables, warnings",
	"  tarn status                 what was taken, what became of it, what wants a look\n"
	"  tarn status --json          the same for machines\n\n"
	"usage: tarn status [--json]\n\n"
	"Reads only. Warnings name refused records, values that found no column (drift), tables that are behind the\n"
	"journal or cannot be read, and counts that do not add up.\n",
	run,
};

struct warnings {
	VEC_OF(str);
};

struct status {
	struct arena         arena; /* owns all below */
	struct journal_state state;
	int64_t              now_us, commit_us; /* commit_us 0: none yet */
	int64_t              tables, rows, files, bytes, extra; /* of events */
	struct { VEC_OF(str); } behind; /* tables */
	struct warnings      warnings;
};

static void status_done(struct status *s)
{
	VEC_DONE(&s->behind);
	VEC_DONE(&s->warnings);
	state_done(&s->state);
	arena_done(&s->arena);
}

AUTO_DEFINE(status, status_done)

/* Any text in it has been made safe by the caller, or is our own. */
static void PRINTF(2, 3) warn(struct status *s, const char *format, ...)
{
	char    text[1400]; /* an err and the words before it */
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	*VEC_ADD(&s->warnings) = arena_str(&s->arena, str_of(text));
}

/* --- gathering ----------------------------------------------------------------------------- */

/* From the newest entry back: above the last commit there are only fences of writers that committed nothing. */
static int take_commit(struct status *s, struct lake *l, struct err *e)
{
	for (uint64_t seq = s->state.head; seq > 0 && s->commit_us == 0; seq--) {
		AUTO(journal_entry) j = {0};

		TRY(journal_read(l, TABLES_LANE, seq, &j, e));
		if (j.kind == ENTRY_COMMIT)
			s->commit_us = j.time_us;
	}
	return 0;
}

static bool is_balanced(const struct entry_counts *c)
{
	return c->records == c->rows + c->duplicates + c->conflicts + c->quarantined + c->dropped;
}

static void take_pipelines(struct status *s)
{
	for (size_t i = 0; i < s->state.counts.count; i++) {
		const struct entry_counts *c = &s->state.counts.at[i];
		const char                *name = plain_text(&s->arena, c->pipeline);

		if (!is_balanced(c))
			warn(s, "pipeline %s: its records do not add up: `tarn audit` says where", name);
		if (c->quarantined > 0)
			warn(s, "pipeline %s: %s records in quarantine: see `tarn quarantine ls`", name,
			     text_count(c->quarantined));
	}
}

static void take_facts(struct status *s, const struct table_name *t, const struct table_facts *f)
{
	const struct state_table *journaled = map_ptr(&s->state.tables, t->full);

	if (journaled != NULL && f->mark < journaled->last_seq) {
		*VEC_ADD(&s->behind) = t->full;
		warn(s, "table " STR_FMT " stands at entry %" PRIu64 ", the journal has rows for it up to entry "
		     "%" PRIu64 ": the next `tarn ingest` brings it up", STR_ARG(t->full), f->mark,
		     journaled->last_seq);
	}
	if (!str_eq(t->space, STR("events")))
		return;
	s->tables++;
	s->rows += f->rows;
	s->files += f->files;
	s->bytes += f->bytes;
	s->extra += f->extra;
	if (f->extra > 0)
		warn(s, "table " STR_FMT ": %s rows with values in _extra: `tarn drift " STR_FMT "` says which fit no column",
		     STR_ARG(t->full), text_count(f->extra), STR_ARG(t->name));
}

/* A table that cannot be read is a thing to be said, not a reason to say nothing. */
static void take_table(struct status *s, struct lake *l, const struct table_name *t)
{
	AUTO(scan)         scan = {0};
	struct table_facts facts;
	struct err         why = ERR_NONE;

	if (lake_scan(l, t->space, t->name, NULL, &scan, &why) < 0 ||
	    tables_facts(l, &scan, &s->arena, &facts, &why) < 0)
		warn(s, "table " STR_FMT " cannot be read: %s", STR_ARG(t->full),
		     plain_text(&s->arena, str_of(why.text)));
	else
		take_facts(s, t, &facts);
}

static bool is_listed(const struct table_name *tables, size_t count, str full)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(tables[i].full, full))
			return true;
	return false;
}

static int gather(struct status *s, struct lake *l, struct err *e)
{
	struct table_name *tables;
	size_t             count;

	s->now_us = clock_now_us(l->clock);
	TRY(journal_load(l, TABLES_LANE, &s->state, e));
	TRY(take_commit(s, l, e));
	take_pipelines(s);
	TRY(tables_all(l, &s->arena, &tables, &count, e));
	for (size_t i = 0; i < count; i++)
		take_table(s, l, &tables[i]);
	for (size_t i = 0; i < s->state.tables.count; i++)
		if (!is_listed(tables, count, s->state.tables.items[i].key))
			warn(s, "table " STR_FMT " has rows in the journal, and the catalog does not know it: "
			     "`tarn audit` says more", STR_ARG(s->state.tables.items[i].key));
	return 0;
}

/* Parts of its source that have been taken, in whole or in part. The keys of positions are "<pipeline>\0<part>". */
static int64_t part_count(const struct status *s, str pipeline)
{
	const struct map *positions = &s->state.positions;
	int64_t           count = 0;

	for (size_t i = 0; i < positions->count; i++) {
		str key = positions->items[i].key;

		count += str_eq(str_head(key, str_find(key, '\0', 0)), pipeline);
	}
	return count;
}

/* --- for machines -------------------------------------------------------------------------- */

static void pipelines_json(struct reply *r, const struct status *s)
{
	reply_open(r, "pipelines", '[');
	for (size_t i = 0; i < s->state.counts.count; i++) {
		const struct entry_counts *c = &s->state.counts.at[i];

		reply_open(r, NULL, '{');
		reply_text(r, "pipeline", c->pipeline);
		reply_number(r, "records", c->records);
		reply_number(r, "rows", c->rows);
		reply_number(r, "duplicates", c->duplicates);
		reply_number(r, "conflicts", c->conflicts);
		reply_number(r, "quarantined", c->quarantined);
		reply_number(r, "dropped", c->dropped);
		reply_flag(r, "is_balanced", is_balanced(c));
		reply_number(r, "parts", part_count(s, c->pipeline));
		reply_close(r, '}');
	}
	reply_close(r, ']');
}

static void journal_json(struct reply *r, const struct status *s)
{
	reply_open(r, "journal", '{');
	reply_number(r, "head", (int64_t)s->state.head);
	reply_number(r, "epoch", (int64_t)s->state.epoch);
	if (s->commit_us != 0) {
		reply_time(r, "last_commit", s->commit_us);
		reply_number(r, "age_seconds", (s->now_us - s->commit_us) / 1000000);
	} else {
		reply_null(r, "last_commit");
		reply_null(r, "age_seconds");
	}
	reply_close(r, '}');
}

static void texts_json(struct reply *r, const char *name, const str *texts, size_t count)
{
	reply_open(r, name, '[');
	for (size_t i = 0; i < count; i++)
		reply_text(r, NULL, texts[i]);
	reply_close(r, ']');
}

static int print_json(const struct status *s, const struct lake *l, str id, struct err *e)
{
	AUTO(reply) r = {0};

	reply_open(&r, NULL, '{');
	reply_open(&r, "lake", '{');
	reply_text(&r, "id", id);
	reply_text(&r, "path", l->store->root);
	reply_close(&r, '}');
	journal_json(&r, s);
	pipelines_json(&r, s);
	reply_open(&r, "tables", '{');
	reply_number(&r, "count", s->tables);
	reply_number(&r, "rows", s->rows);
	reply_number(&r, "files", s->files);
	reply_number(&r, "bytes", s->bytes);
	reply_number(&r, "extra", s->extra);
	texts_json(&r, "behind", s->behind.at, s->behind.count);
	reply_close(&r, '}');
	texts_json(&r, "warnings", s->warnings.at, s->warnings.count);
	reply_close(&r, '}');
	return reply_print(&r, e);
}

/* --- for people ---------------------------------------------------------------------------- */

static void pipelines_text(const struct status *s, struct arena *a)
{
	static const char *const heads[] = {"pipeline",    "records", "rows",  "duplicates", "conflicts",
	                                    "quarantined", "dropped", "parts", "balance"};
	struct text_table       *t;

	if (s->state.counts.count == 0)
		return;
	t = TEXT_TABLE(heads);
	for (size_t i = 0; i < s->state.counts.count; i++) {
		const struct entry_counts *c = &s->state.counts.at[i];

		text_table_cell(t, "%s", plain_text(a, c->pipeline));
		text_table_cell(t, "%s", text_count(c->records));
		text_table_cell(t, "%s", text_count(c->rows));
		text_table_cell(t, "%s", text_count(c->duplicates));
		text_table_cell(t, "%s", text_count(c->conflicts));
		text_table_cell(t, "%s", text_count(c->quarantined));
		text_table_cell(t, "%s", text_count(c->dropped));
		text_table_cell(t, "%s", text_count(part_count(s, c->pipeline)));
		text_table_cell(t, "%s", is_balanced(c) ? "adds up" : "DOES NOT ADD UP");
	}
	text_table_print(t);
	(void)printf("\n");
}

static void print_text(const struct status *s, const struct lake *l, str id)
{
	AUTO(arena) a = ARENA_INIT;

	(void)printf("lake      %s\n", plain_text(&a, l->store->root));
	(void)printf("          id " STR_FMT "\n", STR_ARG(id));
	(void)printf("journal   entry %s, epoch %" PRIu64 "\n", text_count((int64_t)s->state.head), s->state.epoch);
	if (s->commit_us != 0)
		(void)printf("          last commit %s, %s ago\n", plain_time(&a, s->commit_us),
		             plain_age(&a, s->now_us - s->commit_us));
	else
		(void)printf("          nothing committed yet: start with `tarn ingest`\n");
	(void)printf("tables    %s with %s rows in %s files (%s)\n\n", text_count(s->tables), text_count(s->rows),
	             text_count(s->files), text_bytes(s->bytes));
	pipelines_text(s, &a);
	for (size_t i = 0; i < s->warnings.count; i++)
		(void)printf("warning: " STR_FMT "\n", STR_ARG(s->warnings.at[i]));
	if (s->warnings.count == 0)
		(void)printf("no warnings\n");
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	AUTO(config)   config = {0};
	AUTO_PTR(lake) lake = NULL;
	AUTO(arena)    scratch = ARENA_INIT;
	AUTO(status)   status = {0};
	const char   **words = ARENA_ARRAY(&scratch, const char *, argc);
	char           id[37];
	size_t         count;

	TRY(options_parse(app, &command_status, argc, argv, NULL, 0, words, &count, e));
	if (count > 0)
		return err_set(e, ERR_INPUT, "tarn status takes no arguments");
	TRY(app_lake(app, false, &config, &lake, e));
	TRY(gather(&status, lake, e));
	uuid_format(lake->id, id);
	if (app->is_json)
		return print_json(&status, lake, str_of(id), e);
	print_text(&status, lake, str_of(id));
	return 0;
}

#include <stdio.h>

#include "app/command.h"
#include "app/reply.h"
#include "base/map.h"
#include "base/vec.h"
#include "upkeep/audit.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_audit = {
	"audit", "does everything add up? exit 1 with one finding a line when not",
	"  tarn audit                  journal, tables and files against each other\n"
	"  tarn audit --deep --json    read every byte, answer for machines\n\n"
	"usage: tarn audit [--deep]\n\n"
	"Reads only. Recomputes the balance and the order of positions from the journal, table metadata and file footers.\n"
	"It may be asked while a writer lives. What it finds goes to stdout; what to do about it, and what could not be told, to stderr.\n"
	"  --deep   verify the checksum of every data file and every run of ids, and count the values in their pages again\n",
	run,
};

/* What the audit says, as it says it: printed at once, or kept for one object. */
struct told {
	bool         is_json;
	struct map   kinds; /* of findings */
	struct { VEC_OF(str); } findings, notes;
	struct arena arena; /* owns both */
};

static void told_done(struct told *t)
{
	map_done(&t->kinds);
	VEC_DONE(&t->findings);
	VEC_DONE(&t->notes);
	arena_done(&t->arena);
}
AUTO_DEFINE(told, told_done)

static void finding(void *context, const char *text)
{
	struct told *t = context;

	(void)map_put(&t->kinds, audit_kind(str_of(text)));
	if (t->is_json)
		*VEC_ADD(&t->findings) = arena_str(&t->arena, str_of(text));
	else
		(void)printf("%s\n", text);
}

static void note(void *context, const char *text)
{
	struct told *t = context;

	if (t->is_json)
		*VEC_ADD(&t->notes) = arena_str(&t->arena, str_of(text));
	else
		(void)fprintf(stderr, "tarn: %s\n", text);
}

static int print_json(const struct told *t, const struct audit_counts *c, bool is_deep, struct err *e)
{
	AUTO(reply) r = {0};

	reply_open(&r, NULL, '{');
	reply_open(&r, "findings", '[');
	for (size_t i = 0; i < t->findings.count; i++)
		reply_text(&r, NULL, t->findings.at[i]);
	reply_close(&r, ']');
	reply_number(&r, "entries", c->entries);
	reply_number(&r, "tables", c->tables);
	reply_number(&r, "files", c->files);
	reply_number(&r, "bytes", c->bytes);
	reply_number(&r, "records", c->records);
	reply_number(&r, "rows", c->rows);
	reply_number(&r, "duplicates", c->duplicates);
	reply_number(&r, "conflicts", c->conflicts);
	reply_number(&r, "quarantined", c->quarantined);
	reply_number(&r, "dropped", c->dropped);
	reply_flag(&r, "deep", is_deep);
	reply_open(&r, "notes", '[');
	for (size_t i = 0; i < t->notes.count; i++)
		reply_text(&r, NULL, t->notes.at[i]);
	reply_close(&r, ']');
	reply_open(&r, "remedies", '[');
	for (size_t i = 0; i < t->kinds.count; i++) {
		reply_open(&r, NULL, '{');
		reply_text(&r, "finding", t->kinds.items[i].key);
		reply_text(&r, "remedy", str_of(audit_remedy(t->kinds.items[i].key)));
		reply_close(&r, '}');
	}
	reply_close(&r, ']');
	reply_close(&r, '}');
	return reply_print(&r, e);
}

static void print_text(const struct told *t, const struct audit_counts *c, bool is_deep)
{
	(void)fflush(stdout); /* what to do comes after what it is for */
	for (size_t i = 0; i < t->kinds.count; i++)
		(void)fprintf(stderr, "  " STR_FMT ": %s\n", STR_ARG(t->kinds.items[i].key),
		              audit_remedy(t->kinds.items[i].key));
	(void)fprintf(stderr, "tarn: %s entries, %s tables, %s files (%s): %s records = %s rows + %s duplicates + %s conflicts + %s quarantined + %s dropped: %s%s\n",
	              text_count(c->entries), text_count(c->tables), text_count(c->files), text_bytes(c->bytes),
	              text_count(c->records), text_count(c->rows), text_count(c->duplicates),
	              text_count(c->conflicts), text_count(c->quarantined), text_count(c->dropped),
	              c->findings ? "it does not add up" : "everything adds up",
	              is_deep ? "" : " (of the files the sizes and footers: --deep reads all of them)");
}

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	bool                   is_deep = false;
	const struct option_of options[] = {{"--deep", NULL, &is_deep}};
	AUTO(config)           config = {0};
	AUTO_PTR(lake)         lake = NULL;
	AUTO(arena)            scratch = ARENA_INIT;
	AUTO(told)             told = {0};
	struct audit_counts    counts;
	size_t                 count;

	TRY(options_parse(app, &command_audit, argc, argv, options, 1, ARENA_ARRAY(&scratch, const char *, argc), &count, e));
	TRY(app_lake(app, false, &config, &lake, e));
	told.is_json = app->is_json;
	TRY(lake_audit(lake, STR("0"), &(struct audit_conf){is_deep, note}, finding, &told, &counts, e));
	if (app->is_json)
		TRY(print_json(&told, &counts, is_deep, e));
	else if (!app->is_quiet)
		print_text(&told, &counts, is_deep);
	return counts.findings > 0;
}

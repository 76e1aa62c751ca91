#include "app/replay_print.h"

#include <stdio.h>

#include "app/plain.h"
#include "app/reply.h"
#include "base/log.h"
#include "codec/time.h"

/* --- for machines -------------------------------------------------------------------------- */

static void word_json(struct reply *r, const char *name, const char *word)
{
	if (word != NULL)
		reply_text(r, name, str_of(word));
	else
		reply_null(r, name);
}

static void time_json(struct reply *r, const char *name, bool is_there, int64_t us)
{
	char text[TIME_TEXT];

	if (is_there)
		reply_text(r, name, str_make(text, time_format(us, text)));
	else
		reply_null(r, name);
}

/* The range asked for, an open end being null; and of a table what was taken of it. */
static void range_json(struct reply *r, const struct replay_report *report)
{
	if (!report->is_range) {
		reply_null(r, "range");
		return;
	}
	reply_open(r, "range", '{');
	time_json(r, "from", report->has_from, report->from_us);
	time_json(r, "to", report->has_to, report->to_us);
	reply_close(r, '}');
}

static void files_json(struct reply *r, const struct replay_table *t)
{
	reply_number(r, "files", t->files);
	reply_number(r, "files_staying", t->files_staying);
	time_json(r, "first_time", t->low_us <= t->high_us, t->low_us);
	time_json(r, "last_time", t->low_us <= t->high_us, t->high_us);
}

static void columns_json(struct reply *r, const struct replay_table *t)
{
	reply_open(r, "columns", '[');
	for (size_t i = 0; i < t->columns.count; i++) {
		const struct replay_column *c = &t->columns.at[i];

		reply_open(r, NULL, '{');
		reply_text(r, "column", c->path);
		word_json(r, "before", c->before);
		word_json(r, "after", c->after);
		reply_close(r, '}');
	}
	reply_close(r, ']');
}

static void table_json(struct reply *r, const struct replay_report *report, const struct replay_table *t)
{
	reply_open(r, NULL, '{');
	reply_text(r, "table", t->name);
	reply_flag(r, "replaced", t->is_replaced);
	if (report->is_range)
		files_json(r, t);
	reply_number(r, "rows_before", t->rows_before);
	reply_number(r, "rows_after", t->rows_after);
	reply_number(r, "came", t->came);
	reply_number(r, "left", t->left);
	reply_number(r, "refused", t->refused);
	reply_number(r, "extra_before", t->extra_before);
	reply_number(r, "extra_after", t->extra_after);
	word_json(r, "partition_before", t->partition_before);
	word_json(r, "partition_after", t->partition_after);
	columns_json(r, t);
	reply_close(r, '}');
}

static int print_json(const struct replay_report *report, bool is_dry, struct err *e)
{
	AUTO(reply) r = {0};

	reply_open(&r, NULL, '{');
	reply_flag(&r, "dry_run", is_dry);
	if (report->entry > 0)
		reply_number(&r, "entry", (int64_t)report->entry);
	else
		reply_null(&r, "entry");
	reply_flag(&r, "was_switched", report->was_switched);
	reply_flag(&r, "resumed", report->is_partial);
	range_json(&r, report);
	reply_number(&r, "records", report->records);
	reply_number(&r, "rows", report->rows);
	reply_number(&r, "refused", report->refused);
	reply_number(&r, "moved", report->moved);
	reply_open(&r, "reasons", '{');
	for (enum reason i = 1; i < REASON_COUNT; i++)
		if (report->refused_for[i] > 0)
			reply_number(&r, reason_code(i), report->refused_for[i]);
	reply_close(&r, '}');
	reply_open(&r, "staying", '{');
	reply_number(&r, "duplicates", report->duplicates);
	reply_number(&r, "conflicts", report->conflicts);
	reply_number(&r, "quarantined", report->quarantined);
	reply_close(&r, '}');
	reply_open(&r, "tables", '[');
	for (size_t i = 0; i < report->tables.count; i++)
		table_json(&r, report, &report->tables.at[i]);
	reply_close(&r, ']');
	reply_close(&r, '}');
	return reply_print(&r, e);
}

/* --- for people ---------------------------------------------------------------------------- */

static void partition_text(struct text_table *to, const struct replay_table *t)
{
	const char *is = t->partition_before, *becomes = t->partition_after;

	if (is != NULL && becomes != NULL && strcmp(is, becomes) != 0)
		text_table_cell(to, "%s -> %s", is, becomes);
	else
		text_table_cell(to, "%s", becomes != NULL ? becomes : is != NULL ? is : "");
}

static void tables_text(const struct replay_report *r)
{
	static const char *const heads[] = {"table", "rows before", "rows after", "came", "left", "refused", "in _extra before",
	                                    "after", "partition", "columns that differ"};
	struct text_table       *to = TEXT_TABLE(heads);
	AUTO(arena)              a = ARENA_INIT;

	for (size_t i = 0; i < r->tables.count; i++) {
		const struct replay_table *t = &r->tables.at[i];

		text_table_cell(to, "%s", plain_text(&a, t->name));
		text_table_cell(to, "%s", text_count(t->rows_before));
		text_table_cell(to, "%s", text_count(t->rows_after));
		text_table_cell(to, "%s", text_count(t->came));
		text_table_cell(to, "%s", text_count(t->left));
		text_table_cell(to, "%s", text_count(t->refused));
		text_table_cell(to, "%s", text_count(t->extra_before));
		text_table_cell(to, "%s", text_count(t->extra_after));
		partition_text(to, t);
		text_table_cell(to, "%s", text_count((int64_t)t->columns.count));
	}
	text_table_print(to);
}

static void time_cell(struct text_table *to, bool is_there, int64_t us)
{
	char text[TIME_TEXT];

	text_table_cell(to, STR_FMT, STR_ARG(is_there ? str_make(text, time_format(us, text)) : STR("-")));
}

/* Whole files are replaced: what they really cover. */
static void files_text(const struct replay_report *r)
{
	static const char *const heads[] = {"table", "files replaced", "files that stay", "first event_time", "last event_time"};
	struct text_table       *to = TEXT_TABLE(heads);
	AUTO(arena)              a = ARENA_INIT;

	for (size_t i = 0; i < r->tables.count; i++) {
		const struct replay_table *t = &r->tables.at[i];

		text_table_cell(to, "%s", plain_text(&a, t->name));
		text_table_cell(to, "%s", text_count(t->files));
		text_table_cell(to, "%s", text_count(t->files_staying));
		time_cell(to, t->low_us <= t->high_us, t->low_us);
		time_cell(to, t->low_us <= t->high_us, t->high_us);
	}
	(void)printf("\n");
	text_table_print(to);
}

/* A table that was not there has all its columns new: they are not told one by one. */
static bool has_columns(const struct replay_report *r)
{
	for (size_t i = 0; i < r->tables.count; i++)
		if (r->tables.at[i].partition_before != NULL && r->tables.at[i].columns.count > 0)
			return true;
	return false;
}

static void columns_text(const struct replay_report *r)
{
	static const char *const heads[] = {"table", "column", "before", "after"};
	struct text_table       *to = TEXT_TABLE(heads);
	AUTO(arena)              a = ARENA_INIT;

	for (size_t i = 0; i < r->tables.count; i++) {
		const struct replay_table *t = &r->tables.at[i];

		for (size_t k = 0; t->partition_before != NULL && k < t->columns.count; k++) {
			text_table_cell(to, "%s", plain_text(&a, t->name));
			text_table_cell(to, "%s", plain_text(&a, t->columns.at[k].path));
			text_table_cell(to, "%s", t->columns.at[k].before != NULL ? t->columns.at[k].before : "-");
			text_table_cell(to, "%s", t->columns.at[k].after != NULL ? t->columns.at[k].after : "-");
		}
	}
	(void)printf("\n");
	text_table_print(to);
}

static void say(const struct replay_report *r, bool is_dry)
{
	for (enum reason i = 1; i < REASON_COUNT; i++)
		if (r->refused_for[i] > 0)
			log_info("%s rows %s refused for %s: %s", text_count(r->refused_for[i]), is_dry ? "would be" : "are",
			         reason_code(i), reason_words(i));
	if (r->is_range && r->refused > 0)
		log_info("these %s in quarantine until a replay of all tables, without --from and --to, takes them back",
		         is_dry ? "would stay" : "stay");
	if (r->quarantined > 0)
		log_info("%s records of the lake are in quarantine and stay there: `tarn quarantine replay` is for those",
		         text_count(r->quarantined));
	if (r->was_switched)
		log_info("entry %llu has switched the tables already; what %s left of that replay %s", (unsigned long long)r->entry,
		         is_dry ? "is" : "was", is_dry ? "would be cleared up, and nothing else" : "is cleared up");
	else if (r->tables.count == 0)
		log_info("no table in scope has rows%s: there is nothing to replay", r->is_range ? " of the range" : "");
	else if (!is_dry)
		log_info("entry %llu: %s rows in %s tables; a `tarn run` at work goes on with them",
		         (unsigned long long)r->entry, text_count(r->rows), text_count((int64_t)r->tables.count));
}

int replay_print(const struct app *app, const struct replay_report *r, bool is_dry, struct err *e)
{
	if (app->is_json)
		return print_json(r, is_dry, e);
	if (r->tables.count > 0)
		tables_text(r);
	if (r->is_range && r->tables.count > 0)
		files_text(r);
	if (has_columns(r))
		columns_text(r);
	(void)fflush(stdout);
	if (!app->is_quiet)
		say(r, is_dry);
	return 0;
}

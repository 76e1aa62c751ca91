/* What a table is made of now, and how it came to be: its files, its snapshots. */
#include <stdio.h>
#include <stdlib.h>

#include "app/command.h"
#include "app/plain.h"
#include "app/table_show.h"

/* --- files --------------------------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
	return str_cmp(((const struct ice_file *)a)->path, ((const struct ice_file *)b)->path);
}

/* The path as the lake's keys are: relative to it. One that is not under it stays whole. */
static str file_key(const struct lake *l, const struct ice_file *f)
{
	str key = f->path;

	(void)lake_key(l, f->path, &key);
	return key;
}

static int files_json(const struct lake *l, const struct table_name *t, const struct scan *s,
                      const struct ice_file *files, struct err *e)
{
	const int32_t time_field = tables_time_field(&s->schema, &s->spec);
	AUTO(arena)   scratch = ARENA_INIT;
	AUTO(reply)  r = {0};
	int64_t       first, last;

	reply_open(&r, NULL, '{');
	reply_text(&r, "table", t->full);
	reply_open(&r, "files", '[');
	for (size_t i = 0; i < s->file_count; i++) {
		const char *partition = tables_partition(s, &files[i], &scratch);

		reply_open(&r, NULL, '{');
		reply_text(&r, "path", file_key(l, &files[i]));
		if (strcmp(partition, "-") == 0)
			reply_null(&r, "partition");
		else
			reply_text(&r, "partition", str_of(partition));
		reply_number(&r, "rows", files[i].stats.rows);
		reply_number(&r, "bytes", files[i].stats.bytes);
		if (tables_file_times(&files[i], time_field, &first, &last)) {
			reply_time(&r, "first", first);
			reply_time(&r, "last", last);
		}
		reply_close(&r, '}');
	}
	reply_close(&r, ']');
	reply_close(&r, '}');
	return reply_print(&r, e);
}

static void files_text(const struct lake *l, const struct scan *s, const struct ice_file *files)
{
	static const char *const heads[] = {"file", "partition", "rows", "bytes", "first", "last"};
	const int32_t            time_field = tables_time_field(&s->schema, &s->spec);
	struct text_table       *t = TEXT_TABLE(heads);
	AUTO(arena)              a = ARENA_INIT;
	int64_t                  first, last;

	for (size_t i = 0; i < s->file_count; i++) {
		bool has_times = tables_file_times(&files[i], time_field, &first, &last);

		text_table_cell(t, "%s", plain_text(&a, file_key(l, &files[i])));
		text_table_cell(t, "%s", tables_partition(s, &files[i], &a));
		text_table_cell(t, "%s", text_count(files[i].stats.rows));
		text_table_cell(t, "%s", text_bytes(files[i].stats.bytes));
		text_table_cell(t, "%s", has_times ? plain_time(&a, first) : "-");
		text_table_cell(t, "%s", has_times ? plain_time(&a, last) : "-");
	}
	text_table_print(t);
}

int show_files(const struct app *app, struct lake *l, const struct table_name *t, const struct scan *s, struct err *e)
{
	AUTO(arena)      a = ARENA_INIT;
	struct ice_file *files = ARENA_ARRAY(&a, struct ice_file, s->file_count + 1);

	if (s->file_count > 0)
		memcpy(files, s->files, s->file_count * sizeof(*files));
	qsort(files, s->file_count, sizeof(*files), by_path);
	if (app->is_json)
		return files_json(l, t, s, files, e);
	files_text(l, s, files);
	return 0;
}

/* --- history ------------------------------------------------------------------------------- */

static int newest_first(const void *a, const void *b)
{
	int64_t x = ((const struct ice_snapshot *)a)->sequence_number;
	int64_t y = ((const struct ice_snapshot *)b)->sequence_number;

	return (x < y) - (x > y);
}

static int64_t snapshot_us(const struct ice_snapshot *at)
{
	int64_t us;

	return __builtin_mul_overflow(at->timestamp_ms, 1000, &us) ? 0 : us;
}

static str summary(const struct scan *s, int64_t snapshot, const char *key)
{
	str value = {0};

	(void)ice_summary(&s->metadata, snapshot, str_of(key), &value);
	return value;
}

/* A number where the summary has one, else null: other engines leave out what they like. */
static void summary_number(struct reply *r, const char *name, str value)
{
	int64_t number;

	if (str_to_i64(value, &number))
		reply_number(r, name, number);
	else
		reply_null(r, name);
}

static int history_json(const struct table_name *t, const struct scan *s, const struct ice_snapshot *at, size_t count,
                        struct err *e)
{
	AUTO(reply) r = {0};

	reply_open(&r, NULL, '{');
	reply_text(&r, "table", t->full);
	reply_open(&r, "snapshots", '[');
	for (size_t i = 0; i < count; i++) {
		str entries = summary(s, at[i].id, "tarn.entries");

		reply_open(&r, NULL, '{');
		reply_time(&r, "time", snapshot_us(&at[i]));
		reply_number(&r, "id", at[i].id);
		reply_text(&r, "operation", at[i].operation);
		summary_number(&r, "added_rows", summary(s, at[i].id, "added-records"));
		summary_number(&r, "added_files", summary(s, at[i].id, "added-data-files"));
		summary_number(&r, "removed_rows", summary(s, at[i].id, "deleted-records"));
		summary_number(&r, "removed_files", summary(s, at[i].id, "deleted-data-files"));
		if (entries.ptr != NULL)
			reply_text(&r, "entries", entries);
		else
			reply_null(&r, "entries");
		reply_flag(&r, "is_current", s->has_snapshot && at[i].id == s->snapshot.id);
		reply_close(&r, '}');
	}
	reply_close(&r, ']');
	reply_close(&r, '}');
	return reply_print(&r, e);
}

static void history_text(const struct scan *s, const struct ice_snapshot *at, size_t count)
{
	static const char *const heads[] = {"time",         "snapshot",    "operation", "rows added",
	                                    "rows removed", "files added", "entries",   ""};
	struct text_table       *t = TEXT_TABLE(heads);
	AUTO(arena)              a = ARENA_INIT;

	for (size_t i = 0; i < count; i++) {
		text_table_cell(t, "%s", plain_time(&a, snapshot_us(&at[i])));
		text_table_cell(t, "%lld", (long long)at[i].id);
		text_table_cell(t, "%s", plain_text(&a, at[i].operation));
		text_table_cell(t, "%s", plain_text(&a, summary(s, at[i].id, "added-records")));
		text_table_cell(t, "%s", plain_text(&a, summary(s, at[i].id, "deleted-records")));
		text_table_cell(t, "%s", plain_text(&a, summary(s, at[i].id, "added-data-files")));
		text_table_cell(t, "%s", plain_text(&a, summary(s, at[i].id, "tarn.entries")));
		text_table_cell(t, "%s", s->has_snapshot && at[i].id == s->snapshot.id ? "current" : "");
	}
	text_table_print(t);
}

int show_history(const struct app *app, struct lake *l, const struct table_name *t, const struct scan *s,
                 struct err *e)
{
	AUTO(arena)          a = ARENA_INIT;
	size_t               count = ice_snapshot_count(&s->metadata);
	struct ice_snapshot *at = ARENA_ARRAY(&a, struct ice_snapshot, count + 1);

	(void)l;
	for (size_t i = 0; i < count; i++)
		ice_snapshot_at(&s->metadata, i, &at[i]);
	qsort(at, count, sizeof(*at), newest_first);
	if (app->is_json)
		return history_json(t, s, at, count, e);
	history_text(s, at, count);
	return 0;
}

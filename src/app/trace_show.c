/* The answer, for people and for machines. Ids, positions and records are whatever somebody sent: nothing of it reaches a
 * terminal but through plain_text. */
#include <inttypes.h>
#include <stdio.h>

#include "app/plain.h"
#include "app/reply.h"
#include "app/trace.h"
#include "base/log.h"
#include "codec/utf8.h"

static const struct {
	const char *word, *line;
} as[SEEN_AS_COUNT] = {
	[SEEN_ROW] = {"row", "a row of"},
	[SEEN_HELD] = {"held", "held: true since its entry, and in no file yet; it will be in one of"},
	[SEEN_GONE] = {"gone", "taken, and no longer in a file (erased, or not applied yet: `tarn audit` tells)"},
	[SEEN_CONFLICT] = {"conflict", "a copy with another content, refused"},
	[SEEN_DUPLICATE] = {"duplicate", "a copy, counted as a duplicate"},
	[SEEN_QUARANTINED] = {"quarantined", "refused"},
	[SEEN_TEXT] = {"quarantined", "a refused record that holds this text"},
};

/* --- for machines --------------------------------------------------------------------------- */

static void text_or_null(struct reply *r, const char *name, str value)
{
	if (value.len > 0)
		reply_text(r, name, value);
	else
		reply_null(r, name);
}

static void number_or_null(struct reply *r, const char *name, int64_t value, bool has)
{
	if (has)
		reply_number(r, name, value);
	else
		reply_null(r, name);
}

static void time_or_null(struct reply *r, const char *name, int64_t us, bool has)
{
	if (has)
		reply_time(r, name, us);
	else
		reply_null(r, name);
}

static void seen_json(struct reply *r, const struct seen *s)
{
	reply_text(r, "outcome", str_of(as[s->as].word));
	text_or_null(r, "pipeline", s->pipeline);
	text_or_null(r, "table", s->table);
	text_or_null(r, "file", s->file);
	number_or_null(r, "row_group", s->row_group, s->row_group >= 0);
	number_or_null(r, "row", s->row, s->row >= 0);
	number_or_null(r, "snapshot", s->snapshot, s->snapshot != 0);
	number_or_null(r, "entry", (int64_t)s->entry, s->entry != 0);
	text_or_null(r, "source_position", s->position);
	time_or_null(r, "event_time", s->time_us, s->has_time);
	time_or_null(r, s->reason.len > 0 ? "quarantined_at" : "ingested_at", s->taken_us, s->has_taken);
	if (s->reason.len > 0) {
		reply_text(r, "reason", s->reason);
		text_or_null(r, "pointer", s->pointer);
		reply_flag(r, "is_id_read", s->as == SEEN_QUARANTINED);
	}
	if (s->record.ptr != NULL && utf8_check(s->record) == s->record.len)
		reply_text(r, "record", s->record);
	else if (s->record.ptr != NULL)
		reply_base64(r, "record_base64", s->record);
}

static int show_json(const struct trace *t, const struct trace_cost *cost, struct err *e)
{
	AUTO(reply) r = {0};

	reply_open(&r, NULL, '{');
	reply_text(&r, "id", t->typed);
	if (t->seen.count > 0)
		seen_json(&r, &t->seen.at[0]);
	else
		reply_text(&r, "outcome", STR("never"));
	reply_open(&r, "copies", '[');
	for (size_t i = 1; i < t->seen.count; i++) {
		reply_open(&r, NULL, '{');
		seen_json(&r, &t->seen.at[i]);
		reply_close(&r, '}');
	}
	reply_close(&r, ']');
	number_or_null(&r, "as_of_entry", (int64_t)t->state.head, t->has_state);
	reply_flag(&r, "deep", t->is_deep);
	if (t->is_deep) {
		reply_number(&r, "segments_read", (int64_t)t->segments_read);
		reply_number(&r, "segments_gone", (int64_t)t->segments_gone);
	}
	reply_number(&r, "files_looked_at", (int64_t)cost->files_looked_at);
	reply_number(&r, "bytes_read", (int64_t)cost->bytes_read);
	reply_number(&r, "lake_files", (int64_t)cost->lake_files);
	reply_number(&r, "lake_bytes", (int64_t)cost->lake_bytes);
	reply_close(&r, '}');
	return reply_print(&r, e);
}

/* --- for people ----------------------------------------------------------------------------- */

static void line(const char *label, const char *text)
{
	if (text[0] != '\0')
		(void)printf("  %-16s %s\n", label, text);
}

static const char *numbered(struct arena *a, int64_t number)
{
	return arena_format(a, "%" PRId64, number).ptr;
}

static void seen_text(const struct seen *s, struct arena *a)
{
	line("pipeline", plain_text(a, s->pipeline));
	line("event time", s->has_time ? plain_time(a, s->time_us) : "");
	line(s->reason.len > 0 ? "quarantined at" : "ingested at", s->has_taken ? plain_time(a, s->taken_us) : "");
	line("source position", plain_text(a, s->position));
	line("reason", plain_text(a, s->reason));
	line("", plain_text(a, s->message));
	line("pointer", plain_text(a, s->pointer));
	line("entry", s->entry != 0 ? numbered(a, (int64_t)s->entry) : "");
	line("file", plain_text(a, s->file));
	line("row group", s->row_group >= 0 ? numbered(a, s->row_group) : "");
	line("row", s->row >= 0 ? numbered(a, s->row) : "");
	if (s->snapshot != 0)
		(void)printf("  %-16s %" PRId64 "%s%s\n", "snapshot", s->snapshot,
		             s->snapshot_us != 0 ? " of " : "",
		             s->snapshot_us != 0 ? plain_time(a, s->snapshot_us) : "");
}

static bool is_taken(const struct trace *t)
{
	return t->seen.count > 0 && t->seen.at[0].as <= SEEN_GONE;
}

static void show_text(const struct trace *t)
{
	AUTO(arena) a = ARENA_INIT;

	if (t->seen.count == 0)
		(void)printf("%s: never seen\n", plain_text(&a, t->typed));
	for (size_t i = 0; i < t->seen.count; i++) {
		const struct seen *s = &t->seen.at[i];
		bool               has_table = s->as == SEEN_ROW || s->as == SEEN_HELD;

		(void)printf("%s: %s%s%s\n", plain_text(&a, t->typed), as[s->as].line, has_table ? " " : "",
		             has_table ? plain_text(&a, s->table) : "");
		seen_text(s, &a);
	}
}

static void show_cost(const struct trace *t, const struct trace_cost *cost)
{
	if (is_taken(t) && !t->is_deep)
		log_info("copies that came later are not looked for: --deep");
	if (t->is_deep && t->segments_read + t->segments_gone == 0)
		log_info("no raw is kept: repeats of an event cannot be found (`raw: on`, or `tarn run`)");
	else if (t->is_deep)
		log_info("looked into %s raw segments; %s are gone", text_count((int64_t)t->segments_read),
		         text_count((int64_t)t->segments_gone));
	log_info("read %s, looked into %s of %s data files of %s", text_bytes((int64_t)cost->bytes_read),
	         text_count((int64_t)cost->files_looked_at), text_count((int64_t)cost->lake_files),
	         text_bytes((int64_t)cost->lake_bytes));
}

int trace_show(const struct trace *t, const struct trace_cost *cost, struct err *e)
{
	if (t->app->is_json)
		return show_json(t, cost, e);
	show_text(t);
	if (!t->app->is_quiet)
		show_cost(t, cost);
	return 0;
}

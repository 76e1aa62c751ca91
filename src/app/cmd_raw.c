/* tarn raw: what was received, as it was received, and what became of it. */
#include <inttypes.h>
#include <stdio.h>

#include "app/command.h"
#include "app/plain.h"
#include "app/reply.h"
#include "base/log.h"
#include "codec/utf8.h"
#include "lake/journal.h"
#include "lake/segment.h"

static int run(struct app *app, int argc, char **argv, struct err *e);

const struct command command_raw = {
	"raw", "records as they were received: ls, cat",
	"  tarn raw ls                                     the raw segments, by entry of the journal\n"
	"  tarn raw cat --verdict quarantined --limit 10   records, byte for byte\n\n"
	"usage: tarn raw ls [--pipeline NAME]\n"
	"       tarn raw cat [--pipeline NAME] [--entry N] [--verdict row|duplicate|conflict|quarantined] [--limit N]\n\n"
	"Raw is kept for what `tarn run` follows, and for pipelines with `raw: on`.\n"
	"  --json    ls: one JSON object; cat: an object a record, with its position, its verdict, and its table or reason\n",
	run,
};

static const char *const verdict_words[] = {"row", "duplicate", "conflict", "quarantined"};

struct options {
	const char *pipeline, *entry, *verdict, *limit;
};

struct request {
	struct app  *app;
	struct lake *lake;
	str          pipeline;  /* empty: all */
	int64_t      entry;     /* 0: all */
	int          verdict;   /* -1: all */
	int64_t      left;      /* records still to print */
	struct reply reply;     /* ls --json */
	struct text_table *table;
	int64_t      segments, records, bytes;
};

static bool is_asked(const struct request *r, const struct journal_entry *j, const struct entry_raw *raw)
{
	return (r->pipeline.len == 0 || str_eq(raw->pipeline, r->pipeline)) &&
	       (r->entry == 0 || (uint64_t)r->entry == j->seq);
}

/* --- ls ------------------------------------------------------------------------------------ */

static void ls_json(struct request *r, const struct journal_entry *j, const struct entry_raw *raw, bool is_there)
{
	reply_open(&r->reply, NULL, '{');
	reply_number(&r->reply, "entry", (int64_t)j->seq);
	reply_time(&r->reply, "time", j->time_us);
	reply_text(&r->reply, "pipeline", raw->pipeline);
	reply_number(&r->reply, "records", raw->records);
	reply_number(&r->reply, "bytes", raw->bytes);
	reply_text(&r->reply, "key", raw->key);
	reply_flag(&r->reply, "is_there", is_there);
	reply_close(&r->reply, '}');
}

static void ls_text(struct request *r, const struct journal_entry *j, const struct entry_raw *raw, bool is_there)
{
	AUTO(arena) a = ARENA_INIT;

	text_table_cell(r->table, "%" PRIu64, j->seq);
	text_table_cell(r->table, "%s", plain_time(&a, j->time_us));
	text_table_cell(r->table, STR_FMT, STR_ARG(raw->pipeline));
	text_table_cell(r->table, "%s", text_count(raw->records));
	text_table_cell(r->table, "%s", text_bytes(raw->bytes));
	text_table_cell(r->table, STR_FMT "%s", STR_ARG(raw->key), is_there ? "" : " (gone)");
}

static int ls_entry(void *context, const struct journal_entry *j, struct err *e)
{
	struct request *r = context;

	for (size_t i = 0; i < j->raws.count; i++) {
		const struct entry_raw *raw = &j->raws.at[i];
		uint64_t                size;
		int                     got;

		if (!is_asked(r, j, raw))
			continue;
		got = store_size(r->lake->store, raw->key, &size, e);
		if (got < 0 && got != ERR_MISSING)
			return got;
		*e = ERR_NONE;
		if (r->app->is_json)
			ls_json(r, j, raw, got == 0);
		else
			ls_text(r, j, raw, got == 0);
		r->segments++;
		r->records += raw->records;
		r->bytes += raw->bytes;
	}
	return 0;
}

static int ls(struct request *r, struct err *e)
{
	static const char *const heads[] = {"entry", "time", "pipeline", "records", "bytes", "segment"};

	r->table = TEXT_TABLE(heads);
	reply_open(&r->reply, NULL, '{');
	reply_open(&r->reply, "segments", '[');
	TRY(journal_walk(r->lake, STR("0"), 1, ls_entry, r, e));
	reply_close(&r->reply, ']');
	reply_number(&r->reply, "records", r->records);
	reply_number(&r->reply, "bytes", r->bytes);
	reply_close(&r->reply, '}');
	if (r->app->is_json)
		return reply_print(&r->reply, e);
	if (r->segments > 0)
		text_table_print(r->table);
	if (!r->app->is_quiet)
		log_info("%s records in %s raw segments, %s", text_count(r->records), text_count(r->segments),
		         text_bytes(r->bytes));
	return 0;
}

/* --- cat ----------------------------------------------------------------------------------- */

static int print_json(const struct journal_entry *j, const struct entry_raw *raw, const struct segment_block *b,
                      const struct segment_record *s, struct err *e)
{
	AUTO(reply) r = {0};
	AUTO(arena) a = ARENA_INIT;

	reply_open(&r, NULL, '{');
	reply_number(&r, "entry", (int64_t)j->seq);
	reply_text(&r, "pipeline", raw->pipeline);
	reply_text(&r, "source_position",
	           arena_format(&a, STR_FMT ":%" PRIu64, STR_ARG(b->parts[s->part].label), s->offset));
	reply_time(&r, "taken_at", b->taken_us);
	reply_text(&r, "verdict", str_of(verdict_words[s->verdict]));
	if (s->word.len > 0)
		reply_text(&r, s->verdict == VERDICT_ROW ? "table" : "reason", s->word);
	if (s->whole_len != s->raw.len)
		reply_number(&r, "record_bytes", (int64_t)s->whole_len);
	if (utf8_check(s->raw) == s->raw.len)
		reply_text(&r, "record", s->raw);
	else
		reply_base64(&r, "record_base64", s->raw);
	reply_close(&r, '}');
	return reply_print(&r, e);
}

static int cat_block(struct request *r, const struct journal_entry *j, const struct entry_raw *raw,
                     const struct segment_block *b, struct err *e)
{
	for (size_t i = 0; i < b->records.count && r->left > 0; i++) {
		const struct segment_record *s = &b->records.at[i];

		if (r->verdict >= 0 && (int)s->verdict != r->verdict)
			continue;
		r->left--;
		if (r->app->is_json)
			TRY(print_json(j, raw, b, s, e));
		else if (fwrite(s->raw.ptr, 1, s->raw.len, stdout) != s->raw.len || putchar('\n') == EOF)
			return err_set(e, ERR_STOPPED, "nobody reads stdout any more");
	}
	return 0;
}

static int cat_segment(struct request *r, const struct journal_entry *j, const struct entry_raw *raw, struct err *e)
{
	AUTO(segment)       segment = {0};
	AUTO(segment_block) block = {0};

	TRY(segment_open(r->lake, raw->key, (uint64_t)raw->bytes, &segment, e));
	for (size_t i = 0; i < segment.blocks.count && r->left > 0; i++) {
		TRY(segment_read(&segment, i, &block, e));
		TRY(cat_block(r, j, raw, &block, e));
	}
	return 0;
}

static int cat_entry(void *context, const struct journal_entry *j, struct err *e)
{
	struct request *r = context;

	for (size_t i = 0; i < j->raws.count && r->left > 0; i++) {
		int got = is_asked(r, j, &j->raws.at[i]) ? cat_segment(r, j, &j->raws.at[i], e) : 0;

		if (got == ERR_MISSING && r->entry == 0) { /* let go by retention */
			log_warn("entry %" PRIu64 ": its raw segment is gone (`tarn raw ls`)", j->seq);
			*e = ERR_NONE;
		} else if (got < 0) {
			return got;
		}
	}
	return r->left > 0 && r->entry == 0 ? 0 : ERR_STOPPED; /* all that was asked for is said */
}

static int cat(struct request *r, struct err *e)
{
	int got = journal_walk(r->lake, STR("0"), r->entry > 0 ? (uint64_t)r->entry : 1, cat_entry, r, e);

	return got == ERR_STOPPED && e->class == 0 ? 0 : got;
}

/* --- the command --------------------------------------------------------------------------- */

static int read_request(const struct options *o, struct request *r, struct err *e)
{
	r->pipeline = str_of(o->pipeline);
	r->left = INT64_MAX;
	r->verdict = -1;
	if (o->entry != NULL && (!str_to_i64(str_of(o->entry), &r->entry) || r->entry < 1))
		return err_set(e, ERR_INPUT, "--entry wants the number of an entry of the journal, such as 12");
	if (o->limit != NULL && (!str_to_i64(str_of(o->limit), &r->left) || r->left < 0))
		return err_set(e, ERR_INPUT, "--limit wants a number of records");
	for (int i = 0; o->verdict != NULL && i < 4; i++)
		if (strcmp(o->verdict, verdict_words[i]) == 0)
			r->verdict = i;
	if (o->verdict != NULL && r->verdict < 0)
		return err_set(e, ERR_INPUT, "--verdict wants one of row, duplicate, conflict, quarantined");
	return 0;
}

static void request_done(struct request *r)
{
	reply_done(&r->reply);
}
AUTO_DEFINE(request, request_done)

static int run(struct app *app, int argc, char **argv, struct err *e)
{
	struct options         o = {0};
	const struct option_of options[] = {
		{"--pipeline", &o.pipeline, NULL}, {"--entry", &o.entry, NULL}, {"--verdict", &o.verdict, NULL},
		{"--limit", &o.limit, NULL}};
	AUTO(arena)    scratch = ARENA_INIT;
	AUTO(config)   config = {0};
	AUTO_PTR(lake) lake = NULL;
	AUTO(request)  r = {.app = app};
	const char   **words = ARENA_ARRAY(&scratch, const char *, argc);
	size_t         count;

	TRY(options_parse(app, &command_raw, argc, argv, options, sizeof(options) / sizeof(options[0]), words, &count, e));
	if (count != 1 || (strcmp(words[0], "ls") != 0 && strcmp(words[0], "cat") != 0))
		return err_set(e, ERR_INPUT, "tarn raw wants ls or cat; `tarn raw --help` shows how");
	TRY(read_request(&o, &r, e));
	TRY(app_lake(app, false, &config, &lake, e));
	r.lake = lake;
	return strcmp(words[0], "ls") == 0 ? ls(&r, e) : cat(&r, e);
}

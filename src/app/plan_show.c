/* A plan for people, on stdout what follows and on stderr what it was made from; and one JSON
 * object for machines. */
#include <math.h>
#include <stdio.h>

#include "app/command.h"
#include "app/plain.h"
#include "app/plan.h"
#include "app/reply.h"

struct sums {
	double rows_hour, day_bytes, files_day, files_day_by_commit, commits_minute, memory_bytes;
};

static struct sums sums_of(const struct layout_plan *p)
{
	struct sums        sums = {0};
	struct plan_answer a;

	for (size_t i = 0; i < p->tables.count; i++) {
		plan_decide(p, p->tables.at[i], &a);
		sums.rows_hour += a.rows_hour;
		sums.day_bytes += a.day_bytes;
		sums.files_day += a.files_day;
		sums.files_day_by_commit += a.files_day_by_commit;
		sums.commits_minute += a.commits_minute;
		sums.memory_bytes += a.memory_bytes;
	}
	return sums;
}

/* --- for people ---------------------------------------------------------------------------- */

static const char *bytes_text(double bytes)
{
	return text_bytes((int64_t)(bytes + 0.5));
}

/* Whole numbers from ten on, else two digits that say something: 0.031 */
static const char *number_text(struct arena *a, double n)
{
	return n >= 9.95 ? text_count((int64_t)(n + 0.5)) : arena_format(a, "%.2g", n).ptr;
}

static void line_text(struct text_table *out, const struct layout_plan *p, const struct plan_table *t,
                      struct arena *a)
{
	struct plan_answer answer;
	const double       json = (double)t->json_bytes / (double)t->rows;

	plan_decide(p, t, &answer);
	text_table_cell(out, "%s", plain_text(a, t->name));
	text_table_cell(out, "%s", number_text(a, answer.rows_hour));
	text_table_cell(out, "%s", number_text(a, answer.peak_hour));
	text_table_cell(out, "%s", json < 0 ? "-" : number_text(a, json));
	text_table_cell(out, "%s", number_text(a, answer.row_bytes));
	text_table_cell(out, "%s", bytes_text(answer.rows_hour * answer.row_bytes));
	text_table_cell(out, "%s%s", plan_partition_word(answer.transform),
	                plan_is_elsewhere(t, &answer) ? "*" : "");
	text_table_cell(out, "%s", answer.transform == ICE_NONE ? "-" : bytes_text(answer.partition_bytes));
	text_table_cell(out, "%s", plan_delay_text(a, answer.delay_us));
	text_table_cell(out, "%s", bytes_text(answer.file_bytes));
	text_table_cell(out, "%s", number_text(a, answer.files_day));
	text_table_cell(out, "%s", number_text(a, answer.files_day_by_commit));
	text_table_cell(out, "%s", number_text(a, answer.commits_minute));
	text_table_cell(out, "%s", bytes_text(answer.memory_bytes));
}

static void total_text(struct text_table *out, const struct layout_plan *p, struct arena *a)
{
	const struct sums sums = sums_of(p);

	text_table_cell(out, "total");
	text_table_cell(out, "%s", number_text(a, sums.rows_hour));
	for (unsigned i = 0; i < 3; i++)
		text_table_cell(out, "%s", "");
	text_table_cell(out, "%s", bytes_text(sums.day_bytes / 24));
	for (unsigned i = 0; i < 4; i++)
		text_table_cell(out, "%s", "");
	text_table_cell(out, "%s", number_text(a, sums.files_day));
	text_table_cell(out, "%s", number_text(a, sums.files_day_by_commit));
	text_table_cell(out, "%s", number_text(a, sums.commits_minute));
	text_table_cell(out, "%s", bytes_text(sums.memory_bytes));
}

static void say_read(const struct layout_plan *p, struct arena *a)
{
	const struct plan_seen *r = &p->read;
	const char             *bytes = text_bytes((int64_t)r->bytes), *of = text_bytes((int64_t)r->bytes_total);
	const char             *files = text_count((int64_t)r->files), *of_files = text_count((int64_t)r->files_total);

	if (p->source == PLAN_HISTORY)
		(void)fprintf(stderr, "\n  history: %s rows in %s of %s files (%s of %s)", text_count(r->rows), files,
		              of_files, bytes, of);
	else
		(void)fprintf(stderr,
		              "\n  sample: %s of %s in %s of %s files%s; "
		              "%s records: %s rows, %s repeats, %s refused",
		              bytes, of, files, of_files, r->is_cut ? ", not to their end" : "", text_count(r->records),
		              text_count(r->rows), text_count(r->duplicates), text_count(r->quarantined));
	(void)fprintf(stderr, "\n  events from %s to %s", plain_time(a, p->span.from_us),
	              plain_time(a, p->span.to_us));
	if (p->span.has_stragglers)
		(void)fprintf(stderr, ", stragglers aside");
	if (p->scale > 1)
		(void)fprintf(stderr, "; rates are %.2f times what was seen, for files not read", p->scale);
	(void)fprintf(stderr, "\n  for files of %s, a commit every %s, rows held up to %s\n\n",
	              plan_size_text(a, p->terms.target_bytes), plan_delay_text(a, p->terms.every_us),
	              plan_delay_text(a, p->terms.max_delay_us));
}

/* What should not be overlooked. */
static void say_doubts(const struct layout_plan *p, struct arena *a)
{
	const double memory = sums_of(p).memory_bytes;
	size_t       elsewhere = 0;

	for (size_t i = 0; i < p->tables.count; i++) {
		struct plan_answer answer;

		plan_decide(p, p->tables.at[i], &answer);
		elsewhere += plan_is_elsewhere(p->tables.at[i], &answer);
	}
	(void)fprintf(stderr, "\n");
	if (p->span.hours < 1.0 / 6)
		(void)fprintf(stderr, "  the events cover %.0f s only: rates, and all that follows, are rough\n",
		              p->span.hours * 3600);
	if (p->read.files_total > 1 && p->read.is_cut)
		(void)fprintf(stderr, "  not all files chosen for the sample were read to their end: what only the rest "
		                      "holds is missing; see --sample\n");
	if (memory > (double)p->terms.memory_bytes)
		(void)fprintf(stderr,
		              "  rows held want %s and have %s, a quarter of `memory`: files will be smaller, unless "
		              "memory is %s\n",
		              bytes_text(memory), text_bytes((int64_t)p->terms.memory_bytes),
		              plan_size_text(a, (uint64_t)ceil(memory * 4 / (1 << 20)) << 20));
	if (elsewhere > 0)
		(void)fprintf(stderr,
		              "  * %zu tables are there with another partition and keep it: the new one holds from the "
		              "next replay on\n",
		              elsewhere);
	if (p->source == PLAN_HISTORY)
		(void)fprintf(stderr, "  memory is an estimate from types and page sizes; a sample measures it: "
		                      "tarn plan --from DIR\n");
}

void plan_show(const struct app *app, const struct layout_plan *p)
{
	static const char *const heads[] = {"table",     "rows/h", "peak/h",    "json/row",  "parquet/row",
	                                    "bytes/h",   "partition", "holds",  "max_delay", "file",
	                                    "files/day", "by commit", "commits/min", "memory"};
	struct text_table       *out = TEXT_TABLE(heads);
	AUTO(arena)              a = ARENA_INIT;

	if (!app->is_quiet)
		say_read(p, &a);
	for (size_t i = 0; i < p->tables.count; i++)
		line_text(out, p, p->tables.at[i], &a);
	total_text(out, p, &a);
	text_table_print(out);
	(void)fflush(stdout); /* before what is said of it */
	if (!app->is_quiet)
		say_doubts(p, &a);
}

/* --- for machines -------------------------------------------------------------------------- */

static void table_json(struct reply *r, const struct layout_plan *p, const struct plan_table *t)
{
	struct plan_answer answer;

	plan_decide(p, t, &answer);
	reply_open(r, NULL, '{');
	reply_text(r, "table", t->name);
	reply_number(r, "rows", t->rows);
	reply_real(r, "rows_an_hour", answer.rows_hour);
	reply_real(r, "rows_in_peak_hour", answer.peak_hour);
	if (t->json_bytes < 0)
		reply_null(r, "json_bytes_a_row");
	else
		reply_real(r, "json_bytes_a_row", (double)t->json_bytes / (double)t->rows);
	reply_real(r, "parquet_bytes_a_row_seen", (double)t->bytes / (double)t->rows);
	reply_real(r, "parquet_bytes_a_row", answer.row_bytes);
	reply_number(r, "columns", t->column_count);
	reply_text(r, "partition", str_of(plan_partition_word(answer.transform)));
	if (t->is_there)
		reply_text(r, "partition_now", str_of(plan_partition_word(t->transform)));
	reply_real(r, "partition_bytes", answer.partition_bytes);
	reply_real(r, "max_delay_seconds", (double)answer.delay_us / 1e6);
	reply_real(r, "file_bytes", answer.file_bytes);
	reply_real(r, "files_a_day", answer.files_day);
	reply_real(r, "files_a_day_by_commit", answer.files_day_by_commit);
	reply_real(r, "commits_a_minute", answer.commits_minute);
	reply_real(r, "memory_bytes", answer.memory_bytes);
	reply_close(r, '}');
}

static void read_json(struct reply *r, const struct layout_plan *p)
{
	reply_open(r, "read", '{');
	if (p->source == PLAN_SAMPLE) {
		reply_number(r, "records", p->read.records);
		reply_number(r, "duplicates", p->read.duplicates);
		reply_number(r, "quarantined", p->read.quarantined);
		reply_flag(r, "cut", p->read.is_cut);
	}
	reply_number(r, "rows", p->read.rows);
	reply_number(r, "bytes", (int64_t)p->read.bytes);
	reply_number(r, "bytes_total", (int64_t)p->read.bytes_total);
	reply_number(r, "files", (int64_t)p->read.files);
	reply_number(r, "files_total", (int64_t)p->read.files_total);
	reply_close(r, '}');
	reply_time(r, "from", p->span.from_us);
	reply_time(r, "to", p->span.to_us);
	reply_flag(r, "stragglers", p->span.has_stragglers);
	reply_real(r, "hours", p->span.hours);
	reply_real(r, "scale", p->scale);
}

int plan_show_json(const struct layout_plan *p, struct err *e)
{
	const struct sums sums = sums_of(p);
	AUTO(reply)       r = {0};

	reply_open(&r, NULL, '{');
	reply_text(&r, "source", p->source == PLAN_HISTORY ? STR("history") : STR("sample"));
	read_json(&r, p);
	reply_number(&r, "target_file", (int64_t)p->terms.target_bytes);
	reply_real(&r, "max_delay_seconds", (double)p->terms.max_delay_us / 1e6);
	reply_real(&r, "commit_seconds", (double)p->terms.every_us / 1e6);
	reply_open(&r, "tables", '[');
	for (size_t i = 0; i < p->tables.count; i++)
		table_json(&r, p, p->tables.at[i]);
	reply_close(&r, ']');
	reply_open(&r, "total", '{');
	reply_real(&r, "rows_an_hour", sums.rows_hour);
	reply_real(&r, "bytes_a_day", sums.day_bytes);
	reply_real(&r, "files_a_day", sums.files_day);
	reply_real(&r, "files_a_day_by_commit", sums.files_day_by_commit);
	reply_real(&r, "commits_a_minute", sums.commits_minute);
	reply_real(&r, "memory_bytes", sums.memory_bytes);
	reply_number(&r, "memory_bytes_there", (int64_t)p->terms.memory_bytes);
	reply_close(&r, '}');
	reply_close(&r, '}');
	return reply_print(&r, e);
}

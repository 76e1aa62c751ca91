/* From rates and sizes to a partition, a delay, and what they cost.
 *
 * Partition: the shortest period whose rows make a file of a quarter of the target or more, for
 * what is read least is what is left out whole; never longer than a month, for old rows go by
 * whole partitions. Delay: the time in which a file fills, up to the ceiling; what the ceiling
 * leaves small is for compaction. Waits end at multiples of the delay and with a partition
 * (ingest/writer_choose.c), for tables that hold anything then: rows come at random. Rows outside
 * the span are stragglers: each flush has a file more for each partition of theirs that it met.
 */
#include "app/plan.h"

#include <math.h>

#include "ingest/writer.h"

enum {
	ENOUGH_FILES = 16,
	COLUMN_FILE_BYTES = 400,  /* of a footer: chunk metadata, statistics, index entry */
	COLUMN_HELD_BYTES = 1024, /* of a builder with few values */
};

static const double DAY_SECONDS = 86400, DAY_HOURS = 24, MONTH_HOURS = 730.5, ENOUGH = 0.25; /* of the target */

struct pace {
	double rows_second, peak_second;
	double row_bytes, file_bytes; /* a file of n rows: file_bytes + n * row_bytes */
	double held_bytes;            /* a row in memory */
};

/* What a file of this table has whatever its rows, and what a row adds: the line through its
 * files, where they are many and of many sizes; else from what lies in pages and what does not. */
static void sizes_of(const struct plan_table *t, struct pace *out)
{
	const double n = (double)t->files, rows = (double)t->rows, bytes = (double)t->bytes;
	const double spread = n * t->rows_squared - rows * rows;
	double       footers;

	if (n >= ENOUGH_FILES && spread > rows * rows) {
		out->row_bytes = (n * t->rows_by_bytes - rows * bytes) / spread;
		out->file_bytes = (bytes - out->row_bytes * rows) / n;
		if (out->row_bytes > 0 && out->file_bytes > 0)
			return;
	}
	footers = fmin(bytes - (double)t->page_bytes, n * t->column_count * COLUMN_FILE_BYTES);
	out->file_bytes = footers / n;
	out->row_bytes = (bytes - footers) / rows;
}

static struct pace pace_of(const struct layout_plan *p, const struct plan_table *t)
{
	double      mean = (double)t->rows * p->scale / p->span.hours;
	double      peak = (double)tally_peak(&t->hours) * p->peak_scale;
	struct pace pace = {
		.rows_second = mean / 3600,
		.peak_second = fmax(mean, peak) / 3600, /* a span within one hour fills no bin */
		.held_bytes = t->held_bytes / (double)t->rows,
	};

	sizes_of(t, &pace);
	return pace;
}

/* What ends the wait of rows. */
struct hold {
	bool   is_by_commit; /* a file with every commit: delay_seconds apart, whenever a partition ends */
	double delay_seconds, fill_seconds;
};

static double period_bytes(const struct pace *pace, double hours)
{
	double rows = pace->rows_second * 3600 * hours;

	return pace->file_bytes + fmax(1, rows) * pace->row_bytes;
}

static enum ice_transform transform_of(const struct plan_table *t, const struct pace *pace)
{
	double enough = (double)t->target_bytes * ENOUGH;

	if (period_bytes(pace, 1) >= enough)
		return ICE_HOUR;
	if (period_bytes(pace, DAY_HOURS) >= enough)
		return ICE_DAY;
	if (t->is_there && t->transform == ICE_NONE && period_bytes(pace, MONTH_HOURS) < enough)
		return ICE_NONE; /* nothing is won by cutting it */
	return ICE_MONTH;
}

static double hours_of(enum ice_transform transform)
{
	return transform == ICE_HOUR ? 1 : transform == ICE_DAY ? DAY_HOURS : MONTH_HOURS;
}

/* Seconds in which rows at this pace fill a file. */
static double fill_seconds(const struct plan_table *t, const struct pace *pace, double rows_second)
{
	double room = (double)t->target_bytes - pace->file_bytes;

	return room > 0 ? room / (rows_second * pace->row_bytes) : 0;
}

/* The longest round time in which no more than a file fills: waits end for all together, so a file that fills
 * before leaves a small one behind. Beyond a partition's own period nothing is won. */
static int64_t delay_of(const struct plan_table *t, const struct pace *pace, enum ice_transform transform,
                        int64_t every_us)
{
	static const int round[] = {1,   2,   5,   10,   15,   20,   30,   60,    120,   180,
	                            300, 600, 900, 1200, 1800, 3600, 7200, 14400, 28800, 43200};
	double           period = hours_of(transform) * 3600;
	double           wanted_us = fmin(fill_seconds(t, pace, pace->rows_second), period) * 1e6;
	int64_t          delay_us = every_us;

	if (wanted_us >= (double)t->max_delay_us)
		return t->max_delay_us > every_us ? t->max_delay_us : every_us;
	for (size_t i = 0; i < sizeof(round) / sizeof(round[0]); i++)
		if (round[i] * 1e6 <= wanted_us && round[i] * INT64_C(1000000) > every_us)
			delay_us = round[i] * INT64_C(1000000);
	return delay_us;
}

/* Is there a row in so long? */
static double chance_of_rows(const struct pace *pace, double seconds)
{
	return -expm1(-pace->rows_second * seconds);
}

static double ends_day(enum ice_transform transform)
{
	return transform == ICE_NONE ? 0 : DAY_HOURS / hours_of(transform);
}

/* How often a day waits end. Months end with a day. */
static double closings_day(const struct hold *h, enum ice_transform transform)
{
	double delay = h->delay_seconds, period = fmin(hours_of(transform), DAY_HOURS) * 3600;

	if (transform == ICE_NONE || h->is_by_commit || fmod(period, delay) == 0)
		return DAY_SECONDS / delay;
	return ends_day(transform) + (delay < period ? DAY_SECONDS / delay : 0);
}

/* Between two closings: the files that fill, and the one with what is left. */
static double flushes_day(const struct pace *pace, const struct hold *h, enum ice_transform transform)
{
	double closings = closings_day(h, transform), between = DAY_SECONDS / closings;
	double full = floor(between / h->fill_seconds);

	return closings * (full + chance_of_rows(pace, between - full * h->fill_seconds));
}

/* The flush at the end of a partition comes a little later: what has come for the next one by then is a file too. */
static double files_day(const struct pace *pace, const struct hold *h, enum ice_transform transform)
{
	double later = fmin(h->delay_seconds, WRITER_GRACE_US / 1e6);

	return flushes_day(pace, h, transform) + ends_day(transform) * chance_of_rows(pace, later);
}

/* Files that stragglers add to a flush of so many rows. */
static double straggler_files(const struct layout_plan *p, const struct plan_table *t,
                              enum ice_transform transform, double rows)
{
	const struct tally *hours = &t->hours;
	const int32_t       from = ice_transform_us(transform, p->span.from_us);
	const int32_t       to = ice_transform_us(transform, p->span.to_us - 1);
	double              files = 0;
	int64_t             of_one = 0; /* partition */

	for (size_t i = 0; i < hours->bins.count; i++) {
		const int64_t us = hours->bins.at[i].at * hours->step_us;
		const int32_t partition = ice_transform_us(transform, us);
		const bool    is_last = i + 1 == hours->bins.count ||
		                     ice_transform_us(transform, hours->bins.at[i + 1].at * hours->step_us) != partition;

		of_one += hours->bins.at[i].rows;
		if (is_last && (partition < from || partition > to))
			files += -expm1(-rows * (double)of_one / (double)t->rows);
		of_one = is_last ? 0 : of_one;
	}
	return files;
}

/* Rows and bytes of a file, and of a day. */
static void sizes(const struct layout_plan *p, const struct plan_table *t, const struct pace *pace,
                  const struct hold *h, struct plan_answer *out)
{
	const double flushes = flushes_day(pace, h, out->transform), rows_day = pace->rows_second * DAY_SECONDS;
	double       rows;

	out->files_day = files_day(pace, h, out->transform);
	rows = fmax(1, rows_day / out->files_day);
	out->file_bytes = pace->file_bytes + rows * pace->row_bytes;
	out->row_bytes = out->file_bytes / rows;
	if (out->transform != ICE_NONE)
		out->files_day += flushes * straggler_files(p, t, out->transform, rows_day / flushes);
	out->day_bytes = rows_day * pace->row_bytes + out->files_day * pace->file_bytes;
	out->commits_minute = flushes / 1440;
}

void plan_decide(const struct layout_plan *p, const struct plan_table *t, struct plan_answer *out)
{
	struct pace        pace = pace_of(p, t);
	struct plan_answer by_commit;
	double             held_peak, every = (double)p->terms.every_us / 1e6;
	struct hold        hold = {.fill_seconds = fmax(every, fill_seconds(t, &pace, pace.rows_second))};

	*out = (struct plan_answer){
		.rows_hour = pace.rows_second * 3600,
		.peak_hour = pace.peak_second * 3600,
		.transform = transform_of(t, &pace),
	};
	out->delay_us = delay_of(t, &pace, out->transform, p->terms.every_us);
	out->partition_bytes = period_bytes(&pace, hours_of(out->transform));
	by_commit = *out;
	sizes(p, t, &pace, &(struct hold){true, every, hold.fill_seconds}, &by_commit);
	hold.delay_seconds = (double)out->delay_us / 1e6;
	sizes(p, t, &pace, &hold, out);
	out->files_day_by_commit = by_commit.files_day;
	held_peak = fmax(every, fmin(hold.delay_seconds, fill_seconds(t, &pace, pace.peak_second)));
	out->memory_bytes = (1 + pace.peak_second * held_peak) * pace.held_bytes;
	out->memory_bytes += (double)t->column_count * COLUMN_HELD_BYTES;
}

bool plan_is_elsewhere(const struct plan_table *t, const struct plan_answer *answer)
{
	return t->is_there && t->transform != answer->transform;
}

const char *plan_partition_word(enum ice_transform t)
{
	static const char *const words[] = {
		[ICE_NONE] = "none",   [ICE_HOUR] = "hour",      [ICE_DAY] = "day",
		[ICE_MONTH] = "month", [ICE_IDENTITY] = "other", [ICE_OTHER] = "other",
	};

	return words[t];
}

const char *plan_delay_text(struct arena *a, int64_t us)
{
	static const struct {
		int64_t     us;
		const char *word;
	} units[] = {{INT64_C(86400000000), "d"},
	             {INT64_C(3600000000), "h"},
	             {60000000, "m"},
	             {1000000, "s"},
	             {1000, "ms"}};
	size_t i = 0;

	while (i < 4 && us % units[i].us != 0)
		i++;
	return arena_format(a, "%lld%s", (long long)(us / units[i].us), units[i].word).ptr;
}

const char *plan_size_text(struct arena *a, uint64_t bytes)
{
	static const char *const words[] = {"B", "KiB", "MiB", "GiB"};
	size_t                   i = 0;

	for (; i < 3 && bytes > 0 && bytes % 1024 == 0; i++)
		bytes /= 1024;
	return arena_format(a, "%llu%s", (unsigned long long)bytes, words[i]).ptr;
}

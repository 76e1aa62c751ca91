/* plan.h - partitions and delays that give files near a wanted size: what was seen of each table, and what
 * follows from it.
 *
 *     history (metadata of the lake) --.
 *                                       >-- struct layout_plan --plan_decide--> an answer a table, shown or
 *     sample (files, read and written) -'                                       put into tarn.yaml
 *
 * Rates are of event time: rows of a table over the span that the events of all tables cover. Sizes are
 * those of files that were really written; of a file of another number of rows they say that pages grow
 * with the rows, and footers with the columns.
 */
#ifndef APP_PLAN_H
#define APP_PLAN_H

#include "app/plan_tally.h"
#include "base/map.h"
#include "column/schema.h"
#include "iceberg/manifest.h"

struct app;
struct lake;
struct pipeline;

enum plan_source { PLAN_HISTORY, PLAN_SAMPLE };

struct plan_table {
	str      name;         /* without its space */
	uint32_t column_count; /* leaves */
	int64_t  rows, files, bytes;
	int64_t  page_bytes;   /* of `bytes`, what is not footer and indexes */
	double   rows_squared, rows_by_bytes; /* sums over files */
	int64_t  json_bytes;   /* of the rows' records as received; -1: not known */
	double   held_bytes;   /* of the rows in memory: taken, or as estimated; less what a column takes anyway */
	bool     is_there;     /* the lake has it */
	enum ice_transform transform; /* where it is there */
	struct tally hours;
	/* The terms for this one: those of the plan, where nothing else is said of it. */
	uint64_t target_bytes;
	int64_t  max_delay_us;
};

struct plan_terms {
	uint64_t target_bytes; /* of a file */
	int64_t  max_delay_us; /* rows are held no longer */
	int64_t  every_us;     /* between commits */
	uint64_t memory_bytes; /* that rows and columns may take */
};

/* How much was looked at. */
struct plan_seen {
	int64_t  records, rows, duplicates, quarantined; /* a sample's */
	uint64_t bytes, bytes_total;
	size_t   files, files_total;
	bool     is_cut;       /* stopped within the files chosen: size or time was over */
};

struct layout_plan {
	enum plan_source  source;
	struct plan_terms terms;
	struct plan_seen  read;
	struct tally      seconds; /* rows of all tables */
	struct tally_span span;
	double            scale;       /* rows there are for each row seen: over 1 where not all files were read */
	double            covered;     /* hours of the span that files read are of; 0: all */
	double            peak_scale;  /* as scale, but of the rows of an hour that was seen */
	struct { VEC_OF(struct plan_table *); } tables;
	struct map        by_name;
	struct arena      arena;
};

void layout_plan_done(struct layout_plan *p);
/* The table of this name, made where new. */
struct plan_table *plan_table(struct layout_plan *p, str name);
/* A data file of the table has been seen. */
void plan_take_file(struct plan_table *t, const struct schema *schema, const struct ice_file *f);
/* All has been seen: spans and scales follow, and tables stand with the most rows first. ERR_MISSING where
 * no row was seen. */
int  plan_settle(struct layout_plan *p, struct err *e) MUST_USE;

/* What the tables of a lake hold by their metadata: the newest thirty days of event time. */
int plan_history(struct lake *l, struct layout_plan *p, struct err *e) MUST_USE;
/* A sample of files, through a pipeline into a lake in memory. `from`: folders, files or patterns; `base`:
 * the folder that parts are named from. About sample_bytes of text are read, spread over the files. */
int plan_sample(struct app *app, const struct pipeline *pipeline, str base, const char *const *from,
                size_t from_count, uint64_t sample_bytes, struct layout_plan *p, struct err *e) MUST_USE;
/* Which tables the lake has already, and how they are partitioned. */
int plan_take_layouts(struct lake *l, struct layout_plan *p, struct err *e) MUST_USE;

struct plan_answer {
	double rows_hour, peak_hour; /* rows: mean, and of the fullest hour */
	double row_bytes;            /* Parquet, in a file of the size that is planned */
	double day_bytes;            /* Parquet */
	enum ice_transform transform;
	double  partition_bytes;     /* of one whole partition */
	int64_t delay_us;
	double  file_bytes;          /* of a file as the delay gives it */
	double  files_day, files_day_by_commit; /* under the plan; with a file for each commit */
	double  commits_minute;      /* of this table */
	double  memory_bytes;        /* in the fullest hour */
};

void plan_decide(const struct layout_plan *p, const struct plan_table *t, struct plan_answer *out);
/* A table that is there keeps its partition: it is another than the answer's. */
bool plan_is_elsewhere(const struct plan_table *t, const struct plan_answer *answer);
/* "hour", "day", "month", "none": the words of tarn.yaml. */
const char *plan_partition_word(enum ice_transform t);
/* "10m", "90s": as tarn.yaml takes it. */
const char *plan_delay_text(struct arena *a, int64_t us);
const char *plan_size_text(struct arena *a, uint64_t bytes); /* "128MiB" */

void plan_show(const struct app *app, const struct layout_plan *p);
int  plan_show_json(const struct layout_plan *p, struct err *e) MUST_USE;

AUTO_DEFINE(layout_plan, layout_plan_done)

#endif

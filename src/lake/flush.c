/* flush.c - rows become files: sorted by time, split by partition, written side by side.
 *
 * Three rounds over the crew: sort each job and find its ranges; write a file for each range of each
 * job, the largest first, and those that are more than one worker's share by the whole crew, column by
 * column; write a manifest for each job. Names are given by the number of the range, not by who wrote it,
 * so the same rows give the same objects whatever the crew. Until an entry names them they are
 * garbage, so a failure needs no cleaning up.
 */
#include <assert.h>
#include <stdlib.h>

#include "lake/flush_int.h"
#include "lake/lake_int.h"
#include "lake/table.h"
#include "os/profile.h"
#include "os/workers.h"
#include "parquet/write.h"

enum {
	FILE_BYTES = 1 << 30,
	CREW_BYTES = 4 << 20, /* of columns: smaller files are not worth waking a crew for each row group */
};

/* Rows of one job that share a partition: first.. in its order. One file. */
struct range {
	size_t            job;
	uint32_t          first, count;
	bool              has_partition;
	int32_t           partition;
	struct entry_file entry; /* strs in the worker's arena */
	struct ice_file   ice;
};

struct file_size {
	uint64_t bytes; /* of its share of the columns */
	size_t   number;
};

struct job {
	const struct flush_job *given;
	uint32_t               *rows; /* in order of time, those without one first */
	struct { VEC_OF(struct range); } ranges;
	size_t                  first_file; /* number of its first range in flush.files */
	struct entry_table      entry;
};

/* What a worker keeps from task to task. */
struct bench {
	struct arena            arena;
	struct buf              bytes;
	struct parquet_scratch *scratch;
};

struct flush {
	struct lake         *lake;
	const struct origin *origin;
	uint64_t             first_number; /* of the objects of this call */
	struct job          *jobs;
	size_t               job_count;
	struct { VEC_OF(struct range); } files;
	struct bench        *benches; /* one a worker, and one for files by the whole crew */
	size_t               bench_count;
	struct file_size    *order;   /* of files: the largest first */
	size_t               first;   /* of those that are written side by side */
};

static void flush_done(struct flush *f)
{
	for (size_t i = 0; i < f->job_count; i++) {
		free(f->jobs[i].rows);
		VEC_DONE(&f->jobs[i].ranges);
		VEC_DONE(&f->jobs[i].entry.files);
	}
	for (size_t i = 0; i < f->bench_count; i++) {
		arena_done(&f->benches[i].arena);
		buf_done(&f->benches[i].bytes);
		parquet_scratch_free(f->benches[i].scratch);
	}
	free(f->jobs);
	free(f->benches);
	free(f->order);
	VEC_DONE(&f->files);
}

AUTO_DEFINE(flush, flush_done)

static void flush_init(struct flush *f, const struct flush_job *jobs, size_t job_count, size_t crew)
{
	f->jobs = xcalloc(job_count, sizeof(*f->jobs));
	f->job_count = job_count;
	for (size_t i = 0; i < job_count; i++)
		f->jobs[i].given = &jobs[i];
	f->bench_count = crew + 1;
	f->benches = xcalloc(f->bench_count, sizeof(*f->benches));
	for (size_t i = 0; i < f->bench_count; i++)
		f->benches[i].bytes = BUF(FILE_BYTES);
}

static void range_add(struct flush *f, struct job *j, struct range r)
{
	r.job = (size_t)(j - f->jobs);
	*VEC_ADD(&j->ranges) = r;
}

static void ranges_find(struct flush *f, struct job *j, const struct timed_row *timed, uint32_t timed_count,
                        uint32_t without_count)
{
	enum ice_transform transform = j->given->table->spec.transform;
	int32_t            partition = 0;
	uint32_t           first = 0;

	if (transform == ICE_NONE) {
		range_add(f, j, (struct range){.count = without_count + timed_count});
		return;
	}
	if (without_count > 0)
		range_add(f, j, (struct range){.count = without_count});
	for (uint32_t i = 0; i <= timed_count; i++) {
		int32_t here = i < timed_count ? ice_transform_us(transform, timed[i].us) : 0;

		if (i > first && (i == timed_count || here != partition)) {
			range_add(f, j, (struct range){.first = without_count + first, .count = i - first,
			                               .has_partition = true, .partition = partition});
			first = i;
		}
		partition = here;
	}
}

static int job_sort(void *context, size_t task, size_t worker, struct err *e)
{
	struct flush         *f = context;
	struct job           *j = &f->jobs[task];
	const struct columns *c = j->given->columns;
	const struct table   *t = j->given->table;
	const struct field   *time = t->time_id != 0 ? schema_by_id(&t->schema, t->time_id) : NULL;
	struct timed_row     *timed = xmalloc(c->row_count * sizeof(*timed));
	uint32_t              timed_count, without_count;
	PROFILE(PROFILE_SORT);

	(void)worker, (void)e;
	assert(c->row_count > 0);
	assert(time == NULL || time->type == TYPE_TIMESTAMPTZ);
	j->rows = xmalloc(c->row_count * sizeof(*j->rows));
	timed_count = rows_by_time(time ? columns_peek(c, time) : NULL, c->row_count, timed, j->rows);
	without_count = c->row_count - timed_count;
	for (uint32_t i = 0; i < timed_count; i++)
		j->rows[without_count + i] = timed[i].row;
	ranges_find(f, j, timed, timed_count, without_count);
	free(timed);
	return 0;
}

/* The ranges of all jobs as one list of tasks, in order. */
static void files_number(struct flush *f)
{
	for (size_t i = 0; i < f->job_count; i++) {
		struct job *j = &f->jobs[i];

		j->first_file = f->files.count;
		for (size_t k = 0; k < j->ranges.count; k++)
			*VEC_ADD(&f->files) = j->ranges.at[k];
	}
}

static str checksum_text(struct arena *a, str bytes)
{
	char text[33];

	lake_checksum(bytes, text);
	return arena_str(a, str_of(text));
}

static str partition_text(struct arena *a, const struct ice_spec *spec, const struct range *r)
{
	AUTO(buf) b = BUF(0);

	if (spec->transform == ICE_NONE)
		return STR("");
	buf_print(&b, STR_FMT "=", STR_ARG(spec->name));
	if (r->has_partition)
		ice_partition_name(spec->transform, r->partition, &b);
	else
		buf_add(&b, STR("null"));
	return arena_str(a, buf_str(&b));
}

static struct parquet_scratch *scratch_of(struct bench *b)
{
	if (b->scratch == NULL)
		b->scratch = parquet_scratch_new();
	return b->scratch;
}

static int file_write(struct flush *f, size_t number, struct bench *b, const struct parquet_crew *crew, struct err *e)
{
	struct range          *r = &f->files.at[number];
	const struct job      *j = &f->jobs[r->job];
	const struct table    *t = j->given->table;
	str                    origin = lake_origin(&b->arena, f->origin, f->first_number + number);
	struct parquet_options options = {
		.bloom_ids = t->bloom_ids, .bloom_count = t->bloom_count, .sorted_by = t->time_id, .origin = origin, .crew = crew,
	};
	str                    key;
	PROFILE(PROFILE_ENCODE);

	buf_clear(&b->bytes);
	TRY(parquet_write(j->given->columns, j->rows + r->first, r->count, &options, scratch_of(b), &b->bytes, &b->arena,
	                  &r->ice.stats, e));
	assert(r->ice.stats.rows == r->count && r->ice.stats.bytes == (int64_t)b->bytes.len);
	key = lake_data_key(&b->arena, t->space, t->name, partition_text(&b->arena, &t->spec, r), origin);
	TRY(store_put_soon_sure(f->lake->store, key, buf_str(&b->bytes), e));
	r->entry = (struct entry_file){
		.key = key,
		.bytes = (int64_t)b->bytes.len,
		.rows = r->count,
		.checksum = checksum_text(&b->arena, buf_str(&b->bytes)),
	};
	r->ice.status = ICE_ADDED;
	r->ice.path = lake_path(f->lake, &b->arena, key);
	r->ice.has_partition = r->has_partition;
	r->ice.partition = r->partition;
	r->ice.sort_order_id = t->sort_order_id;
	return 0;
}

static int larger_file(const void *a, const void *b)
{
	const struct file_size *x = a, *y = b;

	return x->bytes != y->bytes ? (x->bytes > y->bytes ? -1 : 1) : x->number < y->number ? -1 : 1;
}

/* What the order is, and how many of the first are more than a worker's share. */
static size_t files_order(struct flush *f, size_t crew)
{
	uint64_t total = 0;
	size_t   large = 0;

	f->order = xcalloc(f->files.count, sizeof(*f->order));
	for (size_t i = 0; i < f->files.count; i++) {
		const struct range   *r = &f->files.at[i];
		const struct columns *c = f->jobs[r->job].given->columns;

		f->order[i] = (struct file_size){(uint64_t)((double)c->bytes * r->count / c->row_count), i};
		total += f->order[i].bytes;
	}
	if (f->files.count > 0)
		qsort(f->order, f->files.count, sizeof(*f->order), larger_file);
	while (crew > 1 && large < f->files.count && f->order[large].bytes >= CREW_BYTES && f->order[large].bytes > total / crew)
		large++;
	return large;
}

static int file_step(void *context, size_t task, size_t worker, struct err *e)
{
	struct flush *f = context;

	return file_write(f, f->order[f->first + task].number, &f->benches[worker], NULL, e);
}

static int files_write(struct flush *f, struct workers *w, struct err *e)
{
	size_t                   crew = workers_count(w);
	struct parquet_scratch **scratches = xcalloc(crew, sizeof(struct parquet_scratch *));
	struct parquet_crew      whole = {w, scratches};
	int                      rc = 0;

	f->first = files_order(f, crew);
	for (size_t i = 0; f->first > 0 && i < crew; i++)
		scratches[i] = scratch_of(&f->benches[i]);
	for (size_t i = 0; rc == 0 && i < f->first; i++)
		rc = file_write(f, f->order[i].number, &f->benches[crew], &whole, e);
	free(scratches);
	return rc < 0 ? rc : workers_run(w, file_step, f, f->files.count - f->first, e);
}

static int manifest_put(struct flush *f, struct job *j, uint64_t number, const struct ice_file *files, size_t count,
                        struct bench *b, struct err *e)
{
	const struct table *t = j->given->table;
	bool                is_ahead = t->schema.count > t->schema_applied;
	str                 origin = lake_origin(&b->arena, f->origin, number);
	str                 name = arena_format(&b->arena, STR_FMT "-m0.avro", STR_ARG(origin));
	str                 key = lake_metadata_key(&b->arena, t->space, t->name, name);

	buf_clear(&b->bytes);
	TRY(ice_manifest_write(&t->schema, t->schema_id + is_ahead, &t->spec, files, count, &b->bytes, e));
	TRY(store_put_soon_sure(f->lake->store, key, buf_str(&b->bytes), e));
	j->entry.manifest = key;
	j->entry.manifest_bytes = (int64_t)b->bytes.len;
	j->entry.manifest_checksum = checksum_text(&b->arena, buf_str(&b->bytes));
	if (is_ahead) {
		buf_clear(&b->bytes);
		ice_schema_write(&t->schema, t->schema_id + 1, &b->bytes);
		j->entry.schema = arena_str(&b->arena, buf_str(&b->bytes));
	}
	return 0;
}

static int manifest_write(void *context, size_t task, size_t worker, struct err *e)
{
	struct flush    *f = context;
	struct job      *j = &f->jobs[task];
	struct bench    *b = &f->benches[worker];
	size_t           count = j->ranges.count;
	struct ice_file *files = xcalloc(count, sizeof(*files));
	int              put;
	PROFILE(PROFILE_COMMIT);

	for (size_t i = 0; i < count; i++) {
		const struct range *r = &f->files.at[j->first_file + i];

		files[i] = r->ice;
		*VEC_ADD(&j->entry.files) = r->entry;
		j->entry.rows += r->entry.rows;
		j->entry.bytes += r->entry.bytes;
	}
	assert(j->entry.rows == j->given->columns->row_count);
	put = manifest_put(f, j, f->first_number + f->files.count + task, files, count, b, e);
	free(files);
	return put;
}

/* Everything has been written: tell the entry, in words of its own arena. */
static void entry_add(struct flush *f, struct journal_entry *entry)
{
	struct arena *a = &entry->arena;

	for (size_t i = 0; i < f->job_count; i++) {
		struct job         *j = &f->jobs[i];
		const struct table *from = j->given->table;
		struct entry_table *t = VEC_ADD(&entry->tables);

		*t = j->entry;
		j->entry = (struct entry_table){0};
		t->space = arena_str(a, from->space);
		t->name = arena_str(a, from->name);
		t->uuid = arena_str(a, from->uuid);
		t->schema = arena_str(a, t->schema);
		if (from->is_staged)
			t->partition = partition_write(from->spec.transform, &from->schema, from->time_id, a);
		t->manifest = arena_str(a, t->manifest);
		t->manifest_checksum = arena_str(a, t->manifest_checksum);
		for (size_t k = 0; k < t->files.count; k++) {
			t->files.at[k].key = arena_str(a, t->files.at[k].key);
			t->files.at[k].checksum = arena_str(a, t->files.at[k].checksum);
		}
	}
}

int lake_flush(struct lake *l, struct workers *w, const struct origin *o, const struct flush_job *jobs,
               size_t job_count, struct journal_entry *entry, struct err *e)
{
	AUTO(flush) f = {.lake = l, .origin = o};

	for (size_t i = 0; i < entry->tables.count; i++) /* an entry may be filled by several calls */
		f.first_number += entry->tables.at[i].files.count + 1;
	flush_init(&f, jobs, job_count, workers_count(w));
	TRY(workers_run(w, job_sort, &f, job_count, e));
	files_number(&f);
	TRY(files_write(&f, w, e));
	TRY(workers_run(w, manifest_write, &f, job_count, e));
	entry_add(&f, entry);
	return 0;
}

/* From records to Parquet: each line of the input is a record, and goes through the envelopes of five pipelines, one under a contract,
 * into columns, into a file, or into the quarantine. Every record is in one of the two, and what the file's footer
 * says adds up; _extra holds JSON. */
#include "app/config.h"
#include "ingest/envelope.h"
#include "ingest/quarantine.h"
#include "ingest/shred.h"
#include "parquet/footer.h"
#include "parquet/write.h"
#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 1 << 14, RECORDS_MAX = 64, SECRET = 42 };

static const int64_t now_us = INT64_C(1764000000000000);

static const char configuration[] =
	"version: 1\n"
	"lake: /lake\n"
	"contracts:\n"
	"  declared:\n"
	"    required: [t]\n"
	"    properties:\n"
	"      t: {type: number}\n"
	"      a: {type: string, minLength: 1, pattern: \"^[^x]*$\"}\n"
	"      b: {type: number, coerce: true, maximum: 1e300}\n"
	"      c: {type: integer, format: date-time, unit: ms}\n"
	"      d: {type: [boolean, \"null\"]}\n"
	"      e: {items: {properties: {a: {type: integer, format: int32}, u: {type: string, format: uuid}}}}\n"
	"      f: {additionalProperties: false, properties: {a: {format: json}, d: {type: string, format: date}}}\n"
	"pipelines:\n"
	"  declared: {envelope: {id: {hash: record}, name: {const: declared}, time: {field: t, unit: s}}}\n"
	"  product: {preset: product}\n"
	"  domain: {preset: domain}\n"
	"  eventsim: {preset: eventsim}\n"
	"  any: {envelope: {id: {hash: record}, name: {const: any}, time: {field: t, unit: s}},\n"
	"        limits: {columns: 12, members: 4, depth: 20}}\n";

static struct config *pipelines(void)
{
	static struct config config;
	struct err           e = ERR_NONE;

	if (config.pipeline_count == 0) {
		CHECK_OK(config_load(fuzz_fs(str_of(configuration), sizeof(configuration) - 1), FUZZ_FILE, &config, &e), &e);
		for (size_t i = 0; i < config.pipeline_count; i++)
			pipeline_seed(&config.pipelines[i], SECRET);
	}
	return &config;
}

/* A record a line, as a source would hand them out. */
static void make_run(str text, struct run *run)
{
	*VEC_ADD(&run->parts) = (struct run_part){.key = STR("/in/song_events.json"), .to = STR("1")};
	buf_add(&run->bytes, text);
	for (size_t at = 0; at < text.len && run->records.count < RECORDS_MAX;) {
		size_t end = str_find(text, '\n', at);

		*VEC_ADD(&run->records) = (struct record){.offset = at, .text = (uint32_t)at, .text_len = (uint32_t)(end - at),
		                                          .raw = (uint32_t)at, .raw_len = (uint32_t)(end - at)};
		at = end + 1;
	}
	CHECK(buf_room(&run->bytes, JSON_PADDING) != NULL);
	memset(run->bytes.ptr + run->bytes.len, 0, JSON_PADDING);
}

static void check_extra(const struct columns *c)
{
	const struct field *f = schema_child(c->schema->root, STR("_extra"));
	const struct col   *col = f ? columns_peek(c, f) : NULL;

	for (uint32_t i = 0; col != NULL && i < col->value_count; i++) {
		str               value = col_string(col, i);
		char             *copy = fuzz_copy(value, JSON_PADDING);
		struct json_tape  t = {0};
		struct json_fault fault;

		CHECK(json_scan(copy, value.len, 1, &(struct json_limits){65, UINT32_MAX, UINT32_MAX, UINT32_MAX}, &t, &fault));
		CHECK_INT(json_kind(t.words[0]), JSON_OBJECT);
		json_tape_done(&t);
		free(copy);
	}
}

static void check_footer(str file, const struct file_stats *stats, uint32_t rows)
{
	AUTO(arena)           a = ARENA_INIT;
	struct parquet_footer f;
	struct err            e = ERR_NONE;
	uint32_t              size;
	int64_t               sum = 0;

	CHECK_OK(parquet_footer_size((const uint8_t *)file.ptr + file.len - 8, file.len, &size, &e), &e);
	CHECK_OK(parquet_footer_read(str_make(file.ptr + file.len - 8 - size, size), file.len, &a, &f, &e), &e);
	for (uint32_t g = 0; g < f.group_count; g++)
		sum += f.groups[g].row_count;
	CHECK_INT(f.row_count, rows);
	CHECK_INT(sum, rows);
	CHECK_INT(stats->rows, rows);
	CHECK_INT(stats->bytes, file.len);
	for (uint32_t i = 0; i < stats->leaf_count; i++)
		CHECK(stats->leaves[i].nulls >= 0 && stats->leaves[i].nulls <= stats->leaves[i].values);
}

static void check_file(const struct columns *c)
{
	static struct parquet_scratch *scratch;
	const struct parquet_options   options = {.page_rows = 5, .row_group_bytes = 2000, .origin = STR("fuzz")};
	AUTO(arena)                    a = ARENA_INIT;
	AUTO(buf)                      out = BUF(0);
	struct file_stats              stats;
	struct err                     e = ERR_NONE;
	uint32_t                       rows[RECORDS_MAX];

	if (c->row_count == 0)
		return;
	if (scratch == NULL)
		scratch = parquet_scratch_new();
	for (uint32_t i = 0; i < c->row_count; i++)
		rows[i] = c->row_count - 1 - i;
	CHECK_OK(parquet_write(c, rows, c->row_count, &options, scratch, &out, &a, &stats, &e), &e);
	check_footer(buf_str(&out), &stats, c->row_count);
}

static uint32_t shred_rows(struct pipeline *p, const struct run *run, const struct event *events, struct pool *pool)
{
	struct table   table = {0};
	struct columns columns;
	struct shred   shred;
	uint32_t       rows;

	standard_schema(p, &p->names[0], &table.schema);
	columns_init(&columns, pool, &table.schema);
	shred_init(&shred, p, SECRET, &table, &columns);
	for (size_t i = 0; i < run->records.count; i++)
		if (events[i].verdict == VERDICT_ROW)
			shred_row(&shred, run, &events[i], STR("song_events.json"), now_us);
	rows = columns.row_count;
	check_extra(&columns);
	check_file(&columns);
	shred_done(&shred);
	columns_done(&columns);
	schema_done(&table.schema);
	return rows;
}

static uint32_t quarantine_rows(struct pipeline *p, const struct run *run, const struct event *events, struct pool *pool)
{
	AUTO(schema)   schema = {0};
	struct columns columns;
	uint32_t       rows;

	quarantine_schema(&schema);
	columns_init(&columns, pool, &schema);
	for (size_t i = 0; i < run->records.count; i++)
		if (events[i].verdict == VERDICT_QUARANTINE)
			quarantine_row(&columns, run, &events[i], p->name, STR("song_events.json"), now_us);
	rows = columns.row_count;
	columns_done(&columns);
	return rows;
}

static void check_pipeline(struct pipeline *p, const struct run *run)
{
	static struct pool *pool; /* its pieces all come back: nothing is kept in it */
	struct event    events[RECORDS_MAX];
	struct envelope v;
	AUTO(arena)     a = ARENA_INIT;
	str             part_name = envelope_part_name(p, run->parts.at[0].key, &a);
	uint32_t        rows;

	if (pool == NULL)
		pool = pool_new(64 << 20);
	envelope_init(&v, p, SECRET, 0);
	envelope_clear(&v, now_us);
	for (size_t i = 0; i < run->records.count; i++)
		envelope_open(&v, run, &run->records.at[i], part_name, &events[i]);
	for (size_t i = 0; i < run->records.count; i++)
		if (events[i].verdict == VERDICT_ROW)
			events[i].words = v.tape.words + events[i].tape_at;
	rows = shred_rows(p, run, events, pool);
	rows += quarantine_rows(p, run, events, pool);
	CHECK_INT(rows, run->records.count);
	CHECK_INT(pool_used(pool), 0);
	envelope_done(&v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = pipelines();
	AUTO(run)      run = {0};

	if (size == 0 || size > INPUT_MAX)
		return 0;
	make_run(str_make(data, size), &run);
	for (size_t i = 0; i < config->pipeline_count; i++)
		check_pipeline(&config->pipelines[i], &run);
	return 0;
}

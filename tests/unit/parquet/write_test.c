/* Files of random tables. Here they are held to their own footer and to each
 * other; with TARN_PARQUET_OUT naming a folder they are kept there, each with the
 * text of its rows, for tests/py/test_parquet_files.py to read with others' readers. */
#include "parquet/footer.h"
#include "os/workers.h"
#include "parquet/write.h"
#include "tests/lib/test.h"
#include "tests/unit/parquet/random_table.h"

struct file {
	struct random_table    table;
	struct parquet_options o;
	int32_t                blooms[8];
	uint32_t              *rows;
	uint32_t               row_count;
};

enum order { ORDER_AS_IS, ORDER_SLICE, ORDER_SHUFFLED, ORDER_SUBSET, ORDER_SORTED, ORDERS };

static const int64_t *sort_times; /* of rows, for the sort alone */

static int by_time(const void *a, const void *b)
{
	int64_t x = sort_times[*(const uint32_t *)a], y = sort_times[*(const uint32_t *)b];

	return (x > y) - (x < y);
}

static void rows_make(struct file *f, enum order order)
{
	uint32_t all = f->table.c.row_count;

	f->rows = xcalloc(all, sizeof(*f->rows));
	for (uint32_t i = 0; i < all; i++) {
		if (order == ORDER_SUBSET && test_random() % 3)
			continue;
		f->rows[f->row_count++] = i;
	}
	if (order == ORDER_SLICE && all > 2) {
		f->row_count = all - all / 3 - 1;
		for (uint32_t i = 0; i < f->row_count; i++)
			f->rows[i] = i + all / 3;
	}
	for (uint32_t i = f->row_count; order == ORDER_SHUFFLED && i > 1; i--) {
		uint32_t other = (uint32_t)(test_random() % i), row = f->rows[i - 1];

		f->rows[i - 1] = f->rows[other];
		f->rows[other] = row;
	}
	if (order == ORDER_SORTED) {
		sort_times = columns_peek(&f->table.c, schema_find(&f->table.schema, STR("event_time")))->longs;
		qsort(f->rows, f->row_count, sizeof(*f->rows), by_time);
		f->o.sorted_by = 2;
	}
	if (f->row_count == 0)
		f->row_count = 1;
}

static void file_init(struct file *f, struct random_kind kind, enum order order)
{
	*f = (struct file){0};
	random_table_init(&f->table, kind);
	f->o = (struct parquet_options){.origin = STR("lane-0/17"), .bloom_ids = f->blooms};
	rows_make(f, order);
	f->blooms[f->o.bloom_count++] = 1;
	for (uint32_t i = 0; i < f->table.schema.count && f->o.bloom_count < 8; i++)
		if (field_is_leaf(f->table.schema.fields[i]) && f->table.schema.fields[i]->id > 1)
			f->blooms[f->o.bloom_count++] = f->table.schema.fields[i]->id;
}

static void file_done(struct file *f)
{
	random_table_done(&f->table);
	free(f->rows);
}

AUTO_DEFINE(file, file_done)

static struct parquet_footer footer_of(str bytes, struct arena *a)
{
	struct parquet_footer footer = {0};
	struct err            e = ERR_NONE;
	uint32_t              size = 0;

	CHECK(str_starts(bytes, STR("PAR1")));
	CHECK_OK(parquet_footer_size((const uint8_t *)bytes.ptr + bytes.len - 8, bytes.len, &size, &e), &e);
	bytes.len -= 8;
	CHECK_OK(parquet_footer_read(str_from(bytes, bytes.len - size), bytes.len + 8, a, &footer, &e), &e);
	return footer;
}

static void check_footer(const struct file *f, str bytes, const struct file_stats *stats)
{
	AUTO(arena)           a = ARENA_INIT;
	struct parquet_footer footer = footer_of(bytes, &a);

	CHECK_INT(footer.row_count, f->row_count);
	CHECK_INT(stats->rows, f->row_count);
	CHECK_INT(stats->bytes, bytes.len);
	CHECK_INT(stats->split_count, footer.group_count);
	CHECK_STR(footer.origin, STR("lane-0/17"));
	CHECK_STR(footer.created_by, STR("tarn version " TARN_VERSION " (build 0)"));
	for (uint32_t leaf = 0; leaf < stats->leaf_count; leaf++) {
		int64_t values = 0, nulls = 0, size = 0;

		for (uint32_t g = 0; g < footer.group_count; g++) {
			const struct parquet_chunk *chunk = &footer.groups[g].chunks[leaf];

			CHECK_INT(footer.groups[g].offset, stats->splits[g]);
			CHECK_INT(chunk->field_id, stats->leaves[leaf].field_id);
			values += chunk->value_count;
			nulls += chunk->null_count;
			size += chunk->bytes;
		}
		CHECK_INT(values, stats->leaves[leaf].values);
		CHECK_INT(nulls, stats->leaves[leaf].nulls);
		CHECK_INT(size, stats->leaves[leaf].bytes);
	}
}

/* --- for outside readers ----------------------------------------------------- */

static void hex_or_null(struct buf *out, str s)
{
	buf_add(out, s.ptr ? STR("\"") : STR("null"));
	for (size_t i = 0; i < s.len; i++)
		buf_print(out, "%02x", (uint8_t)s.ptr[i]);
	if (s.ptr != NULL)
		buf_byte(out, '"');
}

static void field_print(struct buf *out, const struct field *f)
{
	buf_print(out, "{\"id\":%d,\"name\":", f->id);
	buf_json(out, f->name);
	buf_print(out, ",\"type\":\"%s\",\"required\":%s,\"fields\":[", type_name(f->type),
	          f->required ? "true" : "false");
	for (uint32_t i = 0; i < f->child_count; i++) {
		if (i > 0)
			buf_byte(out, ',');
		field_print(out, f->children[i]);
	}
	buf_print(out, "]}");
}

static void stats_print(struct buf *out, const struct file_stats *stats)
{
	for (uint32_t i = 0; i < stats->leaf_count; i++) {
		const struct leaf_stats *leaf = &stats->leaves[i];

		buf_print(out, "%s{\"id\":%d,\"bytes\":%lld,\"values\":%lld,\"nulls\":%lld,\"nans\":%lld,\"lower\":",
		          i ? "," : "", leaf->field_id, (long long)leaf->bytes, (long long)leaf->values,
		          (long long)leaf->nulls, (long long)leaf->nans);
		hex_or_null(out, leaf->lower);
		buf_print(out, ",\"upper\":");
		hex_or_null(out, leaf->upper);
		buf_print(out, "}");
	}
}

/* First line: schema, options and statistics; then the rows in the file's order. */
static void truth_print(const struct file *f, const struct file_stats *stats, struct buf *out)
{
	buf_print(out, "{\"schema\":");
	field_print(out, f->table.schema.root);
	buf_print(out, ",\"page_rows\":%u,\"groups\":%u,\"sorted_by\":%d,\"blooms\":[", f->o.page_rows,
	          stats->split_count, f->o.sorted_by);
	for (uint32_t i = 0; i < f->o.bloom_count; i++)
		buf_print(out, "%s%d", i ? "," : "", f->o.bloom_ids[i]);
	buf_print(out, "],\"stats\":[");
	stats_print(out, stats);
	buf_print(out, "]}\n");
	for (uint32_t i = 0; i < f->row_count; i++) {
		buf_add(out, random_table_row(&f->table, f->rows[i]));
		buf_byte(out, '\n');
	}
}

static void save(const char *name, const char *end, str bytes)
{
	char  path[512];
	FILE *to;

	(void)snprintf(path, sizeof(path), "%s/%s%s", getenv("TARN_PARQUET_OUT"), name, end);
	to = fopen(path, "wb");
	CHECK(to != NULL && fwrite(bytes.ptr, 1, bytes.len, to) == bytes.len && fclose(to) == 0);
}

static void file_check(const struct file *f, const char *name)
{
	AUTO(buf)               out = BUF(0);
	AUTO(buf)               truth = BUF(0);
	AUTO(arena)             a = ARENA_INIT;
	struct parquet_scratch *s = parquet_scratch_new();
	struct file_stats       stats;
	struct err              e = ERR_NONE;

	buf_add(&out, STR("before")); /* the file is appended: its offsets are its own */
	CHECK_OK(parquet_write(&f->table.c, f->rows, f->row_count, &f->o, s, &out, &a, &stats, &e), &e);
	check_footer(f, str_from(buf_str(&out), 6), &stats);
	if (getenv("TARN_PARQUET_OUT") != NULL) {
		truth_print(f, &stats, &truth);
		save(name, ".parquet", str_from(buf_str(&out), 6));
		save(name, ".json", buf_str(&truth));
	}
	parquet_scratch_free(s);
}

TEST(parquet_writes_random_tables)
{
	char name[64];

	for (uint32_t round = 0; round < 48; round++) {
		AUTO(file) f;

		file_init(&f, (struct random_kind){
			.shape = round % RANDOM_SHAPES,
			.row_count = round % 7 == 0 ? 1 : 1 + (uint32_t)(test_random() % 700),
			.field_count = 1 + (uint32_t)(test_random() % 8),
			.depth = round % 5,
		}, (round / RANDOM_SHAPES) % ORDERS);
		f.o.page_rows = round % 3 ? 1 + (uint32_t)(test_random() % 100) : 0;
		f.o.page_bytes = round % 3 == 2 ? 500 : 0;
		f.o.row_group_bytes = round % 4 == 3 ? 4000 : 0;
		(void)snprintf(name, sizeof(name), "random-%02u", round);
		file_check(&f, name);
	}
}

/* Enough rows for dictionaries to be given up, pages of the default size, several codecs in a file. */
TEST(parquet_writes_large_tables)
{
	char name[64];

	for (uint32_t round = 0; round < 2 * RANDOM_SHAPES; round++) {
		AUTO(file) f;

		file_init(&f, (struct random_kind){
			.shape = round % RANDOM_SHAPES,
			.row_count = 30000,
			.field_count = 10,
			.depth = round >= RANDOM_SHAPES ? 2 : 0,
		}, round % 2 ? ORDER_SHUFFLED : ORDER_SORTED);
		f.o.row_group_bytes = round == 1 ? 2 << 20 : 0;
		(void)snprintf(name, sizeof(name), "large-%02u", round);
		file_check(&f, name);
	}
}

/* --- what does not need others --------------------------------------------- */

static void write_twice(const struct file *f, struct parquet_scratch *s, struct buf *one, struct buf *two)
{
	AUTO(arena)       a = ARENA_INIT;
	struct file_stats stats;
	struct err        e = ERR_NONE;

	CHECK_OK(parquet_write(&f->table.c, f->rows, f->row_count, &f->o, s, one, &a, &stats, &e), &e);
	CHECK_OK(parquet_write(&f->table.c, f->rows, f->row_count, &f->o, s, two, &a, &stats, &e), &e);
}

TEST(parquet_bytes_are_the_same_every_time)
{
	struct parquet_scratch *s = parquet_scratch_new();

	for (uint32_t round = 0; round < 10; round++) {
		AUTO(file) f;
		AUTO(buf)  one = BUF(0);
		AUTO(buf)  two = BUF(0);

		file_init(&f, (struct random_kind){round % RANDOM_SHAPES, 3000, 6, 2}, round % ORDERS);
		write_twice(&f, s, &one, &two);
		CHECK(str_eq(buf_str(&one), buf_str(&two)));
	}
	parquet_scratch_free(s);
}

/* Workers and their scratches, for one file at a time. */
struct hands {
	struct parquet_scratch *scratches[3];
	struct parquet_crew     crew;
};

static void hands_init(struct hands *h)
{
	for (size_t i = 0; i < 3; i++)
		h->scratches[i] = parquet_scratch_new();
	h->crew = (struct parquet_crew){workers_new(3), h->scratches};
}

static void hands_done(struct hands *h)
{
	for (size_t i = 0; i < 3; i++)
		parquet_scratch_free(h->scratches[i]);
	workers_free(h->crew.workers);
}
AUTO_DEFINE(hands, hands_done)

TEST(parquet_bytes_do_not_depend_on_who_writes_them)
{
	struct parquet_scratch *s = parquet_scratch_new();
	AUTO(hands)             h;

	hands_init(&h);
	for (uint32_t round = 0; round < 12; round++) {
		AUTO(file)        f;
		AUTO(buf)         alone = BUF(0);
		AUTO(buf)         together = BUF(0);
		AUTO(arena)       a = ARENA_INIT;
		struct file_stats one, two;
		struct err        e = ERR_NONE;

		file_init(&f, (struct random_kind){round % RANDOM_SHAPES, 3000, 9, 2}, round % ORDERS);
		f.o.row_group_bytes = round % 3 == 0 ? 64 << 10 : 0;
		f.o.page_bytes = 4 << 10;
		CHECK_OK(parquet_write(&f.table.c, f.rows, f.row_count, &f.o, s, &alone, &a, &one, &e), &e);
		f.o.crew = &h.crew;
		CHECK_OK(parquet_write(&f.table.c, f.rows, f.row_count, &f.o, s, &together, &a, &two, &e), &e);
		CHECK(str_eq(buf_str(&alone), buf_str(&together)));
		CHECK(one.bytes == two.bytes && one.leaf_count == two.leaf_count && one.split_count == two.split_count);
	}
	parquet_scratch_free(s);
}

TEST(parquet_stops_at_the_ceiling_of_its_buffer)
{
	struct parquet_scratch *s = parquet_scratch_new();
	struct file_stats       stats;
	struct err              e = ERR_NONE;
	AUTO(file)              f;
	AUTO(arena)             a = ARENA_INIT;
	AUTO(hands)             h;

	hands_init(&h);
	file_init(&f, (struct random_kind){RANDOM_WIDE, 2000, 6, 2}, ORDER_AS_IS);
	for (size_t ceiling = 1; ceiling < 60000; ceiling = ceiling * 3 + 1) {
		AUTO(buf) out = BUF(ceiling);

		buf_byte(&out, 'x');
		f.o.crew = ceiling % 2 ? &h.crew : NULL;
		CHECK_ERR(parquet_write(&f.table.c, f.rows, f.row_count, &f.o, s, &out, &a, &stats, &e), ERR_LIMIT);
		CHECK_STR(buf_str(&out), STR("x"));
	}
	parquet_scratch_free(s);
}

TEST(parquet_leaves_empty_groups_out)
{
	struct parquet_scratch *s = parquet_scratch_new();
	struct parquet_footer   footer;
	struct file_stats       stats;
	struct err              e = ERR_NONE;
	AUTO(file)              f;
	AUTO(buf)               out = BUF(0);
	AUTO(arena)             a = ARENA_INIT;
	struct field           *empty;

	file_init(&f, (struct random_kind){RANDOM_SMALL, 10, 1, 0}, ORDER_AS_IS);
	empty = schema_add(&f.table.schema, f.table.schema.root, STR("empty"), TYPE_STRUCT, false, STR(""), 0);
	(void)schema_add(&f.table.schema, empty, STR("list"), TYPE_LIST, false, STR(""), 0);
	CHECK_OK(parquet_write(&f.table.c, f.rows, f.row_count, &f.o, s, &out, &a, &stats, &e), &e);
	footer = footer_of(buf_str(&out), &a);
	CHECK_INT(footer.groups[0].chunk_count, 4);
	CHECK_INT(stats.leaf_count, 4);
	parquet_scratch_free(s);
}

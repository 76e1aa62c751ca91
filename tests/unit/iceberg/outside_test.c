/* Whole tables for outside readers, and manifests of outside writers:
 * tests/py/test_iceberg_files.py sets TARN_ICEBERG_OUT to a folder that it has prepared and
 * looks at what comes out. Without it there is nothing to do. */
#include <jansson.h>

#include "base/vec.h"
#include "codec/sha256.h"
#include "tests/lib/test.h"
#include "tests/unit/iceberg/tables.h"

static const int64_t start_ms = 1700000000000;

static str read_file(struct arena *a, const char *path)
{
	AUTO(buf) b = {0};
	FILE  *file = fopen(path, "rb");
	char   piece[4096];
	size_t got;

	CHECK(file != NULL);
	while (file != NULL && (got = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_bytes(&b, piece, got);
	if (file != NULL)
		(void)fclose(file);
	return arena_str(a, buf_str(&b));
}

static void write_file(str path, str bytes)
{
	AUTO(arena) a = ARENA_INIT;
	FILE *file = fopen(arena_cstr(&a, path), "wb");

	CHECK(file != NULL);
	if (file != NULL) {
		CHECK_INT(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
		CHECK_INT(fclose(file), 0);
	}
}

/* ---- tables of ours -------------------------------------------------------------------------- */

struct making {
	struct arena        arena;
	struct ice_metadata metadata;
	struct schema       schema;
	str                 location;
	int64_t             version;
	struct { VEC_OF(struct ice_manifest); } manifests; /* live ones */
};

static void making_done(struct making *m)
{
	VEC_DONE(&m->manifests);
	ice_metadata_done(&m->metadata);
	schema_done(&m->schema);
	arena_done(&m->arena);
}
AUTO_DEFINE(making, making_done)

static str text_of(struct arena *a, const json_t *object, const char *key)
{
	return arena_str(a, str_of(json_string_value(json_object_get(object, key))));
}

static int64_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* Hexadecimal; absent: none. */
static str bound_of(struct arena *a, const json_t *object, const char *key)
{
	const char *hex = json_string_value(json_object_get(object, key));
	char       *bytes;

	if (hex == NULL)
		return (str){0};
	bytes = arena_alloc(a, strlen(hex) / 2 + 1);
	CHECK(hex_decode(str_of(hex), bytes));
	return str_make(bytes, strlen(hex) / 2);
}

static struct ice_file file_of(struct arena *a, const json_t *json)
{
	const json_t   *leaves = json_object_get(json, "leaves"),
	        *splits = json_object_get(json, "splits"), *each;
	struct ice_file f = {
		.status = ICE_ADDED,
		.path = text_of(a, json, "path"),
		.has_partition = json_is_integer(json_object_get(json, "partition")),
		.partition = (int32_t)number_of(json, "partition"),
		.sort_order_id = 1,
		.stats = {.rows = number_of(json, "rows"), .bytes = number_of(json, "bytes"),
		          .leaf_count = (uint32_t)json_array_size(leaves), .split_count = (uint32_t)json_array_size(splits)},
	};
	size_t i;

	f.stats.leaves = ARENA_ARRAY(a, struct leaf_stats, f.stats.leaf_count);
	f.stats.splits = ARENA_ARRAY(a, int64_t, f.stats.split_count);
	json_array_foreach(splits, i, each)
		f.stats.splits[i] = json_integer_value(each);
	json_array_foreach(leaves, i, each)
		f.stats.leaves[i] = (struct leaf_stats){
			.field_id = (int32_t)number_of(each, "id"),
			.bytes = number_of(each, "bytes"),
			.values = number_of(each, "values"),
			.nulls = number_of(each, "nulls"),
			.nans = number_of(each, "nans"),
			.lower = bound_of(a, each, "lower"),
			.upper = bound_of(a, each, "upper"),
		};
	return f;
}

static str path_of(struct making *m, const char *kind, const char *end)
{
	return arena_format(&m->arena, STR_FMT "/metadata/%s%lld%s", STR_ARG(m->location), kind,
	                    (long long)m->version, end);
}

static void write_version(struct making *m)
{
	AUTO(buf) text = {0};
	AUTO(buf) number = {0};
	str previous = path_of(m, "v", ".metadata.json");

	if (m->version++ > 0)
		ice_log_previous(&m->metadata, previous, start_ms + m->version);
	ice_metadata_write(&m->metadata, &text);
	write_file(path_of(m, "v", ".metadata.json"), buf_str(&text));
	buf_print(&number, "%lld", (long long)m->version);
	write_file(arena_format(&m->arena, STR_FMT "/metadata/version-hint.text", STR_ARG(m->location)),
	           buf_str(&number));
}

/* One snapshot: a manifest, and a list of it and of all before. The manifest is written first,
 * as the product does. */
static void add_batch(struct making *m, const json_t *batch)
{
	AUTO(buf) manifest = {0};
	AUTO(buf) list = {0};
	size_t            count = json_array_size(batch);
	struct ice_file  *files = ARENA_ARRAY(&m->arena, struct ice_file, count);
	struct ice_commit append = {
		.snapshot_id = INT64_MAX - 1000 + m->version,
		.now_ms = start_ms + m->version,
	};
	struct ice_manifest entry;
	struct ice_snapshot parent = {0};
	struct ice_spec     spec;
	struct err          e = ERR_NONE;

	for (size_t i = 0; i < count; i++) {
		files[i] = file_of(&m->arena, json_array_get(batch, i));
		append.added_rows += files[i].stats.rows;
		append.added_bytes += files[i].stats.bytes;
	}
	append.added_files = (int64_t)count;
	append.changed_partitions = (int64_t)count;
	CHECK_OK(ice_spec(&m->metadata, &spec, &e), &e);
	CHECK_OK(ice_manifest_write(&m->schema, ice_set_schema(&m->metadata, &m->schema), &spec,
	                            files, count, &manifest, &e), &e);
	ice_manifest_describe(&spec, files, count, &entry);
	entry.path = path_of(m, "m", ".avro");
	entry.length = (int64_t)manifest.len;
	entry.sequence_number = ice_last_sequence_number(&m->metadata) + 1;
	entry.min_sequence_number = entry.sequence_number;
	entry.added_snapshot_id = append.snapshot_id;
	write_file(entry.path, buf_str(&manifest));
	*VEC_ADD(&m->manifests) = entry;
	append.manifest_list = path_of(m, "snap-", ".avro");
	(void)ice_current_snapshot(&m->metadata, &parent);
	CHECK_OK(ice_list_write(m->manifests.at, m->manifests.count, append.snapshot_id, parent.id,
	                        entry.sequence_number, &list, &e), &e);
	write_file(append.manifest_list, buf_str(&list));
	ice_add_snapshot(&m->metadata, &append);
	write_version(m);
}

static void make_table(const char *out, const char *name, enum ice_transform transform)
{
	AUTO(making) m = {0};
	str     text;
	json_t *plan;

	m.location = arena_format(&m.arena, "%s/%s", out, name);
	text = read_file(&m.arena, arena_format(&m.arena, "%s/%s/files.json", out, name).ptr);
	plan = json_loadb(text.ptr, text.len, 0, NULL);
	CHECK(plan != NULL);
	sample_schema(&m.schema);
	ice_metadata_new(
		&(struct ice_table_new){
			.uuid = (const uint8_t[16]){1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12},
			.location = m.location,
			.schema = &m.schema,
			.transform = transform,
			.partition_by = 2,
			.sorted_by = 2,
			.now_ms = start_ms,
		},
		&m.metadata);
	write_version(&m);
	for (size_t i = 0; i < json_array_size(plan); i++) {
		if (i == 1) /* a column that was not there before */
			schema_add(&m.schema, m.schema.root, STR("later"), TYPE_LONG, false,
			           STR("/later"), 0);
		add_batch(&m, json_array_get(plan, i));
	}
	json_decref(plan);
}

TEST(outside_tables_for_readers)
{
	const char *out = getenv("TARN_ICEBERG_OUT");

	if (out == NULL)
		return;
	make_table(out, "by_hour", ICE_HOUR);
	make_table(out, "by_day", ICE_DAY);
	make_table(out, "by_month", ICE_MONTH);
	make_table(out, "whole", ICE_NONE);
	make_table(out, "empty", ICE_HOUR);
}

/* ---- manifests of others --------------------------------------------------------------------- */

static void report_hex(struct buf *out, const char *key, str bytes)
{
	AUTO(arena) a = ARENA_INIT;
	char *hex = arena_alloc(&a, bytes.len * 2 + 1);

	if (bytes.ptr == NULL)
		return;
	hex_encode(bytes.ptr, bytes.len, hex);
	buf_print(out, ",\"%s\":\"%s\"", key, hex);
}

static void report_file(struct buf *out, const struct ice_file *f)
{
	buf_print(out, "{\"status\":%d,\"snapshot_id\":%lld,\"sequence\":%lld,\"file_sequence\":%lld,\"path\":", f->status,
	          (long long)f->snapshot_id, (long long)f->sequence_number, (long long)f->file_sequence_number);
	buf_json(out, f->path);
	if (f->has_partition)
		buf_print(out, ",\"partition\":%d", f->partition);
	buf_print(out, ",\"sort_order\":%d,\"rows\":%lld,\"bytes\":%lld,\"splits\":[",
	          f->sort_order_id, (long long)f->stats.rows, (long long)f->stats.bytes);
	for (uint32_t i = 0; i < f->stats.split_count; i++)
		buf_print(out, "%s%lld", i ? "," : "", (long long)f->stats.splits[i]);
	buf_add(out, STR("],\"leaves\":["));
	for (uint32_t i = 0; i < f->stats.leaf_count; i++) {
		const struct leaf_stats *l = &f->stats.leaves[i];

		buf_print(out, "%s{\"id\":%d,\"bytes\":%lld,\"values\":%lld,\"nulls\":%lld,\"nans\":%lld", i ? "," : "",
		          l->field_id, (long long)l->bytes, (long long)l->values, (long long)l->nulls, (long long)l->nans);
		report_hex(out, "lower", l->lower);
		report_hex(out, "upper", l->upper);
		buf_byte(out, '}');
	}
	buf_add(out, STR("]}"));
}

static void report_manifest(struct arena *a, struct buf *out, const struct ice_manifest *m)
{
	struct ice_file *files;
	struct err       e = ERR_NONE;
	size_t           count = 0;

	buf_print(out, "{\"spec\":%d,\"sequence\":%lld,\"min_sequence\":%lld,\"snapshot\":%lld,\"added\":%lld,\"rows\":%lld",
	          m->spec_id, (long long)m->sequence_number, (long long)m->min_sequence_number,
	          (long long)m->added_snapshot_id, (long long)m->added_files, (long long)m->added_rows);
	buf_print(out, ",\"has_null\":%d", m->contains_null);
	if (m->has_bounds)
		buf_print(out, ",\"lower\":%d,\"upper\":%d", m->lower, m->upper);
	buf_add(out, STR(",\"files\":["));
	CHECK_OK(ice_manifest_read(read_file(a, arena_cstr(a, m->path)), m, a, &files, &count, &e),
	         &e);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_byte(out, ',');
		report_file(out, &files[i]);
	}
	buf_add(out, STR("]}"));
}

TEST(outside_manifests_of_writers)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf) report = {0};
	AUTO(buf) copy = {0};
	const char *out = getenv("TARN_ICEBERG_OUT");
	struct ice_manifest *manifests;
	struct err           e = ERR_NONE;
	size_t               count = 0;

	if (out == NULL)
		return;
	CHECK_OK(ice_list_read(read_file(&a, arena_format(&a, "%s/others/list.avro", out).ptr), &a,
	                       &manifests, &count, &e), &e);
	buf_byte(&report, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_byte(&report, ',');
		report_manifest(&a, &report, &manifests[i]);
	}
	buf_byte(&report, ']');
	write_file(arena_format(&a, "%s/others/report.json", out), buf_str(&report));
	CHECK_OK(ice_list_write(manifests, count, 1, 0, 100, &copy, &e), &e);
	write_file(arena_format(&a, "%s/others/copy.avro", out), buf_str(&copy));
}

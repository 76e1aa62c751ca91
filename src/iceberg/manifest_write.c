/* Manifests of data files (reference B.6, B.7).
 *
 * An ADDED entry names no snapshot and no sequence numbers: it inherits them from the list that
 * will hold the manifest. So a manifest can be written before its snapshot exists, and survives a
 * commit that has to be tried again. */
#include "iceberg/manifest_int.h"

#include <assert.h>
#include <stdio.h>

#include "iceberg/metadata_int.h"

/* Everything but the type of the partition, which stands between the two. */
#define ENTRY_HEAD                                                                              \
	"{\"type\":\"record\",\"name\":\"manifest_entry\",\"fields\":["                         \
	AVRO_FIELD("status", "\"int\"", "0") ","                                                \
	AVRO_MAYBE("snapshot_id", "\"long\"", "1") ","                                          \
	AVRO_MAYBE("sequence_number", "\"long\"", "3") ","                                      \
	AVRO_MAYBE("file_sequence_number", "\"long\"", "4") ","                                 \
	"{\"name\":\"data_file\",\"field-id\":2,\"type\":"                                      \
	"{\"type\":\"record\",\"name\":\"r2\",\"fields\":["                                     \
	AVRO_FIELD("content", "\"int\"", "134") ","                                             \
	AVRO_FIELD("file_path", "\"string\"", "100") ","                                        \
	AVRO_FIELD("file_format", "\"string\"", "101") ","                                      \
	"{\"name\":\"partition\",\"field-id\":102,\"type\":"

#define ENTRY_TAIL                                                                              \
	"},"                                                                                    \
	AVRO_FIELD("record_count", "\"long\"", "103") ","                                       \
	AVRO_FIELD("file_size_in_bytes", "\"long\"", "104") ","                                 \
	AVRO_MAYBE("column_sizes", AVRO_MAP_OF("117", "\"long\"", "118"), "108") ","            \
	AVRO_MAYBE("value_counts", AVRO_MAP_OF("119", "\"long\"", "120"), "109") ","            \
	AVRO_MAYBE("null_value_counts", AVRO_MAP_OF("121", "\"long\"", "122"), "110") ","       \
	AVRO_MAYBE("nan_value_counts", AVRO_MAP_OF("138", "\"long\"", "139"), "137") ","        \
	AVRO_MAYBE("lower_bounds", AVRO_MAP_OF("126", "\"bytes\"", "127"), "125") ","           \
	AVRO_MAYBE("upper_bounds", AVRO_MAP_OF("129", "\"bytes\"", "130"), "128") ","           \
	AVRO_MAYBE("key_metadata", "\"bytes\"", "131") ","                                      \
	AVRO_MAYBE("split_offsets", AVRO_ARRAY_OF("\"long\"", "133"), "132") ","                \
	AVRO_MAYBE("equality_ids", AVRO_ARRAY_OF("\"int\"", "136"), "135") ","                  \
	AVRO_MAYBE("sort_order_id", "\"int\"", "140")                                           \
	"]}}]}"

/* For one call of ice_manifest_write. */
struct writing {
	const struct ice_spec *spec;
	const uint8_t         *in_list; /* by field id: the column lies in a list */
	int32_t                last_id;
};

/* An Avro name is made of letters, digits and _; anything else becomes _. Readers go by the id. */
static void put_avro_name(struct buf *out, str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (i == 0 && c >= '0' && c <= '9')
			buf_byte(out, '_');
		buf_byte(out, is_letter || (c >= '0' && c <= '9') ? c : '_');
	}
}

static void entry_schema(const struct ice_spec *spec, struct buf *out)
{
	buf_add(out, STR(ENTRY_HEAD "{\"type\":\"record\",\"name\":\"r102\",\"fields\":["));
	if (spec->transform != ICE_NONE) {
		buf_add(out, STR("{\"name\":\""));
		put_avro_name(out, spec->name);
		buf_print(out, "\",\"type\":[\"null\",%s],\"default\":null,\"field-id\":%d}",
		          spec->transform == ICE_DAY ? "{\"type\":\"int\",\"logicalType\":\"date\"}"
		                                     : "\"int\"",
		          spec->field_id);
	}
	buf_add(out, STR("]}" ENTRY_TAIL));
}

/* What a leaf says in one of the maps of numbers; negative: nothing. As Java does, columns in lists
 * have a size and nothing else: their entries are not rows. */
static int64_t leaf_number(const struct writing *w, const struct leaf_stats *leaf, enum file_id map)
{
	bool in_list = leaf->field_id <= w->last_id && w->in_list[leaf->field_id] != 0;

	if (map == FILE_COLUMN_BYTES)
		return leaf->bytes;
	if (in_list)
		return -1;
	return map == FILE_VALUES ? leaf->values : map == FILE_NULLS ? leaf->nulls : leaf->nans;
}

static void put_numbers(struct buf *b, const struct writing *w, const struct file_stats *stats,
                        enum file_id map)
{
	int64_t count = 0;

	for (uint32_t i = 0; i < stats->leaf_count; i++)
		count += leaf_number(w, &stats->leaves[i], map) >= 0;
	if (count == 0) {
		avro_put_none(b);
		return;
	}
	avro_put_some(b);
	avro_put_long(b, count);
	for (uint32_t i = 0; i < stats->leaf_count; i++) {
		int64_t number = leaf_number(w, &stats->leaves[i], map);

		if (number >= 0) {
			avro_put_long(b, stats->leaves[i].field_id);
			avro_put_long(b, number);
		}
	}
	avro_put_long(b, 0);
}

static str leaf_bound(const struct leaf_stats *leaf, enum file_id map)
{
	return map == FILE_LOWER ? leaf->lower : leaf->upper;
}

static void put_bounds(struct buf *b, const struct file_stats *stats, enum file_id map)
{
	int64_t count = 0;

	for (uint32_t i = 0; i < stats->leaf_count; i++)
		count += leaf_bound(&stats->leaves[i], map).ptr != NULL;
	if (count == 0) {
		avro_put_none(b);
		return;
	}
	avro_put_some(b);
	avro_put_long(b, count);
	for (uint32_t i = 0; i < stats->leaf_count; i++) {
		str bound = leaf_bound(&stats->leaves[i], map);

		if (bound.ptr != NULL) {
			avro_put_long(b, stats->leaves[i].field_id);
			avro_put_str(b, bound);
		}
	}
	avro_put_long(b, 0);
}

static void put_splits(struct buf *b, const struct file_stats *stats)
{
	if (stats->split_count == 0) {
		avro_put_none(b);
		return;
	}
	avro_put_some(b);
	avro_put_long(b, stats->split_count);
	for (uint32_t i = 0; i < stats->split_count; i++)
		avro_put_long(b, stats->splits[i]);
	avro_put_long(b, 0);
}

static void put_data_file(struct buf *b, const struct writing *w, const struct ice_file *f)
{
	avro_put_long(b, 0); /* content: data */
	avro_put_str(b, f->path);
	avro_put_str(b, STR("PARQUET"));
	if (w->spec->transform != ICE_NONE) {
		avro_put_long(b, f->has_partition);
		if (f->has_partition)
			avro_put_long(b, f->partition);
	}
	avro_put_long(b, f->stats.rows);
	avro_put_long(b, f->stats.bytes);
	put_numbers(b, w, &f->stats, FILE_COLUMN_BYTES);
	put_numbers(b, w, &f->stats, FILE_VALUES);
	put_numbers(b, w, &f->stats, FILE_NULLS);
	put_numbers(b, w, &f->stats, FILE_NANS);
	put_bounds(b, &f->stats, FILE_LOWER);
	put_bounds(b, &f->stats, FILE_UPPER);
	avro_put_none(b); /* key_metadata */
	put_splits(b, &f->stats);
	avro_put_none(b); /* equality_ids */
	avro_put_some(b);
	avro_put_long(b, f->sort_order_id);
}

static void put_inherited(struct buf *b, const struct ice_file *f, int64_t number)
{
	avro_put_long(b, f->status != ICE_ADDED);
	if (f->status != ICE_ADDED)
		avro_put_long(b, number);
}

static void put_entry(struct buf *b, const struct writing *w, const struct ice_file *f)
{
	assert(f->path.len > 0);
	assert(f->stats.rows >= 0);
	assert(f->stats.bytes > 0);
	avro_put_long(b, f->status);
	put_inherited(b, f, f->snapshot_id);
	put_inherited(b, f, f->sequence_number);
	put_inherited(b, f, f->file_sequence_number);
	put_data_file(b, w, f);
}

static void begin(struct avro_writer *w, const struct schema *schema, int64_t schema_id,
                  const struct ice_spec *spec, struct buf *out)
{
	AUTO(buf) avro_schema = {0};
	AUTO(buf) schema_text = {0};
	AUTO_PTR(json_t) fields = ice_spec_fields_json(spec);
	char            *spec_text = json_dumps(fields, JSON_COMPACT);
	char             schema_number[24], spec_number[16];

	assert(spec_text != NULL);
	entry_schema(spec, &avro_schema);
	ice_schema_write(schema, schema_id, &schema_text);
	(void)snprintf(schema_number, sizeof(schema_number), "%lld", (long long)schema_id);
	(void)snprintf(spec_number, sizeof(spec_number), "%d", spec->id);
	avro_begin(w,
	           (struct avro_pair[]){
			   {STR("avro.schema"), buf_str(&avro_schema)},
			   {STR("schema"), buf_str(&schema_text)},
			   {STR("schema-id"), str_of(schema_number)},
			   {STR("partition-spec"), str_of(spec_text)},
			   {STR("partition-spec-id"), str_of(spec_number)},
			   {STR("format-version"), STR("2")},
			   {STR("content"), STR("data")},
		   },
	           7, AVRO_DEFLATE, out);
	free(spec_text);
}

/* Zeroed, but 1 at the id of each column in a list. Owned by the arena. */
static uint8_t *ids_in_lists(const struct schema *s, struct arena *a)
{
	uint8_t *in_list = ARENA_ARRAY(a, uint8_t, (size_t)s->last_id + 1);

	for (uint32_t i = 0; i < s->count; i++)
		in_list[s->fields[i]->id] = field_in_list(s->fields[i]);
	return in_list;
}

int ice_manifest_write(const struct schema *schema, int64_t schema_id, const struct ice_spec *spec,
                       const struct ice_file *files, size_t count, struct buf *out, struct err *e)
{
	AUTO(avro_writer) avro = {0};
	AUTO(arena) a = ARENA_INIT;
	struct writing w = {.spec = spec, .last_id = schema->last_id};

	if (spec->transform > ICE_MONTH)
		return err_set(e, ERR_UNSUPPORTED,
		               "partition spec %d is not one field of hour, day or month: "
		               "tarn does not write to such a table",
		               spec->id);
	w.in_list = ids_in_lists(schema, &a);
	begin(&avro, schema, schema_id, spec, out);
	for (size_t i = 0; i < count; i++)
		put_entry(avro_object(&avro), &w, &files[i]);
	return avro_end(&avro, e);
}

static void bounds_widen(const struct ice_file *f, struct ice_manifest *out)
{
	if (!f->has_partition) {
		out->contains_null = true;
		return;
	}
	if (!out->has_bounds || f->partition < out->lower)
		out->lower = f->partition;
	if (!out->has_bounds || f->partition > out->upper)
		out->upper = f->partition;
	out->has_bounds = true;
}

void ice_manifest_describe(const struct ice_spec *spec, const struct ice_file *files, size_t count,
                           struct ice_manifest *out)
{
	*out = (struct ice_manifest){.spec_id = spec->id};
	for (size_t i = 0; i < count; i++) {
		const struct ice_file *f = &files[i];
		int64_t               *counts[][2] = {
			[ICE_EXISTING] = {&out->existing_files, &out->existing_rows},
			[ICE_ADDED] = {&out->added_files, &out->added_rows},
			[ICE_DELETED] = {&out->deleted_files, &out->deleted_rows},
		};

		*counts[f->status][0] += 1;
		*counts[f->status][1] += f->stats.rows;
		if (spec->transform != ICE_NONE)
			bounds_widen(f, out);
	}
}

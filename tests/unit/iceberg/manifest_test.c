#include "iceberg/manifest.h"

#include "codec/avro.h"
#include "tests/lib/test.h"
#include "tests/unit/iceberg/tables.h"

/* A manifest over the sample schema, and its entry in a list. */
static void write_manifest(enum ice_transform t, const struct ice_file *files, size_t count,
                           struct buf *out, struct ice_manifest *entry)
{
	AUTO(schema) s = {0};
	struct ice_spec spec = sample_spec(t);
	struct err      e = ERR_NONE;

	sample_schema(&s);
	CHECK_OK(ice_manifest_write(&s, 3, &spec, files, count, out, &e), &e);
	ice_manifest_describe(&spec, files, count, entry);
	entry->path = STR("/lake/events/click/metadata/m0.avro");
	entry->length = (int64_t)out->len;
	entry->sequence_number = 9;
	entry->min_sequence_number = 3;
	entry->added_snapshot_id = 77;
}

static void check_leaf(const struct leaf_stats *got, const struct leaf_stats *want, bool in_list)
{
	CHECK_INT(got->field_id, want->field_id);
	CHECK_INT(got->bytes, want->bytes);
	CHECK_INT(got->values, in_list ? -1 : want->values);
	CHECK_INT(got->nulls, in_list ? -1 : want->nulls);
	CHECK_INT(got->nans, want->nans);
	CHECK_STR(got->lower, want->lower);
	CHECK_STR(got->upper, want->upper);
	CHECK_INT(got->lower.ptr != NULL, want->lower.ptr != NULL);
	CHECK_INT(got->upper.ptr != NULL, want->upper.ptr != NULL);
}

static void check_file(const struct ice_file *got, const struct ice_file *want)
{
	bool is_added = want->status == ICE_ADDED;

	CHECK_INT(got->status, want->status);
	CHECK_INT(got->snapshot_id, is_added ? 77 : want->snapshot_id);
	CHECK_INT(got->sequence_number, is_added ? 9 : want->sequence_number);
	CHECK_INT(got->file_sequence_number, is_added ? 9 : want->file_sequence_number);
	CHECK_STR(got->path, want->path);
	CHECK_INT(got->has_partition, want->has_partition);
	CHECK_INT(got->partition, want->partition);
	CHECK_INT(got->sort_order_id, want->sort_order_id);
	CHECK_INT(got->stats.rows, want->stats.rows);
	CHECK_INT(got->stats.bytes, want->stats.bytes);
	CHECK_INT(got->stats.split_count, 2);
	CHECK_INT(got->stats.splits[1], want->stats.splits[1]);
	CHECK_INT(got->stats.leaf_count, 3);
	for (uint32_t i = 0; i < 3 && i < got->stats.leaf_count; i++)
		check_leaf(&got->stats.leaves[i], &want->stats.leaves[i], i == 2);
}

TEST(manifest_gives_back_its_files)
{
	AUTO(arena) a = ARENA_INIT;

	for (enum ice_transform t = ICE_HOUR; t <= ICE_MONTH; t++) {
		AUTO(buf) out = {0};
		struct ice_file     files[300], *read;
		struct ice_manifest entry;
		struct err          e = ERR_NONE;
		size_t              count;

		for (int i = 0; i < 300; i++)
			files[i] = sample_file(&a, (enum ice_status)(i % 3), i);
		write_manifest(t, files, 300, &out, &entry);
		CHECK_OK(ice_manifest_read(buf_str(&out), &entry, &a, &read, &count, &e), &e);
		CHECK_INT(count, 300);
		for (size_t i = 0; i < count; i++)
			check_file(&read[i], &files[i]);
	}
}

TEST(manifest_describe_counts_and_bounds)
{
	AUTO(arena) a = ARENA_INIT;
	struct ice_file     files[5];
	struct ice_manifest m;
	struct ice_spec     hour = sample_spec(ICE_HOUR), none = sample_spec(ICE_NONE);

	for (int i = 0; i < 5; i++)
		files[i] = sample_file(&a, (enum ice_status)(i % 3), i);
	ice_manifest_describe(&hour, files, 5, &m);
	CHECK_INT(m.existing_files, 2);
	CHECK_INT(m.added_files, 2);
	CHECK_INT(m.deleted_files, 1);
	CHECK_INT(m.existing_rows, 203);
	CHECK_INT(m.added_rows, 205);
	CHECK_INT(m.deleted_rows, 102);
	CHECK(m.has_bounds);
	CHECK(m.contains_null);
	CHECK_INT(m.lower, 400000);
	CHECK_INT(m.upper, 400003);
	ice_manifest_describe(&none, files, 5, &m);
	CHECK(!m.has_bounds);
	CHECK(!m.contains_null);
}

TEST(manifest_without_statistics_or_partition)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf) out = {0};
	struct ice_file file = {.status = ICE_ADDED, .path = STR("/x.parquet"),
	        .stats = {.rows = 0, .bytes = 1}}, *read;
	struct ice_manifest entry;
	struct err          e = ERR_NONE;
	size_t              count;

	write_manifest(ICE_NONE, &file, 1, &out, &entry);
	CHECK_OK(ice_manifest_read(buf_str(&out), &entry, &a, &read, &count, &e), &e);
	CHECK_INT(count, 1);
	CHECK_INT(read[0].stats.leaf_count, 0);
	CHECK_INT(read[0].stats.split_count, 0);
	CHECK(!read[0].has_partition);
}

TEST(manifest_header_has_all_six_keys)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf) out = {0};
	struct ice_file     file = sample_file(&a, ICE_ADDED, 0);
	struct ice_manifest entry;
	struct avro_file    avro;
	struct err          e = ERR_NONE;
	str                 value;

	write_manifest(ICE_DAY, &file, 1, &out, &entry);
	CHECK_OK(avro_open(buf_str(&out), &a, &avro, &e), &e);
	CHECK(avro_pair(&avro, STR("schema"), &value));
	CHECK(str_starts(value, STR("{\"type\":\"struct\",\"schema-id\":3,")));
	CHECK(avro_pair(&avro, STR("schema-id"), &value));
	CHECK_STR(value, STR("3"));
	CHECK(avro_pair(&avro, STR("partition-spec"), &value));
	CHECK_STR(value, STR("[{\"source-id\":2,\"field-id\":1000,\"name\":\"event_time_day\",\"transform\":\"day\"}]"));
	CHECK(avro_pair(&avro, STR("partition-spec-id"), &value));
	CHECK_STR(value, STR("0"));
	CHECK(avro_pair(&avro, STR("format-version"), &value));
	CHECK_STR(value, STR("2"));
	CHECK(avro_pair(&avro, STR("content"), &value));
	CHECK_STR(value, STR("data"));
}

TEST(manifest_of_a_foreign_spec_is_not_written)
{
	AUTO(schema) s = {0};
	AUTO(buf) out = {0};
	struct ice_spec spec = {.transform = ICE_OTHER};
	struct err      e = ERR_NONE;

	sample_schema(&s);
	CHECK_ERR(ice_manifest_write(&s, 0, &spec, NULL, 0, &out, &e), ERR_UNSUPPORTED);
}

TEST(manifest_old_files_need_sequence_numbers)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf) out = {0};
	struct ice_file file = sample_file(&a, ICE_EXISTING, 0), *read;
	struct ice_manifest entry;
	struct err          e = ERR_NONE;
	size_t              count;

	file.sequence_number = -1;
	write_manifest(ICE_HOUR, &file, 1, &out, &entry);
	CHECK_ERR(ice_manifest_read(buf_str(&out), &entry, &a, &read, &count, &e), ERR_CORRUPT);
	entry.sequence_number = 0; /* from before sequence numbers */
	CHECK_OK(ice_manifest_read(buf_str(&out), &entry, &a, &read, &count, &e), &e);
	CHECK_INT(read[0].sequence_number, 0);
}

static void check_manifest(const struct ice_manifest *got, const struct ice_manifest *want)
{
	CHECK_STR(got->path, want->path);
	CHECK_INT(got->length, want->length);
	CHECK_INT(got->spec_id, want->spec_id);
	CHECK_INT(got->is_deletes, want->is_deletes);
	CHECK_INT(got->sequence_number, want->sequence_number);
	CHECK_INT(got->min_sequence_number, want->min_sequence_number);
	CHECK_INT(got->added_snapshot_id, want->added_snapshot_id);
	CHECK_INT(got->added_files, want->added_files);
	CHECK_INT(got->existing_files, want->existing_files);
	CHECK_INT(got->deleted_files, want->deleted_files);
	CHECK_INT(got->added_rows, want->added_rows);
	CHECK_INT(got->existing_rows, want->existing_rows);
	CHECK_INT(got->deleted_rows, want->deleted_rows);
	CHECK_INT(got->has_bounds, want->has_bounds);
	CHECK_INT(got->contains_null, want->contains_null);
	CHECK_INT(got->lower, want->lower);
	CHECK_INT(got->upper, want->upper);
}

static const struct ice_manifest entries[] = {
	{.path = STR("/m0.avro"), .length = 5000, .spec_id = 1, .sequence_number = 9, .min_sequence_number = 3,
         .added_snapshot_id = INT64_MAX, .added_files = 1, .existing_files = 2, .deleted_files = 3, .added_rows = 4,
         .existing_rows = 5, .deleted_rows = 6, .has_bounds = true, .lower = -1, .upper = 400000},
	{.path = STR("/m1.avro"), .length = 5001, .sequence_number = 8, .min_sequence_number = 8, .contains_null = true,
         .is_deletes = true},
	{.path = STR("/m2.avro"), .length = 5002, .key_metadata = STR("key")},
};

TEST(list_gives_back_its_manifests)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf) out = {0};
	AUTO(buf) again = {0};
	struct ice_manifest *read;
	struct avro_file     avro;
	struct err           e = ERR_NONE;
	size_t               count;
	str                  value;

	CHECK_OK(ice_list_write(entries, 3, 42, 0, 9, &out, &e), &e);
	CHECK_OK(ice_list_read(buf_str(&out), &a, &read, &count, &e), &e);
	CHECK_INT(count, 3);
	for (size_t i = 0; i < count; i++)
		check_manifest(&read[i], &entries[i]);
	CHECK_STR(read[2].key_metadata, STR("key"));
	CHECK(read[1].key_metadata.ptr == NULL);
	CHECK_OK(ice_list_write(read, count, 42, 0, 9, &again, &e), &e); /* carried over unchanged */
	CHECK(str_eq(buf_str(&out), buf_str(&again)));
	CHECK_OK(avro_open(buf_str(&out), &a, &avro, &e), &e);
	CHECK(avro_pair(&avro, STR("parent-snapshot-id"), &value));
	CHECK_STR(value, STR("null"));
	CHECK(avro_pair(&avro, STR("snapshot-id"), &value));
	CHECK_STR(value, STR("42"));
	CHECK(avro_pair(&avro, STR("sequence-number"), &value));
	CHECK_STR(value, STR("9"));
	CHECK(avro_pair(&avro, STR("format-version"), &value));
	CHECK_STR(value, STR("2"));
}

/* Two fields of a text and a number, one summary without bounds: what others may write. */
TEST(list_carries_summaries_of_others)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf) summaries = {0};
	AUTO(buf) out = {0};
	struct ice_manifest entry = entries[0], *read;
	struct err          e = ERR_NONE;
	size_t              count;

	avro_put_some(&summaries);
	avro_put_long(&summaries, 2);
	avro_put_bool(&summaries, false), avro_put_none(&summaries);
	avro_put_some(&summaries), avro_put_str(&summaries, STR("a"));
	avro_put_some(&summaries), avro_put_str(&summaries, STR("zebra"));
	avro_put_bool(&summaries, true), avro_put_some(&summaries), avro_put_bool(&summaries, true);
	avro_put_none(&summaries), avro_put_none(&summaries);
	avro_put_long(&summaries, 0);
	entry.summaries = buf_str(&summaries);
	CHECK_OK(ice_list_write(&entry, 1, 42, 41, 9, &out, &e), &e);
	CHECK_OK(ice_list_read(buf_str(&out), &a, &read, &count, &e), &e);
	CHECK(!read[0].has_bounds);
	CHECK(read[0].summaries.len > buf_str(&summaries).len); /* the runs of one item each */
	buf_clear(&out);
	CHECK_OK(ice_list_write(read, 1, 42, 41, 9, &out, &e), &e);
	CHECK_OK(ice_list_read(buf_str(&out), &a, &read, &count, &e), &e);
	CHECK(!read[0].has_bounds);

	entry.summaries = STR("\x00"); /* null: not known */
	buf_clear(&out);
	CHECK_OK(ice_list_write(&entry, 1, 42, 41, 9, &out, &e), &e);
	CHECK_OK(ice_list_read(buf_str(&out), &a, &read, &count, &e), &e);
	CHECK(!read[0].has_bounds);
	CHECK_STR(read[0].summaries, STR("\x00"));
}

/* Longs where we write ints: what is taken must fit the list that is written next. */
static int read_wide_list(int64_t spec, int64_t added_files, struct err *e)
{
	static const char schema[] =
		"{\"type\":\"record\",\"name\":\"manifest_file\",\"fields\":["
		"{\"name\":\"manifest_path\",\"type\":\"string\",\"field-id\":500},"
		"{\"name\":\"manifest_length\",\"type\":\"long\",\"field-id\":501},"
		"{\"name\":\"partition_spec_id\",\"type\":\"long\",\"field-id\":502},"
		"{\"name\":\"added_files_count\",\"type\":\"long\",\"field-id\":504}]}";
	AUTO(arena)          a = ARENA_INIT;
	AUTO(buf)            out = {0};
	AUTO(avro_writer)    w = {0};
	struct buf          *object;
	struct ice_manifest *read;
	size_t               count;

	avro_begin(&w, &(struct avro_pair){STR("avro.schema"), str_of(schema)}, 1, AVRO_PLAIN, &out);
	object = avro_object(&w);
	avro_put_str(object, STR("/m.avro"));
	avro_put_long(object, 1000);
	avro_put_long(object, spec);
	avro_put_long(object, added_files);
	TRY(avro_end(&w, e));
	return ice_list_read(buf_str(&out), &a, &read, &count, e);
}

TEST(list_with_counts_out_of_range_is_refused)
{
	struct err e = ERR_NONE;

	CHECK_OK(read_wide_list(0, INT32_MAX, &e), &e);
	CHECK_ERR(read_wide_list(0, INT64_C(1) << 31, &e), ERR_CORRUPT);
	CHECK_ERR(read_wide_list(0, -1, &e), ERR_CORRUPT);
	CHECK_ERR(read_wide_list(INT64_C(1) << 31, 1, &e), ERR_CORRUPT);
}

TEST(manifests_are_not_lists)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf) out = {0};
	struct ice_file     file = sample_file(&a, ICE_ADDED, 0), *files;
	struct ice_manifest entry, *read;
	struct err          e = ERR_NONE;
	size_t              count;

	write_manifest(ICE_HOUR, &file, 1, &out, &entry);
	CHECK_ERR(ice_list_read(buf_str(&out), &a, &read, &count, &e), ERR_CORRUPT);
	buf_clear(&out);
	CHECK_OK(ice_list_write(entries, 3, 42, 0, 9, &out, &e), &e);
	CHECK_ERR(ice_manifest_read(buf_str(&out), &entry, &a, &files, &count, &e), ERR_CORRUPT);
	CHECK_ERR(ice_manifest_read(STR("PAR1"), &entry, &a, &files, &count, &e), ERR_CORRUPT);
}

/* Objects unpacked and damaged under a good container: deflate's own checks would hide the
 * reader from most mutations. */
static void damage(str good, struct buf *out)
{
	buf_add(out, good);
	for (uint64_t i = 0, n = 1 + test_random() % 6; i < n; i++) {
		size_t at = test_random() % out->len;

		if (test_random() % 2)
			out->ptr[at] = (char)test_random();
		else
			out->ptr[at] = (char)(out->ptr[at] ^ (1 << (test_random() % 8)));
	}
	if (test_random() % 8 == 0)
		out->len = test_random() % out->len;
}

struct repack {
	struct avro_writer w;
	const char        *at;
};

static int repack_each(void *context, struct avro_cursor *c, const struct avro_type *t,
                       struct err *e)
{
	struct repack *r = context;
	const char    *start = c->at;

	(void)e;
	avro_skip(c, t);
	buf_bytes(avro_object(&r->w), start, (size_t)(c->at - start));
	return 0;
}

/* The same file with codec null. */
static void plain(str packed, struct buf *out)
{
	AUTO(arena) a = ARENA_INIT;
	struct repack    r = {0};
	struct avro_file f;
	struct err       e = ERR_NONE;
	str              schema = STR("");

	CHECK_OK(avro_open(packed, &a, &f, &e), &e);
	CHECK(avro_pair(&f, STR("avro.schema"), &schema));
	avro_begin(&r.w, (struct avro_pair[]){{STR("avro.schema"), schema}}, 1, AVRO_PLAIN, out);
	CHECK_OK(avro_each(&f, 1 << 20, repack_each, &r, &e), &e);
	CHECK_OK(avro_end(&r.w, &e), &e);
	avro_writer_done(&r.w);
}

static void manifest_once(str bytes, const struct ice_manifest *entry)
{
	AUTO(arena) a = ARENA_INIT;
	struct ice_file *files;
	struct err       e = ERR_NONE;
	size_t           count, leaves = 0;

	if (ice_manifest_read(bytes, entry, &a, &files, &count, &e) == 0)
		for (size_t i = 0; i < count; i++)
			for (uint32_t k = 0; k < files[i].stats.leaf_count; k++)
				leaves += files[i].stats.leaves[k].lower.len;
	CHECK(a.used < (64u << 20) + bytes.len * 64);
	CHECK(leaves < 64u << 20);
}

static void list_once(str bytes)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf) out = {0};
	struct ice_manifest *read;
	struct err           e = ERR_NONE;
	size_t               count;

	if (ice_list_read(bytes, &a, &read, &count, &e) == 0)
		CHECK_OK(ice_list_write(read, count, 1, 0, INT64_MAX, &out, &e), &e);
}

TEST(manifest_readers_survive_mutations)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf) manifest = {0};
	AUTO(buf) manifest_plain = {0};
	AUTO(buf) list = {0};
	AUTO(buf) list_plain = {0};
	struct ice_file     files[3];
	struct ice_manifest entry;
	struct err          e = ERR_NONE;

	for (int i = 0; i < 3; i++)
		files[i] = sample_file(&a, (enum ice_status)i, i);
	write_manifest(ICE_HOUR, files, 3, &manifest, &entry);
	CHECK_OK(ice_list_write(entries, 3, 42, 0, 9, &list, &e), &e);
	plain(buf_str(&manifest), &manifest_plain);
	plain(buf_str(&list), &list_plain);
	for (int round = 0; round < 4000; round++) {
		AUTO(buf) bad_manifest = {0};
		AUTO(buf) bad_list = {0};

		damage(buf_str(round % 8 ? &manifest_plain : &manifest), &bad_manifest);
		damage(buf_str(round % 8 ? &list_plain : &list), &bad_list);
		manifest_once(buf_str(&bad_manifest), &entry);
		list_once(buf_str(&bad_list));
	}
}

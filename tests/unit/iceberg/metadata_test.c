#include "iceberg/metadata.h"

#include "tests/lib/test.h"
#include "tests/unit/iceberg/tables.h"

/* Written and read again: everything below goes through the text at least once. */
static void through_text(struct ice_metadata *m)
{
	AUTO(buf) text = {0};
	struct err e = ERR_NONE;

	ice_metadata_write(m, &text);
	ice_metadata_done(m);
	CHECK_OK(ice_metadata_parse(buf_str(&text), m, &e), &e);
}

static str property(const struct ice_metadata *m, str name)
{
	str value = STR("(absent)");

	(void)ice_property(m, name, &value);
	return value;
}

static str summary(const struct ice_metadata *m, int64_t snapshot_id, str key)
{
	str value = STR("(absent)");

	(void)ice_summary(m, snapshot_id, key, &value);
	return value;
}

TEST(metadata_new_says_what_it_was_given)
{
	AUTO(ice_metadata) m = {0};
	AUTO(schema) s = {0};
	AUTO(schema) read = {0};
	struct ice_spec     spec;
	struct ice_snapshot snapshot;
	struct err          e = ERR_NONE;

	sample_metadata(ICE_HOUR, &m);
	sample_schema(&s);
	through_text(&m);
	CHECK_STR(ice_uuid_text(&m), STR("f79c3e09-677c-4bbd-a479-3f349cb785e7"));
	CHECK_STR(ice_location(&m), STR("/lake/events/click"));
	CHECK_INT(ice_last_sequence_number(&m), 0);
	CHECK_INT(ice_last_updated_ms(&m), 1700000000000);
	CHECK_INT(ice_sort_order_id(&m), 1);
	CHECK_STR(property(&m, STR("write.format.default")), STR("parquet"));
	CHECK_OK(ice_spec(&m, &spec, &e), &e);
	CHECK_INT(spec.transform, ICE_HOUR);
	CHECK_INT(spec.source_id, 2);
	CHECK_INT(spec.field_id, 1000);
	CHECK_STR(spec.name, STR("event_time_hour"));
	CHECK_OK(ice_read_schema(&m, -1, &read, &e), &e);
	CHECK(schema_equal(&s, &read));
	CHECK(!ice_current_snapshot(&m, &snapshot));
	CHECK_INT(ice_snapshot_count(&m), 0);
}

TEST(metadata_unpartitioned_has_an_empty_spec)
{
	AUTO(ice_metadata) m = {0};
	AUTO(buf) text = {0};
	struct ice_spec spec;
	struct err      e = ERR_NONE;

	sample_metadata(ICE_NONE, &m);
	CHECK_OK(ice_spec(&m, &spec, &e), &e);
	CHECK_INT(spec.transform, ICE_NONE);
	ice_metadata_write(&m, &text);
	buf_byte(&text, '\0');
	CHECK(strstr(text.ptr, "\"last-partition-id\":999,") != NULL);
}

static void add(struct ice_metadata *m, int64_t id, int64_t now_ms, int64_t rows)
{
	ice_add_snapshot(m, &(struct ice_commit){
				    .snapshot_id = id,
				    .now_ms = now_ms,
				    .manifest_list = STR("/lake/events/click/metadata/snap-1.avro"),
				    .added_files = 2,
				    .added_rows = rows,
				    .added_bytes = 1000,
				    .changed_partitions = 1,
				.summary = (const struct ice_pair[]){{STR("tarn.applied.0"),
				        STR("17")}},
				    .summary_count = 1,
			    });
}

TEST(metadata_snapshots_follow_each_other)
{
	AUTO(ice_metadata) m = {0};
	struct ice_snapshot first, second;
	const int64_t       large = INT64_MAX - 5; /* does not fit a double */

	sample_metadata(ICE_HOUR, &m);
	add(&m, large, 1700000001000, 10);
	through_text(&m);
	add(&m, 456, 1600000000000, 5); /* the clock went back */
	through_text(&m);
	CHECK_INT(ice_snapshot_count(&m), 2);
	CHECK(ice_current_snapshot(&m, &second));
	CHECK_INT(second.id, 456);
	CHECK_INT(second.parent_id, large);
	CHECK_INT(second.sequence_number, 2);
	CHECK_INT(second.timestamp_ms, 1700000001000);
	CHECK_INT(second.schema_id, 0);
	CHECK_STR(second.operation, STR("append"));
	CHECK_STR(second.manifest_list, STR("/lake/events/click/metadata/snap-1.avro"));
	ice_snapshot_at(&m, 0, &first);
	CHECK_INT(first.id, large);
	CHECK_INT(first.parent_id, 0);
	CHECK_INT(ice_last_sequence_number(&m), 2);
	CHECK_INT(ice_last_updated_ms(&m), 1700000001000);
	CHECK_STR(summary(&m, 456, STR("total-records")), STR("15"));
	CHECK_STR(summary(&m, 456, STR("added-records")), STR("5"));
	CHECK_STR(summary(&m, 456, STR("total-data-files")), STR("4"));
	CHECK_STR(summary(&m, 456, STR("total-files-size")), STR("2000"));
	CHECK_STR(summary(&m, 456, STR("tarn.applied.0")), STR("17"));
	CHECK_STR(summary(&m, large, STR("total-records")), STR("10"));
	CHECK_STR(summary(&m, 457, STR("total-records")), STR("(absent)"));
}

TEST(metadata_schema_changes_get_numbers)
{
	AUTO(ice_metadata) m = {0};
	AUTO(schema) s = {0};
	AUTO(schema) read = {0};
	AUTO(schema) old = {0};
	struct err e = ERR_NONE;

	sample_metadata(ICE_HOUR, &m);
	sample_schema(&s);
	CHECK_INT(ice_set_schema(&m, &s), 0); /* no change */
	schema_add(&s, s.root, STR("later"), TYPE_LONG, false, STR("/later"), 0);
	CHECK_INT(ice_set_schema(&m, &s), 1);
	CHECK_INT(ice_set_schema(&m, &s), 1);
	through_text(&m);
	CHECK_INT(ice_current_schema_id(&m), 1);
	CHECK_OK(ice_read_schema(&m, -1, &read, &e), &e);
	CHECK(schema_equal(&s, &read));
	CHECK_OK(ice_read_schema(&m, 0, &old, &e), &e);
	CHECK(schema_find(&old, STR("later")) == NULL);
	CHECK_INT(old.last_id, 10); /* an old schema does not give out an id again */
	CHECK_INT(ice_set_schema(&m, &old), 0); /* back to it */
	CHECK_INT(ice_current_schema_id(&m), 0);
	schema_done(&old);
	CHECK_ERR(ice_read_schema(&m, 5, &old, &e), ERR_MISSING);
}

static const char foreign[] =
	"{\"format-version\":2,\"table-uuid\":\"u\",\"location\":\"s3://b/t/\",\"last-sequence-number\":7,"
	"\"last-updated-ms\":1700000000000,\"last-column-id\":9,\"who knows\":{\"a\":[1,2.5,null,\"\\u0000\"]},"
	"\"schemas\":[{\"type\":\"struct\",\"schema-id\":4,\"identifier-field-ids\":[1],\"fields\":["
	"{\"id\":1,\"name\":\"id\",\"required\":true,\"type\":\"long\",\"strange\":1}]}],\"current-schema-id\":4,"
	"\"partition-specs\":[{\"spec-id\":1,\"fields\":[{\"source-id\":1,\"field-id\":1000,\"name\":\"b\","
	"\"transform\":\"bucket[4]\"}]}],\"default-spec-id\":1,\"last-partition-id\":1000,"
	"\"sort-orders\":[{\"order-id\":0,\"fields\":[]}],\"default-sort-order-id\":0,"
	"\"properties\":null,\"current-snapshot-id\":9007199254740993,"
	"\"refs\":{\"main\":{\"snapshot-id\":9007199254740993,\"type\":\"branch\",\"min-snapshots-to-keep\":3},"
	"\"audit\":{\"snapshot-id\":9007199254740993,\"type\":\"tag\"}},"
	"\"snapshots\":[{\"snapshot-id\":9007199254740993,\"sequence-number\":7,\"timestamp-ms\":1700000000000,"
	"\"manifest-list\":\"s3://b/t/m.avro\",\"summary\":{\"operation\":\"overwrite\",\"total-records\":\"3\"},"
	"\"added-by\":\"someone\"}],\"statistics\":[{\"snapshot-id\":9007199254740993}]}";

TEST(metadata_of_others_keeps_what_we_do_not_know)
{
	AUTO(ice_metadata) m = {0};
	AUTO(schema) s = {0};
	AUTO(buf) text = {0};
	struct ice_spec spec;
	struct err      e = ERR_NONE;

	CHECK_OK(ice_metadata_parse(str_of(foreign), &m, &e), &e);
	CHECK_STR(ice_location(&m), STR("s3://b/t"));
	CHECK_OK(ice_spec(&m, &spec, &e), &e);
	CHECK_INT(spec.transform, ICE_OTHER);
	CHECK_OK(ice_read_schema(&m, -1, &s, &e), &e);
	CHECK_INT(s.last_id, 9);
	schema_add(&s, s.root, STR("new"), TYPE_STRING, false, STR(""), 0);
	CHECK_INT(ice_set_schema(&m, &s), 5);
	ice_set_property(&m, STR("k"), STR("v"));
	add(&m, 456, 0, 4);
	ice_log_previous(&m, STR("s3://b/t/metadata/v1.metadata.json"), 1700000000000);
	through_text(&m);
	CHECK_STR(property(&m, STR("k")), STR("v"));
	CHECK_INT(schema_by_id(&s, 10) != NULL, 1);
	CHECK_STR(summary(&m, 456, STR("total-records")), STR("7"));
	CHECK_STR(summary(&m, 456, STR("total-data-files")), STR("(absent)")); /* the parent does not know */
	ice_metadata_write(&m, &text);
	buf_byte(&text, '\0');
	CHECK(strstr(text.ptr, "\"who knows\":{\"a\":[1,2.5,null,\"\\u0000\"]}") != NULL);
	CHECK(strstr(text.ptr, "\"snapshot-id\":456,\"type\":\"branch\",\"min-snapshots-to-keep\":3") != NULL);
	CHECK(strstr(text.ptr,
	             "\"audit\":{\"snapshot-id\":9007199254740993,\"type\":\"tag\"}") != NULL);
	CHECK(strstr(text.ptr, "\"statistics\":[{\"snapshot-id\":9007199254740993}]") != NULL);
	CHECK(strstr(text.ptr, "\"added-by\":\"someone\"") != NULL);
	CHECK(strstr(text.ptr, "\"strange\":1") != NULL);
	CHECK(strstr(text.ptr, "\"schema-id\":5,\"fields\":[{\"id\":1,") != NULL);
	CHECK(strstr(text.ptr, "\"identifier-field-ids\":[1]}],\"current-schema-id\":5") != NULL);
}

TEST(metadata_log_keeps_the_newest_hundred)
{
	AUTO(ice_metadata) m = {0};
	AUTO(buf) text = {0};

	sample_metadata(ICE_HOUR, &m);
	for (int i = 1; i <= 105; i++) {
		AUTO(buf) name = {0};

		buf_print(&name, "/t/v%d.metadata.json", i);
		ice_log_previous(&m, buf_str(&name), i == 105 ? 5 : 1000 + i);
	}
	ice_metadata_write(&m, &text);
	buf_byte(&text, '\0');
	CHECK(strstr(text.ptr, "v5.metadata.json") == NULL);
	CHECK(strstr(text.ptr, "\"metadata-log\":[{\"timestamp-ms\":1006,\"metadata-file\":\"/t/v6.metadata.json\"}") !=
	      NULL);
	CHECK(strstr(text.ptr, "{\"timestamp-ms\":1104,\"metadata-file\":\"/t/v105.metadata.json\"}]") != NULL);
}

TEST(metadata_takes_any_bytes_as_a_value)
{
	AUTO(ice_metadata) m = {0};

	sample_metadata(ICE_HOUR, &m);
	ice_set_property(&m, STR("nul"), STR("a\0b"));
	ice_set_property(&m, STR("bad"), STR("a\xFF" "b"));
	ice_set_property(&m, STR("empty"), (str){0});
	through_text(&m);
	CHECK_STR(property(&m, STR("nul")), STR("a\0b"));
	CHECK_STR(property(&m, STR("bad")), STR("a?b"));
	CHECK_STR(property(&m, STR("empty")), STR(""));
}

/* The sample with one piece of its text replaced. */
static int parse_with(const char *piece, const char *by)
{
	AUTO(ice_metadata) m = {0};
	AUTO(buf) text = {0};
	const char *at = strstr(foreign, piece);
	struct err  e = ERR_NONE;

	CHECK(at != NULL);
	buf_bytes(&text, foreign, (size_t)(at - foreign));
	buf_add(&text, str_of(by));
	buf_add(&text, str_of(at + strlen(piece)));
	return ice_metadata_parse(buf_str(&text), &m, &e);
}

TEST(metadata_that_is_none_is_refused)
{
	AUTO(ice_metadata) m = {0};
	struct err e = ERR_NONE;

	CHECK_ERR(ice_metadata_parse(STR(""), &m, &e), ERR_CORRUPT);
	CHECK_ERR(ice_metadata_parse(STR("[2]"), &m, &e), ERR_CORRUPT);
	CHECK_ERR(parse_with("\"format-version\":2", "\"format-version\":3"), ERR_UNSUPPORTED);
	CHECK_ERR(parse_with("\"format-version\":2", "\"format-version\":1"), ERR_UNSUPPORTED);
	CHECK_ERR(parse_with("\"location\":\"s3://b/t/\"", "\"location\":7"), ERR_CORRUPT);
	CHECK_ERR(parse_with("\"current-schema-id\":4", "\"current-schema-id\":3"), ERR_CORRUPT);
	CHECK_ERR(parse_with("\"current-snapshot-id\":9", "\"current-snapshot-id\":8"),
	          ERR_CORRUPT);
	CHECK_ERR(parse_with("\"manifest-list\"", "\"manifests\""), ERR_CORRUPT);
	CHECK_ERR(parse_with("\"last-column-id\":9", "\"last-column-id\":-9"), ERR_CORRUPT);
	CHECK_INT(parse_with("\"current-snapshot-id\":9007199254740993",
	                     "\"current-snapshot-id\":-1"), 0);
	CHECK_INT(parse_with("\"current-snapshot-id\":9007199254740993",
	                     "\"current-snapshot-id\":null"), 0);
	CHECK(m.doc == NULL);
}

static void use_all(struct ice_metadata *m)
{
	AUTO(schema) s = {0};
	AUTO(buf) out = {0};
	struct ice_snapshot snapshot;
	struct ice_spec     spec;
	struct err          e = ERR_NONE;
	str                 value;

	(void)ice_uuid_text(m), (void)ice_location(m), (void)ice_sort_order_id(m);
	(void)ice_property(m, STR("k"), &value);
	if (ice_spec(m, &spec, &e) == 0)
		CHECK(spec.transform <= ICE_OTHER);
	if (ice_read_schema(m, -1, &s, &e) == 0)
		(void)ice_set_schema(m, &s);
	(void)ice_current_snapshot(m, &snapshot);
	for (size_t i = 0; i < ice_snapshot_count(m); i++) {
		ice_snapshot_at(m, i, &snapshot);
		(void)ice_summary(m, snapshot.id, STR("total-records"), &value);
	}
	add(m, 456, 1, 1);
	ice_log_previous(m, STR("x"), 1);
	ice_set_property(m, STR("a"), STR("b"));
	ice_metadata_write(m, &out);
}

TEST(metadata_survives_mutations)
{
	int good = 0;

	for (int round = 0; round < 20000; round++) {
		AUTO(ice_metadata) m = {0};
		AUTO(buf) copy = {0};
		struct err e = ERR_NONE;

		buf_add(&copy, str_of(foreign));
		for (uint64_t i = 0, n = 1 + test_random() % 3; i < n; i++)
			copy.ptr[test_random() % copy.len] = test_random() % 2
			        ? "0123456789\"{}[],:x-"[test_random() % 19]
			                                                      : foreign[test_random() % copy.len];
		if (ice_metadata_parse(buf_str(&copy), &m, &e) == 0) {
			use_all(&m);
			good++;
		}
	}
	CHECK(good > 0);
}

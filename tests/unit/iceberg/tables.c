#include "tests/unit/iceberg/tables.h"

#include "tests/lib/test.h"

void sample_schema(struct schema *s)
{
	struct field *payload, *commits, *commit;

	schema_init(s);
	schema_add(s, s->root, STR("event_id"), TYPE_STRING, true, STR(""), 0);
	schema_add(s, s->root, STR("event_time"), TYPE_TIMESTAMPTZ, true, STR("/meta/created_at"),
	           0);
	schema_add(s, s->root, STR("amount"), TYPE_DOUBLE, false, STR("/amount \"\xE2\x82\xAC\""),
	           0);
	payload = schema_add(s, s->root, STR("payload"), TYPE_STRUCT, false, STR("/payload"), 0);
	schema_add(s, payload, STR("flag"), TYPE_BOOL, false, STR("/payload/flag"), 0);
	commits = schema_add(s, payload, STR("commits"), TYPE_LIST, false, STR("/payload/commits"),
	                     0);
	commit = schema_add(s, commits, STR("element"), TYPE_STRUCT, true, STR(""), 0);
	schema_add(s, commit, STR("sha"), TYPE_STRING, false, STR("/payload/commits/*/sha"), 0);
	schema_add(s, s->root, STR("day"), TYPE_DATE, false, STR(""), 0);
}

void sample_metadata(enum ice_transform transform, struct ice_metadata *out)
{
	AUTO(schema) s = {0};

	sample_schema(&s);
	ice_metadata_new(
		&(struct ice_table_new){
			.uuid = (const uint8_t[16]){0xF7, 0x9C, 0x3E, 9, 0x67, 0x7C, 0x4B, 0xBD, 0xA4, 0x79,
						    0x3F, 0x34, 0x9C, 0xB7, 0x85, 0xE7},
			.location = STR("/lake/events/click"),
			.schema = &s,
			.transform = transform,
			.partition_by = transform == ICE_NONE ? 0 : 2,
			.sorted_by = 2,
			.properties = (const struct ice_pair[]){{STR("write.format.default"),
			        STR("parquet")}},
			.property_count = 1,
			.now_ms = 1700000000000,
		},
		out);
}

struct ice_spec sample_spec(enum ice_transform transform)
{
	static const str names[] = {STR(""), STR("event_time_hour"), STR("event_time_day"),
	        STR("event_time_month")};

	return (struct ice_spec){.transform = transform,
	                         .source_id = transform ? 2 : 0,
	                         .field_id = transform ? 1000 : 0,
	                         .name = names[transform]};
}

struct ice_file sample_file(struct arena *a, enum ice_status status, int index)
{
	struct ice_file f = {
		.status = status,
		.path = arena_format(a, "/lake/events/click/data/event_time_hour=x/%05d.parquet",
		                     index),
		.has_partition = index % 5 != 4,
		.partition = index % 5 != 4 ? 400000 + index : 0,
		.sort_order_id = 1,
		.stats = {.rows = 100 + index, .bytes = 4000 + index, .leaf_count = 3,
		        .split_count = 2},
	};

	if (status != ICE_ADDED) {
		f.snapshot_id = 11 + index;
		f.sequence_number = 3;
		f.file_sequence_number = 4;
	}
	f.stats.leaves = ARENA_ARRAY(a, struct leaf_stats, 3);
	f.stats.leaves[0] = (struct leaf_stats){.field_id = 1, .bytes = 700, .values = f.stats.rows, .nulls = 0,
	                                        .nans = -1, .lower = STR(""), .upper = STR("zz")};
	f.stats.leaves[1] = (struct leaf_stats){.field_id = 3, .bytes = 800, .values = f.stats.rows, .nulls = 9,
	                                        .nans = 2, .lower = STR("\0\0\0\0\0\0\0\x80"),
	                                        .upper = STR("\0\0\0\0\0\0\xF0\x3F")};
	f.stats.leaves[2] = (struct leaf_stats){.field_id = 8, .bytes = 900, .values = 1000,
	        .nulls = 1, .nans = -1};
	f.stats.splits = ARENA_ARRAY(a, int64_t, 2);
	f.stats.splits[0] = 4;
	f.stats.splits[1] = 2000;
	return f;
}

/* Iceberg table metadata and schemas: everything that can be asked is asked, the table gets one more snapshot, and
 * what is written is read again. */
#include "iceberg/metadata.h"
#include "tests/fuzz/fuzz.h"

static void check_schema(const struct schema *s)
{
	AUTO(schema) again = {0};
	AUTO(buf)    text = BUF(0);
	struct err   e = ERR_NONE;

	ice_schema_write(s, 3, &text);
	CHECK_OK(ice_schema_parse(buf_str(&text), &again, &e), &e);
	CHECK(schema_equal(s, &again));
}

static int64_t ask_snapshots(const struct ice_metadata *m)
{
	struct ice_snapshot s;
	int64_t             largest = 0;
	str                 value;

	(void)ice_current_snapshot(m, &s);
	for (size_t i = 0; i < ice_snapshot_count(m); i++) {
		ice_snapshot_at(m, i, &s);
		(void)ice_summary(m, s.id, STR("total-records"), &value);
		largest = s.id > largest ? s.id : largest;
	}
	return largest;
}

static void check_append(struct ice_metadata *m, int64_t snapshot_id)
{
	AUTO(ice_metadata)  again = {0};
	AUTO(buf)           text = BUF(0);
	struct ice_snapshot s;
	struct err          e = ERR_NONE;
	size_t              before = ice_snapshot_count(m);

	ice_add_snapshot(m, &(struct ice_commit){
		.snapshot_id = snapshot_id, .now_ms = 1, .manifest_list = STR("/l.avro"),
		.added_files = 1, .added_rows = 2, .added_bytes = 3, .changed_partitions = 1,
	});
	ice_log_previous(m, STR("/v1.metadata.json"), 1);
	ice_set_property(m, STR("k"), STR("v"));
	ice_metadata_write(m, &text);
	CHECK_OK(ice_metadata_parse(buf_str(&text), &again, &e), &e);
	CHECK_INT(ice_snapshot_count(&again), before + 1);
	CHECK(ice_current_snapshot(&again, &s));
	CHECK_INT(s.id, snapshot_id);
}

static void check_metadata(str text)
{
	AUTO(ice_metadata) m = {0};
	AUTO(schema)       schema = {0};
	struct ice_spec    spec;
	struct err         e = ERR_NONE;
	int64_t            largest;
	str                value;

	if (ice_metadata_parse(text, &m, &e) < 0) {
		CHECK(e.text[0] != '\0');
		return;
	}
	(void)ice_uuid_text(&m);
	(void)ice_location(&m);
	(void)ice_last_updated_ms(&m);
	(void)ice_sort_order_id(&m);
	(void)ice_property(&m, STR("tarn.applied.0"), &value);
	if (ice_spec(&m, &spec, &e) == 0)
		CHECK(spec.transform <= ICE_OTHER);
	if (ice_read_schema(&m, -1, &schema, &e) == 0) {
		check_schema(&schema);
		(void)ice_set_schema(&m, &schema);
	}
	largest = ask_snapshots(&m);
	if (largest < INT64_MAX)
		check_append(&m, largest + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char        *copy = fuzz_copy(str_make(data, size), 0);
	AUTO(schema) schema = {0};
	struct err   e = ERR_NONE;

	check_metadata(str_make(copy, size));
	if (ice_schema_parse(str_make(copy, size), &schema, &e) == 0)
		check_schema(&schema);
	free(copy);
	return 0;
}

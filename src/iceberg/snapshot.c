/* Snapshots: reading them, and adding the next one (reference B.5).
 *
 * Held by ice_add_snapshot: the new sequence number is the last one plus one; no timestamp is
 * before one already there; current-snapshot-id and refs.main agree. */
#include "iceberg/metadata_int.h"

#include <assert.h>
#include <stdio.h>

enum { METADATA_LOG_LIMIT = 100 };

static json_t *current_json(const struct ice_metadata *m)
{
	return ice_json_find(json_object_get(m->doc, "snapshots"), "snapshot-id",
	                     ice_json_int(m->doc, "current-snapshot-id", -1));
}

static void snapshot_of_json(const json_t *json, struct ice_snapshot *out)
{
	int64_t parent = ice_json_int(json, "parent-snapshot-id", 0);
	str     operation = ice_json_str_at(json_object_get(json, "summary"), "operation");

	*out = (struct ice_snapshot){
		.id = ice_json_int(json, "snapshot-id", 0),
		.parent_id = parent > 0 ? parent : 0,
		.sequence_number = ice_json_int(json, "sequence-number", 0),
		.timestamp_ms = ice_json_int(json, "timestamp-ms", 0),
		.schema_id = ice_json_int(json, "schema-id", 0),
		.manifest_list = ice_json_str_at(json, "manifest-list"),
		.operation = operation.ptr ? operation : STR(""),
	};
}

bool ice_current_snapshot(const struct ice_metadata *m, struct ice_snapshot *out)
{
	const json_t *json = current_json(m);

	if (json == NULL)
		return false;
	snapshot_of_json(json, out);
	return true;
}

size_t ice_snapshot_count(const struct ice_metadata *m)
{
	return json_array_size(json_object_get(m->doc, "snapshots"));
}

void ice_snapshot_at(const struct ice_metadata *m, size_t index, struct ice_snapshot *out)
{
	assert(index < ice_snapshot_count(m));
	snapshot_of_json(json_array_get(json_object_get(m->doc, "snapshots"), index), out);
}

bool ice_summary(const struct ice_metadata *m, int64_t snapshot_id, str key, str *out)
{
	const json_t *snapshots = json_object_get(m->doc, "snapshots");
	const json_t *snapshot = ice_json_find(snapshots, "snapshot-id", snapshot_id);
	const json_t *summary = json_object_get(snapshot, "summary");
	str           value = ice_json_str(json_object_getn(summary, key.ptr, key.len));

	if (value.ptr == NULL)
		return false;
	*out = value;
	return true;
}

static void summary_number(json_t *summary, const char *key, int64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	ice_json_set(summary, key, json_string(text));
}

/* A total is the parent's and what came or went. One that the parent does not give is unknown for
 * ever, and left out. */
static void summary_total(json_t *summary, const json_t *parent, const char *key, int64_t added)
{
	str     text = ice_json_str_at(json_object_get(parent, "summary"), key);
	int64_t before = 0;

	bool    is_known = parent == NULL || str_to_i64(text, &before);

	if (is_known && !__builtin_add_overflow(before, added, &added) && added >= 0)
		summary_number(summary, key, added);
}

static void summary_removed(json_t *summary, const struct ice_commit *a)
{
	if (a->removed_files == 0)
		return;
	summary_number(summary, "deleted-data-files", a->removed_files);
	summary_number(summary, "deleted-records", a->removed_rows);
	summary_number(summary, "removed-files-size", a->removed_bytes);
}

static json_t *summary_json(const struct ice_commit *a, const json_t *parent)
{
	json_t *summary = json_object();

	ice_json_set(summary, "operation", ice_json_text(a->operation.len > 0 ? a->operation : STR("append")));
	summary_number(summary, "added-data-files", a->added_files);
	summary_number(summary, "added-records", a->added_rows);
	summary_number(summary, "added-files-size", a->added_bytes);
	summary_removed(summary, a);
	summary_number(summary, "changed-partition-count", a->changed_partitions);
	summary_total(summary, parent, "total-data-files", a->added_files - a->removed_files);
	summary_total(summary, parent, "total-records", a->added_rows - a->removed_rows);
	summary_total(summary, parent, "total-files-size", a->added_bytes - a->removed_bytes);
	summary_total(summary, parent, "total-delete-files", 0);
	summary_total(summary, parent, "total-position-deletes", 0);
	summary_total(summary, parent, "total-equality-deletes", 0);
	for (size_t i = 0; i < a->summary_count; i++) {
		str key = a->summary[i].key;
		int status = json_object_setn_new(summary, key.ptr, key.len,
		                                  ice_json_text(a->summary[i].value));

		assert(status == 0);
	}
	return summary;
}

static int64_t last_ms(const json_t *log)
{
	const json_t *last = json_array_get(log, json_array_size(log) - 1);

	return ice_json_int(last, "timestamp-ms", INT64_MIN);
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void ice_add_snapshot(struct ice_metadata *m, const struct ice_commit *a)
{
	json_t *snapshots = ice_json_array(m->doc, "snapshots");
	json_t *log = ice_json_array(m->doc, "snapshot-log");
	json_t *parent = current_json(m);
	json_t *main_ref = ice_json_object(ice_json_object(m->doc, "refs"), "main");
	int64_t now = larger(larger(a->now_ms, ice_last_updated_ms(m)), last_ms(log));
	int64_t sequence = ice_last_sequence_number(m) + 1;
	json_t *snapshot;

	assert(a->snapshot_id > 0);
	assert(ice_json_find(snapshots, "snapshot-id", a->snapshot_id) == NULL);
	snapshot = json_pack("{s:I, s:I, s:I, s:o, s:o, s:I}",
	                     "snapshot-id", (json_int_t)a->snapshot_id,
	                     "sequence-number", (json_int_t)sequence,
	                     "timestamp-ms", (json_int_t)now,
	                     "manifest-list", ice_json_text(a->manifest_list),
	                     "summary", summary_json(a, parent),
	                     "schema-id", (json_int_t)ice_current_schema_id(m));
	assert(snapshot != NULL);
	if (parent != NULL)
		ice_json_set(snapshot, "parent-snapshot-id",
		             json_copy(json_object_get(parent, "snapshot-id")));
	(void)json_array_append_new(snapshots, snapshot);
	(void)json_array_append_new(log, json_pack("{s:I, s:I}",
	                                           "timestamp-ms", (json_int_t)now,
	                                           "snapshot-id", (json_int_t)a->snapshot_id));
	ice_json_set(main_ref, "snapshot-id", json_integer(a->snapshot_id));
	ice_json_set(main_ref, "type", json_string("branch"));
	ice_json_set(m->doc, "current-snapshot-id", json_integer(a->snapshot_id));
	ice_json_set(m->doc, "last-sequence-number", json_integer(sequence));
	ice_json_set(m->doc, "last-updated-ms", json_integer(now));
}

void ice_log_previous(struct ice_metadata *m, str previous_file, int64_t previous_ms)
{
	json_t *log = ice_json_array(m->doc, "metadata-log");

	previous_ms = larger(previous_ms, last_ms(log));
	(void)json_array_append_new(log, json_pack("{s:I, s:o}",
	                                           "timestamp-ms", (json_int_t)previous_ms,
	                                           "metadata-file", ice_json_text(previous_file)));
	ice_log_cut(m, METADATA_LOG_LIMIT);
}

void ice_log_cut(struct ice_metadata *m, size_t keep)
{
	json_t *log = ice_json_array(m->doc, "metadata-log");

	while (json_array_size(log) > keep)
		(void)json_array_remove(log, 0);
}

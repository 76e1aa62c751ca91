/* The metadata of a table that was not there before. */
#include "iceberg/metadata_int.h"

#include <assert.h>

#include "codec/sha256.h"
#include "iceberg/manifest.h"

enum { FIRST_PARTITION_FIELD = 1000, SORTED = 1 };

json_t *ice_spec_fields_json(const struct ice_spec *spec)
{
	json_t *fields = json_array();

	json_t *field;

	if (spec->transform == ICE_NONE)
		return fields;
	field = json_pack("{s:i, s:i, s:o, s:s}",
	                  "source-id", spec->source_id,
	                  "field-id", spec->field_id,
	                  "name", ice_json_text(spec->name),
	                  "transform", ice_transform_word(spec->transform));
	(void)json_array_append_new(fields, field);
	return fields;
}

/* Spec 0: nothing, or `event_time_hour` and the like. */
static json_t *specs_json(const struct ice_table_new *t)
{
	AUTO(buf) name = {0};
	struct ice_spec     spec = {.transform = t->transform, .source_id = t->partition_by};
	const struct field *source = schema_by_id(t->schema, t->partition_by);

	if (t->transform != ICE_NONE) {
		assert(source != NULL);
		buf_add(&name, source->name);
		buf_print(&name, "_%s", ice_transform_word(t->transform));
		spec.field_id = FIRST_PARTITION_FIELD;
		spec.name = buf_str(&name);
	}
	return json_pack("[{s:i, s:o}]", "spec-id", 0, "fields", ice_spec_fields_json(&spec));
}

static json_t *sort_orders_json(const struct ice_table_new *t)
{
	json_t *orders = json_pack("[{s:i, s:[]}]", "order-id", 0, "fields");

	json_t *order;

	if (t->sorted_by == 0)
		return orders;
	order = json_pack("{s:i, s:[{s:s, s:i, s:s, s:s}]}",
	                  "order-id", SORTED, "fields",
	                  "transform", "identity",
	                  "source-id", t->sorted_by,
	                  "direction", "asc",
	                  "null-order", "nulls-first");
	(void)json_array_append_new(orders, order);
	return orders;
}

void ice_metadata_new(const struct ice_table_new *t, struct ice_metadata *out)
{
	struct ice_metadata m;
	char                uuid[37];

	assert(t->transform <= ICE_MONTH);
	assert(!str_ends(t->location, STR("/")));
	uuid_format(t->uuid, uuid);
	m.doc = json_pack("{s:i, s:s, s:o, s:i, s:I, s:i}",
	                  "format-version", 2,
	                  "table-uuid", uuid,
	                  "location", ice_json_text(t->location),
	                  "last-sequence-number", 0,
	                  "last-updated-ms", (json_int_t)t->now_ms,
	                  "last-column-id", t->schema->last_id);
	assert(m.doc != NULL);
	ice_json_set(m.doc, "schemas", json_pack("[o]", ice_schema_json(t->schema, 0)));
	ice_json_set(m.doc, "current-schema-id", json_integer(0));
	ice_json_set(m.doc, "partition-specs", specs_json(t));
	ice_json_set(m.doc, "default-spec-id", json_integer(0));
	ice_json_set(m.doc, "last-partition-id",
	             json_integer(FIRST_PARTITION_FIELD - (t->transform == ICE_NONE)));
	ice_json_set(m.doc, "sort-orders", sort_orders_json(t));
	ice_json_set(m.doc, "default-sort-order-id", json_integer(t->sorted_by ? SORTED : 0));
	ice_json_set(m.doc, "properties", json_object());
	ice_json_set(m.doc, "current-snapshot-id", json_integer(-1)); /* Java's "none" */
	ice_json_set(m.doc, "refs", json_object());
	ice_json_set(m.doc, "snapshots", json_array());
	ice_json_set(m.doc, "snapshot-log", json_array());
	ice_json_set(m.doc, "metadata-log", json_array());
	for (size_t i = 0; i < t->property_count; i++)
		ice_set_property(&m, t->properties[i].key, t->properties[i].value);
	*out = m;
}

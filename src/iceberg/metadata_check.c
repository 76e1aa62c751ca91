/* What must hold of a metadata document before anyone relies on it. Members that we do not know
 * are nobody's business here. */
#include "iceberg/metadata_int.h"

struct rule {
	const char *key;
	json_type   type;
	bool        is_required; /* else absent and null are fine */
	int64_t     lowest, highest; /* of integers */
};

static const struct rule document_rules[] = {
	{"table-uuid", JSON_STRING, true, 0, 0},
	{"location", JSON_STRING, true, 0, 0},
	{"last-sequence-number", JSON_INTEGER, true, 0, INT64_MAX - 1},
	{"last-updated-ms", JSON_INTEGER, true, INT64_MIN, INT64_MAX},
	{"last-column-id", JSON_INTEGER, true, 0, INT32_MAX},
	{"schemas", JSON_ARRAY, true, 0, 0},
	{"current-schema-id", JSON_INTEGER, true, 0, INT32_MAX},
	{"partition-specs", JSON_ARRAY, true, 0, 0},
	{"default-spec-id", JSON_INTEGER, true, 0, INT32_MAX},
	{"sort-orders", JSON_ARRAY, true, 0, 0},
	{"default-sort-order-id", JSON_INTEGER, true, 0, INT32_MAX},
	{"properties", JSON_OBJECT, false, 0, 0},
	{"snapshots", JSON_ARRAY, false, 0, 0},
	{"snapshot-log", JSON_ARRAY, false, 0, 0},
	{"metadata-log", JSON_ARRAY, false, 0, 0},
	{"refs", JSON_OBJECT, false, 0, 0},
	{"current-snapshot-id", JSON_INTEGER, false, -1, INT64_MAX},
};

static const struct rule snapshot_rules[] = {
	{"snapshot-id", JSON_INTEGER, true, 0, INT64_MAX},
	{"parent-snapshot-id", JSON_INTEGER, false, -1, INT64_MAX},
	{"sequence-number", JSON_INTEGER, false, 0, INT64_MAX},
	{"timestamp-ms", JSON_INTEGER, true, INT64_MIN, INT64_MAX},
	{"manifest-list", JSON_STRING, true, 0, 0},
	{"schema-id", JSON_INTEGER, false, 0, INT32_MAX},
	{"summary", JSON_OBJECT, false, 0, 0},
};

static const struct rule schema_rules[] = {
	{"schema-id", JSON_INTEGER, true, 0, INT32_MAX - 1},
	{"fields", JSON_ARRAY, true, 0, 0},
};

#define RULES(table) (table), sizeof(table) / sizeof((table)[0])

static int check_object(const json_t *object, const char *what, const struct rule *rules,
                        size_t count, struct err *e)
{
	if (!json_is_object(object))
		return err_set(e, ERR_CORRUPT, "table metadata: %s is no object", what);
	for (size_t i = 0; i < count; i++) {
		const json_t *value = json_object_get(object, rules[i].key);
		int64_t       number;

		if (!rules[i].is_required && (value == NULL || json_is_null(value)))
			continue;
		if (value == NULL)
			return err_set(e, ERR_CORRUPT, "table metadata: %s has no %s", what,
			               rules[i].key);
		if (json_typeof(value) != rules[i].type)
			return err_set(e, ERR_CORRUPT,
			               "table metadata: %s of %s has the wrong type", rules[i].key,
			               what);
		number = json_integer_value(value);
		if (rules[i].type == JSON_INTEGER &&
		    (number < rules[i].lowest || number > rules[i].highest))
			return err_set(e, ERR_CORRUPT, "table metadata: %s of %s is out of range",
			               rules[i].key, what);
	}
	return 0;
}

static int check_each(const json_t *array, const char *what, const struct rule *rules, size_t count,
                      struct err *e)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		TRY(check_object(json_array_get(array, i), what, rules, count, e));
	return 0;
}

int ice_document_check(const json_t *doc, struct err *e)
{
	int64_t       version = ice_json_int(doc, "format-version", -1);
	int64_t       current = ice_json_int(doc, "current-snapshot-id", -1);
	const json_t *snapshots, *schemas;

	if (!json_is_object(doc) || version < 0)
		return err_set(e, ERR_CORRUPT, "not table metadata: no format-version");
	if (version != 2)
		return err_set(e, ERR_UNSUPPORTED,
		               "table of Iceberg format version %lld: only version 2 is read",
		               (long long)version);
	TRY(check_object(doc, "the document", RULES(document_rules), e));
	snapshots = json_object_get(doc, "snapshots");
	schemas = json_object_get(doc, "schemas");
	TRY(check_each(snapshots, "a snapshot", RULES(snapshot_rules), e));
	TRY(check_each(schemas, "a schema", RULES(schema_rules), e));
	if (ice_json_find(schemas, "schema-id", ice_json_int(doc, "current-schema-id", -1)) == NULL)
		return err_set(e, ERR_CORRUPT,
		               "table metadata: the current schema is not among its schemas");
	if (current != -1 && ice_json_find(snapshots, "snapshot-id", current) == NULL)
		return err_set(e, ERR_CORRUPT,
		               "table metadata: the current snapshot is not among its snapshots");
	return 0;
}

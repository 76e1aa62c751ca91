/* The document: reading, writing, and what is asked of it. Its shape is checked once, when it is
 * read (metadata_check.c), so that no accessor can fail. */
#include "iceberg/metadata_int.h"

#include <assert.h>

void ice_metadata_done(struct ice_metadata *m)
{
	json_decref(m->doc);
	m->doc = NULL;
}

int ice_metadata_parse(str text, struct ice_metadata *out, struct err *e)
{
	json_error_t     why;
	AUTO_PTR(json_t) doc = json_loadb(text.ptr, text.len,
	                                  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);

	if (doc == NULL)
		return err_set(e, ERR_CORRUPT, "table metadata, line %d column %d: %s", why.line,
		               why.column, why.text);
	TRY(ice_document_check(doc, e));
	out->doc = TAKE(doc);
	return 0;
}

static int write_piece(const char *bytes, size_t len, void *context)
{
	buf_bytes(context, bytes, len);
	return 0;
}

void ice_metadata_write(const struct ice_metadata *m, struct buf *out)
{
	int status = json_dump_callback(m->doc, write_piece, out, JSON_COMPACT);

	assert(status == 0);
}

str ice_uuid_text(const struct ice_metadata *m)
{
	return ice_json_str_at(m->doc, "table-uuid");
}

str ice_location(const struct ice_metadata *m)
{
	str location = ice_json_str_at(m->doc, "location");

	while (str_ends(location, STR("/")))
		location.len--;
	return location;
}

int64_t ice_last_sequence_number(const struct ice_metadata *m)
{
	return ice_json_int(m->doc, "last-sequence-number", 0);
}

int64_t ice_last_updated_ms(const struct ice_metadata *m)
{
	return ice_json_int(m->doc, "last-updated-ms", 0);
}

int64_t ice_current_schema_id(const struct ice_metadata *m)
{
	return ice_json_int(m->doc, "current-schema-id", 0);
}

int32_t ice_sort_order_id(const struct ice_metadata *m)
{
	return (int32_t)ice_json_int(m->doc, "default-sort-order-id", 0);
}

bool ice_property(const struct ice_metadata *m, str name, str *out)
{
	const json_t *properties = json_object_get(m->doc, "properties");
	str           value = ice_json_str(json_object_getn(properties, name.ptr, name.len));

	if (value.ptr == NULL)
		return false;
	*out = value;
	return true;
}

void ice_set_property(struct ice_metadata *m, str name, str value)
{
	int status = json_object_setn_new(ice_json_object(m->doc, "properties"), name.ptr, name.len,
	                                  ice_json_text(value));

	assert(status == 0);
}

void ice_drop_property(struct ice_metadata *m, str name)
{
	(void)json_object_deln(json_object_get(m->doc, "properties"), name.ptr, name.len);
}

int ice_read_schema(const struct ice_metadata *m, int64_t schema_id, struct schema *out,
                    struct err *e)
{
	int64_t       id = schema_id >= 0 ? schema_id : ice_current_schema_id(m);
	int32_t       last = (int32_t)ice_json_int(m->doc, "last-column-id", 0);
	const json_t *json = ice_json_find(json_object_get(m->doc, "schemas"), "schema-id", id);

	if (json == NULL)
		return err_set(e, ERR_MISSING, "table metadata has no schema %lld", (long long)id);
	TRY(ice_schema_of_json(json, out, e));
	if (out->last_id < last)
		out->last_id = last; /* ids of columns long dropped are never given out again */
	return 0;
}

/* What stands beside the fields of a schema (identifier-field-ids, and what we do not know) goes
 * on to its successor. */
static void schema_inherit(json_t *schema, json_t *from)
{
	const char *key;
	json_t     *value;

	json_object_foreach(from, key, value)
		if (json_object_get(schema, key) == NULL)
			json_object_set(schema, key, value);
}

int64_t ice_set_schema(struct ice_metadata *m, const struct schema *s)
{
	json_t          *schemas = json_object_get(m->doc, "schemas");
	json_t          *current = ice_json_find(schemas, "schema-id", ice_current_schema_id(m));
	AUTO_PTR(json_t) made = ice_schema_json(s, 0);
	json_t          *fields = json_object_get(made, "fields"), *each;
	int64_t          next = 0, found = -1;
	size_t           i;

	json_array_foreach(schemas, i, each) {
		int64_t id = ice_json_int(each, "schema-id", 0);

		if (json_equal(json_object_get(each, "fields"), fields))
			found = id;
		if (id >= next)
			next = id + 1;
	}
	if (found < 0) {
		ice_json_set(made, "schema-id", json_integer(next));
		schema_inherit(made, current);
		(void)json_array_append_new(schemas, TAKE(made));
		found = next;
	}
	ice_json_set(m->doc, "current-schema-id", json_integer(found));
	if (s->last_id > ice_json_int(m->doc, "last-column-id", 0))
		ice_json_set(m->doc, "last-column-id", json_integer(s->last_id));
	return found;
}

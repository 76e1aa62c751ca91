#include "app/table_layout.h"

#include <jansson.h>

static str text_member(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_string(value) ? str_make(json_string_value(value), json_string_length(value)) : STR("");
}

static str source_name(const struct scan *s, const json_t *object)
{
	json_int_t          id = json_integer_value(json_object_get(object, "source-id"));
	const struct field *f = id > 0 && id <= INT32_MAX ? schema_by_id(&s->schema, (int32_t)id) : NULL;

	return f != NULL ? f->name : STR("?"); /* a column long dropped, or a transform of several */
}

/* The fields of the element of `list` whose id is the default one. */
static struct layout_field *fields_read(const struct scan *s, const char *list, const char *id,
                                        const char *default_id, struct arena *a, size_t *count)
{
	json_int_t           wanted = json_integer_value(json_object_get(s->metadata.doc, default_id));
	const json_t        *fields = NULL;
	struct layout_field *out;
	json_t              *each;
	size_t               i;

	json_array_foreach(json_object_get(s->metadata.doc, list), i, each)
		if (json_integer_value(json_object_get(each, id)) == wanted)
			fields = json_object_get(each, "fields");
	*count = json_array_size(fields);
	out = ARENA_ARRAY(a, struct layout_field, *count + 1);
	json_array_foreach(fields, i, each)
		out[i] = (struct layout_field){
			.source = source_name(s, each),
			.transform = text_member(each, "transform"),
			.name = text_member(each, "name"),
			.direction = text_member(each, "direction"),
			.null_order = text_member(each, "null-order"),
		};
	return out;
}

void table_layout_read(const struct scan *s, struct arena *a, struct table_layout *out)
{
	json_t     *properties = json_object_get(s->metadata.doc, "properties"), *value;
	const char *key;
	size_t      i = 0;

	out->partition = fields_read(s, "partition-specs", "spec-id", "default-spec-id", a, &out->partition_count);
	out->sort = fields_read(s, "sort-orders", "order-id", "default-sort-order-id", a, &out->sort_count);
	out->property_count = json_object_size(properties);
	out->properties = ARENA_ARRAY(a, struct ice_pair, out->property_count + 1);
	json_object_foreach(properties, key, value)
		out->properties[i++] = (struct ice_pair){str_of(key), text_member(properties, key)};
}

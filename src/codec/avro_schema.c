/* The schema of an Avro file, from its JSON to types.
 *
 * A definition may be named again later, but not inside itself: types are then a finite tree
 * with shared parts. No type is higher than HEIGHT_LIMIT, shared parts counted, so reading a
 * value needs little stack. Iceberg's schemas have no use for more.
 */
#include "codec/avro_int.h"

#include <jansson.h>

#include "base/map.h"

enum { HEIGHT_LIMIT = 32 };

struct names {
	struct arena *arena; /* where types go */
	struct map    known; /* full name, and its last part, to struct avro_type */
};

static const struct {
	str            word;
	enum avro_kind kind;
} simple_words[] = {
	{STR("null"), AVRO_NULL},     {STR("boolean"), AVRO_BOOL}, {STR("int"), AVRO_INT},
	{STR("long"), AVRO_LONG},     {STR("float"), AVRO_FLOAT},  {STR("double"), AVRO_DOUBLE},
	{STR("bytes"), AVRO_BYTES},   {STR("string"), AVRO_STRING},
};

static int type_of(struct names *n, const json_t *json, unsigned depth,
                   const struct avro_type **out, struct err *e);

static str text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return (str){json_string_value(value), json_string_length(value)};
}

static str last_part(str name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.ptr[i - 1] == '.')
			return str_from(name, i);
	return name;
}

static int type_of_word(struct names *n, str word, const struct avro_type **out, struct err *e)
{
	for (size_t i = 0; i < sizeof(simple_words) / sizeof(simple_words[0]); i++)
		if (str_eq(word, simple_words[i].word)) {
			struct avro_type *type = ARENA_NEW(n->arena, struct avro_type);

			type->kind = simple_words[i].kind;
			*out = type;
			return 0;
		}
	*out = map_ptr(&n->known, last_part(word));
	if (*out == NULL)
		return err_set(e, ERR_CORRUPT,
		               "Avro schema: no type \"" STR_FMT "\" before its use",
		               STR_ARG(word));
	return 0;
}

/* One nameless field: the item of an array, the value of a map. */
static int type_of_inner(struct names *n, const json_t *inner, unsigned depth,
                         struct avro_type *type, struct err *e)
{
	type->fields = ARENA_NEW(n->arena, struct avro_field);
	type->field_count = 1;
	type->fields[0].id = -1;
	return type_of(n, inner, depth + 1, &type->fields[0].type, e);
}

static int type_of_union(struct names *n, const json_t *json, unsigned depth,
                         struct avro_type *type, struct err *e)
{
	type->kind = AVRO_UNION;
	type->field_count = json_array_size(json);
	type->fields = ARENA_ARRAY(n->arena, struct avro_field, type->field_count);
	for (size_t i = 0; i < type->field_count; i++) {
		type->fields[i].id = -1;
		TRY(type_of(n, json_array_get(json, i), depth + 1, &type->fields[i].type, e));
		if (type->fields[i].type->kind == AVRO_UNION)
			return err_set(e, ERR_CORRUPT, "Avro schema: a union in a union");
	}
	return 0;
}

static int type_of_record(struct names *n, const json_t *json, unsigned depth,
                          struct avro_type *type, struct err *e)
{
	const json_t *fields = json_object_get(json, "fields");

	if (!json_is_array(fields))
		return err_set(e, ERR_CORRUPT, "Avro schema: a record without fields");
	type->kind = AVRO_RECORD;
	type->field_count = json_array_size(fields);
	type->fields = ARENA_ARRAY(n->arena, struct avro_field, type->field_count);
	for (size_t i = 0; i < type->field_count; i++) {
		const json_t      *field = json_array_get(fields, i);
		const json_t      *id = json_object_get(field, "field-id");
		json_int_t         number = json_is_integer(id) ? json_integer_value(id) : -1;
		struct avro_field *into = &type->fields[i];

		into->name = arena_str(n->arena, text_of(field, "name"));
		into->id = number >= 0 && number <= INT32_MAX ? (int32_t)number : -1;
		TRY(type_of(n, json_object_get(field, "type"), depth + 1, &into->type, e));
	}
	return 0;
}

static int type_of_object(struct names *n, const json_t *json, unsigned depth,
                          struct avro_type *type, struct err *e)
{
	str        word = text_of(json, "type");
	json_int_t size = json_integer_value(json_object_get(json, "size"));

	if (str_eq(word, STR("record")))
		return type_of_record(n, json, depth, type, e);
	if (str_eq(word, STR("array"))) {
		type->kind = AVRO_ARRAY;
		return type_of_inner(n, json_object_get(json, "items"), depth, type, e);
	}
	if (str_eq(word, STR("map"))) {
		type->kind = AVRO_MAP;
		return type_of_inner(n, json_object_get(json, "values"), depth, type, e);
	}
	if (str_eq(word, STR("enum"))) {
		type->kind = AVRO_ENUM;
		return 0;
	}
	if (size < 0 || size > INT32_MAX)
		return err_set(e, ERR_CORRUPT, "Avro schema: a fixed of that size cannot be");
	type->kind = AVRO_FIXED;
	type->size = (uint32_t)size;
	return 0;
}

static bool is_built(str word)
{
	return str_eq(word, STR("record")) || str_eq(word, STR("array")) ||
	       str_eq(word, STR("map")) || str_eq(word, STR("enum")) ||
	       str_eq(word, STR("fixed"));
}

static int type_of(struct names *n, const json_t *json, unsigned depth,
                   const struct avro_type **out, struct err *e)
{
	struct avro_type *type;
	str               name = text_of(json, "name");

	if (depth > HEIGHT_LIMIT)
		return err_set(e, ERR_CORRUPT, "Avro schema: nested over %d deep", HEIGHT_LIMIT);
	if (json_is_string(json))
		return type_of_word(n, (str){json_string_value(json), json_string_length(json)},
		                    out, e);
	if (json_is_object(json) && !is_built(text_of(json, "type"))) /* "int" with a logicalType */
		return type_of(n, json_object_get(json, "type"), depth + 1, out, e);
	if (!json_is_object(json) && !json_is_array(json))
		return err_set(e, ERR_CORRUPT,
		               "Avro schema: a type that is no text, object or array");
	type = ARENA_NEW(n->arena, struct avro_type);
	if (json_is_array(json))
		TRY(type_of_union(n, json, depth, type, e));
	else
		TRY(type_of_object(n, json, depth, type, e));
	for (size_t i = 0; i < type->field_count; i++)
		if (type->fields[i].type->height >= type->height)
			type->height = type->fields[i].type->height + 1;
	if (type->height > HEIGHT_LIMIT)
		return err_set(e, ERR_CORRUPT, "Avro schema: nested over %d deep", HEIGHT_LIMIT);
	if (name.len > 0) /* known from here on only: no definition holds itself */
		map_put(&n->known, last_part(name))->ptr = type;
	*out = type;
	return 0;
}

int avro_schema_parse(str text, struct arena *a, const struct avro_type **out, struct err *e)
{
	struct names n = {.arena = a};
	json_error_t why;
	json_t      *json;
	int          status;

	json = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (json == NULL)
		return err_set(e, ERR_CORRUPT, "Avro schema: %s", why.text);
	status = type_of(&n, json, 0, out, e);
	map_done(&n.known);
	json_decref(json);
	return status;
}

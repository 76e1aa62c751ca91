/* Schemas between our tree and Iceberg's JSON (reference B.3). */
#include "iceberg/metadata_int.h"

#include <assert.h>

/* Looking for a name or an id that is taken walks all columns: what comes from outside must not
 * have too many. */
enum { DEPTH_LIMIT = 64, COLUMN_LIMIT = 20000 };

/* ---- writing --------------------------------------------------------------------------------- */

static json_t *fields_json(const struct field *parent);

static json_t *type_json(const struct field *f)
{
	const struct field *element;

	if (f->type == TYPE_STRUCT)
		return json_pack("{s:s, s:o}", "type", "struct", "fields", fields_json(f));
	if (f->type != TYPE_LIST)
		return json_string(type_name(f->type));
	assert(f->child_count == 1);
	element = f->children[0];
	return json_pack("{s:s, s:i, s:o, s:b}",
	                 "type", "list",
	                 "element-id", element->id,
	                 "element", type_json(element),
	                 "element-required", element->required);
}

static json_t *fields_json(const struct field *parent)
{
	json_t *fields = json_array();

	for (uint32_t i = 0; i < parent->child_count; i++) {
		const struct field *f = parent->children[i];
		json_t             *json;

		json = json_pack("{s:i, s:o, s:b, s:o}",
		                 "id", f->id,
		                 "name", ice_json_text(f->name),
		                 "required", f->required,
		                 "type", type_json(f));
		assert(json != NULL);
		if (f->doc.len > 0)
			ice_json_set(json, "doc", ice_json_text(f->doc));
		(void)json_array_append_new(fields, json);
	}
	return fields;
}

json_t *ice_schema_json(const struct schema *s, int64_t schema_id)
{
	return json_pack("{s:s, s:I, s:o}",
	                 "type", "struct",
	                 "schema-id", (json_int_t)schema_id,
	                 "fields", fields_json(s->root));
}

void ice_schema_write(const struct schema *s, int64_t schema_id, struct buf *out)
{
	AUTO_PTR(json_t) json = ice_schema_json(s, schema_id);
	char            *text = json_dumps(json, JSON_COMPACT);

	assert(text != NULL);
	buf_add(out, str_of(text));
	free(text);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* One field as its JSON gives it: a member of a struct, or the element of a list. */
struct part {
	str           name, doc;
	int64_t       id;
	bool          is_required;
	const json_t *type;
};

static int read_fields(struct schema *s, struct field *parent, const json_t *fields, unsigned depth,
                       struct err *e);

static int type_of_json(const json_t *json, str column, enum type *out, struct err *e)
{
	str word = ice_json_str(json_is_object(json) ? json_object_get(json, "type") : json);

	if (word.ptr == NULL)
		return err_set(e, ERR_CORRUPT, "schema: column \"" STR_FMT "\" has no type",
		               STR_ARG(column));
	if (!type_parse(word, out))
		return err_set(e, ERR_UNSUPPORTED,
		               "column \"" STR_FMT "\" has type " STR_FMT
		               ", which tarn does not read",
		               STR_ARG(column), STR_ARG(str_head(word, 64)));
	if ((*out == TYPE_STRUCT || *out == TYPE_LIST) != json_is_object(json))
		return err_set(e, ERR_CORRUPT,
		               "schema: column \"" STR_FMT "\" has a type of the wrong shape",
		               STR_ARG(column));
	return 0;
}

/* The column must be one that schema_add may be asked for. */
static int part_check(const struct schema *s, const struct field *parent, const struct part *part,
                      struct err *e)
{
	if (part->name.len == 0)
		return err_set(e, ERR_CORRUPT, "schema: a column without a name");
	if (s->count >= COLUMN_LIMIT)
		return err_set(e, ERR_UNSUPPORTED, "schema: over %d columns", COLUMN_LIMIT);
	if (part->id <= 0 || part->id > INT32_MAX)
		return err_set(e, ERR_CORRUPT, "schema: column \"" STR_FMT "\" has no proper id",
		               STR_ARG(part->name));
	if (schema_by_id(s, (int32_t)part->id) != NULL)
		return err_set(e, ERR_CORRUPT, "schema: id %lld is given twice",
		               (long long)part->id);
	if (schema_child(parent, part->name) != NULL)
		return err_set(e, ERR_CORRUPT, "schema: two columns named \"" STR_FMT "\"",
		               STR_ARG(part->name));
	return 0;
}

static int read_part(struct schema *s, struct field *parent, const struct part *part,
                     unsigned depth, struct err *e)
{
	struct field *f;
	struct part   element;
	enum type     type;

	if (depth > DEPTH_LIMIT)
		return err_set(e, ERR_UNSUPPORTED, "schema: columns nested over %d deep",
		               DEPTH_LIMIT);
	TRY(type_of_json(part->type, part->name, &type, e));
	TRY(part_check(s, parent, part, e));
	f = schema_add(s, parent, part->name, type, part->is_required, part->doc,
	               (int32_t)part->id);
	if (type == TYPE_STRUCT)
		return read_fields(s, f, json_object_get(part->type, "fields"), depth + 1, e);
	if (type != TYPE_LIST)
		return 0;
	element = (struct part){
		.name = STR("element"),
		.doc = STR(""),
		.id = ice_json_int(part->type, "element-id", 0),
		.is_required = json_is_true(json_object_get(part->type, "element-required")),
		.type = json_object_get(part->type, "element"),
	};
	return read_part(s, f, &element, depth + 1, e);
}

static int read_fields(struct schema *s, struct field *parent, const json_t *fields, unsigned depth,
                       struct err *e)
{
	const json_t *json;
	size_t        i;

	if (!json_is_array(fields))
		return err_set(e, ERR_CORRUPT, "schema: a struct without fields");
	json_array_foreach(fields, i, json) {
		struct part part = {
			.name = ice_json_str_at(json, "name"),
			.doc = ice_json_str_at(json, "doc"),
			.id = ice_json_int(json, "id", 0),
			.is_required = json_is_true(json_object_get(json, "required")),
			.type = json_object_get(json, "type"),
		};

		TRY(read_part(s, parent, &part, depth, e));
	}
	return 0;
}

int ice_schema_of_json(const json_t *json, struct schema *out, struct err *e)
{
	AUTO(schema) s = {0};

	schema_init(&s);
	TRY(read_fields(&s, s.root, json_object_get(json, "fields"), 1, e));
	*out = s;
	s = (struct schema){0};
	return 0;
}

int ice_schema_parse(str text, struct schema *out, struct err *e)
{
	json_error_t     why;
	AUTO_PTR(json_t) json = json_loadb(text.ptr, text.len,
	                                   JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);

	if (json == NULL)
		return err_set(e, ERR_CORRUPT, "schema, column %d: %s", why.column, why.text);
	return ice_schema_of_json(json, out, e);
}

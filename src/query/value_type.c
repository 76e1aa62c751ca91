/* value_type.c - DuckDB's description of a type, read into our own tree. */
#include "query/value.h"

static int type_fill(const struct duck_api *api, struct duck_type *type, struct arena *a,
                     struct value_type *t, struct err *e);

/* `made` is taken: every child type is a handle of its own. */
static int child_read(const struct duck_api *api, struct duck_type *made, struct arena *a,
                      const struct value_type **out, struct err *e)
{
	int status = value_type_read(api, made, a, out, e);

	api->destroy_logical_type(&made);
	return status;
}

static str name_take(const struct duck_api *api, char *name, struct arena *a)
{
	str kept = arena_str(a, str_of(name));

	api->free(name);
	return kept;
}

static void children_room(struct value_type *t, struct arena *a, uint64_t count)
{
	t->count = count;
	t->names = ARENA_ARRAY(a, str, count);
	t->children = ARENA_ARRAY(a, const struct value_type *, count);
}

static int members_read(const struct duck_api *api, struct duck_type *type, struct arena *a,
                        struct value_type *t, struct err *e)
{
	bool is_union = t->id == DUCK_UNION;

	children_room(t, a,
	              is_union ? api->union_type_member_count(type)
	                       : api->struct_type_child_count(type));
	for (uint64_t i = 0; i < t->count; i++) {
		t->names[i] = name_take(api, is_union ? api->union_type_member_name(type, i)
		                                      : api->struct_type_child_name(type, i), a);
		TRY(child_read(api,
		               is_union ? api->union_type_member_type(type, i)
		                        : api->struct_type_child_type(type, i),
		               a, &t->children[i], e));
	}
	return 0;
}

static void words_read(const struct duck_api *api, struct duck_type *type, struct arena *a,
                       struct value_type *t)
{
	t->internal = (enum duck_type_id)api->enum_internal_type(type);
	t->count = api->enum_dictionary_size(type);
	t->names = ARENA_ARRAY(a, str, t->count);
	for (uint64_t i = 0; i < t->count; i++)
		t->names[i] = name_take(api, api->enum_dictionary_value(type, i), a);
}

static bool is_json(const struct duck_api *api, struct duck_type *type)
{
	char *alias = api->logical_type_get_alias(type);
	bool  is = alias != NULL && strcmp(alias, "JSON") == 0;

	if (alias != NULL)
		api->free(alias);
	return is;
}

static int type_fill(const struct duck_api *api, struct duck_type *type, struct arena *a,
                     struct value_type *t, struct err *e)
{
	switch (t->id) {
	case DUCK_VARCHAR:
		t->is_json = is_json(api, type);
		return 0;
	case DUCK_DECIMAL:
		t->scale = api->decimal_scale(type);
		t->internal = (enum duck_type_id)api->decimal_internal_type(type);
		return 0;
	case DUCK_ENUM:
		words_read(api, type, a, t);
		return 0;
	case DUCK_LIST:
		children_room(t, a, 1);
		return child_read(api, api->list_type_child_type(type), a, &t->children[0], e);
	case DUCK_ARRAY:
		children_room(t, a, 1);
		t->count = api->array_type_array_size(type);
		return child_read(api, api->array_type_child_type(type), a, &t->children[0], e);
	case DUCK_MAP:
		children_room(t, a, 2);
		TRY(child_read(api, api->map_type_key_type(type), a, &t->children[0], e));
		return child_read(api, api->map_type_value_type(type), a, &t->children[1], e);
	case DUCK_STRUCT:
	case DUCK_UNION:
		return members_read(api, type, a, t, e);
	default:
		if ((t->id >= DUCK_BOOLEAN && t->id <= DUCK_UHUGEINT) || t->id == DUCK_SQLNULL ||
		    t->id == DUCK_TIME_NS)
			return 0;
		return err_set(e, ERR_UNSUPPORTED,
		               "DuckDB's type number %d has no text here: cast it, as in x::VARCHAR",
		               t->id);
	}
}

int value_type_read(const struct duck_api *api, struct duck_type *type, struct arena *a,
                    const struct value_type **out, struct err *e)
{
	struct value_type *t = ARENA_NEW(a, struct value_type);

	t->id = (enum duck_type_id)api->get_type_id(type);
	TRY(type_fill(api, type, a, t, e));
	*out = t;
	return 0;
}

bool value_type_is_number(const struct value_type *t)
{
	switch (t->id) {
	case DUCK_TINYINT:
	case DUCK_SMALLINT:
	case DUCK_INTEGER:
	case DUCK_BIGINT:
	case DUCK_UTINYINT:
	case DUCK_USMALLINT:
	case DUCK_UINTEGER:
	case DUCK_UBIGINT:
	case DUCK_FLOAT:
	case DUCK_DOUBLE:
	case DUCK_HUGEINT:
	case DUCK_UHUGEINT:
	case DUCK_DECIMAL:
		return true;
	default:
		return false;
	}
}

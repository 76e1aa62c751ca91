/* value.c - values as JSON: scalars by their text, nested ones by walking the vectors of their
 * children. */
#include <assert.h>
#include <math.h>

#include "query/value_int.h"

static bool is_null(const struct duck_api *api, const struct value_type *t, struct duck_vector *v,
                    uint64_t row)
{
	const uint64_t *valid = api->vector_get_validity(v); /* NULL: all are */

	return t->id == DUCK_SQLNULL || (valid != NULL && !(valid[row / 64] >> (row % 64) & 1));
}

static void list_json(const struct duck_api *api, const struct value_type *t,
                      struct duck_vector *child, uint64_t from, uint64_t count, struct buf *out)
{
	buf_byte(out, '[');
	for (uint64_t i = 0; i < count; i++) {
		if (i > 0)
			buf_byte(out, ',');
		value_json(api, t->children[0], child, from + i, out);
	}
	buf_byte(out, ']');
}

static void struct_json(const struct duck_api *api, const struct value_type *t,
                        struct duck_vector *v, uint64_t row, struct buf *out)
{
	buf_byte(out, '{');
	for (uint64_t i = 0; i < t->count; i++) {
		if (i > 0)
			buf_byte(out, ',');
		buf_json(out, t->names[i]);
		buf_byte(out, ':');
		value_json(api, t->children[i], api->struct_vector_get_child(v, i), row, out);
	}
	buf_byte(out, '}');
}

static void map_json(const struct duck_api *api, const struct value_type *t, struct duck_vector *v,
                     uint64_t row, struct buf *out)
{
	const struct duck_list *at = &((const struct duck_list *)api->vector_get_data(v))[row];
	struct duck_vector     *pairs = api->list_vector_get_child(v);
	struct duck_vector     *keys = api->struct_vector_get_child(pairs, 0);
	struct duck_vector     *values = api->struct_vector_get_child(pairs, 1);

	buf_byte(out, '{');
	for (uint64_t i = at->offset; i < at->offset + at->len; i++) {
		AUTO(buf) key = BUF(0);

		if (i > at->offset)
			buf_byte(out, ',');
		(void)value_text(api, t->children[0], keys, i, &key); /* a key is never NULL */
		buf_json(out, buf_str(&key));
		buf_byte(out, ':');
		value_json(api, t->children[1], values, i, out);
	}
	buf_byte(out, '}');
}

/* The member that the tag names; members stand behind the tag. */
static void union_json(const struct duck_api *api, const struct value_type *t,
                       struct duck_vector *v, uint64_t row, struct buf *out)
{
	const void *tags = api->vector_get_data(api->struct_vector_get_child(v, 0));
	uint64_t    tag = scalar_index(DUCK_UTINYINT, tags, row);

	value_json(api, t->children[tag], api->struct_vector_get_child(v, tag + 1), row, out);
}

static bool nested_json(const struct duck_api *api, const struct value_type *t,
                        struct duck_vector *v, uint64_t row, struct buf *out)
{
	const struct duck_list *lists;

	switch (t->id) {
	case DUCK_LIST:
		lists = api->vector_get_data(v);
		list_json(api, t, api->list_vector_get_child(v), lists[row].offset, lists[row].len,
		          out);
		return true;
	case DUCK_ARRAY:
		list_json(api, t, api->array_vector_get_child(v), row * t->count, t->count, out);
		return true;
	case DUCK_STRUCT:
		struct_json(api, t, v, row, out);
		return true;
	case DUCK_MAP:
		map_json(api, t, v, row, out);
		return true;
	case DUCK_UNION:
		union_json(api, t, v, row, out);
		return true;
	default:
		return false;
	}
}

/* Stored JSON stands as it is, but on one line: breaks in it are only between its parts. */
static void stored_json(str s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++)
		buf_byte(out, s.ptr[i] == '\n' || s.ptr[i] == '\r' ? ' ' : s.ptr[i]);
}

static bool is_bare(const struct value_type *t, const void *data, uint64_t row)
{
	if (t->id == DUCK_FLOAT)
		return isfinite(((const float *)data)[row]);
	if (t->id == DUCK_DOUBLE)
		return isfinite(((const double *)data)[row]);
	return t->id == DUCK_BOOLEAN || value_type_is_number(t);
}

void value_json(const struct duck_api *api, const struct value_type *t, struct duck_vector *v,
                uint64_t row, struct buf *out)
{
	AUTO(buf)   text = BUF(0);
	const void *data;

	if (is_null(api, t, v, row)) {
		buf_add(out, STR("null"));
		return;
	}
	if (nested_json(api, t, v, row, out))
		return;
	data = api->vector_get_data(v);
	if (t->is_json) {
		stored_json(scalar_bytes(data, row), out);
	} else if (t->id == DUCK_VARCHAR) {
		buf_json(out, scalar_bytes(data, row));
	} else if (is_bare(t, data, row)) {
		scalar_text(t, data, row, out);
	} else {
		scalar_text(t, data, row, &text);
		buf_json(out, buf_str(&text));
	}
}

bool value_text(const struct duck_api *api, const struct value_type *t, struct duck_vector *v,
                uint64_t row, struct buf *out)
{
	if (is_null(api, t, v, row))
		return false;
	if (!nested_json(api, t, v, row, out))
		scalar_text(t, api->vector_get_data(v), row, out);
	return true;
}

str value_bytes(const struct duck_api *api, const struct value_type *t, struct duck_vector *v, uint64_t row)
{
	assert(t->id == DUCK_VARCHAR || t->id == DUCK_BLOB);
	return is_null(api, t, v, row) ? (str){0} : scalar_bytes(api->vector_get_data(v), row);
}

bool value_long(const struct duck_api *api, const struct value_type *t, struct duck_vector *v, uint64_t row, int64_t *out)
{
	assert(t->id == DUCK_BIGINT);
	if (is_null(api, t, v, row))
		return false;
	*out = ((const int64_t *)api->vector_get_data(v))[row];
	return true;
}

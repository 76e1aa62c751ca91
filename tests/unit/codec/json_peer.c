/* The other parser: jansson. It has names in common with the scanner, hence a file of its own. */
#include <jansson.h>

#include "base/buf.h"

bool peer_render(str text, struct buf *out);

static void render(json_t *value, struct buf *out);

static void render_object(json_t *object, struct buf *out)
{
	void *first = json_object_iter(object);

	buf_byte(out, '{');
	for (void *iter = first; iter != NULL; iter = json_object_iter_next(object, iter)) {
		buf_add(out, iter == first ? STR("") : STR(","));
		buf_json(out, (str){json_object_iter_key(iter), json_object_iter_key_len(iter)});
		buf_byte(out, ':');
		render(json_object_iter_value(iter), out);
	}
	buf_byte(out, '}');
}

static void render_array(json_t *array, struct buf *out)
{
	buf_byte(out, '[');
	for (size_t i = 0; i < json_array_size(array); i++) {
		buf_add(out, i ? STR(",") : STR(""));
		render(json_array_get(array, i), out);
	}
	buf_byte(out, ']');
}

static void render(json_t *value, struct buf *out)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		render_object(value, out);
		break;
	case JSON_ARRAY:
		render_array(value, out);
		break;
	case JSON_STRING:
		buf_json(out, (str){json_string_value(value), json_string_length(value)});
		break;
	case JSON_INTEGER:
		buf_print(out, "%lld", (long long)json_integer_value(value));
		break;
	case JSON_REAL:
		buf_print(out, "%a", json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		buf_add(out, json_is_true(value) ? STR("true") : STR("false"));
		break;
	case JSON_NULL:
		buf_add(out, STR("null"));
		break;
	}
}

bool peer_render(str text, struct buf *out)
{
	size_t  flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	json_t *value = json_loadb(text.ptr, text.len, flags, NULL);

	if (value == NULL)
		return false;
	render(value, out);
	json_decref(value);
	return true;
}

/* Small steps over jansson, so that the files beside this one read like the format. */
#include "iceberg/metadata_int.h"

#include <assert.h>

json_t *ice_json_text(str s)
{
	json_t      *text = json_stringn(s.len ? s.ptr : "", s.len);
	AUTO(buf)    ascii = {0};

	if (text != NULL)
		return text;
	buf_add(&ascii, s);
	for (size_t i = 0; i < ascii.len; i++)
		if ((unsigned char)ascii.ptr[i] >= 0x80)
			ascii.ptr[i] = '?';
	text = json_stringn(ascii.ptr, ascii.len);
	assert(text != NULL);
	return text;
}

str ice_json_str(const json_t *value)
{
	return (str){json_string_value(value), json_string_length(value)};
}

str ice_json_str_at(const json_t *object, const char *key)
{
	return ice_json_str(json_object_get(object, key));
}

int64_t ice_json_int(const json_t *object, const char *key, int64_t otherwise)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

void ice_json_set(json_t *object, const char *key, json_t *value)
{
	int status = json_object_set_new(object, key, value);

	assert(status == 0);
}

json_t *ice_json_array(json_t *object, const char *key)
{
	if (!json_is_array(json_object_get(object, key)))
		ice_json_set(object, key, json_array());
	return json_object_get(object, key);
}

json_t *ice_json_object(json_t *object, const char *key)
{
	if (!json_is_object(json_object_get(object, key)))
		ice_json_set(object, key, json_object());
	return json_object_get(object, key);
}

json_t *ice_json_find(const json_t *array, const char *key, int64_t value)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *each = json_array_get(array, i);

		if (json_is_integer(json_object_get(each, key)) &&
		    ice_json_int(each, key, 0) == value)
			return each;
	}
	return NULL;
}

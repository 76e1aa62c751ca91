/* metadata_int.h - between the files that read and change a metadata document. */
#ifndef ICEBERG_METADATA_INT_H
#define ICEBERG_METADATA_INT_H

#include <jansson.h>

#include "iceberg/metadata.h"

AUTO_PTR_DEFINE(json_t, json_decref)

/* A new JSON string. Bytes that are not UTF-8 become '?': JSON cannot hold them. */
json_t *ice_json_text(str s);
/* The value of a JSON string, borrowed; anything else, NULL too, gives an str with ptr NULL. */
str     ice_json_str(const json_t *value);
str     ice_json_str_at(const json_t *object, const char *key);
/* An integer member, `otherwise` where it is absent or something else. */
int64_t ice_json_int(const json_t *object, const char *key, int64_t otherwise);
/* Set a member, taking `value`. */
void    ice_json_set(json_t *object, const char *key, json_t *value);
/* The array or object under `key`, put there empty where there is none. Borrowed. */
json_t *ice_json_array(json_t *object, const char *key);
json_t *ice_json_object(json_t *object, const char *key);
/* The first element of an array whose integer member is `value`; NULL where there is none. */
json_t *ice_json_find(const json_t *array, const char *key, int64_t value);

json_t *ice_schema_json(const struct schema *s, int64_t schema_id); /* new */
json_t *ice_spec_fields_json(const struct ice_spec *spec);          /* new */
/* `out` need not be initialised. */
int     ice_schema_of_json(const json_t *json, struct schema *out, struct err *e) MUST_USE;

/* Is the document one that every accessor can trust? */
int ice_document_check(const json_t *doc, struct err *e) MUST_USE;

#endif

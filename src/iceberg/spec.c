/* Partition specs: which one is in force, and how a table comes by another (reference B.4). A spec is never changed or removed, for files
 * were written under it; field ids are never given out twice. */
#include "iceberg/metadata_int.h"

#include <stdlib.h>

#include "iceberg/manifest.h"

enum { FIRST_PARTITION_FIELD = 1000 };

static const json_t *specs(const struct ice_metadata *m)
{
	return json_object_get(m->doc, "partition-specs");
}

/* A field by which files can be told apart: one we know, of a column. */
static bool field_read(const json_t *field, struct ice_spec *out)
{
	int64_t source = ice_json_int(field, "source-id", 0);
	int64_t field_id = ice_json_int(field, "field-id", 0);

	out->transform = ice_transform_of_word(ice_json_str_at(field, "transform"));
	if (out->transform == ICE_OTHER || out->transform == ICE_NONE || source <= 0 || source > INT32_MAX || field_id <= 0 || field_id > INT32_MAX)
		return false;
	out->source_id = (int32_t)source;
	out->field_id = (int32_t)field_id;
	out->name = ice_json_str_at(field, "name");
	return true;
}

static int spec_read(const json_t *spec, int64_t id, struct ice_spec *out, struct err *e)
{
	const json_t *fields = json_object_get(spec, "fields");

	if (!json_is_array(fields))
		return err_set(e, ERR_CORRUPT, "table metadata: partition spec %lld has no fields", (long long)id);
	*out = (struct ice_spec){.id = (int32_t)id, .transform = ICE_NONE, .name = STR("")};
	if (json_array_size(fields) > 1 || (json_array_size(fields) == 1 && !field_read(json_array_get(fields, 0), out)))
		out->transform = ICE_OTHER;
	return 0;
}

int ice_spec(const struct ice_metadata *m, struct ice_spec *out, struct err *e)
{
	int64_t id = ice_json_int(m->doc, "default-spec-id", 0);

	return spec_read(ice_json_find(specs(m), "spec-id", id), id, out, e);
}

int ice_spec_by_id(const struct ice_metadata *m, int32_t id, struct ice_spec *out, struct err *e)
{
	const json_t *spec = ice_json_find(specs(m), "spec-id", id);

	if (spec == NULL)
		return err_set(e, ERR_MISSING, "table metadata has no partition spec %d", id);
	return spec_read(spec, id, out, e);
}

static bool is_such(const struct ice_spec *s, enum ice_transform t, int32_t source_id)
{
	return s->transform == t && (t == ICE_NONE || s->source_id == source_id);
}

void ice_spec_of(const struct ice_metadata *m, enum ice_transform t, int32_t source_id, str column, struct arena *a, struct ice_spec *out)
{
	int32_t       last = (int32_t)ice_json_int(m->doc, "last-partition-id", FIRST_PARTITION_FIELD - 1), next = 0;
	struct err    why = ERR_NONE;
	size_t        i;
	const json_t *each;

	json_array_foreach(specs(m), i, each) {
		int32_t         id = (int32_t)ice_json_int(each, "spec-id", 0);
		struct ice_spec spec;

		next = id >= next ? id + 1 : next;
		if (spec_read(each, id, &spec, &why) == 0 && is_such(&spec, t, source_id)) {
			*out = spec;
			return;
		}
	}
	*out = (struct ice_spec){.id = next, .transform = t, .name = STR("")};
	if (t == ICE_NONE)
		return;
	out->source_id = source_id;
	out->field_id = last + 1;
	out->name = arena_format(a, STR_FMT "_%s", STR_ARG(column), ice_transform_word(t));
}

void ice_set_spec(struct ice_metadata *m, const struct ice_spec *s)
{
	if (ice_json_find(specs(m), "spec-id", s->id) == NULL)
		(void)json_array_append_new(ice_json_array(m->doc, "partition-specs"),
		                            json_pack("{s:i, s:o}", "spec-id", s->id, "fields", ice_spec_fields_json(s)));
	if (s->field_id > ice_json_int(m->doc, "last-partition-id", 0))
		ice_json_set(m->doc, "last-partition-id", json_integer(s->field_id));
	ice_json_set(m->doc, "default-spec-id", json_integer(s->id));
}

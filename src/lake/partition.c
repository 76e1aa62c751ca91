/* How a table is partitioned, as an entry says it: "hour(event_time)", or "void(event_time)" where it is only sorted by that column, or
 * "void". */
#include "lake/lake_int.h"

str partition_write(enum ice_transform t, const struct schema *schema, int32_t time_id, struct arena *a)
{
	const struct field *f = time_id != 0 ? schema_by_id(schema, time_id) : NULL;

	if (f == NULL)
		return str_of(ice_transform_word(ICE_NONE));
	return arena_format(a, "%s(" STR_FMT ")", ice_transform_word(t), STR_ARG(f->name));
}

int partition_read(str text, const struct schema *schema, enum ice_transform *out, int32_t *time_id, struct err *e)
{
	size_t              open = str_find(text, '(', 0);
	enum ice_transform  t = ice_transform_of_word(str_head(text, open));
	str                 column = str_head(str_from(text, open + 1), str_find(str_from(text, open + 1), ')', 0));
	const struct field *f = column.len > 0 ? schema_child(schema->root, column) : NULL;

	if (t >= ICE_IDENTITY || (column.len > 0 && (f == NULL || f->type != TYPE_TIMESTAMPTZ)) || (f == NULL && t != ICE_NONE))
		return err_set(e, ERR_UNSUPPORTED, "an entry partitions it by \"" STR_FMT "\", which this tarn cannot do",
		               STR_ARG(str_head(text, 120)));
	*out = t;
	*time_id = f != NULL ? f->id : 0;
	return 0;
}

int partition_spec(str text, const struct ice_metadata *m, struct arena *a, struct ice_spec *out, struct err *e)
{
	AUTO(schema)       schema = {0};
	enum ice_transform t;
	int32_t            time_id;

	TRY(ice_read_schema(m, -1, &schema, e));
	TRY(partition_read(text, &schema, &t, &time_id, e));
	ice_spec_of(m, t, time_id, time_id != 0 ? schema_by_id(&schema, time_id)->name : STR(""), a, out);
	out->name = arena_str(a, out->name);
	return 0;
}

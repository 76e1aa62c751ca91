/* The schema's tree as Parquet's flattened list. A list is three levels:
 *
 *   optional group tags (LIST), id      the list's field
 *     repeated group list               no id
 *       optional T element, id          its child
 */
#include "parquet/meta_int.h"

enum { REQUIRED = 0, OPTIONAL = 1, REPEATED = 2 };
enum { PHYSICAL_BOOL = 0, PHYSICAL_INT32 = 1, PHYSICAL_INT64 = 2, PHYSICAL_DOUBLE = 5 };
enum { PHYSICAL_BYTES = 6, PHYSICAL_FIXED = 7 };
enum { CONVERTED_UTF8 = 0, CONVERTED_LIST = 3, CONVERTED_DATE = 6, CONVERTED_TIMESTAMP_MICROS = 10 };
enum { LOGICAL_STRING = 1, LOGICAL_LIST = 3, LOGICAL_DATE = 6, LOGICAL_TIMESTAMP = 8, LOGICAL_UUID = 14 };
enum { NONE = -1 };

static const struct {
	int8_t physical, converted, logical;
} types[] = {
	[TYPE_BOOL] = {PHYSICAL_BOOL, NONE, NONE},
	[TYPE_LONG] = {PHYSICAL_INT64, NONE, NONE},
	[TYPE_DOUBLE] = {PHYSICAL_DOUBLE, NONE, NONE},
	[TYPE_STRING] = {PHYSICAL_BYTES, CONVERTED_UTF8, LOGICAL_STRING},
	[TYPE_BINARY] = {PHYSICAL_BYTES, NONE, NONE},
	[TYPE_TIMESTAMPTZ] = {PHYSICAL_INT64, CONVERTED_TIMESTAMP_MICROS, LOGICAL_TIMESTAMP},
	[TYPE_UUID] = {PHYSICAL_FIXED, NONE, LOGICAL_UUID},
	[TYPE_INT] = {PHYSICAL_INT32, NONE, NONE},
	[TYPE_DATE] = {PHYSICAL_INT32, CONVERTED_DATE, LOGICAL_DATE},
	[TYPE_STRUCT] = {NONE, NONE, NONE},
	[TYPE_LIST] = {NONE, CONVERTED_LIST, LOGICAL_LIST},
};

int32_t meta_physical(enum type t)
{
	return types[t].physical;
}

bool field_has_leaf(const struct field *f)
{
	if (field_is_leaf(f))
		return true;
	for (uint32_t i = 0; i < f->child_count; i++)
		if (field_has_leaf(f->children[i]))
			return true;
	return false;
}

str meta_name(const struct field *f)
{
	return f->parent != NULL && f->parent->type == TYPE_LIST ? STR("element") : f->name;
}

static void logical_type(struct thrift_out *t, int8_t logical)
{
	thrift_struct(t, 10);
	thrift_struct(t, logical);
	if (logical == LOGICAL_TIMESTAMP) {
		thrift_bool(t, 1, true); /* adjusted to UTC */
		thrift_struct(t, 2);     /* unit: */
		thrift_struct(t, 2);     /* micros */
		thrift_end(t);
		thrift_end(t);
	}
	thrift_end(t);
	thrift_end(t);
}

static int32_t children_of(const struct field *f)
{
	int32_t count = 0;

	for (uint32_t i = 0; i < f->child_count; i++)
		count += field_has_leaf(f->children[i]);
	return count;
}

void meta_schema_element(const struct field *f, struct thrift_out *t)
{
	bool is_root = f->parent == NULL;

	if (types[f->type].physical != NONE)
		thrift_i32(t, 1, types[f->type].physical);
	if (types[f->type].physical == PHYSICAL_FIXED)
		thrift_i32(t, 2, 16);
	if (!is_root)
		thrift_i32(t, 3, f->required ? REQUIRED : OPTIONAL);
	thrift_binary(t, 4, is_root ? STR("table") : meta_name(f));
	if (!field_is_leaf(f))
		thrift_i32(t, 5, children_of(f));
	if (types[f->type].converted != NONE)
		thrift_i32(t, 6, types[f->type].converted);
	if (!is_root)
		thrift_i32(t, 9, f->id);
	if (types[f->type].logical != NONE)
		logical_type(t, types[f->type].logical);
	thrift_end(t);
}

static void repeated_element(struct thrift_out *t)
{
	thrift_item_struct(t);
	thrift_i32(t, 3, REPEATED);
	thrift_binary(t, 4, STR("list"));
	thrift_i32(t, 5, 1);
	thrift_end(t);
}

static size_t elements_of(const struct field *f)
{
	size_t count = 1 + (f->type == TYPE_LIST);

	for (uint32_t i = 0; i < f->child_count; i++)
		if (field_has_leaf(f->children[i]))
			count += elements_of(f->children[i]);
	return count;
}

static void elements(const struct field *f, struct thrift_out *t)
{
	thrift_item_struct(t);
	meta_schema_element(f, t);
	if (f->type == TYPE_LIST)
		repeated_element(t);
	for (uint32_t i = 0; i < f->child_count; i++)
		if (field_has_leaf(f->children[i]))
			elements(f->children[i], t);
}

void meta_schema(const struct schema *schema, struct thrift_out *t, int id)
{
	thrift_list(t, id, THRIFT_STRUCT, elements_of(schema->root));
	elements(schema->root, t);
}

/* What a table is: its columns with the places in the record that they come from, and how it is laid out. Partitions,
 * sort orders and properties are shown as the metadata has them, those of other engines too. */
#include <jansson.h>
#include <stdio.h>

#include "app/command.h"
#include "app/plain.h"
#include "app/table_show.h"

/* --- what the document says ---------------------------------------------------------------- */

/* The fields of the default partition spec or sort order: the element of `list` with the default id. */
static json_t *default_fields(const struct scan *s, const char *list, const char *id, const char *default_id)
{
	json_int_t wanted = json_integer_value(json_object_get(s->metadata.doc, default_id));
	json_t    *each;
	size_t     i;

	json_array_foreach(json_object_get(s->metadata.doc, list), i, each)
		if (json_integer_value(json_object_get(each, id)) == wanted)
			return json_object_get(each, "fields");
	return NULL;
}

static json_t *partition_fields(const struct scan *s)
{
	return default_fields(s, "partition-specs", "spec-id", "default-spec-id");
}

static json_t *sort_fields(const struct scan *s)
{
	return default_fields(s, "sort-orders", "order-id", "default-sort-order-id");
}

static str member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return str_of(text ? text : "?");
}

static str source_name(const struct scan *s, const json_t *object)
{
	json_int_t          id = json_integer_value(json_object_get(object, "source-id"));
	const struct field *f = id > 0 && id <= INT32_MAX ? schema_by_id(&s->schema, (int32_t)id) : NULL;

	return f != NULL ? f->name : STR("?");
}

/* --- for machines -------------------------------------------------------------------------- */

void show_facts(struct answer *a, const struct table_facts *f)
{
	answer_number(a, "rows", f->rows);
	answer_number(a, "files", f->files);
	answer_number(a, "bytes", f->bytes);
	answer_number(a, "snapshots", f->snapshots);
	answer_number(a, "applied", (int64_t)f->mark);
	answer_number(a, "extra", f->extra);
	answer_open(a, "partitions", '[');
	if (strcmp(f->first, "-") != 0) {
		answer_text(a, NULL, str_of(f->first));
		answer_text(a, NULL, str_of(f->last));
	}
	answer_close(a, ']');
	if (!f->has_times)
		return;
	answer_time(a, "oldest", f->oldest_us);
	answer_time(a, "newest", f->newest_us);
}

static void fields_json(struct answer *a, const char *name, const struct field *parent)
{
	answer_open(a, name, '[');
	for (uint32_t i = 0; i < parent->child_count; i++) {
		const struct field *f = parent->children[i];

		answer_open(a, NULL, '{');
		answer_number(a, "id", f->id);
		answer_text(a, "name", f->name);
		answer_text(a, "type", str_of(type_name(f->type)));
		answer_flag(a, "required", f->required);
		if (f->doc.len > 0)
			answer_text(a, "doc", f->doc);
		if (f->child_count > 0)
			fields_json(a, "fields", f);
		answer_close(a, '}');
	}
	answer_close(a, ']');
}

static void layout_json(struct answer *a, const struct scan *s)
{
	json_t     *each, *value;
	const char *key;
	size_t      i;

	answer_open(a, "partition", '[');
	json_array_foreach(partition_fields(s), i, each) {
		answer_open(a, NULL, '{');
		answer_text(a, "name", member(each, "name"));
		answer_text(a, "transform", member(each, "transform"));
		answer_text(a, "source", source_name(s, each));
		answer_close(a, '}');
	}
	answer_close(a, ']');
	answer_open(a, "sort", '[');
	json_array_foreach(sort_fields(s), i, each) {
		answer_open(a, NULL, '{');
		answer_text(a, "source", source_name(s, each));
		answer_text(a, "transform", member(each, "transform"));
		answer_text(a, "direction", member(each, "direction"));
		answer_text(a, "null_order", member(each, "null-order"));
		answer_close(a, '}');
	}
	answer_close(a, ']');
	answer_open(a, "properties", '{');
	json_object_foreach(json_object_get(s->metadata.doc, "properties"), key, value)
		answer_text(a, key, str_of(json_string_value(value)));
	answer_close(a, '}');
}

static int describe_json(const struct table_name *t, const struct scan *s, const struct table_facts *f, struct err *e)
{
	AUTO(answer) a = {0};

	answer_open(&a, NULL, '{');
	answer_text(&a, "table", t->full);
	answer_text(&a, "uuid", ice_uuid_text(&s->metadata));
	answer_text(&a, "location", ice_location(&s->metadata));
	answer_text(&a, "metadata", s->metadata_path);
	show_facts(&a, f);
	fields_json(&a, "columns", s->schema.root);
	layout_json(&a, s);
	answer_close(&a, '}');
	return answer_print(&a, e);
}

/* --- for people ---------------------------------------------------------------------------- */

static void columns_text(struct text_table *t, const struct field *parent, int depth, struct arena *a)
{
	for (uint32_t i = 0; i < parent->child_count; i++) {
		const struct field *f = parent->children[i];

		text_table_cell(t, "%d", f->id);
		text_table_cell(t, "%*s%s", 2 * depth, "", plain_text(a, f->name));
		text_table_cell(t, "%s%s", type_name(f->type), f->required ? ", required" : "");
		text_table_cell(t, "%s", plain_text(a, f->doc));
		columns_text(t, f, depth + 1, a);
	}
}

static void layout_text(const struct scan *s, struct arena *a)
{
	json_t *each;
	size_t  i;

	if (json_array_size(partition_fields(s)) == 0)
		(void)printf("  partition  none\n");
	json_array_foreach(partition_fields(s), i, each)
		(void)printf("  partition  %s(%s) as %s\n", plain_text(a, member(each, "transform")),
		             plain_text(a, source_name(s, each)), plain_text(a, member(each, "name")));
	json_array_foreach(sort_fields(s), i, each)
		(void)printf("  sort       %s %s %s\n", plain_text(a, source_name(s, each)),
		             plain_text(a, member(each, "direction")), plain_text(a, member(each, "null-order")));
}

static void describe_text(const struct table_name *t, const struct scan *s, const struct table_facts *f,
                          struct arena *a)
{
	struct text_table *columns = text_table_new(4);
	const char        *key;
	json_t            *value;

	(void)printf(STR_FMT "\n", STR_ARG(t->full));
	(void)printf("  uuid       %s\n", plain_text(a, ice_uuid_text(&s->metadata)));
	(void)printf("  location   %s\n", plain_text(a, ice_location(&s->metadata)));
	(void)printf("  metadata   %s\n", plain_text(a, s->metadata_path));
	(void)printf("  holds      %s rows in %s files (%s)\n", text_count(f->rows), text_count(f->files),
	             text_bytes(f->bytes));
	if (f->has_times)
		(void)printf("  times      %s to %s\n", plain_time(a, f->oldest_us), plain_time(a, f->newest_us));
	(void)printf("  snapshots  %s, applied up to entry %llu\n", text_count(f->snapshots),
	             (unsigned long long)f->mark);
	layout_text(s, a);
	(void)printf("\n");
	text_table_cell(columns, "id");
	text_table_cell(columns, "column");
	text_table_cell(columns, "type");
	text_table_cell(columns, "doc");
	columns_text(columns, s->schema.root, 0, a);
	text_table_print(columns);
	(void)printf("\nproperties\n");
	json_object_foreach(json_object_get(s->metadata.doc, "properties"), key, value)
		(void)printf("  %s = %s\n", plain_text(a, str_of(key)), plain_text(a, str_of(json_string_value(value))));
}

int show_description(const struct app *app, struct lake *l, const struct table_name *t, const struct scan *s,
                     struct err *e)
{
	AUTO(arena)        a = ARENA_INIT;
	struct table_facts facts;

	TRY(tables_facts(l, s, &a, &facts, e));
	if (app->is_json)
		return describe_json(t, s, &facts, e);
	describe_text(t, s, &facts, &a);
	return 0;
}

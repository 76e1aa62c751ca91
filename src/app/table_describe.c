/* What a table is: its columns with the places in the record that they come from, and how it is laid out. */
#include <stdio.h>

#include "app/command.h"
#include "app/plain.h"
#include "app/table_layout.h"
#include "app/table_show.h"

/* --- for machines -------------------------------------------------------------------------- */

void show_facts(struct reply *r, const struct table_facts *f)
{
	reply_number(r, "rows", f->rows);
	reply_number(r, "files", f->files);
	reply_number(r, "bytes", f->bytes);
	reply_number(r, "snapshots", f->snapshots);
	reply_number(r, "applied", (int64_t)f->mark);
	reply_number(r, "extra", f->extra);
	reply_open(r, "partitions", '[');
	if (strcmp(f->first, "-") != 0) {
		reply_text(r, NULL, str_of(f->first));
		reply_text(r, NULL, str_of(f->last));
	}
	reply_close(r, ']');
	if (!f->has_times)
		return;
	reply_time(r, "oldest", f->oldest_us);
	reply_time(r, "newest", f->newest_us);
}

static void fields_json(struct reply *r, const char *name, const struct field *parent)
{
	reply_open(r, name, '[');
	for (uint32_t i = 0; i < parent->child_count; i++) {
		const struct field *f = parent->children[i];

		reply_open(r, NULL, '{');
		reply_number(r, "id", f->id);
		reply_text(r, "name", f->name);
		reply_text(r, "type", str_of(type_name(f->type)));
		reply_flag(r, "required", f->required);
		if (f->doc.len > 0)
			reply_text(r, "doc", f->doc);
		if (f->child_count > 0)
			fields_json(r, "fields", f);
		reply_close(r, '}');
	}
	reply_close(r, ']');
}

static void layout_json(struct reply *r, const struct table_layout *layout)
{
	reply_open(r, "partition", '[');
	for (size_t i = 0; i < layout->partition_count; i++) {
		reply_open(r, NULL, '{');
		reply_text(r, "name", layout->partition[i].name);
		reply_text(r, "transform", layout->partition[i].transform);
		reply_text(r, "source", layout->partition[i].source);
		reply_close(r, '}');
	}
	reply_close(r, ']');
	reply_open(r, "sort", '[');
	for (size_t i = 0; i < layout->sort_count; i++) {
		reply_open(r, NULL, '{');
		reply_text(r, "source", layout->sort[i].source);
		reply_text(r, "transform", layout->sort[i].transform);
		reply_text(r, "direction", layout->sort[i].direction);
		reply_text(r, "null_order", layout->sort[i].null_order);
		reply_close(r, '}');
	}
	reply_close(r, ']');
	reply_open(r, "properties", '{');
	for (size_t i = 0; i < layout->property_count; i++)
		reply_text(r, layout->properties[i].key.ptr, layout->properties[i].value); /* keys end with NUL */
	reply_close(r, '}');
}

static int describe_json(const struct table_name *t, const struct scan *s, const struct table_layout *layout,
                         const struct table_facts *f, struct err *e)
{
	AUTO(reply) r = {0};

	reply_open(&r, NULL, '{');
	reply_text(&r, "table", t->full);
	reply_text(&r, "uuid", ice_uuid_text(&s->metadata));
	reply_text(&r, "location", ice_location(&s->metadata));
	reply_text(&r, "metadata", s->metadata_path);
	show_facts(&r, f);
	fields_json(&r, "columns", s->schema.root);
	layout_json(&r, layout);
	reply_close(&r, '}');
	return reply_print(&r, e);
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

static void layout_text(const struct table_layout *layout, struct arena *a)
{
	if (layout->partition_count == 0)
		(void)printf("  partition  none\n");
	for (size_t i = 0; i < layout->partition_count; i++)
		(void)printf("  partition  %s(%s) as %s\n", plain_text(a, layout->partition[i].transform),
		             plain_text(a, layout->partition[i].source), plain_text(a, layout->partition[i].name));
	for (size_t i = 0; i < layout->sort_count; i++)
		(void)printf("  sort       %s %s %s\n", plain_text(a, layout->sort[i].source),
		             plain_text(a, layout->sort[i].direction), plain_text(a, layout->sort[i].null_order));
}

static void describe_text(const struct table_name *t, const struct scan *s, const struct table_layout *layout,
                          const struct table_facts *f, struct arena *a)
{
	struct text_table *columns = text_table_new(4);

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
	layout_text(layout, a);
	(void)printf("\n");
	text_table_cell(columns, "id");
	text_table_cell(columns, "column");
	text_table_cell(columns, "type");
	text_table_cell(columns, "doc");
	columns_text(columns, s->schema.root, 0, a);
	text_table_print(columns);
	(void)printf("\nproperties\n");
	for (size_t i = 0; i < layout->property_count; i++)
		(void)printf("  %s = %s\n", plain_text(a, layout->properties[i].key),
		             plain_text(a, layout->properties[i].value));
}

int show_description(const struct app *app, struct lake *l, const struct table_name *t, const struct scan *s,
                     struct err *e)
{
	AUTO(arena)         a = ARENA_INIT;
	struct table_layout layout;
	struct table_facts  facts;

	TRY(tables_facts(l, s, &a, &facts, e));
	table_layout_read(s, &a, &layout);
	if (app->is_json)
		return describe_json(t, s, &layout, &facts, e);
	describe_text(t, s, &layout, &facts, &a);
	return 0;
}

/* The tree only grows: a field is never moved, renamed or taken away, so a
 * pointer to a field holds for as long as its schema.
 *
 * Invariants: fields[f->ordinal] == f; the root is ordinal 0 with id 0; ids are
 * unique and none is above last_id; names are unique under one parent; a list
 * has at most one child; only structs and lists have children. */
#include "column/schema.h"

#include <assert.h>

enum { FIRST_CHILDREN = 4, FIRST_FIELDS = 16 };

static const char *const type_names[] = {
	[TYPE_BOOL] = "boolean",
	[TYPE_LONG] = "long",
	[TYPE_DOUBLE] = "double",
	[TYPE_STRING] = "string",
	[TYPE_BINARY] = "binary",
	[TYPE_TIMESTAMPTZ] = "timestamptz",
	[TYPE_UUID] = "uuid",
	[TYPE_INT] = "int",
	[TYPE_DATE] = "date",
	[TYPE_STRUCT] = "struct",
	[TYPE_LIST] = "list",
};

const char *type_name(enum type t)
{
	return type_names[t];
}

bool type_parse(str word, enum type *out)
{
	for (unsigned t = 0; t < sizeof(type_names) / sizeof(type_names[0]); t++) {
		if (str_eq(word, str_of(type_names[t]))) {
			*out = (enum type)t;
			return true;
		}
	}
	return false;
}

/* Room for one more pointer in an array that lives in the arena. */
static struct field **room_for_one(struct arena *a, struct field **at, uint32_t count, uint32_t *cap,
                                   uint32_t first)
{
	struct field **bigger;

	if (count < *cap)
		return at;
	*cap = *cap ? *cap * 2 : first;
	bigger = ARENA_ARRAY(a, struct field *, *cap);
	if (count > 0)
		memcpy(bigger, at, count * sizeof(*at));
	return bigger;
}

static struct field *field_new(struct schema *s, struct field *parent, const struct field *like)
{
	struct field *f = ARENA_NEW(&s->arena, struct field);

	f->id = like->id;
	f->ordinal = s->count;
	f->type = like->type;
	f->required = like->required;
	f->name = arena_str(&s->arena, like->name);
	f->doc = arena_str(&s->arena, like->doc);
	f->parent = parent;
	s->fields = room_for_one(&s->arena, s->fields, s->count, &s->cap, FIRST_FIELDS);
	s->fields[s->count++] = f;
	if (parent != NULL) {
		parent->children = room_for_one(&s->arena, parent->children, parent->child_count,
		                                &parent->child_cap, FIRST_CHILDREN);
		parent->children[parent->child_count++] = f;
	}
	if (f->id > s->last_id)
		s->last_id = f->id;
	return f;
}

void schema_init(struct schema *s)
{
	*s = (struct schema){0};
	s->root = field_new(s, NULL, &(struct field){.type = TYPE_STRUCT, .required = true});
}

void schema_done(struct schema *s)
{
	arena_done(&s->arena);
	*s = (struct schema){0};
}

struct field *schema_add(struct schema *s, struct field *parent, str name, enum type type, bool required, str doc,
                         int32_t id)
{
	assert(parent->type == TYPE_STRUCT || (parent->type == TYPE_LIST && parent->child_count == 0));
	assert(s->fields[parent->ordinal] == parent);
	assert(schema_child(parent, name) == NULL);
	assert(id >= 0);
	assert(id == 0 || id > s->last_id || schema_by_id(s, id) == NULL);
	return field_new(s, parent, &(struct field){
		.id = id ? id : s->last_id + 1,
		.type = type,
		.required = required,
		.name = name,
		.doc = doc,
	});
}

struct field *schema_child(const struct field *parent, str name)
{
	for (uint32_t i = 0; i < parent->child_count; i++)
		if (str_eq(parent->children[i]->name, name))
			return parent->children[i];
	return NULL;
}

struct field *schema_find(const struct schema *s, str dotted)
{
	struct field *f = s->root;
	size_t        dot;

	for (;;) {
		dot = str_find(dotted, '.', 0);
		f = schema_child(f, str_head(dotted, dot));
		if (f == NULL || dot == dotted.len)
			return f;
		dotted = str_from(dotted, dot + 1);
	}
}

struct field *schema_by_id(const struct schema *s, int32_t id)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (s->fields[i]->id == id)
			return s->fields[i];
	return NULL;
}

bool field_is_leaf(const struct field *f)
{
	return f->type != TYPE_STRUCT && f->type != TYPE_LIST;
}

bool field_in_list(const struct field *f)
{
	return field_max_rep(f) > 0;
}

unsigned field_max_rep(const struct field *f)
{
	unsigned lists = 0;

	for (const struct field *up = f->parent; up != NULL; up = up->parent)
		lists += up->type == TYPE_LIST;
	return lists;
}

unsigned field_max_def(const struct field *f)
{
	unsigned optional = 0;

	for (const struct field *node = f; node->parent != NULL; node = node->parent)
		optional += !node->required;
	return optional + field_max_rep(f);
}

void schema_copy(const struct schema *from, struct schema *to)
{
	*to = (struct schema){0};
	/* Parents come before their children, and children in their order: both were added so. */
	for (uint32_t i = 0; i < from->count; i++) {
		const struct field *f = from->fields[i];

		(void)field_new(to, f->parent ? to->fields[f->parent->ordinal] : NULL, f);
	}
	to->root = to->fields[0];
	to->last_id = from->last_id;
}

static bool field_equal(const struct field *a, const struct field *b)
{
	if (a->id != b->id || a->type != b->type || a->required != b->required || !str_eq(a->name, b->name) ||
	    !str_eq(a->doc, b->doc) || a->child_count != b->child_count)
		return false;
	for (uint32_t i = 0; i < a->child_count; i++)
		if (!field_equal(a->children[i], b->children[i]))
			return false;
	return true;
}

bool schema_equal(const struct schema *a, const struct schema *b)
{
	return a->count == b->count && field_equal(a->root, b->root);
}

/* stage.c - opening a table to build it anew. It begins with the columns that it has, so that the same rules give the same columns under
 * the same ids, and nothing in it is open to a change of type but what a declaration has changed. */
#include "lake/stage.h"

#include "lake/lake_int.h"

static int schema_take(struct table *t, str text, struct err *e)
{
	AUTO(schema) mine = {0};
	int32_t      last_id = t->schema.last_id;

	TRY(ice_schema_parse(text, &mine, e));
	schema_done(&t->schema);
	t->schema = mine;
	mine = (struct schema){0};
	if (t->schema.last_id < last_id)
		t->schema.last_id = last_id; /* ids of the live table's dropped columns stay taken */
	return 0;
}

/* The document of the live table, or of the one that will be made. */
static int document(struct lake *l, str space, str name, const struct table_fresh *fresh, const struct state_table *known,
                    struct ice_metadata *out, struct err *e)
{
	AUTO(arena)          a = ARENA_INIT;
	struct catalog_table at;
	int                  got = metadata_load(l, space, name, &a, &at, out, e);

	if (got != ERR_MISSING || known != NULL || fresh == NULL)
		return got;
	*e = ERR_NONE;
	table_document(l, STR("0"), space, name, fresh, out);
	return 0;
}

/* --- columns ------------------------------------------------------------------------------- */

static bool is_pointer(str doc)
{
	return str_starts(doc, STR("/"));
}

/* Which member a column holds follows the rules; what someone else has noted of it stays. */
static str doc_of(const struct field *live, const struct field *fresh)
{
	return fresh != NULL && (is_pointer(live->doc) || is_pointer(fresh->doc)) ? fresh->doc : live->doc;
}

/* Would a member that has this column of the table get it there now? */
static bool is_in_place(const struct field *f, const str *attributes)
{
	str parent = f->doc;

	if (attributes == NULL || !is_pointer(f->doc))
		return true;
	while (parent.ptr[parent.len - 1] != '/')
		parent.len--;
	parent.len--;
	return str_eq(parent, *attributes) || (parent.len == 0 && !str_eq(f->doc, *attributes));
}

/* A field and what is under it, as they are, but for what `fresh` (its parent there; NULL: says nothing) has of another type. */
static void keep_field(struct schema *to, struct field *parent, const struct field *f, const struct field *fresh)
{
	const struct field *wanted = fresh != NULL ? schema_child(fresh, f->name) : NULL;
	struct field       *kept;

	if (wanted != NULL && wanted->type != f->type)
		return;
	kept = schema_add(to, parent, f->name, f->type, f->required, doc_of(f, wanted), f->id);
	for (uint32_t i = 0; i < f->child_count; i++)
		keep_field(to, kept, f->children[i], wanted);
}

static void add_children(struct schema *to, struct field *parent, const struct field *fresh)
{
	for (uint32_t i = 0; i < fresh->child_count; i++) {
		const struct field *f = fresh->children[i];
		struct field       *mine = schema_child(parent, f->name);

		if (mine == NULL)
			mine = schema_add(to, parent, f->name, f->type, f->required, f->doc, 0);
		add_children(to, mine, f);
	}
}

static void schema_renew(struct table *t, const struct schema *fresh, const str *attributes)
{
	const struct field *root = t->schema.root;
	struct schema       made;

	schema_init(&made);
	made.last_id = t->schema.last_id;
	for (uint32_t i = 0; i < root->child_count; i++)
		if (schema_child(fresh->root, root->children[i]->name) != NULL || is_in_place(root->children[i], attributes))
			keep_field(&made, made.root, root->children[i], fresh->root);
	add_children(&made, made.root, fresh->root);
	schema_done(&t->schema);
	t->schema = made;
}

/* --- opening ------------------------------------------------------------------------------- */

static int stage_shape(struct table *t, const struct lake *l, const struct ice_metadata *m, const struct table_fresh *fresh,
                       const struct stage *s, bool is_anew, struct err *e)
{
	const struct state_table *mine = state_table(s->staged, t->space, t->name);

	TRY(table_shape(t, l, m, fresh, state_table(s->live, t->space, t->name), e));
	if (mine != NULL) {
		t->uuid = arena_str(&t->arena, mine->uuid); /* one that was drawn before the table is made */
		TRY(schema_take(t, mine->schema, e));
	} else if (is_anew) {
		schema_renew(t, fresh->schema, s->attributes);
	}
	if (is_anew && fresh->transform != t->spec.transform && t->time_id != 0)
		ice_spec_of(m, fresh->transform, t->time_id, schema_by_id(&t->schema, t->time_id)->name, &t->arena, &t->spec);
	t->spec.name = arena_str(&t->arena, t->spec.name);
	t->schema_published = t->schema.count;
	t->schema_applied = 0; /* the lane's first entry says what it is */
	t->is_staged = true;
	return 0;
}

int table_stage(struct lake *l, str space, str name, const struct table_fresh *fresh, const struct stage *s, bool is_anew,
                struct table **out, struct err *e)
{
	AUTO_PTR(table)    t = xcalloc(1, sizeof(*t));
	AUTO(ice_metadata) m = {0};

	t->space = arena_str(&t->arena, space);
	t->name = arena_str(&t->arena, name);
	if (document(l, space, name, fresh, state_table(s->live, space, name), &m, e) < 0 ||
	    stage_shape(t, l, &m, fresh, s, is_anew, e) < 0)
		return err_add(e, "table " STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(name));
	*out = TAKE(t);
	return 0;
}

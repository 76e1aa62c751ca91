#include "ingest/node.h"

#include <assert.h>

#include "base/hash.h"
#include "codec/name.h"
#include "ingest/standard.h"

/* What nodes may take, for each column that the table may have: most have one, and names and pointers are short. */
enum { BYTES_A_COLUMN = 1024, BYTES_AT_LEAST = 64 << 10 };

static struct node *node_new(struct tree *t, struct node *up, str key, uint64_t hash)
{
	struct node *n = ARENA_NEW(&t->arena, struct node);
	AUTO(buf)    pointer = BUF(0);

	n->up = up;
	n->key = arena_str(&t->arena, key);
	n->hash = hash;
	if (up != NULL) {
		buf_add(&pointer, up->pointer);
		if (key.ptr == NULL)
			buf_add(&pointer, STR("/*"));
		else
			pointer_add(&pointer, key);
		n->pointer = arena_str(&t->arena, buf_str(&pointer));
	}
	return n;
}

/* --- members ------------------------------------------------------------------------------- */

/* The slot of a member, or the free one where it would go. Not by hash_name, which anyone can make collide. */
static uint32_t *member_slot(const struct tree *t, const struct node *object, str key)
{
	uint32_t mask = object->slot_count - 1;
	uint32_t first = (uint32_t)hash_bytes(key.ptr, key.len, t->secret);

	for (uint32_t i = first & mask;; i = (i + 1) & mask) {
		uint32_t slot = object->slots[i];

		if (slot == 0 || str_eq(object->members[slot - 1]->key, key))
			return &object->slots[i];
	}
}

static void members_grow(struct tree *t, struct node *object)
{
	uint32_t      cap = object->member_cap ? object->member_cap * 2 : 8;
	struct node **members = ARENA_ARRAY(&t->arena, struct node *, cap);

	if (object->member_count > 0)
		memcpy(members, object->members, object->member_count * sizeof(*members));
	object->members = members;
	object->member_cap = cap;
	object->slot_count = cap * 2;
	object->slots = ARENA_ARRAY(&t->arena, uint32_t, object->slot_count);
	for (uint32_t i = 0; i < object->member_count; i++)
		*member_slot(t, object, members[i]->key) = i + 1;
}

static bool is_full(const struct tree *t)
{
	uint32_t columns = t->pipeline->limits.columns;

	return t->leaf_count >= columns || t->arena.used >= BYTES_AT_LEAST + (uint64_t)columns * BYTES_A_COLUMN;
}

/* Members an object may have in the tree; objects keyed by id run into it. */
static bool is_crowded(const struct tree *t, const struct node *object)
{
	const struct limits *limits = &t->pipeline->limits;
	bool                 is_top = object->up == NULL || object->is_hoisted;

	return object->member_count >= (is_top ? limits->columns : limits->members);
}

/* Never over a standard column (B69). */
static bool is_taken(const struct tree *t, const struct node *object, str key)
{
	AUTO(buf)           name = BUF(0);
	const struct field *f;

	if (object->up != NULL && !object->is_hoisted)
		return false;
	name_snake(key, &name);
	f = schema_child(t->schema->root, buf_str(&name));
	return f != NULL && standard_is_field(t->schema, f);
}

static struct node *member_add(struct tree *t, struct node *object, str key, uint64_t hash)
{
	struct node *n = node_new(t, object, key, hash);

	if (object->member_count == object->member_cap)
		members_grow(t, object);
	object->members[object->member_count++] = n;
	*member_slot(t, object, n->key) = object->member_count;
	n->kind = name_fits_column(key) && !is_taken(t, object, key) ? NODE_OPEN : NODE_EXTRA;
	return n;
}

static struct node *member_known(const struct tree *t, const struct node *object, str key)
{
	uint32_t slot = object->slot_count > 0 ? *member_slot(t, object, key) : 0;

	return slot > 0 ? object->members[slot - 1] : NULL;
}

struct node *tree_member_find(struct tree *t, struct node *object, struct node **guess, str key, uint64_t hash)
{
	struct node *n = member_known(t, object, key);

	if (n == NULL && !name_fits_column(key))
		return &t->stranger;
	if (n == NULL && (is_full(t) || is_crowded(t, object))) {
		t->over_budget++;
		return &t->stranger;
	}
	if (n == NULL)
		n = member_add(t, object, key, hash);
	*guess = n;
	return n;
}

struct node *tree_element(struct tree *t, struct node *list)
{
	if (list->element != NULL)
		return list->element;
	if (is_full(t)) {
		t->over_budget++;
		return &t->stranger;
	}
	list->element = node_new(t, list, (str){0}, 0);
	return list->element;
}

/* --- columns ------------------------------------------------------------------------------- */

/* `_extra` stands last, whatever comes after it. */
static void extra_last(struct field *root)
{
	struct field **children = root->children;

	for (uint32_t i = 0; i + 1 < root->child_count; i++) {
		if (str_eq(children[i]->name, STR("_extra"))) {
			struct field *extra = children[i];

			memmove(&children[i], &children[i + 1], (root->child_count - i - 1) * sizeof(*children));
			children[root->child_count - 1] = extra;
			return;
		}
	}
}

/* The column name of a member: snake case, with a number where another member was first. */
static str column_name(const struct field *parent, str key, struct buf *name)
{
	size_t plain;

	name_snake(key, name);
	plain = name->len;
	for (unsigned number = 2; schema_child(parent, buf_str(name)) != NULL; number++) {
		name->len = plain;
		buf_print(name, "_%u", number);
	}
	return buf_str(name);
}

static struct field *container_field(struct tree *t, struct node *n);

static struct field *field_add(struct tree *t, struct node *n, enum type type)
{
	struct field *parent = container_field(t, n->up);
	AUTO(buf)     name = BUF(0);
	struct field *added;

	assert(t->seen == t->schema->count);
	if (parent->type == TYPE_LIST) {
		added = schema_add(t->schema, parent, STR("element"), type, false, STR(""), 0);
	} else {
		added = schema_add(t->schema, parent, column_name(parent, n->key, &name), type, false, n->pointer, 0);
		if (parent == t->schema->root)
			extra_last(parent);
	}
	t->seen = t->schema->count;
	return added;
}

/* The field that the columns of what stands in `n` go under; made, with those above it, where it is not there. */
static struct field *container_field(struct tree *t, struct node *n)
{
	if (n->up == NULL || n->is_hoisted)
		return t->schema->root;
	assert(n->kind == NODE_OBJECT || n->kind == NODE_LIST);
	if (n->field == NULL)
		n->field = field_add(t, n, n->kind == NODE_LIST ? TYPE_LIST : TYPE_STRUCT);
	return n->field;
}

bool tree_column(struct tree *t, struct node *n, enum type type)
{
	assert(n->field == NULL && !n->is_hoisted);
	if (t->leaf_count >= t->pipeline->limits.columns) {
		t->over_budget++;
		return false;
	}
	n->field = field_add(t, n, type);
	n->kind = NODE_SCALAR;
	t->leaf_count++;
	return true;
}

/* --- from a schema ------------------------------------------------------------------------- */

static bool next_part(str *pointer, struct buf *part)
{
	size_t end;

	if (pointer->len == 0 || pointer->ptr[0] != '/')
		return false;
	buf_clear(part);
	end = str_find(*pointer, '/', 1);
	for (size_t i = 1; i < end; i++) {
		char c = pointer->ptr[i];

		if (c == '~' && i + 1 < end)
			c = pointer->ptr[++i] == '1' ? '/' : '~';
		buf_byte(part, c);
	}
	*pointer = str_from(*pointer, end);
	return true;
}

/* The node at a pointer, made where it is not there whatever the limits; below a list, '*' is its element. */
static struct node *node_at(struct tree *t, str pointer)
{
	struct node *n = t->root;
	AUTO(buf)    part = BUF(0);

	while (next_part(&pointer, &part)) {
		str          key = part.len > 0 ? buf_str(&part) : STR("");
		struct node *up = n;

		if (up->kind == NODE_LIST && str_eq(key, STR("*"))) {
			n = up->element;
			if (n == NULL)
				n = up->element = node_new(t, up, (str){0}, 0);
			continue;
		}
		n = member_known(t, up, key);
		if (n == NULL)
			n = member_add(t, up, key, hash_name(key, t->secret));
	}
	return n;
}

static void adopt(struct tree *t, struct node *n, struct field *f)
{
	n->field = f;
	n->kind = f->type == TYPE_LIST ? NODE_LIST : f->type == TYPE_STRUCT ? NODE_OBJECT : NODE_SCALAR;
	if (f->type == TYPE_LIST && f->child_count == 1) { /* its element has no doc: it is adopted with its list */
		if (n->element == NULL)
			n->element = node_new(t, n, (str){0}, 0);
		adopt(t, n->element, f->children[0]);
	}
}

/* Not in a list: a record has one row, and a list many elements. */
static void hoist(struct node *n)
{
	if (n->field != NULL || n->up == NULL)
		return;
	for (const struct node *up = n; up != NULL; up = up->up)
		if (up->kind == NODE_LIST)
			return;
	n->kind = NODE_OBJECT;
	n->is_hoisted = true;
}

/* A column at the top of the table whose member is not at the top of the record says that the member's object is
 * hoisted. */
static void adopt_by_doc(struct tree *t, struct field *f)
{
	struct node *n = node_at(t, f->doc), *up = n->up;

	if (up == NULL || n->field != NULL || n->is_hoisted)
		return;
	if (f->parent == t->schema->root)
		hoist(up);
	if (f->parent == (up->up == NULL || up->is_hoisted ? t->schema->root : up->field))
		adopt(t, n, f);
}

void tree_catch_up(struct tree *t)
{
	for (; t->seen < t->schema->count; t->seen++) { /* parents come before what is in them */
		struct field *f = t->schema->fields[t->seen];

		t->leaf_count += field_is_leaf(f);
		if (str_starts(f->doc, STR("/")) && !standard_is_field(t->schema, f))
			adopt_by_doc(t, f);
	}
}

/* A record's own id, name and time are not columns of their own where a standard column holds them exactly;
 * that column's doc says so, and it alone decides. */
static void hold(struct tree *t, str column, enum node_kind kind)
{
	const struct field *f = schema_child(t->schema->root, column);

	if (f != NULL && str_starts(f->doc, STR("/")))
		node_at(t, f->doc)->kind = kind;
}

void tree_init(struct tree *t, struct schema *schema, const struct pipeline *p, uint64_t secret)
{
	*t = (struct tree){.schema = schema, .pipeline = p, .secret = secret, .stranger = {.kind = NODE_EXTRA}};
	t->root = node_new(t, NULL, (str){0}, 0);
	t->root->kind = NODE_OBJECT;
	t->seen = 1; /* the root */
	hold(t, STR("event_id"), NODE_ID);
	hold(t, STR("event_name"), NODE_NAME);
	hold(t, STR("event_time"), NODE_TIME);
	tree_catch_up(t);
	if (p->attributes.count > 0)
		hoist(node_at(t, p->attributes.pointer));
}

void tree_done(struct tree *t)
{
	arena_done(&t->arena);
}

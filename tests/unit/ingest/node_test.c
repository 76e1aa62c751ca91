#include "ingest/node.h"

#include "ingest/standard.h"
#include "tests/unit/ingest/pipe.h"

/* A tree over a table's schema as a new one has it. */
struct forest {
	struct pipe   pipe;
	struct schema schema;
	struct tree   tree;
};

static void forest_open(struct forest *f)
{
	pipe_init(&f->pipe);
	standard_schema(&f->pipe.conf, &f->pipe.conf.names[0], &f->schema);
	tree_init(&f->tree, &f->schema, &f->pipe.conf, PIPE_SECRET);
}

static void forest_again(struct forest *f) /* after the schema or the configuration has changed */
{
	tree_done(&f->tree);
	tree_init(&f->tree, &f->schema, &f->pipe.conf, PIPE_SECRET);
}

static void forest_close(struct forest *f)
{
	tree_done(&f->tree);
	schema_done(&f->schema);
	pipe_done(&f->pipe);
}

static struct node *member(struct forest *f, struct node *object, const char *key)
{
	return tree_member(&f->tree, object, NULL, str_of(key), hash_name(str_of(key), PIPE_SECRET));
}

static struct field *add(struct forest *f, struct field *parent, const char *name, enum type type, const char *doc)
{
	return schema_add(&f->schema, parent, str_of(name), type, false, str_of(doc), 0);
}

TEST(tree_makes_one_node_for_a_member)
{
	struct forest f;
	struct node  *a, *b;
	char          key[16];

	forest_open(&f);
	a = member(&f, f.tree.root, "a");
	b = tree_member(&f.tree, f.tree.root, a, STR("b"), hash_name(STR("b"), PIPE_SECRET));
	CHECK(a->follow == b && f.tree.root->first == a);
	CHECK(member(&f, f.tree.root, "a") == a && member(&f, f.tree.root, "b") == b);
	CHECK(member(&f, f.tree.root, "A") != a); /* one hash, two names */
	CHECK(member(&f, f.tree.root, "x[") != member(&f, f.tree.root, "x{"));
	CHECK_STR(member(&f, a, "m~/n")->pointer, STR("/a/m~0~1n"));
	CHECK_STR(tree_element(&f.tree, b)->pointer, STR("/b/*"));
	CHECK(tree_element(&f.tree, b) == tree_element(&f.tree, b));
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(key, sizeof(key), "k%d", i);
		(void)member(&f, f.tree.root, key);
	}
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(key, sizeof(key), "k%d", i);
		CHECK_STR(member(&f, f.tree.root, key)->key, str_of(key));
	}
	forest_close(&f);
}

TEST(tree_makes_columns_with_all_above_them)
{
	struct forest f;
	struct node  *list, *leaf;
	uint32_t      fields;

	forest_open(&f);
	fields = f.schema.count;
	list = member(&f, member(&f, f.tree.root, "a"), "list");
	leaf = member(&f, tree_element(&f.tree, list), "x");
	list->up->kind = list->element->kind = NODE_OBJECT;
	list->kind = NODE_LIST;
	CHECK_INT(f.schema.count, fields);
	CHECK(tree_column(&f.tree, leaf, TYPE_STRING));
	CHECK_INT(f.schema.count, fields + 4);
	CHECK(schema_find(&f.schema, STR("a.list.element.x")) == leaf->field);
	CHECK_STR(leaf->field->doc, STR("/a/list/*/x"));
	CHECK_STR(list->element->field->doc, STR(""));
	CHECK(!tree_is_behind(&f.tree));
	CHECK_STR(f.schema.root->children[f.schema.root->child_count - 1]->name, STR("_extra"));

	forest_again(&f);
	list = member(&f, member(&f, f.tree.root, "a"), "list");
	CHECK(list->kind == NODE_LIST && list->element->kind == NODE_OBJECT);
	leaf = member(&f, list->element, "x");
	CHECK(leaf->kind == NODE_SCALAR && leaf->field == schema_find(&f.schema, STR("a.list.element.x")));
	forest_close(&f);
}

TEST(tree_sets_no_node_aside_for_names_no_column_may_have)
{
	static const char *const unfit[] = {"", "a.b", "say \"so\"", "`t`", "it's", "tab\t", "__p", "\x7F"};
	struct forest            f;

	forest_open(&f);
	for (size_t i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++)
		CHECK(member(&f, f.tree.root, unfit[i]) == &f.tree.stranger);
	CHECK_INT(f.tree.over_budget, 0);
	CHECK_INT(member(&f, f.tree.root, "eventId")->kind, NODE_EXTRA);
	CHECK_INT(member(&f, member(&f, f.tree.root, "o"), "eventId")->kind, NODE_OPEN);
	forest_close(&f);
}

TEST(tree_holds_id_and_time_by_the_docs_of_their_columns)
{
	struct forest f;

	forest_open(&f);
	CHECK_INT(member(&f, f.tree.root, "id")->kind, NODE_ID);
	CHECK_INT(member(&f, f.tree.root, "at")->kind, NODE_TIME);
	f.pipe.conf.id.paths[0] = pipe_path(&f.pipe, "other");
	forest_again(&f);
	CHECK_INT(member(&f, f.tree.root, "id")->kind, NODE_ID);
	CHECK_INT(member(&f, f.tree.root, "other")->kind, NODE_OPEN);
	schema_child(f.schema.root, STR("event_id"))->doc = STR("/me.ta/a.b");
	forest_again(&f);
	CHECK_INT(member(&f, member(&f, f.tree.root, "me.ta"), "a.b")->kind, NODE_ID);
	forest_close(&f);
}

TEST(tree_is_bounded)
{
	struct forest f;
	struct node  *n;
	char          key[32];

	forest_open(&f);
	f.pipe.conf.limits.columns = 300;
	f.pipe.conf.limits.members = 10;
	n = member(&f, f.tree.root, "o");
	for (int i = 0; i < 50; i++) {
		(void)snprintf(key, sizeof(key), "k%d", i);
		CHECK_INT(member(&f, n, key) == &f.tree.stranger, i >= 10);
	}
	CHECK_INT(f.tree.over_budget, 40);
	CHECK(member(&f, n, "k3") != &f.tree.stranger);
	for (int i = 0; i < 100000; i++) { /* ever deeper, never a column */
		(void)snprintf(key, sizeof(key), "d%d", i % 7);
		n = i % 60 ? member(&f, n, key) : member(&f, f.tree.root, (snprintf(key, sizeof(key), "r%d", i), key));
		if (n == &f.tree.stranger)
			n = f.tree.root;
	}
	CHECK(f.tree.arena.used < 600 << 10);
	n = member(&f, f.tree.root, "o");
	CHECK(tree_element(&f.tree, n) == &f.tree.stranger);
	forest_close(&f);
}

/* Columns that a person, or another time's configuration, has left in the schema. */
TEST(tree_takes_a_schema_as_it_finds_it)
{
	struct forest f;
	struct field *o, *list, *element;
	struct node  *n;

	forest_open(&f);
	o = add(&f, f.schema.root, "o", TYPE_STRUCT, "/o");
	add(&f, o, "x", TYPE_LONG, "/o/x");
	add(&f, f.schema.root, "y", TYPE_LONG, "/o/y"); /* at the top, though its object is a struct */
	add(&f, f.schema.root, "z", TYPE_LONG, "/h/z"); /* hoisted */
	add(&f, f.schema.root, "own", TYPE_LONG, "a column of someone's own");
	list = add(&f, f.schema.root, "l", TYPE_LIST, "/l");
	element = add(&f, list, "element", TYPE_STRUCT, "");
	add(&f, element, "v", TYPE_LONG, "/l/*/v");
	add(&f, f.schema.root, "flat", TYPE_LONG, "/l/*/w"); /* one row, many elements: cannot be */
	add(&f, f.schema.root, "again", TYPE_STRING, "/h/z"); /* the first one stays */
	add(&f, f.schema.root, "star", TYPE_LONG, "/s/*");
	CHECK(tree_is_behind(&f.tree));
	for (int round = 0; round < 2; round++) {
		tree_catch_up(&f.tree);
		n = member(&f, f.tree.root, "o");
		CHECK(n->field == o && !n->is_hoisted);
		CHECK(member(&f, n, "x")->kind == NODE_SCALAR);
		CHECK(member(&f, n, "y")->kind == NODE_OPEN);
		n = member(&f, f.tree.root, "h");
		CHECK(n->is_hoisted && n->kind == NODE_OBJECT && n->field == NULL);
		CHECK_STR(member(&f, n, "z")->field->name, STR("z"));
		CHECK(member(&f, f.tree.root, "own")->field == NULL);
		n = member(&f, f.tree.root, "l");
		CHECK(n->kind == NODE_LIST && n->element->field == element && !n->element->is_hoisted);
		CHECK(member(&f, n->element, "v")->field != NULL);
		CHECK(member(&f, n->element, "w")->field == NULL);
		n = member(&f, f.tree.root, "s");
		CHECK(n->is_hoisted && member(&f, n, "*")->field != NULL);
		CHECK_INT(f.tree.leaf_count, 6 + 8);
		forest_again(&f);
	}
	forest_close(&f);
}

TEST(tree_keeps_columns_beyond_its_limits)
{
	struct forest f;
	struct field *o;
	char          name[16], doc[32];

	forest_open(&f);
	o = add(&f, f.schema.root, "o", TYPE_STRUCT, "/o");
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "k%d", i);
		(void)snprintf(doc, sizeof(doc), "/o/k%d", i);
		add(&f, o, name, TYPE_LONG, doc);
	}
	f.pipe.conf.limits.columns = 3;
	f.pipe.conf.limits.members = 3;
	forest_again(&f);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "k%d", i);
		CHECK_STR(member(&f, member(&f, f.tree.root, "o"), name)->field->name, str_of(name));
	}
	CHECK(member(&f, member(&f, f.tree.root, "o"), "more") == &f.tree.stranger);
	CHECK(f.tree.stranger.field == NULL && f.tree.stranger.kind == NODE_EXTRA);
	forest_close(&f);
}

#include "ingest/declare.h"

#include <assert.h>

#include "base/hash.h"

static struct node *member_of(struct tree *t, struct node *object, str name)
{
	return tree_member(t, object, NULL, name, hash_name(name, t->secret));
}

/* Open, or of this kind already. */
static bool take_kind(struct node *n, enum node_kind kind)
{
	if (n->kind == NODE_OPEN)
		n->kind = kind;
	return n->kind == kind;
}

static void declare(struct tree *t, struct node *n, const struct rule *r)
{
	enum type type;

	if (n->kind >= NODE_EXTRA)
		return;
	if (r->type == RULE_OBJECT && r->member_count > 0 && take_kind(n, NODE_OBJECT)) {
		for (uint32_t i = 0; i < r->member_count; i++)
			declare(t, member_of(t, n, r->members[i].name), r->members[i].rule);
	} else if (r->type == RULE_ARRAY && r->items != NULL && !n->is_hoisted && take_kind(n, NODE_LIST)) {
		declare(t, tree_element(t, n), r->items);
	} else if (n->kind == NODE_OPEN && rule_column(r, &type)) {
		(void)tree_column(t, n, type);
	}
	n->is_pinned |= rule_column(r, &type);
}

void declare_columns(struct tree *t, const struct contract *c)
{
	if (tree_is_behind(t))
		tree_catch_up(t);
	declare(t, t->root, c->root);
}

void declare_shared(struct tree *t, const struct pipeline *p, str table)
{
	AUTO(buf) name = BUF(0);

	for (size_t i = 0; p->contracts != NULL && names_share_tables(p->table) && i < p->contracts->count; i++) {
		buf_clear(&name);
		names_table(p->table, p->contracts->at[i]->name, &name);
		if (str_eq(buf_str(&name), table))
			declare_columns(t, p->contracts->at[i]);
	}
}

bool declare_fits(const struct rule *r, enum type have)
{
	enum type want;

	return rule_column(r, &want) && (have == want || (r->is_narrow && have == TYPE_INT));
}

/* --- against a table ----------------------------------------------------------------------- */

struct against {
	struct tree           *tree;
	const struct contract *contract;
	str                    table; /* full */
	struct err            *err;
};

static const char *rule_word(const struct rule *r)
{
	enum type type;

	if (rule_column(r, &type))
		return type_name(type);
	return r->type == RULE_ARRAY ? "list" : "struct";
}

static int differs(const struct against *g, const struct node *n, const struct rule *r)
{
	str bare = str_from(g->table, str_find(g->table, '.', 0) + 1);

	return err_set(g->err, ERR_CONFLICT,
	               "%s:%u: " STR_FMT " is %s in table " STR_FMT ", contract \"" STR_FMT "\" says %s: `tarn replay --table "
	               STR_FMT "` rebuilds the table under the contract",
	               g->contract->file, g->contract->line, STR_ARG(str_head(n->pointer, 200)), type_name(n->field->type),
	               STR_ARG(g->table), STR_ARG(g->contract->name), rule_word(r), STR_ARG(bare));
}

static int check(const struct against *g, struct node *n, const struct rule *r)
{
	enum type type;

	if (n->kind >= NODE_EXTRA || r->type == RULE_ANY)
		return 0;
	if (r->type == RULE_OBJECT) {
		if (n->field != NULL && n->kind != NODE_OBJECT)
			return differs(g, n, r);
		for (uint32_t i = 0; n->kind == NODE_OBJECT && i < r->member_count; i++)
			TRY(check(g, member_of(g->tree, n, r->members[i].name), r->members[i].rule));
		return 0;
	}
	if (n->field == NULL)
		return 0;
	if (r->type == RULE_ARRAY) {
		if (n->kind != NODE_LIST)
			return differs(g, n, r);
		return r->items != NULL ? check(g, tree_element(g->tree, n), r->items) : 0;
	}
	return rule_column(r, &type) && declare_fits(r, n->field->type) ? 0 : differs(g, n, r);
}

int declare_check(const struct pipeline *p, const struct contract *c, const struct schema *s, str table, struct err *e)
{
	AUTO(schema)   copy = {0};
	struct tree    tree;
	struct against g = {&tree, c, table, e};
	int            status;

	schema_copy(s, &copy);
	tree_init(&tree, &copy, p, 0);
	status = check(&g, tree.root, c->root);
	assert(copy.count == s->count);
	tree_done(&tree);
	return status;
}

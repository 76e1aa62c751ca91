/* node.h - what a table knows of its records: a tree of the members that were seen, each with its column.
 *
 * One tree per table and pipeline. A node stands for one place in records, its pointer written with '*' for
 * elements: "/payload/commits/ * /sha" (without the blanks). Columns are made lazily, when the first
 * value comes that has a type: a struct without fields and a list without an element cannot exist in a file.
 *
 * The tree is built from the table's schema, where the `doc` of a column is its pointer, and takes in what others
 * add to it. A table keeps its form whatever the configuration becomes: what stood at the top stays there, what
 * stood in a struct too.
 *
 * Nodes are bounded: members whose name no column may have, or past the limits, share one that leads to _extra.
 */
#ifndef INGEST_NODE_H
#define INGEST_NODE_H

#include "base/short.h"
#include "column/schema.h"
#include "ingest/pipeline.h"

enum node_kind {
	NODE_OPEN,   /* no column yet: it may still become anything */
	NODE_SCALAR,
	NODE_OBJECT,
	NODE_LIST,
	NODE_EXTRA,  /* never a column: its name does not fit or is a standard column's, or a limit is reached */
	NODE_ID,     /* event_id, event_name, event_time say that they hold it */
	NODE_NAME,
	NODE_TIME,
};

struct node {
	enum node_kind  kind;
	struct field   *field;   /* SCALAR, OBJECT, LIST: its column, once made */
	struct node    *up;      /* the object or list it stands in; NULL for the root */
	str             key;     /* member name, unescaped; empty for elements */
	uint64_t        hash;    /* hash_name */
	str             pointer;
	struct node    *element; /* what stands in the list */
	struct node   **members;
	uint32_t        member_count, member_cap;
	uint32_t       *slots;   /* hash -> member + 1, a power of two of them */
	uint32_t        slot_count;
	struct node    *first;   /* the member that came first last time */
	struct node    *follow;  /* the member that came after this one last time */
	bool            is_pinned;  /* a contract declares its type: it is not widened */
	bool            is_hoisted; /* an object, and never anything else: its members' columns stand at the top of the table */
};

struct tree {
	struct schema         *schema;   /* the table's; grown here */
	const struct pipeline *pipeline;
	uint64_t               secret;
	struct arena           arena;
	struct node           *root;
	struct node            stranger;   /* stands for all members that have no node: NODE_EXTRA */
	uint32_t               seen;       /* fields of the schema that the tree knows of */
	uint32_t               leaf_count; /* leaves among them, against the budget */
	uint64_t               over_budget; /* values that went to _extra for want of columns */
};

/* Build from what the schema has. The pipeline and the schema are borrowed. */
void tree_init(struct tree *t, struct schema *schema, const struct pipeline *p, uint64_t secret);
void tree_done(struct tree *t);
/* Take in what stands in the schema by now, should another pipeline write to the table too. */
static inline bool tree_is_behind(const struct tree *t) { return t->seen < t->schema->count; }
void tree_catch_up(struct tree *t);

/* The same where it is not the one that was guessed. */
struct node *tree_member_find(struct tree *t, struct node *object, struct node **guess, str key, uint64_t hash);

/* The member of an object, made where new, or the stranger. `after` is the member before it in this record (NULL: none), for the guess. */
static inline struct node *tree_member(struct tree *t, struct node *object, struct node *after, str key, uint64_t hash)
{
	struct node **guess = after ? &after->follow : &object->first;
	struct node  *n = *guess;

	if (n != NULL && n->hash == hash && n->key.len == key.len && bytes_same(n->key.ptr, key.ptr, key.len))
		return n;
	return tree_member_find(t, object, guess, key, hash);
}
struct node *tree_element(struct tree *t, struct node *list); /* the stranger where it is new, and there is no room */

/* Give an open node its column, and its containers theirs. false: the budget does not allow it. */
bool tree_column(struct tree *t, struct node *n, enum type type);

#endif

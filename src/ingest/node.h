/* node.h - what a table knows of its records: a tree of the members that were seen, each with its column.
 *
 * One tree per table and pipeline. A node stands for one place in records, its pointer written with '*' for
 * elements: "/payload/commits/ * /sha" (without the blanks). Columns are made lazily, when the first
 * value comes that has a type: a struct without fields and a list without an element cannot exist in a file.
 *
 * After a restart the tree is built again from the table's schema: the `doc` of a column is its pointer.
 */
#ifndef INGEST_NODE_H
#define INGEST_NODE_H

#include "column/schema.h"
#include "ingest/pipeline.h"

enum node_kind {
	NODE_OPEN,   /* no column yet: it may still become anything */
	NODE_SCALAR,
	NODE_OBJECT,
	NODE_LIST,
	NODE_EXTRA,  /* never a column: its name does not fit, or the budget is spent */
	NODE_ID,     /* held by event_id, event_name, event_time */
	NODE_NAME,
	NODE_TIME,
};

struct node {
	enum node_kind  kind;
	struct field   *field;   /* SCALAR, OBJECT, LIST: its column, once made */
	struct node    *up;      /* the object or list it stands in; NULL for the root */
	str             key;     /* member name, unescaped; empty for elements */
	uint64_t        hash;    /* hash_key */
	str             pointer;
	struct node    *element; /* what stands in the list */
	struct node   **members;
	uint32_t        member_count, member_cap;
	uint32_t       *slots;   /* hash -> member + 1, a power of two of them */
	uint32_t        slot_count;
	struct node    *first;   /* the member that came first last time */
	struct node    *follow;  /* the member that came after this one last time */
	bool            is_hoisted; /* the attributes object: its members' columns stand at the top of the table */
};

struct tree {
	struct schema         *schema;   /* the table's; grown here */
	const struct pipeline *pipeline;
	uint64_t               secret;
	struct arena           arena;
	struct node           *root;
	struct node            stranger;   /* stands for members past the limit: they only lead to _extra */
	uint32_t               leaf_count; /* leaves in the schema, against the budget */
	uint64_t               over_budget; /* values that went to _extra for want of columns */
};

/* Build from what the schema has. The pipeline and the schema are borrowed. */
void tree_init(struct tree *t, struct schema *schema, const struct pipeline *p, uint64_t secret);
void tree_done(struct tree *t);

/* The member of an object, made where new. `after` is the member before it in this record (NULL: none), for the guess. */
struct node *tree_member(struct tree *t, struct node *object, struct node *after, str key, uint64_t hash);
struct node *tree_element(struct tree *t, struct node *list);

/* Give an open node its column, and its containers theirs. false: the budget does not allow it. */
bool tree_column(struct tree *t, struct node *n, enum type type);

#endif

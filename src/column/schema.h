/* schema.h - a table's columns as a tree that only grows.
 *
 * Ids are Iceberg field ids: unique in the table, never reused, stable for ever.
 * Ordinals are dense places in this process's tree, for arrays. Fields are owned by the schema's arena.
 *
 *   root (STRUCT, id 0)
 *    |- event_id (STRING, id 1, required)
 *    `- payload (STRUCT)
 *        `- commits (LIST)      doc "/payload/commits"
 *            `- element (STRUCT) no doc of its own
 *                `- sha (STRING) doc "/payload/commits/ * /sha" (without the blanks)
 */
#ifndef COLUMN_SCHEMA_H
#define COLUMN_SCHEMA_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum type {
	TYPE_BOOL,
	TYPE_LONG,
	TYPE_DOUBLE,
	TYPE_STRING,
	TYPE_BINARY,
	TYPE_TIMESTAMPTZ, /* microseconds since 1970, UTC */
	TYPE_UUID,        /* 16 bytes, as printed */
	TYPE_INT,         /* 32 bits; not inferred, read from tables others made */
	TYPE_DATE,        /* days since 1970; the same */
	TYPE_STRUCT,
	TYPE_LIST, /* one child, the element */
};

struct field {
	int32_t        id;
	uint32_t       ordinal; /* place in schema.fields */
	enum type      type;
	bool           required;
	str            name;
	str            doc; /* empty: none */
	struct field  *parent; /* NULL for the root */
	struct field **children;
	uint32_t       child_count, child_cap;
};

struct schema {
	struct arena   arena;
	struct field  *root;
	struct field **fields; /* by ordinal, the root first */
	uint32_t       count, cap;
	int32_t        last_id; /* highest ever given out, in this table's whole life */
};

void schema_init(struct schema *s);
void schema_done(struct schema *s);

/* Add a field under a struct, or the element under a list. `id` 0 takes the next one. Name and doc are copied. */
struct field *schema_add(struct schema *s, struct field *parent, str name, enum type type, bool required, str doc,
                         int32_t id);
struct field *schema_child(const struct field *parent, str name); /* NULL where absent */
struct field *schema_find(const struct schema *s, str dotted);    /* "payload.commits.element.sha" */
struct field *schema_by_id(const struct schema *s, int32_t id);
bool          field_is_leaf(const struct field *f);
bool          field_in_list(const struct field *f); /* some ancestor is a list */
unsigned      field_max_def(const struct field *f); /* Parquet levels: optional or repeated nodes on its path */
unsigned      field_max_rep(const struct field *f);
const char   *type_name(enum type t); /* Iceberg's word: "long", "timestamptz", ... "struct", "list" */
bool          type_parse(str word, enum type *out);
/* An independent copy, same ids and ordinals. */
void schema_copy(const struct schema *from, struct schema *to);
bool schema_equal(const struct schema *a, const struct schema *b);

AUTO_DEFINE(schema, schema_done)

#endif

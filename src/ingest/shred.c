/* A frame is a container being walked. Its column is touched late, by frame_ensure, when the first value
 * in it finds a column: until then the container may turn out to hold nothing that has one.
 *
 * Invariant: a value is in a column or in _extra, and a null with a column is in neither but null there. */
#include "ingest/shred_int.h"

#include <assert.h>

#include "codec/name.h"
#include "codec/sha256.h"
#include "ingest/contract.h"
#include "ingest/declare.h"
#include "ingest/exact.h"

enum { EXTRA_LEAST = 64 << 10 };

struct frame {
	struct frame *up;
	struct node  *node;
	const struct rule *rule; /* what a contract says of the container; NULL: nothing */
	uint32_t      slot;   /* once ensured: of the object, or the first of the list's elements */
	uint32_t      count;  /* list: elements */
	uint32_t      index;  /* list: the element at hand */
	str           key;    /* object: the member at hand */
	bool          is_ensured;
};

static void shred_value(struct shred *s, struct frame *in, struct node *n, const struct rule *r, uint32_t at);

/* --- _extra -------------------------------------------------------------------------------- */

static void frame_pointer(const struct frame *f, struct buf *out)
{
	if (f->up != NULL)
		frame_pointer(f->up, out);
	if (f->node->kind == NODE_LIST)
		pointer_add_index(out, f->index);
	else
		pointer_add(out, f->key);
}

static void extra_add(struct shred *s, const struct frame *in, uint32_t at)
{
	buf_clear(&s->path);
	frame_pointer(in, &s->path);
	buf_byte(&s->extra, s->extra.len == 0 ? '{' : ',');
	buf_json(&s->extra, buf_str(&s->path));
	buf_byte(&s->extra, ':');
	buf_add(&s->extra, json_source(s->text, s->words, at));
}

static void drift_add(struct shred *s, const struct frame *in, uint32_t at)
{
	s->drifted++;
	extra_add(s, in, at);
}

/* --- frames -------------------------------------------------------------------------------- */

static uint32_t frame_slot(const struct frame *f) /* of the value at hand */
{
	return f->node->kind == NODE_LIST ? f->slot + f->index : f->slot;
}

static void frame_ensure(struct shred *s, struct frame *f)
{
	struct col *col;
	uint32_t    slot;

	if (f->is_ensured)
		return;
	f->is_ensured = true;
	if (f->up == NULL || f->node->is_hoisted) {
		f->slot = s->row;
		return;
	}
	frame_ensure(s, f->up);
	slot = frame_slot(f->up);
	col = columns_col(s->columns, f->node->field);
	if (f->node->kind == NODE_LIST) {
		f->slot = col_set_list(s->columns, col, slot, f->count);
	} else {
		col_set_struct(s->columns, col, slot);
		f->slot = slot;
	}
}

/* --- scalars ------------------------------------------------------------------------------- */

static double bits_to_double(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

static bool infer(struct shred *s, uint64_t head, enum type *out)
{
	bool    is_long;
	int64_t integer;
	double  real;

	switch (json_kind(head)) {
	case JSON_INT:
		*out = TYPE_LONG;
		return true;
	case JSON_DOUBLE:
		*out = TYPE_DOUBLE;
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		*out = TYPE_BOOL;
		return true;
	case JSON_STRING:
		*out = TYPE_STRING;
		if (s->is_text_typed && text_is_number(json_text(s->text, head), &is_long, &integer, &real))
			*out = is_long ? TYPE_LONG : TYPE_DOUBLE;
		return true;
	default:
		return false;
	}
}

static bool is_open_to_change(const struct shred *s, const struct node *n)
{
	return !n->is_pinned && n->field->ordinal >= s->table->schema_published;
}

/* The first fraction in a long column that no file has yet makes it a double one. */
static bool widen(struct shred *s, struct node *n, struct col *col)
{
	if (!is_open_to_change(s, n) || !col_long_to_double(s->columns, col))
		return false;
	n->field->type = TYPE_DOUBLE;
	return true;
}

static bool set_integer(struct shred *s, const struct field *f, struct col *col, uint32_t slot, int64_t v)
{
	if (f->type == TYPE_LONG)
		col_set_long(s->columns, col, slot, v);
	else if (f->type == TYPE_DOUBLE && long_is_double(v))
		col_set_double(s->columns, col, slot, (double)v);
	else
		return false;
	return true;
}

static bool set_real(struct shred *s, struct node *n, struct col *col, uint32_t slot, double v)
{
	const struct field *f = n->field;
	int64_t             integer;

	if (f->type == TYPE_LONG && double_is_long(v, &integer))
		col_set_long(s->columns, col, slot, integer);
	else if (f->type == TYPE_DOUBLE || (f->type == TYPE_LONG && widen(s, n, col)))
		col_set_double(s->columns, col, slot, v);
	else
		return false;
	return true;
}

static bool set_text(struct shred *s, struct node *n, struct col *col, uint32_t slot, uint64_t head)
{
	const struct field *f = n->field;
	str                 text = json_text(s->text, head);
	bool                is_long;
	int64_t             integer;
	double              real;

	if (f->type == TYPE_STRING) {
		if (json_flags(head) & JSON_ESCAPED)
			text = json_unescape(s->text, head, &s->scratch);
		col_set_string(s->columns, col, slot, text);
		return true;
	}
	if (!s->is_text_typed || !text_is_number(text, &is_long, &integer, &real))
		return false;
	return is_long ? set_integer(s, f, col, slot, integer) : set_real(s, n, col, slot, real);
}

static inline bool set_scalar(struct shred *s, struct frame *in, struct node *n, uint32_t at)
{
	const struct field *f = n->field;
	uint64_t            head = s->words[at];
	struct col         *col;
	uint32_t            slot;

	frame_ensure(s, in);
	slot = frame_slot(in);
	col = columns_col(s->columns, f);
	switch (json_kind(head)) {
	case JSON_INT:
		return set_integer(s, f, col, slot, (int64_t)s->words[at + 1]);
	case JSON_DOUBLE:
		s->lossy += (json_flags(head) & JSON_LOSSY) != 0;
		return set_real(s, n, col, slot, bits_to_double(s->words[at + 1]));
	case JSON_STRING:
		return set_text(s, n, col, slot, head);
	default:
		if (f->type != TYPE_BOOL)
			return false;
		col_set_bool(s->columns, col, slot, json_kind(head) == JSON_TRUE);
		return true;
	}
}

static void shred_scalar(struct shred *s, struct frame *in, struct node *n, uint32_t at)
{
	enum type type;

	if (n->is_hoisted) {
		drift_add(s, in, at);
		return;
	}
	if (n->field == NULL) {
		if (!infer(s, s->words[at], &type) || !tree_column(&s->tree, n, type)) {
			extra_add(s, in, at);
			return;
		}
	}
	if (!field_is_leaf(n->field) || !set_scalar(s, in, n, at))
		drift_add(s, in, at);
}

/* --- what a contract declares -------------------------------------------------------------- */

static void set_held(struct shred *s, struct col *col, uint32_t slot, const struct held *held)
{
	switch (col->type) {
	case TYPE_STRING:
		col_set_string(s->columns, col, slot, held->text);
		break;
	case TYPE_DOUBLE:
		col_set_double(s->columns, col, slot, held->real);
		break;
	case TYPE_BOOL:
		col_set_bool(s->columns, col, slot, held->truth);
		break;
	case TYPE_UUID:
		col_set_uuid(s->columns, col, slot, held->uuid);
		break;
	default:
		col_set_long(s->columns, col, slot, held->whole);
	}
}

/* false: the column is not as declared, because rows were there before the contract, or the value is not, because it was
 * judged by another one. Then it is shredded like any other. */
static bool shred_declared(struct shred *s, struct frame *in, struct node *n, const struct rule *r, uint32_t at)
{
	struct held held;

	if (n->field == NULL || !declare_fits(r, n->field->type) ||
	    !rule_hold(r, s->text, s->words, at, s->is_text_typed, &s->scratch, &held))
		return false;
	frame_ensure(s, in);
	set_held(s, columns_col(s->columns, n->field), frame_slot(in), &held);
	if (!held.is_exact)
		drift_add(s, in, at);
	return true;
}

/* Its columns stand before its first row does. */
static void take_contract(struct shred *s, const struct contract *c)
{
	while (s->declared.count <= c->number)
		*VEC_ADD(&s->declared) = false;
	if (!s->declared.at[c->number])
		declare_columns(&s->tree, c);
	s->declared.at[c->number] = true;
}

/* --- containers ---------------------------------------------------------------------------- */

/* Does anything in the value have a type, so that a column can come of it? */
static bool has_type(const struct shred *s, uint32_t at)
{
	uint64_t       head = s->words[at];
	enum json_kind kind = json_kind(head);
	uint32_t       next = at + 2;

	if (kind > JSON_ARRAY)
		return kind != JSON_NULL;
	for (uint32_t left = json_len(head); left > 0; left--) {
		uint32_t value = kind == JSON_OBJECT ? next + 2 : next;

		if (has_type(s, value))
			return true;
		next = json_skip(s->words, value);
	}
	return false;
}

/* Most values: a scalar for a column that is there, of which no contract says anything. */
static inline bool is_plain(const struct node *n, const struct rule_member *declared, enum json_kind kind)
{
	return n->kind == NODE_SCALAR && declared == NULL && kind > JSON_KEY && kind != JSON_NULL;
}

static void walk_object(struct shred *s, struct frame *f, uint32_t at)
{
	struct node *before = NULL;
	uint32_t     next = at + 2;

	for (uint32_t left = json_len(s->words[at]); left > 0; left--) {
		uint64_t     head = s->words[next];
		struct node *n;
		const struct rule_member *declared = NULL;

		f->key = json_text(s->text, head);
		if (json_flags(head) & JSON_ESCAPED)
			f->key = arena_str(&s->keys, json_unescape(s->text, head, &s->scratch));
		n = tree_member(&s->tree, f->node, before, f->key, s->words[next + 1]);
		if (n != &s->tree.stranger)
			before = n;
		if (f->rule != NULL)
			declared = rule_member(f->rule, s->text, head, s->words[next + 1]);
		next += 2;
		if (!is_plain(n, declared, json_kind(s->words[next])))
			shred_value(s, f, n, declared ? declared->rule : NULL, next);
		else if (!set_scalar(s, f, n, next))
			drift_add(s, f, next);
		next = json_skip(s->words, next);
	}
}

static void shred_object(struct shred *s, struct frame *in, struct node *n, const struct rule *r, uint32_t at)
{
	struct frame f = {.up = in, .node = n, .rule = r != NULL && r->type == RULE_OBJECT ? r : NULL};

	if (n->field != NULL && n->kind != NODE_OBJECT) {
		drift_add(s, in, at);
		return;
	}
	if (json_len(s->words[at]) == 0 || (n->field == NULL && !n->is_hoisted && !has_type(s, at))) {
		extra_add(s, in, at); /* nothing that a struct could hold */
		return;
	}
	n->kind = NODE_OBJECT;
	if (n->field != NULL)
		frame_ensure(s, &f);
	walk_object(s, &f, at);
}

static void shred_list(struct shred *s, struct frame *in, struct node *n, const struct rule *r, uint32_t at)
{
	struct frame       f = {.up = in, .node = n, .count = json_len(s->words[at])};
	const struct rule *items = r != NULL && r->type == RULE_ARRAY ? r->items : NULL;
	uint32_t           next = at + 2;

	if (n->is_hoisted || (n->field != NULL && n->kind != NODE_LIST)) {
		drift_add(s, in, at);
		return;
	}
	if (n->field == NULL && !has_type(s, at)) {
		extra_add(s, in, at);
		return;
	}
	n->kind = NODE_LIST;
	if (n->field != NULL)
		frame_ensure(s, &f);
	for (f.index = 0; f.index < f.count; f.index++) {
		shred_value(s, &f, tree_element(&s->tree, n), items, next);
		next = json_skip(s->words, next);
	}
}

/* --- values -------------------------------------------------------------------------------- */

/* Does the standard column hold this very value in this row? Its doc says so for most, but the event may have got
 * its name by another rule, and a pipeline may look elsewhere for its id than the one that made the table. */
static bool is_held(const struct event *ev, enum node_kind kind, uint32_t at)
{
	switch (kind) {
	case NODE_ID:
		return ev->id_at == at && ev->is_id_exact;
	case NODE_NAME:
		return ev->name_at == at;
	default:
		return ev->time_at == at;
	}
}

static void shred_value(struct shred *s, struct frame *in, struct node *n, const struct rule *r, uint32_t at)
{
	enum json_kind kind = json_kind(s->words[at]);

	if (n->kind >= NODE_EXTRA) {
		if (n->kind == NODE_EXTRA || !is_held(s->event, n->kind, at))
			extra_add(s, in, at);
	} else if (kind == JSON_NULL) {
		if (n->field == NULL)
			extra_add(s, in, at);
	} else if (r != NULL && r->type > RULE_ARRAY && shred_declared(s, in, n, r, at)) {
		return;
	} else if (kind == JSON_OBJECT) {
		shred_object(s, in, n, r, at);
	} else if (kind == JSON_ARRAY) {
		shred_list(s, in, n, r, at);
	} else {
		shred_scalar(s, in, n, at);
	}
}

/* --- rows ---------------------------------------------------------------------------------- */

void shred_init(struct shred *s, const struct pipeline *p, uint64_t secret, struct table *table, struct columns *columns)
{
	*s = (struct shred){.table = table, .columns = columns, .pipeline = p};
	tree_init(&s->tree, &table->schema, p, secret);
	standard_fields(&table->schema, s->standard);
	assert(s->standard[STANDARD_ID] && s->standard[STANDARD_TIME] && s->standard[STANDARD_EXTRA]);
	declare_shared(&s->tree, p, table->name);
}

void shred_done(struct shred *s)
{
	tree_done(&s->tree);
	buf_done(&s->extra);
	buf_done(&s->scratch);
	buf_done(&s->path);
	arena_done(&s->keys);
	VEC_DONE(&s->declared);
}

static void row_begin(struct shred *s, const struct run *run, const struct event *ev)
{
	s->text = run->bytes.ptr + ev->record->text;
	s->words = ev->words;
	s->event = ev;
	s->is_text_typed = run->is_text_typed;
	s->row = s->columns->row_count;
	buf_clear(&s->extra);
	s->extra.ceiling = EXTRA_LEAST + 2 * (size_t)ev->record->text_len;
	if (s->keys.used > 0)
		arena_reset(&s->keys);
	if (tree_is_behind(&s->tree))
		tree_catch_up(&s->tree);
	if (ev->contract != NULL)
		take_contract(s, ev->contract);
}

void shred_row(struct shred *s, const struct run *run, const struct event *ev, str part_label, int64_t ingested_us)
{
	struct frame root = {.node = s->tree.root, .rule = ev->contract ? ev->contract->root : NULL};

	assert(ev->verdict == VERDICT_ROW && ev->words != NULL);
	row_begin(s, run, ev);
	shred_standard(s, part_label, ingested_us);
	walk_object(s, &root, 0);
	shred_extra(s);
	s->columns->row_count++;
}

/* contract_draft.c - a tree of members becomes lines of YAML.
 *
 * What it writes refuses none of the rows that it was made from: where it cannot be known whether a member was always there,
 * it is not required. */
#include "app/contract_draft.h"

enum { ENUM_BYTES = 400 };

struct line {
	const struct node *node;
	const struct rule *rule; /* of the contract in force; NULL: none */
	unsigned           depth;
};

static const struct rule *rule_of(const struct rule *object, str name)
{
	for (uint32_t i = 0; object != NULL && i < object->member_count; i++)
		if (str_eq(object->members[i].name, name))
			return object->members[i].rule;
	return NULL;
}

static const struct drift_place *drifted(const struct draft *d, const struct node *n)
{
	return drift_find(d->drift, n->pointer, DRIFT_TYPE);
}

static bool is_held(const struct node *n) /* by a standard column */
{
	return n->kind == NODE_ID || n->kind == NODE_NAME || n->kind == NODE_TIME;
}

/* --- what is there ------------------------------------------------------------------------- */

/* Has any row of the name something here? */
static bool is_seen(const struct draft *d, const struct node *n)
{
	if (is_held(n) || drifted(d, n) != NULL || (n->field != NULL && facts_of(d->facts, n)->present > 0))
		return true;
	for (uint32_t i = 0; n->kind != NODE_EXTRA && i < n->member_count; i++)
		if (is_seen(d, n->members[i]))
			return true;
	return false;
}

/* Are values that drifted in _extra alone, and not near them in the column too? */
static bool is_apart(const struct node *n)
{
	return n->field == NULL || (n->field->type != TYPE_DOUBLE && n->field->type != TYPE_TIMESTAMPTZ);
}

/* How many of its objects have the member for certain. */
static int64_t certain(const struct draft *d, const struct node *n)
{
	const struct drift_place *p = drifted(d, n);
	int64_t                   count = n->field != NULL ? facts_of(d->facts, n)->present : 0;

	return count + (p != NULL && is_apart(n) ? p->values : 0);
}

/* How many objects there may have been; those that had nothing for a column stand in _extra whole. */
static int64_t possible(const struct draft *d, const struct node *object)
{
	const struct drift_place *empty = drift_find(d->drift, object->pointer, DRIFT_EMPTY);

	if (object->up == NULL || object->is_hoisted || object->field == NULL)
		return d->facts->rows;
	return facts_of(d->facts, object)->present + (empty ? empty->objects : 0);
}

static bool is_required(const struct draft *d, const struct node *object, const struct node *n)
{
	if (n->kind == NODE_ID || n->kind == NODE_TIME)
		return true; /* without them there is no event */
	if (n->field == NULL && n->member_count > 0) {
		for (uint32_t i = 0; i < n->member_count; i++)
			if (is_required(d, n, n->members[i]))
				return true;
		return false;
	}
	return certain(d, n) == possible(d, object);
}

/* --- YAML ---------------------------------------------------------------------------------- */

static void add_word(struct buf *out, str word)
{
	bool is_plain = word.len > 0 && word.len <= 64;

	for (size_t i = 0; i < word.len; i++) {
		unsigned char c = (unsigned char)word.ptr[i];

		is_plain &= c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (i > 0 && c >= '0' && c <= '9');
	}
	for (size_t i = 0; is_plain && i < 9; i++) /* which other readers of YAML take for something else */
		is_plain = !str_eq(word, str_of((const char *[]){"true", "false", "null", "yes", "no", "on", "off", "y", "n"}[i]));
	if (is_plain)
		buf_add(out, word);
	else
		buf_json(out, word);
}

static void begin(const struct draft *d, unsigned depth, const char *key)
{
	buf_fill(d->out, ' ', 2 * (size_t)depth);
	buf_add(d->out, str_of(key));
}

/* --- leaves -------------------------------------------------------------------------------- */

static const char *schema_of_column(enum type t)
{
	static const char *const texts[] = {
		[TYPE_BOOL] = "{type: boolean}",
		[TYPE_LONG] = "{type: integer}",
		[TYPE_DOUBLE] = "{type: number}",
		[TYPE_STRING] = "{type: string}",
		[TYPE_BINARY] = "{type: string}",
		[TYPE_TIMESTAMPTZ] = "{type: string, format: date-time}",
		[TYPE_UUID] = "{type: string, format: uuid}",
		[TYPE_INT] = "{type: integer, format: int32}",
		[TYPE_DATE] = "{type: string, format: date}",
		[TYPE_STRUCT] = "{type: object}",
		[TYPE_LIST] = "{type: array}",
	};

	return texts[t];
}

/* A standard column has it, but not in every row as it came. */
static const char *schema_of_held(const struct draft *d, const struct node *n)
{
	const struct drift_place *p = drift_find(d->drift, n->pointer, DRIFT_SPELLING);
	struct drift_place        all = p != NULL ? *p : (struct drift_place){0};

	if (n->kind == NODE_ID)
		return schema_child(d->drift->schema.root, STR("event_id"))->type == TYPE_UUID ? "{type: string, format: uuid}"
		                                                                               : "{type: string}";
	all.field = NULL;
	all.kinds |= n->kind == NODE_TIME ? KIND_INTEGER : KIND_TEXT;
	return drift_rule(&all);
}

/* How a column came to be cannot be seen in it where a contract converts: that contract is asked. */
static bool add_converted(struct buf *out, const struct rule *r)
{
	static const char *const units[] = {"s", "ms", "us", "ns"};

	if (r == NULL || (r->type != RULE_JSON && !r->is_coerced && !r->has_unit && !r->has_zone))
		return false;
	if (r->type == RULE_JSON)
		buf_add(out, STR("{format: json}"));
	else if (r->type != RULE_INSTANT)
		buf_print(out, "{type: %s, coerce: true}",
		          r->type == RULE_INTEGER ? "integer" : r->type == RULE_NUMBER ? "number" : "boolean");
	else
		buf_print(out, "{type: string, format: date-time%s%s", r->has_unit ? ", unit: " : "",
		          r->has_unit ? units[r->unit] : "");
	if (r->has_zone)
		buf_print(out, ", zone: \"%c%02d:%02d\"", r->zone_minutes < 0 ? '-' : '+', abs(r->zone_minutes) / 60,
		          abs(r->zone_minutes) % 60);
	if (r->type == RULE_INSTANT)
		buf_byte(out, '}');
	return true;
}

static void add_schema(const struct draft *d, const struct node *n, const struct rule *r)
{
	const struct drift_place *p = drifted(d, n);

	if (is_held(n))
		buf_add(d->out, str_of(schema_of_held(d, n)));
	else if (p != NULL)
		buf_add(d->out, str_of(drift_rule(p)));
	else if (!add_converted(d->out, r))
		buf_add(d->out, str_of(schema_of_column(n->field->type)));
}

/* What could be said besides, for a person to decide. */
static void add_comment(const struct draft *d, const struct node *n)
{
	const struct drift_place *p = drifted(d, n);
	const struct fact        *f = n->field != NULL && !is_held(n) ? facts_of(d->facts, n) : NULL;
	AUTO(buf)                 list = BUF(ENUM_BYTES);

	if (p != NULL) {
		buf_print(d->out, "  # is %s in the table; %lld values are not", drift_column(p), (long long)p->values);
		return;
	}
	if (f == NULL || f->present == 0 || n->field->type != TYPE_STRING)
		return;
	if (f->form != NULL)
		buf_print(d->out, "  # format: %s", f->form);
	for (unsigned i = 0; i < f->word_count; i++) {
		buf_add(&list, i ? STR(", ") : STR(""));
		add_word(&list, f->words[i]);
	}
	if (f->word_count > 0 && !buf_over(&list))
		buf_print(d->out, "  # enum: [" STR_FMT "]", STR_ARG(buf_str(&list)));
}

/* --- objects and lists --------------------------------------------------------------------- */

static void write_schema(const struct draft *d, const struct line *at);

static void write_member(const struct draft *d, const struct line *object, const struct node *n)
{
	struct line at = {n, rule_of(object->rule, n->key), object->depth + 1};

	begin(d, at.depth, "");
	add_word(d->out, n->key);
	buf_byte(d->out, ':');
	write_schema(d, &at);
}

static void write_object(const struct draft *d, const struct line *at)
{
	const struct node *n = at->node;
	unsigned           required = 0;

	begin(d, at->depth + 1, "type: object\n");
	for (uint32_t i = 0; i < n->member_count; i++) {
		if (n->members[i]->kind == NODE_EXTRA || !is_seen(d, n->members[i]) || !is_required(d, n, n->members[i]))
			continue;
		if (required++ == 0)
			begin(d, at->depth + 1, "required: [");
		else
			buf_add(d->out, STR(", "));
		add_word(d->out, n->members[i]->key);
	}
	buf_add(d->out, required > 0 ? STR("]\n") : STR(""));
	begin(d, at->depth + 1, "properties:\n");
	for (uint32_t i = 0; i < n->member_count; i++)
		if (n->members[i]->kind != NODE_EXTRA && is_seen(d, n->members[i]))
			write_member(d, &(struct line){n, at->rule, at->depth + 1}, n->members[i]);
}

static bool has_seen_member(const struct draft *d, const struct node *n)
{
	for (uint32_t i = 0; i < n->member_count; i++)
		if (n->members[i]->kind != NODE_EXTRA && is_seen(d, n->members[i]))
			return true;
	return false;
}

static void write_list(const struct draft *d, const struct line *at)
{
	struct line element = {at->node->element, at->rule != NULL ? at->rule->items : NULL, at->depth + 1};

	begin(d, at->depth + 1, "type: array\n");
	begin(d, at->depth + 1, "items:");
	write_schema(d, &element);
}

/* What stands after the colon: one line, or a block below it. */
static void write_schema(const struct draft *d, const struct line *at)
{
	const struct node *n = at->node;
	bool               is_whole = drifted(d, n) != NULL; /* all of it in one column */

	if (!is_whole && n->member_count > 0 && !is_held(n) && has_seen_member(d, n)) {
		buf_byte(d->out, '\n');
		write_object(d, at);
	} else if (!is_whole && n->kind == NODE_LIST && n->element != NULL && is_seen(d, n->element)) {
		buf_byte(d->out, '\n');
		write_list(d, at);
	} else {
		buf_byte(d->out, ' ');
		add_schema(d, n, at->rule);
		add_comment(d, n);
		buf_byte(d->out, '\n');
	}
}

void draft_write(const struct draft *d)
{
	buf_print(d->out, "# what %lld rows of " STR_FMT " hold; to be reviewed\n", (long long)d->facts->rows,
	          STR_ARG(d->named->table.full));
	if (d->drift->values[DRIFT_BUDGET] > 0)
		buf_print(d->out, "# %lld values found no column within the limits, and are not in this: see tarn drift\n",
		          (long long)d->drift->values[DRIFT_BUDGET]);
	add_word(d->out, d->named->name);
	buf_add(d->out, STR(":\n"));
	write_object(d, &(struct line){d->tree->root, d->known != NULL ? d->known->root : NULL, 0});
}

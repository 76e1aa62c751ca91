/* plan.c - find the scans of a table in an explained plan, a tree of {"name", "children",
 * "extra_info"}. */
#include "query/plan.h"

#include <jansson.h>

#include "base/buf.h"
#include "query/plan_int.h"

/* In a plan, names stand bare: one with other bytes in it could read like a condition. */
static bool is_plain(str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_'))
			return false;
	}
	return name.len > 0;
}

static bool is_plain_schema(const struct schema *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (s->fields[i] != s->root && !is_plain(s->fields[i]->name))
			return false;
	return true;
}

/* The filters of a scan. DuckDB breaks the text at every line break, those inside of constants
 * too: joined again it is what it was. */
static str filters_text(const json_t *filters, struct arena *a)
{
	AUTO(buf)     text = BUF(0);
	size_t        index;
	const json_t *line;

	if (json_is_string(filters))
		return str_make(json_string_value(filters), json_string_length(filters));
	json_array_foreach (filters, index, line) {
		if (index > 0)
			buf_byte(&text, '\n');
		buf_bytes(&text, json_string_value(line), json_string_length(line));
	}
	return arena_str(a, buf_str(&text));
}

struct search {
	str                  table; /* as the plan names it: memory.events.push_event */
	const struct schema *schema;
	struct plan         *plan;
};

static void node_read(const struct search *search, const json_t *node)
{
	const json_t   *info = json_object_get(node, "extra_info");
	const json_t   *children = json_object_get(node, "children");
	const json_t   *child;
	size_t          index;
	struct plan_use use = {.at = NULL};

	if (str_eq(str_of(json_string_value(json_object_get(info, "Table"))), search->table)) {
		filters_read(filters_text(json_object_get(info, "Filters"), &search->plan->arena),
		             search->schema, &search->plan->arena, &use);
		*VEC_ADD(search->plan) = use;
	}
	json_array_foreach (children, index, child)
		node_read(search, child);
}

void plan_read(str explained, str space, str table, const struct schema *s, struct plan *out)
{
	struct search search = {.schema = s, .plan = out};
	json_error_t  at;
	json_auto_t  *doc = NULL;
	const json_t *node;
	size_t        index;

	*out = (struct plan){.at = NULL};
	if (!is_plain_schema(s) || !is_plain(space) || !is_plain(table))
		return;
	doc = json_loadb(explained.ptr, explained.len, 0, &at);
	search.table = arena_format(&out->arena, "memory." STR_FMT "." STR_FMT, STR_ARG(space),
	                            STR_ARG(table));
	json_array_foreach (doc, index, node)
		node_read(&search, node);
}

void plan_done(struct plan *p)
{
	for (size_t i = 0; i < p->count; i++)
		VEC_DONE(&p->at[i]);
	VEC_DONE(p);
	arena_done(&p->arena);
}

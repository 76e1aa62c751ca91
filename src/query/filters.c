/* filters.c - the words of a scan's filters.
 *
 *   line    = item { " AND " item }            lines are joined by "and"
 *   item    = name compare constant | "(" anything, balanced ")"
 *   compare = "=" | "!=" | "<" | "<=" | ">" | ">="
 *   constant = [-] digits | 'text' [ "::" TYPE ]
 *
 * A line with anything else in it says nothing to us, as a whole: it may hold an OR. Quotes are
 * doubled inside quotes, and a line break there is part of the text, so a constant can never
 * pass for a condition.
 */
#include "codec/time.h"
#include "query/plan_int.h"

static bool take(str *s, str what)
{
	if (!str_starts(*s, what))
		return false;
	*s = str_from(*s, what.len);
	return true;
}

static str take_while(str *s, const char *bytes)
{
	size_t len = 0;
	str    out;

	while (len < s->len && s->ptr[len] != '\0' && strchr(bytes, s->ptr[len]) != NULL)
		len++;
	out = str_head(*s, len);
	*s = str_from(*s, len);
	return out;
}

/* Text in quotes, at its first one; *out has the doubled ones made single. */
static bool take_quoted(str *s, struct arena *a, str *out)
{
	char  *text;
	size_t len = 0;

	if (!take(s, STR("'")))
		return false;
	text = arena_alloc(a, s->len + 1);
	for (size_t at = 0; at < s->len; at++) {
		if (s->ptr[at] == '\'' && (at + 1 == s->len || s->ptr[at + 1] != '\'')) {
			*out = str_make(text, len);
			*s = str_from(*s, at + 1);
			return true;
		}
		text[len++] = s->ptr[at];
		at += s->ptr[at] == '\'';
	}
	return false;
}

/* Past a balanced "( ... )": quotes of both kinds hide what is in them. */
static bool take_group(str *s)
{
	size_t depth = 0;
	char   quote = '\0';

	for (size_t at = 0; at < s->len; at++) {
		char c = s->ptr[at];

		if (quote != '\0')
			quote = c == quote ? '\0' : quote;
		else if (c == '\'' || c == '"')
			quote = c;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0) {
			*s = str_from(*s, at + 1);
			return true;
		}
	}
	return false;
}

struct constant {
	bool is_text;
	str  text; /* digits, or what stood in quotes */
	str  type; /* behind the "::"; empty: none */
};

static bool take_constant(str *s, struct arena *a, struct constant *out)
{
	static const str types[] = {
		STR("TIMESTAMP WITH TIME ZONE"), STR("DATE"), STR("UUID"), STR("DOUBLE"),
	};
	str start = *s;

	*out = (struct constant){.is_text = s->len > 0 && s->ptr[0] == '\''};
	if (!out->is_text) {
		(void)take(s, STR("-"));
		out->text = take_while(s, "0123456789");
		out->text = str_head(start, (size_t)(s->ptr - start.ptr));
		return out->text.len > 0;
	}
	if (!take_quoted(s, a, &out->text))
		return false;
	if (!take(s, STR("::")))
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (take(s, types[i])) {
			out->type = types[i];
			return true;
		}
	}
	return false;
}

static bool instant_of(str text, int64_t *out)
{
	bool is_flagged = false;

	return time_parse(text, false, 0, out, NULL, &is_flagged) == TIME_OK && !is_flagged;
}

/* The constant as the field's kind of value; false where it is of another. */
static bool constant_fit(const struct constant *c, struct condition *out)
{
	switch (out->field->type) {
	case TYPE_LONG:
	case TYPE_INT:
		return !c->is_text && str_to_i64(c->text, &out->whole);
	case TYPE_STRING:
		out->text = c->text;
		return c->is_text && c->type.len == 0;
	case TYPE_TIMESTAMPTZ:
		return str_starts(c->type, STR("TIMESTAMP")) && instant_of(c->text, &out->whole);
	case TYPE_DATE:
		if (!str_eq(c->type, STR("DATE")) ||
		    time_parse(c->text, true, 0, &out->whole, NULL, NULL) != TIME_OK)
			return false;
		out->whole = time_day(out->whole);
		return true;
	default:
		return false;
	}
}

static bool compare_of(str word, enum compare *out)
{
	static const char *const words[] = {
		[COMPARE_EQ] = "=",
		[COMPARE_LT] = "<",
		[COMPARE_LE] = "<=",
		[COMPARE_GT] = ">",
		[COMPARE_GE] = ">=",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq(word, str_of(words[i]))) {
			*out = (enum compare)i;
			return true;
		}
	}
	return false;
}

/* One item; what is well formed but of no use to us (a member of a struct, "!=") is passed over. */
static bool item_read(str *s, const struct schema *schema, struct arena *a, struct plan_use *out)
{
	struct condition condition = {.field = NULL};
	struct constant  constant;
	str              name, compare;

	if (s->len > 0 && s->ptr[0] == '(')
		return take_group(s);
	name = take_while(s, "abcdefghijklmnopqrstuvwxyz0123456789_.");
	compare = take_while(s, "=<>!");
	if (name.len == 0 || compare.len == 0 || !take_constant(s, a, &constant))
		return false;
	condition.field = schema_child(schema->root, name);
	if (condition.field != NULL && compare_of(compare, &condition.compare) &&
	    constant_fit(&constant, &condition))
		*VEC_ADD(out) = condition;
	return true;
}

/* One line. What it gave is taken back where it does not end as it should. */
static bool line_read(str *s, const struct schema *schema, struct arena *a, struct plan_use *out)
{
	size_t before = out->count;

	do {
		if (!item_read(s, schema, a, out)) {
			out->count = before;
			return false;
		}
	} while (take(s, STR(" AND ")));
	if (s->len > 0 && !take(s, STR("\n"))) {
		out->count = before;
		return false;
	}
	return true;
}

/* To the next line break outside quotes. */
static void line_skip(str *s)
{
	char   quote = '\0';
	size_t at = 0;

	for (; at < s->len; at++) {
		char c = s->ptr[at];

		if (quote != '\0')
			quote = c == quote ? '\0' : quote;
		else if (c == '\'' || c == '"')
			quote = c;
		else if (c == '\n')
			break;
	}
	*s = str_from(*s, at + 1);
}

void filters_read(str text, const struct schema *s, struct arena *a, struct plan_use *out)
{
	while (text.len > 0) {
		str line = text;

		if (!line_read(&text, s, a, out)) {
			text = line;
			line_skip(&text);
		}
	}
}

/* config_rule.c - one schema of a contract, from YAML to a rule. What a keyword means: docs/config.md.
 *
 * The type decides which other keywords may stand beside it: one that says nothing of the type is an error, as is one
 * that is not known, because a rule that is silently not applied is worse than none. */
#include "app/config_int.h"
#include "codec/json.h"
#include "ingest/pattern.h"

enum { CHOICES_MAX = 1000 };

#define BIT(type)  (1u << (type))
#define TEXTS      BIT(RULE_STRING)
#define NUMBERS    (BIT(RULE_INTEGER) | BIT(RULE_NUMBER))
#define EVERYTHING (~0u)

struct reading {
	struct contracts *contracts;
	struct arena     *arena;
	struct err       *e;
};

static int read_rule(struct reading *r, const struct yaml *y, struct rule **out);

/* --- type ---------------------------------------------------------------------------------- */

static const char *const type_words[] = {"object", "array", "string", "integer", "number", "boolean", NULL};
static const enum rule_type types[] = {RULE_OBJECT,  RULE_ARRAY,  RULE_STRING,
                                       RULE_INTEGER, RULE_NUMBER, RULE_BOOLEAN};

static const struct format {
	const char    *word;
	unsigned       types; /* that it may stand with; RULE_ANY: with none */
	enum rule_type becomes;
} formats[] = {
	{"date-time", TEXTS | NUMBERS, RULE_INSTANT},
	{"date", TEXTS, RULE_DATE},
	{"uuid", TEXTS, RULE_UUID},
	{"json", TEXTS | BIT(RULE_ANY), RULE_JSON},
	{"int64", BIT(RULE_INTEGER), RULE_INTEGER},
	{"int32", BIT(RULE_INTEGER), RULE_INTEGER},
	{"double", BIT(RULE_NUMBER), RULE_NUMBER},
};

static bool is_null_word(const struct yaml *y)
{
	return y->kind == YAML_TEXT && str_eq(y->text, STR("null"));
}

/* A type, or a list of one and "null". */
static int read_type(struct reading *r, const struct yaml *y, struct rule *out)
{
	const struct yaml *word = y;
	int                index = 0;

	if (y->kind == YAML_LIST) {
		out->is_nullable = y->count == 2 && is_null_word(y->items[0]) != is_null_word(y->items[1]);
		if (!out->is_nullable && y->count != 1)
			return yaml_error(y, r->e, "a column has one type: name one, or one and \"null\"; {type: string} takes numbers "
			                  "and truths too, {format: json} takes any value");
		word = y->items[out->is_nullable && is_null_word(y->items[0])];
	}
	TRY(yaml_choice(word, "type", type_words, &index, r->e));
	out->type = types[index];
	return 0;
}

static int read_format(struct reading *r, const struct yaml *y, struct rule *out)
{
	AUTO(buf) list = BUF(0);

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const struct format *f = &formats[i];

		buf_print(&list, "%s%s", i ? ", " : "", f->word);
		if (y->kind != YAML_TEXT || !str_eq(y->text, str_of(f->word)))
			continue;
		if (!(f->types & BIT(out->type)))
			return yaml_error(y, r->e, "format %s does not go with this type", f->word);
		out->type = f->becomes;
		out->is_narrow = strcmp(f->word, "int32") == 0;
		return 0;
	}
	buf_byte(&list, '\0');
	return yaml_error(y, r->e, "format must be one of %s", list.ptr);
}

/* Where no type is given, what else stands there tells an object or an array. */
static void guess_type(const struct yaml *y, struct rule *out)
{
	if (yaml_get(y, "properties") || yaml_get(y, "required") || yaml_get(y, "additionalProperties"))
		out->type = RULE_OBJECT;
	else if (yaml_get(y, "items") || yaml_get(y, "minItems") || yaml_get(y, "maxItems"))
		out->type = RULE_ARRAY;
}

/* --- objects and arrays -------------------------------------------------------------------- */

static int read_properties(struct reading *r, const struct yaml *y, struct rule *out)
{
	if (y->kind != YAML_MAP)
		return yaml_error(y, r->e, "properties must be a mapping of names to schemas");
	out->members = ARENA_ARRAY(r->arena, struct rule_member, y->count);
	for (size_t i = 0; i < y->count; i++) {
		struct rule_member *m = &out->members[out->member_count++];

		m->name = y->keys[i];
		if (!name_fits_column(m->name))
			return yaml_error(y->key_nodes[i], r->e, "no column can have this name: such members stand in _extra");
		TRY(read_rule(r, y->items[i], &m->rule));
	}
	return 0;
}

/* Comes after the properties: one that none of them names is of any type. */
static int read_required(struct reading *r, const struct yaml *y, struct rule *out)
{
	if (y->kind != YAML_LIST)
		return yaml_error(y, r->e, "required must be a list of member names");
	for (size_t i = 0; i < y->count; i++) {
		struct rule_member *m = out->members, *end = m + out->member_count;
		str                 name = STR("");

		TRY(yaml_text(y->items[i], "a required name", &name, r->e));
		while (m < end && !str_eq(m->name, name))
			m++;
		if (m == end)
			return yaml_error(y->items[i], r->e, "\"" STR_FMT "\" is required and not among the properties: add it there, "
			                  "as {} where its type is not to be declared", STR_ARG(name));
		out->required_count += !m->is_required;
		m->is_required = true;
	}
	return 0;
}

static int read_additional(struct reading *r, const struct yaml *y, struct rule *out)
{
	bool is_allowed = true;

	TRY(yaml_bool(y, "additionalProperties", &is_allowed, r->e));
	out->is_closed = !is_allowed;
	return 0;
}

static int read_items(struct reading *r, const struct yaml *y, struct rule *out)
{
	return read_rule(r, y, &out->items);
}

/* --- values -------------------------------------------------------------------------------- */

/* A number as JSON writes it. */
static int read_number(struct reading *r, const struct yaml *y, long double *out)
{
	static const struct json_limits limits = JSON_LIMITS;
	AUTO(buf)                       text = BUF(0);
	struct json_tape                tape = {0};
	struct json_fault               fault;
	enum json_kind                  kind = JSON_NULL;
	double                          real;

	buf_add(&text, y->kind == YAML_TEXT ? y->text : STR("?"));
	buf_fill(&text, '\0', JSON_PADDING);
	if (json_scan(text.ptr, text.len - JSON_PADDING, 0, &limits, &tape, &fault))
		kind = json_kind(tape.words[0]);
	if (kind == JSON_INT) {
		*out = (long double)(int64_t)tape.words[1];
	} else if (kind == JSON_DOUBLE) {
		memcpy(&real, &tape.words[1], sizeof(real));
		*out = real;
	}
	json_tape_done(&tape);
	return kind == JSON_INT || kind == JSON_DOUBLE ? 0 : yaml_error(y, r->e, "a number is wanted here");
}

static int read_choice(struct reading *r, const struct yaml *y, struct rule *out)
{
	uint32_t at = out->choice_count++;

	if (out->type == RULE_STRING)
		return yaml_text(y, "a value of enum", &out->words[at], r->e);
	return read_number(r, y, &out->numbers[at]);
}

static int read_enum(struct reading *r, const struct yaml *y, struct rule *out)
{
	if (y->kind != YAML_LIST || y->count == 0 || y->count > CHOICES_MAX)
		return yaml_error(y, r->e, "enum must be a list of 1 to %d values", CHOICES_MAX);
	out->words = ARENA_ARRAY(r->arena, str, y->count);
	out->numbers = ARENA_ARRAY(r->arena, long double, y->count);
	for (size_t i = 0; i < y->count; i++)
		TRY(read_choice(r, y->items[i], out));
	return 0;
}

static int read_const(struct reading *r, const struct yaml *y, struct rule *out)
{
	if (out->choice_count > 0)
		return yaml_error(y, r->e, "enum and const exclude each other");
	out->words = ARENA_NEW(r->arena, str);
	out->numbers = ARENA_NEW(r->arena, long double);
	return read_choice(r, y, out);
}

static int read_bound(struct reading *r, const struct yaml *y, struct rule_bound *bound, bool is_exclusive)
{
	if (bound->is_set)
		return yaml_error(y, r->e, "there are two bounds on one side: give one, exclusive or not");
	*bound = (struct rule_bound){.is_set = true, .is_exclusive = is_exclusive};
	return read_number(r, y, &bound->number);
}

static int read_minimum(struct reading *r, const struct yaml *y, struct rule *out)
{
	return read_bound(r, y, &out->least, false);
}

static int read_maximum(struct reading *r, const struct yaml *y, struct rule *out)
{
	return read_bound(r, y, &out->most, false);
}

static int read_above(struct reading *r, const struct yaml *y, struct rule *out)
{
	return read_bound(r, y, &out->least, true);
}

static int read_below(struct reading *r, const struct yaml *y, struct rule *out)
{
	return read_bound(r, y, &out->most, true);
}

static int read_length(struct reading *r, const struct yaml *y, uint32_t *out)
{
	int64_t length = 0;

	TRY(yaml_whole(y, "a length", &length, r->e));
	*out = length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
	return 0;
}

static int read_shortest(struct reading *r, const struct yaml *y, struct rule *out)
{
	return read_length(r, y, &out->shortest);
}

static int read_longest(struct reading *r, const struct yaml *y, struct rule *out)
{
	return read_length(r, y, &out->longest);
}

static int read_pattern(struct reading *r, const struct yaml *y, struct rule *out)
{
	struct err inner = ERR_NONE;
	regex_t   *compiled = ARENA_NEW(r->arena, regex_t);
	str        text = STR("");

	TRY(yaml_text(y, "pattern", &text, r->e));
	if (pattern_compile(text, compiled, &inner) < 0)
		return yaml_error(y, r->e, "pattern: %s", inner.text);
	*VEC_ADD(&r->contracts->patterns) = out->pattern = compiled;
	return 0;
}

static int read_unit(struct reading *r, const struct yaml *y, struct rule *out)
{
	static const char *const units[] = {"s", "ms", "us", "ns", NULL};
	int                      unit = 0;

	TRY(yaml_choice(y, "unit", units, &unit, r->e));
	out->has_unit = true;
	out->unit = (enum time_unit)unit;
	return 0;
}

static int read_zone(struct reading *r, const struct yaml *y, struct rule *out)
{
	out->has_zone = y->kind == YAML_TEXT && time_zone_parse(y->text, &out->zone_minutes);
	return out->has_zone ? 0 : yaml_error(y, r->e, "zone must be UTC or an offset such as +02:00");
}

static int read_coerce(struct reading *r, const struct yaml *y, struct rule *out)
{
	return yaml_bool(y, "coerce", &out->is_coerced, r->e);
}

static int read_nothing(struct reading *r, const struct yaml *y, struct rule *out)
{
	(void)r, (void)y, (void)out; /* for people, or read before */
	return 0;
}

/* --- keywords ------------------------------------------------------------------------------ */

/* In the order in which they are read. */
static const struct keyword {
	const char *word;
	unsigned    types; /* that it says something of */
	int       (*read)(struct reading *r, const struct yaml *y, struct rule *out);
} keywords[] = {
	{"type", EVERYTHING, read_nothing},
	{"format", EVERYTHING, read_nothing},
	{"properties", BIT(RULE_OBJECT), read_properties},
	{"required", BIT(RULE_OBJECT), read_required},
	{"additionalProperties", BIT(RULE_OBJECT), read_additional},
	{"items", BIT(RULE_ARRAY), read_items},
	{"minItems", BIT(RULE_ARRAY), read_shortest},
	{"maxItems", BIT(RULE_ARRAY), read_longest},
	{"enum", TEXTS | NUMBERS, read_enum},
	{"const", TEXTS | NUMBERS, read_const},
	{"minimum", NUMBERS, read_minimum},
	{"maximum", NUMBERS, read_maximum},
	{"exclusiveMinimum", NUMBERS, read_above},
	{"exclusiveMaximum", NUMBERS, read_below},
	{"minLength", TEXTS, read_shortest},
	{"maxLength", TEXTS, read_longest},
	{"pattern", TEXTS, read_pattern},
	{"unit", BIT(RULE_INSTANT), read_unit},
	{"zone", BIT(RULE_INSTANT), read_zone},
	{"coerce", NUMBERS | BIT(RULE_BOOLEAN), read_coerce},
	{"title", EVERYTHING, read_nothing},
	{"description", EVERYTHING, read_nothing},
	{"examples", EVERYTHING, read_nothing},
	{"$comment", EVERYTHING, read_nothing},
	{"$schema", EVERYTHING, read_nothing},
	{"$id", EVERYTHING, read_nothing},
};
enum { KEYWORDS = sizeof(keywords) / sizeof(keywords[0]) };

static int check_keywords(struct reading *r, const struct yaml *y)
{
	const char *words[KEYWORDS + 1] = {NULL};

	for (size_t i = 0; i < KEYWORDS; i++)
		words[i] = keywords[i].word;
	return yaml_check_keys(y, "a contract's schema", words, r->e);
}

static int read_keywords(struct reading *r, const struct yaml *y, struct rule *out)
{
	for (size_t i = 0; i < KEYWORDS; i++) {
		const struct yaml *value = yaml_get(y, keywords[i].word);

		if (value == NULL)
			continue;
		if (!(keywords[i].types & BIT(out->type)))
			return yaml_error(value, r->e, "\"%s\" says nothing of %s", keywords[i].word,
			                  out->type == RULE_ANY ? "a value of any type: give its type" : "this type and format");
		TRY(keywords[i].read(r, value, out));
	}
	return 0;
}

static int read_rule(struct reading *r, const struct yaml *y, struct rule **out)
{
	struct rule       *rule = ARENA_NEW(r->arena, struct rule);
	const struct yaml *type = yaml_get(y, "type"), *format = yaml_get(y, "format");
	bool               is_text;

	rule->longest = UINT32_MAX;
	TRY(check_keywords(r, y));
	if (type != NULL)
		TRY(read_type(r, type, rule));
	else
		guess_type(y, rule);
	is_text = rule->type == RULE_STRING;
	if (format != NULL)
		TRY(read_format(r, format, rule));
	TRY(read_keywords(r, y, rule));
	if (rule->type == RULE_INSTANT && !is_text && !rule->has_unit)
		return yaml_error(y, r->e, "a number that is a date-time needs \"unit\": s, ms, us or ns");
	*out = rule;
	return 0;
}

int config_rule(const struct yaml *y, struct contracts *contracts, struct rule **out, struct err *e)
{
	struct reading r = {contracts, &contracts->arena, e};

	TRY(read_rule(&r, y, out));
	return (*out)->type == RULE_OBJECT ? 0 : yaml_error(y, e, "a contract is of an object: give it properties or required");
}

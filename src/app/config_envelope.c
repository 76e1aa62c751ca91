/* The part of the configuration that says what an event is: id, name, time, and what goes with them. */
#include "app/config_int.h"

static int path_of(const struct yaml *y, const char *what, struct arena *a, struct path *out, struct err *e)
{
	struct err inner = ERR_NONE;
	str        text = STR("");

	TRY(yaml_text(y, what, &text, e));
	return path_parse(text, a, out, &inner) < 0 ? yaml_error(y, e, "%s: %s", what, inner.text) : 0;
}

int config_paths(const struct yaml *y, const char *what, struct arena *a, struct path *out, uint32_t max,
                 uint32_t *count, struct err *e)
{
	uint32_t n = 0;

	if (y == NULL)
		return 0;
	if (y->kind != YAML_LIST || y->count > max)
		return yaml_error(y, e, "%s must be a list of at most %u paths", what, max);
	for (size_t i = 0; i < y->count; i++)
		TRY(path_of(y->items[i], what, a, &out[n++], e));
	*count = n;
	return 0;
}

/* --- id ------------------------------------------------------------------------------------ */

int config_id(const struct yaml *y, struct arena *a, struct id_rule *out, struct err *e)
{
	static const char *const keys[] = {"field", "type", "hash", NULL};
	static const char *const types[] = {"string", "uuid", NULL};
	struct yaml             *hash;
	int                      type = 0;

	if (y == NULL)
		return 0;
	*out = (struct id_rule){.kind = ID_PATH, .path_count = 1};
	if (y->kind == YAML_TEXT)
		return path_of(y, "id", a, &out->paths[0], e);
	TRY(yaml_check_keys(y, "id", keys, e));
	hash = yaml_get(y, "hash");
	if (hash == NULL && yaml_get(y, "field") == NULL)
		return yaml_error(y, e, "id needs \"field\" or \"hash\"");
	if (hash == NULL) {
		TRY(yaml_choice(yaml_get(y, "type"), "type of id", types, &type, e));
		out->is_uuid = type == 1;
		return path_of(yaml_get(y, "field"), "id", a, &out->paths[0], e);
	}
	if (hash->kind == YAML_TEXT && str_eq(hash->text, STR("record"))) {
		out->kind = ID_RECORD;
		out->path_count = 0;
		return 0;
	}
	out->kind = ID_HASH;
	TRY(config_paths(hash, "hash", a, out->paths, ID_PATHS, &out->path_count, e));
	return out->path_count ? 0 : yaml_error(hash, e, "hash needs at least one path, or the word record");
}

/* --- name ---------------------------------------------------------------------------------- */

/* "{domain}:{event_type}": texts around placeholders. */
static int name_template(const struct yaml *y, struct arena *a, struct name_rule *out, struct err *e)
{
	struct err inner = ERR_NONE;
	str        left = y->text;

	out->kind = NAME_TEMPLATE;
	while (true) {
		size_t open = str_find(left, '{', 0), close = str_find(left, '}', open);

		out->texts[out->path_count] = str_head(left, open);
		if (open == left.len)
			return 0;
		if (close == left.len)
			return yaml_error(y, e, "name: a '{' is not closed");
		if (out->path_count == NAME_PARTS)
			return yaml_error(y, e, "name: more than %d placeholders", NAME_PARTS);
		if (path_parse(str_make(left.ptr + open + 1, close - open - 1), a, &out->paths[out->path_count++], &inner) < 0)
			return yaml_error(y, e, "name: %s", inner.text);
		left = str_from(left, close + 1);
	}
}

static int name_expression(const struct yaml *y, struct arena *a, struct name_rule *out, struct err *e)
{
	char reason[128];
	str  text = STR("");
	int  status;

	TRY(yaml_text(y, "path", &text, e));
	status = regcomp(&out->expression, arena_cstr(a, text), REG_EXTENDED);
	if (status == 0) {
		out->kind = NAME_PART;
		return 0;
	}
	(void)regerror(status, &out->expression, reason, sizeof(reason));
	return yaml_error(y, e, "name: not a regular expression: %s", reason);
}

static int name_rule(const struct yaml *y, struct arena *a, struct name_rule *out, struct err *e)
{
	static const char *const keys[] = {"const", "path", "field", NULL};
	struct yaml             *constant = yaml_get(y, "const"), *expression = yaml_get(y, "path");

	*out = (struct name_rule){.kind = NAME_PATH};
	if (y->kind == YAML_TEXT && str_find(y->text, '{', 0) < y->text.len)
		return name_template(y, a, out, e);
	if (y->kind != YAML_TEXT)
		TRY(yaml_check_keys(y, "name", keys, e));
	if (constant != NULL) {
		out->kind = NAME_CONST;
		TRY(yaml_text(constant, "const", &out->texts[0], e));
		return name_is_event(out->texts[0]) ? 0 : yaml_error(constant, e, "\"" STR_FMT "\" cannot be an event name",
		                                                     STR_ARG(out->texts[0]));
	}
	if (expression != NULL)
		return name_expression(expression, a, out, e);
	if (y->kind != YAML_TEXT && yaml_get(y, "field") == NULL)
		return yaml_error(y, e, "name needs \"const\", \"path\" or \"field\"");
	out->path_count = 1;
	return path_of(y->kind == YAML_TEXT ? y : yaml_get(y, "field"), "name", a, &out->paths[0], e);
}

void config_names_done(struct pipeline *p)
{
	for (uint32_t i = 0; i < p->name_count; i++)
		if (p->names[i].kind == NAME_PART)
			regfree(&p->names[i].expression);
	p->name_count = 0;
}

int config_names(const struct yaml *y, struct arena *a, struct pipeline *p, struct err *e)
{
	if (y == NULL)
		return 0;
	config_names_done(p); /* of a preset */
	if (y->kind != YAML_LIST) {
		p->name_count = 1;
		return name_rule(y, a, &p->names[0], e);
	}
	if (y->count == 0 || y->count > NAME_RULES)
		return yaml_error(y, e, "name takes 1 to %d rules, the first that gives a name is taken", NAME_RULES);
	for (size_t i = 0; i < y->count; i++)
		TRY(name_rule(y->items[i], a, &p->names[p->name_count++], e));
	return 0;
}

/* --- time ---------------------------------------------------------------------------------- */

int config_time(const struct yaml *y, struct arena *a, struct time_rule *out, struct err *e)
{
	static const char *const keys[] = {"field", "unit", "zone", "keep", NULL};
	static const char *const units[] = {"s", "ms", "us", "ns", NULL};
	struct yaml             *zone, *unit;
	int                      index = 0;
	str                      text = STR("");

	if (y == NULL)
		return 0;
	*out = (struct time_rule){0};
	if (y->kind == YAML_TEXT)
		return path_of(y, "time", a, &out->path, e);
	TRY(yaml_check_keys(y, "time", keys, e));
	if (yaml_get(y, "field") == NULL)
		return yaml_error(y, e, "time needs \"field\"");
	TRY(path_of(yaml_get(y, "field"), "time", a, &out->path, e));
	unit = yaml_get(y, "unit");
	TRY(yaml_choice(unit, "unit", units, &index, e));
	out->has_unit = unit != NULL;
	out->unit = (enum time_unit)index;
	zone = yaml_get(y, "zone");
	TRY(yaml_text(zone, "zone", &text, e));
	out->has_zone = zone != NULL;
	if (zone != NULL && !time_zone_parse(text, &out->zone_minutes))
		return yaml_error(zone, e, "zone must be UTC or an offset such as +02:00");
	return yaml_bool(yaml_get(y, "keep"), "keep", &out->is_kept, e);
}

/* --- the rest ------------------------------------------------------------------------------ */

static int config_require(const struct yaml *y, struct arena *a, struct pipeline *p, struct err *e)
{
	static const char *const kinds[] = {"any", "object", "string", "number", NULL};

	if (y == NULL)
		return 0;
	if (y->kind == YAML_TEXT || y->count > REQUIRE_MAX)
		return yaml_error(y, e, "require must be a list of at most %d paths, or a mapping of paths to any, object, string or number",
		                  REQUIRE_MAX);
	p->require_count = 0;
	for (size_t i = 0; i < y->count; i++) {
		struct require_rule *rule = &p->require[p->require_count++];
		int                  kind = 0;

		*rule = (struct require_rule){0};
		TRY(path_of(y->kind == YAML_MAP ? y->key_nodes[i] : y->items[i], "require", a, &rule->path, e));
		if (y->kind == YAML_MAP)
			TRY(yaml_choice(y->items[i], "a required member's kind", kinds, &kind, e));
		rule->kind = (enum require_kind)kind;
	}
	return 0;
}

static int config_enrich(const struct yaml *y, struct pipeline *p, struct err *e)
{
	static const char *const words[] = {"created_datetime", "event_type", "event_subtype", NULL};

	if (y == NULL)
		return 0;
	if (y->kind != YAML_LIST)
		return yaml_error(y, e, "enrich must be a list of created_datetime, event_type, event_subtype");
	p->has_created_datetime = p->has_event_type = p->has_event_subtype = false;
	for (size_t i = 0; i < y->count; i++) {
		int index = 0;

		TRY(yaml_choice(y->items[i], "an enrichment", words, &index, e));
		p->has_created_datetime |= index == 0;
		p->has_event_type |= index == 1;
		p->has_event_subtype |= index == 2;
	}
	return 0;
}

int config_envelope(const struct yaml *y, struct arena *a, struct pipeline *p, struct err *e)
{
	static const char *const keys[] = {"id", "name", "time", "attributes", "require", "enrich", NULL};

	if (y == NULL)
		return 0;
	TRY(yaml_check_keys(y, "envelope", keys, e));
	TRY(config_id(yaml_get(y, "id"), a, &p->id, e));
	TRY(config_names(yaml_get(y, "name"), a, p, e));
	TRY(config_time(yaml_get(y, "time"), a, &p->time, e));
	if (yaml_get(y, "attributes") != NULL)
		TRY(path_of(yaml_get(y, "attributes"), "attributes", a, &p->attributes, e));
	TRY(config_require(yaml_get(y, "require"), a, p, e));
	return config_enrich(yaml_get(y, "enrich"), p, e);
}

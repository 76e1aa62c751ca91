/* What the configuration says of raw segments, and of how rows become files. */
#include "app/config_int.h"

enum { MATCH_MOST = 1000 };

int config_partition(const struct yaml *y, enum ice_transform *out, struct err *e)
{
	static const char *const words[] = {"none", "hour", "day", "month", NULL};
	int                      partition = (int)*out;

	TRY(yaml_choice(y, "partition", words, &partition, e));
	*out = (enum ice_transform)partition;
	return 0;
}

int config_raw(const struct yaml *y, struct pipeline *p, struct err *e)
{
	static const char *const keys[] = {"keep", NULL};
	static const char *const words[] = {"default", "on", "off", NULL};
	int                      rule = (int)p->raw;

	if (y == NULL)
		return 0;
	if (y->kind == YAML_MAP) {
		TRY(yaml_check_keys(y, "raw", keys, e));
		TRY(yaml_duration(yaml_get(y, "keep"), "keep", &p->raw_keep_us, e));
		p->raw = RAW_ON;
		return 0;
	}
	TRY(yaml_choice(y, "raw", words, &rule, e));
	p->raw = (enum raw_rule)rule;
	return 0;
}

/* "match": one glob, or a list of them. */
static int read_match(const struct yaml *y, const struct yaml *of, struct arena *a, struct table_rule *out, struct err *e)
{
	size_t count = y == NULL ? 0 : y->kind == YAML_LIST ? y->count : 1;
	str   *globs = ARENA_ARRAY(a, str, count + 1);

	if (count == 0 || count > MATCH_MOST)
		return yaml_error(y ? y : of, e, "an override needs \"match\": a table's name or pattern such as page_*, or a "
		                  "list of up to %d", MATCH_MOST);
	for (size_t i = 0; i < count; i++) {
		TRY(yaml_text(y->kind == YAML_LIST ? y->items[i] : y, "match", &globs[i], e));
		globs[i] = str_of(arena_cstr(a, globs[i])); /* fnmatch wants a NUL */
	}
	out->match = globs;
	out->match_count = count;
	return 0;
}

static int read_rule(const struct yaml *y, struct table_rule *out, struct err *e)
{
	TRY(yaml_bytes(yaml_get(y, "target_file"), "target_file", &out->target_bytes, e));
	TRY(yaml_duration(yaml_get(y, "max_delay"), "max_delay", &out->max_delay_us, e));
	if (out->target_bytes < 1 << 20)
		return yaml_error(yaml_get(y, "target_file"), e, "target_file must be at least 1MiB");
	if (yaml_get(y, "partition") != NULL) {
		out->has_partition = true;
		TRY(config_partition(yaml_get(y, "partition"), &out->partition, e));
	}
	return 0;
}

int config_tables(const struct yaml *y, struct arena *a, struct table_rules *out, struct err *e)
{
	static const char *const keys[] = {"target_file", "max_delay", "partition", "overrides", NULL};
	static const char *const override_keys[] = {"match", "target_file", "max_delay", "partition", NULL};
	const struct yaml       *list = yaml_get(y, "overrides");
	struct table_rule       *rules;

	if (y == NULL)
		return 0;
	TRY(yaml_check_keys(y, "tables", keys, e));
	TRY(read_rule(y, &out->common, e));
	if (list == NULL)
		return 0;
	if (list->kind != YAML_LIST)
		return yaml_error(list, e, "overrides must be a list of {match: page_*, partition: day, ...}");
	rules = ARENA_ARRAY(a, struct table_rule, list->count);
	for (size_t i = 0; i < list->count; i++) {
		rules[i] = out->common;
		TRY(yaml_check_keys(list->items[i], "an override", override_keys, e));
		TRY(read_match(yaml_get(list->items[i], "match"), list->items[i], a, &rules[i], e));
		TRY(read_rule(list->items[i], &rules[i], e));
	}
	out->overrides = rules;
	out->override_count = list->count;
	return 0;
}

#include "app/plan_rules.h"

#include "app/config_int.h"
#include "app/yaml_edit.h"

enum { LINE = 96, MATCH_MOST = 500 };

static bool is_pattern(str match)
{
	return match.len > 0 && strcspn(match.ptr, "*?[\\") < match.len; /* they end with NUL, for fnmatch */
}

/* --- taking -------------------------------------------------------------------------------- */

/* Only those by pattern. */
static struct table_rules by_pattern(const struct table_rules *rules, struct arena *a)
{
	struct table_rule *kept = ARENA_ARRAY(a, struct table_rule, rules->override_count + 1);
	size_t             count = 0;

	for (size_t i = 0; i < rules->override_count; i++) {
		const struct table_rule *rule = &rules->overrides[i];
		str                     *match = ARENA_ARRAY(a, str, rule->match_count);
		size_t                   matches = 0;

		for (size_t k = 0; k < rule->match_count; k++)
			if (is_pattern(rule->match[k]))
				match[matches++] = rule->match[k];
		kept[count] = *rule;
		kept[count].match = match;
		kept[count].match_count = matches;
		count += matches > 0;
	}
	return (struct table_rules){rules->common, kept, count};
}

void plan_take_rules(struct layout_plan *p, const struct config *config, const struct plan_wish *wish)
{
	AUTO(arena)              a = ARENA_INIT;
	const struct table_rules patterns = by_pattern(&config->tables, &a);

	p->terms.target_bytes = wish->target_bytes ? wish->target_bytes : config->tables.common.target_bytes;
	p->terms.max_delay_us = wish->max_delay_us ? wish->max_delay_us : config->tables.common.max_delay_us;
	for (size_t i = 0; i < p->tables.count; i++) {
		struct plan_table *t = p->tables.at[i];

		t->target_bytes = wish->target_bytes;
		t->max_delay_us = wish->max_delay_us;
		if (t->target_bytes == 0)
			t->target_bytes = table_rule_of(&config->tables, t->name)->target_bytes;
		if (t->max_delay_us == 0)
			t->max_delay_us = table_rule_of(&patterns, t->name)->max_delay_us;
	}
}

/* --- what the configuration says of a table ------------------------------------------------ */

/* The partition of all pipelines; false where they differ, so that none can be relied on for a
 * table. */
static bool common_partition(const struct config *config, enum ice_transform *out)
{
	*out = config->pipelines[0].partition;
	for (size_t i = 1; i < config->pipeline_count; i++)
		if (config->pipelines[i].partition != *out)
			return false;
	return true;
}

static bool is_as_planned(const struct table_rules *rules, const struct config *config,
                          const struct plan_table *t, const struct plan_answer *answer)
{
	const struct table_rule *rule = table_rule_of(rules, t->name);
	enum ice_transform       partition;

	if (rule->target_bytes != t->target_bytes || rule->max_delay_us != answer->delay_us)
		return false;
	if (rule->has_partition)
		return rule->partition == answer->transform;
	return common_partition(config, &partition) && partition == answer->transform;
}

int plan_check_rules(const struct layout_plan *p, const struct config *config, struct err *e)
{
	struct plan_answer answer;

	for (size_t i = 0; i < p->tables.count; i++) {
		plan_decide(p, p->tables.at[i], &answer);
		if (!is_as_planned(&config->tables, config, p->tables.at[i], &answer))
			return err_set(e, ERR_CORRUPT, "the changed text would not give table " STR_FMT " what is planned",
			               STR_ARG(p->tables.at[i]->name));
	}
	return 0;
}

/* --- overrides as text --------------------------------------------------------------------- */

struct group {
	struct plan_answer answer; /* of its first table; the others are alike where it counts */
	uint64_t           target_bytes;
	struct { VEC_OF(str); } names;
};

struct groups {
	VEC_OF(struct group);
};

static void groups_done(struct groups *g)
{
	for (size_t i = 0; i < g->count; i++)
		VEC_DONE(&g->at[i].names);
	VEC_DONE(g);
}

AUTO_DEFINE(groups, groups_done)

static bool takes(const struct group *g, const struct plan_table *t, const struct plan_answer *answer)
{
	return g->answer.transform == answer->transform && g->answer.delay_us == answer->delay_us &&
	       g->target_bytes == t->target_bytes && g->names.count < MATCH_MOST;
}

static void groups_add(struct groups *g, const struct plan_table *t, const struct plan_answer *answer)
{
	size_t i = 0;

	while (i < g->count && !takes(&g->at[i], t, answer))
		i++;
	if (i == g->count)
		*VEC_ADD(g) = (struct group){.answer = *answer, .target_bytes = t->target_bytes};
	*VEC_ADD(&g->at[i].names) = t->name;
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static void add_match(const struct group *g, struct buf *out)
{
	const char *opening = g->names.count > 1 ? "- match: [" : "- match: ";
	size_t      margin = strlen(opening), column = margin;

	qsort(g->names.at, g->names.count, sizeof(str), by_name); /* the next plan differs in little */
	buf_print(out, "\n%s", opening);
	for (size_t i = 0; i < g->names.count; i++) {
		str name = g->names.at[i];

		if (i > 0 && column + name.len + 3 > LINE) {
			buf_add(out, STR(",\n"));
			buf_fill(out, ' ', margin);
			column = margin;
		} else if (i > 0) {
			buf_add(out, STR(", "));
			column += 2;
		}
		buf_add(out, name);
		column += name.len;
	}
	buf_add(out, g->names.count > 1 ? STR("]") : STR(""));
}

static void add_group(const struct group *g, const struct table_rule *common, struct arena *a, struct buf *out)
{
	add_match(g, out);
	buf_print(out, "\n  partition: %s", plan_partition_word(g->answer.transform));
	if (g->answer.delay_us != common->max_delay_us)
		buf_print(out, "\n  max_delay: %s", plan_delay_text(a, g->answer.delay_us));
	if (g->target_bytes != common->target_bytes)
		buf_print(out, "\n  target_file: %s", plan_size_text(a, g->target_bytes));
}

/* An override as it stands, with its later lines under its first. */
static void add_item(str item, struct buf *out)
{
	buf_add(out, STR("\n- "));
	for (size_t i = 0; i < item.len; i++) {
		buf_byte(out, item.ptr[i]);
		if (item.ptr[i] == '\n')
			buf_add(out, STR("  "));
	}
}

/* --- writing ------------------------------------------------------------------------------- */

/* It names tables of the plan and nothing else: the plan says it anew. */
static bool is_replaced(const struct layout_plan *p, const struct table_rule *rule)
{
	for (size_t i = 0; i < rule->match_count; i++)
		if (is_pattern(rule->match[i]) || map_get(&p->by_name, rule->match[i]) == NULL)
			return false;
	return true;
}

static int set(const char *file, struct buf *text, const char *key, str value, struct err *e)
{
	AUTO(buf)  changed = BUF(0);
	struct buf old = *text;

	TRY(yaml_edit_set(file, buf_str(text), "tables", key, value, &changed, e));
	*text = changed;
	changed = old; /* freed in its stead */
	return 0;
}

/* The text without the overrides that the plan says anew, and with what is wished for all
 * tables. */
static int set_common(const struct layout_plan *p, const struct config *config, const struct plan_wish *wish,
                      struct arena *a, struct buf *text, struct err *e)
{
	const struct table_rule *common = &config->tables.common;
	AUTO(buf)                kept = BUF(0);
	str                     *items;
	size_t                   count;

	TRY(yaml_edit_items(config->file, buf_str(text), "tables", "overrides", a, &items, &count, e));
	for (size_t i = 0; i < count; i++)
		if (!is_replaced(p, &config->tables.overrides[i]))
			add_item(items[i], &kept);
	if (count > 0)
		TRY(set(config->file, text, "overrides", kept.len > 0 ? buf_str(&kept) : STR("[]"), e));
	if (wish->target_bytes != 0 && wish->target_bytes != common->target_bytes)
		TRY(set(config->file, text, "target_file", str_of(plan_size_text(a, wish->target_bytes)), e));
	if (wish->max_delay_us != 0 && wish->max_delay_us != common->max_delay_us)
		TRY(set(config->file, text, "max_delay", str_of(plan_delay_text(a, wish->max_delay_us)), e));
	return 0;
}

/* The plan's overrides for what the text would not give as planned; and those that stand in it,
 * behind them. */
static int set_overrides(const struct layout_plan *p, const struct config *config, struct arena *a,
                         struct buf *text, struct err *e)
{
	struct table_rules rules = TABLE_RULES;
	AUTO(groups)       groups = {0};
	AUTO(buf)          overrides = BUF(0);
	struct yaml       *y;
	str               *items;
	size_t             count;

	TRY(yaml_parse(config->file, buf_str(text), a, &y, e));
	TRY(config_tables(yaml_get(y, "tables"), a, &rules, e));
	for (size_t i = 0; i < p->tables.count; i++) {
		struct plan_answer answer;

		plan_decide(p, p->tables.at[i], &answer);
		if (!is_as_planned(&rules, config, p->tables.at[i], &answer))
			groups_add(&groups, p->tables.at[i], &answer);
	}
	if (groups.count == 0)
		return 0;
	for (size_t i = 0; i < groups.count; i++)
		add_group(&groups.at[i], &rules.common, a, &overrides);
	TRY(yaml_edit_items(config->file, buf_str(text), "tables", "overrides", a, &items, &count, e));
	for (size_t i = 0; i < count; i++)
		add_item(items[i], &overrides);
	return set(config->file, text, "overrides", buf_str(&overrides), e);
}

int plan_write_rules(const struct layout_plan *p, const struct config *config, const struct plan_wish *wish,
                     str text, struct buf *out, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf)   edited = BUF(0);

	buf_add(&edited, text);
	TRY(set_common(p, config, wish, &a, &edited, e));
	TRY(set_overrides(p, config, &a, &edited, e));
	buf_add(out, buf_str(&edited));
	return 0;
}

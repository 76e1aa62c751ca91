#include "base/buf.h"
#include "codec/time.h"
#include "query/plan_int.h"
#include "tests/lib/test.h"

/* a long, t timestamptz, s string, d date, r double, p struct(a long) */
static void make_schema(struct schema *out)
{
	static const struct {
		const char *name;
		enum type   type;
	} columns[] = {{"a", TYPE_LONG}, {"t", TYPE_TIMESTAMPTZ}, {"s", TYPE_STRING},
	               {"d", TYPE_DATE}, {"r", TYPE_DOUBLE},      {"p", TYPE_STRUCT}};

	schema_init(out);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		schema_add(out, out->root, str_of(columns[i].name), columns[i].type, false, STR(""),
		           0);
	schema_add(out, out->root->children[5], STR("a"), TYPE_LONG, false, STR(""), 0);
}

/* Conditions as text: "a>3; s='x'". */
static void print_conditions(const struct plan_use *u, struct buf *out)
{
	static const char *const words[] = {"=", "<", "<=", ">", ">="};

	for (size_t i = 0; i < u->count; i++) {
		const struct condition *c = &u->at[i];
		char                    text[TIME_TEXT];

		buf_print(out, "%s" STR_FMT "%s", i ? "; " : "", STR_ARG(c->field->name),
		          words[c->compare]);
		if (c->field->type == TYPE_STRING)
			buf_print(out, "'" STR_FMT "'", STR_ARG(c->text));
		else if (c->field->type == TYPE_TIMESTAMPTZ)
			buf_bytes(out, text, time_format(c->whole, text));
		else
			buf_print(out, "%lld", (long long)c->whole);
	}
}

static void check_filters(const char *text, const char *want)
{
	AUTO(schema)    schema = {.root = NULL};
	AUTO(arena)     a = ARENA_INIT;
	AUTO(buf)       got = BUF(0);
	struct plan_use use = {.at = NULL};

	make_schema(&schema);
	filters_read(str_of(text), &schema, &a, &use);
	print_conditions(&use, &got);
	if (!str_eq(buf_str(&got), str_of(want)))
		test_fail(__FILE__, __LINE__, "%s gives \"" STR_FMT "\", not \"%s\"", text,
		          STR_ARG(buf_str(&got)), want);
	VEC_DONE(&use);
}

TEST(filters_are_read_as_far_as_they_are_understood)
{
	check_filters("a>=3 AND a<=5", "a>=3; a<=5");
	check_filters("a!=4 AND a>-3\ns='x'", "a>-3; s='x'");
	check_filters(
	        "t>='2015-01-01 00:00:00+00'::TIMESTAMP WITH TIME ZONE AND t<'2015-01-02 10:00:00.5+00'::TIMESTAMP WITH TIME ZONE",
	        "t>=2015-01-01T00:00:00Z; t<2015-01-02T10:00:00.5Z");
	check_filters("t>'2014-12-31 18:30:00-05:30'::TIMESTAMP WITH TIME ZONE",
	              "t>2015-01-01T00:00:00Z");
	check_filters("d<'2015-01-02'::DATE", "d<16437");
	check_filters("a<10 AND (CAST(a AS DECIMAL(20,1)) > 3.7)", "a<10");
	check_filters("(s IS NOT NULL)\na=1", "a=1");
	check_filters("p.a>3 AND a=1", "a=1");
	check_filters("", "");
}

TEST(filters_leave_out_lines_they_do_not_understand)
{
	check_filters("optional: a>1 OR a<0\na=7", "a=7");
	check_filters("a>1 OR a<0\na=7", "a=7");
	check_filters("optional: a IN (1, 2, 3)\na=7", "a=7");
	check_filters("a>1 AND a IN (1, 2) AND a<9", "");
	check_filters("a>1.5", "");
	check_filters("a=9223372036854775808", "");
	check_filters("r>1", "");
	check_filters("s>5", "");
	check_filters("s='2015-01-01'::DATE", "");
	check_filters("t>'infinity'::TIMESTAMP WITH TIME ZONE", "");
	check_filters("t>'20150-01-01 00:00:00+00'::TIMESTAMP WITH TIME ZONE", "");
	check_filters("a>1 AND NOT b", "");
	check_filters("s='x' || 'y'", "");
	check_filters("(a>1", "");
	check_filters("s='x", "");
	check_filters("unknown=1 AND a=1", "a=1");
	check_filters("(a = 1) OR (a = 2)", "");
	check_filters("CASE  WHEN ((a > 3)) THEN (true) ELSE (a < 2) END AND a=1", "");
}

TEST(filters_never_take_a_text_for_a_condition)
{
	check_filters("s='it''s AND a>5'", "s='it's AND a>5'");
	check_filters("s='x\na>5\ny'", "s='x\na>5\ny'");
	check_filters("s='x'' AND a>5 AND s=''' AND a=1", "s='x' AND a>5 AND s=''; a=1");
	check_filters("(s ~~ '%)\na>5\n')\na=1", "a=1");
	check_filters("(s = 'x''\na>5\n''') OR b\na=1", "a=1");
	check_filters("contains(s, '\na>5\n')\na=1", "a=1");
}

TEST(plans_give_one_use_a_scan)
{
	static const str text = STR("[{\"name\": \"HASH_JOIN\", \"children\": ["
	                            "{\"name\": \"SEQ_SCAN\", \"children\": [], \"extra_info\": "
	                            "{\"Table\": \"memory.events.t\", \"Filters\": [\"s='x\", \"y'\", \"a>3\"]}},"
	                            "{\"name\": \"SEQ_SCAN\", \"children\": [], \"extra_info\": "
	                            "{\"Table\": \"memory.events.t\", \"Filters\": \"a<1\"}},"
	                            "{\"name\": \"SEQ_SCAN\", \"children\": [], \"extra_info\": "
	                            "{\"Table\": \"memory.main.t\", \"Filters\": \"a<2\"}},"
	                            "{\"name\": \"SEQ_SCAN\", \"children\": [], \"extra_info\": "
	                            "{\"Table\": \"memory.events.t\"}}], \"extra_info\": {}}]");
	AUTO(schema) schema = {.root = NULL};
	AUTO(plan)   plan = {.at = NULL};
	AUTO(buf)    got = BUF(0);

	make_schema(&schema);
	plan_read(text, STR("events"), STR("t"), &schema, &plan);
	CHECK_INT(plan.count, 3);
	if (plan.count != 3)
		return;
	print_conditions(&plan.at[0], &got);
	CHECK_STR(buf_str(&got), STR("s='x\ny'; a>3"));
	CHECK_INT(plan.at[1].count, 1);
	CHECK_INT(plan.at[2].count, 0);
}

TEST(plans_of_tables_with_strange_names_say_nothing)
{
	AUTO(schema) schema = {.root = NULL};
	AUTO(plan)   plan = {.at = NULL}, bad = {.at = NULL};

	make_schema(&schema);
	schema_add(&schema, schema.root, STR("a>1 AND t"), TYPE_LONG, false, STR(""), 0);
	plan_read(STR("[{\"extra_info\": {\"Table\": \"memory.events.t\", \"Filters\": \"a>1\"}}]"),
	          STR("events"), STR("t"), &schema, &plan);
	CHECK_INT(plan.count, 0);
	plan_read(STR("not JSON"), STR("events"), STR("t"), &schema, &bad);
	CHECK_INT(bad.count, 0);
}

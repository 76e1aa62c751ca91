#include "column/schema.h"
#include "tests/lib/test.h"

static struct field *sample(struct schema *s)
{
	struct field *payload, *commits, *element;

	schema_init(s);
	(void)schema_add(s, s->root, STR("event_id"), TYPE_STRING, true, STR(""), 0);
	payload = schema_add(s, s->root, STR("payload"), TYPE_STRUCT, false, STR("/payload"), 0);
	commits = schema_add(s, payload, STR("commits"), TYPE_LIST, false, STR("/payload/commits"), 0);
	element = schema_add(s, commits, STR("element"), TYPE_STRUCT, false, STR(""), 0);
	return schema_add(s, element, STR("sha"), TYPE_STRING, false, STR("/payload/commits/*/sha"), 0);
}

TEST(schema_gives_ids_and_ordinals_in_order)
{
	AUTO(schema) s;
	struct field *sha = sample(&s);

	CHECK_INT(sha->id, 5);
	CHECK_INT(sha->ordinal, 5);
	CHECK_INT(s.last_id, 5);
	CHECK_INT(schema_add(&s, s.root, STR("x"), TYPE_LONG, false, STR(""), 40)->id, 40);
	CHECK_INT(schema_add(&s, s.root, STR("y"), TYPE_LONG, false, STR(""), 0)->id, 41);
	CHECK_INT(schema_add(&s, s.root, STR("z"), TYPE_LONG, false, STR(""), 12)->id, 12);
	CHECK_INT(s.last_id, 41);
	for (uint32_t i = 0; i < s.count; i++)
		CHECK_INT(s.fields[i]->ordinal, i);
}

TEST(schema_finds_fields_by_path_and_id)
{
	AUTO(schema) s;
	struct field *sha = sample(&s);

	CHECK(schema_find(&s, STR("payload.commits.element.sha")) == sha);
	CHECK(schema_find(&s, STR("payload.commits.sha")) == NULL);
	CHECK(schema_find(&s, STR("payload.")) == NULL);
	CHECK(schema_find(&s, STR("event_id"))->required);
	CHECK(schema_by_id(&s, 5) == sha);
	CHECK(schema_by_id(&s, 6) == NULL);
	CHECK(schema_by_id(&s, 0) == s.root);
	CHECK_STR(sha->doc, STR("/payload/commits/*/sha"));
}

TEST(schema_counts_levels)
{
	AUTO(schema) s;
	struct field *sha = sample(&s);
	struct field *id = schema_find(&s, STR("event_id"));

	CHECK_INT(field_max_def(sha), 5); /* payload, commits, its repetition, element, sha */
	CHECK_INT(field_max_rep(sha), 1);
	CHECK_INT(field_max_def(sha->parent->parent), 2);
	CHECK_INT(field_max_rep(sha->parent->parent), 0);
	CHECK_INT(field_max_def(id), 0);
	CHECK(field_is_leaf(sha) && !field_is_leaf(sha->parent));
	CHECK(field_in_list(sha) && !field_in_list(id));
}

TEST(schema_copies_are_equal_and_independent)
{
	AUTO(schema) s;
	AUTO(schema) copy;

	(void)sample(&s);
	schema_copy(&s, &copy);
	CHECK(schema_equal(&s, &copy));
	CHECK_INT(copy.last_id, s.last_id);
	CHECK(schema_find(&copy, STR("payload.commits")) != schema_find(&s, STR("payload.commits")));
	(void)schema_add(&copy, copy.root, STR("more"), TYPE_BOOL, false, STR(""), 0);
	CHECK(!schema_equal(&s, &copy));
	(void)schema_add(&s, s.root, STR("more"), TYPE_BOOL, false, STR("/more"), 0);
	CHECK(!schema_equal(&s, &copy));
}

TEST(type_names_are_icebergs_and_read_back)
{
	enum type t;

	CHECK_STR(str_of(type_name(TYPE_BOOL)), STR("boolean"));
	CHECK_STR(str_of(type_name(TYPE_TIMESTAMPTZ)), STR("timestamptz"));
	for (enum type each = TYPE_BOOL; each <= TYPE_LIST; each++)
		CHECK(type_parse(str_of(type_name(each)), &t) && t == each);
	CHECK(!type_parse(STR("varchar"), &t));
}

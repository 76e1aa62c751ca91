#include "ingest/standard.h"

#include "tests/unit/ingest/pipe.h"

static str doc(const struct schema *s, const char *name)
{
	const struct field *f = schema_child(s->root, str_of(name));

	return f ? f->doc : STR("absent");
}

TEST(standard_columns_say_what_they_hold)
{
	AUTO(pipe)   p;
	AUTO(schema) s = {0};

	pipe_init(&p);
	standard_schema(&p.conf, &p.conf.names[0], &s);
	CHECK_INT(s.root->child_count, 6);
	CHECK_STR(doc(&s, "event_id"), STR("/id"));
	CHECK_STR(doc(&s, "event_time"), STR("/at"));
	CHECK(!str_starts(doc(&s, "event_name"), STR("/")));
	CHECK_STR(doc(&s, "event_type"), STR("absent"));
	CHECK_STR(s.root->children[5]->name, STR("_extra"));
	schema_done(&s);

	p.conf.id = (struct id_rule){.kind = ID_RECORD, .is_uuid = false};
	p.conf.names[0] = (struct name_rule){.kind = NAME_PATH, .path_count = 1, .paths = {pipe_path(&p, "a.b")}};
	p.conf.time.is_kept = true;
	p.conf.has_event_type = p.conf.has_event_subtype = p.conf.has_created_datetime = true;
	standard_schema(&p.conf, &p.conf.names[0], &s);
	CHECK_INT(s.root->child_count, STANDARD_COUNT);
	CHECK(!str_starts(doc(&s, "event_id"), STR("/")));
	CHECK(!str_starts(doc(&s, "event_time"), STR("/")));
	CHECK_STR(doc(&s, "event_name"), STR("/a/b"));
	CHECK(!str_starts(doc(&s, "event_type"), STR("/")));
	CHECK_STR(s.root->children[STANDARD_EXTRA]->name, STR("_extra"));
}

TEST(standard_columns_are_known_from_a_members_of_their_name)
{
	AUTO(pipe)          p;
	AUTO(schema)        s = {0};
	const struct field *fields[STANDARD_COUNT], *mine, *nested;
	struct field       *o;

	pipe_init(&p);
	standard_schema(&p.conf, &p.conf.names[0], &s);
	mine = schema_add(&s, s.root, STR("event_type"), TYPE_LONG, false, STR("/event_type"), 0);
	o = schema_add(&s, s.root, STR("o"), TYPE_STRUCT, false, STR("/o"), 0);
	nested = schema_add(&s, o, STR("event_id"), TYPE_LONG, false, STR("/o/event_id"), 0);
	CHECK(!standard_is_field(&s, mine) && !standard_is_field(&s, nested) && !standard_is_field(&s, o));
	standard_fields(&s, fields);
	CHECK(fields[STANDARD_TYPE] == NULL && fields[STANDARD_SUBTYPE] == NULL);
	CHECK(fields[STANDARD_ID] == s.root->children[0] && standard_is_field(&s, fields[STANDARD_ID]));
}

TEST(standard_check_refuses_tables_that_do_not_fit)
{
	AUTO(pipe)   p;
	AUTO(schema) s = {0};
	struct err   e = ERR_NONE;

	pipe_init(&p);
	standard_schema(&p.conf, &p.conf.names[0], &s);
	CHECK_OK(standard_check(&p.conf, &s, &e), &e);
	p.conf.id.is_uuid = true;
	CHECK_OK(standard_check(&p.conf, &s, &e), &e); /* as text */
	schema_child(s.root, STR("event_id"))->type = TYPE_UUID;
	CHECK_OK(standard_check(&p.conf, &s, &e), &e);
	p.conf.id.is_uuid = false;
	CHECK_ERR(standard_check(&p.conf, &s, &e), ERR_UNSUPPORTED);
	CHECK(strstr(e.text, "event_id is of type uuid") != NULL);
	schema_child(s.root, STR("event_id"))->type = TYPE_STRING;
	schema_child(s.root, STR("event_time"))->type = TYPE_LONG;
	CHECK_ERR(standard_check(&p.conf, &s, &e), ERR_UNSUPPORTED);
	schema_child(s.root, STR("event_time"))->type = TYPE_TIMESTAMPTZ;
	schema_child(s.root, STR("_extra"))->name = STR("extra");
	CHECK_ERR(standard_check(&p.conf, &s, &e), ERR_UNSUPPORTED);
	CHECK(strstr(e.text, "no column _extra") != NULL);
}

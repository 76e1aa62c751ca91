#include "tests/unit/ingest/sheet.h"

#define EVENT "{\"id\":\"e1\",\"at\":1735689600000"

/* A pipe and a sheet of it; `changes` may alter the configuration. */
#define WITH_SHEET(changes)        \
	AUTO(pipe)  p;             \
	AUTO(sheet) t;             \
	pipe_init(&p);             \
	changes;                   \
	sheet_open(&t, &p)

#define ADD(json) sheet_add(&t, EVENT json "}")
#define CHECK_AT(pointer, want) CHECK_STR(sheet_at(&t, pointer), STR(want))
#define CHECK_EXTRA(want) CHECK_STR(sheet_extra(&t), STR(want))

TEST(shred_fills_the_standard_columns)
{
	AUTO(pipe)  p;
	AUTO(sheet) t;
	AUTO(rows)  r;

	pipe_init(&p);
	p.conf.has_event_type = p.conf.has_event_subtype = p.conf.has_created_datetime = true;
	p.conf.names[0] = (struct name_rule){.kind = NAME_PATH, .path_count = 1, .paths = {pipe_path(&p, "n")}};
	sheet_open(&t, &p);
	sheet_add(&t, EVENT ",\"n\":\"pay:order:done\"}");
	sheet_add(&t, EVENT ",\"n\":\"pay\"}");
	CHECK(sheet_check(&t));
	CHECK_STR(sheet_columns(&t), STR(""));
	CHECK_EXTRA("");
	CHECK_AT("/id", "se1");
	CHECK_AT("/at", "t1735689600000000");
	CHECK_AT("/n", "spay");
	rows_open(&r, &t.columns);
	for (enum standard i = 0; i < STANDARD_EXTRA; i++) {
		const struct col *col = columns_peek(&t.columns, t.shred.standard[i]);

		CHECK(col != NULL && col_is_set(col, 0));
		CHECK_INT(col_is_set(col, 1), i != STANDARD_SUBTYPE);
		if (i == STANDARD_POSITION)
			CHECK_STR(col_string(col, 0), STR("part:1000"));
		if (i == STANDARD_SUBTYPE)
			CHECK_STR(col_string(col, 0), STR("order"));
		if (i == STANDARD_CREATED)
			CHECK_STR(col_string(col, 0), STR("2025-01-01T00:00:00Z"));
		if (i == STANDARD_INGESTED)
			CHECK_INT(col->longs[0], PIPE_NOW);
	}
}

TEST(shred_infers_types_from_the_first_value_that_has_one)
{
	WITH_SHEET();
	ADD(",\"l\":null,\"d\":{},\"s\":[],\"b\":[[],{}]");
	CHECK_EXTRA("{\"/l\":null,\"/d\":{},\"/s\":[],\"/b\":[[],{}]}");
	CHECK_STR(sheet_columns(&t), STR(""));
	ADD(",\"l\":1,\"d\":1.5,\"s\":\"x\",\"b\":false");
	CHECK_STR(sheet_columns(&t), STR("l:long d:double s:string b:boolean"));
	ADD(",\"l\":null,\"b\":true");
	CHECK_EXTRA("");
	CHECK_AT("/b", "true");
	CHECK(sheet_check(&t));
}

TEST(shred_makes_structs_and_lists_of_any_depth)
{
	WITH_SHEET();
	ADD(",\"a\":{\"b\":{\"c\":1}},\"l\":[[1,2],[],[3]],\"m\":[{\"x\":1},{\"y\":[{\"z\":\"q\"}]},{\"x\":2}]");
	CHECK_STR(sheet_columns(&t), STR("a:{b:{c:long}} l:[[long]] m:[{x:long y:[{z:string}]}]"));
	CHECK_EXTRA("");
	CHECK_AT("/l", "[3]");
	CHECK_AT("/l/1", "[0]");
	CHECK_AT("/m/1/y/0/z", "sq");
	ADD(",\"a\":{\"b\":{\"c\":2,\"d\":true}},\"m\":[null,{\"x\":3,\"late\":1.5},{}]");
	CHECK_STR(sheet_columns(&t), STR("a:{b:{c:long d:boolean}} l:[[long]] m:[{x:long y:[{z:string}] late:double}]"));
	CHECK_EXTRA("{\"/m/2\":{}}");
	ADD(",\"a\":null,\"l\":null,\"m\":[]");
	CHECK_EXTRA("");
	CHECK_AT("/m", "[0]");
	CHECK(sheet_check(&t));
	sheet_restart(&t);
	ADD(",\"a\":{\"b\":{\"c\":1,\"e\":0}},\"l\":[[]],\"m\":[{\"y\":[]}]");
	CHECK_EXTRA("");
	CHECK(sheet_check(&t));
	CHECK_STR(sheet_columns(&t), STR("a:{b:{c:long d:boolean e:long}} l:[[long]] m:[{x:long y:[{z:string}] late:double}]"));
}

TEST(shred_makes_a_container_late_in_its_own_record)
{
	WITH_SHEET();
	ADD(",\"l\":[null,[],{},[null],[{}],{\"a\":[]},{\"a\":[null,1]}]");
	CHECK_STR(sheet_columns(&t), STR("l:[{a:[long]}]"));
	CHECK(sheet_check(&t));
	ADD(",\"l\":[[1]]");
	CHECK_EXTRA("{\"/l/0\":[1]}");
	CHECK(sheet_check(&t));
}

TEST(shred_puts_drift_into_extra)
{
	WITH_SHEET();
	ADD(",\"n\":1,\"s\":\"x\",\"o\":{\"a\":1},\"l\":[1]");
	sheet_flush(&t);
	ADD(",\"n\":\"1\",\"s\":2,\"o\":[1],\"l\":{\"a\":1}");
	CHECK_EXTRA("{\"/n\":\"1\",\"/s\":2,\"/o\":[1],\"/l\":{\"a\":1}}");
	CHECK_INT(t.shred.drifted, 4);
	ADD(",\"n\":{\"x\":[1,{}]},\"s\":{},\"o\":true,\"l\":[2,\"x\",3,null,[4]]");
	CHECK_EXTRA("{\"/n\":{\"x\":[1,{}]},\"/s\":{},\"/o\":true,\"/l/1\":\"x\",\"/l/4\":[4]}");
	CHECK_AT("/l", "[5]");
	CHECK_AT("/l/2", "i3");
	CHECK(sheet_check(&t));
}

TEST(shred_loses_nothing_between_integers_and_doubles)
{
	WITH_SHEET();
	ADD(",\"n\":1,\"d\":1.5");
	ADD(",\"n\":2.0,\"d\":2");
	CHECK_AT("/n", "i2");
	CHECK_AT("/d", "d4000000000000000");
	CHECK_EXTRA("");
	sheet_flush(&t);
	ADD(",\"n\":-0.0,\"d\":9007199254740993");
	CHECK_EXTRA("{\"/n\":-0.0,\"/d\":9007199254740993}");
	ADD(",\"n\":1e30,\"d\":9007199254740992");
	CHECK_EXTRA("{\"/n\":1e30}");
	ADD(",\"n\":0.5,\"d\":-9007199254740992");
	CHECK_EXTRA("{\"/n\":0.5}");
	ADD(",\"n\":9223372036854775807,\"d\":-0.0");
	CHECK_EXTRA("");
	ADD(",\"n\":true,\"d\":false");
	CHECK_EXTRA("{\"/n\":true,\"/d\":false}");
	CHECK(sheet_check(&t));
}

TEST(shred_widens_a_long_column_that_no_file_has)
{
	WITH_SHEET();
	ADD(",\"a\":1,\"l\":[1,2],\"big\":9007199254740993");
	ADD(",\"a\":0.5,\"l\":[3,2.5],\"big\":0.5");
	CHECK_STR(sheet_columns(&t), STR("a:double l:[double] big:long"));
	CHECK_EXTRA("{\"/big\":0.5}");
	CHECK(sheet_check(&t));
	ADD(",\"a\":-0.0");
	CHECK_EXTRA("");
	sheet_flush(&t);
	ADD(",\"b\":7");
	sheet_flush(&t);
	ADD(",\"b\":7.5");
	CHECK_STR(sheet_columns(&t), STR("a:double l:[double] big:long b:long"));
	CHECK_EXTRA("{\"/b\":7.5}");
	CHECK(sheet_check(&t));
}

TEST(shred_reads_types_from_text_where_all_is_text)
{
	WITH_SHEET();
	(void)pipe_open(&p, EVENT "}");
	p.run.is_text_typed = true;
	p.conf.time.has_unit = true;
	/* the run is made anew for each record, so the mark is set on what the sheet shreds from */
#define TEXTS(json)                                                                              \
	do {                                                                                     \
		const struct event *ev_ = pipe_open(&p, EVENT json "}");                         \
		p.run.is_text_typed = true;                                                      \
		shred_row(&t.shred, &p.run, ev_, STR("part"), PIPE_NOW);                         \
		*VEC_ADD(&t.records) = STR(EVENT json "}");                                      \
	} while (0)
	TEXTS(",\"n\":\"12\",\"d\":\"0.25\",\"s\":\"007\",\"m\":\"-0\",\"e\":\"\",\"x\":\"1e5\",\"y\":\"+1\",\"z\":\"1.\",\"w\":\".5\"");
	CHECK_STR(sheet_columns(&t), STR("n:long d:double s:string m:string e:string x:string y:string z:string w:string"));
	TEXTS(",\"n\":\"-9223372036854775807\",\"d\":\"123456789012.345\",\"s\":\"12\"");
	CHECK_EXTRA("{\"/n\":\"-9223372036854775807\"}"); /* too long to be sure of */
	TEXTS(",\"n\":\"abc\",\"d\":\"0.1234567890123456\"");
	CHECK_EXTRA("{\"/n\":\"abc\",\"/d\":\"0.1234567890123456\"}");
	TEXTS(",\"n\":\"999999999999999999\",\"d\":\"-0.0\",\"s\":\"x\"");
	CHECK_EXTRA("");
	CHECK_AT("/n", "i999999999999999999");
	TEXTS(",\"n\":\"00\",\"d\":\"-7\"");
	CHECK_EXTRA("{\"/n\":\"00\"}");
	p.run.is_text_typed = true;
	CHECK(sheet_check(&t));
#undef TEXTS
}

TEST(shred_keeps_names_apart)
{
	WITH_SHEET();
	ADD(",\"userId\":1,\"user_id\":2,\"user-id\":3,\"user id\":4,\"sourceIPAddress\":5");
	CHECK_STR(sheet_columns(&t), STR("user_id:long user_id_2:long user_id_3:long user_id_4:long source_ip_address:long"));
	sheet_restart(&t);
	ADD(",\"user id\":4,\"user-id\":3,\"user_id\":2,\"userId\":1,\"user/id\":5,\"user_id_2\":7");
	ADD(",\"UserId\":6");
	CHECK(sheet_check(&t));
	sheet_restart(&t);
	CHECK_STR(sheet_columns(&t), STR("user_id:long user_id_2:long user_id_3:long user_id_4:long source_ip_address:long "
	                                 "user_id_5:long user_id_2_2:long user_id_6:long"));
}

TEST(shred_takes_any_key)
{
	WITH_SHEET();
	ADD(",\"a/b\":1,\"m~n\":2,\"*\":3,\"0\":4,\"\\u0061b\":5,\"~1\":6,\"%s\":7,\"ab\\u0063\":{\"*\":8,\"\\\\\":9}");
	CHECK_EXTRA("");
	CHECK(sheet_check(&t));
	sheet_restart(&t);
	ADD(",\"a/b\":\"x\",\"m~n\":\"x\",\"*\":{\"y\":[0]},\"0\":[1],\"ab\":\"x\",\"abc\":{\"*\":[8],\"\\\\\":9}");
	CHECK_EXTRA("{\"/a~1b\":\"x\",\"/m~0n\":\"x\",\"/*\":{\"y\":[0]},\"/0\":[1],\"/ab\":\"x\",\"/abc/*\":[8]}");
	CHECK_INT(t.shred.drifted, 6);
	ADD(",\"\":1,\"a.b\":2,\"q\\\"\":3,\"`t`\":4,\"it's\":5,\"tab\\t\":6,\"__p\":7,\"ok\":8,\"o\":{\"\":1,\"x.y\":{\"z\":1}}");
	CHECK_EXTRA("{\"/\":1,\"/a.b\":2,\"/q\\\"\":3,\"/`t`\":4,\"/it's\":5,\"/tab\\t\":6,\"/__p\":7,\"/o/\":1,\"/o/x.y\":{\"z\":1}}");
	CHECK(sheet_check(&t));
	CHECK_INT(t.shred.tree.over_budget, 0);
}

TEST(shred_never_writes_over_a_standard_column)
{
	WITH_SHEET();
	ADD(",\"event_id\":\"x\",\"eventName\":1,\"event-time\":2,\"IngestedAt\":3,\"source_position\":4,\"_extra\":5,\"event_type\":6,"
	    "\"o\":{\"event_id\":7}");
	CHECK_STR(sheet_columns(&t), STR("event_type:long o:{event_id:long}"));
	CHECK_AT("/event_type", "i6");
	CHECK_AT("/id", "se1");
	CHECK(sheet_check(&t));

	/* the enrichment declared later does not take the column away */
	p.conf.has_event_type = true;
	sheet_restart(&t);
	ADD(",\"event_type\":8");
	CHECK_AT("/event_type", "i8");
	CHECK(sheet_check(&t));
}

TEST(shred_hoists_the_attributes)
{
	WITH_SHEET(p.conf.attributes = pipe_path(&p, "data.attrs"));
	ADD(",\"data\":{\"attrs\":{\"x\":1,\"event_id\":2,\"o\":{\"y\":3}},\"z\":4},\"x\":5");
	CHECK_STR(sheet_columns(&t), STR("x:long o:{y:long} data:{z:long} x_2:long"));
	CHECK_EXTRA("{\"/data/attrs/event_id\":2}");
	ADD(",\"data\":{\"attrs\":{\"x\":6}}");
	CHECK_AT("/data/attrs/x", "i6");
	CHECK(sheet_check(&t));
	sheet_restart(&t);
	ADD(",\"data\":{\"attrs\":{\"x\":7,\"w\":8}}");
	CHECK_STR(sheet_columns(&t), STR("x:long o:{y:long} data:{z:long} x_2:long w:long"));
	CHECK(sheet_check(&t));
}

TEST(shred_takes_attributes_that_are_no_object_for_drift)
{
	WITH_SHEET(p.conf.attributes = pipe_path(&p, "data"));
	ADD(",\"data\":5");
	CHECK_EXTRA("{\"/data\":5}");
	ADD(",\"data\":[1,{\"x\":1}]");
	CHECK_EXTRA("{\"/data\":[1,{\"x\":1}]}");
	ADD(",\"data\":null");
	ADD(",\"data\":{}");
	ADD(",\"data\":[]");
	CHECK_STR(sheet_columns(&t), STR(""));
	ADD(",\"data\":{\"x\":1}");
	CHECK_STR(sheet_columns(&t), STR("x:long"));
	ADD(",\"data\":\"text\"");
	CHECK_EXTRA("{\"/data\":\"text\"}");
	CHECK_INT(t.shred.drifted, 4);
	CHECK(sheet_check(&t));
}

TEST(shred_keeps_the_form_of_a_table_whatever_the_configuration_becomes)
{
	WITH_SHEET();
	ADD(",\"data\":{\"x\":1}");
	p.conf.attributes = pipe_path(&p, "data"); /* hoisted from now on: not in this table */
	sheet_restart(&t);
	ADD(",\"data\":{\"x\":2,\"y\":3}");
	CHECK_STR(sheet_columns(&t), STR("data:{x:long y:long}"));
	CHECK(sheet_check(&t));

	sheet_done(&t);
	sheet_open(&t, &p);
	ADD(",\"data\":{\"x\":1}");
	p.conf.attributes = (struct path){0}; /* no longer */
	sheet_restart(&t);
	ADD(",\"data\":{\"x\":2,\"y\":3}");
	CHECK_STR(sheet_columns(&t), STR("x:long y:long"));
	CHECK(sheet_check(&t));

	/* another id, name and time than the table was made for: what they were is kept now */
	p.conf.id.paths[0] = pipe_path(&p, "id2");
	p.conf.time.path = pipe_path(&p, "at2");
	pipeline_seed(&p.conf, PIPE_SECRET);
	sheet_restart(&t);
	sheet_add(&t, "{\"id\":\"old\",\"at\":1,\"id2\":\"new\",\"at2\":1735689600001}");
	CHECK_EXTRA("{\"/id\":\"old\",\"/at\":1}");
	CHECK_AT("/id", "snew"); /* that is event_id, whose doc is of the table's first days */
}

TEST(shred_keeps_what_a_standard_column_does_not_hold_exactly)
{
	WITH_SHEET(p.conf.id.is_uuid = true;
	           p.conf.names[0] = ((struct name_rule){.kind = NAME_PATH, .path_count = 1, .paths = {pipe_path(&p, "n")}});
	           p.conf.names[1] = ((struct name_rule){.kind = NAME_CONST, .texts = {STR("other")}}); p.conf.name_count = 2);
	sheet_add(&t, "{\"id\":\"0190d4d2-3b6f-7c55-8a06-0a1b2c3d4e5f\",\"n\":\"a\",\"at\":1735689600000}");
	CHECK_EXTRA("");
	sheet_add(&t, "{\"id\":\"0190D4D2-3B6F-7C55-8A06-0A1B2C3D4E5F\",\"n\":7,\"at\":1735689600000.5}");
	CHECK_EXTRA("{\"/id\":\"0190D4D2-3B6F-7C55-8A06-0A1B2C3D4E5F\",\"/n\":7,\"/at\":1735689600000.5}");
}

TEST(shred_stays_within_its_budget_of_columns)
{
	WITH_SHEET(p.conf.limits.columns = 12; p.conf.limits.members = 3); /* 6 of them are standard */
	ADD(",\"o\":{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e.x\":5}");
	CHECK_STR(sheet_columns(&t), STR("o:{a:long b:long c:long}"));
	CHECK_EXTRA("{\"/o/d\":4,\"/o/e.x\":5}");
	CHECK_INT(t.shred.tree.over_budget, 1);
	ADD(",\"p\":1,\"l\":[{\"q\":1}],\"r\":1,\"s\":1,\"o\":{\"c\":9,\"z\":1}");
	CHECK_STR(sheet_columns(&t), STR("o:{a:long b:long c:long} p:long l:[{q:long}] r:long"));
	CHECK_EXTRA("{\"/s\":1,\"/o/z\":1}");
	CHECK(sheet_check(&t));

	/* a table that was made under higher limits keeps what it has */
	p.conf.limits.columns = 1;
	p.conf.limits.members = 1;
	sheet_restart(&t);
	ADD(",\"o\":{\"a\":1,\"b\":2,\"c\":3,\"d\":4},\"p\":1,\"l\":[{\"q\":1,\"n\":2}],\"r\":1,\"s\":1");
	CHECK_EXTRA("{\"/o/d\":4,\"/l/0/n\":2,\"/s\":1}");
	CHECK(sheet_check(&t));
}

TEST(shred_takes_in_what_another_pipeline_adds_to_the_table)
{
	struct shred other;

	WITH_SHEET();
	shred_init(&other, &p.conf, PIPE_SECRET, &t.table, &t.columns);
	ADD(",\"a\":1,\"o\":{\"x\":1},\"l\":[1]");
#define OTHER(json) \
	(shred_row(&other, (pipe_open(&p, EVENT json "}"), &p.run), &p.event, STR("part"), PIPE_NOW), *VEC_ADD(&t.records) = STR(EVENT json "}"))
	OTHER(",\"a\":2,\"o\":{\"x\":2,\"y\":1},\"l\":[2],\"m\":[[{\"z\":1}]]");
	ADD(",\"o\":{\"y\":1.5},\"m\":[[{\"z\":2},{\"w\":0}]]");
	OTHER(",\"a\":\"x\",\"m\":[[{\"w\":3}]]");
	CHECK_EXTRA("{\"/a\":\"x\"}");
	CHECK_STR(sheet_columns(&t), STR("a:long o:{x:long y:double} l:[long] m:[[{z:long w:long}]]"));
	CHECK(sheet_check(&t));
	CHECK_INT(other.tree.leaf_count, t.shred.tree.leaf_count);
	shred_done(&other);
}

/* Elements that each go to _extra under a long pointer would make it hundreds of times the record. */
TEST(shred_bounds_extra_by_the_record)
{
	AUTO(buf) b = BUF(0);

	WITH_SHEET();
	buf_add(&b, STR(EVENT));
	for (int i = 0; i < 40; i++) {
		buf_print(&b, i ? "{\"k%02d" : ",\"k%02d", i);
		buf_fill(&b, 'x', 100);
		buf_add(&b, STR("\":"));
	}
	buf_add(&b, STR("[1"));
	for (int i = 0; i < 20000; i++)
		buf_add(&b, STR(",{}"));
	buf_byte(&b, ']');
	buf_fill(&b, '}', 40);
	sheet_add_bytes(&t, buf_str(&b));
	CHECK(str_starts(sheet_extra(&t), STR("{\"\":" EVENT)));
	CHECK_INT(sheet_extra(&t).len, b.len + 5);
	CHECK(sheet_check(&t));
	ADD(",\"x\":[]");
	CHECK_EXTRA("{\"/x\":[]}");
	CHECK(sheet_check(&t));
}

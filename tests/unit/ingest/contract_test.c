/* Rules are made by hand: what YAML makes of them is shown in tests/py/test_contracts.py. */
#include "ingest/contract.h"

#include "codec/sha256.h"
#include "ingest/declare.h"
#include "ingest/pattern.h"
#include "tests/unit/ingest/sheet.h"

struct book {
	struct contracts all;
	struct pipe      pipe;
};

#define WITH_BOOK() AUTO(book) b = {0}; pipe_init(&b.pipe); b.pipe.conf.contracts = &b.all

static void book_done(struct book *b)
{
	pipe_done(&b->pipe);
	contracts_done(&b->all);
}

AUTO_DEFINE(book, book_done)

static struct rule *rule(struct book *b, enum rule_type type)
{
	struct rule *r = ARENA_NEW(&b->all.arena, struct rule);

	r->type = type;
	r->longest = UINT32_MAX;
	return r;
}

static struct rule_member *member(struct book *b, struct rule *object, const char *name, struct rule *r)
{
	struct rule_member *bigger = ARENA_ARRAY(&b->all.arena, struct rule_member, object->member_count + 1);

	if (object->member_count > 0)
		memcpy(bigger, object->members, object->member_count * sizeof(*bigger));
	object->members = bigger;
	bigger[object->member_count] = (struct rule_member){.name = str_of(name), .rule = r};
	return &bigger[object->member_count++];
}

static struct rule *required(struct book *b, struct rule *object, const char *name, struct rule *r)
{
	member(b, object, name, r)->is_required = true;
	object->required_count++;
	return r;
}

static struct rule *list_of(struct book *b, struct rule *items)
{
	struct rule *r = rule(b, RULE_ARRAY);

	r->items = items;
	return r;
}

static struct contract *contract(struct book *b, const char *name, struct rule *root)
{
	struct contract *c = ARENA_NEW(&b->all.arena, struct contract);
	struct err       e = ERR_NONE;

	*c = (struct contract){.name = str_of(name), .is_pattern = strpbrk(name, "*?") != NULL, .file = "test.yaml", .line = 7,
	                       .root = root};
	CHECK_OK(contracts_add(&b->all, c, &e), &e);
	contracts_seed(&b->all, PIPE_SECRET);
	return c;
}

/* --- values -------------------------------------------------------------------------------- */

/* "no"; else i, d, b, u or s and what is held; '~' where it is only near, '>' where it came in another form. */
static str held_of(struct book *b, const struct rule *r, const char *json, bool is_text_typed)
{
	const char     *text;
	const uint64_t *words = pipe_scan(&b->pipe, json, &text);
	AUTO(buf)       scratch = BUF(0);
	struct held     h;
	enum type       type;
	char            hex[37];
	struct arena   *a = &b->all.arena;
	const char     *marks;

	CHECK(rule_column(r, &type));
	if (!rule_hold(r, text, words, 0, is_text_typed, &scratch, &h))
		return STR("no");
	marks = h.is_exact ? (h.is_converted ? ">" : "") : (h.is_converted ? "~>" : "~");
	switch (type) {
	case TYPE_STRING:
		return arena_format(a, "s" STR_FMT "%s", STR_ARG(h.text), marks);
	case TYPE_DOUBLE:
		return arena_format(a, "d%.17g%s", h.real, marks);
	case TYPE_BOOL:
		return arena_format(a, "b%d%s", h.truth, marks);
	case TYPE_UUID:
		uuid_format(h.uuid, hex);
		return arena_format(a, "u%s%s", hex, marks);
	default:
		return arena_format(a, "i%lld%s", (long long)h.whole, marks);
	}
}

#define CHECK_HELD(r, json, want)  CHECK_STR(held_of(&b, (r), (json), false), STR(want))
#define CHECK_TYPED(r, json, want) CHECK_STR(held_of(&b, (r), (json), true), STR(want))

TEST(contract_text_takes_any_scalar_as_its_own_text)
{
	WITH_BOOK();
	const struct rule *r = rule(&b, RULE_STRING);

	CHECK_HELD(r, "\"x\"", "sx");
	CHECK_HELD(r, "\"a\\u0062\\n\"", "sab\n");
	CHECK_HELD(r, "12", "s12>");
	CHECK_HELD(r, "1.50e2", "s1.50e2>");
	CHECK_HELD(r, "-0", "s-0>");
	CHECK_HELD(r, "true", "strue>");
	CHECK_HELD(r, "{}", "no");
	CHECK_HELD(r, "[\"x\"]", "no");
}

TEST(contract_integer_takes_what_is_one)
{
	WITH_BOOK();
	struct rule *r = rule(&b, RULE_INTEGER);

	CHECK_HELD(r, "9223372036854775807", "i9223372036854775807");
	CHECK_HELD(r, "1e3", "i1000>");
	CHECK_HELD(r, "1.5", "no");
	CHECK_HELD(r, "-0", "no");
	CHECK_HELD(r, "\"12\"", "no");
	CHECK_HELD(r, "true", "no");
	CHECK_TYPED(r, "\"12\"", "i12>");
	r->is_coerced = true;
	CHECK_HELD(r, "\"-12\"", "i-12>");
	CHECK_HELD(r, "\"2.0\"", "i2>");
	CHECK_HELD(r, "\"012\"", "no");
	CHECK_HELD(r, "\"12 \"", "no");
	CHECK_HELD(r, "\"\"", "no");
	r->is_narrow = true;
	CHECK_HELD(r, "2147483647", "i2147483647");
	CHECK_HELD(r, "-2147483649", "no");
}

TEST(contract_number_takes_integers_and_says_where_it_is_near)
{
	WITH_BOOK();
	struct rule *r = rule(&b, RULE_NUMBER);

	CHECK_HELD(r, "0.5", "d0.5");
	CHECK_HELD(r, "7", "d7");
	CHECK_HELD(r, "9007199254740993", "d9007199254740992~");
	CHECK_HELD(r, "1e-999", "d0~");
	CHECK_HELD(r, "\"0.5\"", "no");
	r->is_coerced = true;
	CHECK_HELD(r, "\"0.5\"", "d0.5>");
	CHECK_HELD(r, "\"7\"", "d7>");
}

TEST(contract_boolean_is_one)
{
	WITH_BOOK();
	struct rule *r = rule(&b, RULE_BOOLEAN);

	CHECK_HELD(r, "true", "b1");
	CHECK_HELD(r, "0", "no");
	CHECK_HELD(r, "\"false\"", "no");
	CHECK_TYPED(r, "\"false\"", "b0>");
	CHECK_TYPED(r, "\"no\"", "no");
}

TEST(contract_instant_takes_text_and_numbers_of_its_unit)
{
	WITH_BOOK();
	struct rule *r = rule(&b, RULE_INSTANT);

	CHECK_HELD(r, "\"2025-01-01T00:00:00.000Z\"", "i1735689600000000");
	CHECK_HELD(r, "\"2025-01-01T02:00:00+02:00\"", "i1735689600000000");
	CHECK_HELD(r, "\"2025-01-01T00:00:00.123456000Z\"", "i1735689600123456");
	CHECK_HELD(r, "\"2025-01-01T00:00:00.123456789Z\"", "i1735689600123456~");
	CHECK_HELD(r, "\"2024-12-31T23:59:60Z\"", "i1735689599999999~");
	CHECK_HELD(r, "\"2025-01-01T00:00:00\"", "no");
	CHECK_HELD(r, "\"yesterday\"", "no");
	CHECK_HELD(r, "1735689600", "no");
	r->has_zone = true;
	r->zone_minutes = 60;
	CHECK_HELD(r, "\"2025-01-01T01:00:00\"", "i1735689600000000");
	r->has_unit = true;
	r->unit = TIME_S;
	CHECK_HELD(r, "1735689600", "i1735689600000000>");
	CHECK_HELD(r, "1735689600.25", "i1735689600250000>");
	CHECK_HELD(r, "\"1735689600\"", "i1735689600000000>");
	CHECK_HELD(r, "\"2025-01-01T01:00:00\"", "i1735689600000000");
	CHECK_HELD(r, "\"9999999999999999999\"", "no");
	CHECK_HELD(r, "1735689600000", "no"); /* milliseconds */
	CHECK_HELD(r, "true", "no");
	r->unit = TIME_NS;
	CHECK_HELD(r, "1735689600123456000", "i1735689600123456>");
	CHECK_HELD(r, "1735689600123456789", "i1735689600123456~>");
}

TEST(contract_date_uuid_and_json)
{
	WITH_BOOK();
	const struct rule *date = rule(&b, RULE_DATE), *uuid = rule(&b, RULE_UUID), *json = rule(&b, RULE_JSON);

	CHECK_HELD(date, "\"2025-01-01\"", "i20089");
	CHECK_HELD(date, "\"1969-12-31\"", "i-1");
	CHECK_HELD(date, "\"2025-02-30\"", "no");
	CHECK_HELD(date, "\"2025-01-01T00:00:00Z\"", "no");
	CHECK_HELD(date, "20089", "no");
	CHECK_HELD(uuid, "\"5F0C0000-0000-4000-8000-00000000000a\"", "u5f0c0000-0000-4000-8000-00000000000a");
	CHECK_HELD(uuid, "\"5f0c\"", "no");
	CHECK_HELD(json, "{\"a\": [1, null]}", "s{\"a\": [1, null]}");
	CHECK_HELD(json, "\"x\\n\"", "s\"x\\n\"");
	CHECK_HELD(json, "12", "s12");
}

/* --- records ------------------------------------------------------------------------------- */

/* "" where the record holds to it, else "contract.type /a/0 12". */
static str fault_of(struct book *b, const struct contract *c, const char *json)
{
	const char     *text;
	const uint64_t *words = pipe_scan(&b->pipe, json, &text);
	struct trial    t = {0};
	str             said = STR("");

	if (!contract_try(c, text, words, false, &t))
		said = arena_format(&b->all.arena, "%s " STR_FMT " %u", reason_code(t.reason), STR_ARG(buf_str(&t.pointer)), t.offset);
	trial_done(&t);
	return said;
}

#define CHECK_FAULT(json, want) CHECK_STR(fault_of(&b, c, (json)), STR(want))

TEST(contract_names_what_is_missing)
{
	WITH_BOOK();
	struct rule     *root = rule(&b, RULE_OBJECT), *inner = rule(&b, RULE_OBJECT);
	struct contract *c;

	required(&b, root, "a", rule(&b, RULE_ANY));
	required(&b, root, "n", rule(&b, RULE_STRING))->is_nullable = true;
	member(&b, root, "o/1", list_of(&b, inner));
	required(&b, inner, "x", rule(&b, RULE_INTEGER));
	c = contract(&b, "thing", root);
	CHECK_FAULT("{\"n\":null,\"a\":{}}", "");
	CHECK_FAULT("{\"n\":null,\"a\":null}", "contract.required /a 0");
	CHECK_FAULT("{\"a\":1}", "contract.required /n 0");
	CHECK_FAULT("{\"A\":1,\"n\":\"\"}", "contract.required /a 0");
	CHECK_FAULT("{\"\\u0061\":1,\"n\":\"\"}", "");
	CHECK_FAULT("{\"a\":1,\"n\":\"\",\"o/1\":[{\"x\":1},null,{}]}", "contract.required /o~11/2/x 34");
	CHECK_FAULT("{\"a\":1,\"n\":\"\",\"o/1\":[{\"x\":1},{\"x\":\"1\"}]}", "contract.type /o~11/1/x 35");
	CHECK_FAULT("{\"a\":1,\"n\":\"\",\"o/1\":{\"x\":1}}", "contract.type /o~11 20");
	CHECK_FAULT("{\"a\":1,\"n\":\"\",\"o/1\":null}", "");
}

TEST(contract_that_is_closed_allows_no_more)
{
	WITH_BOOK();
	struct rule     *root = rule(&b, RULE_OBJECT);
	struct contract *c;

	root->is_closed = true;
	member(&b, root, "a", rule(&b, RULE_OBJECT));
	c = contract(&b, "thing", root);
	CHECK_FAULT("{}", "");
	CHECK_FAULT("{\"a\":{\"any\":[1]}}", "");
	CHECK_FAULT("{\"a\":null,\"b~\\n\":1}", "contract.extra /b~0\n 11");
	CHECK_FAULT("{\"A\":null}", "contract.extra /A 2");
}

TEST(contract_bounds_hold_for_the_number_as_it_came)
{
	WITH_BOOK();
	struct rule     *root = rule(&b, RULE_OBJECT), *n = rule(&b, RULE_NUMBER), *i = rule(&b, RULE_INTEGER);
	long double      choices[] = {1, 2.5L, 9007199254740993.0L};
	struct contract *c;

	member(&b, root, "n", n);
	member(&b, root, "i", i);
	n->least = (struct rule_bound){true, true, 0};
	n->most = (struct rule_bound){true, false, 9007199254740992.0L};
	i->numbers = choices;
	i->choice_count = 3;
	c = contract(&b, "thing", root);
	CHECK_FAULT("{\"n\":0.1,\"i\":1.0}", "");
	CHECK_FAULT("{\"n\":0}", "contract.range /n 5");
	CHECK_FAULT("{\"n\":9007199254740992}", "");
	CHECK_FAULT("{\"n\":9007199254740993}", "contract.range /n 5");
	CHECK_FAULT("{\"i\":9007199254740993}", "");
	CHECK_FAULT("{\"i\":9007199254740992}", "contract.enum /i 5");
}

TEST(contract_texts_have_lengths_words_and_patterns)
{
	WITH_BOOK();
	struct rule     *root = rule(&b, RULE_OBJECT), *w = rule(&b, RULE_STRING), *p = rule(&b, RULE_STRING);
	struct rule     *list = list_of(&b, p);
	str              words[] = {STR("new"), STR("12")};
	struct err       e = ERR_NONE;
	struct contract *c;

	w->words = words;
	w->choice_count = 2;
	p->shortest = 2;
	p->longest = 3;
	p->pattern = ARENA_NEW(&b.all.arena, regex_t);
	CHECK_OK(pattern_compile(STR("^\xC3\xA9|b"), p->pattern, &e), &e);
	*VEC_ADD(&b.all.patterns) = p->pattern;
	list->shortest = 1;
	list->longest = 2;
	member(&b, root, "w", w);
	member(&b, root, "l", list);
	c = contract(&b, "thing", root);
	CHECK_FAULT("{\"w\":\"n\\u0065w\",\"l\":[\"\xC3\xA9\xC3\xA9\xC3\xA9\",\"ab\"]}", "");
	CHECK_FAULT("{\"w\":12}", "");
	CHECK_FAULT("{\"w\":\"New\"}", "contract.enum /w 6");
	CHECK_FAULT("{\"l\":[]}", "contract.length /l 5");
	CHECK_FAULT("{\"l\":[\"bb\",\"bb\",\"bb\"]}", "contract.length /l 5");
	CHECK_FAULT("{\"l\":[\"b\"]}", "contract.length /l/0 7");
	CHECK_FAULT("{\"l\":[\"bbbb\"]}", "contract.length /l/0 7");
	CHECK_FAULT("{\"l\":[\"aa\"]}", "contract.pattern /l/0 7");
}

TEST(contract_is_found_by_its_name_before_a_pattern)
{
	WITH_BOOK();
	struct contract *orders = contract(&b, "pay:*:don?", rule(&b, RULE_OBJECT));
	struct contract *any = contract(&b, "*", rule(&b, RULE_OBJECT));
	struct contract *exact = contract(&b, "pay:x:done", rule(&b, RULE_OBJECT));
	struct contract  again = {.name = STR("*")};
	struct err       e = ERR_NONE;

	CHECK(contracts_find(&b.all, STR("pay:x:done")) == exact);
	CHECK(contracts_find(&b.all, STR("pay:y:z:done")) == orders);
	CHECK(contracts_find(&b.all, STR("pay:y:don")) == any);
	CHECK(contracts_find(&b.all, STR("pay:*:don?")) == orders);
	CHECK(contracts_find(NULL, STR("x")) == NULL);
	CHECK_ERR(contracts_add(&b.all, &again, &e), ERR_CONFLICT);
	CHECK_STR(str_of(e.text), STR("\"*\" has a contract already, at test.yaml:7"));
}

/* --- the envelope -------------------------------------------------------------------------- */

#define EVENT "{\"id\":\"e1\",\"at\":1735689600000"

TEST(contract_breach_is_quarantined_and_takes_no_id)
{
	WITH_BOOK();
	struct rule        *root = rule(&b, RULE_OBJECT);
	const struct event *ev;

	member(&b, root, "l", list_of(&b, rule(&b, RULE_INTEGER)));
	contract(&b, "thing", root);
	ev = pipe_open(&b.pipe, EVENT ",\"l\":[1,2,\"x\"]}");
	CHECK_INT(ev->verdict, VERDICT_QUARANTINE);
	CHECK_STR(str_of(reason_code(ev->reason)), STR("contract.type"));
	CHECK_STR(ev->pointer, STR("/l/2"));
	CHECK_INT(ev->offset, 40);
	ev = pipe_open(&b.pipe, EVENT ",\"l\":[1,2,3]}");
	CHECK_INT(ev->verdict, VERDICT_ROW);
	CHECK(ev->contract == b.all.at[0]);
}

TEST(contract_may_be_asked_of_every_name)
{
	WITH_BOOK();

	b.pipe.conf.is_declared_only = true;
	CHECK_STR(str_of(reason_code(pipe_open(&b.pipe, EVENT "}")->reason)), STR("type.unknown"));
	contract(&b, "th*", rule(&b, RULE_OBJECT));
	CHECK_INT(pipe_open(&b.pipe, EVENT "}")->verdict, VERDICT_ROW);
}

/* --- shredding ----------------------------------------------------------------------------- */

/* amount: number, zip: string, tags: [string], geo: {lat: number}, note: json, day: date, never: boolean */
static void declare_thing(struct book *b)
{
	struct rule *root = rule(b, RULE_OBJECT), *geo = rule(b, RULE_OBJECT);

	member(b, root, "amount", rule(b, RULE_NUMBER));
	member(b, root, "zip", rule(b, RULE_STRING));
	member(b, root, "tags", list_of(b, rule(b, RULE_STRING)));
	member(b, root, "geo", geo);
	member(b, geo, "lat", rule(b, RULE_NUMBER));
	member(b, root, "note", rule(b, RULE_JSON));
	member(b, root, "at", rule(b, RULE_INTEGER)); /* event_time has it */
	member(b, root, "never", rule(b, RULE_BOOLEAN));
	contract(b, "thing", root);
}

#define DECLARED "amount:double zip:string tags:[string] geo:{lat:double} note:string never:boolean"

TEST(contract_pins_columns_before_their_first_value)
{
	WITH_BOOK();
	AUTO(sheet) t;

	declare_thing(&b);
	sheet_open(&t, &b.pipe);
	CHECK_STR(sheet_columns(&t), STR(""));
	sheet_add(&t, EVENT "}");
	CHECK_STR(sheet_columns(&t), STR(DECLARED));
	sheet_add(&t, EVENT ",\"amount\":5,\"zip\":1234,\"tags\":[1,\"b\",null],\"geo\":{\"lat\":1},\"note\":{\"a\":[]},\"more\":1}");
	CHECK_STR(sheet_columns(&t), STR(DECLARED " more:long"));
	CHECK_STR(sheet_extra(&t), STR(""));
	CHECK_STR(sheet_at(&t, "/zip"), STR("s1234"));
	CHECK_STR(sheet_at(&t, "/tags/0"), STR("s1"));
	CHECK_STR(sheet_at(&t, "/note"), STR("s{\"a\":[]}"));
	sheet_restart(&t);
	sheet_add(&t, EVENT ",\"zip\":true}");
	CHECK_STR(sheet_at(&t, "/zip"), STR("strue"));
	CHECK_STR(sheet_columns(&t), STR(DECLARED " more:long"));
}

TEST(contract_near_value_stands_in_extra_too)
{
	WITH_BOOK();
	AUTO(sheet) t;

	declare_thing(&b);
	sheet_open(&t, &b.pipe);
	sheet_add(&t, EVENT ",\"amount\":9007199254740993}");
	CHECK_STR(sheet_extra(&t), STR("{\"/amount\":9007199254740993}"));
	CHECK(!str_eq(sheet_at(&t, "/amount"), STR("null")));
	CHECK_INT(t.shred.drifted, 1);
}

TEST(contract_column_of_another_type_is_left_as_it_is)
{
	WITH_BOOK();
	AUTO(sheet) t;
	struct err  e = ERR_NONE;

	b.pipe.conf.contracts = NULL;
	sheet_open(&t, &b.pipe);
	sheet_add(&t, EVENT ",\"zip\":1,\"geo\":2,\"amount\":1}");
	sheet_flush(&t);
	declare_thing(&b);
	b.pipe.conf.contracts = &b.all;
	sheet_add(&t, EVENT ",\"zip\":\"x\",\"geo\":{\"lat\":1},\"amount\":1.5}");
	CHECK_STR(sheet_extra(&t), STR("{\"/zip\":\"x\",\"/geo\":{\"lat\":1},\"/amount\":1.5}"));
	CHECK_ERR(declare_check(&b.pipe.conf, b.all.at[0], &t.table.schema, STR("events.thing"), &e), ERR_CONFLICT);
	CHECK_STR(str_of(e.text), STR("test.yaml:7: /amount is long in table events.thing, contract \"thing\" says double: "
	                              "`tarn replay --table thing` rebuilds the table under the contract"));
}

TEST(contract_agrees_with_a_table_of_its_own_making)
{
	WITH_BOOK();
	AUTO(sheet) t;
	struct err  e = ERR_NONE;

	declare_thing(&b);
	sheet_open(&t, &b.pipe);
	sheet_add(&t, EVENT ",\"free\":1}");
	CHECK_OK(declare_check(&b.pipe.conf, b.all.at[0], &t.table.schema, STR("events.thing"), &e), &e);
}

/* A name without a contract may not widen, in a table of many names, what another one's pins. */
TEST(contract_column_is_not_widened_by_others)
{
	WITH_BOOK();
	AUTO(sheet)  t;
	struct rule *root = rule(&b, RULE_OBJECT);

	member(&b, root, "n", rule(&b, RULE_INTEGER));
	contract(&b, "other", root);
	b.pipe.conf.table = STR("shared");
	sheet_open(&t, &b.pipe); /* its table has no name: nothing is declared ahead */
	CHECK_STR(sheet_columns(&t), STR(""));
	shred_done(&t.shred);
	t.table.name = STR("shared");
	shred_init(&t.shred, &b.pipe.conf, PIPE_SECRET, &t.table, &t.columns);
	CHECK_STR(sheet_columns(&t), STR("n:long"));
	sheet_add(&t, EVENT ",\"n\":1.5}");
	CHECK_STR(sheet_columns(&t), STR("n:long"));
	CHECK_STR(sheet_extra(&t), STR("{\"/n\":1.5}"));
}

TEST(contract_does_not_write_over_standard_columns)
{
	WITH_BOOK();
	AUTO(sheet)  t;
	struct rule *root = rule(&b, RULE_OBJECT);

	member(&b, root, "ingestedAt", rule(&b, RULE_STRING));
	member(&b, root, "id", rule(&b, RULE_UUID));
	contract(&b, "none", root);
	contract(&b, "thing", rule(&b, RULE_OBJECT));
	b.all.at[1]->root = root;
	root->members[1].rule = rule(&b, RULE_STRING);
	contracts_seed(&b.all, PIPE_SECRET);
	sheet_open(&t, &b.pipe);
	sheet_add(&t, EVENT ",\"ingestedAt\":5}");
	CHECK_STR(sheet_columns(&t), STR(""));
	CHECK_STR(sheet_extra(&t), STR("{\"/ingestedAt\":5}"));
}

#include "ingest/names.h"

#include "tests/unit/ingest/pipe.h"

static str table_of(struct names *n, const char *name)
{
	uint32_t index;

	if (names_find(n, str_of(name), hash_bytes(name, strlen(name), 1), &index) != REASON_NONE)
		return STR("refused");
	return n->entries.at[index].table;
}

static void journal_name(struct journal_state *s, const char *pipeline, const char *name, const char *table)
{
	AUTO(buf) key = BUF(0);
	str      *held = ARENA_NEW(&s->arena, str);

	buf_add(&key, str_of(pipeline));
	buf_byte(&key, '\0');
	buf_add(&key, str_of(name));
	*held = str_of(table);
	map_put(&s->names, buf_str(&key))->ptr = held;
}

TEST(name_parts_stand_between_colons)
{
	CHECK_STR(name_part(STR("a:b:c"), 0), STR("a"));
	CHECK_STR(name_part(STR("a:b:c"), 1), STR("b"));
	CHECK_STR(name_part(STR("a:b:c"), 2), STR("c"));
	CHECK_STR(name_part(STR("a:b:c"), 3), STR(""));
	CHECK_STR(name_part(STR("abc"), 0), STR("abc"));
	CHECK_STR(name_part(STR("abc"), 1), STR(""));
	CHECK_STR(name_part(STR(":b"), 0), STR(""));
	CHECK_STR(name_part(STR("a:"), 1), STR(""));
	CHECK_STR(name_part(STR("a:"), 2), STR(""));
}

static str table_by(struct buf *out, const char *template, const char *name)
{
	buf_clear(out);
	names_table(str_of(template), str_of(name), out);
	return buf_str(out);
}

TEST(table_template_takes_parts_of_the_name)
{
	AUTO(buf) b = BUF(0);

	CHECK_STR(table_by(&b, "{event_name}", "payment:order:completed"), STR("payment_order_completed"));
	CHECK_STR(table_by(&b, "x_{event_type}_{event_subtype}_y", "Pay:Order:done"), STR("x_pay_order_y"));
	CHECK_STR(table_by(&b, "all", "PushEvent"), STR("all"));
	CHECK_STR(table_by(&b, "{event_type}", "PushEvent"), STR("push_event"));
	CHECK_STR(table_by(&b, "{event_subtype}", "PushEvent"), STR("_"));
}

TEST(names_that_give_one_table_get_numbers)
{
	AUTO(pipe)           p;
	AUTO(journal_state)  state = {0};
	struct names         n;

	pipe_init(&p);
	names_init(&n, &p.conf, &state);
	CHECK_STR(table_of(&n, "a_b_2"), STR("a_b_2"));
	CHECK_STR(table_of(&n, "a:b"), STR("a_b"));
	CHECK_STR(table_of(&n, "a/b"), STR("a_b_3"));
	CHECK_STR(table_of(&n, "a b"), STR("a_b_4"));
	CHECK_STR(table_of(&n, "a:b"), STR("a_b"));
	CHECK_STR(table_of(&n, "a:B"), STR("refused"));
	CHECK_STR(table_of(&n, "A_B_2"), STR("refused"));
	names_done(&n);

	p.conf.table = STR("shared_{event_type}");
	names_init(&n, &p.conf, &state);
	CHECK_STR(table_of(&n, "a:b"), STR("shared_a"));
	CHECK_STR(table_of(&n, "a:c"), STR("shared_a"));
	names_done(&n);
}

TEST(names_mean_the_same_table_after_a_restart)
{
	AUTO(pipe)          p;
	AUTO(journal_state) state = {0};
	AUTO(journal_entry) entry = {0};
	struct names        n;

	pipe_init(&p);
	journal_name(&state, "test", "a/b", "a_b");
	journal_name(&state, "test", "a:b", "a_b_2");
	journal_name(&state, "other", "x", "elsewhere");
	journal_name(&state, "test", "old", "kept_as_it_was");
	names_init(&n, &p.conf, &state);
	CHECK_INT(n.entries.count, 3);
	CHECK_STR(table_of(&n, "a b"), STR("a_b_3"));
	CHECK_STR(table_of(&n, "a:b"), STR("a_b_2"));
	CHECK_STR(table_of(&n, "old"), STR("kept_as_it_was"));
	CHECK_STR(table_of(&n, "Old"), STR("refused"));
	CHECK_STR(table_of(&n, "x"), STR("x"));

	names_write(&n, &entry);
	CHECK_INT(entry.names.count, 2);
	CHECK_STR(entry.names.at[0].pipeline, STR("test"));
	CHECK_STR(entry.names.at[0].name, STR("a b"));
	CHECK_STR(entry.names.at[0].table, STR("a_b_3"));
	names_committed(&n);
	names_write(&n, &entry);
	CHECK_INT(entry.names.count, 2);
	names_done(&n);
}

TEST(names_have_a_limit_and_tables_a_length)
{
	AUTO(pipe)          p;
	AUTO(journal_state) state = {0};
	struct names        n;
	char                name[32], longest[129];
	uint32_t            index;

	pipe_init(&p);
	p.conf.limits.names = 1000;
	names_init(&n, &p.conf, &state);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 1000; i++) {
			(void)snprintf(name, sizeof(name), "name-%d", i);
			CHECK(names_find(&n, str_of(name), (uint64_t)i % 7, &index) == REASON_NONE);
			CHECK_INT(index, i);
		}
	}
	CHECK_INT(names_find(&n, STR("more"), 1, &index), REASON_TYPE_UNKNOWN);
	CHECK_INT(names_find(&n, STR("Name-7"), 1, &index), REASON_TYPE_CASE);
	names_done(&n);

	for (size_t i = 0; i < 128; i++)
		longest[i] = i % 2 ? 'B' : 'a';
	longest[128] = '\0';
	names_init(&n, &p.conf, &state);
	CHECK_INT(table_of(&n, longest).len, 192);
	p.conf.table = STR("{event_name}_{event_type}");
	longest[1] = 'x';
	CHECK_INT(names_find(&n, str_of(longest), 1, &index), REASON_TYPE_NAME);
	names_done(&n);
}

static bool is_open(void *context, str table)
{
	(void)context;
	return !str_eq(table, STR("closed"));
}

TEST(names_of_tables_built_anew_follow_the_template)
{
	AUTO(pipe)          p;
	AUTO(journal_state) state = {0};
	AUTO(journal_state) none = {0};
	struct names        n;

	pipe_init(&p);
	p.conf.table = STR("{event_name}");
	journal_name(&state, "p", "a:b", "a_b");
	journal_name(&state, "p", "a.b", "a_b_2"); /* a clash: its number stays */
	journal_name(&state, "p", "c", "everything");
	journal_name(&state, "p", "a b", "everything");
	journal_name(&state, "p", "d", "closed");
	journal_name(&state, "other", "e", "everything");
	p.conf.name = STR("p");
	names_init(&n, &p.conf, &none);
	names_learn(&n, &state, is_open, NULL);
	CHECK_INT(n.entries.count, 5);
	CHECK_STR(table_of(&n, "a:b"), STR("a_b"));
	CHECK_STR(table_of(&n, "a.b"), STR("a_b_2"));
	CHECK_STR(table_of(&n, "c"), STR("c"));
	CHECK_STR(table_of(&n, "a b"), STR("a_b_3"));
	CHECK_STR(table_of(&n, "d"), STR("closed"));
	names_done(&n);
}

#include "query/mention.h"
#include "query/words.h"
#include "tests/lib/test.h"

TEST(words_pass_over_blanks_and_comments)
{
	str left = STR(
	        " -- one\n/* two /* nested */ still */ Sel_1\t\"a\"\"b\"'it''s'$$x;$$ $t$ $$ $t$ e'\\'' 1e5 $1;");
	static const struct {
		enum word_kind kind;
		const char    *text;
	} want[] = {
		{WORD_NAME, "Sel_1"},  {WORD_QUOTED, "a\"\"b"}, {WORD_STRING, "it''s"}, {WORD_STRING, "x;"},
		{WORD_STRING, " $$ "}, {WORD_STRING, "\\'"},    {WORD_OTHER, "1e5"},    {WORD_OTHER, "$"},
		{WORD_OTHER, "1"},     {WORD_OTHER, ";"},       {WORD_END, ""},
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct word w = word_next(&left);

		CHECK_INT(w.kind, want[i].kind);
		CHECK_STR(w.text, str_of(want[i].text));
		CHECK(!w.is_open);
	}
}

TEST(words_say_what_is_left_open)
{
	static const char *const open[] = {"'abc", "\"abc", "/* abc", "$$ abc", "$a$ abc $$", "e'\\'", "'a''"};

	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		str left = str_of(open[i]);

		if (!word_next(&left).is_open)
			test_fail(__FILE__, __LINE__, "not open: %s", open[i]);
		CHECK_INT(left.len, 0);
	}
}

TEST(statements_end_at_semicolons_outside_quotes)
{
	str  left = STR(";; select ';' ; -- a;\n select $a$;$a$, \";\" /* ; */ ; select 3 -- end");
	str  statement;
	bool is_ended;

	CHECK(statement_next(&left, &statement, &is_ended));
	CHECK_STR(statement, STR("select ';'"));
	CHECK(is_ended);
	CHECK(statement_next(&left, &statement, &is_ended));
	CHECK_STR(statement, STR("select $a$;$a$, \";\" /* ; */"));
	CHECK(statement_next(&left, &statement, &is_ended));
	CHECK_STR(statement, STR("select 3 -- end"));
	CHECK(!is_ended);
	CHECK(!statement_next(&left, &statement, &is_ended));
}

TEST(words_never_read_past_their_text)
{
	static const char bytes[] = "'\"$-/*;ae\\ \n1(";

	for (unsigned round = 0; round < 20000; round++) {
		char  *text = malloc(12); /* exactly, for the sanitizer */
		size_t len = test_random() % 13;
		str    left = str_make(text, len);

		for (size_t i = 0; i < len; i++)
			text[i] = bytes[test_random() % (sizeof(bytes) - 1)];
		while (word_next(&left).kind != WORD_END)
			;
		CHECK_INT(left.len, 0);
		free(text);
	}
}

static void check_mention(const char *sql, bool is_reading, bool can_explain, const char *name)
{
	AUTO(mention) m = {.is_reading = false};

	mention_read(str_of(sql), &m);
	if (m.is_reading != is_reading || m.can_explain != can_explain ||
	    (name != NULL && map_get(&m.names, str_of(name)) == NULL))
		test_fail(__FILE__, __LINE__, "%s: reading %d, can explain %d", sql, m.is_reading,
		          m.can_explain);
}

TEST(mention_tells_reading_from_writing)
{
	check_mention("select * from Push_Event", true, true, "push_event");
	check_mention("/* x */ (select 1 from events.\"push_event\")", true, true, "push_event");
	check_mention("with c as (select 1 from p) select * from c", true, true, "p");
	check_mention("with c as (select 1 from p) insert into x select * from c", false, false,
	              "p");
	check_mention("from query('select * from \"push\"')", true, true, "push");
	check_mention("summarize push", true, false, "push");
	check_mention("create view v as select * from push", false, false, "push");
	check_mention("copy push to 'x.csv'", false, false, "push");
	check_mention("explain analyze insert into t select 1", false, false, NULL);
	check_mention("", false, false, NULL);
}

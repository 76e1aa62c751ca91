/* Removals as an entry says them, and what they add up to. */
#include "codec/sha256.h"
#include "lake/lake_int.h"
#include "tests/lib/small_remove.h"

#define FILES "\"files\":[],\"rows\":0,\"bytes\":0"
#define TABLE "{\"space\":\"events\",\"name\":\"push\",\"uuid\":\"u\","

/* The text of entry 5 with these tables and counts. */
static int parse(struct small *s, const char *tables, const char *counts, struct journal_entry *out, struct err *e)
{
	AUTO(buf) text = BUF(0);
	char      lake[37], hash[65];

	uuid_format(s->lake->id, lake);
	buf_print(&text, "{\"kind\":\"commit\",\"lake\":\"%s\",\"epoch\":1,\"seq\":5,\"writer\":\"0123456789abcdef\",\"previous\":\"", lake);
	for (unsigned i = 0; i < 64; i++)
		buf_byte(&text, 'a');
	buf_print(&text, "\",\"time\":\"2025-01-01T00:00:00Z\",\"positions\":[],\"tables\":[%s],\"ids\":[],\"names\":[],\"counts\":[%s]}",
	          tables, counts);
	sha256_hex(buf_str(&text), hash);
	buf_print(&text, "\nsha256:%s\n", hash);
	return entry_parse(buf_str(&text), s->lake, out, e);
}

static void check_parse(struct small *s, const char *tables, const char *counts, int want)
{
	AUTO(journal_entry) j = {0};
	struct err          e = ERR_NONE;
	int                 got = parse(s, tables, counts, &j, &e);

	if (got != want)
		test_fail(__FILE__, __LINE__, "%s %s gives %d, not %d: %s", tables, counts, got, want, e.text);
}

TEST(removals_are_read_strictly)
{
	const char  *one = TABLE FILES ",\"removes\":[{\"key\":\"a/b\",\"rows\":3,\"bytes\":9}]}";
	struct small s;

	small_open(&s, store_new_mem());
	check_parse(&s, one, "", 0);
	check_parse(&s, TABLE FILES ",\"replaces_through\":4,\"removed_files\":1,\"removed_rows\":2,\"removed_bytes\":3}", "", 0);
	check_parse(&s, TABLE FILES ",\"replaces_through\":4,\"removed_files\":2,\"removed_rows\":5,\"removed_bytes\":12,"
	            "\"removes\":[{\"key\":\"a/b\",\"rows\":3,\"bytes\":9}]}", "", 0); /* some of them by name too */
	check_parse(&s, TABLE FILES "}", "", ERR_CORRUPT); /* no manifest, and nothing removed */
	check_parse(&s, TABLE FILES ",\"removes\":[]}", "", ERR_CORRUPT);
	check_parse(&s, TABLE FILES ",\"removes\":[{\"key\":\"/b\",\"rows\":3,\"bytes\":9}]}", "", ERR_CORRUPT);
	check_parse(&s, TABLE FILES ",\"removes\":[{\"key\":\"a/b\",\"rows\":-3,\"bytes\":9}]}", "", ERR_CORRUPT);
	check_parse(&s, TABLE FILES ",\"removes\":[{\"key\":\"a/b\",\"rows\":9223372036854775807,\"bytes\":9},"
	            "{\"key\":\"a/c\",\"rows\":1,\"bytes\":9}]}", "", ERR_CORRUPT);
	check_parse(&s, TABLE FILES ",\"replaces_through\":5,\"removed_files\":1,\"removed_rows\":2,\"removed_bytes\":3}", "",
	            ERR_CORRUPT); /* itself */
	check_parse(&s, TABLE FILES ",\"replaces_through\":0,\"removed_files\":1,\"removed_rows\":2,\"removed_bytes\":3}", "",
	            ERR_CORRUPT);
	check_parse(&s, TABLE FILES ",\"replaces_through\":4,\"removed_files\":1,\"removed_rows\":2,\"removed_bytes\":3,"
	            "\"removes\":[{\"key\":\"a/b\",\"rows\":3,\"bytes\":9}]}", "", ERR_CORRUPT); /* more of them than there are */
	check_parse(&s, TABLE "\"files\":[{\"key\":\"a/b\",\"bytes\":1,\"rows\":1,\"checksum\":\"00112233445566778899aabbccddeeff\"}],"
	            "\"rows\":1,\"bytes\":1,\"removes\":[{\"key\":\"a/c\",\"rows\":3,\"bytes\":9}]}", "", ERR_CORRUPT);
	small_close(&s);
}

TEST(counts_are_taken_back_only_where_files_are_removed)
{
	const char  *one = TABLE FILES ",\"removes\":[{\"key\":\"a/b\",\"rows\":3,\"bytes\":9}]}";
	const char  *back = "{\"pipeline\":\"p\",\"records\":0,\"rows\":3,\"duplicates\":0,\"conflicts\":0,\"quarantined\":-3}";
	const char  *less = "{\"pipeline\":\"p\",\"records\":-3,\"rows\":0,\"duplicates\":0,\"conflicts\":0,\"quarantined\":0}";
	struct small s;

	small_open(&s, store_new_mem());
	check_parse(&s, one, back, 0);
	check_parse(&s, "", back, ERR_CORRUPT);
	check_parse(&s, one, less, ERR_CORRUPT); /* records that came have come */
	small_close(&s);
}

TEST(removals_read_back_as_they_were_written)
{
	AUTO(journal_entry) back = {0};
	AUTO(small_files)   files = {0};
	struct small        s;
	struct err          e = ERR_NONE;

	small_open(&s, store_new_mem());
	small_commit(&s, 120, small_time(0), 60000000);
	small_keep(&s, &files);
	small_begin(&s, 1, small_time(0));
	small_remove(&s, &files.at[0]);
	small_remove(&s, &files.at[1]);
	small_done(&s, false);
	CHECK_OK(journal_read(s.lake, STR("0"), 3, &back, &e), &e);
	CHECK_INT(back.tables.count, 1);
	CHECK_INT(back.tables.at[0].removed.count, 2);
	CHECK_STR(back.tables.at[0].removed.at[1].key, files.at[1].key);
	CHECK_INT(back.tables.at[0].removed_rows, 120);
	CHECK_INT(back.tables.at[0].removed_bytes, files.at[0].bytes + files.at[1].bytes);
	CHECK_INT(back.counts.at[0].rows, -119);
	CHECK_INT(back.counts.at[0].dropped, 120);
	small_close(&s);
}

static const struct state_table *state_here(struct small *s, struct journal_state *state)
{
	struct err e = ERR_NONE;

	CHECK_OK(journal_load(s->lake, STR("0"), state, &e), &e);
	return map_ptr(&state->tables, STR("events.push"));
}

/* The same whether it is folded from the first entry or from a checkpoint in between. */
TEST(state_follows_what_is_removed)
{
	for (uint64_t every = 1; every < 10; every += 3) {
		AUTO(journal_state)       state = {0};
		AUTO(small_files)         files = {0};
		const struct state_table *t;
		struct small              s;

		small_open(&s, store_new_mem());
		s.lake->checkpoint_every = every;
		s.journal.checkpoint_bytes = 0;
		small_commit(&s, 120, small_time(0), 60000000);
		small_keep(&s, &files);
		small_begin(&s, 7, small_time(0));
		small_remove(&s, &files.at[1]);
		small_done(&s, false);
		files.count = 1;
		small_keep(&s, &files);
		small_begin(&s, 5, small_time(0));
		small_replace(&s, 3, &files);
		small_done(&s, false);
		t = state_here(&s, &state);
		CHECK_INT(t->files, 1);
		CHECK_INT(t->rows, 5);
		CHECK_INT(t->last_seq, 4);
		CHECK_INT(state.counts.at[0].rows, 5);
		CHECK_INT(state.counts.at[0].dropped, 127);
		small_close(&s);
	}
}

static void check_refused(struct small *s, const char *words)
{
	AUTO(journal_state) state = {0};
	struct err          e = ERR_NONE;

	small_done(s, false);
	CHECK_ERR(journal_load(s->lake, STR("0"), &state, &e), ERR_CORRUPT);
	if (strstr(e.text, words) == NULL)
		test_fail(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", e.text, words);
	small_close(s);
}

static void open_with_files(struct small *s, struct small_files *files)
{
	files->count = 0;
	small_open(s, store_new_mem());
	small_commit(s, 120, small_time(0), 60000000);
	small_keep(s, files);
}

TEST(state_refuses_more_than_there_is)
{
	AUTO(small_files) files = {0};
	struct small      s;

	open_with_files(&s, &files);
	small_begin(&s, 0, 0);
	files.at[0].rows = 121;
	small_remove(&s, &files.at[0]);
	check_refused(&s, "removes 1 files with 121 rows");

	open_with_files(&s, &files);
	small_begin(&s, 0, 0);
	files.count = 1; /* not all there are */
	small_replace(&s, 2, &files);
	check_refused(&s, "removes 1 files with 60 rows");

	open_with_files(&s, &files);
	small_begin(&s, 0, 0);
	small_remove(&s, &files.at[0]);
	s.entry.counts.at[0].quarantined = -1;
	check_refused(&s, "takes back more of pipeline p");
}

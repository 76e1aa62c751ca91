#include "lake/journal.h"
#include "lake/sealed_int.h"

#include "codec/sha256.h"
#include "os/clock.h"
#include "store/fault.h"
#include "tests/lib/test.h"

struct fixture {
	struct store *inner, *fault;
	struct lake  *lake;
};

static void start(struct fixture *f)
{
	struct err e = ERR_NONE;

	f->inner = store_new_mem();
	f->fault = store_new_fault(f->inner, NULL);
	CHECK_OK(lake_open(f->fault, catalog_new_mem(), clock_real(), true, &f->lake, &e), &e);
}

static void stop(struct fixture *f)
{
	lake_close(f->lake);
	store_close(f->inner);
}

static int commit_position(struct journal *j, const char *from, const char *to, struct err *e)
{
	AUTO(journal_entry) entry = {0};

	*VEC_ADD(&entry.positions) = (struct entry_position){
		.pipeline = STR("p"), .key = STR("/in/a.json"), .from = str_of(from), .to = str_of(to)};
	return journal_commit(j, &entry, e);
}

/* Fence, then three commits: seqs 1 to 4. */
static void write_four(struct fixture *f)
{
	AUTO(journal_state) s = {0};
	struct journal      j;
	struct err          e = ERR_NONE;

	CHECK_OK(journal_open(f->lake, STR("0"), &j, &s, &e), &e);
	CHECK_OK(commit_position(&j, "", "10", &e), &e);
	CHECK_OK(commit_position(&j, "10", "20", &e), &e);
	CHECK_OK(commit_position(&j, "20", "30", &e), &e);
	CHECK_INT(j.head, 4);
}

static void fill_entry(struct journal_entry *j)
{
	struct entry_table t = {
		.space = STR("events"), .name = STR("push"), .uuid = STR("00112233-4455-4677-8899-aabbccddeeff"),
		.schema = STR("{\"type\":\"struct\",\"fields\":[]}"), .schema_id = 3,
		.manifest = STR("events/push/metadata/m.avro"), .manifest_bytes = 77,
		.manifest_checksum = STR("00112233445566778899aabbccddeeff"), .rows = 5, .bytes = 500,
	};

	*VEC_ADD(&t.files) = (struct entry_file){STR("events/push/data/a.parquet"), 500, 5,
	                                         STR("ffeeddccbbaa99887766554433221100")};
	j->kind = ENTRY_COMMIT;
	j->epoch = 1;
	j->seq = 2;
	j->writer = 0xFEDCBA9876543210u;
	j->time_us = 1420124401250000;
	memset(j->previous, 'a', 64);
	*VEC_ADD(&j->positions) = (struct entry_position){STR("p"), STR("/in/\"q\"\n\xC3\xA9"), STR(""), STR("{1}"), STR("")};
	*VEC_ADD(&j->tables) = t;
	*VEC_ADD(&j->ids) = (struct entry_ids){.pipeline = STR("p"), .key = STR("_tarn/ids/0/x.ids"),
	                                       .checksum = STR("00112233445566778899aabbccddeeff"), .count = 5, .bytes = 120};
	*VEC_ADD(&j->names) = (struct entry_name){STR("p"), STR("Push:Event"), STR("push")};
	*VEC_ADD(&j->counts) = (struct entry_counts){STR("p"), 9, 5, 2, 1, 1, 0};
}

TEST(entry_reads_back_as_it_was_written)
{
	AUTO(journal_entry) j = {0};
	AUTO(journal_entry) back = {0};
	AUTO(buf)           text = BUF(0);
	AUTO(buf)           twin = BUF(0);
	struct fixture      f;
	struct err          e = ERR_NONE;

	start(&f);
	fill_entry(&j);
	entry_write(&j, f.lake, &text);
	CHECK_OK(entry_parse(buf_str(&text), f.lake, &back, &e), &e);
	entry_write(&back, f.lake, &twin);
	CHECK_STR(buf_str(&twin), buf_str(&text));
	CHECK_INT(back.time_us, 1420124401250000);
	CHECK(back.writer == j.writer);
	CHECK_STR(back.positions.at[0].key, j.positions.at[0].key);
	CHECK_STR(back.tables.at[0].files.at[0].checksum, j.tables.at[0].files.at[0].checksum);
	CHECK_INT(back.tables.at[0].schema_id, 3);
	CHECK_INT(back.counts.at[0].duplicates, 2);
	CHECK_INT(strlen(back.hash), 64);
	stop(&f);
}

TEST(entry_is_refused_when_any_byte_of_it_changes)
{
	AUTO(journal_entry) j = {0};
	AUTO(buf)           text = BUF(0);
	struct fixture      f;

	start(&f);
	fill_entry(&j);
	entry_write(&j, f.lake, &text);
	for (size_t i = 0; i < text.len; i++) {
		AUTO(journal_entry) back = {0};
		struct err          e = ERR_NONE;
		char                was = text.ptr[i];

		text.ptr[i] = (char)(was ^ (1 << test_random() % 7));
		CHECK_ERR(entry_parse(buf_str(&text), f.lake, &back, &e), ERR_CORRUPT);
		text.ptr[i] = was;
	}
	for (size_t len = 0; len < text.len; len += 13) {
		AUTO(journal_entry) back = {0};
		struct err          e = ERR_NONE;

		CHECK_ERR(entry_parse(str_head(buf_str(&text), len), f.lake, &back, &e), ERR_CORRUPT);
	}
	stop(&f);
}

/* The text with one thing replaced, and a hash that fits. */
static void check_refused(const struct lake *l, str text, const char *what, const char *by, const char *words)
{
	AUTO(journal_entry) back = {0};
	AUTO(buf)           other = BUF(0);
	struct err          e = ERR_NONE;
	char                hash[65];
	const char         *at = memmem(text.ptr, text.len, what, strlen(what));

	CHECK(at != NULL);
	if (at == NULL)
		return;
	buf_add(&other, str_head(text, (size_t)(at - text.ptr)));
	buf_add(&other, str_of(by));
	buf_add(&other, str_from(text, (size_t)(at - text.ptr) + strlen(what)));
	other.len = str_find(buf_str(&other), '\n', 0);
	sha256_hex(buf_str(&other), hash);
	buf_print(&other, "\nsha256:%s\n", hash);
	CHECK_ERR(entry_parse(buf_str(&other), l, &back, &e), ERR_CORRUPT);
	if (strstr(e.text, words) == NULL)
		test_fail(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", e.text, words);
}

TEST(entry_is_refused_when_it_says_what_it_must_not)
{
	AUTO(journal_entry) j = {0};
	AUTO(buf)           text = BUF(0);
	struct fixture      f;

	start(&f);
	fill_entry(&j);
	entry_write(&j, f.lake, &text);
	check_refused(f.lake, buf_str(&text), "{\"kind\"", "{\"new\":1,\"kind\"", "does not know");
	check_refused(f.lake, buf_str(&text), "\"count\":5", "\"count\":5,\"new\":1", "ids[0]");
	check_refused(f.lake, buf_str(&text), "events/push/metadata/m.avro", "../m.avro", "key of an object");
	check_refused(f.lake, buf_str(&text), "\"rows\":5", "\"rows\":-5", "number from 0");
	check_refused(f.lake, buf_str(&text), "\"epoch\":1", "\"epoch\":3", "does not go with");
	check_refused(f.lake, buf_str(&text), "\"commit\"", "\"other\"", "neither fence nor commit");
	check_refused(f.lake, buf_str(&text), "ffeeddcc", "ffeeddc", "checksum");
	check_refused(f.lake, buf_str(&text), "\"ids\":[", "\"ids\":[7,", "is not an object");
	stop(&f);
}

TEST(entry_of_another_lake_is_refused)
{
	AUTO(journal_entry) j = {0};
	AUTO(journal_entry) back = {0};
	AUTO(buf)           text = BUF(0);
	struct fixture      f, other;
	struct err          e = ERR_NONE;

	start(&f);
	start(&other);
	fill_entry(&j);
	entry_write(&j, f.lake, &text);
	CHECK_ERR(entry_parse(buf_str(&text), other.lake, &back, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "another lake") != NULL);
	stop(&f);
	stop(&other);
}

TEST(journal_folds_into_its_state)
{
	AUTO(journal_state) s = {0};
	struct fixture      f;
	struct err          e = ERR_NONE;

	start(&f);
	CHECK_OK(journal_load(f.lake, STR("0"), &s, &e), &e);
	CHECK_INT(s.head, 0);
	write_four(&f);
	CHECK_OK(journal_load(f.lake, STR("0"), &s, &e), &e);
	CHECK_INT(s.head, 4);
	CHECK_INT(s.epoch, 1);
	CHECK_STR(state_position(&s, STR("p"), STR("/in/a.json")), STR("30"));
	CHECK_STR(state_position(&s, STR("p"), STR("/in/b.json")), STR(""));
	stop(&f);
}

/* The entry's text with a hash that fits, so that nothing but what it says can be wrong with it. */
static void check_switches(enum entry_kind kind, const char *lane, bool is_fine)
{
	struct journal_entry j = {.kind = kind, .epoch = kind == ENTRY_FENCE ? 2 : 1, .seq = 2};
	AUTO(journal_entry)  back = {0};
	AUTO(arena)          a = ARENA_INIT;
	AUTO(buf)            text = BUF(0);
	struct fixture       f;
	struct err           e = ERR_NONE;
	str                  line;

	start(&f);
	memset(j.previous, 'a', 64);
	entry_write(&j, f.lake, &text);
	line = arena_str(&a, str_head(buf_str(&text), str_find(buf_str(&text), '\n', 0) - 1));
	buf_clear(&text);
	buf_print(&text, STR_FMT ",\"switches\":\"%s\"}", STR_ARG(line), lane);
	seal_close(&text, 0);
	if (is_fine) {
		CHECK_OK(entry_parse(buf_str(&text), f.lake, &back, &e), &e);
		CHECK_STR(back.switches, str_of(lane));
		buf_clear(&text);
		entry_write(&back, f.lake, &text);
		CHECK(strstr(arena_cstr(&a, buf_str(&text)), "\"switches\":\"r0123abcd\"}") != NULL);
	} else {
		CHECK_ERR(entry_parse(buf_str(&text), f.lake, &back, &e), ERR_CORRUPT);
	}
	stop(&f);
}

TEST(fence_says_what_its_writer_is_there_to_switch)
{
	check_switches(ENTRY_FENCE, "r0123abcd", true);
	check_switches(ENTRY_COMMIT, "r0123abcd", false);
	check_switches(ENTRY_FENCE, "", false);
	check_switches(ENTRY_FENCE, "r0/1", false);
	check_switches(ENTRY_FENCE, "..", false);
	check_switches(ENTRY_FENCE, "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr", false);
}

TEST(fence_for_a_switch_is_a_link_like_any_other)
{
	AUTO(journal_state) s = {0};
	AUTO(journal_state) again = {0};
	AUTO(journal_entry) back = {0};
	struct fixture      f;
	struct journal      j;
	struct err          e = ERR_NONE;

	start(&f);
	write_four(&f);
	CHECK_OK(journal_open_to_switch(f.lake, STR("0"), STR("r0123abcd"), &j, &s, &e), &e);
	CHECK_OK(journal_read(f.lake, STR("0"), 5, &back, &e), &e);
	CHECK(back.kind == ENTRY_FENCE && str_eq(back.switches, STR("r0123abcd")));
	CHECK_OK(commit_position(&j, "30", "40", &e), &e);
	CHECK_OK(journal_load(f.lake, STR("0"), &again, &e), &e);
	CHECK_INT(again.head, 6);
	stop(&f);
}

TEST(state_knows_names_tables_runs_and_sums)
{
	AUTO(journal_state) s = {0};
	struct journal_entry fence = {.kind = ENTRY_FENCE, .epoch = 1, .seq = 1};
	AUTO(journal_entry) j = {0};
	struct state_table *t;
	struct err          e = ERR_NONE;

	memset(fence.previous, '0', 64);
	memset(fence.hash, 'a', 64);
	CHECK_OK(state_add(&s, &fence, &e), &e);
	fill_entry(&j);
	CHECK_OK(state_add(&s, &j, &e), &e);
	CHECK_STR(state_table_of(&s, STR("p"), STR("Push:Event")), STR("push"));
	CHECK_STR(state_table_of(&s, STR("q"), STR("Push:Event")), STR(""));
	t = map_ptr(&s.tables, STR("events.push"));
	CHECK(t != NULL && t->rows == 5 && t->files == 1 && t->last_seq == 2);
	CHECK(t != NULL && str_eq(t->schema, j.tables.at[0].schema));
	CHECK_INT(s.runs.count, 1);
	CHECK_INT(s.counts.at[0].quarantined, 1);
}

/* The second entry on top of a state, which is given what makes a sum too large. */
static void check_too_large(struct journal_state *s, struct journal_entry *j)
{
	struct journal_entry fence = {.kind = ENTRY_FENCE, .epoch = 1, .seq = 1};
	struct err           e = ERR_NONE;

	memset(fence.previous, '0', 64);
	memset(fence.hash, 'a', 64);
	CHECK_OK(state_add(s, &fence, &e), &e);
	CHECK_ERR(state_add(s, j, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "beyond what there can be") != NULL);
}

TEST(state_takes_no_sum_that_a_number_cannot_hold)
{
	for (int which = 0; which < 3; which++) {
		AUTO(journal_state) s = {0};
		AUTO(journal_entry) j = {0};
		str                 replaced[] = {STR("a.ids"), STR("b.ids")};

		fill_entry(&j);
		if (which == 0) {
			*VEC_ADD(&s.counts) = (struct entry_counts){.pipeline = STR("p"), .records = INT64_MAX - 8};
		} else if (which == 1) {
			*VEC_ADD(&j.tables) = (struct entry_table){
				.space = STR("events"), .name = STR("push"), .uuid = j.tables.at[0].uuid, .rows = INT64_MAX};
		} else {
			*VEC_ADD(&s.runs) = (struct state_run){.pipeline = STR("p"), .key = replaced[0], .count = INT64_MAX};
			*VEC_ADD(&s.runs) = (struct state_run){.pipeline = STR("p"), .key = replaced[1], .count = 1};
			j.ids.at[0].replaced = replaced;
			j.ids.at[0].replaced_count = 2;
		}
		check_too_large(&s, &j);
	}
}

TEST(state_takes_only_the_next_link_of_its_chain)
{
	AUTO(journal_state)  s = {0};
	struct journal_entry fence = {.kind = ENTRY_FENCE, .epoch = 1, .seq = 1};
	AUTO(journal_entry)  j = {0};
	struct err           e = ERR_NONE;

	memset(fence.previous, 'b', 64);
	memset(fence.hash, 'a', 64);
	CHECK_ERR(state_add(&s, &fence, &e), ERR_CORRUPT); /* the first one stands on nothing */
	memset(fence.previous, '0', 64);
	CHECK_OK(state_add(&s, &fence, &e), &e);
	fill_entry(&j);
	j.previous[63] = 'b';
	CHECK_ERR(state_add(&s, &j, &e), ERR_CORRUPT);
	j.previous[63] = 'a';
	j.seq = 3;
	CHECK_ERR(state_add(&s, &j, &e), ERR_CORRUPT);
	j.seq = 2;
	j.epoch = 2;
	CHECK_ERR(state_add(&s, &j, &e), ERR_CORRUPT);
	j.epoch = 1;
	CHECK_OK(state_add(&s, &j, &e), &e);
	j.seq = 3;
	memcpy(j.previous, s.hash, sizeof(j.previous));
	j.positions.at[0].from = STR("{1}");
	j.tables.at[0].uuid = STR("ffffffff-4455-4677-8899-aabbccddeeff");
	CHECK_ERR(state_add(&s, &j, &e), ERR_CORRUPT); /* another table under the name */
}

TEST(journal_with_a_hole_is_corrupt)
{
	AUTO(arena)         a = ARENA_INIT;
	AUTO(journal_state) s = {0};
	struct fixture      f;
	struct err          e = ERR_NONE;

	start(&f);
	write_four(&f);
	CHECK_OK(store_remove(f.inner, lake_journal_key(&a, STR("0"), 3), &e), &e);
	CHECK_ERR(journal_load(f.lake, STR("0"), &s, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "entry 3 is missing") != NULL);
	stop(&f);
}

TEST(journal_whose_entry_was_rewritten_is_corrupt)
{
	AUTO(arena)         a = ARENA_INIT;
	AUTO(journal_state) s = {0};
	AUTO(journal_entry) j = {0};
	AUTO(buf)           text = BUF(0);
	struct fixture      f;
	struct err          e = ERR_NONE;

	start(&f);
	write_four(&f);
	CHECK_OK(journal_read(f.lake, STR("0"), 3, &j, &e), &e);
	j.writer++; /* proves itself, and is not what entry 4 was written on */
	entry_write(&j, f.lake, &text);
	CHECK_OK(store_replace(f.inner, lake_journal_key(&a, STR("0"), 3), buf_str(&text), &e), &e);
	CHECK_ERR(journal_load(f.lake, STR("0"), &s, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "entry 4 was not written on top of") != NULL);
	stop(&f);
}

TEST(journal_whose_positions_do_not_follow_is_corrupt)
{
	AUTO(journal_state) s = {0};
	AUTO(journal_state) again = {0};
	struct journal      j;
	struct fixture      f;
	struct err          e = ERR_NONE;

	start(&f);
	CHECK_OK(journal_open(f.lake, STR("0"), &j, &s, &e), &e);
	CHECK_OK(commit_position(&j, "", "10", &e), &e);
	CHECK_OK(commit_position(&j, "9", "20", &e), &e);
	CHECK_ERR(journal_load(f.lake, STR("0"), &again, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "entry 3") != NULL && strstr(e.text, "/in/a.json") != NULL);
	stop(&f);
}

TEST(journal_stops_the_older_of_two_writers)
{
	AUTO(journal_state) s1 = {0};
	AUTO(journal_state) s2 = {0};
	struct journal      one, two;
	struct fixture      f;
	struct err          e = ERR_NONE;

	start(&f);
	CHECK_OK(journal_open(f.lake, STR("0"), &one, &s1, &e), &e);
	CHECK_OK(commit_position(&one, "", "10", &e), &e);
	CHECK_OK(journal_open(f.lake, STR("0"), &two, &s2, &e), &e);
	CHECK_STR(state_position(&s2, STR("p"), STR("/in/a.json")), STR("10"));
	CHECK_INT(two.epoch, 3);
	CHECK_ERR(commit_position(&one, "10", "20", &e), ERR_CONFLICT);
	CHECK_STR(str_of(e.text), STR("another writer has taken over lane 0 at entry 3: this one stops"));
	CHECK_OK(commit_position(&two, "10", "20", &e), &e);
	CHECK_ERR(commit_position(&one, "10", "20", &e), ERR_CONFLICT); /* and it stays stopped */
	CHECK(strstr(e.text, "start again") != NULL);
	stop(&f);
}

/* What it was reading may have been removed by the other: that is no lost file. */
TEST(journal_knows_the_failure_of_a_writer_that_was_replaced)
{
	AUTO(journal_state) s1 = {0};
	AUTO(journal_state) s2 = {0};
	struct journal      one, two;
	struct fixture      f;
	struct err          e = ERR_NONE;

	start(&f);
	CHECK_OK(journal_open(f.lake, STR("0"), &one, &s1, &e), &e);
	(void)err_set(&e, ERR_MISSING, "run of ids");
	CHECK_ERR(journal_failed(&one, &e), ERR_MISSING);
	CHECK_STR(str_of(e.text), STR("run of ids"));
	CHECK_OK(journal_open(f.lake, STR("0"), &two, &s2, &e), &e);
	(void)err_set(&e, ERR_MISSING, "run of ids");
	CHECK_ERR(journal_failed(&two, &e), ERR_MISSING);
	CHECK_ERR(journal_failed(&one, &e), ERR_CONFLICT);
	CHECK_STR(str_of(e.text), STR("another writer has taken over lane 0 at entry 2: this one stops"));
	CHECK_ERR(commit_position(&one, "", "10", &e), ERR_CONFLICT);
	stop(&f);
}

TEST(journal_fence_after_many_races_is_on_top)
{
	AUTO(journal_state) s = {0};
	struct journal      j[5];
	struct fixture      f;
	struct err          e = ERR_NONE;

	start(&f);
	for (unsigned i = 0; i < 5; i++) {
		AUTO(journal_state) own = {0};

		CHECK_OK(journal_open(f.lake, STR("0"), &j[i], &own, &e), &e);
		CHECK_INT(j[i].epoch, i + 1);
	}
	CHECK_OK(commit_position(&j[4], "", "1", &e), &e);
	CHECK_OK(journal_load(f.lake, STR("0"), &s, &e), &e);
	CHECK_INT(s.head, 6);
	CHECK_INT(s.epoch, 5);
	stop(&f);
}

TEST(journal_commit_whose_answer_is_lost_is_found_committed)
{
	AUTO(journal_state) s = {0};
	AUTO(journal_state) after = {0};
	struct journal      j;
	struct fixture      f;
	struct err          e = ERR_NONE;

	start(&f);
	CHECK_OK(journal_open(f.lake, STR("0"), &j, &s, &e), &e);
	store_fault_at(f.fault, STORE_PUT_NEW, 1, FAULT_AFTER);
	CHECK_OK(commit_position(&j, "", "10", &e), &e);
	store_fault_at(f.fault, STORE_PUT_NEW, 1, FAULT_BEFORE);
	CHECK_OK(commit_position(&j, "10", "20", &e), &e);
	CHECK_OK(journal_load(f.lake, STR("0"), &after, &e), &e);
	CHECK_INT(after.head, 3);
	stop(&f);
}

/* `kind` is what becomes of the put; all that could tell of it fails. */
static void leave_undecided(enum fault_kind kind, const char *stands_at)
{
	AUTO(journal_state) s = {0};
	AUTO(journal_state) after = {0};
	struct journal      j, next;
	struct fixture      f;
	struct err          e = ERR_NONE;

	start(&f);
	CHECK_OK(journal_open(f.lake, STR("0"), &j, &s, &e), &e);
	for (unsigned i = 1; i <= 40; i++)
		store_fault_at(f.fault, STORE_ANY_VERB, i, i == 1 ? kind : FAULT_BEFORE);
	CHECK_ERR(commit_position(&j, "", "10", &e), ERR_IO);
	while (store_put_new(f.fault, STR("x/y"), STR(""), &e) != 0) /* the rest of the planned faults */
		;
	CHECK_ERR(commit_position(&j, "", "11", &e), ERR_CONFLICT); /* never another body for that seq */
	CHECK_OK(journal_open(f.lake, STR("0"), &next, &after, &e), &e);
	CHECK_STR(state_position(&after, STR("p"), STR("/in/a.json")), str_of(stands_at));
	stop(&f);
}

TEST(journal_commit_that_stays_undecided_stops_its_writer)
{
	leave_undecided(FAULT_AFTER, "10"); /* it had landed, and is adopted by the next writer */
	leave_undecided(FAULT_BEFORE, "");
}

TEST(journal_fences_of_two_writers_are_never_the_same_bytes)
{
	AUTO(journal_entry) one = {0};
	AUTO(journal_entry) two = {0};
	AUTO(journal_state) s = {0};
	struct journal      j;
	struct fixture      f;
	struct err          e = ERR_NONE;

	start(&f);
	for (unsigned i = 0; i < 2; i++) {
		CHECK_OK(journal_open(f.lake, STR("0"), &j, &s, &e), &e);
		state_done(&s);
	}
	CHECK_OK(journal_read(f.lake, STR("0"), 1, &one, &e), &e);
	CHECK_OK(journal_read(f.lake, STR("0"), 2, &two, &e), &e);
	CHECK(one.writer != two.writer && one.writer != 0 && two.writer == j.writer);
	stop(&f);
}

TEST(journal_refuses_texts_that_would_not_read_back)
{
	AUTO(journal_state) s = {0};
	struct journal      j;
	struct fixture      f;
	struct err          e = ERR_NONE;

	start(&f);
	CHECK_OK(journal_open(f.lake, STR("0"), &j, &s, &e), &e);
	CHECK_ERR(commit_position(&j, "", "\xFF", &e), ERR_INPUT);
	CHECK_OK(commit_position(&j, "", "ok", &e), &e); /* nothing was put: the writer goes on */
	CHECK_INT(j.head, 2);
	stop(&f);
}

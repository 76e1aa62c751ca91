/* Checkpoints: believed only when the journal bears them out, and never needed. */
#include "catalog/catalog.h"
#include "lake/journal.h"

#include "codec/sha256.h"
#include "os/clock.h"
#include "store/fault.h"
#include "tests/lib/test.h"

#define FOLDER "_tarn/checkpoints/0/"

enum { EVERY = 4 };

struct fixture {
	struct store         *inner, *fault;
	struct lake          *lake;
	struct journal        journal;
	struct journal_state  state;
	unsigned              commits;
};

/* A writer on a store that holds a lake, or will. */
static void start(struct fixture *f, struct store *inner)
{
	struct err e = ERR_NONE;

	f->inner = inner;
	f->fault = store_new_fault(inner, NULL);
	CHECK_OK(lake_open(f->fault, catalog_new_mem(), clock_real(), true, &f->lake, &e), &e);
	f->lake->checkpoint_every = EVERY;
	CHECK_OK(journal_open(f->lake, STR("0"), &f->journal, &f->state, &e), &e);
}

static void stop(struct fixture *f)
{
	state_done(&f->state);
	lake_close(f->lake);
}

static void stop_all(struct fixture *f)
{
	stop(f);
	store_close(f->inner);
}

/* An entry with something of each kind in it. */
static void entry_make(struct fixture *f, struct journal_entry *j)
{
	struct arena      *a = &j->arena;
	unsigned           n = f->commits;
	struct entry_table t = {
		.space = STR("events"), .name = arena_format(a, "table_%u", n % 3),
		.uuid = STR("00112233-4455-4677-8899-aabbccddeeff"),
		.manifest = arena_format(a, "events/m%u.avro", n), .manifest_bytes = 77,
		.manifest_checksum = STR("00112233445566778899aabbccddeeff"), .rows = 5, .bytes = 500,
	};

	if (n % 5 == 0)
		t.schema = arena_format(a, "{\"version\":%u}", n);
	*VEC_ADD(&t.files) = (struct entry_file){arena_format(a, "events/%u.parquet", n), 500, 5,
	                                         STR("ffeeddccbbaa99887766554433221100")};
	*VEC_ADD(&j->tables) = t;
	*VEC_ADD(&j->positions) = (struct entry_position){
		.pipeline = STR("p"), .key = arena_format(a, "/in/\"%u\"\xC3\xA9", n % 4),
		.from = n < 4 ? STR("") : arena_format(a, "at %u", n - 4), .to = arena_format(a, "at %u", n),
	};
	*VEC_ADD(&j->ids) = (struct entry_ids){
		.pipeline = STR("p"), .key = arena_format(a, "_tarn/ids/0/%u.ids", n),
		.checksum = STR("00112233445566778899aabbccddeeff"), .count = 5, .bytes = 120,
	};
	*VEC_ADD(&j->names) = (struct entry_name){STR("p"), arena_format(a, "Name %u", n), STR("push")};
	*VEC_ADD(&j->counts) = (struct entry_counts){STR("p"), 9, 5, 2, 1, 1, 0};
}

static void commit(struct fixture *f, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		AUTO(journal_entry) j = {0};
		struct err          e = ERR_NONE;

		entry_make(f, &j);
		CHECK_OK(journal_commit(&f->journal, &j, &e), &e);
		f->commits++;
	}
}

struct keys {
	unsigned count;
	char     last[64];
};

static int key_note(void *context, str key, uint64_t size, struct err *e)
{
	struct keys *k = context;

	(void)size, (void)e;
	k->count++;
	(void)snprintf(k->last, sizeof(k->last), STR_FMT, STR_ARG(key));
	return 0;
}

static struct keys keys_in(struct fixture *f)
{
	struct keys k = {0};
	struct err  e = ERR_NONE;

	CHECK_OK(store_list(f->inner, STR(FOLDER), STR(""), key_note, &k, &e), &e);
	return k;
}

static int fold(void *context, const struct journal_entry *j, struct err *e)
{
	return state_add(context, j, e);
}

/* What journal_load gives must be, to the byte, what all entries add up to. */
static void check_state(struct fixture *f)
{
	AUTO(journal_state) loaded = {0};
	AUTO(journal_state) folded = {0};
	AUTO(buf)           one = BUF(0);
	AUTO(buf)           two = BUF(0);
	struct err          e = ERR_NONE;

	CHECK_OK(journal_load(f->lake, STR("0"), &loaded, &e), &e);
	CHECK_OK(journal_walk(f->lake, STR("0"), 1, fold, &folded, &e), &e);
	checkpoint_write(&loaded, f->lake, &one);
	checkpoint_write(&folded, f->lake, &two);
	CHECK_STR(buf_str(&one), buf_str(&two));
}

TEST(checkpoint_is_put_once_in_so_many_entries)
{
	struct fixture f = {0};

	start(&f, store_new_mem()); /* entry 1 */
	commit(&f, 2);
	CHECK_INT(keys_in(&f).count, 0);
	commit(&f, 1);
	CHECK_STR(str_of(keys_in(&f).last), STR(FOLDER "00000000000000000004"));
	for (unsigned i = 0; i < 60; i++) {
		commit(&f, 1);
		CHECK(keys_in(&f).count <= 2);
		check_state(&f);
	}
	stop_all(&f);
}

TEST(checkpoint_costs_no_more_than_the_entries_did)
{
	struct fixture f = {0};
	struct keys    before, now;
	unsigned       made = 0;

	start(&f, store_new_mem());
	f.lake->checkpoint_every = 1;
	commit(&f, 200); /* names and runs pile up: each checkpoint is larger than the last */
	before = keys_in(&f);
	for (unsigned i = 0; i < 200; i++) {
		commit(&f, 1);
		now = keys_in(&f);
		made += strcmp(now.last, before.last) != 0;
		before = now;
	}
	CHECK(made >= 1 && made < 10);
	check_state(&f);
	stop_all(&f);
}

TEST(checkpoint_spares_the_reading_of_what_is_before_it)
{
	AUTO(journal_state) s = {0};
	struct fixture      f = {0};
	struct err          e = ERR_NONE;
	uint64_t            before;

	start(&f, store_new_mem());
	f.lake->checkpoint_every = 50;
	commit(&f, 101);
	before = store_fault_calls(f.fault, STORE_GET);
	CHECK_OK(journal_load(f.lake, STR("0"), &s, &e), &e);
	CHECK_INT(s.head, 102);
	CHECK(store_fault_calls(f.fault, STORE_GET) - before <= 50 + 3);
	stop_all(&f);
}

TEST(checkpoint_is_put_by_starts_too)
{
	struct fixture f = {0};
	struct store  *inner = store_new_mem();

	for (unsigned i = 0; i < 20; i++) { /* no life is long enough for one of its own */
		start(&f, inner);
		commit(&f, 1);
		check_state(&f);
		stop(&f);
	}
	start(&f, inner);
	CHECK_INT(keys_in(&f).count, 2);
	CHECK_INT(f.state.checkpoint > 30, 1);
	stop_all(&f);
}

TEST(checkpoint_of_any_changed_byte_is_refused)
{
	AUTO(buf)      text = BUF(0);
	struct fixture f = {0};
	struct err     e = ERR_NONE;

	start(&f, store_new_mem());
	commit(&f, 3);
	CHECK_OK(store_get(f.inner, str_of(keys_in(&f).last), 0, 0, &text, &e), &e);
	for (size_t i = 0; i < text.len; i++) {
		AUTO(journal_state) s = {0};
		char                was = text.ptr[i];

		text.ptr[i] = (char)(was ^ (1 << test_random() % 7));
		CHECK_ERR(checkpoint_parse(buf_str(&text), f.lake, &s, &e), ERR_CORRUPT);
		CHECK_ERR(checkpoint_parse(str_head(buf_str(&text), i), f.lake, &s, &e), ERR_CORRUPT);
		text.ptr[i] = was;
	}
	stop_all(&f);
}

/* Sealed anew, with one thing called as another one is. */
static void check_twice(struct fixture *f, const char *name, const char *other, const char *member)
{
	AUTO(journal_state) s = {0};
	AUTO(journal_state) again = {0};
	AUTO(buf)           text = BUF(0);
	struct err          e = ERR_NONE;
	char                hash[65], *at;
	str                 line;

	CHECK_OK(journal_load(f->lake, STR("0"), &s, &e), &e);
	checkpoint_write(&s, f->lake, &text);
	buf_byte(&text, '\0');
	at = strstr(text.ptr, name);
	CHECK(at != NULL && strlen(name) == strlen(other));
	memcpy(at, other, strlen(other));
	line = str_head(buf_str(&text), str_find(buf_str(&text), '\n', 0));
	sha256_hex(line, hash);
	memcpy(text.ptr + line.len + strlen("\nsha256:"), hash, 64);
	CHECK_ERR(checkpoint_parse(str_head(buf_str(&text), text.len - 1), f->lake, &again, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, member) != NULL && strstr(e.text, "comes twice") != NULL);
}

TEST(checkpoint_that_says_a_thing_twice_is_refused)
{
	struct fixture f = {0};

	start(&f, store_new_mem());
	commit(&f, 3);
	check_twice(&f, "/in/\\\"1", "/in/\\\"0", "positions[1]: \"key\"");
	check_twice(&f, "Name 1", "Name 0", "names[1]: \"name\"");
	check_twice(&f, "table_1", "table_0", "tables[1]: \"name\"");
	stop_all(&f);
}

/* A state with this segment goes into text and comes back the same. */
static void check_raw(struct fixture *f, str checksum, enum err_class want)
{
	AUTO(journal_state) s = {0};
	AUTO(journal_state) again = {0};
	AUTO(buf)           one = BUF(0);
	AUTO(buf)           two = BUF(0);
	struct err          e = ERR_NONE;

	CHECK_OK(journal_load(f->lake, STR("0"), &s, &e), &e);
	*VEC_ADD(&s.raws) = (struct state_raw){STR("p"), STR("_tarn/raw/0/1.raw"), checksum, 2, 100};
	checkpoint_write(&s, f->lake, &one);
	CHECK_INT(checkpoint_parse(buf_str(&one), f->lake, &again, &e), want);
	if (want < 0)
		return;
	CHECK_INT(again.raws.count, 1);
	CHECK_STR(again.raws.at[0].checksum, checksum);
	checkpoint_write(&again, f->lake, &two);
	CHECK_STR(buf_str(&one), buf_str(&two));
}

TEST(checkpoint_says_the_checksum_of_a_segment_and_is_read_where_it_does_not)
{
	struct fixture f = {0};

	start(&f, store_new_mem());
	commit(&f, 2);
	check_raw(&f, STR("00112233445566778899aabbccddeeff"), 0);
	check_raw(&f, STR(""), 0);
	check_raw(&f, STR("0011"), ERR_CORRUPT);
	stop_all(&f);
}

TEST(checkpoint_that_is_damaged_is_passed_over)
{
	struct fixture f = {0};
	struct err     e = ERR_NONE;
	struct keys    k;

	start(&f, store_new_mem());
	commit(&f, 10); /* entry 11; checkpoints of 4 and 8 */
	k = keys_in(&f);
	CHECK_INT(k.count, 2);
	CHECK_OK(store_replace(f.inner, str_of(k.last), STR("{}\nsha256:x\n"), &e), &e);
	check_state(&f);
	CHECK_OK(store_replace(f.inner, STR(FOLDER "00000000000000000004"), STR(""), &e), &e);
	check_state(&f);
	CHECK_OK(store_put_new(f.inner, STR(FOLDER "00000000000000000099"), STR("x"), &e), &e);
	check_state(&f);
	stop(&f);
	start(&f, f.inner);
	CHECK_INT(f.state.head, 12);
	stop_all(&f);
}

/* A checkpoint that proves itself, and says what the journal does not. */
static void put_forged(struct fixture *f, uint64_t seq, struct journal_state *s)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf)   text = BUF(0);
	struct err  e = ERR_NONE;

	s->head = seq;
	checkpoint_write(s, f->lake, &text);
	CHECK_OK(store_replace(f->inner, lake_checkpoint_key(&a, STR("0"), seq), buf_str(&text), &e), &e);
}

TEST(checkpoint_of_another_chain_is_passed_over)
{
	AUTO(journal_state) s = {0};
	struct fixture      f = {0};
	struct err          e = ERR_NONE;

	start(&f, store_new_mem());
	commit(&f, 10);
	CHECK_OK(journal_load(f.lake, STR("0"), &s, &e), &e);
	put_forged(&f, 10, &s); /* the hash of entry 11 */
	check_state(&f);
	put_forged(&f, 50, &s); /* an entry that is not there */
	check_state(&f);
	stop_all(&f);
}

TEST(journal_whose_checkpointed_entry_was_rewritten_is_corrupt)
{
	AUTO(arena)         a = ARENA_INIT;
	AUTO(journal_state) s = {0};
	AUTO(journal_entry) j = {0};
	AUTO(buf)           text = BUF(0);
	struct fixture      f = {0};
	struct err          e = ERR_NONE;

	start(&f, store_new_mem());
	commit(&f, 10);
	CHECK_OK(journal_read(f.lake, STR("0"), 8, &j, &e), &e);
	j.writer++;
	entry_write(&j, f.lake, &text);
	CHECK_OK(store_replace(f.inner, lake_journal_key(&a, STR("0"), 8), buf_str(&text), &e), &e);
	CHECK_ERR(journal_load(f.lake, STR("0"), &s, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, "entry 9 was not written on top of") != NULL);
	stop_all(&f);
}

/* Each call of a commit that puts a checkpoint fails in each way: it is committed, or it stops as any
 * other. */
TEST(checkpoint_that_fails_fails_no_commit)
{
	uint64_t calls = 1;

	for (uint64_t n = 1; n <= calls; n++) {
		for (int kind = FAULT_BEFORE; kind < FAULT_KIND_COUNT; kind++) {
			AUTO(journal_entry) j = {0};
			struct fixture      f = {0}, next = {0};
			struct err          e = ERR_NONE;
			uint64_t            before;
			struct store       *inner = store_new_mem();

			start(&f, inner);
			commit(&f, 6);
			before = store_fault_calls(f.fault, STORE_ANY_VERB);
			entry_make(&f, &j);
			store_fault_at(f.fault, STORE_ANY_VERB, n, (enum fault_kind)kind);
			CHECK_OK(journal_commit(&f.journal, &j, &e), &e);
			if (n == 1 && kind == FAULT_BEFORE)
				calls = store_fault_calls(f.fault, STORE_ANY_VERB) - before;
			f.commits++;
			commit(&f, 9);
			check_state(&f);
			stop(&f);
			start(&next, inner);
			CHECK_INT(next.state.head, 18);
			stop_all(&next);
		}
	}
}

/* --- runs that take the place of others ----------------------------------------------------- */

static int commit_merged(struct fixture *f, const char *one, const char *two, int64_t count, struct err *e)
{
	AUTO(journal_entry) j = {0};
	struct entry_ids    run = {
		.pipeline = STR("p"), .key = STR("_tarn/ids/0/merged.ids"),
		.checksum = STR("00112233445566778899aabbccddeeff"), .count = count, .bytes = 240, .replaced_count = 2,
	};

	run.replaced = ARENA_ARRAY(&j.arena, str, 2);
	run.replaced[0] = str_of(one);
	run.replaced[1] = str_of(two);
	*VEC_ADD(&j.ids) = run;
	return journal_commit(&f->journal, &j, e);
}

TEST(run_takes_the_place_of_those_it_replaces)
{
	AUTO(journal_state) s = {0};
	struct fixture      f = {0};
	struct err          e = ERR_NONE;
	int64_t             time_us;

	start(&f, store_new_mem());
	commit(&f, 3);
	CHECK_OK(journal_load(f.lake, STR("0"), &s, &e), &e);
	CHECK_INT(s.runs.count, 3);
	time_us = s.runs.at[1].time_us;
	state_done(&s);
	CHECK_OK(commit_merged(&f, "_tarn/ids/0/0.ids", "_tarn/ids/0/1.ids", 10, &e), &e);
	commit(&f, 4);
	check_state(&f);
	CHECK_OK(journal_load(f.lake, STR("0"), &s, &e), &e);
	CHECK_INT(s.runs.count, 2 + 4);
	CHECK_STR(s.runs.at[0].key, STR("_tarn/ids/0/merged.ids"));
	CHECK_INT(s.runs.at[0].count, 10);
	CHECK_INT(s.runs.at[0].bytes, 240);
	CHECK_INT(s.runs.at[0].seq, 3); /* of the newest whose ids it holds */
	CHECK_INT(s.runs.at[0].time_us, time_us);
	CHECK_STR(s.runs.at[1].key, STR("_tarn/ids/0/2.ids"));
	stop_all(&f);
}

static void check_refused(const char *one, const char *two, int64_t count, const char *words)
{
	AUTO(journal_state) s = {0};
	struct fixture      f = {0};
	struct err          e = ERR_NONE;

	start(&f, store_new_mem());
	f.lake->checkpoint_every = 1000;
	commit(&f, 3);
	CHECK_OK(commit_merged(&f, one, two, count, &e), &e);
	CHECK_ERR(journal_load(f.lake, STR("0"), &s, &e), ERR_CORRUPT);
	CHECK(strstr(e.text, words) != NULL);
	stop_all(&f);
}

TEST(run_that_replaces_what_it_does_not_hold_is_corrupt)
{
	check_refused("_tarn/ids/0/0.ids", "_tarn/ids/0/1.ids", 9, "replaces runs of 10 ids");
	check_refused("_tarn/ids/0/0.ids", "_tarn/ids/0/7.ids", 10, "which is no run");
	check_refused("_tarn/ids/0/0.ids", "_tarn/ids/0/0.ids", 10, "which is no run");
}

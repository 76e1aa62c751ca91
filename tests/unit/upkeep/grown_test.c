/* The audit of a lake that has been tidied: what was merged away, swept or replaced is no finding;
 * what is gone that something still leads to is one, and so is a checkpoint that does not add up. */
#include "upkeep/audit.h"

#include "tests/lib/small_lake.h"

struct findings {
	char text[16384];
	size_t len;
};

static void note(void *context, const char *text)
{
	struct findings *f = context;

	f->len += (size_t)snprintf(f->text + f->len, sizeof(f->text) - f->len, "%s\n", text);
	if (f->len >= sizeof(f->text))
		abort();
}

static void check_findings(struct small *s, const char *want)
{
	struct findings     f = {0};
	struct audit_counts counts;
	struct err          e = ERR_NONE;

	CHECK_OK(lake_audit(s->lake, STR("0"), &(struct audit_conf){.is_deep = true}, note, &f, &counts, &e), &e);
	if (want == NULL)
		CHECK_STR(str_of(f.text), STR(""));
	else if (strstr(f.text, want) == NULL || counts.findings != 1)
		test_fail(__FILE__, __LINE__, "not just \"%s\", but:\n%s", want, f.text);
}

/* Entries 1 to 31, merged by three, three snapshots kept, swept after each apply, a checkpoint every
 * eight. */
static void make(struct small *s)
{
	small_open(s, store_new_mem());
	s->lake->sweep_every = 1;
	s->lake->checkpoint_every = 8;
	small_property(s, STR("commit.manifest.min-count-to-merge"), STR("3"));
	small_property(s, STR("tarn.history.max-snapshots"), STR("3"));
	small_property(s, STR("history.expire.min-snapshots-to-keep"), STR("3"));
	small_grow(s, 30);
}

/* The key of the first object, or the last, whose key holds the word. */
struct search {
	struct arena *arena;
	const char   *word;
	bool          is_first;
	str           key;
};

static int search_each(void *context, str key, uint64_t size, struct err *e)
{
	struct search *s = context;

	(void)size, (void)e;
	if (memmem(key.ptr, key.len, s->word, strlen(s->word)) != NULL && (s->key.ptr == NULL || !s->is_first))
		s->key = arena_str(s->arena, key);
	return 0;
}

static str find(struct small *s, struct arena *a, const char *prefix, const char *word, bool is_first)
{
	struct search search = {a, word, is_first, {0}};
	struct err    e = ERR_NONE;

	CHECK_OK(store_list(s->inner, str_of(prefix), STR(""), search_each, &search, &e), &e);
	CHECK(search.key.ptr != NULL);
	return search.key;
}

TEST(audit_of_a_tidied_lake_finds_nothing)
{
	AUTO(arena)  a = ARENA_INIT;
	struct small s;
	struct err   e = ERR_NONE;
	uint64_t     size;

	make(&s);
	CHECK_ERR(store_size(s.inner, STR("events/push/metadata/L0-E1-S2-1-m0.avro"), &size, &e), ERR_MISSING);
	(void)find(&s, &a, "events/push/metadata/", "-merged-", true);
	(void)find(&s, &a, "_tarn/checkpoints/0/", "", true);
	check_findings(&s, NULL);
	small_close(&s);
}

TEST(audit_names_a_merged_manifest_that_is_gone)
{
	AUTO(arena)  a = ARENA_INIT;
	AUTO(buf)    text = BUF(0);
	struct small s;
	struct err   e = ERR_NONE;
	str          key;

	make(&s);
	key = find(&s, &a, "events/push/metadata/", "-merged-", true);
	CHECK_OK(store_get(s.inner, key, 0, 0, &text, &e), &e);
	CHECK_OK(store_replace(s.inner, key, str_head(buf_str(&text), text.len - 1), &e), &e);
	{
		struct findings     f = {0};
		struct audit_counts counts;

		CHECK_OK(lake_audit(s.lake, STR("0"), &(struct audit_conf){.is_deep = true}, note, &f, &counts, &e), &e);
		CHECK(strstr(f.text, "file: size: manifest ") != NULL);
	}
	CHECK_OK(store_replace(s.inner, key, buf_str(&text), &e), &e);
	check_findings(&s, NULL);
	small_close(&s);
}

TEST(audit_names_a_manifest_that_a_snapshot_leads_to)
{
	struct small        s;
	struct findings     f = {0};
	struct audit_counts counts;
	struct err          e = ERR_NONE;

	make(&s);
	CHECK_OK(store_remove(s.inner, s.entry.tables.at[0].manifest, &e), &e);
	CHECK_OK(lake_audit(s.lake, STR("0"), &(struct audit_conf){.is_deep = false}, note, &f, &counts, &e), &e);
	CHECK(strstr(f.text, "file: missing: events/push/metadata/L0-E1-S31-1-m0.avro of entry 31") != NULL);
	small_close(&s);
}

TEST(audit_names_a_list_of_an_old_snapshot_that_is_gone)
{
	AUTO(scan)          scan = {0};
	struct small        s;
	struct ice_snapshot oldest;
	struct err          e = ERR_NONE;
	str                 key;

	make(&s);
	CHECK_OK(lake_scan(s.lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	ice_snapshot_at(&scan.metadata, 0, &oldest);
	CHECK(lake_key(s.lake, oldest.manifest_list, &key));
	CHECK_OK(store_remove(s.inner, key, &e), &e);
	check_findings(&s, "snapshot: cannot be read: table events.push, snapshot ");
	small_close(&s);
}

TEST(audit_names_a_manifest_of_an_entry_not_applied)
{
	struct small s;
	struct err   e = ERR_NONE;

	make(&s);
	small_commit(&s, 2, small_time(0), 60000000);
	CHECK_OK(store_remove(s.inner, s.entry.tables.at[0].manifest, &e), &e);
	check_findings(&s, "file: missing: events/push/metadata/L0-E1-S32-1-m0.avro of entry 32");
	small_close(&s);
}

TEST(audit_names_a_checkpoint_that_does_not_add_up)
{
	AUTO(arena)         a = ARENA_INIT;
	AUTO(journal_state) state = {0};
	AUTO(buf)           text = BUF(0);
	AUTO(buf)           was = BUF(0);
	struct small        s;
	struct err          e = ERR_NONE;
	str                 key;

	make(&s);
	key = find(&s, &a, "_tarn/checkpoints/0/", "", true);
	CHECK_OK(store_get(s.inner, key, 0, 0, &was, &e), &e);
	CHECK_OK(checkpoint_parse(buf_str(&was), s.lake, &state, &e), &e);
	state.counts.at[0].rows++; /* proves itself, and names the right entry */
	checkpoint_write(&state, s.lake, &text);
	CHECK_OK(store_replace(s.inner, key, buf_str(&text), &e), &e);
	check_findings(&s, "journal: checkpoint: _tarn/checkpoints/0/");
	CHECK_OK(store_replace(s.inner, key, STR("damaged"), &e), &e);
	check_findings(&s, "is not what the entries up to it add up to: remove it");
	CHECK_OK(store_replace(s.inner, key, buf_str(&was), &e), &e);
	CHECK_OK(store_put_new(s.inner, STR("_tarn/checkpoints/0/00000000000000000099"), buf_str(&was), &e), &e);
	check_findings(&s, "journal: checkpoint: there is one of entry 99, and the journal ends at 31");
	CHECK_OK(store_remove(s.inner, STR("_tarn/checkpoints/0/00000000000000000099"), &e), &e);
	CHECK_OK(store_put_new(s.inner, STR("_tarn/checkpoints/0/notes"), STR(""), &e), &e);
	check_findings(&s, "is not the name of one");
	small_close(&s);
}

/* --- runs of ids that take the place of others ---------------------------------------------- */

/* Commit one whose run takes the place of those of entries 2 and 3, of two ids each. */
static void merge_runs(struct small *s, int64_t count)
{
	AUTO(journal_entry) j = {0};
	struct err          e = ERR_NONE;
	struct entry_ids    run = {
		.pipeline = STR("p"), .key = STR("_tarn/ids/0/merged.ids"), .count = count, .bytes = 3,
	};
	char                checksum[33];

	lake_checksum(STR("ids"), checksum);
	run.checksum = str_of(checksum);
	run.replaced = ARENA_ARRAY(&j.arena, str, 2);
	run.replaced[0] = STR("_tarn/ids/0/L0-E1-S2-99.ids");
	run.replaced[1] = STR("_tarn/ids/0/L0-E1-S3-99.ids");
	run.replaced_count = 2;
	CHECK_OK(store_put_new(s->inner, run.key, STR("ids"), &e), &e);
	*VEC_ADD(&j.ids) = run;
	CHECK_OK(journal_commit(&s->journal, &j, &e), &e);
}

TEST(audit_lets_replaced_runs_go)
{
	struct small s;
	struct err   e = ERR_NONE;

	make(&s);
	merge_runs(&s, 4);
	CHECK_OK(store_remove(s.inner, STR("_tarn/ids/0/L0-E1-S2-99.ids"), &e), &e);
	check_findings(&s, NULL);
	CHECK_OK(store_remove(s.inner, STR("_tarn/ids/0/L0-E1-S4-99.ids"), &e), &e);
	check_findings(&s, "ids: missing: _tarn/ids/0/L0-E1-S4-99.ids");
	small_close(&s);
}

TEST(audit_names_a_run_that_does_not_hold_what_it_replaces)
{
	struct small s;

	make(&s);
	merge_runs(&s, 5);
	check_findings(&s, "journal: balance: entry 32: _tarn/ids/0/merged.ids has 5 ids, and replaces runs of 4");
	small_close(&s);
}

/* The audit of tables that entries take files out of. */
#include "upkeep/audit.h"

#include "tests/lib/small_remove.h"

struct findings {
	char   text[16384];
	size_t len;
};

static void note(void *context, const char *text)
{
	struct findings *f = context;

	f->len += (size_t)snprintf(f->text + f->len, sizeof(f->text) - f->len, "%s\n", text);
	if (f->len >= sizeof(f->text))
		abort();
}

/* want NULL: nothing. Else each finding holds the words. */
static void check_audit(struct small *s, const char *want)
{
	struct findings     f = {0};
	struct audit_counts counts;
	struct err          e = ERR_NONE;

	CHECK_OK(lake_audit(s->lake, STR("0"), &(struct audit_conf){.is_deep = true}, note, &f, &counts, &e), &e);
	if (want == NULL)
		CHECK_STR(str_of(f.text), STR(""));
	else if (strstr(f.text, want) == NULL)
		test_fail(__FILE__, __LINE__, "not \"%s\", but:\n%s", want, f.text);
}

/* Two hours in two files, the first of which is removed. Applied. */
static void make(struct small *s, struct small_files *files)
{
	files->count = 0;
	small_open(s, store_new_mem());
	s->lake->discard_after_us = 0;
	small_property(s, STR("tarn.history.max-snapshots"), STR("2"));
	small_property(s, STR("history.expire.min-snapshots-to-keep"), STR("2"));
	small_commit(s, 120, small_time(0), 60000000);
	small_keep(s, files);
	small_apply(s);
	small_begin(s, 0, 0);
	small_remove(s, &files->at[0]);
	small_done(s, true);
}

TEST(audit_finds_nothing_wrong_with_removed_files)
{
	AUTO(small_files) files = {0};
	struct small      s;

	make(&s, &files);
	check_audit(&s, NULL);
	small_grow(&s, 2); /* the snapshot that showed it is gone */
	CHECK(!small_is_there(&s, files.at[0].key));
	check_audit(&s, NULL);
	small_begin(&s, 3, small_time(0));
	small_remove(&s, &files.at[1]);
	small_done(&s, false); /* not applied */
	check_audit(&s, NULL);
	small_apply(&s);
	check_audit(&s, NULL);
	small_close(&s);
}

TEST(audit_counts_what_was_dropped)
{
	AUTO(small_files)   files = {0};
	struct audit_counts counts;
	struct small        s;
	struct err          e = ERR_NONE;

	make(&s, &files);
	CHECK_OK(lake_audit(s.lake, STR("0"), &(struct audit_conf){.is_deep = false}, NULL, NULL, &counts, &e), &e);
	CHECK_INT(counts.records, 122);
	CHECK_INT(counts.rows, 60);
	CHECK_INT(counts.dropped, 60);
	CHECK_INT(counts.files, 1);
	small_close(&s);
}

TEST(audit_misses_a_removed_file_that_a_snapshot_still_shows)
{
	AUTO(small_files) files = {0};
	struct small      s;
	struct err        e = ERR_NONE;

	make(&s, &files);
	CHECK_OK(store_remove(s.inner, files.at[0].key, &e), &e);
	check_audit(&s, "file: missing");
	small_close(&s);
}

TEST(audit_finds_removals_that_fit_no_file)
{
	AUTO(small_files) files = {0};
	struct small      s;

	make(&s, &files);
	small_begin(&s, 0, 0);
	small_remove(&s, &(struct entry_removed){STR("events/push/data/x.parquet"), 1, 1});
	small_done(&s, false);
	check_audit(&s, "journal: balance: entry 4, table events.push: it removes events/push/data/x.parquet, which no entry");
	small_close(&s);

	make(&s, &files);
	small_begin(&s, 0, 0);
	small_remove(&s, &files.at[0]);
	small_done(&s, false);
	check_audit(&s, "which entry 3 had removed");
	small_close(&s);

	make(&s, &files);
	small_begin(&s, 0, 0);
	files.at[1].bytes++;
	small_remove(&s, &files.at[1]);
	small_done(&s, false);
	check_audit(&s, "bytes, entry 2 added it with 60 in");
	small_close(&s);

	make(&s, &files); /* one of two is out already */
	small_begin(&s, 0, 0);
	small_replace(&s, 3, &files);
	small_done(&s, false);
	check_audit(&s, "entries up to 3 left 1 with 60 in");
	small_close(&s);
}

TEST(audit_finds_removed_rows_that_are_not_counted)
{
	AUTO(small_files) files = {0};
	struct small      s;

	make(&s, &files);
	small_begin(&s, 0, 0);
	small_remove(&s, &files.at[1]);
	s.entry.counts.at[0].rows++;
	s.entry.counts.at[0].dropped--;
	small_done(&s, false);
	check_audit(&s, "journal: balance: entry 4: -59 rows are counted, -60 are in the tables of events");
	small_close(&s);
}

/* The version before the removal again, with the mark of the one after it: as another engine's rollback
 * would leave it. */
TEST(audit_finds_a_removed_file_that_is_listed)
{
	AUTO(arena)          a = ARENA_INIT;
	AUTO(ice_metadata)   m = {0};
	AUTO(buf)            text = BUF(0);
	AUTO(small_files)    files = {0};
	struct catalog_table at;
	struct ice_snapshot  first;
	struct small         s;
	struct err           e = ERR_NONE;

	make(&s, &files);
	CHECK_OK(catalog_load(s.lake->catalog, STR("events"), SMALL_TABLE, &a, &at, &e), &e);
	CHECK_OK(ice_metadata_parse(at.metadata, &m, &e), &e);
	ice_snapshot_at(&m, 0, &first);
	ice_add_snapshot(&m, &(struct ice_commit){.snapshot_id = 4711, .manifest_list = first.manifest_list});
	ice_metadata_write(&m, &text);
	CHECK_OK(catalog_swap(s.lake->catalog, STR("events"), SMALL_TABLE, at.version, buf_str(&text), &e), &e);
	check_audit(&s, "snapshot: file listed that was removed: table events.push");
	small_close(&s);
}

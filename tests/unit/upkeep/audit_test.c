/* A small lake is damaged in one way at a time, and each time the damage must be named. */
#include "upkeep/audit.h"

#include "tests/lib/small_lake.h"

struct findings {
	char     text[16384];
	size_t   len;
	int      count;
};

static void note(void *context, const char *text)
{
	struct findings *f = context;

	f->count++;
	f->len += (size_t)snprintf(f->text + f->len, sizeof(f->text) - f->len, "%s\n", text);
	if (f->len >= sizeof(f->text))
		abort();
}

static void audit(struct small *s, bool is_deep, struct findings *f, struct audit_counts *counts)
{
	struct err e = ERR_NONE;

	*f = (struct findings){0};
	*counts = (struct audit_counts){0};
	CHECK_OK(lake_audit(s->lake, STR("0"), &(struct audit_conf){.is_deep = is_deep}, note, f, counts, &e), &e);
	CHECK_INT(counts->findings, f->count);
}

/* Entries 1 (fence), 2 and 3, applied; each with two files. */
static void make(struct small *s)
{
	small_open(s, store_new_mem());
	small_commit(s, 90, small_time(0), 60000000);
	small_apply(s);
	small_commit(s, 90, small_time(4), 60000000);
	small_apply(s);
}

static void check_named(struct small *s, bool is_deep, const char *finding)
{
	struct findings     f;
	struct audit_counts counts;

	audit(s, is_deep, &f, &counts);
	if (strstr(f.text, finding) == NULL)
		test_fail(__FILE__, __LINE__, "\"%s\" is not among the findings:\n%s", finding, f.text);
}

static void check_silent(struct small *s)
{
	struct findings     f;
	struct audit_counts counts;

	audit(s, true, &f, &counts);
	CHECK_STR(str_of(f.text), STR(""));
}

TEST(audit_of_a_sound_lake_finds_nothing)
{
	struct small        s;
	struct findings     f;
	struct audit_counts counts;

	make(&s);
	audit(&s, false, &f, &counts);
	CHECK_STR(str_of(f.text), STR(""));
	CHECK_INT(counts.entries, 3);
	CHECK_INT(counts.tables, 1);
	CHECK_INT(counts.files, 4);
	CHECK_INT(counts.records, 184);
	CHECK_INT(counts.rows, 180);
	CHECK_INT(counts.duplicates, 2);
	CHECK_INT(counts.conflicts, 2);
	CHECK_INT(counts.quarantined, 0);
	check_silent(&s);
	small_commit(&s, 10, small_time(9), 60000000); /* a table that is behind is no finding */
	check_silent(&s);
	small_close(&s);
}

TEST(audit_of_a_new_lake_finds_nothing)
{
	struct small s;

	small_open(&s, store_new_mem());
	check_silent(&s);
	small_close(&s);
}

/* --- the journal ---------------------------------------------------------- */

/* Write an entry again, proving itself. */
static void rewrite(struct small *s, struct journal_entry *j)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf)   text = BUF(0);
	struct err  e = ERR_NONE;

	entry_write(j, s->lake, &text);
	CHECK_OK(store_replace(s->inner, lake_journal_key(&a, STR("0"), j->seq), buf_str(&text), &e), &e);
}

TEST(audit_names_a_hole)
{
	AUTO(arena)  a = ARENA_INIT;
	struct small s;
	struct err   e = ERR_NONE;

	make(&s);
	CHECK_OK(store_remove(s.inner, lake_journal_key(&a, STR("0"), 2), &e), &e);
	check_named(&s, false, "journal: hole: entry 2 of lane 0 is missing");
	small_close(&s);
}

TEST(audit_names_an_entry_that_was_changed)
{
	AUTO(arena)  a = ARENA_INIT;
	struct small s;
	str          key = lake_journal_key(&a, STR("0"), 2), text = {0};
	struct err   e = ERR_NONE;

	make(&s);
	CHECK_OK(store_get_all(s.inner, key, 0, &a, &text, &e), &e);
	((char *)(uintptr_t)text.ptr)[text.len / 2] ^= 1;
	CHECK_OK(store_replace(s.inner, key, text, &e), &e);
	check_named(&s, false, "journal: hash: _tarn/journal/0/00000000000000000002");
	small_close(&s);
}

TEST(audit_names_an_entry_that_was_rewritten)
{
	AUTO(journal_entry) j = {0};
	struct small        s;
	struct err          e = ERR_NONE;

	make(&s);
	CHECK_OK(journal_read(s.lake, STR("0"), 2, &j, &e), &e);
	j.time_us++;
	rewrite(&s, &j);
	check_named(&s, false, "journal: chain: entry 3 was not written on top of entry 2");
	small_close(&s);
}

TEST(audit_names_counts_that_do_not_add_up)
{
	AUTO(journal_entry) j = {0};
	struct small        s;
	struct err          e = ERR_NONE;

	make(&s);
	CHECK_OK(journal_read(s.lake, STR("0"), 3, &j, &e), &e);
	j.counts.at[0].duplicates++;
	rewrite(&s, &j);
	check_named(&s, false, "journal: balance: entry 3, pipeline p: 92 records, but 90 rows + 2 duplicates");
	j.counts.at[0].rows--;
	rewrite(&s, &j);
	check_named(&s, false, "journal: balance: entry 3: 89 rows are counted, 90 are in the tables of events");
	j.counts.at[0].quarantined++;
	rewrite(&s, &j);
	check_named(&s, false, "journal: balance: entry 3: 1 records are quarantined, 0 are in tarn.quarantine");
	j.tables.at[0].rows++;
	rewrite(&s, &j);
	check_named(&s, false, "journal: balance: entry 3, table events.push: 91 rows, but 90 in its files");
	small_close(&s);
}

TEST(audit_names_a_position_that_does_not_follow)
{
	AUTO(journal_entry) j = {0};
	struct small        s;
	struct err          e = ERR_NONE;

	make(&s);
	CHECK_OK(journal_read(s.lake, STR("0"), 3, &j, &e), &e);
	j.positions.at[0].from = STR("elsewhere");
	rewrite(&s, &j);
	check_named(&s, false, "journal: position: entry 3 takes f from \"elsewhere\", but it stood at \"at-90\"");
	small_close(&s);
}

/* --- tables ---------------------------------------------------------------- */

typedef void tamper_fn(struct small *s, struct ice_metadata *m);

static void tamper(struct small *s, tamper_fn *change)
{
	AUTO(arena)          a = ARENA_INIT;
	AUTO(ice_metadata)   m = {0};
	AUTO(buf)            text = BUF(0);
	struct catalog_table at;
	struct err           e = ERR_NONE;

	CHECK_OK(catalog_load(s->lake->catalog, STR("events"), SMALL_TABLE, &a, &at, &e), &e);
	CHECK_OK(ice_metadata_parse(at.metadata, &m, &e), &e);
	change(s, &m);
	ice_metadata_write(&m, &text);
	CHECK_OK(catalog_swap(s->lake->catalog, STR("events"), SMALL_TABLE, at.version, buf_str(&text), &e), &e);
}

static void set_mark(struct small *s, struct ice_metadata *m)
{
	(void)s;
	ice_set_property(m, STR("tarn.applied.0"), STR("2"));
}

static void set_schema(struct small *s, struct ice_metadata *m)
{
	AUTO(schema) less = {0};

	(void)s;
	schema_init(&less);
	schema_add(&less, less.root, STR("event_time"), TYPE_TIMESTAMPTZ, false, STR(""), 2);
	(void)ice_set_schema(m, &less);
}

TEST(audit_names_a_missing_table)
{
	struct small s;
	struct err   e = ERR_NONE;

	make(&s);
	CHECK_OK(catalog_drop(s.lake->catalog, STR("events"), SMALL_TABLE, &e), &e);
	check_named(&s, false, "table: missing: table events.push");
	small_close(&s);
}

TEST(audit_names_an_exchanged_table)
{
	AUTO(schema)  schema = {0};
	struct small  s;
	struct table *other = NULL;
	struct err    e = ERR_NONE;

	make(&s);
	CHECK_OK(catalog_drop(s.lake->catalog, STR("events"), SMALL_TABLE, &e), &e);
	small_schema(&schema);
	CHECK_OK(table_open(s.lake, STR("0"), STR("events"), SMALL_TABLE, &(struct table_fresh){&schema, ICE_HOUR, 2},
	                    NULL, &other, &e), &e);
	table_close(other);
	check_named(&s, false, "table: uuid: table events.push");
	small_close(&s);
}

TEST(audit_names_a_mark_that_does_not_fit)
{
	AUTO(arena)  a = ARENA_INIT;
	struct small s;
	struct err   e = ERR_NONE;

	make(&s);
	tamper(&s, set_mark);
	check_named(&s, false, "table: mark: table events.push: property tarn.applied.0 says that entries up to 2");
	small_close(&s);
	make(&s);
	CHECK_OK(store_remove(s.inner, lake_journal_key(&a, STR("0"), 3), &e), &e); /* the newest: not a hole */
	check_named(&s, false, "table: mark: table events.push: it stands at entry 3, the journal ends at 2");
	check_named(&s, false, "snapshot: file not of the journal");
	small_close(&s);
}

TEST(audit_names_a_schema_that_lost_fields)
{
	struct small s;

	small_open(&s, store_new_mem());
	schema_add(&s.table->schema, s.table->schema.root, STR("city"), TYPE_STRING, false, STR("/city"), 0);
	small_commit(&s, 10, small_time(0), 60000000);
	small_apply(&s);
	check_silent(&s);
	tamper(&s, set_schema);
	check_named(&s, false, "table: schema: table events.push: field 6 (city, string) of the journal is missing");
	small_close(&s);
}

/* A snapshot made by hand over the manifests that `choose` leaves in `all`. */
static void snapshot_of(struct small *s, struct ice_metadata *m, const struct ice_manifest *all, size_t count)
{
	AUTO(buf)           text = BUF(0);
	AUTO(arena)         a = ARENA_INIT;
	struct ice_snapshot now;
	struct err          e = ERR_NONE;
	str                 key = STR("events/push/metadata/snap-by-hand.avro");

	CHECK(ice_current_snapshot(m, &now));
	CHECK_OK(ice_list_write(all, count, 4711, now.id, now.sequence_number + 1, &text, &e), &e);
	CHECK_OK(store_put_new(s->inner, key, buf_str(&text), &e), &e);
	ice_add_snapshot(m, &(struct ice_commit){.snapshot_id = 4711, .manifest_list = lake_path(s->lake, &a, key)});
}

static size_t manifests_of(struct small *s, struct ice_metadata *m, struct arena *a, struct ice_manifest **all)
{
	struct ice_snapshot now;
	struct err          e = ERR_NONE;
	size_t              count = 0;
	str                 key, text = {0};

	CHECK(ice_current_snapshot(m, &now));
	CHECK(lake_key(s->lake, now.manifest_list, &key));
	CHECK_OK(store_get_all(s->inner, key, 0, a, &text, &e), &e);
	CHECK_OK(ice_list_read(text, a, all, &count, &e), &e);
	CHECK_INT(count, 2);
	return count;
}

static void list_twice(struct small *s, struct ice_metadata *m)
{
	AUTO(arena)          a = ARENA_INIT;
	struct ice_manifest *all = NULL, more[3];
	size_t               count = manifests_of(s, m, &a, &all);

	memcpy(more, all, count * sizeof(*all));
	more[2] = all[0];
	snapshot_of(s, m, more, 3);
}

static void list_less(struct small *s, struct ice_metadata *m)
{
	AUTO(arena)          a = ARENA_INIT;
	struct ice_manifest *all = NULL;

	(void)manifests_of(s, m, &a, &all);
	snapshot_of(s, m, all, 1);
}

/* A manifest like the first, with one file changed by hand. */
static void list_other(struct small *s, struct ice_metadata *m, bool is_rows)
{
	AUTO(arena)          a = ARENA_INIT;
	AUTO(buf)            bytes = BUF(0);
	struct ice_manifest *all = NULL, more[2];
	struct ice_file     *files = NULL;
	struct err           e = ERR_NONE;
	size_t               count = 0;
	str                  key, text = {0};

	(void)manifests_of(s, m, &a, &all);
	CHECK(lake_key(s->lake, all[0].path, &key));
	CHECK_OK(store_get_all(s->inner, key, 0, &a, &text, &e), &e);
	CHECK_OK(ice_manifest_read(text, &all[0], &a, &files, &count, &e), &e);
	for (size_t i = 0; i < count; i++)
		files[i].status = ICE_ADDED;
	if (is_rows)
		files[0].stats.rows++;
	else
		files[0].path = lake_path(s->lake, &a, STR("events/push/data/stranger.parquet"));
	CHECK_OK(ice_manifest_write(&s->table->schema, 0, &s->table->spec, files, count, &bytes, &e), &e);
	CHECK_OK(store_put_new(s->inner, STR("events/push/metadata/by-hand.avro"), buf_str(&bytes), &e), &e);
	more[0] = all[0];
	more[0].path = lake_path(s->lake, &a, STR("events/push/metadata/by-hand.avro"));
	more[0].length = (int64_t)bytes.len;
	more[1] = all[1];
	snapshot_of(s, m, more, 2);
}

static void list_stranger(struct small *s, struct ice_metadata *m)
{
	list_other(s, m, false);
}

static void list_rows(struct small *s, struct ice_metadata *m)
{
	list_other(s, m, true);
}

TEST(audit_names_what_a_snapshot_lists_wrongly)
{
	static const struct {
		tamper_fn  *change;
		const char *finding;
	} cases[] = {
		{list_twice, "snapshot: file listed twice: table events.push: events/push/data/event_time_hour=2015-01-01-0"},
		{list_less, "snapshot: file of the journal not listed: table events.push: events/push/data/"},
		{list_stranger, "snapshot: file not of the journal: table events.push: events/push/data/stranger.parquet"},
		{list_rows, "snapshot: rows differ: table events.push: events/push/data/event_time_hour=2015-01-01-00/"
		            "L0-E1-S2-0.parquet has 61 rows"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct small s;

		make(&s);
		tamper(&s, cases[i].change);
		check_named(&s, false, cases[i].finding);
		small_close(&s);
	}
}

TEST(audit_names_a_snapshot_that_cannot_be_read)
{
	struct small s;
	struct err   e = ERR_NONE;

	make(&s);
	CHECK_OK(store_remove(s.inner, s.entry.tables.at[0].manifest, &e), &e);
	check_named(&s, false, "snapshot: cannot be read: table events.push");
	check_named(&s, false, "file: missing: events/push/metadata/L0-E1-S3-2-m0.avro of entry 3");
	small_close(&s);
}

/* --- objects ---------------------------------------------------------------- */

/* The body of an object changed by `change`, then put back. */
static void replace(struct small *s, str key, str body)
{
	struct err e = ERR_NONE;

	CHECK_OK(store_replace(s->inner, key, body, &e), &e);
}

static str body_of(struct small *s, struct arena *a, str key)
{
	struct err e = ERR_NONE;
	str        text = {0};

	CHECK_OK(store_get_all(s->inner, key, 0, a, &text, &e), &e);
	return text;
}

TEST(audit_names_a_data_file_that_is_missing_or_cut)
{
	AUTO(arena)  a = ARENA_INIT;
	struct small s;
	str          key, body;
	struct err   e = ERR_NONE;

	make(&s);
	key = s.entry.tables.at[0].files.at[1].key;
	body = body_of(&s, &a, key);
	replace(&s, key, str_head(body, body.len - 1));
	check_named(&s, false, "file: size: events/push/data/event_time_hour=2015-01-01-05/L0-E1-S3-1.parquet has");
	CHECK_OK(store_remove(s.inner, key, &e), &e);
	check_named(&s, false,
	            "file: missing: events/push/data/event_time_hour=2015-01-01-05/L0-E1-S3-1.parquet of entry 3");
	small_close(&s);
}

TEST(audit_names_a_footer_that_is_not_one)
{
	AUTO(arena)  a = ARENA_INIT;
	struct small s;
	str          key, body;

	make(&s);
	key = s.entry.tables.at[0].files.at[0].key;
	body = body_of(&s, &a, key);
	((char *)(uintptr_t)body.ptr)[body.len - 1] = 'x';
	replace(&s, key, body);
	check_named(&s, false, "file: footer: events/push/data/");
	small_close(&s);
}

/* Another file under a file's name, of the same size: the journal is made to expect its size and rows. */
static void exchange(struct small *s, bool are_rows_told)
{
	AUTO(arena)         a = ARENA_INIT;
	AUTO(journal_entry) j = {0};
	struct entry_file  *f;
	str                 body;
	struct err          e = ERR_NONE;

	make(s);
	CHECK_OK(journal_read(s->lake, STR("0"), 3, &j, &e), &e);
	f = j.tables.at[0].files.at;
	body = body_of(s, &a, f[0].key);
	replace(s, f[1].key, body);
	f[1].bytes = f[0].bytes;
	if (are_rows_told)
		f[1].rows = f[0].rows;
	rewrite(s, &j);
}

TEST(audit_names_another_file_under_a_name)
{
	struct small s;

	exchange(&s, true);
	check_named(&s, false, "file: origin: events/push/data/event_time_hour=2015-01-01-05/L0-E1-S3-1.parquet says that "
	                       "it is \"L0-E1-S3-0\"");
	check_named(&s, true, "file: checksum: events/push/data/event_time_hour=2015-01-01-05/L0-E1-S3-1.parquet");
	small_close(&s);
	exchange(&s, false);
	check_named(&s, false, "file: rows: events/push/data/event_time_hour=2015-01-01-05/L0-E1-S3-1.parquet has 60 rows, "
	                       "60 in its row groups, in the journal 30");
	small_close(&s);
}

TEST(audit_names_one_changed_byte_when_deep)
{
	AUTO(arena)         a = ARENA_INIT;
	struct small        s;
	struct findings     f;
	struct audit_counts counts;
	str                 key, body;

	make(&s);
	key = s.entry.tables.at[0].files.at[0].key;
	body = body_of(&s, &a, key);
	((char *)(uintptr_t)body.ptr)[10] ^= 1;
	replace(&s, key, body);
	audit(&s, false, &f, &counts); /* not looked at */
	CHECK_STR(str_of(f.text), STR(""));
	check_named(&s, true, "file: checksum: events/push/data/");
	small_close(&s);
}

TEST(audit_names_runs_of_ids_that_are_not_as_committed)
{
	struct small s;
	struct err   e = ERR_NONE;

	make(&s);
	replace(&s, s.entry.ids.at[0].key, STR("idz"));
	check_named(&s, true, "ids: checksum: _tarn/ids/0/L0-E1-S3-99.ids");
	replace(&s, s.entry.ids.at[0].key, STR("id"));
	check_named(&s, false, "ids: count: _tarn/ids/0/L0-E1-S3-99.ids has 2 bytes, in the journal 3");
	CHECK_OK(store_remove(s.inner, s.entry.ids.at[0].key, &e), &e);
	check_named(&s, false, "ids: missing: _tarn/ids/0/L0-E1-S3-99.ids of entry 3");
	small_close(&s);
}

TEST(audit_says_when_it_could_not_look)
{
	struct small        s;
	struct audit_counts counts;
	struct err          e = ERR_NONE;

	make(&s);
	store_fault_at(s.fault, STORE_GET, 2, FAULT_BEFORE);
	CHECK_ERR(lake_audit(s.lake, STR("0"), &(struct audit_conf){0}, NULL, NULL, &counts, &e), ERR_IO);
	small_close(&s);
}

/* Tables that are behind, that have gone back, and that go on while they are looked at. */
#include <jansson.h>

#include "tests/lib/small_lake.h"
#include "upkeep/audit.h"

struct told {
	char   findings[16384], notes[4096];
	size_t len, notes_len;
};

static void finding(void *context, const char *text)
{
	struct told *t = context;

	t->len += (size_t)snprintf(t->findings + t->len, sizeof(t->findings) - t->len, "%s\n", text);
	if (t->len >= sizeof(t->findings))
		abort();
}

static void note(void *context, const char *text)
{
	struct told *t = context;

	t->notes_len += (size_t)snprintf(t->notes + t->notes_len, sizeof(t->notes) - t->notes_len, "%s\n", text);
	if (t->notes_len >= sizeof(t->notes))
		abort();
}

static void look(struct lake *l, struct told *t)
{
	struct audit_conf   conf = {.is_deep = true, .note = note};
	struct audit_counts counts;
	struct err          e = ERR_NONE;

	*t = (struct told){0};
	CHECK_OK(lake_audit(l, STR("0"), &conf, finding, t, &counts, &e), &e);
}

/* The one finding, or none, and the one note, or none: each begins so. */
static void check_told(struct lake *l, const char *want, const char *want_note)
{
	struct told t;

	look(l, &t);
	if (want == NULL)
		CHECK_STR(str_of(t.findings), STR(""));
	else if (!str_starts(str_of(t.findings), str_of(want)) || strchr(t.findings, '\n')[1] != '\0')
		test_fail(__FILE__, __LINE__, "not just \"%s\", but:\n%s", want, t.findings);
	if (want_note == NULL)
		CHECK_STR(str_of(t.notes), STR(""));
	else if (!str_starts(str_of(t.notes), str_of(want_note)) || strchr(t.notes, '\n')[1] != '\0')
		test_fail(__FILE__, __LINE__, "not just \"%s\", but:\n%s", want_note, t.notes);
}

/* Entries 1 (fence) and 2 to 2 + commits - 1, applied. */
static void make(struct small *s, uint32_t commits)
{
	small_open(s, store_new_mem());
	small_grow(s, commits);
}

static void change(struct small *s, void (*how)(struct ice_metadata *m))
{
	AUTO(arena)          a = ARENA_INIT;
	AUTO(ice_metadata)   m = {0};
	AUTO(buf)            text = BUF(0);
	struct catalog_table at;
	struct err           e = ERR_NONE;

	CHECK_OK(catalog_load(s->lake->catalog, STR("events"), SMALL_TABLE, &a, &at, &e), &e);
	CHECK_OK(ice_metadata_parse(at.metadata, &m, &e), &e);
	how(&m);
	ice_metadata_write(&m, &text);
	CHECK_OK(catalog_swap(s->lake->catalog, STR("events"), SMALL_TABLE, at.version, buf_str(&text), &e), &e);
}

/* The key of the metadata, so many versions ago. */
static str metadata_key(struct small *s, int ago, struct arena *a)
{
	struct catalog_table at;
	struct err           e = ERR_NONE;
	int64_t              version = 0;

	CHECK_OK(catalog_load(s->lake->catalog, STR("events"), SMALL_TABLE, a, &at, &e), &e);
	CHECK(str_to_i64(at.version, &version));
	return arena_format(a, "events/push/metadata/v%lld.metadata.json", (long long)version - ago);
}

TEST(stand_behind_by_the_newest_commit_is_a_note)
{
	struct small s;

	make(&s, 2);
	small_commit(&s, 10, small_time(9), 60000000);
	check_told(s.lake, NULL, "table events.push stands at entry 3, the journal has files for it up to entry 4");
	small_apply(&s);
	check_told(s.lake, NULL, NULL);
	small_close(&s);
}

static void set_back(struct ice_metadata *m)
{
	json_t             *main_ref = json_object_get(json_object_get(m->doc, "refs"), "main");
	struct ice_snapshot first;

	ice_snapshot_at(m, 0, &first);
	json_object_set_new(m->doc, "current-snapshot-id", json_integer(first.id));
	json_object_set_new(main_ref, "snapshot-id", json_integer(first.id));
}

static void set_back_with_its_mark(struct ice_metadata *m)
{
	set_back(m);
	ice_set_property(m, STR("tarn.applied.0"), STR("2"));
}

/* By another engine, which knows nothing of marks; or by an operator who asks for the entries anew. */
TEST(stand_of_an_older_snapshot_is_named)
{
	struct workers *w = workers_new(1);

	for (int is_mark_too = 0; is_mark_too < 2; is_mark_too++) {
		struct apply_counts counts;
		struct small        s;
		struct err          e = ERR_NONE;
		int                 applied;

		make(&s, 3);
		change(&s, is_mark_too ? set_back_with_its_mark : set_back);
		check_told(s.lake, "table: rolled back: table events.push: its current snapshot ", NULL);
		applied = lake_apply(s.lake, w, STR("0"), &counts, &e);
		CHECK_INT(applied, is_mark_too ? 0 : ERR_CORRUPT); /* never silently (reliability F45) */
		if (applied == 0)
			check_told(s.lake, NULL, NULL);
		small_close(&s);
	}
	workers_free(w);
}

TEST(stand_of_older_metadata_is_named_by_the_newer_file)
{
	AUTO(arena)  a = ARENA_INIT;
	struct small s;
	struct err   e = ERR_NONE;
	str          text = {0};

	make(&s, 2);
	CHECK_OK(store_get_all(s.inner, metadata_key(&s, 1, &a), 0, &a, &text, &e), &e);
	CHECK_OK(catalog_swap(s.lake->catalog, STR("events"), SMALL_TABLE, STR("3"), text, &e), &e);
	check_told(s.lake, "table: rolled back: table events.push: it stands at entry 2, and "
	                   "events/push/metadata/v3.metadata.json at entry 3", NULL);
	small_close(&s);
}

/* Nothing of the newest metadata is left; but a commit after it says that it was there. */
TEST(stand_of_older_metadata_is_named_by_the_journal)
{
	AUTO(arena)         a = ARENA_INIT;
	struct small        s;
	struct err          e = ERR_NONE;
	struct apply_counts counts;

	make(&s, 4);
	for (int i = 0; i < 2; i++) {
		CHECK_OK(store_remove(s.inner, metadata_key(&s, 0, &a), &e), &e);
		check_told(s.lake, i == 0 ? NULL : "table: rolled back: table events.push: it stands at entry 3, and entry 5 was "
		                                   "only committed once it stood at entry 4",
		           i == 0 ? "table events.push stands at entry 4" : NULL);
	}
	CHECK_OK(lake_apply(s.lake, s.workers, STR("0"), &counts, &e), &e);
	check_told(s.lake, NULL, NULL);
	small_close(&s);
}

/* --- while a writer is at work ------------------------------------------------------------- */

/* The journal as a list showed it some entries ago. */
struct late {
	struct store  base;
	struct store *inner;
	str           last; /* key of the last entry that is shown, */
	int           left; /* in so many lists of entries; then all are */
	store_list_fn *each;
	void         *context;
};

static int show_early(void *context, str key, uint64_t size, struct err *e)
{
	struct late *l = context;

	return str_starts(key, STR("_tarn/journal/")) && str_cmp(key, l->last) > 0 ? 0 : l->each(l->context, key, size, e);
}

static int late_list(struct store *s, str prefix, str after, store_list_fn *each, void *context, struct err *e)
{
	struct late *l = (struct late *)s;

	if (str_starts(prefix, STR("_tarn/journal/")) && l->left-- <= 0)
		return store_list(l->inner, prefix, after, each, context, e);
	l->each = each;
	l->context = context;
	return store_list(l->inner, prefix, after, show_early, l, e);
}

static int late_get(struct store *s, str key, uint64_t offset, uint64_t size, struct buf *out, struct err *e)
{
	return store_get(((struct late *)s)->inner, key, offset, size, out, e);
}

static int late_put(struct store *s, str key, str body, struct err *e)
{
	return store_put_new(((struct late *)s)->inner, key, body, e);
}

static int late_replace(struct store *s, str key, str body, struct err *e)
{
	return store_replace(((struct late *)s)->inner, key, body, e);
}

static int late_remove(struct store *s, str key, struct err *e)
{
	return store_remove(((struct late *)s)->inner, key, e);
}

static int late_size(struct store *s, str key, uint64_t *out, struct err *e)
{
	return store_size(((struct late *)s)->inner, key, out, e);
}

static void late_close(struct store *s)
{
	free(s);
}

static struct lake *late_lake(struct small *s, uint64_t last, int lists, struct arena *a)
{
	static const struct store_ops ops = {
		.kind = "late", .get = late_get, .put_new = late_put, .replace = late_replace, .list = late_list,
		.remove = late_remove, .size = late_size, .close = late_close,
	};
	struct late *l = calloc(1, sizeof(*l));
	struct lake *lake = NULL;
	struct err   e = ERR_NONE;

	l->base = (struct store){&ops, s->inner->root};
	l->inner = s->inner;
	l->left = lists;
	l->last = lake_journal_key(a, STR("0"), last);
	CHECK_OK(lake_open(&l->base, catalog_new_dir(&l->base), clock_real(), false, &lake, &e), &e);
	return lake;
}

TEST(stand_of_a_table_that_has_gone_on_is_as_it_was)
{
	AUTO(arena)    a = ARENA_INIT;
	AUTO_PTR(lake) late = NULL;
	AUTO_PTR(lake) early = NULL;
	struct small   s;

	make(&s, 5);
	late = late_lake(&s, 3, 1, &a);
	check_told(late, NULL, NULL);
	early = late_lake(&s, 1, 1, &a);
	check_told(early, NULL, "table events.push has gone on from entry 1 to entry 6 since the journal was read");
	small_close(&s);
}

/* Commit a run of ids that takes the place of the first one, and remove that. */
static void replace_run(struct small *s)
{
	str                 first = STR("_tarn/ids/0/L0-E1-S2-99.ids");
	AUTO(journal_entry) j = {0};
	struct err          e = ERR_NONE;
	char                checksum[33];

	lake_checksum(STR("ids"), checksum);
	*VEC_ADD(&j.ids) = (struct entry_ids){
		.pipeline = STR("p"), .key = STR("_tarn/ids/0/merged.ids"), .checksum = str_of(checksum), .count = 2,
		.bytes = 3, .replaced = &first, .replaced_count = 1,
	};
	CHECK_OK(store_put_new(s->inner, STR("_tarn/ids/0/merged.ids"), STR("ids"), &e), &e);
	CHECK_OK(journal_commit(&s->journal, &j, &e), &e);
	CHECK_OK(store_remove(s->inner, first, &e), &e);
}

TEST(missing_is_what_a_second_look_leads_to)
{
	AUTO(arena)    a = ARENA_INIT;
	AUTO_PTR(lake) let_go = NULL;
	AUTO_PTR(lake) never = NULL;
	struct small   s;
	struct err     e = ERR_NONE;

	make(&s, 3);
	replace_run(&s);
	let_go = late_lake(&s, 4, 1, &a); /* the entry that lets it go is only seen by the second */
	check_told(let_go, NULL, NULL);
	never = late_lake(&s, 4, 2, &a);
	check_told(never, "ids: missing: _tarn/ids/0/L0-E1-S2-99.ids of entry 2", NULL);
	CHECK_OK(store_remove(s.inner, STR("_tarn/ids/0/L0-E1-S3-99.ids"), &e), &e);
	check_told(s.lake, "ids: missing: _tarn/ids/0/L0-E1-S3-99.ids of entry 3", NULL);
	small_close(&s);
}

/* --- what to do ---------------------------------------------------------------------------- */

TEST(remedy_for_every_kind_of_finding)
{
	static const char *const kinds[] = {
		"journal: hole", "journal: hash", "journal: chain", "journal: balance", "journal: position", "journal: checkpoint",
		"table: missing", "table: uuid", "table: mark", "table: schema", "table: rolled back",
		"snapshot: cannot be read", "snapshot: file listed twice", "snapshot: file not of the journal",
		"snapshot: file of the journal not listed", "snapshot: file listed that was removed", "snapshot: rows differ",
		"file: missing", "file: size", "file: footer", "file: origin", "file: rows", "file: checksum",
		"ids: missing", "ids: count", "ids: checksum", "raw: missing", "raw: size", "raw: checksum", "raw: verdicts",
	};
	const char *none = audit_remedy(STR("of no kind"));

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		AUTO(arena) a = ARENA_INIT;
		str         kind = audit_kind(arena_format(&a, "%s: table a: b", kinds[i]));

		CHECK_STR(kind, str_of(kinds[i]));
		CHECK(strcmp(audit_remedy(kind), none) != 0);
	}
}

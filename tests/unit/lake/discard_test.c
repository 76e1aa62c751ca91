/* Files taken out of a table go from the store when nobody can see them any more, and never before. */
#include <jansson.h>

#include "tests/lib/small_remove.h"

/* So many snapshots are kept, and nobody is waited for. */
static void open_short(struct small *s, const char *snapshots)
{
	small_open(s, store_new_mem());
	s->lake->discard_after_us = 0;
	small_property(s, STR("tarn.history.max-snapshots"), str_of(snapshots));
	small_property(s, STR("history.expire.min-snapshots-to-keep"), str_of(snapshots));
}

static void drop_one(struct small *s, const struct entry_removed *file)
{
	small_begin(s, 0, 0);
	small_remove(s, file);
	small_done(s, true);
}

/* What the table remembers of it; empty: nothing. */
static str noted(struct small *s, struct arena *a)
{
	AUTO(scan) scan = {0};
	struct err e = ERR_NONE;
	str        text = {0};

	CHECK_OK(lake_scan(s->lake, STR("events"), SMALL_TABLE, NULL, &scan, &e), &e);
	(void)ice_property(&scan.metadata, STR("tarn.removed.0"), &text);
	return arena_str(a, text);
}

TEST(discard_waits_for_the_last_snapshot_that_shows_a_file)
{
	AUTO(arena)       a = ARENA_INIT;
	AUTO(small_files) files = {0};
	struct small      s;

	open_short(&s, "3");
	small_grow(&s, 1); /* snapshot 1 */
	small_keep(&s, &files);
	small_grow(&s, 1);
	drop_one(&s, &files.at[0]);
	CHECK(str_starts(noted(&s, &a), STR("4@")));
	small_grow(&s, 2); /* kept are 3, 4 and 5: 2 has gone with the last */
	CHECK(small_is_there(&s, files.at[0].key));
	small_grow(&s, 1); /* which this one sees */
	CHECK(!small_is_there(&s, files.at[0].key));
	CHECK_INT(noted(&s, &a).len, 0);
	CHECK_LAKE(&s, 8, 4);
	CHECK_INT(small_objects(&s, STR("events/push/data/")), 4);
	small_close(&s);
}

TEST(discard_waits_for_those_who_still_read)
{
	AUTO(small_files) files = {0};
	struct small      s;

	open_short(&s, "1");
	s.lake->discard_after_us = INT64_C(3600) * 1000000;
	small_grow(&s, 1);
	small_keep(&s, &files);
	drop_one(&s, &files.at[0]);
	small_grow(&s, 3);
	CHECK(small_is_there(&s, files.at[0].key));
	s.lake->discard_after_us = 0;
	small_grow(&s, 1);
	CHECK(!small_is_there(&s, files.at[0].key));
	small_close(&s);
}

/* Hold the present snapshot by a tag, as another engine does. */
static void tag_present(struct small *s)
{
	AUTO(arena)          a = ARENA_INIT;
	AUTO(ice_metadata)   m = {0};
	AUTO(buf)            text = BUF(0);
	struct catalog_table at;
	struct ice_snapshot  now;
	struct err           e = ERR_NONE;

	CHECK_OK(catalog_load(s->lake->catalog, STR("events"), SMALL_TABLE, &a, &at, &e), &e);
	CHECK_OK(ice_metadata_parse(at.metadata, &m, &e), &e);
	CHECK(ice_current_snapshot(&m, &now));
	CHECK_INT(json_object_set_new(json_object_get(m.doc, "refs"), "old",
	                              json_pack("{s:I,s:s}", "snapshot-id", (json_int_t)now.id, "type", "tag")), 0);
	ice_metadata_write(&m, &text);
	CHECK_OK(catalog_swap(s->lake->catalog, STR("events"), SMALL_TABLE, at.version, buf_str(&text), &e), &e);
}

TEST(discard_spares_what_a_tag_or_a_property_holds)
{
	AUTO(small_files) files = {0};
	struct small      s;

	open_short(&s, "1");
	small_grow(&s, 2);
	small_keep(&s, &files);
	tag_present(&s);
	drop_one(&s, &files.at[0]);
	small_grow(&s, 4);
	CHECK(small_is_there(&s, files.at[0].key)); /* in the tagged snapshot */
	small_close(&s);

	files.count = 0;
	open_short(&s, "1");
	small_grow(&s, 1);
	small_keep(&s, &files);
	small_property(&s, STR("gc.enabled"), STR("false"));
	drop_one(&s, &files.at[0]);
	small_grow(&s, 4);
	CHECK(small_is_there(&s, files.at[0].key));
	small_close(&s);
}

TEST(discard_takes_its_time_over_many_files)
{
	AUTO(arena)       a = ARENA_INIT;
	AUTO(small_files) files = {0};
	struct small      s;

	open_short(&s, "1");
	small_commit(&s, 1100, small_time(0), INT64_C(3600) * 1000000); /* an hour apart: as many files */
	small_keep(&s, &files);
	small_apply(&s);
	CHECK_INT(files.count, 1100);
	small_begin(&s, 0, 0);
	for (size_t i = 0; i < files.count; i++)
		small_remove(&s, &files.at[i]);
	small_done(&s, true);
	small_grow(&s, 1);
	CHECK_INT(small_objects(&s, STR("events/push/data/")), 101);
	CHECK(str_ends(noted(&s, &a), STR("+1000")));
	small_grow(&s, 1);
	CHECK_INT(small_objects(&s, STR("events/push/data/")), 2);
	CHECK_INT(noted(&s, &a).len, 0);
	small_close(&s);
}

TEST(discard_of_a_whole_table_goes_by_the_names_of_its_files)
{
	AUTO(arena)       a = ARENA_INIT;
	AUTO(small_files) files = {0};
	struct small      s;

	open_short(&s, "1");
	for (unsigned i = 0; i < 5; i++) {
		small_grow(&s, 1);
		small_keep(&s, &files);
	}
	small_begin(&s, 3, small_time(0));
	small_replace(&s, 6, &files);
	small_done(&s, true);
	CHECK_INT(small_objects(&s, STR("events/push/data/")), 6);
	small_grow(&s, 1);
	CHECK_INT(small_objects(&s, STR("events/push/data/")), 2);
	CHECK_INT(noted(&s, &a).len, 0);
	CHECK_LAKE(&s, 5, 2);
	small_close(&s);
}

TEST(discard_passes_over_what_it_did_not_write)
{
	AUTO(arena)       a = ARENA_INIT;
	AUTO(small_files) files = {0};
	struct small      s;

	open_short(&s, "1");
	small_grow(&s, 1);
	small_keep(&s, &files);
	drop_one(&s, &files.at[0]);
	small_property(&s, STR("tarn.removed.0"), STR("x 7 @ 0@1 3@2+-1 3@zz 999@1"));
	small_grow(&s, 2);
	CHECK(small_is_there(&s, files.at[0].key));
	CHECK_STR(noted(&s, &a), STR("999@1"));
	small_close(&s);
}

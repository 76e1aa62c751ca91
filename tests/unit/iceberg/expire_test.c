#include "iceberg/metadata.h"

#include "tests/lib/test.h"
#include "tests/unit/iceberg/tables.h"

static const int64_t start_ms = 1700000000000;

/* Snapshots 1..count, a second apart. */
static void grow(struct ice_metadata *m, int64_t count)
{
	sample_metadata(ICE_HOUR, m);
	for (int64_t i = 1; i <= count; i++)
		ice_add_snapshot(m, &(struct ice_commit){
			.snapshot_id = i, .now_ms = start_ms + i * 1000, .manifest_list = STR("/l.avro"),
		});
}

static size_t expire(struct ice_metadata *m, int64_t keep, int64_t most, int64_t age_s)
{
	return ice_expire_snapshots(m, &(struct ice_expiry){
		.now_ms = ice_last_updated_ms(m), .max_age_ms = age_s * 1000, .keep = keep, .most = most,
	});
}

static bool holds(const struct ice_metadata *m, int64_t id)
{
	str value;

	return ice_summary(m, id, STR("operation"), &value);
}

static bool text_has(const struct ice_metadata *m, const char *piece)
{
	AUTO(buf) text = {0};

	ice_metadata_write(m, &text);
	buf_byte(&text, '\0');
	return strstr(text.ptr, piece) != NULL;
}

/* The document with one piece of its text replaced. */
static void edit(struct ice_metadata *m, const char *piece, const char *by)
{
	AUTO(buf) text = {0};
	AUTO(buf) next = {0};
	struct err  e = ERR_NONE;
	const char *at;

	ice_metadata_write(m, &text);
	buf_byte(&text, '\0');
	at = strstr(text.ptr, piece);
	CHECK(at != NULL);
	buf_bytes(&next, text.ptr, (size_t)(at - text.ptr));
	buf_add(&next, str_of(by));
	buf_add(&next, str_of(at + strlen(piece)));
	ice_metadata_done(m);
	CHECK_OK(ice_metadata_parse(buf_str(&next), m, &e), &e);
}

TEST(expire_keeps_the_newest_whatever_their_age)
{
	AUTO(ice_metadata) m = {0};

	grow(&m, 10);
	CHECK_INT(expire(&m, 4, 4, 0), 6);
	CHECK_INT(ice_snapshot_count(&m), 4);
	CHECK(holds(&m, 7) && !holds(&m, 6));
	CHECK_INT(expire(&m, 4, 4, 0), 0);
	CHECK_INT(expire(&m, 1, 1, 0), 3);
	CHECK(holds(&m, 10));
	CHECK_INT(ice_last_sequence_number(&m), 10);
}

TEST(expire_keeps_the_young_up_to_the_most)
{
	AUTO(ice_metadata) m = {0};

	grow(&m, 20);
	CHECK_INT(expire(&m, 2, 100, 14), 5); /* 20 down to 6 are within 14 seconds */
	CHECK(holds(&m, 6) && !holds(&m, 5));
	CHECK_INT(expire(&m, 2, 7, 14), 8);
	CHECK(holds(&m, 14) && !holds(&m, 13));
	CHECK_INT(expire(&m, 9, 3, 0), 0); /* what is to be kept is kept */
}

TEST(expire_cuts_logs_and_statistics)
{
	AUTO(ice_metadata) m = {0};

	grow(&m, 5);
	edit(&m, "\"metadata-log\"", "\"statistics\":[{\"snapshot-id\":2},{\"snapshot-id\":5}],\"metadata-log\"");
	CHECK_INT(expire(&m, 2, 2, 0), 3);
	CHECK(text_has(&m, "\"snapshot-log\":[{\"timestamp-ms\":1700000004000,\"snapshot-id\":4},"
	                   "{\"timestamp-ms\":1700000005000,\"snapshot-id\":5}]"));
	CHECK(text_has(&m, "\"statistics\":[{\"snapshot-id\":5}]"));
}

TEST(expire_keeps_what_a_ref_asks_for)
{
	AUTO(ice_metadata) m = {0};

	grow(&m, 10);
	edit(&m, "\"refs\":{", "\"refs\":{\"audit\":{\"snapshot-id\":2,\"type\":\"tag\"},"
	                       "\"side\":{\"snapshot-id\":5,\"type\":\"branch\",\"min-snapshots-to-keep\":2},");
	CHECK_INT(expire(&m, 1, 1, 0), 6);
	CHECK(holds(&m, 2) && holds(&m, 4) && holds(&m, 5) && holds(&m, 10));
	CHECK(text_has(&m, "\"snapshot-log\":[{\"timestamp-ms\":1700000010000,\"snapshot-id\":10}]"));
}

TEST(expire_lets_a_main_with_its_own_wish_keep_more)
{
	AUTO(ice_metadata) m = {0};

	grow(&m, 10);
	edit(&m, "\"type\":\"branch\"", "\"type\":\"branch\",\"min-snapshots-to-keep\":8");
	CHECK_INT(expire(&m, 1, 1, 0), 2);
	edit(&m, "\"min-snapshots-to-keep\":8", "\"max-snapshot-age-ms\":1");
	CHECK_INT(expire(&m, 1, 1, 5), 2); /* young by the table's age, and no ceiling */
}

TEST(expire_keeps_the_unreferenced_while_it_is_young)
{
	AUTO(ice_metadata) m = {0};

	grow(&m, 6);
	edit(&m, "\"snapshot-id\":6,\"type\"", "\"snapshot-id\":3,\"type\""); /* rolled back */
	edit(&m, "\"current-snapshot-id\":6", "\"current-snapshot-id\":3");
	CHECK_INT(expire(&m, 2, 2, 1), 2);
	CHECK(holds(&m, 2) && holds(&m, 3) && !holds(&m, 4) && holds(&m, 5) && holds(&m, 6));
}

TEST(expire_of_parents_in_a_circle_ends)
{
	AUTO(ice_metadata) m = {0};

	grow(&m, 3);
	edit(&m, "\"schema-id\":0},{\"snapshot-id\":2", "\"schema-id\":0,\"parent-snapshot-id\":3},{\"snapshot-id\":2");
	CHECK_INT(expire(&m, 2, 2, 0), 1);
	CHECK_INT(ice_snapshot_count(&m), 2);
}

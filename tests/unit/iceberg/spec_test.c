#include "iceberg/manifest.h"

#include "tests/lib/test.h"
#include "tests/unit/iceberg/tables.h"

static void set(struct ice_metadata *m, enum ice_transform t, int32_t id, int32_t field_id)
{
	AUTO(arena)     a = ARENA_INIT;
	AUTO(buf)       text = {0};
	struct ice_spec spec, read;
	struct err      e = ERR_NONE;

	ice_spec_of(m, t, 2, STR("event_time"), &a, &spec);
	CHECK_INT(spec.id, id);
	CHECK_INT(spec.field_id, field_id);
	ice_set_spec(m, &spec);
	ice_metadata_write(m, &text);
	ice_metadata_done(m);
	CHECK_OK(ice_metadata_parse(buf_str(&text), m, &e), &e);
	CHECK_OK(ice_spec(m, &read, &e), &e);
	CHECK_INT(read.id, id);
	CHECK_INT(read.transform, t);
	CHECK_INT(read.field_id, field_id);
}

TEST(specs_are_added_and_found_again)
{
	AUTO(ice_metadata) m = {0};
	struct ice_spec    spec;
	struct err         e = ERR_NONE;

	sample_metadata(ICE_HOUR, &m);
	set(&m, ICE_HOUR, 0, 1000);
	set(&m, ICE_DAY, 1, 1001);
	set(&m, ICE_NONE, 2, 0);
	set(&m, ICE_MONTH, 3, 1002);
	set(&m, ICE_DAY, 1, 1001); /* the old one */
	set(&m, ICE_HOUR, 0, 1000);
	CHECK_OK(ice_spec_by_id(&m, 3, &spec, &e), &e);
	CHECK_STR(spec.name, STR("event_time_month"));
	CHECK_ERR(ice_spec_by_id(&m, 4, &spec, &e), ERR_MISSING);
}

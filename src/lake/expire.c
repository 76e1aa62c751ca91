/* expire.c - how much of a table's history its metadata still holds.
 *
 * By count first: each commit writes the whole document again, so what it holds must not grow with the
 * table's life. The table's properties say how much, with Iceberg's names where Iceberg has one:
 *
 *   history.expire.min-snapshots-to-keep   100     these stay whatever their age
 *   history.expire.max-snapshot-age-ms     5 days  of the others, those stay that are younger,
 *   tarn.history.max-snapshots             100     up to so many in all
 *   write.metadata.previous-versions-max   100     older metadata files may go
 *   gc.enabled                             true    false: nothing is forgotten, nothing removed
 */
#include "lake/apply_int.h"

enum { SNAPSHOTS = 100 };

#define AGE_MS (INT64_C(5) * 24 * 3600 * 1000)

int64_t table_number(const struct ice_metadata *m, str name, int64_t otherwise)
{
	int64_t number;
	str     text;

	return ice_property(m, name, &text) && str_to_i64(text, &number) && number >= 0 ? number : otherwise;
}

bool table_flag(const struct ice_metadata *m, str name)
{
	str text;

	return !ice_property(m, name, &text) || !str_eq(text, STR("false"));
}

size_t table_metadata_kept(const struct ice_metadata *m)
{
	return (size_t)table_number(m, STR("write.metadata.previous-versions-max"), METADATA_KEPT);
}

void history_expire(struct ice_metadata *m)
{
	struct ice_expiry rule = {
		.now_ms = ice_last_updated_ms(m),
		.max_age_ms = table_number(m, STR("history.expire.max-snapshot-age-ms"), AGE_MS),
		.keep = table_number(m, STR("history.expire.min-snapshots-to-keep"), SNAPSHOTS),
		.most = table_number(m, STR("tarn.history.max-snapshots"), SNAPSHOTS),
	};

	if (!table_flag(m, STR("gc.enabled")))
		return;
	if (rule.keep == 0)
		rule.keep = 1;
	if (rule.now_ms < 0)
		rule.now_ms = 0;
	ice_log_cut(m, table_metadata_kept(m));
	(void)ice_expire_snapshots(m, &rule);
}

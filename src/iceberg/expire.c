/* Forgetting: which snapshots a document still holds (reference B.5, B.15).
 *
 * Held: what a ref points at stays, whatever the rule says; a snapshot goes only with all that is
 * older on its branch; main's log starts after the last entry whose snapshot is gone. Nothing here
 * removes a file: what no document names any more is found by reachability, elsewhere. */
#include "iceberg/metadata_int.h"

#include <assert.h>

/* What is known of a snapshot while the refs are walked. */
enum standing { UNREFERENCED, PASSED, KEPT };

struct expiring {
	const struct ice_expiry *rule;
	const json_t            *snapshots;
	size_t                   count;
	unsigned char           *standing; /* by place in the document */
};

static int64_t id_at(const struct expiring *x, size_t place)
{
	return ice_json_int(json_array_get(x->snapshots, place), "snapshot-id", 0);
}

/* The place of a snapshot; count where it is not there. A parent stands before its child in every
 * document that was only ever appended to, so the search goes down from `from` first. */
static size_t place_of(const struct expiring *x, int64_t id, size_t from)
{
	for (size_t i = from; i-- > 0;)
		if (id_at(x, i) == id)
			return i;
	for (size_t i = from; i < x->count; i++)
		if (id_at(x, i) == id)
			return i;
	return x->count;
}

static bool is_young(const struct expiring *x, size_t place)
{
	int64_t ms = ice_json_int(json_array_get(x->snapshots, place), "timestamp-ms", 0);

	return ms >= x->rule->now_ms - x->rule->max_age_ms;
}

/* A branch from its newest snapshot back: so many stay, then those that are young, up to the most.
 * What the ref itself asks for is someone's wish, and no ceiling of ours stands against it. */
static void walk_branch(struct expiring *x, const json_t *ref, int64_t id)
{
	int64_t keep = ice_json_int(ref, "min-snapshots-to-keep", x->rule->keep);
	int64_t most = keep > x->rule->most ? keep : x->rule->most;
	size_t  place = place_of(x, id, x->count);
	size_t  left = x->count; /* parents that go round in a circle end here */

	if (json_object_get(ref, "max-snapshot-age-ms") != NULL)
		most = INT64_MAX;
	for (int64_t n = 0; place < x->count && left > 0; n++, left--) {
		bool stays = n == 0 || n < keep || (n < most && is_young(x, place));

		if (stays)
			x->standing[place] = KEPT;
		else if (x->standing[place] == UNREFERENCED)
			x->standing[place] = PASSED;
		id = ice_json_int(json_array_get(x->snapshots, place), "parent-snapshot-id", 0);
		place = id > 0 ? place_of(x, id, place) : x->count;
	}
}

static void walk_refs(struct expiring *x, const json_t *doc)
{
	json_t     *refs = json_object_get(doc, "refs"), *ref;
	const char *name;
	size_t      place = place_of(x, ice_json_int(doc, "current-snapshot-id", -1), x->count);

	if (place < x->count)
		walk_branch(x, json_object_get(refs, "main"), id_at(x, place));
	json_object_foreach(refs, name, ref) {
		int64_t id = ice_json_int(ref, "snapshot-id", 0);

		if (str_eq(ice_json_str_at(ref, "type"), STR("branch"))) {
			walk_branch(x, ref, id);
			continue;
		}
		place = place_of(x, id, x->count);
		if (place < x->count)
			x->standing[place] = KEPT;
	}
}

static bool is_of(const json_t *snapshots, const json_t *thing)
{
	return ice_json_find(snapshots, "snapshot-id", ice_json_int(thing, "snapshot-id", 0)) != NULL;
}

/* The log up to its last entry of a snapshot that is gone. */
static void log_cut(json_t *log, const json_t *gone)
{
	size_t cut = json_array_size(log);

	while (cut > 0 && !is_of(gone, json_array_get(log, cut - 1)))
		cut--;
	while (cut-- > 0)
		(void)json_array_remove(log, 0);
}

static void statistics_cut(json_t *statistics, const json_t *gone)
{
	for (size_t i = json_array_size(statistics); i-- > 0;)
		if (is_of(gone, json_array_get(statistics, i)))
			(void)json_array_remove(statistics, i);
}

size_t ice_expire_snapshots(struct ice_metadata *m, const struct ice_expiry *rule)
{
	AUTO(arena)      a = ARENA_INIT;
	json_t          *snapshots = ice_json_array(m->doc, "snapshots");
	AUTO_PTR(json_t) kept = json_array();
	AUTO_PTR(json_t) gone = json_array();
	struct expiring  x = {.rule = rule, .snapshots = snapshots, .count = json_array_size(snapshots)};

	assert(rule->keep > 0 && rule->now_ms >= 0 && rule->max_age_ms >= 0);
	x.standing = ARENA_ARRAY(&a, unsigned char, x.count + 1);
	walk_refs(&x, m->doc);
	for (size_t i = 0; i < x.count; i++) {
		bool stays = x.standing[i] == KEPT || (x.standing[i] == UNREFERENCED && is_young(&x, i));

		(void)json_array_append(stays ? kept : gone, json_array_get(snapshots, i));
	}
	if (json_array_size(gone) == 0)
		return 0;
	log_cut(json_object_get(m->doc, "snapshot-log"), gone);
	statistics_cut(json_object_get(m->doc, "statistics"), gone);
	statistics_cut(json_object_get(m->doc, "partition-statistics"), gone);
	ice_json_set(m->doc, "snapshots", TAKE(kept));
	return json_array_size(gone);
}

/* audit_stand.c - up to which entry a table stands, and whether it once stood higher.
 *
 * A table follows the journal. That it is behind is no finding: a writer that dies between its commit and the table's
 * leaves it so, and the next start brings it up. That it has been higher is one, and has three witnesses:
 *
 *   its own history: another engine has made an older snapshot the current one, and the later one is still there;
 *   an older metadata file that stands higher than the present one: a state from before has been put back;
 *   the journal: an entry is only committed once all tables show the ones before it. So where the newest metadata is
 *   gone without a trace, a commit after the entries that the table lacks tells.
 *
 * The journal was read before the tables, and a writer may be at work: a table that has gone on meanwhile is looked at as it
 * stood at the last entry read.
 */
#include <inttypes.h>

#include "lake/table.h"
#include "upkeep/audit_int.h"

#define METADATA_BYTES ((size_t)512 << 20)

/* The snapshot that shows the newest entry up to `most`; entry 0: none shows any. */
static struct audit_stand newest_shown(const struct audit *a, const struct ice_metadata *m, uint64_t most)
{
	struct audit_stand best = {0};

	for (size_t i = 0; i < ice_snapshot_count(m); i++) {
		struct ice_snapshot s;
		uint64_t            shown;

		ice_snapshot_at(m, i, &s);
		shown = table_shown(m, a->lake, a->lane, &s);
		if (shown > best.mark && shown <= most)
			best = (struct audit_stand){shown, s.id};
	}
	return best;
}

/* --- older metadata ------------------------------------------------------------------------ */

struct higher {
	struct audit             *audit;
	const struct audit_table *table;
	uint64_t                  mark;
	str                       key; /* of the file that stands there; empty: none is above the mark */
	struct arena             *arena; /* owns it */
};

static int look_at(void *context, str key, uint64_t size, struct err *e)
{
	struct higher     *h = context;
	AUTO(buf)          text = BUF(METADATA_BYTES);
	AUTO(ice_metadata) m = {0};
	struct err         why = ERR_NONE;
	uint64_t           mark;
	int                got;

	(void)size;
	if (!str_ends(key, STR(".metadata.json")))
		return 0;
	got = store_get(h->audit->lake->store, key, 0, 0, &text, &why);
	if (got < 0 && !audit_is_finding(got)) {
		*e = why;
		return got;
	}
	/* One that is nothing, or another table's, is no witness. */
	if (got < 0 || ice_metadata_parse(buf_str(&text), &m, &why) < 0 ||
	    !str_eq(ice_uuid_text(&m), h->table->uuid) ||
	    table_mark(&m, h->audit->lake, h->audit->lane, &mark, &why) < 0 || mark <= h->mark)
		return 0;
	h->mark = mark;
	h->key = arena_str(h->arena, key);
	return 0;
}

/* The table lacks entries that the journal has for it: was it ever higher? */
static int check_behind(struct audit *a, const struct audit_table *t, uint64_t mark, struct err *e)
{
	AUTO(arena)   scratch = ARENA_INIT;
	struct higher h = {.audit = a, .table = t, .mark = mark, .arena = &scratch};
	uint64_t      last = 0, proven = 0;

	for (size_t i = 0; i < t->files.count; i++) {
		uint64_t seq = t->files.at[i].seq;

		last = seq > mark && seq > last ? seq : last;
		proven = seq > mark && seq > proven && seq < a->last_commit ? seq : proven;
	}
	if (last == 0)
		return 0;
	TRY(store_list(a->lake->store, lake_metadata_key(&scratch, t->space, t->name, STR("")), STR(""), look_at, &h, e));
	if (h.key.len > 0)
		audit_say(a, "table: rolled back: " TABLE_FMT ": it stands at entry %" PRIu64 ", and " STR_FMT
		          " at entry %" PRIu64, TABLE_ARG(t), mark, STR_ARG(h.key), h.mark);
	else if (proven > 0)
		audit_say(a, "table: rolled back: " TABLE_FMT ": it stands at entry %" PRIu64 ", and entry %" PRIu64
		          " was only committed once it stood at entry %" PRIu64, TABLE_ARG(t), mark, a->last_commit, proven);
	else
		audit_note(a, TABLE_FMT " stands at entry %" PRIu64 ", the journal has files for it up to entry %" PRIu64
		           ": a writer ended in between, or its newest metadata is gone, which cannot be told apart; the "
		           "next start adds them", TABLE_ARG(t), mark, last);
	return 0;
}

/* --- where it stands ----------------------------------------------------------------------- */

/* Above the last entry read. 1: as it stood there; 0: that cannot be looked at. */
static int check_ahead(struct audit *a, const struct audit_table *t, const struct ice_metadata *m,
                       struct audit_stand *stand, struct err *e)
{
	AUTO(journal_entry) j = {0};
	struct audit_stand  then = newest_shown(a, m, a->head);
	int                 got = journal_read(a->lake, a->lane, stand->mark, &j, e);

	if (got < 0 && !audit_is_finding(got))
		return got;
	*e = ERR_NONE;
	if (got < 0) {
		audit_say(a, "table: mark: " TABLE_FMT ": it stands at entry %" PRIu64 ", the journal ends at %" PRIu64,
		          TABLE_ARG(t), stand->mark, a->head);
		return 1;
	}
	if (then.mark == 0) {
		audit_note(a, TABLE_FMT " has gone on from entry %" PRIu64 " to entry %" PRIu64
		           " since the journal was read, and was not looked at: look again", TABLE_ARG(t), a->head,
		           stand->mark);
		return 0;
	}
	*stand = then;
	return 1;
}

int audit_stand(struct audit *a, const struct audit_table *t, const struct ice_metadata *m, struct audit_stand *out,
                struct err *e)
{
	struct ice_snapshot now = {0};
	struct audit_stand  stand = {0}, best = newest_shown(a, m, UINT64_MAX);
	uint64_t            shown = ice_current_snapshot(m, &now) ? table_shown(m, a->lake, a->lane, &now) : 0;
	int                 got = table_mark(m, a->lake, a->lane, &stand.mark, e);

	stand.snapshot = now.id;
	if (shown > 0 && best.mark > shown) {
		audit_say(a, "table: rolled back: " TABLE_FMT ": its current snapshot %" PRId64 " shows entries up to %"
		          PRIu64 ", snapshot %" PRId64 " of its history those up to %" PRIu64, TABLE_ARG(t), now.id,
		          shown, best.snapshot, best.mark);
		stand.mark = shown;
		got = 1;
	} else if (got < 0) {
		audit_say(a, "table: mark: " TABLE_FMT ": %s", TABLE_ARG(t), e->text);
		stand.mark = shown > 0 ? shown : a->head; /* its files are still worth looking at */
		got = 1;
	} else if (stand.mark > a->head) {
		got = check_ahead(a, t, m, &stand, e);
	} else {
		TRY(check_behind(a, t, stand.mark, e));
		got = 1;
	}
	TRY(got);
	*e = ERR_NONE;
	*out = stand;
	return got;
}

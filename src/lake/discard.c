/* discard.c - data files that were taken out of a table, removed from the store once nobody can see
 * them any more.
 *
 * What an entry took out its text says. Which entries' files may still lie there the table itself
 * remembers, in a property that moves with the snapshots:
 *
 *   tarn.removed.<lane> = "12@1735689600000000 57@1735776000000000+2000"     entry @ when it was applied, + how many are gone
 *
 * Files of entry u are removed when every snapshot that the metadata holds was made of entries up to u,
 * or beyond (table_floor), and they have been out for so long that no reader is still at what it saw
 * before. That is safe at any moment, whoever does it and however old what it loaded is, as with
 * manifests (sweep.c): metadata of the table's future leads only to what this one leads to, or to new
 * files. What was loaded is first made to last: a machine that loses power must not come back with a
 * table that shows what is gone. The time is a courtesy to readers: nothing rests on clocks. Twice is
 * once; what could not be removed is tried again.
 */
#include <inttypes.h>

#include "lake/apply_int.h"
#include "os/clock.h"

enum { AT_ONCE = 1000 }; /* files a commit may wait for */

#define REMOVED_PROPERTY "tarn.removed."

struct debt {
	uint64_t seq;
	int64_t  since_us, done; /* done: of the files that it names */
};

struct debts {
	VEC_OF(struct debt);
};

static void debts_done(struct debts *d)
{
	VEC_DONE(d);
}

AUTO_DEFINE(debts, debts_done)

struct discard {
	struct lake *lake;
	str          lane, space, name;
	size_t       left; /* files that may go this time */
	struct arena arena;
};

static void discard_done(struct discard *d)
{
	arena_done(&d->arena);
}

AUTO_DEFINE(discard, discard_done)

/* --- the property -------------------------------------------------------------------------- */

static bool debt_parse(str word, struct debt *out)
{
	size_t  at = str_find(word, '@', 0), plus = str_find(word, '+', at);
	int64_t seq;

	out->done = 0;
	if (!str_to_i64(str_head(word, at), &seq) || seq < 1 ||
	    !str_to_i64(str_from(str_head(word, plus), at + 1), &out->since_us))
		return false;
	out->seq = (uint64_t)seq;
	return plus == word.len || (str_to_i64(str_from(word, plus + 1), &out->done) && out->done >= 0);
}

/* What someone else has made of the property is passed over: files stay that might go, and no more. */
static void debts_read(const struct ice_metadata *m, str name, struct debts *out)
{
	str text;

	if (!ice_property(m, name, &text))
		return;
	while (text.len > 0) {
		size_t      end = str_find(text, ' ', 0);
		struct debt debt;

		if (debt_parse(str_head(text, end), &debt))
			*VEC_ADD(out) = debt;
		text = str_from(text, end + 1);
	}
}

static void debts_write(struct ice_metadata *m, str name, const struct debts *debts)
{
	AUTO(buf) b = BUF(0);

	for (size_t i = 0; i < debts->count; i++) {
		const struct debt *d = &debts->at[i];

		buf_print(&b, "%s%" PRIu64 "@%" PRId64, i > 0 ? " " : "", d->seq, d->since_us);
		if (d->done > 0)
			buf_print(&b, "+%" PRId64, d->done);
	}
	if (b.len > 0)
		ice_set_property(m, name, buf_str(&b));
	else
		ice_drop_property(m, name);
}

void discard_note(struct ice_metadata *m, str lane, const struct work *w, size_t first, int64_t now_us)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(debts) debts = {0};
	str         name = arena_format(&a, REMOVED_PROPERTY STR_FMT, STR_ARG(lane));
	size_t      before;

	debts_read(m, name, &debts);
	before = debts.count;
	for (size_t i = first; i < w->touches.count; i++) {
		const struct touch *t = &w->touches.at[i];
		bool                is_known = debts.count > 0 && debts.at[debts.count - 1].seq == t->seq;

		if (t->gone.files > 0 && !is_known)
			*VEC_ADD(&debts) = (struct debt){.seq = t->seq, .since_us = now_us};
	}
	if (debts.count > before)
		debts_write(m, name, &debts);
}

/* --- the files ----------------------------------------------------------------------------- */

static int remove_named(struct discard *d, const struct entry_table *t, int64_t *skip, struct debt *debt, struct err *e)
{
	for (size_t i = 0; i < t->removed.count && d->left > 0; i++) {
		if ((*skip)-- > 0)
			continue;
		TRY(store_remove(d->lake->store, t->removed.at[i].key, e));
		debt->done++;
		d->left--;
	}
	return 0;
}

struct old_files {
	struct discard *of;
	uint64_t        through;
	struct { VEC_OF(str); } keys;
};

static void old_files_done(struct old_files *o)
{
	VEC_DONE(&o->keys);
}

AUTO_DEFINE(old_files, old_files_done)

static int note_old(void *context, str key, uint64_t size, struct err *e)
{
	struct old_files *o = context;
	uint64_t          seq;

	(void)size, (void)e;
	if (o->keys.count == o->of->left)
		return 1;
	if (lake_origin_seq(lake_name(key), o->of->lane, &seq) && seq <= o->through)
		*VEC_ADD(&o->keys) = arena_str(&o->of->arena, key);
	return 0;
}

/* All files of the table up to that entry: it left none of them. */
static int remove_through(struct discard *d, uint64_t through, struct err *e)
{
	AUTO(old_files) old = {.of = d, .through = through};

	TRY(store_list(d->lake->store, lake_data_prefix(&d->arena, d->space, d->name), STR(""), note_old, &old, e));
	for (size_t i = 0; i < old.keys.count; i++, d->left--)
		TRY(store_remove(d->lake->store, old.keys.at[i], e));
	return 0;
}

/* 1: all that the entry took out is gone; 0: not all yet. */
static int settle(struct discard *d, struct debt *debt, struct err *e)
{
	AUTO(journal_entry) j = {0};
	int64_t             skip = debt->done;

	TRY(store_settle(d->lake->store, e));
	TRY(journal_read(d->lake, d->lane, debt->seq, &j, e));
	for (size_t i = 0; i < j.tables.count && d->left > 0; i++) {
		const struct entry_table *t = &j.tables.at[i];

		if (!str_eq(t->name, d->name) || !str_eq(t->space, d->space))
			continue;
		if (t->replaces_through > 0)
			TRY(remove_through(d, t->replaces_through, e));
		TRY(remove_named(d, t, &skip, debt, e));
	}
	return d->left > 0;
}

int discard_do(struct lake *l, str lane, str space, str name, struct ice_metadata *m, struct err *e)
{
	AUTO(discard) d = {.lake = l, .lane = lane, .space = space, .name = name, .left = AT_ONCE};
	AUTO(debts)   debts = {0};
	str           property = arena_format(&d.arena, REMOVED_PROPERTY STR_FMT, STR_ARG(lane));
	int64_t       before_us = clock_now_us(l->clock) - l->discard_after_us;
	uint64_t      floor;
	size_t        kept = 0;
	int           settled = 0;

	debts_read(m, property, &debts);
	if (debts.count == 0 || !table_flag(m, STR("gc.enabled")))
		return 0;
	floor = table_floor(m, l, lane);
	for (size_t i = 0; i < debts.count; i++) {
		struct debt *debt = &debts.at[i];
		bool         is_due = debt->seq <= floor && debt->since_us <= before_us && d.left > 0 && settled >= 0;

		settled = is_due ? settle(&d, debt, e) : settled;
		if (!is_due || settled <= 0)
			debts.at[kept++] = *debt;
	}
	debts.count = kept;
	debts_write(m, property, &debts);
	return settled < 0 ? settled : 0;
}

/* audit_raw.c - raw segments: there unless they were let go, as they were put, and (deep) with the verdicts that the entry
 * counts. Rows that are held stand in them alone, so they are counted here. An entry that takes records out of quarantine
 * counts below zero there: its segments hold the rows alone. */
#include <inttypes.h>

#include "upkeep/audit_int.h"

/* The first segment of the pipeline in that entry: the one that is about to be added, or one of those before. */
static size_t first_of(const struct audit *a, uint64_t seq, str pipeline)
{
	size_t first = a->raws.count;

	for (size_t i = a->raws.count; i > 0 && a->raws.at[i - 1].seq == seq; i--)
		if (str_eq(a->raws.at[i - 1].pipeline, pipeline))
			first = i - 1;
	return first;
}

void audit_take_raw(struct audit *a, const struct journal_entry *j)
{
	for (size_t i = 0; i < j->raws.count; i++) {
		const struct entry_raw *r = &j->raws.at[i];
		struct audit_raw        raw = {.seq = j->seq, .bytes = r->bytes};

		raw.key = arena_str(&a->arena, r->key);
		raw.checksum = arena_str(&a->arena, r->checksum);
		raw.pipeline = arena_str(&a->arena, r->pipeline);
		for (size_t k = 0; k < j->counts.count; k++)
			if (str_eq(j->counts.at[k].pipeline, r->pipeline))
				raw.counts = j->counts.at[k];
		raw.counts.pipeline = raw.pipeline;
		raw.first = first_of(a, j->seq, raw.pipeline);
		*VEC_ADD(&a->raws) = raw;
		a->raws.at[raw.first].segments++;
	}
	for (size_t i = 0; i < j->forgotten.count; i++)
		map_put(&a->forgotten, j->forgotten.at[i].pipeline)->num = j->forgotten.at[i].through;
}

bool audit_raw_may_go(const struct audit *a, const struct audit_raw *r)
{
	const struct map_item *item = map_get(&a->forgotten, r->pipeline);

	return item != NULL && r->seq <= item->num;
}

/* All segments of the pipeline in the entry have been counted. */
static void compare(struct audit *a, const struct audit_raw *r)
{
	const struct entry_counts *c = &r->counts;
	const int64_t             *has = r->verdicts;
	bool                       is_edit = c->quarantined < 0;
	int64_t                    duplicates = is_edit ? 0 : c->duplicates, conflicts = is_edit ? 0 : c->conflicts;
	int64_t                    quarantined = is_edit ? 0 : c->quarantined;

	if (has[VERDICT_ROW] != c->rows || has[VERDICT_DUPLICATE] != duplicates || has[VERDICT_CONFLICT] != conflicts ||
	    has[VERDICT_QUARANTINE] != quarantined)
		audit_say(a, "raw: verdicts: " STR_FMT " of entry %" PRIu64 " has %" PRId64 " rows, %" PRId64 " duplicates, %"
		          PRId64 " conflicts, %" PRId64 " quarantined; the entry counts %" PRId64 ", %" PRId64 ", %" PRId64
		          ", %" PRId64, STR_ARG(r->key), r->seq, has[VERDICT_ROW], has[VERDICT_DUPLICATE],
		          has[VERDICT_CONFLICT], has[VERDICT_QUARANTINE], c->rows, duplicates, conflicts, quarantined);
}

static int recount(struct audit *a, const struct audit_raw *r, struct err *e)
{
	struct audit_raw   *first = &a->raws.at[r->first];
	AUTO(segment)       s = {0};
	AUTO(segment_block) b = {0};
	AUTO(buf)           bytes = BUF(0);

	TRY(store_get(a->lake->store, r->key, 0, 0, &bytes, e)); /* another segment would prove itself as well */
	audit_checksum(a, "raw", r->key, r->checksum, buf_str(&bytes));
	TRY(segment_open(a->lake, r->key, (uint64_t)r->bytes, &s, e));
	for (size_t i = 0; i < s.blocks.count; i++) {
		TRY(segment_read(&s, i, &b, e));
		for (size_t k = 0; k < b.records.count; k++)
			first->verdicts[b.records.at[k].verdict]++;
	}
	if (++first->counted == first->segments)
		compare(a, first);
	return 0;
}

static int check_raw(struct audit *a, const struct audit_raw *r, struct err *e)
{
	uint64_t size;
	int      got = store_size(a->lake->store, r->key, &size, e);

	if (got == ERR_MISSING) {
		*e = ERR_NONE;
		if (!audit_raw_may_go(a, r))
			audit_missing(a, r->key, "raw: missing: " STR_FMT " of entry %" PRIu64, STR_ARG(r->key), r->seq);
		return 0;
	}
	TRY(got);
	if (size != (uint64_t)r->bytes)
		audit_say(a, "raw: size: " STR_FMT " has %" PRIu64 " bytes, in the journal %" PRId64, STR_ARG(r->key), size,
		          r->bytes);
	else if (a->conf->is_deep && (got = recount(a, r, e)) < 0 && audit_is_finding(got)) {
		if (got == ERR_MISSING) /* since its size was asked for */
			audit_missing(a, r->key, "raw: missing: " STR_FMT " of entry %" PRIu64, STR_ARG(r->key), r->seq);
		else
			audit_say(a, "raw: checksum: %s", e->text);
		*e = ERR_NONE;
		return 0;
	}
	return got;
}

int audit_raws(struct audit *a, struct err *e)
{
	for (size_t i = 0; i < a->raws.count; i++)
		TRY(check_raw(a, &a->raws.at[i], e));
	return 0;
}

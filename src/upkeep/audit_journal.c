/* audit_journal.c - the journal held against itself: no hole, nothing changed, one chain, positions
 * that follow each other, counts that add up.
 *
 * Unlike journal_load it does not stop at the first fault. After an entry that is missing or cannot be
 * believed nothing is said about what hangs on it: one fault is one finding.
 */
#include <inttypes.h>

#include "upkeep/audit_int.h"

enum { SEQ_DIGITS = 20 };

struct walk {
	struct audit *audit;
	struct { VEC_OF(uint64_t); } seqs;
	uint64_t   last;        /* the entry before, present or not */
	uint64_t   epoch;
	char       hash[65];    /* of the entry before; empty where it is not known */
	bool       is_gapped;   /* some entry so far could not be read: a part may stand anywhere when first met */
	struct map positions;   /* "<pipeline>\0<key>" -> str */
	struct arena arena;     /* owns those strs */
	struct audit_fold *fold;
};

static void walk_done(struct walk *w)
{
	VEC_DONE(&w->seqs);
	map_done(&w->positions);
	arena_done(&w->arena);
}

AUTO_DEFINE(walk, walk_done)

static int note_key(void *context, str key, uint64_t size, struct err *e)
{
	struct walk *w = context;
	str          digits = str_from(key, key.len > SEQ_DIGITS ? key.len - SEQ_DIGITS : key.len);
	int64_t      seq;

	(void)size, (void)e;
	if (key.ptr[key.len - digits.len - 1] != '/' || !str_to_i64(digits, &seq) || seq < 1)
		audit_say(w->audit, "journal: hash: " STR_FMT " is not the name of an entry", STR_ARG(key));
	else
		*VEC_ADD(&w->seqs) = (uint64_t)seq;
	return 0;
}

/* What came before is not known any more. */
static void walk_break(struct walk *w)
{
	w->hash[0] = '\0';
	w->is_gapped = true;
	w->fold->is_broken = true;
	map_done(&w->positions);
	arena_reset(&w->arena);
}

static void check_hole(struct walk *w, uint64_t seq)
{
	if (seq == w->last + 1)
		return;
	if (seq == w->last + 2)
		audit_say(w->audit, "journal: hole: entry %" PRIu64 " of lane " STR_FMT " is missing", seq - 1,
		          STR_ARG(w->audit->lane));
	else
		audit_say(w->audit, "journal: hole: entries %" PRIu64 " to %" PRIu64 " of lane " STR_FMT " are missing",
		          w->last + 1, seq - 1, STR_ARG(w->audit->lane));
	walk_break(w);
}

static void check_chain(struct walk *w, const struct journal_entry *j)
{
	char zeros[65];

	memset(zeros, '0', 64);
	zeros[64] = '\0';
	if (j->seq == 1)
		memcpy(w->hash, zeros, sizeof(zeros));
	if (w->hash[0] == '\0')
		return;
	if (strcmp(j->previous, w->hash) != 0)
		audit_say(w->audit, "journal: chain: entry %" PRIu64 " was not written on top of entry %" PRIu64
		          " as it is now: one of them has been changed", j->seq, j->seq - 1);
	if (j->kind == ENTRY_COMMIT && j->epoch != w->epoch)
		audit_say(w->audit, "journal: chain: entry %" PRIu64 " is of epoch %" PRIu64 " in the midst of epoch %"
		          PRIu64, j->seq, j->epoch, w->epoch);
}

static void check_positions(struct walk *w, const struct journal_entry *j)
{
	AUTO(buf) key = BUF(0);

	for (size_t i = 0; i < j->positions.count; i++) {
		const struct entry_position *p = &j->positions.at[i];
		struct map_item             *item;
		str                          stood = {0};

		buf_clear(&key);
		buf_add(&key, p->pipeline);
		buf_byte(&key, '\0');
		buf_add(&key, p->key);
		item = map_put(&w->positions, buf_str(&key));
		if (item->ptr != NULL)
			stood = *(str *)item->ptr;
		else
			item->ptr = ARENA_NEW(&w->arena, str);
		if (!str_eq(stood, p->from) && !(w->is_gapped && stood.ptr == NULL))
			audit_say(w->audit, "journal: position: entry %" PRIu64 " takes " STR_FMT " from \"" STR_FMT
			          "\", but it stood at \"" STR_FMT "\"", j->seq, STR_ARG(str_head(p->key, 500)),
			          STR_ARG(str_head(p->from, 200)), STR_ARG(str_head(stood, 200)));
		*(str *)item->ptr = arena_str(&w->arena, p->to);
	}
}

/* Rows of a table that this entry counts: those in its files less those that older entries held, or those it holds. */
static void add_rows(str space, str name, int64_t rows, int64_t *written, int64_t *kept)
{
	if (str_eq(space, STR("events")))
		*written += rows;
	else if (str_eq(space, STR("tarn")) && str_eq(name, STR("quarantine")))
		*kept += rows;
}

static void check_counts(struct audit *a, const struct journal_entry *j, int64_t *counted, int64_t *refused)
{
	for (size_t i = 0; i < j->counts.count; i++) {
		const struct entry_counts *c = &j->counts.at[i];

		if (c->records != c->rows + c->duplicates + c->conflicts + c->quarantined + c->dropped)
			audit_say(a, "journal: balance: entry %" PRIu64 ", pipeline " STR_FMT ": %" PRId64
			          " records, but %" PRId64 " rows + %" PRId64 " duplicates + %" PRId64
			          " conflicts + %" PRId64 " quarantined + %" PRId64 " dropped", j->seq,
			          STR_ARG(str_head(c->pipeline, 100)), c->records, c->rows, c->duplicates, c->conflicts,
			          c->quarantined, c->dropped);
		*counted += c->rows;
		*refused += c->quarantined;
	}
}

/* Records in = outcomes out, and what is counted is what the tables got, less what was taken out of them:
 * rows in those of events, quarantined ones in their own. */
static void check_balance(struct audit *a, const struct journal_entry *j)
{
	int64_t counted = 0, written = 0, refused = 0, kept = 0;

	check_counts(a, j, &counted, &refused);
	for (size_t i = 0; i < j->tables.count; i++) {
		const struct entry_table *t = &j->tables.at[i];
		int64_t                   rows = 0;

		for (size_t k = 0; k < t->files.count; k++)
			rows += t->files.at[k].rows;
		if (rows != t->rows)
			audit_say(a, "journal: balance: entry %" PRIu64 ", table " STR_FMT "." STR_FMT ": %" PRId64
			          " rows, but %" PRId64 " in its files", j->seq, STR_ARG(t->space), STR_ARG(t->name),
			          t->rows, rows);
		add_rows(t->space, t->name, t->rows - t->held_rows - t->removed_rows, &written, &kept);
	}
	for (size_t i = 0; i < j->held.count; i++)
		add_rows(j->held.at[i].space, j->held.at[i].name, j->held.at[i].rows, &written, &kept);
	if (counted != written)
		audit_say(a, "journal: balance: entry %" PRIu64 ": %" PRId64 " rows are counted, %" PRId64
		          " are in the tables of events", j->seq, counted, written);
	if (refused != kept)
		audit_say(a, "journal: balance: entry %" PRIu64 ": %" PRId64 " records are quarantined, %" PRId64
		          " are in tarn.quarantine", j->seq, refused, kept);
}

/* The runs whose place it takes: they must be known, and hold as many ids together. */
static void take_replaced(struct audit *a, const struct entry_ids *run, uint64_t seq)
{
	int64_t count = 0;

	for (size_t i = 0; i < run->replaced_count; i++) {
		const struct map_item *item = map_get(&a->ids_by_key, run->replaced[i]);

		if (item == NULL) {
			audit_say(a, "journal: balance: entry %" PRIu64 " replaces " STR_FMT
			          ", which no entry before it names", seq, STR_ARG(run->replaced[i]));
			return;
		}
		a->ids.at[item->num - 1].is_replaced = true;
		count += a->ids.at[item->num - 1].count;
	}
	if (run->replaced_count > 0 && count != run->count)
		audit_say(a, "journal: balance: entry %" PRIu64 ": " STR_FMT " has %" PRId64
		          " ids, and replaces runs of %" PRId64, seq, STR_ARG(run->key), run->count, count);
}

static void take_run(struct audit *a, const struct entry_ids *run, uint64_t seq)
{
	take_replaced(a, run, seq);
	*VEC_ADD(&a->ids) = (struct audit_object){
		.key = arena_str(&a->arena, run->key),
		.checksum = arena_str(&a->arena, run->checksum),
		.bytes = run->bytes,
		.count = run->count,
		.seq = seq,
	};
	map_put(&a->ids_by_key, run->key)->num = a->ids.count;
}

static void take_counts(struct audit *a, const struct journal_entry *j)
{
	a->counts.entries++;
	for (size_t i = 0; i < j->counts.count; i++) {
		a->counts.records += j->counts.at[i].records;
		a->counts.rows += j->counts.at[i].rows;
		a->counts.duplicates += j->counts.at[i].duplicates;
		a->counts.conflicts += j->counts.at[i].conflicts;
		a->counts.quarantined += j->counts.at[i].quarantined;
		a->counts.dropped += j->counts.at[i].dropped;
	}
	for (size_t i = 0; i < j->ids.count; i++)
		take_run(a, &j->ids.at[i], j->seq);
}

static void take_file(struct audit *a, struct audit_table *t, const struct entry_file *f, uint64_t seq)
{
	struct map_item *item = map_put(&t->by_key, f->key);

	if (item->num != 0) {
		audit_say(a, "journal: balance: " STR_FMT " is in entry %" PRIu64 " and in entry %" PRIu64,
		          STR_ARG(f->key), t->files.at[item->num - 1].seq, seq);
		return;
	}
	*VEC_ADD(&t->files) = (struct audit_file){.entry = *f, .seq = seq};
	t->files.at[t->files.count - 1].entry.key = arena_str(&a->arena, f->key);
	t->files.at[t->files.count - 1].entry.checksum = arena_str(&a->arena, f->checksum);
	item->num = t->files.count;
}

static void take_table(struct audit *a, const struct entry_table *from, uint64_t seq, bool is_gapped)
{
	struct audit_table *t = audit_table(a, from->space, from->name);

	if (t->uuid.len == 0)
		t->uuid = arena_str(&a->arena, from->uuid);
	else if (!str_eq(t->uuid, from->uuid))
		audit_say(a, "table: uuid: entry %" PRIu64 " holds table " STR_FMT "." STR_FMT " with uuid " STR_FMT
		          ", entries before it with " STR_FMT, seq, STR_ARG(from->space), STR_ARG(from->name),
		          STR_ARG(from->uuid), STR_ARG(t->uuid));
	if (from->schema.len > 0)
		t->schema = arena_str(&a->arena, from->schema);
	t->last_seq = seq;
	audit_removed(a, t, from, seq, is_gapped);
	for (size_t i = 0; i < from->files.count; i++)
		take_file(a, t, &from->files.at[i], seq);
	if (from->manifest.len == 0)
		return;
	*VEC_ADD(&a->manifests) = (struct audit_object){
		.key = arena_str(&a->arena, from->manifest),
		.checksum = arena_str(&a->arena, from->manifest_checksum),
		.bytes = from->manifest_bytes,
		.seq = seq,
		.table = t,
	};
}

static int take_entry(struct walk *w, const struct journal_entry *j, struct err *e)
{
	check_chain(w, j);
	check_positions(w, j);
	check_balance(w->audit, j);
	take_counts(w->audit, j);
	audit_take_raw(w->audit, j);
	for (size_t i = 0; i < j->tables.count; i++)
		take_table(w->audit, &j->tables.at[i], j->seq, w->is_gapped);
	memcpy(w->hash, j->hash, sizeof(w->hash));
	w->epoch = j->epoch;
	if (j->kind == ENTRY_COMMIT)
		w->audit->last_commit = j->seq;
	return audit_fold_entry(w->fold, j, e);
}

static int walk_entry(struct walk *w, uint64_t seq, struct err *e)
{
	AUTO(journal_entry) j = {0};
	int                 got = journal_read(w->audit->lake, w->audit->lane, seq, &j, e);

	check_hole(w, seq);
	w->last = seq;
	if (got == 0)
		return take_entry(w, &j, e);
	if (!audit_is_finding(got))
		return got;
	audit_say(w->audit, "journal: hash: %s", e->text);
	*e = ERR_NONE;
	walk_break(w);
	return 0;
}

int audit_journal(struct audit *a, struct err *e)
{
	AUTO(audit_fold) fold = {0};
	AUTO(walk)       w = {.audit = a, .fold = &fold};
	AUTO(arena)      scratch = ARENA_INIT;
	str              first = lake_journal_key(&scratch, a->lane, 1);

	TRY(audit_fold_begin(a, a->lane, &fold, e));
	TRY(store_list(a->lake->store, str_head(first, first.len - SEQ_DIGITS), STR(""), note_key, &w, e));
	for (size_t i = 0; i < w.seqs.count; i++)
		TRY(walk_entry(&w, w.seqs.at[i], e));
	a->head = w.last;
	audit_fold_end(&fold);
	return 0;
}

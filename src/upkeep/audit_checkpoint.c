/* audit_checkpoint.c - checkpoints held against the entries themselves.
 *
 * A start believes a checkpoint whose entry is the one it names; only here are all the entries before
 * it added up again. Equal states give equal text, so the bytes are compared. After an entry that
 * could not be folded in nothing is said of checkpoints: one fault is one finding.
 */
#include <inttypes.h>

#include "upkeep/audit_int.h"

enum { SEQ_DIGITS = 20 };

#define CHECKPOINT_BYTES ((size_t)256 << 20)

void audit_fold_done(struct audit_fold *f)
{
	state_done(&f->state);
	VEC_DONE(&f->seqs);
}

static int note_key(void *context, str key, uint64_t size, struct err *e)
{
	struct audit_fold *f = context;
	int64_t            seq;

	(void)size, (void)e;
	if (str_to_i64(str_from(key, key.len - SEQ_DIGITS), &seq) && seq > 0)
		*VEC_ADD(&f->seqs) = (uint64_t)seq;
	else
		audit_say(f->audit, "journal: checkpoint: " STR_FMT " is not the name of one", STR_ARG(key));
	return 0;
}

int audit_fold_begin(struct audit *a, str lane, struct audit_fold *out, struct err *e)
{
	AUTO(arena) scratch = ARENA_INIT;
	str         first = lake_checkpoint_key(&scratch, lane, 1);

	out->audit = a;
	return store_list(a->lake->store, str_head(first, first.len - SEQ_DIGITS), STR(""), note_key, out, e);
}

static int compare(struct audit_fold *f, struct err *e)
{
	AUTO(arena)   scratch = ARENA_INIT;
	AUTO(buf)     want = BUF(CHECKPOINT_BYTES);
	AUTO(buf)     have = BUF(CHECKPOINT_BYTES);
	struct audit *a = f->audit;
	str           key = lake_checkpoint_key(&scratch, a->lane, f->state.head);
	int           got = store_get(a->lake->store, key, 0, 0, &have, e);

	if (got == ERR_MISSING) { /* a writer has removed it meanwhile */
		*e = ERR_NONE;
		return 0;
	}
	if (got < 0 && !audit_is_finding(got))
		return got;
	*e = ERR_NONE;
	checkpoint_write(&f->state, a->lake, &want);
	if (got < 0 || !str_eq(buf_str(&want), buf_str(&have)))
		audit_say(a, "journal: checkpoint: " STR_FMT " is not what the entries up to it add up to: "
		          "remove it", STR_ARG(key));
	return 0;
}

int audit_fold_entry(struct audit_fold *f, const struct journal_entry *j, struct err *e)
{
	struct err why = ERR_NONE;

	if (f->is_broken || state_add(&f->state, j, &why) < 0) {
		f->is_broken = true;
		return 0;
	}
	while (f->next < f->seqs.count && f->seqs.at[f->next] < j->seq)
		f->next++;
	return f->next < f->seqs.count && f->seqs.at[f->next] == j->seq ? compare(f, e) : 0;
}

void audit_fold_end(struct audit_fold *f)
{
	for (size_t i = f->seqs.count; !f->is_broken && i-- > 0 && f->seqs.at[i] > f->state.head;)
		audit_say(f->audit, "journal: checkpoint: there is one of entry %" PRIu64
		          ", and the journal ends at %" PRIu64, f->seqs.at[i], f->state.head);
}

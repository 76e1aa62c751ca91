/* journal.c - walking the log, and writing its next entry.
 *
 * A journal is only ever asked one question: what is under key <seq>? Once an
 * object is there, it is there for ever. So a writer that is not sure what
 * became of its put asks again (store_put_sure), and one that cannot learn it stops: never another body for
 * a seq, never the next seq while this one is undecided. The FENCE of whoever starts next decides it.
 */
#include "lake/journal.h"

#include <assert.h>
#include <inttypes.h>

#include "base/mutant.h"
#include "lake/lake_int.h"
#include "os/clock.h"

enum { FENCE_TRIES = 100 };

int journal_read(struct lake *l, str lane, uint64_t seq, struct journal_entry *out, struct err *e)
{
	AUTO(arena)         a = ARENA_INIT;
	AUTO(buf)           text = BUF(ENTRY_BYTES);
	AUTO(journal_entry) j = {0};
	str                 key = lake_journal_key(&a, lane, seq);

	TRY(store_get(l->store, key, 0, 0, &text, e));
	if (entry_parse(buf_str(&text), l, &j, e) < 0)
		return err_add(e, STR_FMT, STR_ARG(key));
	if (j.seq != seq)
		return err_set(e, ERR_CORRUPT, STR_FMT ": it holds entry %" PRIu64, STR_ARG(key), j.seq);
	*out = j;
	j = (struct journal_entry){0};
	return 0;
}

/* Is there an entry above one that is missing? A few places are asked, near ones first: to list the
 * journal would cost more with each entry. A hole that hides from them all, many entries wide, is met
 * where a table's mark is above the head (apply.c), and by the audit. */
static int is_any_above(struct lake *l, str lane, uint64_t seq, bool *out, struct err *e)
{
	static const unsigned places[] = {1, 2, 3, 4, 8, 16, 32, 64, 128, 256};
	AUTO(arena)           a = ARENA_INIT;
	uint64_t              size;

	*out = false;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !*out; i++) {
		int got = store_size(l->store, lake_journal_key(&a, lane, seq + places[i]), &size, e);

		if (got < 0 && got != ERR_MISSING)
			return got;
		*out = got == 0;
		*e = ERR_NONE;
	}
	return 0;
}

/* 1: the entry; 0: the journal ends before it. An entry above a missing one may only mean that both
 * were put since we looked; it was put after the one below, which must then be there. */
static int entry_next(struct lake *l, str lane, uint64_t seq, struct journal_entry *out, struct err *e)
{
	bool is_above;
	int  got = journal_read(l, lane, seq, out, e);

	if (got != ERR_MISSING)
		return got < 0 ? got : 1;
	*e = ERR_NONE;
	TRY(is_any_above(l, lane, seq, &is_above, e));
	if (!is_above)
		return 0;
	got = journal_read(l, lane, seq, out, e);
	if (got == ERR_MISSING)
		return err_set(e, ERR_CORRUPT,
		               "journal of lane " STR_FMT ": entry %" PRIu64
		               " is missing, and there are entries above it", STR_ARG(lane), seq);
	return got < 0 ? got : 1;
}

int journal_walk(struct lake *l, str lane, uint64_t from, journal_walk_fn *each, void *context, struct err *e)
{
	char previous[65] = "";

	assert(from > 0);
	for (uint64_t seq = from;; seq++) {
		AUTO(journal_entry) j = {0};
		int                 got = entry_next(l, lane, seq, &j, e);

		if (got <= 0)
			return got;
		if (seq > from && strcmp(j.previous, previous) != 0)
			return err_set(e, ERR_CORRUPT,
			               "entry %" PRIu64 " was not written on top of entry %" PRIu64
			               ": one of them has been changed", seq, seq - 1);
		memcpy(previous, j.hash, sizeof(previous));
		TRY(each(context, &j, e));
	}
}

static int fold(void *context, const struct journal_entry *j, struct err *e)
{
	return state_add(context, j, e);
}

/* Bring a state up to the head. */
static int catch_up(struct lake *l, str lane, struct journal_state *s, struct err *e)
{
	return journal_walk(l, lane, s->head + 1, fold, s, e);
}

int journal_load(struct lake *l, str lane, struct journal_state *out, struct err *e)
{
	AUTO(journal_state) s = {0};

	TRY(checkpoint_load(l, lane, &s, e));
	TRY(catch_up(l, lane, &s, e));
	*out = s;
	s = (struct journal_state){0};
	return 0;
}

/* The text of an entry, sure to read back as what it says: a text in it that is not UTF-8, say, would
 * not. */
static int entry_text(const struct journal_entry *j, const struct lake *l, struct buf *out, struct err *e)
{
	AUTO(journal_entry) again = {0};
	AUTO(buf)           twin = BUF(ENTRY_BYTES);

	entry_write(j, l, out);
	if (buf_over(out))
		return err_set(e, ERR_LIMIT, "entry %" PRIu64 " would be over %d MiB: commit more often", j->seq,
		               ENTRY_BYTES >> 20);
	if (entry_parse(buf_str(out), l, &again, e) < 0)
		return err_add(e, "entry %" PRIu64 " cannot be written", j->seq);
	entry_write(&again, l, &twin);
	if (!str_eq(buf_str(&twin), buf_str(out)))
		return err_set(e, ERR_INPUT,
		               "entry %" PRIu64 " cannot be written: a name or a position in it is not UTF-8", j->seq);
	return 0;
}

#if MUTANT == 2 || MUTANT == 3
/* What is there under the entry's seq is taken for it. */
static bool is_mistaken(struct lake *l, str lane, struct journal_entry *j)
{
	AUTO(journal_entry) there = {0};
	struct err          why = ERR_NONE;
	int                 got = journal_read(l, lane, j->seq, &there, &why);

	memcpy(j->hash, there.hash, sizeof(j->hash));
	return got == 0 && (MUTANT == 2 ? there.epoch == j->epoch : there.writer == j->writer);
}
#endif

/* Put an entry whose numbers are filled in; its hash is set. */
static int entry_put(struct lake *l, str lane, struct journal_entry *j, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf)   text = BUF(ENTRY_BYTES);
	str         body;

	TRY(entry_text(j, l, &text, e));
	body = buf_str(&text);
	TRY(store_settle(l->store, e)); /* all that the entry names lasts before the entry does */
#if MUTANT == 2 || MUTANT == 3
	int put = (MUTANT == 2 ? store_put_sure : store_put_new)(l->store, lake_journal_key(&a, lane, j->seq), body, e);
	if (put == ERR_CONFLICT && is_mistaken(l, lane, j))
		return 0;
	TRY(put);
#else
	TRY(store_put_sure(l->store, lake_journal_key(&a, lane, j->seq), body, e));
#endif
	memcpy(j->hash, body.ptr + body.len - 65, 64); /* the text ends with its hash and a newline */
	j->hash[64] = '\0';
	j->bytes = (int64_t)body.len;
	return 0;
}

static void previous_set(struct journal_entry *j, uint64_t head, const char hash[65])
{
	if (head == 0)
		memset(j->previous, '0', 64);
	else
		memcpy(j->previous, hash, 64);
	j->previous[64] = '\0';
}

/* `writer` makes the bytes our own: two that start in the same microsecond must not take one fence
 * for both of theirs. */
static int fence(struct lake *l, str lane, uint64_t writer, str staged, struct journal_state *s, struct err *e)
{
	AUTO(journal_entry) j = {.kind = ENTRY_FENCE, .writer = writer, .switches = staged};

#if MUTANT == 2
	if (s->epoch > 0)
		return 0;
#endif
	j.seq = s->head + 1;
	j.epoch = j.seq;
	j.time_us = clock_now_us(l->clock);
	previous_set(&j, s->head, s->hash);
	TRY(entry_put(l, lane, &j, e));
	return state_add(s, &j, e);
}

/* Once there are many entries since the last one, and they outweigh it: then all checkpoints together
 * cost no more than the entries did, and no start reads much more than what the journal says now. */
static bool is_checkpoint_due(const struct journal *j)
{
	return j->head - j->checkpoint >= j->lake->checkpoint_every && j->tail_bytes >= j->checkpoint_bytes;
}

/* From a state at, or above, the head. Whatever comes of it, the next is tried as many entries later. */
static void checkpoint_try(struct journal *j, struct journal_state *s)
{
	struct err why = ERR_NONE;

	(void)!checkpoint_put(j->lake, j->lane, s, &why);
	j->checkpoint = j->head;
	j->checkpoint_bytes = s->checkpoint_bytes;
	j->tail_bytes = 0;
}

/* The state is read back from the store: so a checkpoint says what the journal says, not what this
 * writer holds of it. */
static void checkpoint_after_commit(struct journal *j)
{
	AUTO(journal_state) s = {0};
	struct err          why = ERR_NONE;

	if (!is_checkpoint_due(j))
		return;
	if (journal_load(j->lake, j->lane, &s, &why) == 0)
		checkpoint_try(j, &s);
	else
		j->checkpoint = j->head;
}

int journal_open_to_switch(struct lake *l, str lane, str staged, struct journal *out, struct journal_state *state,
                           struct err *e)
{
	AUTO(journal_state) s = {0};
	uint64_t            writer = clock_random_u64(l->clock);
	int                 put = ERR_CONFLICT;

#if MUTANT == 5
	AUTO(journal_state) early = {0};
	TRY(journal_load(l, lane, &early, e));
#endif
	TRY(store_probe(l->store, STR("_tarn/probe"), clock_random_u64(l->clock), e));
	TRY(checkpoint_load(l, lane, &s, e));
	for (unsigned i = 0; i < FENCE_TRIES && put == ERR_CONFLICT; i++) {
		*e = ERR_NONE;
		TRY(catch_up(l, lane, &s, e));
		put = fence(l, lane, writer, staged, &s, e);
	}
	if (put < 0)
		return err_add(e, "lane " STR_FMT ": no fence could be put on the journal", STR_ARG(lane));
	*out = (struct journal){
		.lake = l, .lane = lane, .epoch = s.epoch, .head = s.head, .writer = writer,
		.checkpoint = s.checkpoint, .checkpoint_bytes = s.checkpoint_bytes,
		.tail_bytes = s.tail_bytes,
	};
	memcpy(out->hash, s.hash, sizeof(out->hash));
	if (is_checkpoint_due(out))
		checkpoint_try(out, &s);
#if MUTANT == 5
	s = early;
	early = (struct journal_state){0};
#endif
	*state = s;
	s = (struct journal_state){0};
	return 0;
}

int journal_open(struct lake *l, str lane, struct journal *out, struct journal_state *state, struct err *e)
{
	return journal_open_to_switch(l, lane, STR(""), out, state, e);
}

static int taken_over(struct journal *j, uint64_t seq, struct err *e)
{
	j->epoch = 0;
	return err_set(e, ERR_CONFLICT, "another writer has taken over lane " STR_FMT " at entry %" PRIu64 ": this one stops",
	               STR_ARG(j->lane), seq);
}

int journal_failed(struct journal *j, struct err *e)
{
	AUTO(journal_entry) above = {0};
	struct err          why = ERR_NONE;

	assert(e->class != 0);
	if (j->epoch == 0 || e->class == ERR_CONFLICT ||
	    journal_read(j->lake, j->lane, j->head + 1, &above, &why) < 0 || above.writer == j->writer)
		return e->class;
	return taken_over(j, above.seq, e);
}

/* What the put of entry `seq` came to, said to the one who must now stop. */
static int commit_failed(struct journal *j, uint64_t seq, struct err *e)
{
	if (e->class == ERR_CONFLICT)
		return taken_over(j, seq, e);
#if MUTANT != 3
	if (e->class == ERR_IO || e->class == ERR_BUSY)
		j->epoch = 0;
#endif
	return err_add(e, "commit entry %" PRIu64 " of lane " STR_FMT, seq, STR_ARG(j->lane));
}

int journal_commit(struct journal *j, struct journal_entry *entry, struct err *e)
{
	if (j->epoch == 0)
		return err_set(e, ERR_CONFLICT, "lane " STR_FMT ": this writer has been stopped: start again",
		               STR_ARG(j->lane));
	entry->kind = ENTRY_COMMIT;
	entry->epoch = j->epoch;
	entry->seq = j->head + 1;
	entry->writer = j->writer;
	entry->time_us = clock_now_us(j->lake->clock);
	previous_set(entry, j->head, j->hash);
	if (entry_put(j->lake, j->lane, entry, e) < 0)
		return commit_failed(j, entry->seq, e);
	j->head = entry->seq;
	memcpy(j->hash, entry->hash, sizeof(j->hash));
	j->tail_bytes += entry->bytes;
	checkpoint_after_commit(j);
	return 0;
}

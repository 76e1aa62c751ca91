/* checkpoint.c - finding the newest checkpoint to begin from, and putting the next.
 *
 * Nothing here is ever needed: what cannot be believed is passed over, and in the end the journal is
 * read from its first entry. What must not happen is that a checkpoint is believed which the journal
 * does not bear out: so the entry at its seq is read, and proves itself, and must have the hash that
 * the checkpoint names.
 */
#include <inttypes.h>

#include "lake/lake_int.h"

enum { SEQ_DIGITS = 20, KEPT = 2 };

struct found {
	struct arena arena;
	struct { VEC_OF(struct found_key { str key; uint64_t seq; }); } keys; /* seq rises */
};

static void found_done(struct found *f)
{
	arena_done(&f->arena);
	VEC_DONE(&f->keys);
}

AUTO_DEFINE(found, found_done)

static int note_key(void *context, str key, uint64_t size, struct err *e)
{
	struct found *f = context;
	str           digits = str_from(key, key.len - SEQ_DIGITS);
	int64_t       seq;

	(void)size, (void)e;
	if (str_to_i64(digits, &seq) && seq > 0)
		*VEC_ADD(&f->keys) = (struct found_key){arena_str(&f->arena, key), (uint64_t)seq};
	return 0;
}

static int find(struct lake *l, str lane, struct found *out, struct err *e)
{
	str first = lake_checkpoint_key(&out->arena, lane, 1);

	return store_list(l->store, str_head(first, first.len - SEQ_DIGITS), STR(""), note_key, out, e);
}

static int read_one(struct lake *l, str lane, const struct found_key *at, struct journal_state *out,
                    struct err *e)
{
	AUTO(journal_state) s = {0};
	AUTO(journal_entry) j = {0};
	AUTO(buf)           text = BUF(ENTRY_BYTES);

	TRY(store_get(l->store, at->key, 0, 0, &text, e));
	TRY(checkpoint_parse(buf_str(&text), l, &s, e));
	if (s.head != at->seq)
		return err_set(e, ERR_CORRUPT, STR_FMT ": it is of entry %" PRIu64, STR_ARG(at->key), s.head);
	TRY(journal_read(l, lane, s.head, &j, e));
	if (strcmp(j.hash, s.hash) != 0 || j.epoch != s.epoch)
		return err_set(e, ERR_CORRUPT, STR_FMT ": its entry is another one", STR_ARG(at->key));
	s.checkpoint = s.head;
	s.checkpoint_bytes = (int64_t)text.len;
	*out = s;
	s = (struct journal_state){0};
	return 0;
}

int checkpoint_load(struct lake *l, str lane, struct journal_state *out, struct err *e)
{
	AUTO(found) f = {0};
	int         got = ERR_MISSING;

	TRY(find(l, lane, &f, e));
	for (size_t i = f.keys.count; i-- > 0 && got < 0;) {
		got = read_one(l, lane, &f.keys.at[i], out, e);
		if (got == ERR_IO || got == ERR_BUSY || got == ERR_DENIED)
			return got;
		*e = ERR_NONE;
	}
	return 0;
}

int checkpoint_put(struct lake *l, str lane, struct journal_state *s, struct err *e)
{
	AUTO(found) f = {0};
	AUTO(buf)   text = BUF(ENTRY_BYTES);

	checkpoint_write(s, l, &text);
	if (buf_over(&text))
		return err_set(e, ERR_LIMIT, "a checkpoint of entry %" PRIu64 " would be too large", s->head);
	TRY(store_put_sure(l->store, lake_checkpoint_key(&f.arena, lane, s->head), buf_str(&text), e));
	s->checkpoint = s->head;
	s->checkpoint_bytes = (int64_t)text.len;
	s->tail_bytes = 0;
	TRY(find(l, lane, &f, e));
	for (size_t i = 0; i + KEPT < f.keys.count && f.keys.at[i].seq < s->head; i++)
		TRY(store_remove(l->store, f.keys.at[i].key, e));
	return 0;
}

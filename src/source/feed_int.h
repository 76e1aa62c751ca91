/* feed_int.h - the window through which a framing sees a part, and how it hands records out.
 *
 * The decoded bytes of a part are read straight into run->bytes; the framing finds records in them where
 * they lie.
 *
 *     run->bytes   [ records handed out | passed over | held: at ... len )
 *                                       ^kept         ^at, at `offset` of the decoded part
 *
 * Invariants:
 *   1. run->bytes[at, len) is what the framing has not finished with. `seen` of these bytes it has looked
 *      at already: refilled, it goes on there, so that no byte is looked at twice.
 *   2. Of an unfinished record at most `hold` bytes are held; then all but its first FEED_HEAD are let go
 *      and counted in `dropped`: they stood between run->bytes[at + FEED_HEAD - 1] and run->bytes[at +
 *      FEED_HEAD].
 *   3. No record points into [kept, at): these bytes are reused, so a part that is mostly passed over costs
 *      no memory.
 *   4. A part opened again at `taken`, with `mark`, hands out the records that follow, and no others.
 */
#ifndef SOURCE_FEED_INT_H
#define SOURCE_FEED_INT_H

#include "codec/sha256.h"
#include "source/source.h"

enum {
	FEED_HEAD = 4096,       /* bytes kept of a record that is too large */
	FEED_GAP = 64 << 10,    /* bytes passed over that are worth reusing */
	FEED_RECORDS = 1 << 18, /* a run of tiny records ends here, not at its bytes */
};

enum feed_end {
	FEED_MORE,  /* more may come: what is unfinished is left */
	FEED_QUIET, /* more may come, but has not for a while: a last line that is a whole object is a record */
	FEED_END,   /* what is left is a record */
};

struct feed {
	struct run   *run;
	uint64_t      record_limit, run_bytes;
	enum feed_end end;
	size_t        at, seen, kept;
	size_t        hold;
	uint64_t      offset, dropped;
	uint64_t      taken, mark;
	struct sha256_stream *sum; /* of an unfinished record's bytes up to the last one dropped; NULL where none was */
};

/* Into a run, whose last part is this one, with the bytes held at the end of the run before; and out of
 * it again. */
void feed_enter(struct feed *w, struct run *run, struct buf *carry);
void feed_leave(struct feed *w, struct buf *carry);

/* After a scan: keeps invariants 2 and 3. */
void feed_trim(struct feed *w);

/* Hand out the first `len` bytes held, cut to FEED_HEAD where the record is over the limit. The caller
 * may move the text to a part of it, and passes over the bytes. The record is borrowed until the next
 * one. */
struct record *feed_record(struct feed *w, size_t len, enum record_fault fault);

/* Pass over the first `count` bytes held, and those dropped among them. */
static inline void feed_pass(struct feed *w, size_t count)
{
	w->at += count;
	w->offset += count + w->dropped;
	w->dropped = 0;
	w->seen = 0;
	sha256_free(TAKE(w->sum));
}

/* All up to here is handed out. */
static inline void feed_taken(struct feed *w, uint64_t mark)
{
	w->taken = w->offset;
	w->mark = mark;
}

/* Whether the run has room for another record. Its first one always has. */
static inline bool feed_wants(const struct feed *w)
{
	return (w->at < w->run_bytes && w->run->records.count < FEED_RECORDS) || w->run->records.count == 0;
}

static inline str feed_held(const struct feed *w)
{
	return (str){w->run->bytes.ptr + w->at, w->run->bytes.len - w->at};
}

static inline str feed_unseen(const struct feed *w)
{
	return str_from(feed_held(w), w->seen);
}

/* Everything held was looked at, none of it is a whole record, and no more will come. */
static inline bool feed_is_rest(const struct feed *w)
{
	return w->end == FEED_END && feed_wants(w) && w->seen == w->run->bytes.len - w->at && w->seen > 0;
}

static inline bool feed_is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

#endif

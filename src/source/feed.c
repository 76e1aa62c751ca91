/* The window over a part: see feed_int.h for its picture and invariants. */
#include "source/feed_int.h"

#include <assert.h>

void feed_enter(struct feed *w, struct run *run, struct buf *carry)
{
	assert(run->parts.count > 0);
	w->run = run;
	w->at = w->kept = run->bytes.len;
	buf_add(&run->bytes, buf_str(carry));
	buf_clear(carry);
	assert(!buf_over(&run->bytes));
}

void feed_leave(struct feed *w, struct buf *carry)
{
	struct buf *bytes = &w->run->bytes;

	buf_add(carry, feed_held(w));
	assert(!buf_over(carry) && w->kept <= w->at && w->at <= bytes->len);
	bytes->len = w->kept;
	w->run = NULL;
}

/* The first `len` bytes held are about to go: take in those that were not yet. */
static void sum_add(struct feed *w, size_t len)
{
	const char *held = w->run->bytes.ptr + w->at;
	size_t      from = w->sum == NULL ? 0 : FEED_HEAD; /* the head stays, and was taken in with the first ones */

	if (w->sum == NULL)
		w->sum = sha256_new();
	if (len > from)
		sha256_add(w->sum, str_make(held + from, len - from));
}

void feed_trim(struct feed *w)
{
	struct buf *bytes = &w->run->bytes;
	size_t      held = bytes->len - w->at;

	if (w->seen == held && held > w->hold && held > FEED_HEAD) {
		sum_add(w, held);
		w->dropped += held - FEED_HEAD;
		w->seen = FEED_HEAD;
		bytes->len = w->at + FEED_HEAD;
	}
	if (w->at - w->kept >= FEED_GAP) {
		memmove(bytes->ptr + w->kept, bytes->ptr + w->at, bytes->len - w->at);
		bytes->len -= w->at - w->kept;
		w->at = w->kept;
	}
}

struct record *feed_record(struct feed *w, size_t len, enum record_fault fault)
{
	struct run    *run = w->run;
	struct record *record = VEC_ADD(&run->records);
	uint64_t       whole_len = len + w->dropped;
	bool           is_large = whole_len > w->record_limit;
	char          *sum = NULL;

	assert(w->at + len <= run->bytes.len && run->bytes.len <= UINT32_MAX);
	if (is_large) {
		sum = arena_alloc(&run->arena, 65);
		sum_add(w, len);
		sha256_finish(TAKE(w->sum), sum);
	}
	if ((is_large || fault == RECORD_SHAPE) && len > FEED_HEAD)
		len = FEED_HEAD;
	*record = (struct record){
		.offset = w->offset,
		.text = (uint32_t)w->at,
		.text_len = (uint32_t)len,
		.raw = (uint32_t)w->at,
		.raw_len = (uint32_t)len,
		.whole_len = whole_len,
		.whole_sha256 = sum,
		.part = (uint32_t)(run->parts.count - 1),
		.fault = fault == RECORD_OK && is_large ? RECORD_TOO_LARGE : fault,
	};
	if (w->kept < w->at + len)
		w->kept = w->at + len;
	return record;
}

/* One file, from where it was taken to before, into runs.
 *
 * What was taken is believed only of the same file: its first bytes are compared. A file that is
 * smaller or begins otherwise was replaced or rotated, and is taken from its start, from the old
 * state to the new.
 *
 * Invariants:
 *   1. file->taken is the state that the last run was told: the next part's `from`.
 *   2. Bytes from feed.taken on are in `carry` (less what the framing has let go), then in the
 *      stream.
 */
#include "source/file_int.h"

#include <assert.h>

enum { STEP_MAX = 256 << 10, STEP_MIN = 64 << 10 };

enum plan { PLAN_NOTHING, PLAN_START, PLAN_GO_ON };

static enum plan plan_of(const struct file *f, const struct file_stream *s)
{
	const struct file_state *taken = &f->taken;

	if (!taken->is_there || f->is_stdin)
		return PLAN_START;
	if (f->seen.size < taken->raw_size || s->first_len < taken->print_len ||
	    file_stream_print(s, taken->print_len) != taken->print)
		return PLAN_START; /* replaced */
	return taken->is_done && f->seen.size == taken->raw_size ? PLAN_NOTHING : PLAN_GO_ON;
}

/* The head into `carry`. A pipe that we follow gives what it has, if that is a line. A stream
 * that breaks off breaks off again when it is read on. */
static int read_head(struct take *t, bool *is_whole, struct err *e)
{
	*is_whole = false;
	while (t->carry.len < FRAME_HEAD) {
		bool   is_line = str_find(buf_str(&t->carry), '\n', 0) < t->carry.len;
		size_t got;
		int    rc;

		if (t->conf->is_following && is_line && file_stream_waits(&t->stream))
			return 0;
		rc = file_stream_fill(&t->stream, &t->carry, FRAME_HEAD - t->carry.len, &got, e);
		if (rc == ERR_CORRUPT)
			return 0;
		TRY(rc);
		*is_whole = got == 0;
		if (got == 0)
			return 0;
	}
	return 0;
}

static void carry_cut(struct buf *carry, size_t count)
{
	if (count > 0)
		memmove(carry->ptr, carry->ptr + count, carry->len - count);
	carry->len -= count;
}

/* To where the file was taken to, or past its byte order mark. */
static int move_on(struct take *t, bool is_going_on, struct err *e)
{
	uint64_t offset = is_going_on ? t->file->taken.offset : 0;
	uint64_t past = t->carry.len;
	int      rc;

	t->feed.offset = t->feed.taken = t->begun = offset;
	if (offset == 0) {
		size_t mark = t->carry.len - frame_without_mark(buf_str(&t->carry)).len;

		carry_cut(&t->carry, mark);
		t->feed.offset = mark;
	} else if (offset <= past) {
		carry_cut(&t->carry, (size_t)offset);
	} else {
		buf_clear(&t->carry);
		rc = file_stream_skip(&t->stream, past, offset, e);
		return rc == ERR_CORRUPT ? 0 : rc; /* met again by the next fill */
	}
	return 0;
}

static void choose_frame(struct take *t, bool is_whole, bool is_going_on)
{
	const struct file_state *taken = &t->file->taken;
	bool                     is_begun = is_going_on && taken->offset > 0;
	bool                     is_known = is_begun && frame_suits(taken->kind, t->conf);
	str                      head = frame_without_mark(buf_str(&t->carry));
	struct frame_setup       setup = {t->conf, head, is_whole, is_known ? taken->mark : 0};

	t->kind = is_known ? taken->kind : frame_look(head, is_whole, str_of(t->file->path), t->conf);
	t->frame = frame_new(t->kind, &setup);
	t->feed.mark = setup.mark;
}

static int begin(struct take *t, bool is_going_on, struct err *e)
{
	bool is_whole;

	t->feed = (struct feed){
		.record_limit = t->conf->record_limit,
		.run_bytes = t->conf->run_bytes,
		.hold = t->conf->record_limit + 1, /* a CR before a line's end is not the record's */
		.end = FEED_MORE,
	};
	TRY(read_head(t, &is_whole, e));
	choose_frame(t, is_whole, is_going_on);
	return move_on(t, is_going_on, e);
}

int take_open(struct take *t, struct file *f, struct err *e)
{
	enum plan plan;
	int       rc;

	assert(t->file == NULL);
	TRY(file_stream_open(&t->stream, t->fs, f->path, f->is_stdin, e));
	t->file = f;
	t->counted = 0;
	t->is_at_end = t->is_cut = t->is_broken = false;
	buf_clear(&t->carry);
	plan = plan_of(f, &t->stream);
	rc = plan == PLAN_NOTHING ? 0 : begin(t, plan == PLAN_GO_ON, e);
	if (rc < 0 || plan == PLAN_NOTHING)
		take_close(t);
	return rc < 0 ? rc : plan != PLAN_NOTHING;
}

void take_close(struct take *t)
{
	if (t->file == NULL)
		return;
	file_stream_close(&t->stream);
	frame_free(TAKE(t->frame));
	sha256_free(TAKE(t->feed.sum));
	t->file = NULL;
}

static enum feed_end end_kind(const struct take *t)
{
	if (t->file->is_stdin || !t->conf->is_following)
		return FEED_END;
	return t->file->is_quiet ? FEED_QUIET : FEED_MORE;
}

/* The rest cannot be decompressed. A file that is followed may only be unfinished: then it is
 * left until it grows. */
static void break_off(struct take *t, struct run *run, const struct err *why)
{
	struct feed *w = &t->feed;

	if (t->stream.is_cut && end_kind(t) == FEED_MORE) {
		t->is_cut = true;
		return;
	}
	t->is_broken = true;
	run->bytes.len = w->at;
	w->seen = 0;
	w->dropped = 0;
	(void)feed_record(w, 0, RECORD_COMPRESSION);
	run->parts.at[run->parts.count - 1].fault = arena_str(&run->arena, str_of(why->text));
}

/* As much as the run still wants, so that little is carried over to the next one. */
static size_t step_size(const struct take *t, const struct run *run)
{
	uint64_t left = t->conf->run_bytes > run->bytes.len ? t->conf->run_bytes - run->bytes.len : 0;

	return left > STEP_MAX ? STEP_MAX : left < STEP_MIN ? STEP_MIN : (size_t)left;
}

/* 1: to its end. */
static int read_on(struct take *t, struct run *run, struct err *e)
{
	struct feed *w = &t->feed;

	for (;;) {
		size_t got = 0;
		int    rc;

		frame_scan(t->frame, w);
		if (t->is_at_end && (feed_wants(w) || feed_held(w).len == 0))
			return 1;
		if (!feed_wants(w) || (t->conf->is_following && file_stream_waits(&t->stream)))
			return 0;
		rc = file_stream_fill(&t->stream, &run->bytes, step_size(t, run), &got, e);
		if (rc == ERR_CORRUPT) {
			break_off(t, run, e);
			return 1;
		}
		TRY(rc);
		t->is_at_end = got == 0;
		if (t->is_at_end)
			w->end = end_kind(t);
	}
}

static struct file_state state_now(const struct take *t, bool is_over)
{
	const struct file_stream *s = &t->stream;
	uint64_t                  seen = t->file->seen.size;
	uint64_t                  raw_size = s->raw_at > seen || t->is_at_end ? s->raw_at : seen;
	size_t                    print_len = s->first_len;

	if (t->file->is_stdin)
		print_len = 0; /* it has no beginning to go back to */
	return (struct file_state){
		.is_there = true,
		.is_done = is_over && !t->file->has_rest,
		.kind = t->kind,
		.offset = t->feed.taken,
		.raw_size = raw_size,
		.print_len = print_len,
		.print = file_stream_print(s, print_len),
		.mark = t->feed.mark,
	};
}

/* Tell how far the part was taken, or nothing where it was not. */
static void end_part(struct take *t, struct run *run, size_t records, bool is_over)
{
	struct run_part  *part = &run->parts.at[run->parts.count - 1];
	struct file      *f = t->file;
	struct file_state to;
	bool              is_moved;

	f->has_rest = is_over && !t->is_broken && (t->carry.len > 0 || t->is_cut);
	to = state_now(t, is_over);
	is_moved = run->records.count > records || to.offset != t->begun;
	if (!is_moved && (!to.is_done || file_state_eq(&to, &f->taken))) {
		run->parts.count--;
		return;
	}
	part->to = file_state_format(&to, &run->arena);
	part->is_done = to.is_done;
	f->taken = to;
	f->is_settled = false;
	t->begun = to.offset;
}

int take_read(struct take *t, struct run *run, struct err *e)
{
	size_t records = run->records.count;
	int    rc;

	assert(t->file != NULL);
	if (run->parts.count == 0)
		run->is_text_typed = t->kind == FRAME_CSV;
	*VEC_ADD(&run->parts) = (struct run_part){
		.key = arena_str(&run->arena, str_of(t->file->path)),
		.from = file_state_format(&t->file->taken, &run->arena),
	};
	feed_enter(&t->feed, run, &t->carry);
	rc = read_on(t, run, e);
	feed_leave(&t->feed, &t->carry);
	run->raw_bytes += t->stream.raw_read - t->counted;
	t->counted = t->stream.raw_read;
	end_part(t, run, records, rc == 1);
	if (rc == 1)
		take_close(t);
	return rc;
}

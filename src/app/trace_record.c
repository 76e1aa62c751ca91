/* Does a record have this id? Its pipeline's envelope says so, as it did when the record came. */
#include <ctype.h>

#include "app/trace.h"
#include "codec/json.h"
#include "ingest/envelope.h"

struct trace_reader {
	const struct trace       *t;
	const struct trace_asked *asked;
	struct envelope           envelope;
	struct run                run; /* of the one record */
	struct arena              arena;
};

struct trace_reader *trace_reader_new(const struct trace *t, const struct trace_asked *asked)
{
	struct trace_reader *r = xcalloc(1, sizeof(*r));

	r->t = t;
	r->asked = asked;
	envelope_init(&r->envelope, asked->pipeline, t->lake->secret, 0);
	return r;
}

void trace_reader_free(struct trace_reader *r)
{
	if (r == NULL)
		return;
	envelope_done(&r->envelope);
	run_done(&r->run);
	arena_done(&r->arena);
	free(r);
}

/* A letter or digit of any script, or what ids are often joined by. */
static bool is_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

/* The text as a whole, not as a part of some other id. */
static bool has_text(str record, str typed)
{
	const char *end = record.ptr + record.len;

	for (const char *at = record.ptr;; at++) {
		at = memmem(at, (size_t)(end - at), typed.ptr, typed.len);
		if (at == NULL)
			return false;
		if ((at == record.ptr || !is_of_word(at[-1])) && (at + typed.len == end || !is_of_word(at[typed.len])))
			return true;
	}
}

enum record_match trace_record(struct trace_reader *r, str text, str part_key, int64_t now_us, int64_t *time_us)
{
	static const struct hash128 none;
	struct record               record = {.text_len = (uint32_t)text.len};
	struct event                ev;
	bool                        is_known;

	arena_reset(&r->arena);
	buf_clear(&r->run.bytes);
	buf_add(&r->run.bytes, text);
	buf_fill(&r->run.bytes, '\0', JSON_PADDING);
	envelope_clear(&r->envelope, now_us);
	envelope_open(&r->envelope, &r->run, &record, envelope_part_name(r->asked->pipeline, part_key, &r->arena), &ev);
	is_known = ev.key.high != none.high || ev.key.low != none.low; /* it was read as far as its id */
	if (!is_known)
		return has_text(text, r->t->typed) ? MATCH_TEXT : MATCH_NONE;
	if (!r->asked->has_key || ev.key.high != r->asked->id.key.high || ev.key.low != r->asked->id.key.low)
		return MATCH_NONE;
	*time_us = ev.time_us;
	return MATCH_ID;
}

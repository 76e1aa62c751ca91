/* States of files: see file_int.h for the text. */
#include "source/file_int.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

str file_state_format(const struct file_state *s, struct arena *a)
{
	char mark[24] = "";

	if (!s->is_there)
		return (str){0};
	assert(s->print_len <= PRINT_SIZE);
	if (s->mark != 0)
		(void)snprintf(mark, sizeof(mark), " %" PRIu64, s->mark);
	return arena_format(a, "v1 %" PRIu64 " %" PRIu64 " %" PRIu64 " %016" PRIx64 " %s %s%s",
	                    s->offset, s->raw_size, s->print_len, s->print,
	                    s->is_done ? "done" : "open", frame_word(s->kind), mark);
}

static bool read_words(const char *text, struct file_state *s)
{
	char done[5] = "", framing[16] = "";
	int  words;

	words = sscanf(text, "v1 %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNx64 " %4s %15s %" SCNu64,
	               &s->offset, &s->raw_size, &s->print_len, &s->print, done, framing, &s->mark);
	if (words < 6)
		return false;
	s->is_done = strcmp(done, "done") == 0;
	while (s->kind < FRAME_KINDS && strcmp(framing, frame_word(s->kind)) != 0)
		s->kind++;
	return s->kind < FRAME_KINDS && s->print_len <= PRINT_SIZE;
}

int file_state_parse(str text, struct file_state *out, struct err *e)
{
	AUTO(arena)       a = ARENA_INIT;
	struct file_state s = {.is_there = true};

	if (text.len == 0) {
		*out = (struct file_state){0};
		return 0;
	}
	/* The lake compares states as text: one that would not come back as it was is not ours. */
	if (!read_words(arena_cstr(&a, text), &s) || !str_eq(file_state_format(&s, &a), text))
		return err_set(e, ERR_UNSUPPORTED, "not a position that this version writes: " STR_FMT,
		               STR_ARG(text));
	*out = s;
	return 0;
}

bool file_state_eq(const struct file_state *a, const struct file_state *b)
{
	return a->is_there == b->is_there && a->is_done == b->is_done && a->kind == b->kind &&
	       a->offset == b->offset && a->mark == b->mark && a->raw_size == b->raw_size &&
	       a->print_len == b->print_len && a->print == b->print;
}

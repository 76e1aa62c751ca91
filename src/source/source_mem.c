/* Lines in memory: the reference kind, and what tests feed to those above. State: "v1 <offset>". */
#include <assert.h>

#include "source/frame_int.h"

enum { MEM_RUN_BYTES = 64 << 10 };

struct source_mem {
	struct source base;
	struct arena  arena;
	str           key, text;
	str           state;  /* as the lake has it; empty */
	size_t        offset; /* all before it is handed out */
};

/* Whole lines, about as many as a run holds. */
static size_t run_end(const struct source_mem *s)
{
	size_t end = s->offset + MEM_RUN_BYTES;

	return end < s->text.len ? str_find(s->text, '\n', end) + 1 : s->text.len;
}

static void frame_run(const struct source_mem *s, struct run *run, size_t end)
{
	struct feed w = {
		.run = run,
		.record_limit = UINT32_MAX,
		.run_bytes = UINT32_MAX,
		.hold = UINT32_MAX,
		.offset = s->offset,
		.end = FEED_END,
	};

	buf_add(&run->bytes, str_make(s->text.ptr + s->offset, end - s->offset));
	frame_lines_scan(&w, NULL);
	assert(w.at == run->bytes.len && w.taken == end);
}

static int mem_read(struct source *base, struct run *run, struct err *e)
{
	struct source_mem *s = (struct source_mem *)base;
	size_t             end = run_end(s) < s->text.len ? run_end(s) : s->text.len;
	str                to;

	(void)e;
	if (end == s->offset)
		return 0;
	to = arena_format(&s->arena, "v1 %zu", end);
	*VEC_ADD(&run->parts) = (struct run_part){
		.key = arena_str(&run->arena, s->key),
		.from = arena_str(&run->arena, s->state),
		.to = arena_str(&run->arena, to),
		.is_done = end == s->text.len,
	};
	frame_run(s, run, end);
	run->raw_bytes = end - s->offset;
	s->base.counts.bytes_read += end - s->offset;
	s->base.counts.parts_taken = 1;
	s->state = to;
	s->offset = end;
	return 1;
}

static void mem_close(struct source *base)
{
	struct source_mem *s = (struct source_mem *)base;

	arena_done(&s->arena);
	free(s);
}

struct source *source_new_mem(str key, str text, source_state_fn *state, void *state_context)
{
	static const struct source_ops ops = {.kind = "mem", .read = mem_read, .close = mem_close};
	struct source_mem             *s = xcalloc(1, sizeof(*s));
	int64_t                        offset = 0;

	s->base.ops = &ops;
	s->key = arena_str(&s->arena, key);
	s->text = arena_str(&s->arena, text);
	s->state = arena_str(&s->arena, state ? state(state_context, key) : (str){0});
	if (str_starts(s->state, STR("v1 ")) && str_to_i64(str_from(s->state, 3), &offset))
		s->offset = (uint64_t)offset < text.len ? (size_t)offset : text.len;
	s->base.counts.parts_skipped = s->offset == text.len && text.len > 0;
	s->base.counts.bytes_total = text.len - s->offset;
	return &s->base;
}

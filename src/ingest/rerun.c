#include "ingest/rerun.h"

#include "ingest/feed_int.h"

void rerun_done(struct rerun *r)
{
	run_done(&r->run);
	VEC_DONE(&r->wanted);
}

/* The records wanted, as a source would hand them out. */
static void fill_run(struct rerun *r, const struct segment_block *b, rerun_wants_fn *wants, void *context)
{
	const char *plain = b->plain.ptr;

	run_clear(&r->run);
	r->wanted.count = 0;
	buf_add(&r->run.bytes, buf_str(&b->plain));
	buf_fill(&r->run.bytes, '\0', JSON_PADDING);
	r->run.is_text_typed = b->is_text_typed;
	for (size_t i = 0; i < b->part_count; i++)
		*VEC_ADD(&r->run.parts) = (struct run_part){.key = arena_str(&r->run.arena, b->parts[i].key)};
	for (size_t i = 0; i < b->records.count; i++) {
		const struct segment_record *from = &b->records.at[i];

		if (!wants(context, from))
			continue;
		*VEC_ADD(&r->wanted) = from;
		*VEC_ADD(&r->run.records) = (struct record){
			.offset = from->offset,
			.text = (uint32_t)(from->text.ptr - plain),
			.text_len = (uint32_t)from->text.len,
			.raw = (uint32_t)(from->raw.ptr - plain),
			.raw_len = (uint32_t)from->raw.len,
			.whole_len = from->whole_len,
			.whole_sha256 = from->sha256.len > 0 ? arena_cstr(&r->run.arena, from->sha256) : NULL,
			.part = from->part,
			.fault = (enum record_fault)from->fault,
		};
	}
}

int rerun_block(struct rerun *r, struct feed *f, const struct segment_block *b, rerun_wants_fn *wants, void *context,
                struct err *e)
{
	fill_run(r, b, wants, context);
	if (r->wanted.count == 0)
		return 0;
	arena_reset(&f->scratch);
	f->run = &r->run;
	f->now_us = b->taken_us;
	feed_name_parts(f);
	for (size_t i = 0; i < b->part_count; i++)
		f->part_labels.at[i] = b->parts[i].label;
	TRY(feed_envelope(f, e));
	return 1;
}

int rerun_route(struct feed *f, struct event *ev, struct err *e)
{
	if (ev->verdict == VERDICT_ROW)
		TRY(feed_route(f, ev, e));
	if (ev->verdict == VERDICT_ROW)
		ev->words = f->envelopes[ev->tape].tape.words + ev->tape_at;
	return 0;
}

struct feed *feed_of(struct feed *feeds, size_t count, str pipeline)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(feeds[i].pipeline->name, pipeline))
			return &feeds[i];
	return NULL;
}

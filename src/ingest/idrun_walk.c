/* idrun_walk.c - all ids of a run in order, some at a time. Most sections are small, and they lie one behind the other:
 * what is read at once goes over their bounds. */
#include <assert.h>

#include "ingest/idrun_set.h"

enum { WALK_BYTES = 8 << 20 };

void id_cursor_init(struct id_cursor *c, struct idrun_set *s, uint32_t run, uint64_t step)
{
	const struct id_run *r = &s->runs.at[run];

	assert(step >= ID_BLOCK_BYTES);
	*c = (struct id_cursor){
		.set = s,
		.step = step,
		.at = {r->first_section, 0},
		.end = r->first_section + r->section_count,
	};
}

void id_cursor_done(struct id_cursor *c)
{
	buf_done(&c->scratch);
}

/* How far a read goes that begins at the cursor: at least one block, and none in part. */
static struct id_spot read_end(const struct id_cursor *c)
{
	uint64_t       limit = id_spot_at(c->set, c->at) + c->step;
	struct id_spot to = c->at;

	for (uint32_t i = c->at.section; i < c->end; i++) {
		struct id_spot first = {i, i == c->at.section ? c->at.block : 0}, last = id_spot_last(c->set, i);

		if (id_spot_at(c->set, last) > limit) {
			if (id_spot_at(c->set, first) + ID_BLOCK_BYTES <= limit)
				to = (struct id_spot){i, first.block + (limit - id_spot_at(c->set, first)) / ID_BLOCK_BYTES};
			return to;
		}
		to = last;
	}
	return to;
}

int id_cursor_next(struct id_cursor *c, struct id_piece *out, struct err *e)
{
	const struct id_section *s;
	struct id_spot           to;

	if (c->at.section == c->end)
		return 0;
	if (c->bytes.len == 0) {
		to = read_end(c);
		TRY(idrun_set_read(c->set, c->at, to, &c->scratch, &c->bytes, e));
		c->read = to;
	}
	s = &c->set->places.at[c->at.section].section;
	to = c->at.section == c->read.section ? c->read : id_spot_last(c->set, c->at.section);
	*out = (struct id_piece){
		.section = c->at.section,
		.count = id_block_ids(s, to.block) - id_block_ids(s, c->at.block),
		.blocks = str_head(c->bytes, id_block_at(s, to.block) - id_block_at(s, c->at.block)),
	};
	c->bytes = str_from(c->bytes, out->blocks.len);
	c->at = to.block < id_blocks(s->count) ? to : (struct id_spot){to.section + 1, 0};
	return 1;
}

int idrun_set_walk(struct idrun_set *s, uint32_t run, idrun_each *each, void *context, struct err *e)
{
	AUTO(id_cursor) c;
	struct id_piece piece;
	int             got;

	id_cursor_init(&c, s, run, WALK_BYTES);
	for (got = id_cursor_next(&c, &piece, e); got > 0; got = id_cursor_next(&c, &piece, e))
		for (uint64_t i = 0; i < piece.count; i++)
			each(context, id_key(id_at(piece.blocks, i)), piece.section);
	return got;
}

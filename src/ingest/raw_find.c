/* Invariants: `records` is of the block at hand; places are sorted, and those of one time stand in order of the journal. What is gone from
 * the store is as if it had been let go: the record is then not found. */
#include "ingest/raw_find.h"

#include <inttypes.h>
#include <stdlib.h>

void raw_find_done(struct raw_find *r)
{
	VEC_DONE(&r->objects);
	VEC_DONE(&r->places);
	segment_done(&r->segment);
	segment_block_done(&r->block);
	map_done(&r->records);
	arena_done(&r->arena);
}

/* --- what the journal names ---------------------------------------------------------------- */

struct walk {
	const struct journal_state *state;
	const str                  *pipelines;
	size_t                      count;
	struct raw_find            *finds;
};

static int take_entry(void *context, const struct journal_entry *j, struct err *e)
{
	const struct walk *w = context;

	(void)e;
	for (size_t i = 0; i < j->raws.count; i++) {
		const struct entry_raw *raw = &j->raws.at[i];

		for (size_t k = 0; k < w->count; k++) {
			struct raw_find *r = &w->finds[k];

			if (!str_eq(w->pipelines[k], raw->pipeline))
				continue;
			r->had_any = true;
			if (j->seq > state_forgotten(w->state, raw->pipeline))
				*VEC_ADD(&r->objects) = (struct raw_object){arena_str(&r->arena, raw->key), raw->bytes};
		}
	}
	return 0;
}

int raw_find_open(struct lake *l, const struct journal_state *s, const str *pipelines, size_t count, struct raw_find *out, struct err *e)
{
	struct walk w = {s, pipelines, count, out};

	for (size_t i = 0; i < count; i++)
		out[i] = (struct raw_find){.lake = l};
	return journal_walk(l, STR("0"), 1, take_entry, &w, e);
}

/* --- blocks -------------------------------------------------------------------------------- */

/* 1: it is there; 0: it is gone. */
static int open_object(struct raw_find *r, size_t object, struct err *e)
{
	const struct raw_object *o = &r->objects.at[object];
	int                      got;

	if (r->object == object + 1)
		return 1;
	segment_done(&r->segment);
	r->segment = (struct segment){0};
	r->object = r->at = 0;
	got = segment_open(r->lake, o->key, (uint64_t)o->bytes, &r->segment, e);
	if (got == ERR_MISSING) {
		*e = ERR_NONE;
		return 0;
	}
	r->object = got == 0 ? object + 1 : 0;
	return got < 0 ? got : 1;
}

static int learn_object(struct raw_find *r, size_t object, struct err *e)
{
	int got = open_object(r, object, e);

	for (size_t i = 0; got > 0 && i < r->segment.blocks.count; i++) {
		TRY(segment_read(&r->segment, i, &r->block, e));
		if (r->block.is_text_typed)
			*VEC_ADD(&r->places) = (struct raw_place){r->block.taken_us, object, i};
	}
	return got < 0 ? got : 0;
}

static int by_time(const void *a, const void *b)
{
	const struct raw_place *x = a, *y = b;

	if (x->taken_us != y->taken_us)
		return x->taken_us < y->taken_us ? -1 : 1;
	if (x->object != y->object)
		return x->object < y->object ? -1 : 1;
	return x->block < y->block ? -1 : x->block > y->block;
}

static int learn(struct raw_find *r, struct err *e)
{
	if (r->is_known)
		return 0;
	for (size_t i = 0; i < r->objects.count; i++)
		TRY(learn_object(r, i, e));
	if (r->places.count > 1)
		qsort(r->places.at, r->places.count, sizeof(*r->places.at), by_time);
	r->is_known = true;
	r->at = 0;
	return 0;
}

static int load(struct raw_find *r, size_t place, struct err *e)
{
	const struct raw_place *p = &r->places.at[place];
	AUTO(arena)             a = ARENA_INIT;
	int                     got;

	if (r->at == place + 1)
		return 0;
	map_done(&r->records);
	r->records = (struct map){0};
	r->at = 0;
	got = open_object(r, p->object, e);
	if (got <= 0)
		return got;
	TRY(segment_read(&r->segment, p->block, &r->block, e));
	for (size_t i = 0; i < r->block.records.count; i++) {
		const struct segment_record *rec = &r->block.records.at[i];

		map_put(&r->records, arena_format(&a, STR_FMT ":%" PRIu64, STR_ARG(r->block.parts[rec->part].label), rec->offset))->num =
			i + 1;
		arena_reset(&a);
	}
	r->at = place + 1;
	return 0;
}

/* --- one record ---------------------------------------------------------------------------- */

static size_t first_at(const struct raw_find *r, int64_t taken_us)
{
	size_t low = 0, high = r->places.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->places.at[middle].taken_us < taken_us)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct segment_record *look_up(const struct raw_find *r, str position, str raw)
{
	const struct map_item       *item = map_get(&r->records, position);
	const struct segment_record *rec = item != NULL ? &r->block.records.at[item->num - 1] : NULL;

	return rec != NULL && str_eq(rec->raw, raw) && rec->whole_len == raw.len ? rec : NULL;
}

int raw_find(struct raw_find *r, int64_t taken_us, str position, str raw, const struct segment_record **out, struct err *e)
{
	*out = NULL;
	TRY(learn(r, e));
	if (r->at > 0 && r->places.at[r->at - 1].taken_us == taken_us) /* neighbours tend to stand together */
		*out = look_up(r, position, raw);
	for (size_t i = first_at(r, taken_us); *out == NULL && i < r->places.count && r->places.at[i].taken_us == taken_us; i++) {
		TRY(load(r, i, e));
		*out = look_up(r, position, raw);
	}
	return 0;
}

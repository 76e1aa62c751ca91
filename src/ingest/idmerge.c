/* Invariants: the inputs in the heap have an id each, and no input's is before that of the one above it. */
#include "ingest/idmerge.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
	GROUP_RUNS = 4,             /* times conf->runs, in a group at most: each of them is an input, and an object to remove */
	SPAN_SHARE = 8,             /* of the window */
	READ_BYTES = 16 << 20,      /* of all inputs, in memory at once */
	READ_BYTES_MIN = 64 << 10,  /* of one, where there are very many */
};

/* --- which --------------------------------------------------------------------------------- */

/* A run that is to be the newest of a group, and what comes with the ones before it. */
struct look {
	const struct idrun_set    *set;
	const struct idmerge_conf *conf;
	uint32_t                   newest;
	bool                       is_old; /* it has left the window, and so have those before it */
	uint64_t                   ids, largest, bytes;
};

/* Do the ids of runs [run, newest] lie too far apart? They came after the run before them; where there is none, or
 * the clock has been set back since, nobody knows. */
static bool is_spread(const struct look *l, uint32_t run)
{
	const struct id_run *r = &l->set->runs.at[run];

	return run == 0 || r[-1].time_us > r->time_us ||
	       l->set->runs.at[l->newest].time_us - r[-1].time_us > l->conf->window_us / SPAN_SHARE;
}

/* May the group reach back to this run? The newest must be the last to leave the window still. */
static bool look_back(struct look *l, uint32_t run)
{
	const struct id_run *r = &l->set->runs.at[run];

	l->ids += r->count;
	l->largest = r->count > l->largest ? r->count : l->largest;
	l->bytes += r->bytes;
	return l->bytes <= l->conf->bytes && l->newest - run < l->conf->runs * GROUP_RUNS &&
	       r->time_us <= l->set->runs.at[l->newest].time_us && (l->is_old || !is_spread(l, run));
}

bool idmerge_choose(const struct idrun_set *s, const struct idmerge_conf *conf, int64_t now_us, uint32_t from,
                    uint32_t to, struct id_group *out)
{
	int64_t  floor_us = now_us - conf->window_us;
	uint32_t count = 0;

	assert(conf->runs > 1);
	for (uint32_t end = to; end > from && count == 0; end--) {
		struct look l = {s, conf, end - 1, s->runs.at[end - 1].time_us < floor_us, 0, 0, 0};

		for (uint32_t run = end; run > from && look_back(&l, run - 1); run--)
			if (end - run + 1 >= conf->runs && l.largest <= (l.ids + 1) / 2)
				count = end - run + 1;
		if (count > 0)
			*out = (struct id_group){end - count, count};
	}
	return count > 0;
}

/* --- as one -------------------------------------------------------------------------------- */

struct input {
	struct id_cursor cursor;
	struct id_piece  piece;
	uint64_t         index;  /* of the next id in the piece */
	struct id_item   item;
};

struct merge {
	struct idrun_set *set;
	struct input     *inputs;
	struct input    **heap;
	uint32_t          input_count, heap_count;
};

static void merge_done(struct merge *m)
{
	for (uint32_t i = 0; i < m->input_count; i++)
		id_cursor_done(&m->inputs[i].cursor);
	free(m->inputs);
	free(m->heap);
}
AUTO_DEFINE(merge, merge_done)

/* 1: in->item is its next id; 0: it has no more. */
static int input_next(struct input *in, struct err *e)
{
	const char *at;

	if (in->index == in->piece.count) {
		int got = id_cursor_next(&in->cursor, &in->piece, e);

		if (got <= 0)
			return got;
		in->index = 0;
		in->item.hour = in->cursor.set->places.at[in->piece.section].section.hour;
	}
	at = id_at(in->piece.blocks, in->index++);
	in->item.key = id_key(at);
	in->item.payload = id_payload(at);
	return 1;
}

/* The input at `place` may be too far up. */
static void heap_sink(struct merge *m, uint32_t place)
{
	struct input *in = m->heap[place];

	for (uint32_t child; (child = 2 * place + 1) < m->heap_count; place = child) {
		if (child + 1 < m->heap_count && id_item_order(&m->heap[child + 1]->item, &m->heap[child]->item) < 0)
			child++;
		if (id_item_order(&in->item, &m->heap[child]->item) <= 0)
			break;
		m->heap[place] = m->heap[child];
	}
	m->heap[place] = in;
}

static int merge_begin(struct merge *m, const struct id_group *g, struct err *e)
{
	uint64_t step = READ_BYTES / g->count;

	m->inputs = xcalloc(g->count, sizeof(*m->inputs));
	m->heap = xcalloc(g->count, sizeof(struct input *));
	for (uint32_t i = 0; i < g->count; i++) {
		struct input *in = &m->inputs[m->input_count++];
		int           got;

		id_cursor_init(&in->cursor, m->set, g->first + i, step < READ_BYTES_MIN ? READ_BYTES_MIN : step);
		got = input_next(in, e);
		if (got < 0)
			return got;
		if (got > 0)
			m->heap[m->heap_count++] = in;
	}
	for (uint32_t i = m->heap_count / 2; i-- > 0;)
		heap_sink(m, i);
	return 0;
}

/* An id stands once in all sections of an hour, for a repeat of it is found by its hour: where one comes again, or
 * out of order, the runs are not what was written. */
static int put_all(struct merge *m, struct id_writer *w, struct err *e)
{
	struct id_item last = {.hour = INT64_MIN};

	while (m->heap_count > 0) {
		struct input *in = m->heap[0];
		int           got;

		if (id_item_order(&last, &in->item) >= 0)
			return err_set(e, ERR_CORRUPT, "id %016" PRIx64 "%016" PRIx64 " of hour %" PRId64
			               " is there twice, or out of order", in->item.key.high, in->item.key.low, in->item.hour);
		last = in->item;
		id_writer_put(w, &last);
		got = input_next(in, e);
		if (got < 0)
			return got;
		if (got == 0)
			m->heap[0] = m->heap[--m->heap_count];
		if (m->heap_count > 0)
			heap_sink(m, 0);
	}
	return 0;
}

static int by_hour(const void *a, const void *b)
{
	const struct id_section *x = a, *y = b;

	return x->hour < y->hour ? -1 : x->hour > y->hour;
}

/* The sections of the group: one an hour, with all its ids. */
static struct id_section *sections_of(const struct idrun_set *s, const struct id_group *g, struct arena *a,
                                      uint32_t *out)
{
	const struct id_run *last = &s->runs.at[g->first + g->count - 1];
	uint32_t             from = s->runs.at[g->first].first_section;
	uint32_t             all = last->first_section + last->section_count - from, count = 0;
	struct id_section   *sections = ARENA_ARRAY(a, struct id_section, all);

	for (uint32_t i = 0; i < all; i++)
		sections[i] = s->places.at[from + i].section;
	if (all > 1)
		qsort(sections, all, sizeof(*sections), by_hour);
	for (uint32_t i = 0; i < all; i++) {
		if (count > 0 && sections[count - 1].hour == sections[i].hour)
			sections[count - 1].count += sections[i].count;
		else
			sections[count++] = sections[i];
	}
	*out = count;
	return sections;
}

int idmerge_write(struct idrun_set *s, const struct id_group *g, struct buf *out, struct err *e)
{
	AUTO(arena)        a = ARENA_INIT;
	AUTO(merge)        m = {.set = s};
	struct id_writer   w;
	uint32_t           count;
	struct id_section *sections = sections_of(s, g, &a, &count);
	uint64_t           size = idrun_lay(sections, count);

	if (buf_room(out, size) == NULL)
		return err_set(e, ERR_LIMIT, "a run of ids of %" PRIu64 " bytes is too large", size);
	id_writer_begin(&w, sections, count, out);
	TRY(merge_begin(&m, g, e));
	if (put_all(&m, &w, e) < 0)
		return err_add(e, "make " STR_FMT " and %u more runs of ids one", STR_ARG(s->runs.at[g->first].key),
		               g->count - 1);
	id_writer_end(&w);
	assert(out->len == size);
	return 0;
}

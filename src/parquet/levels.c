/* Invariant of a spread: an entry has ended exactly where its slot is
 * SLOT_ENDED, and then ended[i] < def; is_void goes without slots. */
#include "parquet/levels_int.h"

#include <assert.h>

#include "parquet/rle_int.h"

enum {
	SPARSE = 16,
	LEVELS_SLACK = 8, /* levels are looked through eight at a time */
};

void spread_room_done(struct spread_room *r)
{
	VEC_DONE(&r->slots);
	VEC_DONE(&r->ended);
	VEC_DONE(&r->reps);
	VEC_DONE(&r->rank);
}

struct spread spread_rows(const uint32_t *rows, uint32_t count, uint32_t slot_count)
{
	struct spread s = {.count = count, .slot_count = slot_count, .slots = rows, .first = rows[0]};
	uint32_t      i = 0;

	while (i < count && rows[i] == rows[0] + i)
		i++;
	if (i == count)
		s.slots = NULL;
	return s;
}

void spread_index(struct spread *s, uint32_t *room)
{
	assert(s->slots != NULL && s->ended == NULL);
	for (uint32_t i = 0; i < s->slot_count; i++)
		room[i] = SLOT_ENDED;
	for (uint32_t i = 0; i < s->count; i++)
		room[s->slots[i]] = i;
	s->entries = room;
}

static inline uint32_t slot_at(const struct spread *s, uint32_t i)
{
	return s->slots ? s->slots[i] : s->first + i;
}

/* Is every slot of the space set? Then a value's place is its slot. */
static bool is_full(const struct spread *up, const struct col *col)
{
	assert(col == NULL || col->slot_end <= up->slot_count);
	return col != NULL && col->value_count == up->slot_count;
}

/* --- places of values ------------------------------------------------------ */

static inline uint32_t bit_count(uint64_t w) /* the base instruction set has none; this is as fast in a loop */
{
	w -= (w >> 1) & 0x5555555555555555u;
	w = (w & 0x3333333333333333u) + ((w >> 2) & 0x3333333333333333u);
	w = (w + (w >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
	return (uint32_t)((w * 0x0101010101010101u) >> 56);
}

static const struct rank_word *rank_build(const struct col *col, uint32_t slot_count, struct spread_room *r)
{
	uint32_t words = slot_count / 64 + 1, used = (col->slot_end + 63) / 64;
	uint32_t before = 0;

	VEC_ROOM(&r->rank, words);
	for (uint32_t i = 0; i < words; i++) {
		uint64_t bits = i < used ? col->valid[i] : 0;

		r->rank.at[i] = (struct rank_word){bits, before};
		before += bit_count(bits);
	}
	assert(before == col->value_count);
	return r->rank.at;
}

static inline uint32_t rank_at(const struct rank_word *rank, uint32_t slot, uint32_t *is_set)
{
	const struct rank_word *word = &rank[slot >> 6];

	*is_set = (uint32_t)(word->bits >> (slot & 63)) & 1;
	return word->before + bit_count(word->bits & (((uint64_t)1 << (slot & 63)) - 1));
}

/* --- containers ------------------------------------------------------------ */

/* All entries end here, for nothing was ever set below. */
static struct spread spread_void(const struct spread *up, struct spread_room *r)
{
	struct spread out = *up;

	if (up->ended == NULL) {
		out.is_void = true;
		out.slots = NULL;
		return out;
	}
	VEC_ROOM(&r->slots, up->count);
	VEC_ROOM(&r->ended, up->count);
	for (uint32_t i = 0; i < up->count; i++) {
		r->ended.at[i] = up->slots[i] == SLOT_ENDED ? up->ended[i] : up->def;
		r->slots.at[i] = SLOT_ENDED;
	}
	out.slots = r->slots.at;
	out.ended = r->ended.at;
	return out;
}

static void assert_all_set(const struct spread *up, const struct col *col)
{
	for (uint32_t i = 0; i < up->count; i++) {
		uint32_t slot = slot_at(up, i);

		assert(slot == SLOT_ENDED || (col != NULL && col_is_set(col, slot)));
	}
}

struct spread spread_struct(const struct spread *up, const struct field *f, const struct col *col,
                            struct spread_room *r)
{
	struct spread out = *up;

	if (up->is_void)
		return out;
	if (f->required) {
		if (!is_full(up, col))
			assert_all_set(up, col);
		return out;
	}
	if (col == NULL) {
		out = spread_void(up, r);
		out.def = (uint8_t)(out.def + !out.is_void);
		return out;
	}
	out.def++;
	if (is_full(up, col))
		return out;
	VEC_ROOM(&r->slots, up->count);
	VEC_ROOM(&r->ended, up->count);
	for (uint32_t i = 0; i < up->count; i++) {
		uint32_t slot = slot_at(up, i);
		bool     has_ended = slot == SLOT_ENDED;

		r->ended.at[i] = has_ended && up->ended ? up->ended[i] : up->def;
		r->slots.at[i] = !has_ended && col_is_set(col, slot) ? slot : SLOT_ENDED;
	}
	out.slots = r->slots.at;
	out.ended = r->ended.at;
	return out;
}

/* The element slots of the list at a slot. */
struct span {
	bool     is_set;
	uint32_t from, to;
};

static inline struct span list_at(const struct col *col, const struct rank_word *rank, uint32_t slot)
{
	uint32_t is_set, place = rank_at(rank, slot, &is_set);

	if (!is_set)
		return (struct span){0};
	return (struct span){true, place ? col->ends[place - 1] : 0, col->ends[place]};
}

static uint32_t list_entries(const struct spread *up, const struct col *col, const struct rank_word *rank)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < up->count; i++) {
		uint32_t    slot = slot_at(up, i);
		struct span span = slot == SLOT_ENDED ? (struct span){0} : list_at(col, rank, slot);

		count += span.to > span.from ? span.to - span.from : 1;
	}
	assert(count < INT32_MAX);
	return (uint32_t)count;
}

static void list_fill(const struct spread *up, const struct field *f, const struct col *col,
                      const struct rank_word *rank, struct spread_room *r)
{
	uint8_t  empty = (uint8_t)(up->def + !f->required), inner = (uint8_t)(up->rep + 1);
	uint32_t n = 0;

	for (uint32_t i = 0; i < up->count; i++) {
		uint32_t    slot = slot_at(up, i);
		bool        has_ended = slot == SLOT_ENDED;
		struct span span = has_ended ? (struct span){0} : list_at(col, rank, slot);
		uint8_t     rep = up->reps ? up->reps[i] : 0;

		assert(span.is_set || has_ended || !f->required);
		if (span.from == span.to) {
			r->slots.at[n] = SLOT_ENDED;
			r->ended.at[n] = has_ended ? up->ended[i] : span.is_set ? empty : up->def;
			r->reps.at[n++] = rep;
			continue;
		}
		for (uint32_t element = span.from; element < span.to; element++) {
			r->slots.at[n] = element;
			r->ended.at[n] = 0;
			r->reps.at[n++] = rep;
			rep = inner;
		}
	}
}

struct spread spread_list(const struct spread *up, const struct field *f, const struct col *col,
                          struct spread_room *r)
{
	struct spread           out = *up;
	const struct rank_word *rank;

	out.rep++;
	if (up->is_void || col == NULL) {
		if (!up->is_void) {
			if (f->required)
				assert_all_set(up, col);
			out = spread_void(up, r);
			out.rep = (uint8_t)(up->rep + 1);
			out.def = (uint8_t)(up->def + (out.is_void ? 0 : !f->required + 1));
		}
		if (out.reps == NULL) { /* a list that is null is one entry, which starts its row */
			VEC_ROOM(&r->reps, up->count);
			memset(r->reps.at, 0, up->count);
			out.reps = r->reps.at;
		}
		out.slot_count = 0;
		return out;
	}
	rank = rank_build(col, up->slot_count, r);
	out.count = list_entries(up, col, rank);
	VEC_ROOM(&r->slots, out.count);
	VEC_ROOM(&r->ended, out.count);
	VEC_ROOM(&r->reps, out.count);
	list_fill(up, f, col, rank, r);
	out.slot_count = col->element_slots;
	out.def = (uint8_t)(up->def + !f->required + 1);
	out.slots = r->slots.at;
	out.ended = r->ended.at;
	out.reps = r->reps.at;
	return out;
}

/* --- leaves ---------------------------------------------------------------- */

/* Rows that follow one another: so do their values, whatever is null between them. */
static void leaf_of_run(const struct spread *up, const struct rank_word *rank, struct spread_room *r,
                        struct selection *out)
{
	uint32_t is_set, end = up->first + up->count;

	out->values.first = rank_at(rank, up->first, &is_set);
	out->values.count = rank_at(rank, end, &is_set) - out->values.first;
	if (out->values.count == up->count || out->values.count == 0)
		return;
	VEC_ROOM(&r->ended, up->count);
	for (uint32_t i = 0; i < up->count; i++) {
		uint32_t slot = up->first + i;

		r->ended.at[i] = (uint8_t)(up->def + (rank[slot >> 6].bits >> (slot & 63) & 1));
	}
	out->defs = r->ended.at;
}

/* The first level from `at` on that is `level`, or a place at or past the end. */
static inline uint32_t level_next(const uint8_t *levels, uint32_t at, uint32_t end, uint8_t level)
{
	const uint64_t each = 0x0101010101010101u;
	uint64_t       word, zeroes;

	for (; at < end; at += 8) {
		memcpy(&word, levels + at, 8);
		word ^= each * level;
		zeroes = (word - each) & ~word & each << 7; /* the lowest one is exact */
		if (zeroes != 0)
			return at + ((uint32_t)__builtin_ctzll(zeroes) >> 3);
	}
	return at;
}

static void leaf_of_slots(const struct spread *up, const struct rank_word *rank, uint8_t step,
                          struct spread_room *r, struct selection *out)
{
	uint32_t n = 0;

	VEC_ROOM(&r->slots, up->count);
	VEC_ROOM(&r->ended, up->count);
	for (uint32_t i = 0; i < up->count; i++) {
		uint32_t slot = up->slots[i], is_set = 0;

		if (slot == SLOT_ENDED) {
			r->ended.at[i] = up->ended[i];
			continue;
		}
		r->slots.at[n] = rank_at(rank, slot, &is_set);
		r->ended.at[i] = (uint8_t)(up->def + (is_set ? step : 0));
		assert(is_set || step > 0);
		n += is_set;
	}
	out->defs = r->ended.at;
	out->values = (struct picks){r->slots.at, 0, n};
}

/* Worth it where nearly all is null: a table may have thousands of columns of which a row fills a few dozen. */
static bool is_sparse(const struct spread *up, const struct col *col)
{
	return up->entries != NULL && up->ended == NULL && col->value_count <= up->count / SPARSE;
}

/* The same, from the values instead of the entries. */
static void leaf_of_few(const struct spread *up, const struct col *col, uint8_t step, struct spread_room *r,
                        struct selection *out)
{
	uint8_t  set = (uint8_t)(up->def + step);
	uint32_t place = 0, n = 0;

	assert(step > 0);
	VEC_ROOM(&r->slots, up->count + col->value_count);
	VEC_ROOM(&r->ended, up->count + LEVELS_SLACK);
	memset(r->ended.at, up->def, up->count + LEVELS_SLACK);
	for (uint32_t word = 0; word * 64 < col->slot_end; word++)
		for (uint64_t bits = col->valid[word]; bits != 0; bits &= bits - 1, place++) {
			uint32_t entry = up->entries[word * 64 + (uint32_t)__builtin_ctzll(bits)];

			if (entry == SLOT_ENDED)
				continue;
			r->ended.at[entry] = set;
			r->slots.at[col->value_count + entry] = place;
		}
	for (uint32_t i = level_next(r->ended.at, 0, up->count, set); i < up->count; i = level_next(r->ended.at, i + 1, up->count, set))
		r->slots.at[n++] = r->slots.at[col->value_count + i];
	out->defs = r->ended.at;
	out->values = (struct picks){r->slots.at, 0, n};
}

/* Every slot of the space is set, but some entries have ended above. */
static void leaf_of_ended(const struct spread *up, struct spread_room *r, struct selection *out)
{
	uint32_t n = 0;

	VEC_ROOM(&r->slots, up->count);
	VEC_ROOM(&r->ended, up->count);
	for (uint32_t i = 0; i < up->count; i++) {
		bool has_ended = up->slots[i] == SLOT_ENDED;

		r->ended.at[i] = has_ended ? up->ended[i] : out->max_def;
		r->slots.at[n] = up->slots[i];
		n += !has_ended;
	}
	out->defs = r->ended.at;
	out->values = (struct picks){r->slots.at, 0, n};
}

/* Nothing was ever set. */
static void leaf_of_nothing(const struct spread *up, bool required, struct spread_room *r,
                            struct selection *out)
{
	struct spread none = spread_void(up, r);

	if (required)
		assert_all_set(up, NULL);
	out->defs = none.is_void ? NULL : none.ended;
	out->def = none.def;
}

struct selection spread_leaf(const struct spread *up, const struct field *f, const struct col *col,
                             struct spread_room *r)
{
	struct selection out = {.count = up->count, .max_rep = up->rep, .reps = up->reps};
	uint8_t          step = !f->required;
	bool             is_none;

	assert(field_max_def(f) < UINT8_MAX);
	assert(up->rep == field_max_rep(f));
	out.max_def = (uint8_t)field_max_def(f);
	if (up->is_void) {
		out.def = up->def;
		return out;
	}
	assert(up->def + step == out.max_def);
	if (col == NULL) {
		leaf_of_nothing(up, f->required, r, &out);
		return out;
	}
	if (is_full(up, col) && up->ended == NULL)
		out.values = (struct picks){up->slots, up->first, up->count};
	else if (is_full(up, col))
		leaf_of_ended(up, r, &out);
	else if (up->slots == NULL)
		leaf_of_run(up, rank_build(col, up->slot_count, r), r, &out);
	else if (step > 0 && is_sparse(up, col))
		leaf_of_few(up, col, step, r, &out);
	else
		leaf_of_slots(up, rank_build(col, up->slot_count, r), step, r, &out);
	is_none = out.values.count == 0;
	out.def = is_none ? up->def : out.max_def;
	if (out.values.count == out.count || (is_none && up->ended == NULL))
		out.defs = NULL;
	assert(out.defs != NULL || is_none || out.values.count == out.count);
	assert(!f->required || up->ended != NULL || out.values.count == out.count);
	return out;
}

uint32_t levels_count(const uint8_t *levels, uint32_t count, uint8_t max)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < count; i++)
		n += levels[i] == max;
	return n;
}

void levels_write(const uint8_t *levels, uint8_t level, uint32_t count, uint8_t max, struct buf *out)
{
	unsigned width = rle_width(max);
	size_t   start = out->len;
	uint32_t size;

	if (max == 0)
		return;
	buf_u32le(out, 0);
	if (levels == NULL)
		rle_repeat(level, count, width, out);
	else
		rle_encode_bytes(levels, count, width, out);
	size = (uint32_t)(out->len - start - sizeof(size));
	if (!buf_over(out))
		memcpy(out->ptr + start, &size, sizeof(size));
}

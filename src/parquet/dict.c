/* Text has a dictionary already: its codes are renumbered by first appearance
 * among the values of the chunk. Numbers get one only where a sample of them
 * repeats. In both cases the final word is a count of bytes.
 *
 * The bytes of a file must not depend on the seed of the hash: codes follow
 * the order of values, never that of slots. */
#include "parquet/dict_int.h"

#include <assert.h>
#include <math.h>

#include "base/hash.h"
#include "parquet/plain_int.h"
#include "parquet/rle_int.h"

enum {
	ENTRIES_MAX = 1 << 16,   /* of numbers */
	SAMPLE = 2048,
	SAMPLE_SLOTS = 1 << 13,
	LARGE_BYTES = 1 << 20,   /* a dictionary over this must save three quarters, */
	BYTES_MAX = 16 << 20,    /* and none is over this: readers hold it whole */
};

void dict_room_done(struct dict_room *r)
{
	VEC_DONE(&r->codes);
	VEC_DONE(&r->entries);
	VEC_DONE(&r->seen);
	VEC_DONE(&r->slots);
	VEC_DONE(&r->words);
}

/* The dictionary, where its bytes and those of the codes are fewer than plain ones. */
static bool dict_judge(const struct dict_room *r, uint32_t values, uint32_t entries, uint64_t dict_bytes,
                       uint64_t plain_bytes, struct dict *out)
{
	unsigned width = rle_width(entries - 1);
	uint64_t total;

	width = width ? width : 1;
	total = dict_bytes + (uint64_t)values * width / 8;
	if (total >= plain_bytes || dict_bytes > BYTES_MAX)
		return false;
	if (dict_bytes > LARGE_BYTES && total * 4 > plain_bytes)
		return false;
	*out = (struct dict){r->codes.at, width, {r->entries.at, 0, entries}};
	return true;
}

static bool text_dict(const struct strings *s, struct picks values, struct dict_room *r, struct dict *out)
{
	uint64_t dict_bytes = 0, plain_bytes = 0;
	uint32_t entries = 0;

	VEC_ROOM(&r->codes, values.count);
	VEC_ROOM(&r->entries, s->entry_count);
	VEC_ROOM(&r->seen, s->entry_count);
	memset(r->seen.at, 0, s->entry_count * sizeof(*r->seen.at));
	for (uint32_t i = 0; i < values.count; i++) {
		uint32_t value = pick(values, i);
		uint32_t old = s->codes[value];
		uint64_t size = 4 + s->entry_ends[old] - (old ? s->entry_ends[old - 1] : 0);

		if (r->seen.at[old] == 0) {
			r->entries.at[entries++] = value;
			r->seen.at[old] = entries;
			dict_bytes += size;
		}
		r->codes.at[i] = r->seen.at[old] - 1;
		plain_bytes += size;
	}
	return dict_judge(r, values.count, entries, dict_bytes, plain_bytes, out);
}

static inline uint32_t *slot_of(struct dict_room *r, uint32_t mask, int64_t word, uint64_t seed)
{
	uint32_t i = (uint32_t)hash_mix((uint64_t)word, seed) & mask;

	while (r->slots.at[i] != 0 && r->words.at[r->slots.at[i] - 1] != word)
		i = (i + 1) & mask;
	return &r->slots.at[i];
}

static uint32_t slots_clear(struct dict_room *r, uint32_t count)
{
	VEC_ROOM(&r->slots, count);
	memset(r->slots.at, 0, count * sizeof(*r->slots.at));
	return count - 1;
}

static inline int64_t number_at(const struct col *col, uint32_t value) /* the bits, of a double too */
{
	int64_t word;

	memcpy(&word, (const char *)col->values + (size_t)value * sizeof(word), sizeof(word));
	return word;
}

/* Do numbers taken all over the chunk repeat? Where under a sixteenth of a sample does, the values are
 * worth no table of ENTRIES_MAX. */
static bool sample_repeats(const struct col *col, struct picks values, struct dict_room *r, uint64_t seed)
{
	uint32_t mask, distinct = 0;
	uint32_t step = values.count / SAMPLE;

	if (step < 2)
		return true; /* the table itself is as cheap */
	mask = slots_clear(r, SAMPLE_SLOTS);
	VEC_ROOM(&r->words, SAMPLE);
	for (uint32_t i = 0; i < SAMPLE; i++) {
		int64_t   word = number_at(col, pick(values, i * step));
		uint32_t *slot = slot_of(r, mask, word, seed);

		if (*slot == 0) {
			r->words.at[distinct++] = word;
			*slot = distinct;
		}
	}
	return distinct <= SAMPLE - SAMPLE / 16;
}

static bool number_dict(const struct col *col, struct picks values, struct dict_room *r, struct dict *out)
{
	uint64_t seed = hash_process_seed();
	unsigned size = plain_bits(col->type) / 8;
	uint32_t most = values.count / 2 < ENTRIES_MAX ? values.count / 2 : ENTRIES_MAX;
	uint32_t mask, entries = 0, slots = 16;

	if (!sample_repeats(col, values, r, seed))
		return false;
	while (slots < most * 2 + 2)
		slots *= 2;
	mask = slots_clear(r, slots);
	VEC_ROOM(&r->codes, values.count);
	VEC_ROOM(&r->entries, most + 1);
	VEC_ROOM(&r->words, most + 1);
	for (uint32_t i = 0; i < values.count; i++) {
		uint32_t  value = pick(values, i);
		int64_t   word = number_at(col, value);
		uint32_t *slot = slot_of(r, mask, word, seed);

		if (*slot == 0) {
			/* NaN: the bounds of a page are found from its entries, which could not count them. */
			if (entries == most || (col->type == TYPE_DOUBLE && isnan(col->doubles[value])))
				return false;
			r->words.at[entries] = word;
			r->entries.at[entries++] = value;
			*slot = entries;
		}
		r->codes.at[i] = *slot - 1;
	}
	return dict_judge(r, values.count, entries, (uint64_t)entries * size, (uint64_t)values.count * size,
	                  out);
}

bool dict_make(const struct col *col, struct picks values, struct dict_room *r, struct dict *out)
{
	if (values.count < 2 || col->type == TYPE_BOOL || col->type == TYPE_UUID)
		return false;
	if (!type_is_text(col->type))
		return number_dict(col, values, r, out);
	return !col->strings.is_plain && text_dict(&col->strings, values, r, out);
}

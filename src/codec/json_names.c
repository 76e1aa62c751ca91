/* Names that repeat within an object.
 *
 * Equal hashes say that two names may be one; the bytes decide. hash_key is blind to
 * more than case ('@' is like '`'), so anyone can make many names that share a hash
 * whatever the seed. Such a name goes on from a second place, by a hash that is blind
 * to nothing but case, so that these names do not queue up behind each other:
 *
 *   a name stands at the first free slot of the run from its hash, or, where that run
 *   meets another name of the same hash, of the run from its second hash.
 *
 * Slots are never freed and names never move but when all are placed anew, hence a
 * later search goes the same way and stops at the same slot.
 */
#include <assert.h>

#include "codec/json_int.h"

enum { FIRST_SLOTS = 4 * JSON_FEW_NAMES };

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static bool equal_but_case(str a, str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

static str name_text(const struct json_scanner *s, uint32_t word, struct buf *unescaped)
{
	return json_unescape(s->text, s->words[word], unescaped);
}

static enum json_fault_kind names_compare(const struct json_scanner *s, uint32_t one, uint32_t two)
{
	str a = name_text(s, one, &s->scratch->unescaped);
	str b = name_text(s, two, &s->scratch->other);

	if (str_eq(a, b))
		return JSON_DUPLICATE_KEY;
	return equal_but_case(a, b) ? JSON_NAME_CLASH : JSON_OK;
}

static uint64_t second_hash(const struct json_scanner *s, uint32_t word)
{
	str      name = name_text(s, word, &s->scratch->unescaped);
	uint64_t hash = s->seed;

	for (size_t i = 0; i < name.len; i++)
		hash = hash_mix(hash, lower(name.ptr[i]));
	return hash;
}

/* Give the name that is `index` in its object a slot, or say which one it repeats. */
static enum json_fault_kind slot_take(struct json_scanner *s, uint64_t hash, uint32_t word,
                                      uint32_t index)
{
	uint32_t               *slots = s->scratch->slots.at + s->top->first_slot;
	const struct json_name *names = s->scratch->names.at + s->top->first_name;
	uint64_t                mask = s->top->slot_count - 1, i;
	bool                    is_second_run = false;

	for (i = hash & mask; slots[i] != 0; i = (i + 1) & mask) {
		const struct json_name *other = &names[slots[i] - 1];
		enum json_fault_kind    kind;

		if (other->hash != hash)
			continue;
		kind = names_compare(s, other->word, word);
		if (kind != JSON_OK)
			return kind;
		if (!is_second_run)
			i = (second_hash(s, word) - 1) & mask;
		is_second_run = true;
	}
	slots[i] = index + 1;
	return JSON_OK;
}

static void slots_grow(struct json_scanner *s, uint32_t name_count)
{
	struct json_scratch *scratch = s->scratch;
	struct json_frame   *top = s->top;

	top->slot_count = top->slot_count ? top->slot_count * 2 : FIRST_SLOTS;
	scratch->slots.count = top->first_slot + top->slot_count;
	VEC_ROOM(&scratch->slots, scratch->slots.count);
	memset(scratch->slots.at + top->first_slot, 0, top->slot_count * sizeof(uint32_t));
	for (uint32_t i = 0; i < name_count; i++) {
		const struct json_name *name = &scratch->names.at[top->first_name + i];
		enum json_fault_kind    kind = slot_take(s, name->hash, name->word, i);

		assert(kind == JSON_OK);
	}
}

enum json_fault_kind json_name_check(struct json_scanner *s, uint64_t hash, uint32_t word)
{
	const struct json_name *names = s->scratch->names.at + s->top->first_name;
	uint32_t                count = (uint32_t)s->scratch->names.count - s->top->first_name;
	enum json_fault_kind    kind = JSON_OK;

	if (count >= JSON_FEW_NAMES) {
		if ((count + 1) * 2 > s->top->slot_count)
			slots_grow(s, count);
		return slot_take(s, hash, word, count);
	}
	for (uint32_t i = 0; i < count && kind == JSON_OK; i++)
		if (names[i].hash == hash)
			kind = names_compare(s, names[i].word, word);
	return kind;
}

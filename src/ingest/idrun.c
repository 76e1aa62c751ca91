#include "ingest/idrun.h"

#include <assert.h>

static const char magic[8] = "TARNIDS2";

static const uint64_t head_seed = UINT64_MAX; /* no block has that number */

int id_item_order(const void *a, const void *b)
{
	const struct id_item *x = a, *y = b;

	if (x->hour != y->hour)
		return x->hour < y->hour ? -1 : 1;
	return hash128_cmp(x->key, y->key);
}

static uint64_t head_size(uint32_t sections)
{
	return ID_HEAD_BYTES + (uint64_t)sections * ID_SECTION_BYTES + ID_CHECKSUM_BYTES;
}

uint64_t idrun_lay(struct id_section *sections, uint32_t count)
{
	uint64_t at = head_size(count), block = 0;

	for (uint32_t i = 0; i < count; i++) {
		sections[i].at = at;
		sections[i].first_block = block;
		block += id_blocks(sections[i].count);
		at = id_block_at(&sections[i], id_blocks(sections[i].count));
	}
	return at;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void seal(struct buf *out, size_t from, uint64_t seed)
{
	buf_u64le(out, hash_bytes(out->ptr + from, out->len - from, seed));
}

static void section_begin(struct id_writer *w)
{
	w->left = w->section < w->end ? w->section->count : 0;
	assert(w->section == w->end || w->left > 0);
}

void id_writer_begin(struct id_writer *w, const struct id_section *sections, uint32_t count, struct buf *out)
{
	size_t from = out->len;

	*w = (struct id_writer){.out = out, .section = sections, .end = sections + count};
	buf_bytes(out, magic, sizeof(magic));
	buf_u32le(out, count);
	buf_u32le(out, 0);
	for (uint32_t i = 0; i < count; i++) {
		assert(i == 0 || sections[i - 1].hour < sections[i].hour);
		buf_u64le(out, (uint64_t)sections[i].hour);
		buf_u64le(out, sections[i].count);
	}
	seal(out, from, head_seed);
	section_begin(w);
}

void id_writer_put(struct id_writer *w, const struct id_item *item)
{
	assert(w->left > 0 && item->hour == w->section->hour);
	assert(w->left == w->section->count || hash128_cmp(w->last, item->key) < 0);
	buf_u64le(w->out, item->key.high);
	buf_u64le(w->out, item->key.low);
	buf_u64le(w->out, item->payload);
	w->last = item->key;
	w->in_block++;
	w->left--;
	if (w->in_block < ID_BLOCK_IDS && w->left > 0)
		return;
	if (!buf_over(w->out))
		seal(w->out, w->out->len - w->in_block * ID_BYTES, w->block);
	w->block++;
	w->in_block = 0;
	if (w->left == 0) {
		w->section++;
		section_begin(w);
	}
}

void id_writer_end(struct id_writer *w)
{
	assert(w->section == w->end && w->in_block == 0);
}

static uint32_t section_count(const struct id_item *items, size_t count)
{
	uint32_t sections = 0;

	for (size_t i = 0; i < count; i++)
		sections += i == 0 || items[i].hour != items[i - 1].hour;
	return sections;
}

void idrun_write(const struct id_item *items, size_t count, struct buf *out)
{
	AUTO(arena)        a = ARENA_INIT;
	uint32_t           n = section_count(items, count);
	struct id_section *sections = ARENA_ARRAY(&a, struct id_section, n);
	struct id_writer   w;

	for (size_t i = 0, section = 0; i < count; i++) {
		section += i > 0 && items[i].hour != items[i - 1].hour;
		sections[section].hour = items[i].hour;
		sections[section].count++;
	}
	id_writer_begin(&w, sections, n, out);
	for (size_t i = 0; i < count; i++)
		id_writer_put(&w, &items[i]);
	id_writer_end(&w);
}

/* --- reading ---------------------------------------------------------------------------------- */

int idrun_head_size(str head, uint64_t run_bytes, uint64_t *out, struct err *e)
{
	uint32_t sections;

	if (head.len < ID_HEAD_BYTES || memcmp(head.ptr, magic, sizeof(magic)) != 0)
		return err_set(e, ERR_CORRUPT, "not a run of ids");
	memcpy(&sections, head.ptr + sizeof(magic), sizeof(sections));
	if (head_size(sections) > run_bytes)
		return err_set(e, ERR_CORRUPT, "a run of ids of %llu bytes claims %u sections",
		               (unsigned long long)run_bytes, sections);
	*out = head_size(sections);
	return 0;
}

/* Counts whose sum stays below what `run_bytes` has room for, so that no sum of places overflows. */
static int section_load(const char *at, const struct id_section *before, uint64_t room, struct id_section *out,
                        struct err *e)
{
	memcpy(&out->hour, at, sizeof(out->hour));
	memcpy(&out->count, at + 8, sizeof(out->count));
	if (out->count == 0 || out->count > room)
		return err_set(e, ERR_CORRUPT, "a run of ids has a section of %llu ids, and room for %llu",
		               (unsigned long long)out->count, (unsigned long long)room);
	if (before != NULL && before->hour >= out->hour)
		return err_set(e, ERR_CORRUPT, "the sections of a run of ids are not in order");
	return 0;
}

int idrun_sections(str head, uint64_t run_bytes, struct arena *a, struct id_section **out, uint32_t *count,
                   struct err *e)
{
	uint64_t           size, room = run_bytes / ID_BYTES;
	struct id_section *sections;
	uint32_t           n;

	TRY(idrun_head_size(head, run_bytes, &size, e));
	if (head.len < size)
		return err_set(e, ERR_CORRUPT, "the head of a run of ids is cut short");
	size -= ID_CHECKSUM_BYTES;
	if (hash_bytes(head.ptr, size, head_seed) != hash_load(head.ptr + size, ID_CHECKSUM_BYTES))
		return err_set(e, ERR_CORRUPT, "the head of a run of ids does not fit its checksum");
	n = (uint32_t)((size - ID_HEAD_BYTES) / ID_SECTION_BYTES);
	sections = ARENA_ARRAY(a, struct id_section, n);
	for (uint32_t i = 0; i < n; i++) {
		const char *at = head.ptr + ID_HEAD_BYTES + (size_t)i * ID_SECTION_BYTES;

		TRY(section_load(at, i > 0 ? &sections[i - 1] : NULL, room, &sections[i], e));
		room -= sections[i].count;
	}
	size = idrun_lay(sections, n);
	if (size != run_bytes)
		return err_set(e, ERR_CORRUPT, "a run of ids is %llu bytes, its sections say %llu",
		               (unsigned long long)run_bytes, (unsigned long long)size);
	*out = sections;
	*count = n;
	return 0;
}

bool idrun_proves(const struct id_section *s, uint64_t from, uint64_t to, str bytes)
{
	if (bytes.len != id_block_at(s, to) - id_block_at(s, from))
		return false;
	for (uint64_t block = from; block < to; block++) {
		const char *at = bytes.ptr + (id_block_at(s, block) - id_block_at(s, from));
		size_t      size = (size_t)(id_block_ids(s, block + 1) - id_block_ids(s, block)) * ID_BYTES;

		if (hash_bytes(at, size, s->first_block + block) != hash_load(at + size, ID_CHECKSUM_BYTES))
			return false;
	}
	return true;
}

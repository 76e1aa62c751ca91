#include "ingest/idrun.h"

#include <assert.h>

static const char magic[8] = "TARNIDS1";

int id_item_order(const void *a, const void *b)
{
	const struct id_item *x = a, *y = b;

	if (x->hour != y->hour)
		return x->hour < y->hour ? -1 : 1;
	return hash128_cmp(x->key, y->key);
}

static uint32_t section_count(const struct id_item *items, size_t count)
{
	uint32_t sections = 0;

	for (size_t i = 0; i < count; i++)
		sections += i == 0 || items[i].hour != items[i - 1].hour;
	return sections;
}

static void sections_write(const struct id_item *items, size_t count, struct buf *out)
{
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from; to < count && items[to].hour == items[from].hour; to++)
			assert(to == from || hash128_cmp(items[to - 1].key, items[to].key) < 0);
		buf_u64le(out, (uint64_t)items[from].hour);
		buf_u64le(out, to - from);
	}
}

void idrun_write(const struct id_item *items, size_t count, struct buf *out)
{
	buf_bytes(out, magic, sizeof(magic));
	buf_u32le(out, section_count(items, count));
	buf_u32le(out, 0);
	sections_write(items, count, out);
	for (size_t i = 0; i < count; i++) {
		buf_u64le(out, items[i].key.high);
		buf_u64le(out, items[i].key.low);
	}
	for (size_t i = 0; i < count; i++)
		buf_u64le(out, items[i].payload);
}

int idrun_head_size(str head, uint64_t run_bytes, uint64_t *out, struct err *e)
{
	uint32_t sections;
	uint64_t size;

	if (head.len < ID_HEAD_BYTES || memcmp(head.ptr, magic, sizeof(magic)) != 0)
		return err_set(e, ERR_CORRUPT, "not a run of ids");
	memcpy(&sections, head.ptr + sizeof(magic), sizeof(sections));
	size = ID_HEAD_BYTES + (uint64_t)sections * ID_SECTION_BYTES;
	if (size > run_bytes)
		return err_set(e, ERR_CORRUPT, "a run of ids of %llu bytes claims %u sections",
		               (unsigned long long)run_bytes, sections);
	*out = size;
	return 0;
}

int idrun_sections(str head, uint64_t run_bytes, struct arena *a, struct id_section **out, uint32_t *count,
                   struct err *e)
{
	uint64_t           size, total = 0;
	struct id_section *sections;
	uint32_t           n;

	TRY(idrun_head_size(head, run_bytes, &size, e));
	if (head.len < size)
		return err_set(e, ERR_CORRUPT, "the head of a run of ids is cut short");
	n = (uint32_t)((size - ID_HEAD_BYTES) / ID_SECTION_BYTES);
	sections = ARENA_ARRAY(a, struct id_section, n);
	for (uint32_t i = 0; i < n; i++) {
		const char *at = head.ptr + ID_HEAD_BYTES + (size_t)i * ID_SECTION_BYTES;

		memcpy(&sections[i].hour, at, 8);
		memcpy(&sections[i].count, at + 8, 8);
		if (sections[i].count > run_bytes)
			return err_set(e, ERR_CORRUPT, "a run of ids has a section larger than itself");
		sections[i].keys_at = size + total * ID_KEY_BYTES;
		total += sections[i].count;
	}
	if (size + total * (ID_KEY_BYTES + 8) != run_bytes)
		return err_set(e, ERR_CORRUPT, "a run of ids is %llu bytes, its sections say %llu",
		               (unsigned long long)run_bytes, (unsigned long long)(size + total * 24));
	for (uint64_t i = 0, before = 0; i < n; before += sections[i++].count)
		sections[i].payloads_at = size + total * ID_KEY_BYTES + before * 8;
	*out = sections;
	*count = n;
	return 0;
}

struct hash128 idrun_key(const char *at)
{
	return (struct hash128){.high = hash_load(at, 8), .low = hash_load(at + 8, 8)};
}

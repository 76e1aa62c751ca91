/* Runs of ids: what the head claims lies within the run; what is written is read. */
#include "ingest/idrun.h"
#include "tests/fuzz/fuzz.h"

static void check_sections(const struct id_section *sections, uint32_t count, uint64_t head, uint64_t run_bytes)
{
	uint64_t keys = head, total = 0;

	for (uint32_t i = 0; i < count; i++)
		total += sections[i].count;
	CHECK_INT(head + total * (ID_KEY_BYTES + 8), run_bytes);
	for (uint32_t i = 0, before = 0; i < count; i++) {
		CHECK_INT(sections[i].keys_at, keys);
		keys += sections[i].count * ID_KEY_BYTES;
		CHECK_INT(sections[i].payloads_at, head + total * ID_KEY_BYTES + (uint64_t)before * 8);
		before += (uint32_t)sections[i].count;
	}
}

static void check_run(str bytes, uint64_t run_bytes)
{
	AUTO(arena)        a = ARENA_INIT;
	struct id_section *sections;
	struct err         e = ERR_NONE;
	uint64_t           head;
	uint32_t           count;

	if (idrun_head_size(bytes, run_bytes, &head, &e) < 0)
		return;
	CHECK(head <= run_bytes);
	if (idrun_sections(bytes, run_bytes, &a, &sections, &count, &e) < 0)
		return;
	check_sections(sections, count, head, run_bytes);
	CHECK(a.used <= bytes.len * 4 + 64);
}

/* The input as items: 16 bytes of key, one of hour. */
static void check_written(str bytes)
{
	enum { ITEM = 17, MOST = 64 };
	AUTO(buf)      out = BUF(0);
	struct id_item items[MOST];
	size_t         count = 0;

	for (size_t at = 0; at + ITEM <= bytes.len && count < MOST; at += ITEM)
		items[count++] = (struct id_item){idrun_key(bytes.ptr + at), at, bytes.ptr[at + 16]};
	if (count > 1)
		qsort(items, count, sizeof(items[0]), id_item_order);
	for (size_t i = 1; i < count; i++)
		if (id_item_order(&items[i - 1], &items[i]) == 0)
			return; /* a key stands once in a section */
	idrun_write(items, count, &out);
	check_run(buf_str(&out), out.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(str_make(data, size), 0);
	str   bytes = str_make(copy, size);

	check_run(bytes, size);
	check_run(bytes, UINT64_C(1) << 40);
	if (size > 8)
		check_run(str_from(bytes, 8), hash_load(copy, 8));
	check_written(bytes);
	free(copy);
	return 0;
}

/* Runs of ids: what the head claims lies within the run; what is written is read, and proves itself. */
#include "ingest/idrun.h"
#include "tests/fuzz/fuzz.h"

static void check_sections(const struct id_section *sections, uint32_t count, uint64_t head, uint64_t run_bytes)
{
	uint64_t at = head, block = 0;

	for (uint32_t i = 0; i < count; i++) {
		CHECK_INT(sections[i].at, at);
		CHECK_INT(sections[i].first_block, block);
		CHECK(sections[i].count > 0 && sections[i].count <= run_bytes / ID_BYTES);
		CHECK(i == 0 || sections[i - 1].hour < sections[i].hour);
		block += id_blocks(sections[i].count);
		at += sections[i].count * ID_BYTES + id_blocks(sections[i].count) * ID_CHECKSUM_BYTES;
		CHECK_INT(id_block_at(&sections[i], id_blocks(sections[i].count)), at);
	}
	CHECK_INT(at, run_bytes);
}

/* Where it is taken for a run: is_whole, its blocks are there to be proven. */
static bool check_run(str bytes, uint64_t run_bytes, bool is_whole)
{
	AUTO(arena)        a = ARENA_INIT;
	struct id_section *sections;
	struct err         e = ERR_NONE;
	uint64_t           head;
	uint32_t           count;
	bool               proves = true;

	if (idrun_head_size(bytes, run_bytes, &head, &e) < 0)
		return false;
	CHECK(head <= run_bytes);
	if (idrun_sections(bytes, run_bytes, &a, &sections, &count, &e) < 0)
		return false;
	check_sections(sections, count, head, run_bytes);
	CHECK(a.used <= bytes.len * 4 + 64);
	for (uint32_t i = 0; i < count && is_whole; i++) {
		uint64_t blocks = id_blocks(sections[i].count);
		str      part = str_from(str_head(bytes, id_block_at(&sections[i], blocks)), sections[i].at);

		proves &= idrun_proves(&sections[i], 0, blocks, part);
	}
	return proves;
}

/* The same head with the checksum that it wants: what the sections claim is looked at then. */
static void check_sealed(char *copy, size_t size, uint64_t run_bytes)
{
	struct err e = ERR_NONE;
	uint64_t   head, checksum;

	if (idrun_head_size(str_make(copy, size), run_bytes, &head, &e) < 0 || head > size)
		return;
	checksum = hash_bytes(copy, head - ID_CHECKSUM_BYTES, UINT64_MAX);
	memcpy(copy + head - ID_CHECKSUM_BYTES, &checksum, sizeof(checksum));
	(void)check_run(str_make(copy, size), run_bytes, run_bytes == size);
}

/* The input as items: 16 bytes of key, one of hour. */
static void check_written(str bytes)
{
	enum { ITEM = 17, MOST = 400 };
	AUTO(buf)      out = BUF(0);
	struct id_item items[MOST];
	size_t         count = 0;

	for (size_t at = 0; at + ITEM <= bytes.len && count < MOST; at += ITEM)
		items[count++] = (struct id_item){id_key(bytes.ptr + at), at, bytes.ptr[at + 16]};
	if (count > 1)
		qsort(items, count, sizeof(items[0]), id_item_order);
	for (size_t i = 1; i < count; i++)
		if (id_item_order(&items[i - 1], &items[i]) == 0)
			return; /* a key stands once in a section */
	idrun_write(items, count, &out);
	CHECK(check_run(buf_str(&out), out.len, true));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(str_make(data, size), 0);
	str   bytes = str_make(copy, size);

	(void)check_run(bytes, size, true);
	(void)check_run(bytes, UINT64_C(1) << 40, false);
	if (size > 8)
		(void)check_run(str_from(bytes, 8), hash_load(copy, 8), false);
	check_written(bytes);
	check_sealed(copy, size, size);
	if (size > 8)
		check_sealed(copy + 8, size - 8, hash_load((const char *)data, 8));
	free(copy);
	return 0;
}

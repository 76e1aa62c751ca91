/* Parquet footers, which are Thrift: what is read fits the file, and memory follows from the input. */
#include "parquet/footer.h"
#include "tests/fuzz/fuzz.h"

static void check(str bytes, uint64_t file_size)
{
	AUTO(arena)           a = ARENA_INIT;
	struct parquet_footer f;
	struct err            e = ERR_NONE;
	int                   rc = parquet_footer_read(bytes, file_size, &a, &f, &e);

	CHECK(a.used < bytes.len * 100 + 1000);
	CHECK(rc == 0 || (rc == ERR_CORRUPT && e.text[0] != '\0'));
	if (rc < 0)
		return;
	CHECK(f.row_count >= 0);
	for (uint32_t g = 0; g < f.group_count; g++) {
		CHECK(f.groups[g].row_count >= 0 && f.groups[g].row_count <= f.row_count);
		for (uint32_t c = 0; c < f.groups[g].chunk_count; c++) {
			const struct parquet_chunk *chunk = &f.groups[g].chunks[c];

			CHECK(chunk->offset >= 0 && chunk->bytes >= 0);
			CHECK((uint64_t)chunk->offset + (uint64_t)chunk->bytes <= file_size);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char      *copy = fuzz_copy(str_make(data, size), 0);
	struct err e = ERR_NONE;
	uint32_t   footer;

	check(str_make(copy, size), size + 12);
	check(str_make(copy, size), 1 << 20);
	if (size >= 8 && parquet_footer_size((const uint8_t *)copy + size - 8, size, &footer, &e) == 0) {
		CHECK(footer <= size - 12);
		check(str_make(copy + size - 8 - footer, footer), size);
	}
	free(copy);
	return 0;
}

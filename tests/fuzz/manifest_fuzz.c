/* Iceberg manifests and manifest lists: what is read is in range, and a list that was read can be written into the
 * next one and read again. */
#include "iceberg/manifest.h"
#include "tests/fuzz/fuzz.h"

static void check_manifest(str bytes)
{
	const struct ice_manifest of = {.path = STR("/m.avro"), .length = (int64_t)bytes.len, .sequence_number = 7,
	                                .min_sequence_number = 7, .added_snapshot_id = 9};
	AUTO(arena)      a = ARENA_INIT;
	struct ice_file *files;
	struct err       e = ERR_NONE;
	size_t           count;

	if (ice_manifest_read(bytes, &of, &a, &files, &count, &e) < 0) {
		CHECK(e.text[0] != '\0');
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct ice_file *f = &files[i];

		CHECK(f->status <= ICE_DELETED && f->path.len > 0 && f->stats.rows >= 0 && f->stats.bytes >= 0);
		for (uint32_t k = 0; k < f->stats.leaf_count; k++)
			CHECK(f->stats.leaves[k].lower.ptr != NULL || f->stats.leaves[k].lower.len == 0);
	}
}

static void check_list(str bytes)
{
	AUTO(arena)          a = ARENA_INIT;
	AUTO(buf)            out = BUF(0);
	struct ice_manifest *manifests, *again;
	struct err           e = ERR_NONE;
	size_t               count, count_again;

	if (ice_list_read(bytes, &a, &manifests, &count, &e) < 0) {
		CHECK(e.text[0] != '\0');
		return;
	}
	CHECK_OK(ice_list_write(manifests, count, 5, 4, 3, &out, &e), &e);
	CHECK_OK(ice_list_read(buf_str(&out), &a, &again, &count_again, &e), &e);
	CHECK_INT(count_again, count);
	for (size_t i = 0; i < count; i++) {
		CHECK_STR(again[i].path, manifests[i].path);
		CHECK_INT(again[i].length, manifests[i].length);
		CHECK_INT(again[i].added_rows, manifests[i].added_rows);
		if (manifests[i].summaries.ptr != NULL) /* else they are made */
			CHECK_STR(again[i].summaries, manifests[i].summaries);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(str_make(data, size), 0);

	check_manifest(str_make(copy, size));
	check_list(str_make(copy, size));
	free(copy);
	return 0;
}

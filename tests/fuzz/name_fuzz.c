/* Names and paths: whatever the bytes, a table or column gets a safe name, and a pointer leads back to where it was
 * made from. */
#include "codec/name.h"
#include "codec/utf8.h"
#include "ingest/names.h"
#include "tests/fuzz/fuzz.h"

static bool is_safe(str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return name.len > 0 && (name.ptr[0] < '0' || name.ptr[0] > '9');
}

static void check_snake(str raw)
{
	AUTO(buf) once = BUF(0);
	AUTO(buf) twice = BUF(0);

	name_snake(raw, &once);
	CHECK(is_safe(buf_str(&once)));
	name_snake(buf_str(&once), &twice);
	CHECK_STR(buf_str(&twice), buf_str(&once));
}

static void check_event(str raw)
{
	AUTO(buf) table = BUF(0);

	if (name_fits_column(raw))
		CHECK(raw.len > 0 && raw.len <= 128 && utf8_check(raw) == raw.len && str_find(raw, '.', 0) == raw.len);
	if (!name_is_event(raw))
		return;
	CHECK(raw.len > 0 && raw.len <= 128 && memmem(raw.ptr, raw.len, "..", 2) == NULL);
	names_table(STR("{event_type}_{event_subtype}_{event_name}"), raw, &table);
	CHECK(is_safe(buf_str(&table)));
}

/* The input's parts between NUL bytes as names: joined into a pointer, they come back. */
static void check_pointer(str raw)
{
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf)   pointer = BUF(0);
	struct path path;
	struct err  e = ERR_NONE;
	str         parts[PATH_DEPTH];
	uint32_t    count = 0;

	for (size_t at = 0; at < raw.len && count < PATH_DEPTH; count++) {
		size_t end = str_find(raw, '\0', at);

		parts[count] = str_make(raw.ptr + at, end - at);
		if (parts[count].len == 0)
			return;
		pointer_add(&pointer, parts[count]);
		at = end + 1;
	}
	if (count == 0)
		return;
	CHECK_OK(path_parse(buf_str(&pointer), &a, &path, &e), &e);
	CHECK_INT(path.count, count);
	for (uint32_t i = 0; i < count; i++)
		CHECK_STR(path.names[i], parts[i]);
	CHECK_STR(path.pointer, buf_str(&pointer));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char       *copy = fuzz_copy(str_make(data, size), 0);
	str         raw = str_make(copy, size);
	AUTO(arena) a = ARENA_INIT;
	struct path path, again;
	struct err  e = ERR_NONE;

	check_snake(raw);
	check_event(raw);
	check_pointer(raw);
	if (path_parse(raw, &a, &path, &e) == 0) {
		CHECK(path.count > 0 && path.count <= PATH_DEPTH);
		CHECK_OK(path_parse(path.pointer, &a, &again, &e), &e);
		CHECK_STR(again.pointer, path.pointer);
	}
	free(copy);
	return 0;
}

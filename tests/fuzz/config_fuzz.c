/* The configuration: any text is refused in words with a place, or taken. */
#include "app/config.h"
#include "app/yaml.h"
#include "tests/fuzz/fuzz.h"

/* Expressions go to the C library as they are; a pile of nested repeats takes it minutes, which is for whoever wrote
 * the file to wait for. */
static bool is_costly(str text)
{
	size_t repeats = 0;

	for (size_t i = 0; i < text.len; i++)
		repeats += text.ptr[i] == '{' || text.ptr[i] == '*' || text.ptr[i] == '+';
	return memmem(text.ptr, text.len, "path", 4) != NULL && repeats > 8;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str         text = str_make(data, size);
	AUTO(arena) a = ARENA_INIT;
	AUTO(config) config = {0};
	struct yaml *y = NULL;
	struct err  e = ERR_NONE;

	if (yaml_parse("fuzz.yaml", text, &a, &y, &e) < 0)
		CHECK(y == NULL && e.text[0] != '\0');
	if (is_costly(text))
		return 0;
	e = ERR_NONE;
	if (config_load(fuzz_fs(text, size), FUZZ_FILE, &config, &e) < 0) {
		CHECK(e.text[0] != '\0');
		return 0;
	}
	CHECK(config.pipeline_count > 0 && config.lake != NULL && config.lake[0] == '/');
	for (size_t i = 0; i < config.pipeline_count; i++) {
		const struct pipeline *p = &config.pipelines[i];

		CHECK(p->name.len > 0 && p->table.len > 0 && p->name_count > 0 && p->time.path.count > 0);
		CHECK(p->id.path_count > 0 || p->id.kind == ID_RECORD);
		CHECK(p->source.record_limit <= 128 << 20 && p->limits.json.depth >= 1 && p->limits.json.depth <= 64);
		pipeline_seed(&config.pipelines[i], 7);
	}
	return 0;
}

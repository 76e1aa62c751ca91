#include "tests/unit/simulate/stream.h"

#include "os/clock.h"
#include "os/fs.h"
#include "tests/lib/test.h"

void stream_make(struct stream *s, struct simulate_conf conf, const char *folder, const char *name)
{
	struct err e = ERR_NONE;

	*s = (struct stream){0};
	s->folder = arena_cstr(&s->memory, arena_format(&s->memory, "%s/%s", folder, name));
	conf.out = s->folder;
	CHECK_OK(simulate(fs_real(), clock_real(), &conf, NULL, NULL, &e), &e);
	s->ledger = json_loadb(stream_file(s, "ledger.json").ptr, stream_file(s, "ledger.json").len,
	                       JSON_REJECT_DUPLICATES, NULL);
	CHECK(s->ledger != NULL);
}

void stream_done(struct stream *s)
{
	json_decref(s->ledger);
	arena_done(&s->memory);
}

str stream_file(struct stream *s, const char *name)
{
	struct err e = ERR_NONE;
	str        name_of = arena_format(&s->memory, "%s/%s", s->folder, name), out = {0};
	const char *path = arena_cstr(&s->memory, name_of);

	CHECK_OK(fs_read_all(fs_real(), path, 1u << 30, &s->memory, &out, &e), &e);
	return out;
}

uint64_t stream_count(const struct stream *s, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(s->ledger, key));
}

long long stream_rows(const struct stream *s, const char *table)
{
	const json_t *of_table = json_object_get(json_object_get(s->ledger, "tables"), table);

	return json_integer_value(json_object_get(of_table, "rows"));
}

size_t stream_file_count(const struct stream *s)
{
	return json_array_size(json_object_get(s->ledger, "files"));
}

const char *stream_file_name(const struct stream *s, size_t index)
{
	return json_string_value(json_array_get(json_object_get(s->ledger, "files"), index));
}

void stream_each(struct stream *s, stream_line *each, void *context)
{
	for (size_t i = 0; i < stream_file_count(s); i++) {
		const char *name = stream_file_name(s, i);
		str         rest = stream_file(s, name);

		CHECK(rest.len > 0 && rest.ptr[rest.len - 1] == '\n');
		for (size_t number = 0; rest.len > 0; number++) {
			size_t end = str_find(rest, '\n', 0);

			each(context, name, number, str_head(rest, end));
			rest = str_from(rest, end + 1);
		}
	}
}

json_t *stream_parse(str line, const char **out_fault)
{
	json_t *record = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);

	if (record == NULL) {
		*out_fault = "json";
		return NULL;
	}
	if (json_is_object(record))
		return record;
	json_decref(record);
	*out_fault = "envelope.not_object";
	return NULL;
}

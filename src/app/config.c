#include "app/config.h"

#include <stdlib.h>

#include "app/config_int.h"
#include "base/hash.h"
#include "os/fs.h"

enum { FILE_CEILING = 4 << 20 };

static const char *const pipeline_keys[] = {"preset", "source", "raw", "envelope", "dedupe", "table",
                                            "partition", "limits", "keys", "undeclared", NULL};

/* --- one pipeline -------------------------------------------------------------------------- */

static str absolute(struct config *c, str path)
{
	if (str_eq(path, STR("-")) || str_starts(path, STR("/")))
		return path;
	return arena_format(&c->arena, STR_FMT STR_FMT, STR_ARG(c->folder), STR_ARG(path));
}

/* The same for a pattern: what the folder's own name holds is no wildcard. */
str config_absolute_pattern(struct config *c, str pattern)
{
	AUTO(buf) escaped = BUF(1 << 16);

	if (str_eq(pattern, STR("-")) || str_starts(pattern, STR("/")) || !fs_is_glob(pattern))
		return absolute(c, pattern);
	for (size_t i = 0; i < c->folder.len; i++) {
		char b = c->folder.ptr[i];

		if (b == '[' || b == '*' || b == '?')
			buf_print(&escaped, "[%c]", b);
		else
			buf_byte(&escaped, b);
	}
	buf_add(&escaped, pattern);
	return arena_str(&c->arena, buf_str(&escaped));
}

static int read_files(struct config *c, const struct yaml *y, struct source_conf *out, struct err *e)
{
	size_t count = y->kind == YAML_LIST ? y->count : 1;
	str   *globs = ARENA_ARRAY(&c->arena, str, count);

	for (size_t i = 0; i < count; i++) {
		TRY(yaml_text(y->kind == YAML_LIST ? y->items[i] : y, "files", &globs[i], e));
		globs[i] = config_absolute_pattern(c, globs[i]);
	}
	out->globs = globs;
	out->glob_count = count;
	return 0;
}

static int read_source(struct config *c, const struct yaml *y, struct source_conf *out, struct err *e)
{
	static const char *const keys[] = {"files", "format", "records", NULL};
	static const char *const formats[] = {"auto", "json", "csv", "fluentd", NULL};
	int                      format = (int)out->format;

	if (y == NULL)
		return 0;
	TRY(yaml_check_keys(y, "source", keys, e));
	if (yaml_get(y, "files") != NULL)
		TRY(read_files(c, yaml_get(y, "files"), out, e));
	TRY(yaml_choice(yaml_get(y, "format"), "format", formats, &format, e));
	out->format = (enum source_format)format;
	TRY(yaml_text(yaml_get(y, "records"), "records", &out->records, e));
	if (out->records.len > 0 && out->records.ptr[0] != '/')
		return yaml_error(yaml_get(y, "records"), e, "records must be a JSON Pointer, such as /Records");
	return 0;
}

static int read_dedupe(struct config *c, const struct yaml *y, struct pipeline *p, struct err *e)
{
	static const char *const keys[] = {"window", "ignore", "on_conflict", NULL};
	static const char *const choices[] = {"quarantine", "keep_first", NULL};
	int                      choice = (int)p->on_conflict;

	if (y == NULL)
		return 0;
	if (y->kind == YAML_TEXT && (str_eq(y->text, STR("off")) || str_eq(y->text, STR("false")))) {
		p->window_us = 0;
		return 0;
	}
	TRY(yaml_check_keys(y, "dedupe", keys, e));
	TRY(yaml_duration(yaml_get(y, "window"), "window", &p->window_us, e));
	TRY(config_paths(yaml_get(y, "ignore"), "ignore", &c->arena, p->ignore, IGNORE_MAX, &p->ignore_count, e));
	TRY(yaml_choice(yaml_get(y, "on_conflict"), "on_conflict", choices, &choice, e));
	p->on_conflict = (enum on_conflict)choice;
	return 0;
}

static int read_table(const struct yaml *y, struct pipeline *p, struct err *e)
{
	if (y == NULL)
		return 0;
	TRY(yaml_text(y, "table", &p->table, e));
	for (size_t i = 0; i < p->table.len; i++) {
		size_t close = str_find(p->table, '}', i);
		str    word = str_make(p->table.ptr + i, close < p->table.len ? close + 1 - i : 0);
		char   b = p->table.ptr[i];

		if (str_eq(word, STR("{event_name}")) || str_eq(word, STR("{event_type}")) || str_eq(word, STR("{event_subtype}")))
			i = close;
		else if (!((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '_'))
			return yaml_error(y, e, "table may hold a-z, 0-9, _ and {event_name}, {event_type}, {event_subtype}");
	}
	return p->table.len > 0 ? 0 : yaml_error(y, e, "table is empty");
}

static int read_limits(const struct yaml *y, struct pipeline *p, struct err *e)
{
	static const char *const keys[] = {"record", "depth", "keys", "elements", "columns", "members", "names", "ahead", "floor", NULL};
	struct limits           *l = &p->limits;
	int64_t                  depth = l->json.depth, members = l->members, columns = l->columns, names = l->names;
	int64_t                  member_keys = l->json.keys, elements = l->json.elements;
	str                      floor = STR("");

	if (y == NULL)
		return 0;
	TRY(yaml_check_keys(y, "limits", keys, e));
	TRY(yaml_bytes(yaml_get(y, "record"), "record", &p->source.record_limit, e));
	TRY(yaml_whole(yaml_get(y, "depth"), "depth", &depth, e));
	TRY(yaml_whole(yaml_get(y, "keys"), "keys", &member_keys, e));
	TRY(yaml_whole(yaml_get(y, "elements"), "elements", &elements, e));
	TRY(yaml_whole(yaml_get(y, "columns"), "columns", &columns, e));
	TRY(yaml_whole(yaml_get(y, "members"), "members", &members, e));
	TRY(yaml_whole(yaml_get(y, "names"), "names", &names, e));
	TRY(yaml_duration(yaml_get(y, "ahead"), "ahead", &l->time_ahead_us, e));
	TRY(yaml_text(yaml_get(y, "floor"), "floor", &floor, e));
	if (floor.len > 0 && time_parse(floor, true, 0, &l->time_floor_us, NULL, NULL) != TIME_OK)
		return yaml_error(yaml_get(y, "floor"), e, "floor must be a time, such as 2000-01-01");
	if (p->source.record_limit > (UINT32_C(1) << 27) || depth < 1 || depth > 64)
		return yaml_error(y, e, "record may be up to 128MiB, and depth from 1 to 64");
	l->json.depth = (uint32_t)depth;
	l->json.keys = (uint32_t)member_keys;
	l->json.elements = (uint32_t)elements;
	l->columns = (uint32_t)columns;
	l->members = (uint32_t)members;
	l->names = (uint32_t)names;
	return 0;
}

static int read_keys(struct config *c, const struct yaml *y, struct pipeline *p, struct err *e)
{
	if (y == NULL)
		return 0;
	if (y->kind != YAML_LIST || y->count > KEYS_MAX)
		return yaml_error(y, e, "keys must be a list of at most %d column names that get a bloom filter", KEYS_MAX);
	p->key_count = 0;
	for (size_t i = 0; i < y->count; i++) {
		TRY(yaml_text(y->items[i], "keys", &p->keys[p->key_count], e));
		p->keys[p->key_count] = arena_str(&c->arena, p->keys[p->key_count]);
		p->key_count++;
	}
	return 0;
}

static int read_body(struct config *c, const struct yaml *y, struct pipeline *p, struct err *e)
{
	static const char *const undeclared[] = {"infer", "quarantine", NULL};
	int                      is_declared_only = p->is_declared_only;

	TRY(yaml_check_keys(y, "a pipeline", pipeline_keys, e));
	TRY(read_source(c, yaml_get(y, "source"), &p->source, e));
	TRY(config_raw(yaml_get(y, "raw"), p, e));
	TRY(config_envelope(yaml_get(y, "envelope"), &c->arena, p, e));
	TRY(read_dedupe(c, yaml_get(y, "dedupe"), p, e));
	TRY(read_table(yaml_get(y, "table"), p, e));
	TRY(config_partition(yaml_get(y, "partition"), &p->partition, e));
	TRY(read_keys(c, yaml_get(y, "keys"), p, e));
	TRY(yaml_choice(yaml_get(y, "undeclared"), "undeclared", undeclared, &is_declared_only, e));
	p->is_declared_only = is_declared_only;
	return read_limits(yaml_get(y, "limits"), p, e);
}

static int read_preset(struct config *c, const struct yaml *y, struct pipeline *p, struct err *e)
{
	struct yaml *preset;
	int          index = 0;

	if (y == NULL)
		return 0;
	TRY(yaml_choice(y, "preset", preset_names, &index, e));
	TRY(yaml_parse(preset_names[index], str_of(preset_text(str_of(preset_names[index]))), &c->arena, &preset, e));
	return read_body(c, preset, p, e);
}

static int read_pipeline(struct config *c, str name, const struct yaml *y, struct pipeline *p, struct err *e)
{
	*p = (struct pipeline){
		.name = name,
		.window_us = INT64_C(7) * 86400 * 1000000,
		.table = STR("{event_name}"),
		.partition = ICE_HOUR,
		.limits = LIMITS,
		.contracts = c->contracts,
	};
	if (y->kind != YAML_MAP)
		return yaml_error(y, e, "pipeline " STR_FMT " must be a mapping", STR_ARG(name));
	TRY(read_preset(c, yaml_get(y, "preset"), p, e));
	TRY(read_body(c, y, p, e));
	if (p->id.kind == ID_PATH && p->id.path_count == 0)
		return yaml_error(y, e, "pipeline " STR_FMT " has no envelope.id: name a field, or {hash: record}", STR_ARG(name));
	if (p->name_count == 0)
		return yaml_error(y, e, "pipeline " STR_FMT " has no envelope.name: name a field, or {const: my_event}",
		                  STR_ARG(name));
	if (p->time.path.count == 0)
		return yaml_error(y, e, "pipeline " STR_FMT " has no envelope.time: name the field of the event's time",
		                  STR_ARG(name));
	return config_contracts_fit(c->contracts, p, e);
}

/* --- the file ------------------------------------------------------------------------------ */

static bool is_pipeline_name(str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char b = s.ptr[i];

		if (!((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_' || b == '-'))
			return false;
	}
	return s.len > 0 && s.len <= 64;
}

static int read_pipelines(struct config *c, const struct yaml *y, struct err *e)
{
	c->pipelines = ARENA_ARRAY(&c->arena, struct pipeline, y->count);
	for (size_t i = 0; i < y->count; i++) {
		if (!is_pipeline_name(y->keys[i]))
			return yaml_error(y->key_nodes[i], e, "a pipeline's name is made of letters, digits, _ and -");
		c->pipeline_count++;
		TRY(read_pipeline(c, y->keys[i], y->items[i], &c->pipelines[i], e));
	}
	return 0;
}

static int read_file(struct config *c, struct fs *fs, const struct yaml *y, struct err *e)
{
	static const char *const keys[] = {"version", "lake", "pipelines", "memory", "commit", "tables", "contracts", NULL};
	static const char *const commit_keys[] = {"every", NULL};
	int64_t                  version = 0;
	str                      lake = STR("");
	struct yaml             *commit = yaml_get(y, "commit"), *pipelines = yaml_get(y, "pipelines");

	TRY(yaml_check_keys(y, "the configuration", keys, e));
	TRY(yaml_whole(yaml_get(y, "version"), "version", &version, e));
	if (version != 1)
		return yaml_error(yaml_get(y, "version") ? yaml_get(y, "version") : y, e, "\"version: 1\" must be given");
	TRY(yaml_text(yaml_get(y, "lake"), "lake", &lake, e));
	if (lake.len == 0)
		return yaml_error(y, e, "\"lake\" must be given: the folder of the lake, such as ./lake");
	c->lake = arena_cstr(&c->arena, absolute(c, lake));
	TRY(yaml_bytes(yaml_get(y, "memory"), "memory", &c->memory_bytes, e));
	if (commit != NULL) {
		TRY(yaml_check_keys(commit, "commit", commit_keys, e));
		TRY(yaml_duration(yaml_get(commit, "every"), "every", &c->commit_us, e));
	}
	TRY(config_tables(yaml_get(y, "tables"), &c->arena, &c->tables, e));
	if (pipelines == NULL || pipelines->kind != YAML_MAP || pipelines->count == 0)
		return yaml_error(pipelines ? pipelines : y, e, "\"pipelines\" must name at least one pipeline");
	TRY(config_contracts(c, fs, yaml_get(y, "contracts"), e));
	return read_pipelines(c, pipelines, e);
}

static int load(struct fs *fs, const char *file, struct config *c, struct err *e)
{
	struct yaml *y;
	str          text, path;
	size_t       slash;

	c->file = arena_cstr(&c->arena, str_of(file));
	if (fs_read_all(fs, file, FILE_CEILING, &c->arena, &text, e) < 0)
		return err_add(e, "no configuration (make one with `tarn init`, or name one with --config)");
	TRY(fs_real_path(file, &c->arena, &path, e));
	for (slash = path.len; slash > 0 && path.ptr[slash - 1] != '/'; slash--)
		;
	c->folder = str_head(path, slash);
	TRY(yaml_parse(c->file, text, &c->arena, &y, e));
	TRY(read_file(c, fs, y, e));
	c->fingerprint = hash_mix(hash_bytes(text.ptr, text.len, 0), c->contracts->fingerprint);
	return 0;
}

int config_load(struct fs *fs, const char *file, struct config *out, struct err *e)
{
	*out = (struct config){.tables = TABLE_RULES, .contracts = xcalloc(1, sizeof(struct contracts))};
	if (load(fs, file, out, e) < 0) {
		config_done(out);
		return e->class;
	}
	return 0;
}

void config_done(struct config *c)
{
	for (size_t i = 0; i < c->pipeline_count; i++)
		config_names_done(&c->pipelines[i]);
	if (c->contracts != NULL)
		contracts_done(c->contracts);
	free(c->contracts);
	arena_done(&c->arena);
	*c = (struct config){0};
}

static struct pipeline *pipeline_find(struct config *c, str name)
{
	for (size_t i = 0; i < c->pipeline_count; i++)
		if (str_eq(c->pipelines[i].name, name))
			return &c->pipelines[i];
	return name.len == 0 && c->pipeline_count == 1 ? &c->pipelines[0] : NULL;
}

int config_take_files(struct config *c, str pipeline, char *const *files, size_t count, struct err *e)
{
	struct pipeline *p = pipeline_find(c, pipeline);
	str             *globs = ARENA_ARRAY(&c->arena, str, count);
	struct pipeline  one;

	if (p == NULL && pipeline.len > 0)
		return err_set(e, ERR_INPUT, "%s has no pipeline \"" STR_FMT "\"", c->file, STR_ARG(pipeline));
	if (p == NULL)
		return err_set(e, ERR_INPUT, "%s has %zu pipelines: say with --pipeline NAME which one takes these files",
		               c->file, c->pipeline_count);
	for (size_t i = 0; i < count; i++) /* relative to where the command was typed */
		globs[i] = str_of(arena_cstr(&c->arena, str_of(files[i])));
	p->source.globs = globs;
	p->source.glob_count = count;
	one = c->pipelines[0];
	c->pipelines[0] = *p;
	*p = one;
	c->pipeline_count = 1;
	return 0;
}

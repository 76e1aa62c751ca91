#include "tests/unit/ingest/pipe.h"

void pipe_init(struct pipe *p)
{
	*p = (struct pipe){0};
	p->conf = (struct pipeline){
		.name = STR("test"),
		.id = {.kind = ID_PATH, .path_count = 1, .paths = {pipe_path(p, "id")}},
		.names = {{.kind = NAME_CONST, .texts = {STR("thing")}}},
		.name_count = 1,
		.time = {.path = pipe_path(p, "at"), .has_unit = true, .unit = TIME_MS},
		.window_us = INT64_C(7) * 86400 * 1000000,
		.table = STR("{event_name}"),
		.partition = ICE_DAY,
		.limits = LIMITS,
	};
}

void pipe_done(struct pipe *p)
{
	if (p->is_ready)
		envelope_done(&p->envelope);
	run_done(&p->run);
	arena_done(&p->arena);
}

struct path pipe_path(struct pipe *p, const char *text)
{
	struct path path = {0};
	struct err  e = ERR_NONE;

	CHECK_OK(path_parse(str_of(text), &p->arena, &path, &e), &e);
	return path;
}

/* The run that a source would have made of one record. */
static void run_of(struct run *r, str text)
{
	run_clear(r);
	buf_add(&r->bytes, text);
	buf_fill(&r->bytes, '\0', JSON_PADDING);
	*VEC_ADD(&r->records) = (struct record){
		.offset = 1000,
		.text_len = (uint32_t)text.len,
		.raw_len = (uint32_t)text.len,
		.whole_len = text.len,
	};
}

const struct event *pipe_open_bytes(struct pipe *p, str text, str part_name)
{
	if (!p->is_ready) {
		pipeline_seed(&p->conf, PIPE_SECRET);
		envelope_init(&p->envelope, &p->conf, PIPE_SECRET, 0);
		p->is_ready = true;
	}
	envelope_clear(&p->envelope, PIPE_NOW);
	run_of(&p->run, text);
	envelope_open(&p->envelope, &p->run, &p->run.records.at[0], part_name, &p->event);
	p->event.words = p->envelope.tape.words + p->event.tape_at;
	return &p->event;
}

const struct event *pipe_open(struct pipe *p, const char *text)
{
	return pipe_open_bytes(p, str_of(text), STR(""));
}

const uint64_t *pipe_scan(struct pipe *p, const char *json, const char **text)
{
	struct json_limits limits = JSON_LIMITS;
	struct json_fault  fault;

	p->is_ready = true;
	p->envelope.tape.count = 0;
	run_of(&p->run, str_of(json));
	if (!json_scan(p->run.bytes.ptr, strlen(json), PIPE_SECRET, &limits, &p->envelope.tape, &fault))
		test_fail(__FILE__, __LINE__, "%s does not parse: %s", json, json_fault_code(fault.kind));
	*text = p->run.bytes.ptr;
	return p->envelope.tape.words;
}

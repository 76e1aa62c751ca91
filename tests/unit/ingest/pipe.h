/* pipe.h - a pipeline, and records of it at work, without a lake.
 *
 *     struct pipe p;
 *     pipe_init(&p);                     id at /id, name "thing", time at /at in ms; p.conf may then be changed
 *     ev = pipe_open(&p, "{...}");       one record through the envelope; it lives until the next call
 *     pipe_done(&p);
 *
 * The clock of the envelope stands at 2025-01-01.
 */
#ifndef TESTS_PIPE_H
#define TESTS_PIPE_H

#include "ingest/envelope.h"
#include "tests/lib/test.h"

#define PIPE_SECRET UINT64_C(0x5EC7E7)
#define PIPE_NOW    INT64_C(1735689600000000)

struct pipe {
	struct pipeline conf;
	struct envelope envelope;
	struct run      run;
	struct event    event;
	struct arena    arena;
	bool            is_ready;
};

void pipe_init(struct pipe *p);
void pipe_done(struct pipe *p);

struct path pipe_path(struct pipe *p, const char *text);

/* The record's text may hold NUL bytes. event.words is set where it parsed. */
const struct event *pipe_open_bytes(struct pipe *p, str text, str part_name);
const struct event *pipe_open(struct pipe *p, const char *text);

AUTO_DEFINE(pipe, pipe_done)

/* A tape of one document, for what needs no pipeline. Text and words are good until the next call. */
const uint64_t *pipe_scan(struct pipe *p, const char *json, const char **text);

#endif

/* stream.h - make a stream in a folder of the test's own, and walk over its records as a stranger would. */
#ifndef TESTS_UNIT_SIMULATE_STREAM_H
#define TESTS_UNIT_SIMULATE_STREAM_H

#include <jansson.h>

#include "base/arena.h"
#include "simulate/simulate.h"

struct stream {
	const char  *folder; /* owned by the arena */
	json_t      *ledger;
	struct arena memory;
};

/* Into `folder`/`name`; the test fails where it does not succeed. conf->out is set here. */
void stream_make(struct stream *s, struct simulate_conf conf, const char *folder, const char *name);
void stream_done(struct stream *s);

str       stream_file(struct stream *s, const char *name); /* whole; owned by the arena */
uint64_t  stream_count(const struct stream *s, const char *key);
long long stream_rows(const struct stream *s, const char *table);
size_t    stream_file_count(const struct stream *s);
const char *stream_file_name(const struct stream *s, size_t index);

/* `number` counts from 0 in its file. */
typedef void stream_line(void *context, const char *file, size_t number, str line);
void stream_each(struct stream *s, stream_line *each, void *context);

/* The record as an object, or NULL with the reason a strict reader would give: "json" for all faults of the
 * text. */
json_t *stream_parse(str line, const char **out_fault);

AUTO_DEFINE(stream, stream_done)

#endif

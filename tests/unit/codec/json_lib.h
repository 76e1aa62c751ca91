/* json_lib.h - what the tests of the scanner share. */
#ifndef TESTS_JSON_LIB_H
#define TESTS_JSON_LIB_H

#include "codec/json.h"

enum { SEED = 42 };

struct scanned {
	bool              is_taken;
	struct json_fault fault;
};

/* In a heap block of just its size and padding, so that a read past it is seen. */
struct scanned scan_padded(str text, str pad, const struct json_limits *limits, struct json_tape *t);

/* What lies behind the text must not matter: each pad goes on with some text or other. */
struct scanned scan_every_pad(str text, const struct json_limits *limits, struct json_tape *t);

/* A document walked whole and written in one form; false where the tape is not well formed. */
bool tape_render(const char *document, const uint64_t *words, size_t count, struct buf *out);

/* The same form by another parser; false where that one refuses the text. */
bool peer_render(str text, struct buf *out);

#endif

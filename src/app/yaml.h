/* yaml.h - a configuration file as a tree whose nodes know their line and column.
 *
 * Thin over libyaml: mappings, sequences, scalars; anchors, tags and repeated keys are refused. Errors read
 * "file:line:column: what, and what to do".
 */
#ifndef APP_YAML_H
#define APP_YAML_H

#include "base/arena.h"
#include "base/err.h"

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	str            text;   /* YAML_TEXT */
	struct yaml  **items;  /* YAML_LIST, and the values of YAML_MAP */
	str           *keys;
	struct yaml  **key_nodes; /* for their places */
	size_t         count;
	const char    *file;
	unsigned       line, column; /* from 1 */
};

int yaml_parse(const char *file, str text, struct arena *a, struct yaml **out, struct err *e) MUST_USE;

/* ERR_INPUT with the node's place before the sentence. */
int yaml_error(const struct yaml *y, struct err *e, const char *format, ...) PRINTF(3, 4);

/* The value of a key; NULL where absent or y is NULL. y must be a map. */
struct yaml *yaml_get(const struct yaml *y, const char *key);
/* The node is a map and has no other keys than these (NULL-ended): the error names the nearest one. */
int yaml_check_keys(const struct yaml *y, const char *what, const char *const *known, struct err *e) MUST_USE;

/* Typed reading; `out` is untouched where y is NULL. */
int yaml_text(const struct yaml *y, const char *what, str *out, struct err *e) MUST_USE;
int yaml_bool(const struct yaml *y, const char *what, bool *out, struct err *e) MUST_USE;
int yaml_whole(const struct yaml *y, const char *what, int64_t *out, struct err *e) MUST_USE;
int yaml_bytes(const struct yaml *y, const char *what, uint64_t *out, struct err *e) MUST_USE;    /* 8MiB, 64KB, 1000 */
int yaml_duration(const struct yaml *y, const char *what, int64_t *out_us, struct err *e) MUST_USE; /* 7d 24h 5m 10s 250ms */
/* One of the words (NULL-ended): its index. */
int yaml_choice(const struct yaml *y, const char *what, const char *const *words, int *out, struct err *e) MUST_USE;

#endif

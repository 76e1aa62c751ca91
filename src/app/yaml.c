#include "app/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

#include "base/buf.h"

enum { DEPTH = 160 }; /* a contract takes two a level of its records, which have up to 64 */

struct loader {
	const char      *file;
	struct arena    *arena;
	yaml_document_t *document;
	struct err      *err;
};

int yaml_error(const struct yaml *y, struct err *e, const char *format, ...)
{
	char    text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return err_set(e, ERR_INPUT, "%s:%u:%u: %s", y->file, y->line, y->column, text);
}

static struct yaml *load(struct loader *l, int id, unsigned depth);

static struct yaml *load_pairs(struct loader *l, const yaml_node_t *node, struct yaml *y, unsigned depth)
{
	y->count = (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
	y->items = ARENA_ARRAY(l->arena, struct yaml *, y->count);
	y->key_nodes = ARENA_ARRAY(l->arena, struct yaml *, y->count);
	y->keys = ARENA_ARRAY(l->arena, str, y->count);
	for (size_t i = 0; i < y->count; i++) {
		const yaml_node_pair_t *pair = &node->data.mapping.pairs.start[i];

		y->key_nodes[i] = load(l, pair->key, depth + 1);
		y->items[i] = load(l, pair->value, depth + 1);
		if (y->key_nodes[i] == NULL || y->items[i] == NULL)
			return NULL;
		y->keys[i] = y->key_nodes[i]->text;
		for (size_t k = 0; k < i; k++) {
			if (str_eq(y->keys[k], y->keys[i])) {
				(void)yaml_error(y->key_nodes[i], l->err, "the key \"" STR_FMT "\" stands here twice (first in line %u)",
				                 STR_ARG(y->keys[i]), y->key_nodes[k]->line);
				return NULL;
			}
		}
	}
	return y;
}

static struct yaml *load_items(struct loader *l, const yaml_node_t *node, struct yaml *y, unsigned depth)
{
	y->count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	y->items = ARENA_ARRAY(l->arena, struct yaml *, y->count);
	for (size_t i = 0; i < y->count; i++) {
		y->items[i] = load(l, node->data.sequence.items.start[i], depth + 1);
		if (y->items[i] == NULL)
			return NULL;
	}
	return y;
}

static struct yaml *load(struct loader *l, int id, unsigned depth)
{
	const yaml_node_t *node = yaml_document_get_node(l->document, id);
	struct yaml       *y = ARENA_NEW(l->arena, struct yaml);

	y->file = l->file;
	y->line = (unsigned)node->start_mark.line + 1;
	y->column = (unsigned)node->start_mark.column + 1;
	if (depth > DEPTH) {
		(void)yaml_error(y, l->err, "nested too deeply");
		return NULL;
	}
	switch (node->type) {
	case YAML_MAPPING_NODE:
		y->kind = YAML_MAP;
		return load_pairs(l, node, y, depth);
	case YAML_SEQUENCE_NODE:
		y->kind = YAML_LIST;
		return load_items(l, node, y, depth);
	default:
		y->kind = YAML_TEXT;
		y->text = arena_str(l->arena, str_make(node->data.scalar.value, node->data.scalar.length));
		return y;
	}
}

int yaml_parse(const char *file, str text, struct arena *a, struct yaml **out, struct err *e)
{
	yaml_parser_t   parser;
	yaml_document_t document;
	struct loader   l = {arena_cstr(a, str_of(file)), a, &document, e};
	struct yaml    *y = NULL;

	if (!yaml_parser_initialize(&parser))
		return err_set(e, ERR_LIMIT, "out of memory for the YAML parser");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
	if (!yaml_parser_load(&parser, &document)) {
		(void)err_set(e, ERR_INPUT, "%s:%zu:%zu: %s", file, parser.problem_mark.line + 1,
		              parser.problem_mark.column + 1, parser.problem ? parser.problem : "not YAML");
		yaml_parser_delete(&parser);
		return e->class;
	}
	if (yaml_document_get_root_node(&document) == NULL)
		(void)err_set(e, ERR_INPUT, "%s:1:1: the file is empty", file);
	else
		y = load(&l, 1, 0);
	yaml_document_delete(&document);
	yaml_parser_delete(&parser);
	if (y == NULL)
		return e->class;
	*out = y;
	return 0;
}

struct yaml *yaml_get(const struct yaml *y, const char *key)
{
	for (size_t i = 0; y != NULL && y->kind == YAML_MAP && i < y->count; i++)
		if (str_eq(y->keys[i], str_of(key)))
			return y->items[i];
	return NULL;
}

static const char *nearest(str key, const char *const *known)
{
	const char *best = NULL;
	unsigned    distance = key.len < 5 ? 2 : 4;

	for (; *known != NULL; known++) {
		unsigned d = str_distance(key, str_of(*known), distance);

		if (d < distance) {
			distance = d;
			best = *known;
		}
	}
	return best;
}

static void words_list(const char *const *words, struct buf *out)
{
	for (size_t i = 0; words[i] != NULL; i++)
		buf_print(out, "%s%s", i ? ", " : "", words[i]);
	buf_byte(out, '\0');
}

int yaml_check_keys(const struct yaml *y, const char *what, const char *const *known, struct err *e)
{
	AUTO(buf) list = BUF(0);

	if (y->kind != YAML_MAP)
		return yaml_error(y, e, "%s must be a mapping of keys to values", what);
	for (size_t i = 0; i < y->count; i++) {
		const char *near;
		bool        is_known = false;

		for (const char *const *k = known; *k != NULL; k++)
			is_known |= str_eq(y->keys[i], str_of(*k));
		if (is_known)
			continue;
		near = nearest(y->keys[i], known);
		words_list(known, &list);
		if (near != NULL)
			return yaml_error(y->key_nodes[i], e, "unknown key \"" STR_FMT "\" in %s; did you mean \"%s\"?",
			                  STR_ARG(y->keys[i]), what, near);
		return yaml_error(y->key_nodes[i], e, "unknown key \"" STR_FMT "\" in %s; it takes %s", STR_ARG(y->keys[i]),
		                  what, list.ptr);
	}
	return 0;
}

int yaml_text(const struct yaml *y, const char *what, str *out, struct err *e)
{
	if (y == NULL)
		return 0;
	if (y->kind != YAML_TEXT)
		return yaml_error(y, e, "%s must be a text", what);
	*out = y->text;
	return 0;
}

int yaml_bool(const struct yaml *y, const char *what, bool *out, struct err *e)
{
	static const char *const words[] = {"false", "true", "off", "on", "no", "yes", NULL};
	int                      index = 0;

	if (y == NULL)
		return 0;
	TRY(yaml_choice(y, what, words, &index, e));
	*out = index & 1;
	return 0;
}

int yaml_whole(const struct yaml *y, const char *what, int64_t *out, struct err *e)
{
	if (y == NULL)
		return 0;
	if (y->kind != YAML_TEXT || !str_to_i64(y->text, out) || *out < 0)
		return yaml_error(y, e, "%s must be a whole number", what);
	return 0;
}

struct unit {
	const char *word;
	int64_t     factor;
};

/* A number and a unit's word. */
static int with_unit(const struct yaml *y, const char *what, const struct unit *units, const char *examples,
                     int64_t *out, struct err *e)
{
	size_t  digits = 0;
	int64_t number;

	if (y->kind == YAML_TEXT) {
		while (digits < y->text.len && y->text.ptr[digits] >= '0' && y->text.ptr[digits] <= '9')
			digits++;
		if (str_to_i64(str_head(y->text, digits), &number))
			for (; units->word != NULL; units++)
				if (str_eq(str_trim(str_from(y->text, digits)), str_of(units->word)) &&
				    !__builtin_mul_overflow(number, units->factor, out))
					return 0;
	}
	return yaml_error(y, e, "%s must be a number with a unit, such as %s", what, examples);
}

int yaml_bytes(const struct yaml *y, const char *what, uint64_t *out, struct err *e)
{
	static const struct unit units[] = {{"", 1},           {"B", 1},           {"KB", 1000},      {"MB", 1000000},
	                                    {"GB", 1000000000}, {"KiB", 1 << 10},  {"MiB", 1 << 20},  {"GiB", 1 << 30},
	                                    {NULL, 0}};
	int64_t                  bytes = 0;

	if (y == NULL)
		return 0;
	TRY(with_unit(y, what, units, "8MiB or 500KB", &bytes, e));
	*out = (uint64_t)bytes;
	return 0;
}

int yaml_duration(const struct yaml *y, const char *what, int64_t *out_us, struct err *e)
{
	static const struct unit units[] = {{"ms", 1000},
	                                    {"s", 1000000},
	                                    {"m", 60000000},
	                                    {"h", INT64_C(3600000000)},
	                                    {"d", INT64_C(86400000000)},
	                                    {NULL, 0}};

	return y == NULL ? 0 : with_unit(y, what, units, "7d, 24h, 5m or 10s", out_us, e);
}

int yaml_choice(const struct yaml *y, const char *what, const char *const *words, int *out, struct err *e)
{
	AUTO(buf) list = BUF(0);

	if (y == NULL)
		return 0;
	for (int i = 0; words[i] != NULL; i++) {
		if (y->kind == YAML_TEXT && str_eq(y->text, str_of(words[i]))) {
			*out = i;
			return 0;
		}
	}
	words_list(words, &list);
	return yaml_error(y, e, "%s must be one of %s", what, list.ptr);
}

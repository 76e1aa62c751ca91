/* libyaml says where nodes begin, and where flow collections and scalars end. A collection in
 * lines ends, for libyaml, where the next token begins; for us with its last scalar, so that
 * comments in between belong to what follows. Places are counted there in code points. */
#include "app/yaml_edit.h"

#include <yaml.h>

#include "codec/utf8.h"

enum { MARGIN = 2 }; /* of the keys of a section that is added, and of lines under a key */

struct tree {
	yaml_document_t document;
	str             text;
	bool            is_loaded;
};

static void tree_done(struct tree *t)
{
	if (t->is_loaded)
		yaml_document_delete(&t->document);
}

AUTO_DEFINE(tree, tree_done)

/* In braces or brackets. */
static bool is_flow(const yaml_node_t *node)
{
	return (node->type == YAML_MAPPING_NODE && node->data.mapping.style == YAML_FLOW_MAPPING_STYLE) ||
	       (node->type == YAML_SEQUENCE_NODE && node->data.sequence.style == YAML_FLOW_SEQUENCE_STYLE);
}

static int tree_load(const char *file, str text, struct tree *out, struct err *e)
{
	yaml_parser_t parser;
	yaml_node_t  *root;

	if (!yaml_parser_initialize(&parser))
		return err_set(e, ERR_LIMIT, "out of memory for the YAML parser");
	out->text = text;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
	out->is_loaded = yaml_parser_load(&parser, &out->document);
	yaml_parser_delete(&parser);
	if (!out->is_loaded)
		return err_set(e, ERR_INPUT, "%s is not YAML", file);
	root = yaml_document_get_root_node(&out->document);
	if (root == NULL || root->type != YAML_MAPPING_NODE || is_flow(root))
		return err_set(e, ERR_INPUT, "%s is not written as lines of keys: change it by hand", file);
	return 0;
}

/* --- places -------------------------------------------------------------------------------- */

static size_t byte_of(const struct tree *t, const yaml_mark_t *mark)
{
	size_t at = str_starts(t->text, STR("\xEF\xBB\xBF")) ? 3 : 0;

	for (size_t i = 0; i < mark->index && at < t->text.len; i++) {
		size_t step = utf8_step(str_from(t->text, at));

		at += step ? step : 1;
	}
	return at;
}

static size_t line_end(str text, size_t at) /* behind the line end */
{
	size_t end = str_find(text, '\n', at);

	return end < text.len ? end + 1 : end;
}

static yaml_node_t *node_of(struct tree *t, int id)
{
	return yaml_document_get_node(&t->document, id);
}

/* Behind the last byte of a node. */
static size_t end_of(struct tree *t, yaml_node_t *node)
{
	if (node->type == YAML_MAPPING_NODE && !is_flow(node))
		return end_of(t, node_of(t, node->data.mapping.pairs.top[-1].value));
	if (node->type == YAML_SEQUENCE_NODE && !is_flow(node))
		return end_of(t, node_of(t, node->data.sequence.items.top[-1]));
	return byte_of(t, &node->end_mark);
}

static yaml_node_pair_t *pair_find(struct tree *t, yaml_node_t *map, const char *key)
{
	for (yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top; pair++) {
		yaml_node_t *node = node_of(t, pair->key);

		if (node->type == YAML_SCALAR_NODE &&
		    str_eq(str_make(node->data.scalar.value, node->data.scalar.length), str_of(key)))
			return pair;
	}
	return NULL;
}

/* The pair of a top-level key; NULL where it is absent. */
static yaml_node_pair_t *section_find(struct tree *t, const char *section)
{
	return pair_find(t, yaml_document_get_root_node(&t->document), section);
}

static str slice(const struct tree *t, size_t from, size_t to)
{
	return str_make(t->text.ptr + from, to - from);
}

/* --- writing ------------------------------------------------------------------------------- */

static void add_lines(str lines, size_t margin, struct buf *out)
{
	while (lines.len > 0) {
		size_t end = line_end(lines, 0);

		buf_fill(out, ' ', lines.ptr[0] == '\n' ? 0 : margin);
		buf_add(out, str_head(lines, end));
		lines = str_from(lines, end);
	}
}

/* Behind a key's colon. */
static void add_value(str value, size_t margin, struct buf *out)
{
	if (value.ptr[0] == '\n') {
		buf_byte(out, '\n');
		add_lines(str_trim(value), margin + MARGIN, out);
	} else {
		buf_byte(out, ' ');
		buf_add(out, value);
	}
}

static void add_entry(const char *key, str value, size_t margin, struct buf *out)
{
	buf_fill(out, ' ', margin);
	buf_print(out, "%s:", key);
	add_value(value, margin, out);
	buf_byte(out, '\n');
}

/* Up to `at`, which is the beginning of a line afterwards. */
static void add_head(str text, size_t at, struct buf *out)
{
	buf_add(out, str_head(text, at));
	if (at > 0 && text.ptr[at - 1] != '\n')
		buf_byte(out, '\n');
}

static void section_add(const struct tree *t, size_t margin, const char *section, const char *key, str value,
                        struct buf *out)
{
	add_head(t->text, t->text.len, out);
	buf_byte(out, '\n');
	buf_fill(out, ' ', margin);
	buf_print(out, "%s:\n", section);
	add_entry(key, value, margin + MARGIN, out);
}

/* {a: 1, b: 2} as lines. What its values are is not touched; a comment behind it stands behind
 * its key. */
static void section_unfold(struct tree *t, const yaml_node_pair_t *section, struct buf *out)
{
	yaml_node_t *key = node_of(t, section->key), *map = node_of(t, section->value);
	size_t       margin = key->start_mark.column + MARGIN;
	size_t       from = byte_of(t, &map->start_mark), to = byte_of(t, &map->end_mark);
	size_t       line = str_find(t->text, '\n', to);

	while (from > 0 && t->text.ptr[from - 1] == ' ')
		from--;
	buf_add(out, str_head(t->text, from));
	buf_add(out, slice(t, to, line));
	for (yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top; pair++) {
		yaml_node_t *name = node_of(t, pair->key), *value = node_of(t, pair->value);

		buf_byte(out, '\n');
		buf_fill(out, ' ', margin);
		buf_add(out, slice(t, byte_of(t, &name->start_mark), byte_of(t, &name->end_mark)));
		buf_add(out, STR(": "));
		buf_add(out, slice(t, byte_of(t, &value->start_mark), byte_of(t, &value->end_mark)));
	}
	buf_add(out, str_from(t->text, line));
}

static void key_add(struct tree *t, yaml_node_t *map, const char *key, str value, struct buf *out)
{
	size_t margin = node_of(t, map->data.mapping.pairs.start->key)->start_mark.column;
	size_t at = line_end(t->text, end_of(t, map));

	add_head(t->text, at, out);
	add_entry(key, value, margin, out);
	buf_add(out, str_from(t->text, at));
}

/* A scalar is replaced where it stands, with the comment behind it left; anything else up to the
 * end of its last line. */
static void key_replace(struct tree *t, const yaml_node_pair_t *pair, str value, struct buf *out)
{
	yaml_node_t *key = node_of(t, pair->key), *old = node_of(t, pair->value);
	size_t       colon = str_find(t->text, ':', byte_of(t, &key->end_mark)), end = end_of(t, old);

	buf_add(out, str_head(t->text, colon + 1));
	add_value(value, key->start_mark.column, out);
	if (old->type != YAML_SCALAR_NODE) {
		size_t line = str_find(t->text, '\n', end);

		end = line > end && t->text.ptr[line - 1] == '\r' ? line - 1 : line;
	}
	buf_add(out, str_from(t->text, end));
}

int yaml_edit_set(const char *file, str text, const char *section, const char *key, str value, struct buf *out,
                  struct err *e)
{
	AUTO(tree)        t = {0};
	AUTO(buf)         unfolded = BUF(0);
	yaml_node_pair_t *found, *pair;
	yaml_node_t      *root, *map;

	TRY(tree_load(file, text, &t, e));
	root = yaml_document_get_root_node(&t.document);
	found = section_find(&t, section);
	if (found == NULL) {
		size_t margin = node_of(&t, root->data.mapping.pairs.start->key)->start_mark.column;

		section_add(&t, margin, section, key, value, out);
		return 0;
	}
	map = node_of(&t, found->value);
	if (map->type != YAML_MAPPING_NODE || map->data.mapping.pairs.start == map->data.mapping.pairs.top)
		return err_set(e, ERR_INPUT, "%s:%zu: \"%s\" holds no keys: take it out, or fill it", file,
		               map->start_mark.line + 1, section);
	if (is_flow(map)) {
		section_unfold(&t, found, &unfolded);
		return yaml_edit_set(file, buf_str(&unfolded), section, key, value, out, e);
	}
	pair = pair_find(&t, map, key);
	if (pair != NULL)
		key_replace(&t, pair, value, out);
	else
		key_add(&t, map, key, value, out);
	return 0;
}

/* --- elements ------------------------------------------------------------------------------ */

/* Lines after the first lose as much of their margin as the first stood in, or what they have. */
static str to_margin(str item, size_t column, struct arena *a)
{
	AUTO(buf) out = BUF(0);

	for (bool is_first = true; item.len > 0; is_first = false) {
		size_t end = line_end(item, 0), blanks = 0;

		while (!is_first && blanks < column && blanks < end && item.ptr[blanks] == ' ')
			blanks++;
		buf_add(&out, str_make(item.ptr + blanks, end - blanks));
		item = str_from(item, end);
	}
	return arena_str(a, buf_str(&out));
}

int yaml_edit_items(const char *file, str text, const char *section, const char *key, struct arena *a, str **out,
                    size_t *count, struct err *e)
{
	AUTO(tree)        t = {0};
	yaml_node_pair_t *pair;
	yaml_node_t      *node;
	size_t            items = 0;

	*count = 0;
	*out = NULL;
	TRY(tree_load(file, text, &t, e));
	pair = section_find(&t, section);
	node = pair != NULL ? node_of(&t, pair->value) : NULL;
	pair = node != NULL && node->type == YAML_MAPPING_NODE ? pair_find(&t, node, key) : NULL;
	node = pair != NULL ? node_of(&t, pair->value) : NULL;
	if (node == NULL || node->type != YAML_SEQUENCE_NODE)
		return 0;
	*out = ARENA_ARRAY(a, str, node->data.sequence.items.top - node->data.sequence.items.start);
	for (yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++) {
		yaml_node_t *each = node_of(&t, *item);
		str          written = slice(&t, byte_of(&t, &each->start_mark), end_of(&t, each));

		(*out)[items++] = to_margin(written, each->start_mark.column, a);
	}
	*count = items;
	return 0;
}

#include "app/place.h"

#include "codec/name.h"
#include "ingest/standard.h"

static struct place *place_add(struct places *p, str pattern)
{
	struct map_item *item = map_put(&p->by_pattern, pattern);

	if (item->ptr == NULL)
		item->ptr = ARENA_NEW(&p->arena, struct place);
	return item->ptr;
}

/* Elements have no doc of their own. */
static void add_field(struct places *p, const struct field *f, str pattern)
{
	AUTO(buf)     element = BUF(0);
	struct place *place = place_add(p, pattern);

	place->field = f;
	place->is_standard = standard_is_field(p->schema, f);
	if (f->type != TYPE_LIST || f->child_count == 0)
		return;
	buf_add(&element, pattern);
	buf_add(&element, STR("/*"));
	add_field(p, f->children[0], buf_str(&element));
}

static size_t last_slash(str pointer)
{
	while (pointer.len > 0 && pointer.ptr[pointer.len - 1] != '/')
		pointer.len--;
	return pointer.len > 0 ? pointer.len - 1 : 0;
}

void places_init(struct places *p, const struct schema *s)
{
	*p = (struct places){.schema = s};
	for (uint32_t i = 0; i < s->count; i++)
		if (str_starts(s->fields[i]->doc, STR("/")))
			add_field(p, s->fields[i], s->fields[i]->doc);
	for (uint32_t i = 0; i < s->root->child_count; i++) {
		const struct field *f = s->root->children[i];

		if (!str_starts(f->doc, STR("/")) || standard_is_field(s, f))
			continue;
		for (size_t up = last_slash(f->doc); up > 0; up = last_slash(str_head(f->doc, up)))
			(void)place_add(p, str_head(f->doc, up));
	}
}

void places_done(struct places *p)
{
	map_done(&p->by_pattern);
	arena_done(&p->arena);
}

const struct place *places_find(const struct places *p, str pattern)
{
	return map_ptr(&p->by_pattern, pattern);
}

str pointer_first(str pointer, str *rest)
{
	size_t end = str_find(pointer, '/', 1);

	*rest = str_from(pointer, end);
	return str_from(str_head(pointer, end), 1);
}

void places_step(const struct places *p, str token, struct buf *pattern)
{
	const struct place *at = places_find(p, buf_str(pattern));
	bool                is_list = at != NULL && at->field != NULL && at->field->type == TYPE_LIST;

	buf_byte(pattern, '/');
	buf_add(pattern, is_list ? STR("*") : token);
}

void places_pattern(const struct places *p, str pointer, struct buf *out)
{
	while (pointer.len > 0)
		places_step(p, pointer_first(pointer, &pointer), out);
}

void token_plain(str token, struct buf *out)
{
	for (size_t i = 0; i < token.len; i++) {
		bool is_escape = token.ptr[i] == '~' && i + 1 < token.len;

		i += is_escape;
		buf_byte(out, !is_escape ? token.ptr[i] : token.ptr[i] == '1' ? '/' : '~');
	}
}

void pointer_last(str pointer, struct buf *out)
{
	token_plain(str_from(pointer, last_slash(pointer) + 1), out);
}

bool places_is_bad_name(const struct places *p, str pattern)
{
	AUTO(buf)           name = BUF(0);
	AUTO(buf)           snake = BUF(0);
	str                 up = str_head(pattern, last_slash(pattern));
	const struct place *at = places_find(p, up);
	const struct field *f;

	pointer_last(pattern, &name);
	if (!name_fits_column(buf_str(&name)))
		return true;
	if (up.len > 0 && (at == NULL || at->field != NULL))
		return false; /* not at the top of the table, where the standard columns stand */
	name_snake(buf_str(&name), &snake);
	f = schema_child(p->schema->root, buf_str(&snake));
	return f != NULL && standard_is_field(p->schema, f);
}

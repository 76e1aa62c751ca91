#include "ingest/path.h"

#include "base/hash.h"
#include "codec/name.h"

/* "~1" is '/', "~0" is '~', anything else after '~' is an error. */
static bool pointer_part(str part, struct arena *a, str *out)
{
	char  *text = arena_alloc(a, part.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < part.len; i++) {
		if (part.ptr[i] != '~') {
			text[len++] = part.ptr[i];
			continue;
		}
		if (++i == part.len || (part.ptr[i] != '0' && part.ptr[i] != '1'))
			return false;
		text[len++] = part.ptr[i] == '1' ? '/' : '~';
	}
	*out = str_make(text, len);
	return true;
}

int path_parse(str text, struct arena *a, struct path *out, struct err *e)
{
	bool        is_pointer = text.len > 0 && text.ptr[0] == '/';
	char        separator = is_pointer ? '/' : '.';
	struct path path = {0};
	AUTO(buf)   pointer = BUF(0);

	if (text.len == 0)
		return err_set(e, ERR_INPUT, "an empty path: name a member, as in meta.id or /meta/id");
	for (size_t from = is_pointer; from <= text.len;) {
		size_t end = str_find(text, separator, from);
		str    part = str_make(text.ptr + from, end - from);

		if (path.count == PATH_DEPTH)
			return err_set(e, ERR_INPUT, "path " STR_FMT " is over %d names deep", STR_ARG(text), PATH_DEPTH);
		if (!is_pointer)
			part = arena_str(a, part); /* with dots, '~' is a letter like others */
		if (part.len == 0 || (is_pointer && !pointer_part(part, a, &part)))
			return err_set(e, ERR_INPUT, "path " STR_FMT " has an empty or malformed part", STR_ARG(text));
		path.names[path.count++] = part;
		pointer_add(&pointer, part);
		from = end + 1;
	}
	path.pointer = arena_str(a, buf_str(&pointer));
	*out = path;
	return 0;
}

void path_seed(struct path *p, uint64_t secret)
{
	for (uint32_t i = 0; i < p->count; i++)
		p->hashes[i] = hash_name(p->names[i], secret);
}

static bool is_escaped_name(const char *text, uint64_t key, str name)
{
	AUTO(buf) scratch = BUF(0);

	return str_eq(json_unescape(text, key, &scratch), name);
}

bool tape_is_name(const char *text, uint64_t key, str name)
{
	if (json_flags(key) & JSON_ESCAPED)
		return is_escaped_name(text, key, name);
	return str_eq(json_text(text, key), name);
}

uint32_t tape_member(const char *text, const uint64_t *words, uint32_t at, str name, uint64_t hash)
{
	uint32_t left = json_len(words[at]);
	uint32_t next = at + 2;

	if (json_kind(words[at]) != JSON_OBJECT)
		return 0;
	for (; left > 0; left--) {
		uint64_t key = words[next];

		if (words[next + 1] == hash && tape_is_name(text, key, name))
			return next + 2;
		next = json_skip(words, next + 2);
	}
	return 0;
}

uint32_t path_find(const struct path *p, const char *text, const uint64_t *words)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < p->count; i++) {
		at = tape_member(text, words, at, p->names[i], p->hashes[i]);
		if (at == 0)
			return 0;
	}
	return at;
}

/* sealed.c - texts that prove themselves: writing and reading the line of JSON, and its seal.
 *
 * Written by hand in one fixed order, so that the same thing is always the same bytes. Read strictly: a
 * member that this version does not know may be one that it must not pass over.
 */
#include "lake/sealed_int.h"

#include <inttypes.h>
#include <stdio.h>

#include "codec/sha256.h"
#include "store/store.h"

/* --- writing ------------------------------------------------------------------------------- */

/* A comma, unless this is the first thing in its brackets. */
static void separate(struct buf *b)
{
	char last = b->len > 0 ? b->ptr[b->len - 1] : '{';

	if (last != '{' && last != '[')
		buf_byte(b, ',');
}

void seal_item(struct buf *b)
{
	separate(b);
	buf_byte(b, '{');
}

void seal_list(struct buf *b, const char *name)
{
	separate(b);
	buf_print(b, "\"%s\":[", name);
}

void seal_text(struct buf *b, const char *name, str value)
{
	separate(b);
	buf_print(b, "\"%s\":", name);
	buf_json(b, value);
}

void seal_int(struct buf *b, const char *name, int64_t value)
{
	separate(b);
	buf_print(b, "\"%s\":%" PRId64, name, value);
}

void seal_close(struct buf *b, size_t start)
{
	char hash[65];

	sha256_hex(str_from(buf_str(b), start), hash);
	buf_print(b, "\nsha256:%s\n", hash);
}

/* --- reading ------------------------------------------------------------------------------- */

int sealed_bad(const struct sealed *r, const char *name, const char *words)
{
	return err_set(r->e, ERR_CORRUPT, "%s: \"%s\" %s", r->what, name, words);
}

const json_t *sealed_get(struct sealed *r, const char *name)
{
	const json_t *value = json_object_get(r->object, name);

	r->seen += value != NULL;
	return value;
}

int sealed_text(struct sealed *r, const char *name, str *out)
{
	const json_t *value = sealed_get(r, name);

	if (!json_is_string(value))
		return sealed_bad(r, name, "is not a text");
	*out = arena_str(r->arena, str_make(json_string_value(value), json_string_length(value)));
	return 0;
}

int sealed_int(struct sealed *r, const char *name, int64_t *out)
{
	const json_t *value = sealed_get(r, name);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return sealed_bad(r, name, "is not a number from 0 up");
	*out = json_integer_value(value);
	return 0;
}

int sealed_signed(struct sealed *r, const char *name, int64_t *out)
{
	const json_t *value = sealed_get(r, name);

	if (!json_is_integer(value))
		return sealed_bad(r, name, "is not a number");
	*out = json_integer_value(value);
	return 0;
}

int sealed_key(struct sealed *r, const char *name, str *out)
{
	TRY(sealed_text(r, name, out));
	return store_key_is_valid(*out) ? 0 : sealed_bad(r, name, "cannot be the key of an object");
}

int sealed_checksum(struct sealed *r, const char *name, str *out)
{
	uint8_t bytes[16];

	TRY(sealed_text(r, name, out));
	return out->len == 2 * sizeof(bytes) && hex_decode(*out, bytes) ? 0 : sealed_bad(r, name, "is not a checksum");
}

int sealed_end(struct sealed *r)
{
	if (json_object_size(r->object) == r->seen)
		return 0;
	return err_set(r->e, ERR_CORRUPT, "%s: it has a member that this version of tarn does not know", r->what);
}

int sealed_list(struct sealed *r, const char *name, sealed_item_fn *each, void *into)
{
	const json_t *list = sealed_get(r, name);

	if (!json_is_array(list))
		return sealed_bad(r, name, "is not a list");
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct sealed item = {.object = json_array_get(list, i), .arena = r->arena, .e = r->e};

		(void)snprintf(item.what, sizeof(item.what), "%s[%zu]", name, i);
		if (!json_is_object(item.object))
			return err_set(r->e, ERR_CORRUPT, "%s is not an object", item.what);
		TRY(each(&item, into));
		TRY(sealed_end(&item));
	}
	return 0;
}

int sealed_prove(str text, str *line, char hash[65], struct err *e)
{
	size_t end = str_find(text, '\n', 0);
	str    proof = str_from(text, end + 1);

	*line = str_head(text, end);
	sha256_hex(*line, hash);
	if (proof.len != strlen("sha256:") + 64 + 1 || !str_starts(proof, STR("sha256:")) ||
	    !str_ends(proof, STR("\n")))
		return err_set(e, ERR_CORRUPT,
		               "its second line is not the hash of the first: it is cut, or something else");
	if (!str_eq(str_head(str_from(proof, strlen("sha256:")), 64), str_of(hash)))
		return err_set(e, ERR_CORRUPT, "its hash does not fit its text: it has been changed");
	return 0;
}

void seal_counts(struct buf *b, const struct entry_counts *at, size_t count)
{
	seal_list(b, "counts");
	for (size_t i = 0; i < count; i++) {
		seal_item(b);
		seal_text(b, "pipeline", at[i].pipeline);
		seal_int(b, "records", at[i].records);
		seal_int(b, "rows", at[i].rows);
		seal_int(b, "duplicates", at[i].duplicates);
		seal_int(b, "conflicts", at[i].conflicts);
		seal_int(b, "quarantined", at[i].quarantined);
		if (at[i].dropped != 0)
			seal_int(b, "dropped", at[i].dropped);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

int sealed_counts(struct sealed *r, struct entry_counts *out)
{
	TRY(sealed_text(r, "pipeline", &out->pipeline));
	TRY(sealed_int(r, "records", &out->records));
	TRY(sealed_signed(r, "rows", &out->rows));
	TRY(sealed_signed(r, "duplicates", &out->duplicates));
	TRY(sealed_signed(r, "conflicts", &out->conflicts));
	TRY(sealed_signed(r, "quarantined", &out->quarantined));
	return json_object_get(r->object, "dropped") != NULL ? sealed_signed(r, "dropped", &out->dropped) : 0;
}

bool counts_are_signed(const struct entry_counts *c)
{
	return c->rows < 0 || c->duplicates < 0 || c->conflicts < 0 || c->quarantined < 0 || c->dropped < 0;
}

void seal_forgotten(struct buf *b, const struct entry_forgotten *at, size_t count)
{
	seal_list(b, "forgotten");
	for (size_t i = 0; i < count; i++) {
		seal_item(b);
		seal_text(b, "pipeline", at[i].pipeline);
		seal_int(b, "through", (int64_t)at[i].through);
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

int sealed_forgotten(struct sealed *r, struct entry_forgotten *out)
{
	int64_t through;

	TRY(sealed_text(r, "pipeline", &out->pipeline));
	TRY(sealed_int(r, "through", &through));
	if (through < 1)
		return sealed_bad(r, "through", "is no entry");
	out->through = (uint64_t)through;
	return 0;
}

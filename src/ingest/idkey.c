/* The other way to what envelope.c makes of a record's id: both must give one key. */
#include "ingest/idkey.h"

#include "codec/sha256.h"
#include "codec/utf8.h"

/* A made id is printed as it is hashed: sixteen bytes, as hexadecimal digits. */
static bool made(str typed, struct arena *a, struct idkey *out)
{
	char hex[2 * sizeof(out->bytes) + 1];

	if (typed.len != 2 * sizeof(out->bytes) || !hex_decode(typed, out->bytes))
		return false;
	hex_encode(out->bytes, sizeof(out->bytes), hex);
	out->text = arena_str(a, str_of(hex));
	return true;
}

static bool uuid(str typed, struct arena *a, struct idkey *out)
{
	char text[37];

	if (!uuid_parse(typed, out->bytes, NULL))
		return false;
	uuid_format(out->bytes, text);
	out->text = arena_str(a, str_of(text));
	out->is_uuid = true;
	return true;
}

bool idkey_make(const struct pipeline *p, uint64_t secret, str typed, struct arena *a, struct idkey *out)
{
	const uint64_t seed = hash_bytes(p->name.ptr, p->name.len, secret);
	struct idkey   k = {.text = arena_str(a, typed)};
	str            hashed = str_make(k.bytes, sizeof(k.bytes));

	if (p->id.kind != ID_PATH) {
		if (!made(typed, a, &k))
			return false;
	} else if (p->id.is_uuid) {
		if (!uuid(typed, a, &k))
			return false;
	} else if (typed.len == 0 || utf8_check(typed) != typed.len) {
		return false;
	} else {
		hashed = k.text;
	}
	k.key = hash_bytes128(hashed.ptr, hashed.len, seed);
	*out = k;
	return true;
}

/* lake.c - open a lake: its identity is written once and read ever after.
 *
 *   {"format":1,"id":"<uuid>","secret":"<16 hex digits>","check":"<16 hex digits>"}
 *
 * The check is XXH3-64 of id and secret: with one bit turned on the way this would be another lake, whose
 * entries one would put into this one's journal. Lakes made before there was one have none.
 * The secret seeds every hash that decides what a duplicate is, so it must never
 * be minted twice for one lake: of two makers at once the first put wins, and the other takes what it finds.
 */
#include "lake/lake.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "base/hash.h"
#include "codec/sha256.h"
#include "os/clock.h"
#include "os/fs.h"

enum { IDENTITY_BYTES = 64 << 10, FORMAT = 1, CHECKPOINT_EVERY = 128, SWEEP_EVERY = 32 };

#define DISCARD_AFTER_US (INT64_C(3600) * 1000000)

#define IDENTITY_KEY "_tarn/lake.json"

static void identity_check(const char *id, const char *secret, char out[17])
{
	uint64_t hash = hash_bytes(secret, strlen(secret), hash_bytes(id, strlen(id), FORMAT));

	(void)snprintf(out, 17, "%016" PRIx64, hash);
}

static int identity_parse(str text, struct lake *l, struct err *e)
{
	json_error_t  at;
	json_auto_t  *doc = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &at);
	const char   *id = json_string_value(json_object_get(doc, "id"));
	const char   *secret = json_string_value(json_object_get(doc, "secret"));
	json_t       *check = json_object_get(doc, "check");
	json_int_t    format = json_integer_value(json_object_get(doc, "format"));
	bool          is_canonical;
	unsigned char bytes[sizeof(l->secret)];
	char          wanted[17];

	if (doc == NULL)
		return err_set(e, ERR_CORRUPT, IDENTITY_KEY ": line %d: %s", at.line, at.text);
	if (format > FORMAT)
		return err_set(e, ERR_UNSUPPORTED,
		               IDENTITY_KEY ": format %lld is newer than this tarn knows: use the tarn that made it",
		               (long long)format);
	if (format != FORMAT || id == NULL || !uuid_parse(str_of(id), l->id, &is_canonical) || secret == NULL ||
	    strlen(secret) != 2 * sizeof(bytes) || !hex_decode(str_of(secret), bytes))
		return err_set(e, ERR_CORRUPT, IDENTITY_KEY ": not the identity of a lake");
	identity_check(id, secret, wanted);
	if (json_object_size(doc) > 3 && !str_eq(str_of(json_string_value(check)), str_of(wanted)))
		return err_set(e, ERR_CORRUPT, IDENTITY_KEY ": its id and secret are not what was written");
	l->secret = 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		l->secret = l->secret << 8 | bytes[i];
	return 0;
}

static int identity_read(struct lake *l, struct err *e)
{
	AUTO(buf) text = BUF(IDENTITY_BYTES);

	TRY(store_get(l->store, STR(IDENTITY_KEY), 0, 0, &text, e));
	return identity_parse(buf_str(&text), l, e);
}

static int identity_make(struct lake *l, struct err *e)
{
	AUTO(buf) text = BUF(IDENTITY_BYTES);
	uint8_t   id[16];
	char      id_text[37], secret[17], check[17];
	int       put;

	TRY(store_probe(l->store, STR("_tarn/probe"), clock_random_u64(l->clock), e));
	clock_uuid4(l->clock, id);
	uuid_format(id, id_text);
	(void)snprintf(secret, sizeof(secret), "%016" PRIx64, clock_random_u64(l->clock));
	identity_check(id_text, secret, check);
	buf_print(&text, "{\"format\":%d,\"id\":\"%s\",\"secret\":\"%s\",\"check\":\"%s\"}\n", FORMAT, id_text,
	          secret, check);
	put = store_put_sure(l->store, STR(IDENTITY_KEY), buf_str(&text), e);
	if (put == ERR_CONFLICT)
		*e = ERR_NONE; /* another made it at the same moment: its identity is the lake's */
	else if (put < 0)
		return put;
	return identity_read(l, e);
}

static int missing(str root, struct err *e)
{
	return err_set(e, ERR_MISSING,
	               "no lake at " STR_FMT ": check the path, or let `tarn init` or `tarn ingest` make one",
	               STR_ARG(root));
}

static int identify(struct lake *l, bool is_new_fine, struct err *e)
{
	int found = identity_read(l, e);

	if (found != ERR_MISSING)
		return found;
	if (!is_new_fine)
		return missing(l->store->root, e);
	*e = ERR_NONE;
	return identity_make(l, e);
}

int lake_open(struct store *store, struct catalog *catalog, struct clock *clock, bool is_new_fine, struct lake **out,
              struct err *e)
{
	AUTO_PTR(lake) l = xcalloc(1, sizeof(*l));

	l->store = store;
	l->catalog = catalog;
	l->clock = clock;
	l->checkpoint_every = CHECKPOINT_EVERY;
	l->sweep_every = SWEEP_EVERY;
	l->discard_after_us = DISCARD_AFTER_US;
	TRY(identify(l, is_new_fine, e));
	*out = TAKE(l);
	return 0;
}

/* Opening a store makes its folder, which looking for a lake must not do. */
static int lake_is_there(struct fs *fs, const char *path, struct err *e)
{
	AUTO(arena)    a = ARENA_INIT;
	struct fs_stat st;
	int            found = fs_stat(fs, arena_format(&a, "%s/" IDENTITY_KEY, path).ptr, &st, e);

	return found == ERR_MISSING ? missing(str_of(path), e) : found;
}

int lake_open_dir(struct fs *fs, struct clock *clock, const char *path, bool is_new_fine, struct lake **out,
                  struct err *e)
{
	struct store *store = NULL;

	if (!is_new_fine)
		TRY(lake_is_there(fs, path, e));
	TRY(store_open_dir(fs, path, &store, e));
	return lake_open(store, catalog_new_dir(store), clock, is_new_fine, out, e);
}

void lake_close(struct lake *l)
{
	if (l == NULL)
		return;
	catalog_close(l->catalog); /* before the store it may stand on */
	store_close(l->store);
	free(l);
}

/* catalog_dir_trim.c - old versions of a table's metadata removed, without a swap ever being won twice.
 *
 * A swap is won by putting version N + 1 where nothing has that name. Once versions are removed, a writer
 * that slept through a hundred swaps could put its N + 1 again, and believe. So before versions
 * are removed a boundary is raised over them, as an object of its own that is only ever put
 * anew; and whoever has put a version looks at the boundary before saying that it has won.
 *
 *   _tarn/catalog/<space>/<table>/<20 digits>   versions below this number are gone, or may be at any moment
 *
 * So does whoever was led to a version by a hint. A boundary above all versions is that of a table of
 * the same name that was dropped, and counts for nothing. It is not beside the metadata, where other
 * engines clean up what they do not know.
 *
 * Invariants: the highest boundary never falls while the table is there; a version is removed only
 * below it, lowest first, and never one that the hint names or that lies above the hint. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/vec.h"
#include "catalog/dir_int.h"

enum { DIGITS = 20 };

static str boundary_folder(struct arena *a, str space, str table)
{
	return arena_format(a, "_tarn/catalog/" STR_FMT "/" STR_FMT "/", STR_ARG(space), STR_ARG(table));
}

/* Keys with numbers: versions, or boundaries. */
struct numbered {
	struct arena arena;
	str          folder;
	int64_t    (*number_of)(str key, str folder); /* 0: another thing */
	struct { VEC_OF(struct number_key { str key; int64_t number; }); } keys;
};

static void numbered_done(struct numbered *n)
{
	arena_done(&n->arena);
	VEC_DONE(&n->keys);
}
AUTO_DEFINE(numbered, numbered_done)

static int numbered_each(void *context, str key, uint64_t size, struct err *e)
{
	struct numbered *n = context;
	int64_t          number = n->number_of(key, n->folder);

	(void)size, (void)e;
	if (number > 0)
		*VEC_ADD(&n->keys) = (struct number_key){arena_str(&n->arena, key), number};
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct number_key *left = a, *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

static int64_t boundary_of_key(str key, str folder)
{
	str     digits = str_from(key, folder.len);
	int64_t number;

	return digits.len == DIGITS && str_to_i64(digits, &number) ? number : 0;
}

static int boundaries_list(struct store *s, str space, str table, struct numbered *out, struct err *e)
{
	out->folder = boundary_folder(&out->arena, space, table);
	out->number_of = boundary_of_key;
	return store_list(s, out->folder, STR(""), numbered_each, out, e); /* sorted: of one length */
}

/* 0: nothing was ever trimmed. */
static int boundary_read(struct store *s, str space, str table, int64_t *out, struct err *e)
{
	AUTO(numbered) n = {0};

	TRY(boundaries_list(s, space, table, &n, e));
	*out = n.keys.count > 0 ? n.keys.at[n.keys.count - 1].number : 0;
	return 0;
}

static int remove_below(struct store *s, const struct numbered *n, int64_t number, struct err *e)
{
	for (size_t i = 0; i < n->keys.count && n->keys.at[i].number < number; i++)
		TRY(store_remove(s, n->keys.at[i].key, e));
	return 0;
}

static int boundary_raise(struct store *s, str space, str table, int64_t number, struct err *e)
{
	AUTO(numbered) n = {0};
	str            key;

	TRY(boundaries_list(s, space, table, &n, e));
	if (n.keys.count > 0 && n.keys.at[n.keys.count - 1].number >= number)
		return 0;
	key = arena_format(&n.arena, STR_FMT "%020" PRId64, STR_ARG(n.folder), number);
	TRY(store_put_sure(s, key, STR("\n"), e));
	return remove_below(s, &n, number, e);
}

int dir_trim(struct store *s, str space, str table, int64_t present, int64_t keep, struct err *e)
{
	AUTO(numbered) n = {.number_of = dir_version_of_key};
	int64_t        hint = dir_hint(s, space, table);
	int64_t        first = (hint > 0 && hint < present ? hint : present) - keep;
	str            prefix;

	if (first <= 1)
		return 0;
	n.folder = dir_folder(&n.arena, space, table);
	prefix = arena_format(&n.arena, STR_FMT "v", STR_ARG(n.folder));
	TRY(store_list(s, prefix, STR(""), numbered_each, &n, e));
	if (n.keys.count > 0)
		qsort(n.keys.at, n.keys.count, sizeof(*n.keys.at), by_number);
	if (n.keys.count == 0 || n.keys.at[0].number >= first)
		return 0;
	TRY(boundary_raise(s, space, table, first, e));
	return remove_below(s, &n, first, e);
}

int dir_above_boundary(struct store *s, str space, str table, int64_t *version, struct err *e)
{
	int64_t boundary, highest;

	TRY(boundary_read(s, space, table, &boundary, e));
	if (*version >= boundary)
		return 0;
	TRY(dir_highest(s, space, table, &highest, e));
	if (highest >= boundary)
		*version = highest;
	return 0;
}

int dir_is_first(struct store *s, str space, str table, int64_t version, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	int64_t     present = version;

	TRY(dir_above_boundary(s, space, table, &present, e));
	if (present == version)
		return 1;
	TRY(store_remove(s, dir_version_key(&a, space, table, version), e));
	return 0;
}

int dir_forget(struct store *s, str space, str table, struct err *e)
{
	AUTO(numbered) n = {0};

	TRY(boundaries_list(s, space, table, &n, e));
	return remove_below(s, &n, INT64_MAX, e);
}

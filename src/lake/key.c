/* key.c - where each object of a lake lies. Only here are keys made, so that a
 * name always says where it comes from. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/hash.h"
#include "lake/lake.h"

str lake_origin(struct arena *a, const struct origin *o, uint64_t number)
{
	return arena_format(a, "L" STR_FMT "-E%" PRIu64 "-S%" PRIu64 "-%" PRIu64, STR_ARG(o->lane), o->epoch, o->seq,
	                    number);
}

str lake_data_key(struct arena *a, str space, str table, str partition, str origin)
{
	return arena_format(a, STR_FMT "/" STR_FMT "/data/" STR_FMT "%s" STR_FMT ".parquet", STR_ARG(space),
	                    STR_ARG(table), STR_ARG(partition), partition.len > 0 ? "/" : "", STR_ARG(origin));
}

str lake_data_prefix(struct arena *a, str space, str table)
{
	return arena_format(a, STR_FMT "/" STR_FMT "/data/", STR_ARG(space), STR_ARG(table));
}

str lake_metadata_key(struct arena *a, str space, str table, str name)
{
	return arena_format(a, STR_FMT "/" STR_FMT "/metadata/" STR_FMT, STR_ARG(space), STR_ARG(table), STR_ARG(name));
}

str lake_ids_key(struct arena *a, str lane, str origin)
{
	return arena_format(a, "_tarn/ids/" STR_FMT "/" STR_FMT ".ids", STR_ARG(lane), STR_ARG(origin));
}

str lake_raw_key(struct arena *a, str lane, str origin)
{
	return arena_format(a, "_tarn/raw/" STR_FMT "/" STR_FMT ".raw", STR_ARG(lane), STR_ARG(origin));
}

str lake_journal_key(struct arena *a, str lane, uint64_t seq)
{
	assert(seq > 0);
	return arena_format(a, "_tarn/journal/" STR_FMT "/%020" PRIu64, STR_ARG(lane), seq);
}

str lake_checkpoint_key(struct arena *a, str lane, uint64_t seq)
{
	assert(seq > 0);
	return arena_format(a, "_tarn/checkpoints/" STR_FMT "/%020" PRIu64, STR_ARG(lane), seq);
}

str lake_name(str key)
{
	size_t slash = key.len;

	while (slash > 0 && key.ptr[slash - 1] != '/')
		slash--;
	return str_from(key, slash);
}

/* The digits at the start of `s`, taken off it; false where there are none, or too many. */
static bool digits_take(str *s, uint64_t *out)
{
	size_t  len = 0;
	int64_t number;

	while (len < s->len && s->ptr[len] >= '0' && s->ptr[len] <= '9')
		len++;
	if (!str_to_i64(str_head(*s, len), &number))
		return false;
	*out = (uint64_t)number;
	*s = str_from(*s, len);
	return true;
}

static bool word_take(str *s, str word)
{
	bool is_there = str_starts(*s, word);

	if (is_there)
		*s = str_from(*s, word.len);
	return is_there;
}

bool lake_origin_seq(str name, str lane, uint64_t *out)
{
	uint64_t epoch, seq;

	if (!word_take(&name, STR("L")) || !word_take(&name, lane) || !word_take(&name, STR("-E")) ||
	    !digits_take(&name, &epoch) || !word_take(&name, STR("-S")) || !digits_take(&name, &seq))
		return false;
	if (name.len > 0 && name.ptr[0] != '-' && name.ptr[0] != '.')
		return false;
	*out = seq;
	return true;
}

void lake_checksum(str bytes, char out[33])
{
	struct hash128 h = hash_bytes128(bytes.ptr, bytes.len, 0);

	(void)snprintf(out, 33, "%016" PRIx64 "%016" PRIx64, h.high, h.low);
}

str lake_path(const struct lake *l, struct arena *a, str key)
{
	return arena_format(a, STR_FMT "/" STR_FMT, STR_ARG(l->store->root), STR_ARG(key));
}

bool lake_key(const struct lake *l, str path, str *out)
{
	size_t root = l->store->root.len;
	str    key;

	if (!str_starts(path, l->store->root) || path.len <= root || path.ptr[root] != '/')
		return false;
	key = str_from(path, root + 1);
	if (!store_key_is_valid(key))
		return false;
	*out = key;
	return true;
}

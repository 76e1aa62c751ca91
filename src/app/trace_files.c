/* From an id to the few files that may hold it: by the tables of its pipeline, and by footers and bloom filters. */
#include "app/trace.h"
#include "iceberg/manifest.h"
#include "ingest/standard.h"
#include "parquet/bloom.h"
#include "parquet/footer.h"

enum { TAIL_BYTES = 8, ID_FIELD = 1 }; /* the first column of a table that tarn makes */

#define HOUR_US INT64_C(3600000000)

/* --- one file ------------------------------------------------------------------------------- */

static int read_at(struct trace *t, str key, uint64_t from, uint64_t size, struct buf *out, struct err *e)
{
	buf_clear(out);
	TRY(store_get(t->lake->store, key, from, size, out, e));
	if (out->len != size)
		return err_set(e, ERR_CORRUPT, "it ends before byte %llu", (unsigned long long)(from + size));
	return 0;
}

static int footer_get(struct trace *t, str key, uint64_t size, struct parquet_footer *out, uint32_t *footer_size,
                      struct err *e)
{
	AUTO(buf) bytes = BUF(0);

	if (size < TAIL_BYTES)
		return err_set(e, ERR_CORRUPT, "it is too short to be Parquet");
	TRY(read_at(t, key, size - TAIL_BYTES, TAIL_BYTES, &bytes, e));
	TRY(parquet_footer_size((const uint8_t *)bytes.ptr, size, footer_size, e));
	TRY(read_at(t, key, size - TAIL_BYTES - *footer_size, *footer_size, &bytes, e));
	return parquet_footer_read(buf_str(&bytes), size, &t->arena, out, e);
}

/* 1: it may be in the chunk, 0: it is not. */
static int chunk_may_hold(struct trace *t, str key, uint64_t size, const struct parquet_chunk *c, struct trace_value value,
                          struct err *e)
{
	AUTO(buf)            bytes = BUF(0);
	const uint64_t       hash = parquet_bloom_hash(value.plain), at = (uint64_t)c->bloom_offset;
	struct parquet_bloom bloom;
	int                  opened;

	if (value.is_any || at == 0)
		return 1;
	TRY(read_at(t, key, at, size - at < PARQUET_BLOOM_HEAD ? size - at : PARQUET_BLOOM_HEAD, &bytes, e));
	opened = parquet_bloom_open(buf_str(&bytes), at, size, &bloom, e);
	if (opened == ERR_UNSUPPORTED) {
		*e = ERR_NONE;
		return 1;
	}
	TRY(opened);
	TRY(read_at(t, key, parquet_bloom_block(&bloom, hash), PARQUET_BLOOM_BLOCK, &bytes, e));
	return parquet_bloom_may_hold(bytes.ptr, hash);
}

/* The columns that trace_rows asks for stand among the first; which exactly is the schema's to know. */
static int64_t group_bytes(const struct parquet_group *g)
{
	int64_t bytes = 0;

	for (uint32_t i = 0; i < g->chunk_count && i <= STANDARD_POSITION; i++)
		bytes += g->chunks[i].bytes;
	return bytes;
}

static int look(struct trace *t, uint64_t size, int32_t field_id, struct trace_value value, struct trace_file *f,
                struct err *e)
{
	struct parquet_footer footer;
	uint32_t              footer_size;

	TRY(footer_get(t, f->key, size, &footer, &footer_size, e));
	f->group_count = footer.group_count;
	f->groups = ARENA_ARRAY(&t->arena, int64_t, footer.group_count + 1);
	f->bytes = (int64_t)footer_size + TAIL_BYTES;
	for (uint32_t i = 0; i < footer.group_count; i++) {
		const struct parquet_group *g = &footer.groups[i];
		int                         may = 1;

		f->groups[i] = g->row_count;
		for (uint32_t k = 0; k < g->chunk_count; k++)
			if (g->chunks[k].field_id == field_id)
				may = chunk_may_hold(t, f->key, size, &g->chunks[k], value, e);
		TRY(may);
		f->may_hold |= may > 0;
		f->bytes += may > 0 ? group_bytes(g) : 0;
	}
	return 0;
}

int trace_file_look(struct trace *t, str key, uint64_t size, int32_t field_id, struct trace_value value,
                    const struct trace_file **out, struct err *e)
{
	AUTO(buf)          asked = BUF(0);
	struct map_item   *item;
	struct trace_file *f;

	buf_print(&asked, "%d %d ", field_id, value.is_any);
	buf_add(&asked, value.plain);
	buf_byte(&asked, '\0');
	buf_add(&asked, key);
	item = map_put(&t->files, buf_str(&asked));
	f = item->ptr;
	if (f == NULL) {
		f = ARENA_NEW(&t->arena, struct trace_file);
		f->key = arena_str(&t->arena, key);
		t->files_looked_at++;
		if (look(t, size, field_id, value, f, e) < 0)
			return err_add(e, STR_FMT, STR_ARG(key));
		item->ptr = f;
	}
	*out = f;
	return 0;
}

/* --- tables --------------------------------------------------------------------------------- */

struct listed {
	str      key;
	uint64_t size;
};

struct listing {
	struct arena *arena;
	VEC_OF(struct listed);
};

static int listing_add(void *context, str key, uint64_t size, struct err *e)
{
	struct listing *l = context;

	(void)e;
	if (str_ends(key, STR(".parquet")))
		*VEC_ADD(l) = (struct listed){arena_str(l->arena, key), size};
	return 0;
}

/* Data files of the table that may have events of this hour, if they are where tarn puts them. */
static int list_hour(struct trace *t, const struct table_name *table, int64_t hour, struct listing *out, struct err *e)
{
	static const enum ice_transform transforms[] = {ICE_HOUR, ICE_DAY, ICE_MONTH};
	AUTO(buf)                       prefix = BUF(0);

	for (size_t i = 0; i < sizeof(transforms) / sizeof(transforms[0]); i++) {
		buf_clear(&prefix);
		buf_add(&prefix, lake_data_prefix(&t->arena, table->space, table->name));
		buf_print(&prefix, "event_time_%s=", ice_transform_word(transforms[i]));
		ice_partition_name(transforms[i], ice_transform_us(transforms[i], hour * HOUR_US), &prefix);
		buf_byte(&prefix, '/');
		TRY(store_list(t->lake->store, buf_str(&prefix), STR(""), listing_add, out, e));
	}
	return 0;
}

static int listing_is_likely(struct trace *t, const struct idkey *id, const struct listing *l, struct err *e)
{
	struct trace_value value = {.plain = id->is_uuid ? str_make(id->bytes, sizeof(id->bytes)) : id->text};

	for (size_t i = 0; i < l->count; i++) {
		const struct trace_file *f;
		int                      got = trace_file_look(t, l->at[i].key, l->at[i].size, ID_FIELD, value, &f, e);

		if (got == ERR_MISSING)
			*e = ERR_NONE; /* removed since it was listed: no table shows it any more */
		else if (got < 0 || f->may_hold)
			return got < 0 ? got : 1;
	}
	return 0;
}

/* Is there a file for the event's hour whose filter knows the id? No metadata is read for that; whether its table shows the
 * file is asked afterwards, of this table before all others. */
static int table_is_likely(struct trace *t, const struct trace_asked *asked, const struct table_name *table,
                           struct err *e)
{
	struct listing l = {.arena = &t->arena};
	int            got = list_hour(t, table, asked->run.hour, &l, e);

	if (got == 0)
		got = listing_is_likely(t, &asked->id, &l, e);
	VEC_DONE(&l);
	return got;
}

int trace_likely(struct trace *t, const struct trace_asked *asked, struct table_name *tables, size_t count, size_t *out,
                 struct err *e)
{
	size_t likely = 0;

	for (size_t i = 0; i < count; i++) {
		struct table_name table = tables[i];
		int               got = table_is_likely(t, asked, &table, e);

		TRY(got);
		if (got > 0) {
			tables[i] = tables[likely];
			tables[likely++] = table;
		}
	}
	*out = likely;
	return 0;
}

struct table_list {
	VEC_OF(struct table_name);
};

/* The journal has each name of an event that a pipeline met, and its table. */
static void tables_met(struct trace *t, str pipeline, struct table_list *out)
{
	AUTO(map)         met = {.count = 0};
	const str         prefix = arena_format(&t->arena, STR_FMT "%c", STR_ARG(pipeline), '\0');
	const struct map *names = &t->state.names;

	for (size_t i = 0; i < names->count; i++) {
		const str                *name = names->items[i].ptr;
		const struct state_table *table;
		str                       full;

		if (!str_starts(names->items[i].key, prefix))
			continue;
		full = arena_format(&t->arena, "events." STR_FMT, STR_ARG(*name));
		table = map_ptr(&t->state.tables, full);
		if (table == NULL || table->last_seq == 0 || map_get(&met, full) != NULL)
			continue;
		map_put(&met, full)->num = 1;
		*VEC_ADD(out) = (struct table_name){table->space, table->name, full};
	}
}

void trace_tables(struct trace *t, str pipeline, struct table_name **out, size_t *count)
{
	struct table_list all = {0};

	tables_met(t, pipeline, &all);
	*out = ARENA_ARRAY(&t->arena, struct table_name, all.count + 1);
	if (all.count > 0)
		memcpy(*out, all.at, all.count * sizeof(**out));
	*count = all.count;
	VEC_DONE(&all);
}

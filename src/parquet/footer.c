/* Reading a footer that anyone may have written. What counts claim is never
 * allocated: arrays grow as their elements are met, each of which took bytes. */
#include "parquet/footer.h"

#include "base/vec.h"
#include "codec/thrift.h"

enum { TAIL = 8, MAGIC = 4 };

struct leaf_ids {
	VEC_OF(int32_t);
};

struct groups {
	VEC_OF(struct parquet_group);
};

struct chunks {
	VEC_OF(struct parquet_chunk);
};

struct reading {
	struct thrift_in in;
	uint64_t         file_size;
	struct arena    *a;
	struct leaf_ids  leaves;
	struct groups    groups;
	struct chunks    chunks; /* of the group being read */
	int64_t          row_count;
	bool             has_schema;
	str              origin, created_by;
};

static void reading_done(struct reading *r)
{
	VEC_DONE(&r->leaves);
	VEC_DONE(&r->groups);
	VEC_DONE(&r->chunks);
}

AUTO_DEFINE(reading, reading_done)

int parquet_footer_size(const uint8_t tail[8], uint64_t file_size, uint32_t *out, struct err *e)
{
	uint32_t size;

	memcpy(&size, tail, sizeof(size));
	if (memcmp(tail + sizeof(size), "PAR1", MAGIC) != 0)
		return err_set(e, ERR_CORRUPT, "parquet: the file does not end with PAR1");
	if (file_size < MAGIC + TAIL || size == 0 || size > file_size - MAGIC - TAIL)
		return err_set(e, ERR_CORRUPT, "parquet: a footer of %u bytes does not fit a file of %llu", size,
		               (unsigned long long)file_size);
	*out = size;
	return 0;
}

static void schema_element(struct reading *r)
{
	enum thrift_type type;
	int              id;
	int64_t          children = 0, field_id = 0;

	while (thrift_next(&r->in, &id, &type)) {
		if (id == 5)
			children = thrift_read_int(&r->in, type);
		else if (id == 9)
			field_id = thrift_read_int(&r->in, type);
		else
			thrift_skip(&r->in, type);
	}
	if (r->has_schema && children == 0) /* the first element is the root */
		*VEC_ADD(&r->leaves) = (int32_t)field_id;
	r->has_schema = true;
}

static void statistics(struct reading *r, struct parquet_chunk *chunk)
{
	enum thrift_type type;
	int              id;

	while (thrift_next(&r->in, &id, &type)) {
		if (id == 3 && type == THRIFT_I64)
			chunk->null_count = thrift_read_int(&r->in, type);
		else
			thrift_skip(&r->in, type);
	}
}

static void column_meta(struct reading *r, struct parquet_chunk *chunk)
{
	enum thrift_type type;
	int              id;
	int64_t          dictionary = 0;

	while (thrift_next(&r->in, &id, &type)) {
		if (id == 5)
			chunk->value_count = thrift_read_int(&r->in, type);
		else if (id == 7)
			chunk->bytes = thrift_read_int(&r->in, type);
		else if (id == 9)
			chunk->offset = thrift_read_int(&r->in, type);
		else if (id == 11)
			dictionary = thrift_read_int(&r->in, type);
		else if (id == 14)
			chunk->bloom_offset = thrift_read_int(&r->in, type);
		else if (id == 12 && thrift_read_struct(&r->in, type))
			statistics(r, chunk);
		else if (id != 12)
			thrift_skip(&r->in, type);
	}
	if (dictionary > 0 && dictionary < chunk->offset)
		chunk->offset = dictionary;
}

static void column_chunk(struct reading *r)
{
	struct parquet_chunk chunk = {.null_count = -1};
	size_t               place = r->chunks.count;
	enum thrift_type     type;
	int                  id;

	while (thrift_next(&r->in, &id, &type)) {
		if (id == 3 && thrift_read_struct(&r->in, type))
			column_meta(r, &chunk);
		else if (id != 3)
			thrift_skip(&r->in, type);
	}
	chunk.field_id = place < r->leaves.count ? r->leaves.at[place] : 0;
	*VEC_ADD(&r->chunks) = chunk;
}

/* Calls `read` for each struct of a list. */
static void each_struct(struct reading *r, enum thrift_type type, void (*read)(struct reading *))
{
	enum thrift_type items;
	size_t           count = thrift_read_list(&r->in, type, &items);

	for (; count > 0 && thrift_in_ok(&r->in); count--)
		if (thrift_read_struct(&r->in, items))
			read(r);
}

static void row_group(struct reading *r)
{
	struct parquet_group group = {0};
	enum thrift_type     type;
	int                  id;

	r->chunks.count = 0;
	while (thrift_next(&r->in, &id, &type)) {
		if (id == 1)
			each_struct(r, type, column_chunk);
		else if (id == 3)
			group.row_count = thrift_read_int(&r->in, type);
		else
			thrift_skip(&r->in, type);
	}
	group.chunk_count = (uint32_t)r->chunks.count;
	group.chunks = ARENA_ARRAY(r->a, struct parquet_chunk, r->chunks.count);
	for (size_t i = 0; i < r->chunks.count; i++) {
		group.chunks[i] = r->chunks.at[i];
		if (i == 0)
			group.offset = group.chunks[i].offset;
	}
	*VEC_ADD(&r->groups) = group;
}

static void key_value(struct reading *r)
{
	enum thrift_type type;
	int              id;
	str              key = {0}, value = {0};

	while (thrift_next(&r->in, &id, &type)) {
		if (id == 1)
			key = thrift_read_binary(&r->in, type);
		else if (id == 2)
			value = thrift_read_binary(&r->in, type);
		else
			thrift_skip(&r->in, type);
	}
	if (str_eq(key, STR("tarn.origin")))
		r->origin = value;
}

static void file_meta(struct reading *r)
{
	enum thrift_type type;
	int              id;

	while (thrift_next(&r->in, &id, &type)) {
		if (id == 2)
			each_struct(r, type, schema_element);
		else if (id == 3)
			r->row_count = thrift_read_int(&r->in, type);
		else if (id == 4)
			each_struct(r, type, row_group);
		else if (id == 5)
			each_struct(r, type, key_value);
		else if (id == 6)
			r->created_by = thrift_read_binary(&r->in, type);
		else
			thrift_skip(&r->in, type);
	}
}

/* Does the chunk lie within the file, before the footer? Adds its bytes to the group's. */
static bool chunk_fits(const struct parquet_chunk *chunk, uint64_t end, struct parquet_group *group)
{
	if (chunk->value_count < 0 || chunk->null_count < -1 || chunk->null_count > chunk->value_count)
		return false;
	if (chunk->offset < MAGIC || chunk->bytes < 0 || (uint64_t)chunk->offset > end ||
	    (uint64_t)chunk->bytes > end - (uint64_t)chunk->offset)
		return false;
	if (chunk->bloom_offset != 0 && (chunk->bloom_offset < MAGIC || (uint64_t)chunk->bloom_offset >= end))
		return false;
	return !__builtin_add_overflow(group->bytes, chunk->bytes, &group->bytes);
}

static int group_check(const struct reading *r, size_t number, uint64_t end, int64_t *rows, struct err *e)
{
	struct parquet_group *group = &r->groups.at[number];

	if (group->chunk_count != r->leaves.count)
		return err_set(e, ERR_CORRUPT, "parquet: row group %zu has %u columns, the schema %zu", number,
		               group->chunk_count, r->leaves.count);
	for (uint32_t i = 0; i < group->chunk_count; i++)
		if (!chunk_fits(&group->chunks[i], end, group))
			return err_set(e, ERR_CORRUPT, "parquet: column %u of row group %zu lies outside the file", i,
			               number);
	if (group->row_count < 0 || __builtin_add_overflow(*rows, group->row_count, rows))
		return err_set(e, ERR_CORRUPT, "parquet: row group %zu counts %lld rows", number,
		               (long long)group->row_count);
	return 0;
}

static int footer_check(const struct reading *r, uint64_t footer_size, struct err *e)
{
	int64_t rows = 0;

	if (!thrift_in_ok(&r->in) || !r->has_schema)
		return err_set(e, ERR_CORRUPT, "parquet: the footer is not well formed");
	if (r->file_size < footer_size + MAGIC + TAIL)
		return err_set(e, ERR_CORRUPT, "parquet: a footer of %llu bytes does not fit a file of %llu",
		               (unsigned long long)footer_size, (unsigned long long)r->file_size);
	for (size_t i = 0; i < r->groups.count; i++)
		TRY(group_check(r, i, r->file_size - footer_size - TAIL, &rows, e));
	if (rows != r->row_count)
		return err_set(e, ERR_CORRUPT, "parquet: the file counts %lld rows, its row groups %lld",
		               (long long)r->row_count, (long long)rows);
	return 0;
}

int parquet_footer_read(str bytes, uint64_t file_size, struct arena *a, struct parquet_footer *out,
                        struct err *e)
{
	AUTO(reading) r = {.in = thrift_in_open(bytes), .file_size = file_size, .a = a};

	file_meta(&r);
	TRY(footer_check(&r, bytes.len, e));
	*out = (struct parquet_footer){
		.row_count = r.row_count,
		.groups = ARENA_ARRAY(a, struct parquet_group, r.groups.count),
		.group_count = (uint32_t)r.groups.count,
		.origin = arena_str(a, r.origin),
		.created_by = arena_str(a, r.created_by),
	};
	for (size_t i = 0; i < r.groups.count; i++)
		out->groups[i] = r.groups.at[i];
	return 0;
}

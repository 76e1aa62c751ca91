/* Memory of columns: every array is a piece of the pool that doubles as it
 * grows. A column starts with none, so a field that is never set costs one
 * pointer.
 *
 * Invariants: value_count is the number of bits set in `valid`; bits from
 * slot_end to the end of the piece are 0; c->bytes is the sum of all pieces. */
#include "column/columns_int.h"

#include "base/hash.h"

/* Past this a double no longer tells every integer from its neighbour. */
#define DOUBLE_EXACT ((int64_t)1 << 53)

void piece_grow(struct columns *c, void **piece, size_t *cap, size_t used, size_t need)
{
	size_t before = *piece ? *cap : 0;

	*piece = pool_grow(c->pool, *piece, cap, used, need);
	c->bytes += *cap - before;
}

void piece_free(struct columns *c, void **piece, size_t *cap)
{
	if (*piece != NULL)
		c->bytes -= *cap;
	pool_put(c->pool, *piece, *cap);
	*piece = NULL;
	*cap = 0;
}

void columns_init(struct columns *c, struct pool *pool, const struct schema *schema)
{
	*c = (struct columns){.pool = pool, .schema = schema, .seed = hash_process_seed()};
}

static void col_free(struct columns *c, struct col *col)
{
	void  *piece = col;
	size_t cap;

	piece_free(c, (void **)&col->valid, &col->valid_cap);
	piece_free(c, &col->values, &col->values_cap);
	strings_done(c, &col->strings);
	cap = col->self_cap;
	piece_free(c, &piece, &cap);
}

void columns_clear(struct columns *c)
{
	for (uint32_t i = 0; i < c->col_cap; i++)
		if (c->cols[i] != NULL)
			col_free(c, c->cols[i]);
	piece_free(c, (void **)&c->cols, &c->cols_cap);
	c->col_cap = 0;
	c->row_count = 0;
	assert(c->bytes == 0);
}

void columns_done(struct columns *c)
{
	if (c->pool != NULL)
		columns_clear(c);
	*c = (struct columns){0};
}

static void cols_grow(struct columns *c, uint32_t ordinal)
{
	size_t   used = c->col_cap * sizeof(*c->cols);
	uint32_t count;

	piece_grow(c, (void **)&c->cols, &c->cols_cap, used, ((size_t)ordinal + 1) * sizeof(*c->cols));
	count = (uint32_t)(c->cols_cap / sizeof(*c->cols));
	for (uint32_t i = c->col_cap; i < count; i++)
		c->cols[i] = NULL;
	c->col_cap = count;
}

struct col *columns_col_new(struct columns *c, const struct field *f)
{
	void  *piece = NULL;
	size_t cap = 0;

	assert(c->schema->fields[f->ordinal] == f);
	if (f->ordinal >= c->col_cap)
		cols_grow(c, f->ordinal);
	assert(c->cols[f->ordinal] == NULL);
	piece_grow(c, &piece, &cap, 0, sizeof(struct col));
	c->cols[f->ordinal] = piece;
	*c->cols[f->ordinal] = (struct col){.type = f->type, .self_cap = cap};
	return piece;
}

void col_grow_slots(struct columns *c, struct col *col, uint32_t slot)
{
	size_t used = col->valid_cap;

	piece_grow(c, (void **)&col->valid, &col->valid_cap, used, ((size_t)slot >> 3) + 1);
	memset((char *)col->valid + used, 0, col->valid_cap - used);
}

void col_grow_values(struct columns *c, struct col *col, size_t item_size)
{
	size_t used = (size_t)col->value_count * item_size;

	piece_grow(c, &col->values, &col->values_cap, used, used + item_size);
}

void col_set_string(struct columns *c, struct col *col, uint32_t slot, str v)
{
	assert(col->type == TYPE_STRING || col->type == TYPE_BINARY);
	strings_add(c, &col->strings, col->value_count, v);
	col_mark(c, col, slot);
}

bool col_long_to_double(struct columns *c, struct col *col)
{
	(void)c; /* a column changes through its columns, though this change needs no memory */
	assert(col->type == TYPE_LONG);
	for (uint32_t i = 0; i < col->value_count; i++)
		if (col->longs[i] > DOUBLE_EXACT || col->longs[i] < -DOUBLE_EXACT)
			return false;
	for (uint32_t i = 0; i < col->value_count; i++) {
		double v = (double)col->longs[i];

		memcpy(&col->longs[i], &v, sizeof(v));
	}
	col->type = TYPE_DOUBLE;
	return true;
}

/* answer.c - a result's columns, its chunks, its cells. */
#include "query/answer.h"

#include <assert.h>

#include "query/engine_int.h"
#include "query/value.h"

static int column_describe(struct answer *a, size_t index, struct err *e)
{
	const struct duck_api *api = a->engine->api;
	struct answer_column  *column = &a->columns[index];
	struct duck_type      *type = api->column_logical_type(&a->result, index);
	int                    status = value_type_read(api, type, &a->arena, &column->type, e);

	api->destroy_logical_type(&type);
	column->name = arena_str(&a->arena, str_of(api->column_name(&a->result, index)));
	if (status < 0)
		return err_add(e, "column " STR_FMT, STR_ARG(str_head(column->name, 200)));
	column->is_number = value_type_is_number(column->type);
	return 0;
}

static void chunk_drop(struct answer *a)
{
	if (a->chunk != NULL)
		a->engine->api->destroy_data_chunk(&a->chunk);
	a->row_count = 0;
}

/* The count of rows written is itself a result: one row with one number. */
static int changed_read(struct answer *a, struct err *e)
{
	const struct duck_api *api = a->engine->api;
	const char            *error;
	const int64_t         *count;

	a->chunk = api->fetch_chunk(a->result);
	if (a->chunk != NULL && api->data_chunk_get_size(a->chunk) > 0) {
		count = api->vector_get_data(api->data_chunk_get_vector(a->chunk, 0));
		a->changed = (uint64_t)*count;
	}
	chunk_drop(a);
	error = api->result_error(&a->result);
	return error != NULL && error[0] != '\0' ? engine_fail(error, e) : 0;
}

int answer_describe(struct answer *a, struct err *e)
{
	const struct duck_api *api = a->engine->api;
	int                    kind = api->result_return_type(a->result);

	a->kind = ANSWER_NOTHING;
	if (kind == DUCK_ROWS)
		a->kind = ANSWER_ROWS;
	else if (kind == DUCK_CHANGED_ROWS)
		a->kind = ANSWER_CHANGED;
	if (a->kind == ANSWER_CHANGED)
		return changed_read(a, e);
	a->column_count = a->kind == ANSWER_ROWS ? api->column_count(&a->result) : 0;
	a->columns = ARENA_ARRAY(&a->arena, struct answer_column, a->column_count);
	a->vectors = ARENA_ARRAY(&a->arena, struct duck_vector *, a->column_count);
	for (size_t i = 0; i < a->column_count; i++)
		TRY(column_describe(a, i, e));
	return 0;
}

int answer_next(struct answer *a, struct err *e)
{
	const struct duck_api *api = a->engine->api;
	const char            *error;

	if (a->kind != ANSWER_ROWS)
		return 0;
	do {
		chunk_drop(a);
		a->chunk = api->fetch_chunk(a->result);
		if (a->chunk == NULL) {
			error = api->result_error(&a->result);
			return error != NULL && error[0] != '\0' ? engine_fail(error, e) : 0;
		}
		a->row_count = api->data_chunk_get_size(a->chunk);
	} while (a->row_count == 0);
	for (size_t i = 0; i < a->column_count; i++)
		a->vectors[i] = api->data_chunk_get_vector(a->chunk, i);
	return 1;
}

void answer_done(struct answer *a)
{
	if (a->engine != NULL) {
		chunk_drop(a);
		a->engine->api->destroy_result(&a->result);
		a->engine->api->destroy_prepare(&a->prepared);
		engine_idle(a->engine);
	}
	arena_done(&a->arena);
	*a = (struct answer){.engine = NULL};
}

void answer_json(const struct answer *a, size_t column, size_t row, struct buf *out)
{
	assert(column < a->column_count && row < a->row_count);
	value_json(a->engine->api, a->columns[column].type, a->vectors[column], row, out);
}

bool answer_text(const struct answer *a, size_t column, size_t row, struct buf *out)
{
	assert(column < a->column_count && row < a->row_count);
	return value_text(a->engine->api, a->columns[column].type, a->vectors[column], row, out);
}

str answer_bytes(const struct answer *a, size_t column, size_t row)
{
	assert(column < a->column_count && row < a->row_count);
	return value_bytes(a->engine->api, a->columns[column].type, a->vectors[column], row);
}

bool answer_long(const struct answer *a, size_t column, size_t row, int64_t *out)
{
	assert(column < a->column_count && row < a->row_count);
	return value_long(a->engine->api, a->columns[column].type, a->vectors[column], row, out);
}

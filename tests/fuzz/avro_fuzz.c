/* Avro containers: opened, every object read by its type, work and memory bounded by the input. */
#include "codec/avro.h"
#include "tests/fuzz/fuzz.h"

enum { CEILING = 1 << 20 };

static void read_value(struct avro_cursor *c, const struct avro_type *t)
{
	struct avro_items it;

	if (t->kind == AVRO_UNION)
		t = avro_branch(c, t);
	switch (t->kind) {
	case AVRO_BOOL:
		(void)avro_bool(c, t, false);
		break;
	case AVRO_INT:
	case AVRO_LONG:
		(void)avro_long(c, t, -1);
		break;
	case AVRO_BYTES:
	case AVRO_STRING:
	case AVRO_FIXED:
		CHECK(avro_str(c, t).ptr != NULL || c->is_broken || t->size == 0);
		break;
	case AVRO_RECORD:
		for (size_t i = 0; i < t->field_count && !c->is_broken; i++)
			read_value(c, t->fields[i].type);
		break;
	case AVRO_ARRAY:
		for (it = avro_items(c, t); avro_next(c, &it);)
			read_value(c, it.type);
		break;
	default:
		avro_skip(c, t);
	}
}

static int each_read(void *context, struct avro_cursor *c, const struct avro_type *t, struct err *e)
{
	(void)context, (void)e;
	read_value(c, t);
	return 0;
}

static int each_skip(void *context, struct avro_cursor *c, const struct avro_type *t, struct err *e)
{
	(void)e;
	*(size_t *)context += 1;
	avro_skip(c, t);
	return 0;
}

static int walk(str bytes, avro_each_fn *each, void *context)
{
	AUTO(arena)      a = ARENA_INIT;
	struct avro_file f;
	struct err       e = ERR_NONE;
	str              value;

	TRY(avro_open(bytes, &a, &f, &e));
	(void)avro_pair(&f, STR("avro.schema"), &value);
	return avro_each(&f, CEILING, each, context, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char  *copy = fuzz_copy(str_make(data, size), 0);
	size_t count = 0;
	int    read = walk(str_make(copy, size), each_read, NULL);
	int    passed = walk(str_make(copy, size), each_skip, &count);

	if (read == 0) /* reading looks closer than passing over does */
		CHECK_INT(passed, 0);
	free(copy);
	return 0;
}

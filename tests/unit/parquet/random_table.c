#include "tests/unit/parquet/random_table.h"

#include <math.h>

#include "tests/lib/test.h"

/* Nulls come in stretches for some fields and never for others. */
static unsigned null_percent(const struct field *f)
{
	static const unsigned percents[] = {0, 10, 50, 95};

	return f->required ? 0 : percents[(unsigned)f->id % 4];
}

static uint64_t draw(enum random_shape shape, uint64_t few)
{
	return shape == RANDOM_SMALL ? test_random() % few : test_random();
}

static void hex(struct buf *out, const void *ptr, size_t len)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < len; i++)
		buf_print(out, "%02x", ((const uint8_t *)ptr)[i]);
	buf_byte(out, '"');
}

static void long_set(struct columns *c, struct col *col, uint32_t slot, int64_t v, struct buf *json)
{
	col_set_long(c, col, slot, v);
	buf_print(json, "%lld", (long long)v);
}

static void double_set(struct columns *c, struct col *col, uint32_t slot, enum random_shape shape,
                       struct buf *json)
{
	double v = (double)(int64_t)draw(shape, 100) / 8;

	if (shape == RANDOM_WIDE && test_random() % 8 == 0)
		v = (double[]){NAN, INFINITY, -INFINITY, -0.0}[test_random() % 4];
	col_set_double(c, col, slot, v);
	if (isfinite(v))
		buf_print(json, "%.17g", v);
	else
		buf_add(json, isnan(v) ? STR("\"NaN\"") : v > 0 ? STR("\"Infinity\"") : STR("\"-Infinity\""));
}

static void string_set(struct columns *c, struct col *col, uint32_t slot, enum random_shape shape,
                       struct buf *json)
{
	static const char *const parts[] = {
		"a", "Z9", "~", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF",
	};
	AUTO(buf) text = BUF(0);
	uint64_t  seed = draw(shape, 40), count = seed % (test_random() % 100 || shape == RANDOM_SMALL ? 24 : 200);
	bool      is_last = shape == RANDOM_WIDE && test_random() % 40 == 0; /* no bound above but itself */

	for (uint64_t i = 0; is_last && i < 20; i++)
		buf_add(&text, STR("\xF4\x8F\xBF\xBF"));
	for (uint64_t i = 0; i < count; i++, seed = seed * 6364136223846793005u + 1442695040888963407u)
		buf_add(&text, str_of(parts[(seed >> 40) % (sizeof(parts) / sizeof(parts[0]))]));
	col_set_string(c, col, slot, buf_str(&text));
	buf_json(json, buf_str(&text));
}

static void binary_set(struct columns *c, struct col *col, uint32_t slot, enum random_shape shape,
                       struct buf *json)
{
	uint8_t  bytes[40];
	uint64_t seed = draw(shape, 30), len = seed % sizeof(bytes);

	for (uint64_t i = 0; i < len; i++, seed = seed * 6364136223846793005u + 1442695040888963407u)
		bytes[i] = (uint8_t)(seed >> 62 == 0 ? 0 : seed >> 62 == 1 ? 0xFF : seed >> 33);
	col_set_string(c, col, slot, str_make(bytes, (size_t)len));
	hex(json, bytes, (size_t)len);
}

static void uuid_set(struct columns *c, struct col *col, uint32_t slot, enum random_shape shape, struct buf *json)
{
	uint64_t words[2] = {draw(shape, 20) * 0x9E3779B97F4A7C15u, draw(shape, 2)};

	col_set_uuid(c, col, slot, (const uint8_t *)words);
	hex(json, words, sizeof(words));
}

static void leaf_set(struct columns *c, const struct field *f, uint32_t slot, enum random_shape shape,
                     struct buf *json)
{
	struct col *col = columns_col(c, f);
	int64_t     micros = (int64_t)draw(shape, 50) % 4000000000000000;

	switch (f->type) {
	case TYPE_BOOL:
		col_set_bool(c, col, slot, micros & 1);
		buf_add(json, micros & 1 ? STR("true") : STR("false"));
		break;
	case TYPE_LONG:
		long_set(c, col, slot, (int64_t)draw(shape, 1000), json);
		break;
	case TYPE_TIMESTAMPTZ:
		long_set(c, col, slot, micros, json);
		break;
	case TYPE_INT:
		long_set(c, col, slot, (int32_t)draw(shape, 1000), json);
		break;
	case TYPE_DATE:
		long_set(c, col, slot, (int32_t)(draw(shape, 1000) % 40000), json);
		break;
	case TYPE_DOUBLE:
		double_set(c, col, slot, shape, json);
		break;
	case TYPE_STRING:
		string_set(c, col, slot, shape, json);
		break;
	case TYPE_BINARY:
		binary_set(c, col, slot, shape, json);
		break;
	default:
		uuid_set(c, col, slot, shape, json);
		break;
	}
}

static void field_set(struct columns *c, const struct field *f, uint32_t slot, enum random_shape shape,
                      struct buf *json);

static void members_set(struct columns *c, const struct field *f, uint32_t slot, enum random_shape shape,
                        struct buf *json)
{
	for (uint32_t i = 0; i < f->child_count; i++) {
		buf_byte(json, i ? ',' : '{');
		buf_json(json, f->children[i]->name);
		buf_byte(json, ':');
		field_set(c, f->children[i], slot, shape, json);
	}
	buf_byte(json, '}');
}

static void elements_set(struct columns *c, const struct field *f, uint32_t slot, enum random_shape shape,
                         struct buf *json)
{
	uint32_t count = test_random() % 3 ? (uint32_t)(test_random() % 4) : 0;
	uint32_t first = col_set_list(c, columns_col(c, f), slot, count);

	buf_byte(json, '[');
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			buf_byte(json, ',');
		field_set(c, f->children[0], first + i, shape, json);
	}
	buf_byte(json, ']');
}

static void field_set(struct columns *c, const struct field *f, uint32_t slot, enum random_shape shape,
                      struct buf *json)
{
	/* A field whose id ends in 7 is in the schema and in no row. */
	if (test_random() % 100 < null_percent(f) || (f->id % 10 == 7 && !f->required)) {
		buf_add(json, STR("null"));
	} else if (f->type == TYPE_STRUCT) {
		col_set_struct(c, columns_col(c, f), slot);
		members_set(c, f, slot, shape, json);
	} else if (f->type == TYPE_LIST) {
		elements_set(c, f, slot, shape, json);
	} else {
		leaf_set(c, f, slot, shape, json);
	}
}

static void fields_add(struct schema *s, struct field *parent, uint32_t count, unsigned depth);

static void field_add(struct schema *s, struct field *parent, str name, unsigned depth)
{
	enum type     type = (enum type)(test_random() % (depth ? TYPE_LIST + 1 : TYPE_STRUCT));
	bool          required = test_random() % 5 == 0;
	struct field *f = schema_add(s, parent, name, type, required, STR(""), 0);

	if (type == TYPE_STRUCT)
		fields_add(s, f, 1 + (uint32_t)(test_random() % 3), depth - 1);
	else if (type == TYPE_LIST)
		field_add(s, f, STR("element"), depth - 1);
}

static void fields_add(struct schema *s, struct field *parent, uint32_t count, unsigned depth)
{
	char name[32];

	for (uint32_t i = 0; i < count; i++) {
		int len = snprintf(name, sizeof(name), "f%u", i);

		field_add(s, parent, str_make(name, (size_t)len), depth);
	}
}

void random_table_init(struct random_table *t, struct random_kind kind)
{
	*t = (struct random_table){
		.pool = pool_new((size_t)1 << 30),
		.row_ends = xcalloc(kind.row_count, sizeof(size_t)),
	};
	schema_init(&t->schema);
	(void)schema_add(&t->schema, t->schema.root, STR("event_id"), TYPE_UUID, true, STR(""), 0);
	(void)schema_add(&t->schema, t->schema.root, STR("event_time"), TYPE_TIMESTAMPTZ, true, STR(""), 0);
	(void)schema_add(&t->schema, t->schema.root, STR("name"), TYPE_STRING, true, STR(""), 0);
	fields_add(&t->schema, t->schema.root, kind.field_count, kind.depth);
	columns_init(&t->c, t->pool, &t->schema);
	for (uint32_t row = 0; row < kind.row_count; row++) {
		members_set(&t->c, t->schema.root, row, kind.shape, &t->rows);
		t->row_ends[row] = t->rows.len;
		t->c.row_count++;
	}
}

void random_table_done(struct random_table *t)
{
	columns_done(&t->c);
	schema_done(&t->schema);
	pool_free(t->pool);
	buf_done(&t->rows);
	free(t->row_ends);
	*t = (struct random_table){0};
}

str random_table_row(const struct random_table *t, uint32_t row)
{
	size_t from = row ? t->row_ends[row - 1] : 0;

	return str_make(t->rows.ptr + from, t->row_ends[row] - from);
}

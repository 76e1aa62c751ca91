#include <math.h>

#include "base/buf.h"
#include "column/columns.h"
#include "tests/lib/test.h"

struct fixture {
	struct pool   *pool;
	struct schema  schema;
	struct columns c;
};

static void fixture_init(struct fixture *x)
{
	x->pool = pool_new(1 << 30);
	schema_init(&x->schema);
	columns_init(&x->c, x->pool, &x->schema);
}

static void fixture_done(struct fixture *x)
{
	columns_done(&x->c);
	schema_done(&x->schema);
	CHECK_INT(pool_used(x->pool), 0);
	pool_free(x->pool);
}

AUTO_DEFINE(fixture, fixture_done)

static struct col *column(struct fixture *x, const char *name, enum type type)
{
	return columns_col(&x->c, schema_add(&x->schema, x->schema.root, str_of(name), type, false, STR(""), 0));
}

TEST(columns_are_sparse_and_values_dense)
{
	AUTO(fixture) x;
	struct col   *a;

	fixture_init(&x);
	a = column(&x, "a", TYPE_LONG);
	col_set_long(&x.c, a, 0, 7);
	col_set_long(&x.c, a, 2, 9);
	col_set_long(&x.c, a, 66, -1);
	CHECK_INT(a->value_count, 3);
	CHECK_INT(a->slot_end, 67);
	CHECK(col_is_set(a, 0) && !col_is_set(a, 1) && col_is_set(a, 66) && !col_is_set(a, 67));
	CHECK(!col_is_set(a, 1u << 30));
	CHECK_INT(a->longs[1], 9);
}

TEST(columns_grow_and_give_everything_back)
{
	AUTO(fixture) x;
	struct col   *longs, *bools, *uuids, *texts;
	uint8_t       uuid[16] = {0};

	fixture_init(&x);
	longs = column(&x, "l", TYPE_LONG);
	bools = column(&x, "b", TYPE_BOOL);
	uuids = column(&x, "u", TYPE_UUID);
	texts = column(&x, "t", TYPE_STRING);
	for (uint32_t i = 0; i < 10000; i++) {
		col_set_long(&x.c, longs, i, i);
		col_set_bool(&x.c, bools, i, i % 3 == 0);
		memcpy(uuid, &i, sizeof(i));
		col_set_uuid(&x.c, uuids, i, uuid);
		col_set_string(&x.c, texts, i * 2, str_make("abcdefgh", i % 9));
	}
	CHECK_INT(longs->longs[9999], 9999);
	CHECK_INT(bools->bools[9999], 1);
	CHECK_INT(memcmp(uuids->uuids + 16 * 9999, uuid, 16), 0);
	CHECK_STR(col_string(texts, 9999), STR(""));
	CHECK_STR(col_string(texts, 9998), STR("abcdefgh"));
	CHECK_INT(texts->strings.entry_count, 9);
	CHECK_INT(x.c.bytes, pool_used(x.pool));
	columns_clear(&x.c);
	CHECK_INT(x.c.bytes, 0);
	CHECK_INT(pool_used(x.pool), 0);
}

TEST(columns_follow_a_schema_that_grows)
{
	AUTO(fixture) x;
	char          name[16];

	fixture_init(&x);
	for (unsigned i = 0; i < 300; i++) {
		int len = snprintf(name, sizeof(name), "f%u", i);

		(void)schema_add(&x.schema, x.schema.root, str_make(name, (size_t)len), TYPE_LONG, false, STR(""), 0);
		CHECK(columns_peek(&x.c, x.schema.fields[i + 1]) == NULL);
		col_set_long(&x.c, columns_col(&x.c, x.schema.fields[i + 1]), i, i);
	}
	for (unsigned i = 0; i < 300; i++)
		CHECK_INT(columns_peek(&x.c, x.schema.fields[i + 1])->longs[0], i);
}

TEST(lists_hand_out_runs_of_element_slots)
{
	AUTO(fixture) x;
	struct field *list;
	struct col   *t, *element;

	fixture_init(&x);
	list = schema_add(&x.schema, x.schema.root, STR("t"), TYPE_LIST, false, STR(""), 0);
	t = columns_col(&x.c, list);
	element = columns_col(&x.c, schema_add(&x.schema, list, STR("element"), TYPE_STRING, false, STR(""), 0));
	CHECK_INT(col_set_list(&x.c, t, 1, 2), 0);
	col_set_string(&x.c, element, 1, STR("y"));
	CHECK_INT(col_set_list(&x.c, t, 2, 0), 2);
	CHECK_INT(col_set_list(&x.c, t, 5, 1), 2);
	col_set_string(&x.c, element, 2, STR("z"));
	CHECK_INT(t->ends[0], 2);
	CHECK_INT(t->ends[1], 2);
	CHECK_INT(t->ends[2], 3);
	CHECK_INT(t->element_slots, 3);
	CHECK(!col_is_set(element, 0) && col_is_set(element, 1));
	CHECK_STR(col_string(element, 1), STR("z"));
}

TEST(longs_become_doubles_only_where_exact)
{
	AUTO(fixture) x;
	struct col   *a, *b;

	fixture_init(&x);
	a = column(&x, "a", TYPE_LONG);
	b = column(&x, "b", TYPE_LONG);
	col_set_long(&x.c, a, 0, -((int64_t)1 << 53));
	col_set_long(&x.c, a, 1, 3);
	col_set_long(&x.c, b, 0, 3);
	col_set_long(&x.c, b, 1, ((int64_t)1 << 53) + 1);
	CHECK(col_long_to_double(&x.c, a));
	CHECK(a->type == TYPE_DOUBLE && a->doubles[0] == -9007199254740992.0 && a->doubles[1] == 3.0);
	col_set_double(&x.c, a, 2, 0.5);
	CHECK(a->doubles[2] == 0.5);
	CHECK(!col_long_to_double(&x.c, b));
	CHECK(b->type == TYPE_LONG && b->longs[0] == 3);
}

/* Text number n of a domain: short and long ones, shared beginnings, NUL bytes. */
static str text_of(uint64_t n, char room[128])
{
	size_t len = (size_t)(n * 7 % 61);

	memset(room, 'x', 128);
	memcpy(room, &n, sizeof(n));
	memcpy(room + len, &n, sizeof(n));
	return str_make(room, len + 3);
}

static void strings_hold(uint64_t domain, uint32_t count, bool want_plain)
{
	AUTO(fixture) x;
	struct col   *t;
	uint64_t     *numbers = xcalloc(count, sizeof(*numbers));
	char          room[128];

	fixture_init(&x);
	t = column(&x, "t", TYPE_BINARY);
	for (uint32_t i = 0; i < count; i++) {
		numbers[i] = test_random() % domain;
		col_set_string(&x.c, t, i, text_of(numbers[i], room));
	}
	CHECK_INT(t->strings.is_plain, want_plain);
	for (uint32_t i = 0; i < count; i++)
		CHECK_STR(col_string(t, i), text_of(numbers[i], room));
	CHECK_INT(x.c.bytes, pool_used(x.pool));
	free(numbers);
}

TEST(strings_that_repeat_stay_a_dictionary)
{
	strings_hold(1, 1000, false);
	strings_hold(1000, 20000, false);
	strings_hold(20000, 400000, false);
}

TEST(strings_that_do_not_repeat_become_plain)
{
	strings_hold(UINT32_MAX, 5000, true);
	strings_hold(1000000, 200000, true);
}

TEST(strings_of_all_short_lengths_are_told_apart)
{
	AUTO(fixture) x;
	struct col   *t;
	char          room[40];
	uint32_t      slot = 0;

	fixture_init(&x);
	t = column(&x, "t", TYPE_STRING);
	for (unsigned pass = 0; pass < 2; pass++)
		for (uint8_t len = 0; len < 40; len++)
			for (uint8_t at = 0; at < (len ? len : 1); at++) {
				memset(room, 0, sizeof(room));
				room[at] = 1;
				col_set_string(&x.c, t, slot++, str_make(room, len));
			}
	CHECK_INT(t->strings.entry_count, slot / 2);
	for (uint32_t i = 0; i < slot / 2; i++)
		CHECK_INT(t->strings.codes[i], t->strings.codes[i + slot / 2]);
}

#include <math.h>

#include "parquet/dict_int.h"
#include "tests/lib/test.h"

/* A column of longs with this many distinct values, as a dictionary or not. */
static bool number_dict_pays(uint32_t count, uint32_t distinct)
{
	struct dict_room room = {0};
	struct dict      dict;
	int64_t         *longs = xcalloc(count, sizeof(*longs));
	struct col       col = {.type = TYPE_LONG, .value_count = count, .longs = longs};
	bool             pays;

	for (uint32_t i = 0; i < count; i++)
		longs[i] = (int64_t)(test_random() % distinct) * 1000003;
	pays = dict_make(&col, (struct picks){NULL, 0, count}, &room, &dict);
	for (uint32_t i = 0; pays && i < count; i++)
		CHECK_INT(longs[pick(dict.entries, dict.codes[i])], longs[i]);
	free(longs);
	dict_room_done(&room);
	return pays;
}

TEST(dictionaries_of_numbers_are_made_where_they_repeat)
{
	CHECK(number_dict_pays(1000, 1));
	CHECK(number_dict_pays(1000, 100));
	CHECK(number_dict_pays(100000, 5000));
	CHECK(!number_dict_pays(1000, UINT32_MAX));
	CHECK(!number_dict_pays(200000, UINT32_MAX));
	CHECK(!number_dict_pays(300000, 150000));
}

TEST(dictionaries_number_entries_by_first_appearance)
{
	struct dict_room room = {0};
	struct dict      dict;
	int64_t          longs[] = {7, 7, 5, 7, 9, 5, 9, 9, 9};
	uint32_t         order[] = {4, 2, 0, 1, 3, 5, 6, 7, 8};
	struct col       col = {.type = TYPE_LONG, .value_count = 9, .longs = longs};

	CHECK(dict_make(&col, (struct picks){order, 0, 9}, &room, &dict));
	CHECK_INT(dict.width, 2);
	CHECK_INT(dict.entries.count, 3);
	CHECK_INT(longs[pick(dict.entries, 0)], 9);
	CHECK_INT(longs[pick(dict.entries, 1)], 5);
	CHECK_INT(longs[pick(dict.entries, 2)], 7);
	CHECK_INT(dict.codes[3], 2);
	dict_room_done(&room);
}

TEST(dictionaries_hold_no_nan)
{
	struct dict_room room = {0};
	struct dict      dict;
	double           values[64] = {0};
	struct col       col = {.type = TYPE_DOUBLE, .value_count = 64, .doubles = values};

	CHECK(dict_make(&col, (struct picks){NULL, 0, 64}, &room, &dict));
	values[60] = NAN;
	CHECK(!dict_make(&col, (struct picks){NULL, 0, 64}, &room, &dict));
	dict_room_done(&room);
}

TEST(dictionaries_of_text_leave_unused_entries_out)
{
	struct pool     *pool = pool_new(1 << 20);
	struct schema    schema;
	struct columns   c;
	struct col      *col;
	struct dict_room room = {0};
	struct dict      dict;
	uint32_t         odd[50];
	char             text[32];

	schema_init(&schema);
	columns_init(&c, pool, &schema);
	col = columns_col(&c, schema_add(&schema, schema.root, STR("t"), TYPE_STRING, false, STR(""), 0));
	for (uint32_t i = 0; i < 100; i++) {
		int len = snprintf(text, sizeof(text), "value %u", i % 2 ? 1 : i);

		col_set_string(&c, col, i, str_make(text, (size_t)len));
	}
	for (uint32_t i = 0; i < 50; i++)
		odd[i] = 2 * i + 1;
	CHECK(dict_make(col, (struct picks){odd, 0, 50}, &room, &dict));
	CHECK_INT(dict.entries.count, 1);
	CHECK_INT(dict.width, 1);
	for (uint32_t i = 0; i < 50; i++)
		odd[i] = 2 * i;
	CHECK(!dict_make(col, (struct picks){odd, 0, 50}, &room, &dict)); /* all different: plain is smaller */
	dict_room_done(&room);
	columns_done(&c);
	schema_done(&schema);
	pool_free(pool);
}

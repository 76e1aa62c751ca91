#include "ingest/idsort.h"

#include <stdlib.h>

#include "tests/lib/test.h"

enum { MOST = 5000 };

static void check(const struct id_item *items, size_t count)
{
	static struct id_item one[MOST], two[MOST];

	memcpy(one, items, count * sizeof(*items));
	qsort(one, count, sizeof(*one), id_item_order);
	id_items_sort(items, count, two);
	CHECK(memcmp(one, two, count * sizeof(*one)) == 0);
}

TEST(idsort_is_the_order_of_qsort)
{
	static struct id_item items[MOST];
	const int64_t         hours[] = {1, 2, 7, 1000, 20000, INT64_C(1) << 40};

	for (size_t h = 0; h < sizeof(hours) / sizeof(hours[0]); h++)
		for (size_t count = 1; count <= MOST; count = count * 3 + 1) {
			for (uint64_t i = 0; i < count; i++)
				items[i] = (struct id_item){hash_bytes128(&i, sizeof(i), 9), i, (int64_t)(i * i) % hours[h] - 3};
			check(items, count);
		}
}

TEST(idsort_takes_hours_far_apart_and_keys_close_together)
{
	static struct id_item items[MOST];

	items[0] = (struct id_item){{1, 2}, 3, INT64_MAX};
	items[1] = (struct id_item){{1, 1}, 3, INT64_MIN};
	items[2] = (struct id_item){{0, 9}, 3, INT64_MAX};
	check(items, 3);
	for (uint64_t i = 0; i < MOST; i++)
		items[i] = (struct id_item){{7, (i * 7919) % MOST}, i, 5};
	check(items, MOST);
}

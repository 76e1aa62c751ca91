#include "query/prune.h"
#include "tests/lib/test.h"

static struct field long_field = {.id = 1, .type = TYPE_LONG},
		    time_field = {.id = 2, .type = TYPE_TIMESTAMPTZ},
		    text_field = {.id = 3, .type = TYPE_STRING};

static bool keeps(const struct field *f, str lower, str upper, enum compare compare, int64_t whole,
                  str text)
{
	struct leaf_stats leaf = {.field_id = f->id, .lower = lower, .upper = upper};
	struct ice_file   file = {.stats = {.leaves = &leaf, .leaf_count = 1}};
	struct condition  condition = {f, compare, whole, text};
	struct plan_use   use = {&condition, 1, 1};
	struct plan       plan = {.at = &use, .count = 1};

	return prune_keeps(&plan, &file);
}

static str bytes_of(const int64_t *v)
{
	return str_make(v, sizeof(*v));
}

TEST(prune_keeps_a_file_exactly_when_a_value_may_fit)
{
	for (int64_t lower = -2; lower <= 2; lower++) {
		for (int64_t upper = lower; upper <= 2; upper++) {
			for (int64_t c = -3; c <= 3; c++) {
				str  none = STR("");
				bool has[5] = {false};

				for (int64_t v = lower; v <= upper; v++) {
					has[COMPARE_EQ] |= v == c;
					has[COMPARE_LT] |= v < c;
					has[COMPARE_LE] |= v <= c;
					has[COMPARE_GT] |= v > c;
					has[COMPARE_GE] |= v >= c;
				}
				for (enum compare k = COMPARE_EQ; k <= COMPARE_GE; k++)
					CHECK(keeps(&long_field, bytes_of(&lower), bytes_of(&upper),
					            k, c, none) == has[k]);
			}
		}
	}
}

TEST(prune_keeps_a_file_without_bounds)
{
	int64_t one = 1;
	int32_t narrow = -1;
	str     none = str_of(NULL);

	CHECK(keeps(&long_field, none, none, COMPARE_EQ, 5, none));
	CHECK(keeps(&long_field, none, bytes_of(&one), COMPARE_LT, -5, none));
	CHECK(!keeps(&long_field, none, bytes_of(&one), COMPARE_GT, 1, none));
	CHECK(!keeps(&long_field, str_make(&narrow, 4), none, COMPARE_LT, -1,
	             none)); /* an int that became a long */
	CHECK(keeps(&long_field, str_make(&narrow, 3), none, COMPARE_LT, -1, none));
}

TEST(prune_takes_cut_texts_for_what_they_are)
{
	str lower = STR("abc"), upper = STR("abd"); /* of "abcdef" and "abcxyz" */

	CHECK(keeps(&text_field, lower, upper, COMPARE_EQ, 0, STR("abcdef")));
	CHECK(keeps(&text_field, lower, upper, COMPARE_LT, 0, STR("abcd")));
	CHECK(!keeps(&text_field, lower, upper, COMPARE_LT, 0, STR("abc")));
	CHECK(!keeps(&text_field, lower, upper, COMPARE_GT, 0, STR("abd")));
	CHECK(!keeps(&text_field, lower, upper, COMPARE_EQ, 0, STR("\xC3\xA9")));
	CHECK(!keeps(&text_field, lower, upper, COMPARE_EQ, 0, STR("")));
}

static struct scan_range range_of(enum compare first, int64_t a, enum compare second, int64_t b,
                                  bool is_two_uses)
{
	struct condition conditions[2] = {{&time_field, first, a, STR("")},
					  {&time_field, second, b, STR("")}};
	struct plan_use  uses[2] = {{conditions, is_two_uses ? 1 : 2, 2}, {conditions + 1, 1, 1}};
	struct plan      plan = {.at = uses, .count = is_two_uses ? 2 : 1};

	return prune_range(&plan, time_field.id);
}

TEST(prune_range_covers_every_use)
{
	struct scan_range r = range_of(COMPARE_GE, 10, COMPARE_LT, 20, false);

	CHECK(r.from_us == 10 && r.to_us == 20);
	r = range_of(COMPARE_GT, 10, COMPARE_LE, 20, false);
	CHECK(r.from_us == 11 && r.to_us == 21);
	r = range_of(COMPARE_EQ, 10, COMPARE_EQ, 20, true);
	CHECK(r.from_us == 10 && r.to_us == 21);
	r = range_of(COMPARE_GE, 10, COMPARE_LT, 5, true); /* together all of time */
	CHECK(r.from_us == INT64_MIN && r.to_us == INT64_MAX);
	r = range_of(COMPARE_EQ, 10, COMPARE_EQ, 20, false); /* none: left to the files' bounds */
	CHECK(r.from_us == 0 && r.to_us == 0);
	r = prune_range(&(struct plan){.at = NULL}, time_field.id);
	CHECK(r.from_us == 0 && r.to_us == 0);
}

/* A lake after many commits, in a folder; tests/py/test_grown_lake.py gives the folder and the number,
 * and reads it with other engines. Without it a few show that it can be done. */
#include "os/fs.h"
#include "tests/lib/small_lake.h"

TEST(lake_grown_in_a_folder_holds_its_rows)
{
	const char   *given = getenv("TARN_GROWN_OUT"), *commits = getenv("TARN_GROWN_COMMITS");
	struct store *store = NULL;
	struct small  s;
	int64_t       count = 40;
	struct err    e = ERR_NONE;

	CHECK(commits == NULL || str_to_i64(str_of(commits), &count));
	CHECK_OK(store_open_dir(fs_real(), given ? given : test_folder(), &store, &e), &e);
	small_open(&s, store);
	for (int64_t i = 0; i < count; i++) {
		small_commit(&s, 3, small_time(i / 50), 60000000);
		small_apply(&s);
	}
	CHECK_LAKE(&s, count * 3, count);
	small_close(&s);
}

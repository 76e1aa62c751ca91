#include "os/watch.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/test.h"

static void note(void *context, const char *doing, int64_t seconds)
{
	(void)seconds;
	if (strcmp(doing, "hanging") == 0)
		(void)atomic_fetch_add((atomic_int *)context, 1);
}

TEST(watch_tells_of_a_step_that_goes_on_and_of_nothing_else)
{
	atomic_int    told = 0;
	struct watch *w = watch_new(1000, note, &told);

	watch_step(w, NULL);
	(void)usleep(20000);
	CHECK_INT(atomic_load(&told), 0);
	watch_step(w, "hanging");
	for (int i = 0; i < 5000 && atomic_load(&told) < 2; i++)
		(void)usleep(1000);
	CHECK(atomic_load(&told) >= 2);
	watch_free(w);
	watch_step(NULL, "fine");
	watch_free(NULL);
}

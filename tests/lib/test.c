#include "tests/lib/test.h"

#include <ftw.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

static struct test *tests, **last = &tests;
static int          failures;
static char         folder[256];
static uint64_t     seed, random_state;

void test_register(struct test *t)
{
	*last = t;
	last = &t->next;
}

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	failures++;
	(void)fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fprintf(stderr, " (TEST_SEED=%llu)\n", (unsigned long long)seed);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static void folder_remove(void)
{
	if (folder[0] != '\0')
		(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *test_folder(void)
{
	folder_remove();
	(void)snprintf(folder, sizeof(folder), "%s/tarn-test-XXXXXX",
	               getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (mkdtemp(folder) == NULL)
		abort();
	return folder;
}

uint64_t test_random(void) /* splitmix64 */
{
	uint64_t z = random_state += 0x9E3779B97F4A7C15u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

int main(int argc, char **argv)
{
	const char *given = getenv("TEST_SEED");
	int         passed = 0, failed = 0;

	seed = given ? strtoull(given, NULL, 10) : 1;
	for (struct test *t = tests; t != NULL; t = t->next) {
		int before = failures;

		if (argc > 1 && strstr(t->name, argv[1]) == NULL)
			continue;
		random_state = seed;
		t->run();
		if (failures > before) {
			failed++;
			(void)fprintf(stderr, "FAILED %s (%s)\n", t->name, t->file);
		} else {
			passed++;
		}
	}
	folder_remove();
	(void)printf("%s: %d passed, %d failed\n", strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0],
	             passed, failed);
	return failed > 0;
}

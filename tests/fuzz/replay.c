/* Runs a harness over its seeds (tests/fuzz/seeds/<target>, each whole and cut short at many places), or over the
 * files given: how a finding is looked at. A harness that finds something ends the program. */
#include <dirent.h>

#include "os/fs.h"
#include "tests/fuzz/fuzz.h"

enum { SEED_CEILING = 16 << 20, CUTS = 64 };

static void run(str bytes)
{
	char *copy = fuzz_copy(bytes, 0);

	(void)LLVMFuzzerTestOneInput((const uint8_t *)copy, bytes.len);
	free(copy);
}

static bool replay(const char *path, bool is_cut_too)
{
	AUTO(arena) a = ARENA_INIT;
	struct err  e = ERR_NONE;
	str         bytes;

	if (fs_read_all(fs_real(), path, SEED_CEILING, &a, &bytes, &e) < 0) {
		(void)fprintf(stderr, "%s\n", e.text);
		return false;
	}
	run(bytes);
	for (size_t i = 0; is_cut_too && i < CUTS && i < bytes.len; i++)
		run(str_head(bytes, bytes.len <= CUTS ? i : bytes.len * i / CUTS));
	return true;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void replay_seeds(const char *target, int *passed, int *failed)
{
	AUTO(arena)     a = ARENA_INIT;
	const char     *folder = arena_format(&a, "tests/fuzz/seeds/%s", target).ptr;
	struct dirent **names = NULL;
	int             count = scandir(folder, &names, NULL, by_name);

	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.')
			*(replay(arena_format(&a, "%s/%s", folder, names[i]->d_name).ptr, true) ? passed : failed) += 1;
		free(names[i]);
	}
	free(names);
	if (*passed == 0) {
		(void)fprintf(stderr, "%s holds no seeds\n", folder);
		*failed += 1;
	}
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	int         passed = 0, failed = 0;

	for (int i = 1; i < argc; i++)
		*(replay(argv[i], false) ? &passed : &failed) += 1;
	if (argc == 1)
		replay_seeds(name + strlen("fuzz_"), &passed, &failed);
	(void)printf("%s: %d passed, %d failed\n", name, passed, failed);
	return failed > 0;
}

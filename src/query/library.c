/* library.c - find libduckdb.so, load it, and look up every call; once for the life of the
 * process, and never unloaded. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "query/engine_int.h"

enum { PATH_BYTES = 4096 };

/* The folder of the running program, with '/' at the end; empty where the system does not tell. */
static void program_folder(char out[PATH_BYTES])
{
	ssize_t len = readlink("/proc/self/exe", out, PATH_BYTES - 1);

	out[len > 0 ? len : 0] = '\0';
	if (strrchr(out, '/') != NULL)
		strrchr(out, '/')[1] = '\0';
	else
		out[0] = '\0';
}

static void *library_try(const char *folder, const char *name)
{
	char path[PATH_BYTES + 64];

	(void)snprintf(path, sizeof(path), "%s%s", folder, name);
	/* Its symbols stay its own: the program may hold other libraries with the same ones. */
	return access(path, R_OK) == 0 ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
}

static int library_open(void **out, struct err *e)
{
	const char *given = getenv("TARN_DUCKDB");
	char        folder[PATH_BYTES];

	if (given != NULL && given[0] != '\0') {
		*out = dlopen(given, RTLD_NOW | RTLD_LOCAL);
		if (*out == NULL)
			return err_set(e, ERR_MISSING,
			               "TARN_DUCKDB names %s, which cannot be loaded: %s", given,
			               dlerror());
		return 0;
	}
	program_folder(folder);
	*out = library_try(folder, "libduckdb.so");
	if (*out == NULL)
		*out = library_try(folder, "lib/libduckdb.so");
	if (*out == NULL)
		*out = dlopen("libduckdb.so", RTLD_NOW | RTLD_LOCAL);
	if (*out == NULL)
		return err_set(e, ERR_MISSING,
		               "SQL needs DuckDB's library, and there is no libduckdb.so in %s: "
		               "fetch it with `make duckdb`, or name one in TARN_DUCKDB",
		               folder);
	return 0;
}

/* A function's address as dlsym gives it: an object pointer, stored where a function pointer is
 * wanted. */
static bool symbol_find(void *library, const char *name, void *slot)
{
	void *address = dlsym(library, name);

	memcpy(slot, &address, sizeof(address));
	return address != NULL;
}

static int symbols_find(void *library, struct duck_api *api, struct err *e)
{
	const char *missing = NULL;

#define DUCK_FIND(result, name, arguments)                             \
	if (!symbol_find(library, "duckdb_" #name, (void *)&api->name)) \
		missing = "duckdb_" #name;
	DUCK_CALLS(DUCK_FIND)
#undef DUCK_FIND
	if (missing != NULL)
		return err_set(e, ERR_UNSUPPORTED,
		               "this libduckdb.so has no %s: tarn is made for DuckDB 1.5; "
		               "get that with `make duckdb`",
		               missing);
	return 0;
}

int library_load(const struct duck_api **out, struct err *e)
{
	static struct duck_api api;
	static bool            is_loaded;
	void                  *library = NULL;

	if (!is_loaded) {
		TRY(library_open(&library, e));
		TRY(symbols_find(library, &api, e));
		is_loaded = true;
	}
	*out = &api;
	return 0;
}

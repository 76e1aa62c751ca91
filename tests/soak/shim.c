/* shim.c - a fault layer for a real program: preloaded, it has file calls below some folders fail by plan.
 *
 *     LD_PRELOAD=build/shim.so SHIM_PATHS=/a/lake SHIM_SEED=7 SHIM_ONE_IN=50 SHIM_CALLS=write,sync \
 *             SHIM_FAULTS=eio,short SHIM_LOG=/tmp/faults tarn run
 *
 *   SHIM_PATHS    absolute folders or files, joined by ':'; without it nothing ever fails
 *   SHIM_ONE_IN   one call in so many fails, on average (100)
 *   SHIM_CALLS    open read write sync link rename unlink mkdir stat list, joined by ',' (all)
 *   SHIM_FAULTS   eio enospc eacces estale: the call is not done, and says so; short: a read or a write of
 *                 fewer bytes; lost: a link, rename, unlink or mkdir is done, and says EIO (eio)
 *   SHIM_WHILE    a file: calls fail only while it is there
 *   SHIM_LOG      a file that gets a line a fault, "<fault> <call> <path>"
 *
 * The n-th call that might fail does so by the seed and n alone. Once a sync has failed, each name that is given by
 * link or rename is a line too, "named <path>": so the log shows what the program still does.
 *
 * It must never change what a call does that is not below SHIM_PATHS, nor the errno of one that goes well.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum call { OPEN, READ, WRITE, SYNC, LINK, RENAME, UNLINK, MKDIR, STAT, LIST, CALLS };
enum fault { NONE, EIO_, ENOSPC_, EACCES_, ESTALE_, SHORT, LOST, FAULTS };

enum { HANDLES = 1 << 16, LINE_BYTES = PATH_MAX + 64 };

static const char *const call_words[CALLS] = {"open",   "read",   "write", "sync", "link",
                                              "rename", "unlink", "mkdir", "stat", "list"};
static const char *const fault_words[FAULTS] = {"none", "eio", "enospc", "eacces", "estale", "short", "lost"};
static const int         fault_errno[FAULTS] = {0, EIO, ENOSPC, EACCES, ESTALE, 0, EIO};

static struct {
	const char *paths, *switched_by; /* NULL: at any time */
	uint64_t    seed, one_in;
	unsigned    calls, faults; /* bits */
	int         log;           /* -1: none */
} plan = {.log = -1};

static atomic_uint_fast64_t drawn;
static atomic_bool          is_sync_failed;
static atomic_bool          is_below[HANDLES]; /* by handle: opened below plan.paths */

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* --- the plan ------------------------------------------------------------------------------ */

static unsigned bits_of(const char *list, const char *const *words, unsigned count)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < count; i++) {
		size_t len = strlen(words[i]);

		for (const char *at = list; at != NULL; at = strchr(at, ',')) {
			at += *at == ',';
			if (strncmp(at, words[i], len) == 0 && (at[len] == '\0' || at[len] == ','))
				bits |= 1U << i;
		}
	}
	return bits;
}

static uint64_t number_of(const char *text, uint64_t otherwise)
{
	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void plan_read(void)
{
	const char *calls = getenv("SHIM_CALLS"), *faults = getenv("SHIM_FAULTS"), *log = getenv("SHIM_LOG");

	plan.switched_by = getenv("SHIM_WHILE");
	plan.seed = number_of(getenv("SHIM_SEED"), 0);
	plan.one_in = number_of(getenv("SHIM_ONE_IN"), 100);
	plan.calls = calls != NULL ? bits_of(calls, call_words, CALLS) : ~0U;
	plan.faults = bits_of(faults != NULL ? faults : "eio", fault_words, FAULTS);
	if (log != NULL)
		plan.log = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (plan.one_in > 0 && (log == NULL || plan.log >= 0))
		plan.paths = getenv("SHIM_PATHS");
	else
		abort(); /* a plan that is not carried out would look like a program that stands it */
}

static bool path_is_below(const char *path)
{
	const char *at = plan.paths;

	while (at != NULL && *at != '\0') {
		size_t len = strcspn(at, ":");

		if (strncmp(path, at, len) == 0 && (path[len] == '\0' || path[len] == '/'))
			return true;
		at += len + (at[len] == ':');
	}
	return false;
}

/* Of splitmix64. */
static uint64_t mixed(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
	x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
	return x ^ (x >> 31);
}

static bool fits(enum fault fault, enum call call)
{
	if (fault == SHORT)
		return call == READ || call == WRITE;
	if (fault == LOST)
		return call == LINK || call == RENAME || call == UNLINK || call == MKDIR;
	return fault != NONE;
}

static enum fault draw(enum call call)
{
	enum fault fitting[FAULTS];
	unsigned   count = 0;
	uint64_t   n;

	for (enum fault f = NONE; f < FAULTS; f++)
		if ((plan.faults >> f & 1) && fits(f, call))
			fitting[count++] = f;
	if (count == 0 || !(plan.calls >> call & 1) ||
	    (plan.switched_by != NULL && access(plan.switched_by, F_OK) != 0))
		return NONE;
	n = mixed(plan.seed + 0x9E3779B97F4A7C15U * (atomic_fetch_add(&drawn, 1) + 1));
	return n % plan.one_in == 0 ? fitting[n / plan.one_in % count] : NONE;
}

/* --- what is told -------------------------------------------------------------------------- */

static void tell(const char *words, const char *path)
{
	char line[LINE_BYTES];
	int  len = snprintf(line, sizeof(line), "%s %s\n", words, path);

	if (plan.log >= 0 && len > 0 && REAL(write)(plan.log, line, (size_t)len) != len)
		abort();
}

/* Told, and errno set where the caller sees one. */
static enum fault struck(enum fault fault, enum call call, const char *path)
{
	char words[32];

	(void)snprintf(words, sizeof(words), "%s %s", fault_words[fault], call_words[call]);
	tell(words, path);
	if (call == SYNC)
		is_sync_failed = true;
	if (fault_errno[fault] != 0)
		errno = fault_errno[fault];
	return fault;
}

static enum fault path_fault(enum call call, const char *path)
{
	enum fault fault = path_is_below(path) ? draw(call) : NONE;

	return fault != NONE ? struck(fault, call, path) : NONE;
}

static enum fault handle_fault(enum call call, int handle)
{
	bool       is_ours = handle >= 0 && handle < HANDLES && is_below[handle];
	enum fault fault = is_ours ? draw(call) : NONE;
	char       link[64], path[PATH_MAX];
	ssize_t    len;

	if (fault == NONE)
		return NONE;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", handle);
	len = readlink(link, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	return struck(fault, call, path);
}

/* Half of it, and at least a byte: none would be the end of the file. */
static size_t shortened(enum fault fault, size_t size)
{
	return fault == SHORT && size > 1 ? size / 2 : size;
}

/* A call with an effect: not done, done, or done and lost. `done` is its own answer. */
#define OUTCOME(drawn_fault, done)                                                    \
	({                                                                            \
		enum fault fault_ = (drawn_fault);                                    \
		int        done_ = fault_ == NONE || fault_ == LOST ? (done) : -1;    \
		if (fault_ == LOST && done_ == 0) {                                   \
			errno = EIO;                                                  \
			done_ = -1;                                                   \
		}                                                                     \
		done_;                                                                \
	})

/* --- the calls ----------------------------------------------------------------------------- */

int open(const char *path, int flags, ...)
{
	mode_t  mode = 0;
	va_list args;
	int     handle;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	if (path_fault(OPEN, path) != NONE)
		return -1;
	handle = REAL(open)(path, flags, mode);
	if (handle >= 0 && handle < HANDLES)
		is_below[handle] = path_is_below(path);
	return handle;
}

int close(int handle)
{
	if (handle >= 0 && handle < HANDLES)
		is_below[handle] = false;
	return REAL(close)(handle);
}

ssize_t read(int handle, void *into, size_t size)
{
	enum fault fault = handle_fault(READ, handle);

	return fault != NONE && fault != SHORT ? -1 : REAL(read)(handle, into, shortened(fault, size));
}

ssize_t pread(int handle, void *into, size_t size, off_t offset)
{
	enum fault fault = handle_fault(READ, handle);

	return fault != NONE && fault != SHORT ? -1 : REAL(pread)(handle, into, shortened(fault, size), offset);
}

ssize_t write(int handle, const void *from, size_t size)
{
	enum fault fault = handle_fault(WRITE, handle);

	return fault != NONE && fault != SHORT ? -1 : REAL(write)(handle, from, shortened(fault, size));
}

int fsync(int handle)
{
	return handle_fault(SYNC, handle) != NONE ? -1 : REAL(fsync)(handle);
}

int fdatasync(int handle)
{
	return handle_fault(SYNC, handle) != NONE ? -1 : REAL(fdatasync)(handle);
}

int syncfs(int handle)
{
	return handle_fault(SYNC, handle) != NONE ? -1 : REAL(syncfs)(handle);
}

static void tell_name(const char *to)
{
	if (is_sync_failed && path_is_below(to))
		tell("named", to);
}

int link(const char *from, const char *to)
{
	tell_name(to);
	return OUTCOME(path_fault(LINK, to), REAL(link)(from, to));
}

int rename(const char *from, const char *to)
{
	tell_name(to);
	return OUTCOME(path_fault(RENAME, to), REAL(rename)(from, to));
}

int unlink(const char *path)
{
	return OUTCOME(path_fault(UNLINK, path), REAL(unlink)(path));
}

int mkdir(const char *path, mode_t mode)
{
	return OUTCOME(path_fault(MKDIR, path), REAL(mkdir)(path, mode));
}

int stat(const char *path, struct stat *out)
{
	return path_fault(STAT, path) != NONE ? -1 : REAL(stat)(path, out);
}

DIR *opendir(const char *path)
{
	return path_fault(LIST, path) != NONE ? NULL : REAL(opendir)(path);
}

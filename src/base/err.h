/* err.h - how things fail: a class and a sentence.
 *
 * A fallible function returns 0 (or a documented count) or a negative class,
 * and its last argument is a `struct err *`, never NULL, that the caller owns.
 * Who meets the failure writes the sentence (err_set, err_sys); who knows more
 * puts words before it (err_add). Only app/ prints. Nothing here allocates.
 *
 * A broken invariant is not an error: it is an assert, on in every build.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/str.h"

#define MUST_USE    __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

/* The closed list of classes. What each means to the caller stands in err.c's
 * one table: its word, whether trying again may help, and the exit code. */
enum err_class {
	ERR_INPUT       = -1,  /* what was given is wrong: configuration, SQL, arguments */
	ERR_MISSING     = -2,  /* what was asked for is not there */
	ERR_CONFLICT    = -3,  /* another was first: a taken name, a lost swap, a lost fence */
	ERR_BUSY        = -4,  /* not now: try again */
	ERR_DENIED      = -5,  /* not allowed */
	ERR_LIMIT       = -6,  /* a budget or ceiling is reached */
	ERR_IO          = -7,  /* the outside failed: disk, network */
	ERR_CORRUPT     = -8,  /* bytes that were good once are not now, or never were ours */
	ERR_UNSUPPORTED = -9,  /* understood, and not done */
	ERR_STOPPED     = -10, /* asked to stop */
};

struct err {
	int  class; /* 0 while nothing has failed */
	char text[1024];
};

#define ERR_NONE ((struct err){0})

/* Write the sentence (over any older one). Returns `class`, to be returned on. */
int err_set(struct err *e, enum err_class class, const char *format, ...) PRINTF(3, 4);

/* The same for a failed system call: class from errno, its words at the end. */
int err_sys(struct err *e, int number, const char *format, ...) PRINTF(3, 4);

/* Put "context: " before the sentence. Returns the class it already has. */
int err_add(struct err *e, const char *format, ...) PRINTF(2, 3);

const char *err_word(int class);      /* "conflict" */
bool        err_is_retriable(int class);
int         err_exit_code(int class); /* sysexits: 64 usage, 65 data, 69, 74 io, 75 try again, 77, 78 */

/* Pass a failure on; otherwise go on. For functions that return 0 or a class. */
#define TRY(call)                        \
	do {                             \
		int try_ = (call);       \
		if (try_ < 0)            \
			return try_;     \
	} while (0)

#endif

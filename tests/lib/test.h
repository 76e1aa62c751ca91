/* test.h - the smallest harness that prints both values and counts.
 *
 *     TEST(buf_stops_at_its_ceiling) { CHECK_INT(buf_over(&b), 1); }
 *
 * Tests register themselves; one program per folder of src runs them all, or
 * those whose name holds the first argument, and prints "name: N passed, N failed".
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"

struct test {
	const char  *name, *file;
	void       (*run)(void);
	struct test *next;
};

void test_register(struct test *t);
void test_fail(const char *file, int line, const char *format, ...) PRINTF(3, 4);

/* A folder of its own for this test, emptied at the start and removed at the end of the program. */
const char *test_folder(void);
/* Repeatable random numbers; the seed is printed when a test fails. */
uint64_t    test_random(void);

#define TEST(test_name)                                                                 \
	static void test_##test_name(void);                                             \
	__attribute__((constructor)) static void register_##test_name(void)             \
	{                                                                               \
		static struct test t = {#test_name, __FILE__, test_##test_name, NULL};  \
		test_register(&t);                                                      \
	}                                                                               \
	static void test_##test_name(void)

#define CHECK(condition)                                                                \
	do {                                                                            \
		if (!(condition))                                                       \
			test_fail(__FILE__, __LINE__, "not true: %s", #condition);      \
	} while (0)

#define CHECK_INT(got, want)                                                            \
	do {                                                                            \
		long long got_ = (long long)(got), want_ = (long long)(want);           \
		if (got_ != want_)                                                      \
			test_fail(__FILE__, __LINE__, "%s is %lld, not %lld", #got, got_, want_); \
	} while (0)

#define CHECK_STR(got, want)                                                            \
	do {                                                                            \
		str got_ = (got), want_ = (want);                                       \
		if (!str_eq(got_, want_))                                               \
			test_fail(__FILE__, __LINE__, "%s is \"" STR_FMT "\", not \"" STR_FMT "\"", \
			          #got, STR_ARG(got_), STR_ARG(want_));                 \
	} while (0)

/* The call must succeed; its sentence is printed where it does not. */
#define CHECK_OK(call, e)                                                               \
	do {                                                                            \
		if ((call) < 0)                                                         \
			test_fail(__FILE__, __LINE__, "%s failed: %s", #call, (e)->text); \
	} while (0)

#define CHECK_ERR(call, want_class) CHECK_INT(call, want_class)

#endif
